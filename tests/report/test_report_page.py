"""The page: complete, safe with what a model wrote, and whole or absent on disk."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.measures.error_categories import CATEGORIES
from pytest_slm_autopsy.report import answers, page, verdict
from pytest_slm_autopsy.report.data import (
    JudgedGate,
    ReportData,
    Section,
    WrongAnswer,
    WrongKinds,
)

PLACE = st.integers(0, 45)
SMALL = Path(__file__).with_name("small_library.js")

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>\"'><img/src=x onerror=alert(1)></style></pre></svg>{{7*7}}{%raw%}",
]


class Page(HTMLParser):
    """The tags, the text and the embedded figures of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.scripts: list[str] = []
        self.inside: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.inside.append("")

    def handle_data(self, data: str) -> None:
        in_script = bool(self.inside) and self.inside[-1] == "script"
        (self.scripts if in_script else self.texts).append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.tags)


def words(text: str) -> str:
    """The words of a page, each part apart from the next."""
    return " ".join(" ".join(Page(text).texts).split())


@pytest.fixture
def small_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of some kilobytes: these tests read its text, not its figures."""
    monkeypatch.setattr(page, "_LIBRARY", SMALL)


@pytest.fixture
def no_plotly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Python without plotly."""
    monkeypatch.setitem(sys.modules, "plotly", None)


def one_of_each(make: ModuleType, text: str, place: str) -> ReportData:
    """A small report with ``text`` standing in one place."""

    def at(name: str, usual: str) -> str:
        return text if name == place else usual

    model, condition = at("model", "narrow"), at("condition", "labels")
    wrong = replace(
        make.wrong(model, condition, at("case", "17")),
        document=at("document", "Total 3"),
        raw=at("raw", "{}"),
        truth={at("field", "total"): at("truth", "3")},
        answer={"total": at("answer", "4")},
    )
    verdict = replace(make.verdict("failed"), advice=at("advice", "draw more"))
    verdict = replace(verdict, measurement=replace(verdict.measurement, name=at("measure", "gap")))
    gate = JudgedGate(at("test", "test_x.py::test_y"), at("outcome", "failed"), verdict)
    return make.report(
        title=at("title", "Autopsy"),
        created=at("created", "today"),
        facts={at("fact name", "seed"): at("fact", "42")},
        rows=(make.row(model, "canonical"), make.row(model, condition, 0.1)),
        reliability=(make.curve(model, condition),),
        wrong=(wrong,),
        gates=(gate,),
    )


PLACES = (
    *("model", "condition", "case", "document", "raw", "field", "truth", "answer", "advice"),
    *("measure", "test", "outcome", "title", "created", "fact name", "fact"),
)


@pytest.mark.usefixtures("small_library")
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_text_stays_text(make: ModuleType, place: str, hostile: str) -> None:
    clean = Page(page.render(one_of_each(make, "harmless", place)))
    spoilt = Page(page.render(one_of_each(make, hostile, place)))
    assert spoilt.tags == clean.tags
    assert hostile in spoilt.text
    assert clean.count("script") == 3


@pytest.mark.usefixtures("small_library")
def test_names_reach_the_figures_as_text(make: ModuleType) -> None:
    drawn = Page(page.render(one_of_each(make, HOSTILE[0], "condition"))).scripts[0]
    assert "<" not in drawn
    ticks = json.loads(drawn)["figure-accuracy"]["layout"]["yaxis"]["ticktext"]
    assert ticks[0] == "&lt;/script&gt;&lt;script&gt;a<br>lert(1)&lt;/script&gt;"


def test_the_page_asks_for_nothing_outside(run: ReportData) -> None:
    found = Page(page.render(run))
    assert not [tag for tag, names in found.tags if {"src", "srcset"} & set(names)]
    assert found.count("link") == 0
    assert sum(len(script) > 1_000_000 for script in found.scripts) == 1


def test_only_scripts_of_ours_may_run(run: ReportData) -> None:
    text = page.render(run)
    policy = text.split('http-equiv="Content-Security-Policy" content="')[1].split('"')[0]
    assert "default-src &#39;none&#39;" in policy or "default-src 'none'" in policy
    assert policy.count("sha256-") == 2


def test_same_data_same_page(run: ReportData) -> None:
    assert page.render(run) == page.render(run)


@pytest.mark.usefixtures("small_library")
def test_the_run_is_told(run: ReportData) -> None:
    text = " ".join(Page(page.render(run)).text.split())
    assert (
        "narrow does not survive 0.99 on canonical, 0.04 under labels + order + delimiters," in text
    )
    assert "hardened: 0.98 on canonical, 0.91 under labels + order + delimiters" in text
    assert "2 passed, 3 failed (1 expected), 1 undecided" in text
    for state in (
        "✓ passed",
        "✗ failed",
        "! expected failure",
        "! undecided",
        "! failed, test passed",
    ):
        assert state in text
    assert "about 340 cases would decide" in text
    assert "The answer could not be parsed." in text
    assert "sha256:9f3c1ab2" in text


@pytest.mark.usefixtures("small_library")
@pytest.mark.parametrize(
    "parts",
    [
        lambda make: {},
        lambda make: {"rows": (make.bare_row(),)},
        lambda make: {"rows": (make.row(accuracy=math.nan),)},
        lambda make: {"gates": make.gates()},
        lambda make: {"reliability": (make.curve(),)},
        lambda make: {"wrong": (replace(make.wrong(), answer=None, confidence=None),)},
        lambda make: {"rows": (make.row("\ud800"),), "title": "\ud800"},
        lambda make: {"wrong": (replace(make.wrong(), raw="\x00\ud800\r"),)},
    ],
)
def test_every_part_can_stand_alone(
    make: ModuleType, parts: Callable[[ModuleType], dict[str, object]], tmp_path: Path
) -> None:
    page.write_report(make.report(**parts(make)), tmp_path / "report.html")
    assert Page((tmp_path / "report.html").read_text("utf-8")).count("main") == 1


def test_fields_that_differ(make: ModuleType) -> None:
    differing = {pair.name for pair in page.field_pairs(make.wrong()) if pair.differs}
    assert differing == {"date", "total", "due_date", "currency"}


@pytest.mark.parametrize(
    "text", ["", "a b", "  a  b \n\n", "a\tb\r\n c", "\u00a0\u202eabc\ufeff", "\n"]
)
def test_a_document_is_shown_whole(text: str) -> None:
    assert "".join(run for _, run in answers.pieces(text)) == text


def test_white_space_that_misleads_is_marked() -> None:
    assert list(answers.pieces("a b  c\t\u00a0 \n")) == [
        *[("text", "a b"), ("spaces", "  "), ("text", "c"), ("tab", "\t")],
        *[("odd", "\u00a0"), ("spaces", " "), ("line", "\n")],
    ]


@pytest.mark.usefixtures("small_library")
def test_the_true_count_of_wrong_answers_is_told(make: ModuleType) -> None:
    many = tuple(make.wrong(case=str(i)) for i in range(3))
    kinds = (WrongKinds("narrow", "labels", {"swapped": 1_000, "omitted": 152}, {"date": 3}),)
    found = Page(page.render(make.report(wrong=many, kinds=kinds)))
    assert found.count("article") == 3
    assert "3 of 1,152 shown" in " ".join(found.text.split())


@pytest.mark.usefixtures("small_library")
def test_the_first_screen_says_what_kills_it_why_and_what_to_do(make: ModuleType) -> None:
    rows = (make.row("narrow", "canonical", 1.0), make.row("narrow", "order", 0.2))
    kinds = (WrongKinds("narrow", "order", {"swapped": 150, "omitted": 10}, {"date": 90}),)
    gates = (JudgedGate("t", "failed", make.verdict("failed", 0.2, "order")),)
    text = " ".join(
        Page(page.render(make.report(rows=rows, kinds=kinds, gates=gates))).text.split()
    )
    first = text[text.index("narrow does not") : text.index("Gates")]
    for said in (
        "narrow does not survive 1.00 on canonical, 0.20 under order",
        "What kills it order: 0.20 [0.16, 0.24], n=200",
        "Why 150 of 160 wrong answers under order give the value of another field most often",
        "What to do Run again with --slm-diagnose=why.json",
    ):
        assert said in first


@pytest.mark.usefixtures("small_library")
def test_a_model_that_was_never_alive_does_not_lead(make: ModuleType) -> None:
    rows = (make.row("base alone", "canonical", 0.0), make.row("narrow", "canonical", 1.0))
    rows += (make.row("narrow", "order", 0.5), make.row("base alone", "order", 0.0))
    text = words(page.render(make.report(rows=rows)))
    assert text.index("narrow falls from 1.00 to 0.50") < text.index(
        "base alone: 0.00 on canonical"
    )


@pytest.mark.usefixtures("small_library")
def test_sections_of_others_and_a_partial_run(make: ModuleType) -> None:
    section = Section("Mine <b>", ("A word.",), ("axis", "cost"), (("order", "<i>0.3</i>"),))
    data = make.report(rows=(make.row(),), sections=(section,), partial=True)
    text = words(page.render(data))
    assert "Partial. The run was interrupted" in text
    assert "Mine <b> A word. axis cost order <i>0.3</i>" in text
    assert ReportData.from_json(data.to_json()) == data


def test_a_true_value_is_marked_in_the_document(make: ModuleType) -> None:
    one = replace(
        make.wrong(),
        document="Total:  9.50\n",
        spans={"total": (8, 12)},
        kinds={"total": "swapped"},
    )
    assert [run for run in answers.document_runs(one) if run.style] == [
        ("text", "9.50", "value misread", "total")
    ]
    assert "".join(run.text for run in answers.document_runs(one)) == one.document
    # Spaces before a value do not end a line, and are not marked as if they did.
    assert [run.kind for run in answers.document_runs(replace(one, document="Total: 9.50\n",
            spans={"total": (7, 11)}))] == ["text", "text", "line"]  # fmt: skip


def test_tokens_are_shaded_by_their_probability(make: ModuleType) -> None:
    tokens = ((1, 0.999), (4, 0.3), (6, 0.45), (7, 0.97), (8, 1.0), (8, 0.2))
    one = replace(make.wrong(), raw='{"total"', tokens=tokens)
    assert [(run.text, run.style) for run in answers.answer_runs(one)] == [
        *[("{", ""), ('"tota', "unsure-3"), ("l", "unsure-1"), ('"', "")],
    ]


@pytest.mark.parametrize(
    ("answer", "truth", "marked"),
    [
        ("1.204,50", "1204.50", [".", ","]),
        ("2024-13-02", "2024-02-13", ["13-"]),
        ("Mueller Ltd", "Smith AG", []),
        ("x", None, []),
        ("1204.5", "1204.50", []),
    ],
)
def test_what_differs_within_a_value_is_marked(answer, truth, marked) -> None:
    runs = list(answers.difference_runs(answer, truth))
    assert [run.text for run in runs if run.style] == marked
    assert "".join(run.text for run in runs) == answer


@given(text=st.text("ab \n\t\u00a0", max_size=40), ends=st.lists(st.tuples(PLACE, PLACE)))
def test_whatever_is_marked_the_text_stays(text: str, ends: list[tuple[int, int]]) -> None:
    spans = {str(number): (min(pair), max(pair)) for number, pair in enumerate(ends)}
    one = WrongAnswer("m", "c", "1", text, {}, None, text, None, spans)
    assert "".join(run.text for run in answers.document_runs(one)) == text


@pytest.mark.usefixtures("small_library")
@pytest.mark.parametrize("version", [1, 2])
def test_documents_of_older_versions_are_read_and_drawn(version: int) -> None:
    text = (Path(__file__).parent / f"report-v{version}.json").read_text("utf-8")
    data = ReportData.from_json(text)
    assert len(data.rows) == 6
    assert "narrow" in page.render(data)


@pytest.mark.usefixtures("small_library")
def test_write_makes_folders_and_leaves_nothing_else(make: ModuleType, tmp_path: Path) -> None:
    page.write_report(make.report(), tmp_path / "a" / "b" / "report.html")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["report.html"]


@pytest.mark.usefixtures("small_library")
def test_a_write_that_fails_keeps_the_old_page(
    make: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    target = tmp_path / "report.html"
    target.write_text("old")
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ConfigError, match=r"cannot be written to .*: No space left on device"):
        page.write_report(make.report(), target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.usefixtures("small_library")
def test_a_path_that_cannot_be_written(make: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "report.html", tmp_path, Path(), tmp_path / "a\0b"):
        with pytest.raises(ConfigError, match="cannot be written") as caught:
            page.write_report(make.report(), path)
        assert "\n" not in str(caught.value)


def test_every_kind_of_wrong_answer_has_its_words() -> None:
    assert verdict.IN_WORDS.keys() == {*CATEGORIES} - {"right"}
