"""Hostile names, documents and answers in what a run writes: page, terminal, JUnit, Markdown."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from pyarrow import parquet

from pytest_slm_autopsy import GateFailure
from pytest_slm_autopsy.errors import ConfigError, visible
from pytest_slm_autopsy.models.checks.check import CheckWarning, conclude, doubted
from pytest_slm_autopsy.predictions.table import write_parquet
from pytest_slm_autopsy.records import Case, Measurement, Prediction, Verdict
from pytest_slm_autopsy.report.data import ConditionRow, JudgedGate, ReportData, WrongAnswer
from pytest_slm_autopsy.report.gates import gates_html
from pytest_slm_autopsy.report.page import render
from pytest_slm_autopsy.report.summary import lines, markdown
from pytest_slm_autopsy.whole_files import writable, write_whole

SCRIPTS = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "<!--<script>",
    "javascript:alert(1)",
    '<a href="javascript:alert(1)">x</a>',
)
STEERING = (
    "\x1b[2J\x1b[1;1H",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31m",
    "\x07\x08\r",
    "\u202etxt.exe\u2066",
    "\x00\x0b\x7f",
    "\ud800",
)
MARK = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff]"
)
"""What steers a terminal, or turns what stands on it."""


class Elements(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def measured(name, model, condition):
    return Measurement(name, 0.5, (0.4, 0.6), 9, model=model, condition=condition)


def report(text):
    """A report in which every name and text is the same hostile one."""
    m = measured(text, text, text)
    row = ConditionRow(text, text, 9, m, m, m, 0.9, 0.9, m)
    wrong = WrongAnswer(
        model=text, condition=text, case=text, document=f"a{text}b", truth={text: text},
        answer={text: text + "x"}, raw=text, confidence=0.9, kind=text, kinds={text: text},
        tokens=(), layout=text, minimal=text,
    )  # fmt: skip
    verdict = Verdict(m, 0.9, "at_least", "failed", text)
    return ReportData(
        text, text, {text: text}, (row,), (), (wrong,), (JudgedGate(text, "failed", verdict),)
    )


PLAIN_TAGS = {tag for tag, _ in Elements(render(report("plain"))).tags}


@pytest.mark.parametrize("text", [*SCRIPTS, *STEERING])
def test_no_text_makes_a_tag_or_an_attribute_of_the_page(text):
    plain, found = (Elements(render(report(one))).tags for one in ("plain", text))
    assert [tag for tag, _ in found if tag in PLAIN_TAGS - {"wbr", "span"}] == [
        tag for tag, _ in plain if tag not in {"wbr", "span"}
    ]
    assert {tag for tag, _ in found} <= PLAIN_TAGS
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    links = [held[name] for _, held in found for name in ("href", "src") if name in held]
    assert {link[0] for link in links if link} <= {"#"}


def policy(page):
    metas = [held for tag, held in Elements(page).tags if tag == "meta"]
    [text] = [held["content"] for held in metas if held.get("http-equiv")]
    return dict(part.strip().split(" ", 1) for part in text.split(";"))


def test_the_policy_allows_the_pages_own_scripts_and_nothing_else():
    page = render(report("plain"))
    found = policy(page)
    assert found["default-src"] == "'none'"
    assert set(found) == {"default-src", "style-src", "img-src", "script-src", "base-uri",
                          "form-action"}  # fmt: skip
    scripts = [held for tag, held in Elements(page).tags if tag == "script"]
    run = [held for held in scripts if held.get("type") != "application/json"]
    assert not [held for held in scripts if "src" in held]
    hashes = found["script-src"].split()
    assert len(hashes) == len(run)
    assert all(re.fullmatch(r"'sha256-[\w+/]{43}='", one) for one in hashes)
    assert "http" not in " ".join(found.values())
    assert page.index("Content-Security-Policy") < page.index("<script")


@pytest.mark.parametrize("text", SCRIPTS)
def test_gates_in_reports_of_others_are_escaped(text):
    found = gates_html([Verdict(measured(text, text, text), 0.9, "at_least", "failed", text)])
    assert text not in found or "<" not in text
    assert not [name for _, held in Elements(found).tags for name in held if name.startswith("on")]
    assert {tag for tag, _ in Elements(found).tags} <= {
        tag for tag, _ in Elements(gates_html([Verdict(measured("a", "a", "a"), 0.9, "at_least",
                                                       "failed", "a")])).tags
    }  # fmt: skip


@pytest.mark.parametrize("text", STEERING)
def test_nothing_steers_the_terminal_or_the_markdown(text):
    data = report(f"a{text}b")
    told = ["\n".join(lines(data)), markdown(data), str(ConfigError(f"a{text}b"))]
    verdict = data.gates[0].verdict
    failure = GateFailure(verdict)
    told += [str(failure), failure.short, visible(text)]
    for one in told:
        assert not MARK.search(one)
        one.encode("utf-8")
    with pytest.warns(CheckWarning) as warned:
        conclude([doubted("served_model", text)], text)
    assert not MARK.search(str(warned[0].message))


@pytest.mark.parametrize("text", SCRIPTS)
def test_markdown_has_no_tag_and_no_link(text):
    found = markdown(report(text))
    assert not re.search(r"(?<!\\)[<>]", found.replace("&lt;", "").replace("&gt;", ""))
    assert not re.search(r"(?<!\\)\[[^\]]*(?<!\\)\]\(", found)


MODEL = """
import pytest
from pytest_slm_autopsy import PromptFormat, ScriptedModel, assert_accuracy

NAME = {name!r}

@pytest.fixture(scope="session")
def slm():
    return ScriptedModel(lambda case: NAME, name=NAME)

def test_it(slm, slm_cases, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=0.5)

def test_use(slm):
    from pytest_slm_autopsy.errors import ConfigError
    raise ConfigError(NAME)
"""


@pytest.mark.parametrize("text", ["\x1b[2J\x1b]0;t\x07\x9b\u202e\x00", SCRIPTS[0]])
def test_a_run_with_every_output_is_not_steered(pytester, text):
    pytester.makepyfile(MODEL.format(name=f"m{text}m"))
    result = pytester.runpytest_inprocess(
        "--slm-n=12", "--junitxml=junit.xml", "--slm-report=a.html,a.json,a.md", "-rA", "--color=no"
    )
    result.assert_outcomes(failed=2)
    ours = "\n".join(one for one in result.outlines if "NAME" not in one)
    assert not MARK.search(ours)
    root = ET.parse(pytester.path / "junit.xml").getroot()
    assert not any(MARK.search(one.get("value", "")) for one in root.iter("property"))
    assert not MARK.search((pytester.path / "a.md").read_text("utf-8"))
    tags = Elements((pytester.path / "a.html").read_text("utf-8")).tags
    assert {tag for tag, _ in tags}.isdisjoint({"img", "svg", "iframe", "object", "link", "base"})
    assert [held.get("type") for tag, held in tags if tag == "script"] in (
        ["application/json", None], ["application/json", None, None]
    )  # fmt: skip


@pytest.mark.parametrize("text", STEERING)
def test_a_table_and_a_file_hold_any_text(tmp_path, text):
    case = Case(text, text, {"total": text}, record=text, source=text, tags=(text,))
    write_parquet(tmp_path / "a.parquet", [Prediction(case, text, text, {"total": text})])
    [row] = parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert row["correct"]
    assert row["raw"] == writable(text)
    write_whole(tmp_path / "a.json", json.dumps({"a": text}, ensure_ascii=False), "a file")
    assert json.loads((tmp_path / "a.json").read_text("utf-8")) == {"a": text}
