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

from pytest_slm_autopsy.errors import ConfigError, MissingExtraError
from pytest_slm_autopsy.report import figures, page
from pytest_slm_autopsy.report.data import JudgedGate, ReportData

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


@pytest.fixture
def small_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of some kilobytes: these tests read its text, not its figures."""
    monkeypatch.setattr(figures, "plotly_js", lambda: "/* plotly */")


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
    assert ticks[1] == "&lt;/script&gt;&lt;script&gt;a<br>lert(1)&lt;/script&gt;"


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


@pytest.mark.usefixtures("no_plotly")
def test_without_plotly_the_tables_stay(run: ReportData) -> None:
    text = page.render(run)
    found = Page(text)
    assert found.count("script") == 0
    assert found.count("table") == 1 + len(run.wrong)
    assert "pip install 'pytest-slm-autopsy[report]'" in found.text


@pytest.mark.usefixtures("no_plotly")
def test_a_figure_without_plotly_says_what_to_install(run: ReportData) -> None:
    with pytest.raises(MissingExtraError, match="plotly is not installed"):
        figures.accuracy_figure(run)


@pytest.mark.usefixtures("small_library")
def test_the_run_is_told(run: ReportData) -> None:
    text = " ".join(Page(page.render(run)).text.split())
    assert "narrow: 0.99 on canonical, 0.04 under labels + order + delimiters" in text
    assert "2 passed, 3 failed (1 expected), 1 undecided" in text
    for state in (
        "✓ passed",
        "✗ failed",
        "! expected failure",
        "! undecided",
        "! failed, test passed",
    ):
        assert state in text
    assert run.gates[0].verdict.line in text
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
    assert "".join(run for _, run in page.pieces(text)) == text


def test_white_space_that_misleads_is_marked() -> None:
    assert list(page.pieces("a b  c\t\u00a0 \n")) == [
        *[("text", "a b"), ("spaces", "  "), ("text", "c"), ("tab", "\t")],
        *[("odd", "\u00a0"), ("spaces", " "), ("line", "\n")],
    ]


@pytest.mark.usefixtures("small_library")
def test_at_most_ten_wrong_answers(make: ModuleType) -> None:
    many = tuple(make.wrong(case=str(i)) for i in range(30))
    found = Page(page.render(make.report(wrong=(*many, make.wrong("hardened")))))
    assert found.count("article") == 10
    assert "hardened" in found.text
    assert "10 of 31" in found.text


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
