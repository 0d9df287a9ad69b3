"""--slm-redact: texts and values are nowhere in what a run writes, and without it they are."""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote

import pytest

import pytest_slm_autopsy.examination  # noqa: F401  # pytester forgets what an inner run imported
from pytest_slm_autopsy.diagnostics.cure import prescribe
from pytest_slm_autopsy.diagnostics.files import read_diagnoses

CANARIES = (
    *("Quxdoc", "Zyktruth", "Vlopanswer", "Wrafturn", "Kribrecord", "Jolcase", "Fnordlabel"),
    *("Plimkey", "Snarfnote", "Glorpsource", "Yexprint", "Blickrow", "778812"),
)
"""Pieces of a document, a truth, an answer, a turn, ids, ..., each of its own, none a real word."""

MODEL = """
import json
import pytest
from pytest_slm_autopsy import Case, ScriptedModel
from pytest_slm_autopsy.models.prompts import PromptFormat
from pytest_slm_autopsy.cases import Suite

def case(number, condition="canonical", shift=None):
    total, vendor = f"Zyktruth 778812.{number:02}", f"Zyktruth <b>&{number}"
    rows = [{"item": f"Blickrow {number}"}]
    truth = {"total": total, "vendor": vendor, "due": None, "rows": rows}
    text = f'Fnordlabel: {truth["total"]}\\nQuxdoc "{number}" Käse\\nvendor {truth["vendor"]}'
    return Case(
        f"Jolcase-{number}/{condition}", text, truth, record=f"Kribrecord-{number}",
        shift=shift or {}, condition=condition, spans={"total": (12, 30)},
        source="Glorpsource.jsonl", layout=f"the label of total becomes Fnordlabel 778812",
        turns=(("user", "Wrafturn \\ufffc"),),
    )

def write(case):
    if case.condition == "canonical":
        return PromptFormat().expected(case.truth)
    total = "Vlopanswer 778812"
    return json.dumps({"total": total, "vendor": total, "Plimkey": "Vlopanswer"})

@pytest.fixture(scope="session")
def slm():
    return ScriptedModel(write, name="toy")

@pytest.fixture(scope="session")
def slm_cases():
    return Suite({
        "canonical": tuple(case(n) for n in range(16)),
        "order": tuple(case(n, "order", {"order": 1.0}) for n in range(16)),
    })
"""

TESTS = """
import warnings
import pytest
from hypothesis import note, strategies as st
from pytest_slm_autopsy import (
    assert_accuracy, assert_accuracy_gap, assert_no_leakage, assert_not_collapsed, shift_property,
)
from pytest_slm_autopsy.errors import CaseError
import conftest

def test_gate(slm, slm_cases, autopsy):
    reference = autopsy.predict(slm, slm_cases.reference)
    shifted = autopsy.predict(slm, slm_cases["order"])
    assert_accuracy_gap(reference=reference, shifted=shifted, at_most=0.1)

def test_accuracy(slm, slm_cases, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases["order"]), at_least=0.9)

def test_collapse(slm, slm_cases, autopsy):
    assert_not_collapsed(autopsy.predict(slm, slm_cases["order"]))

def test_leak(slm_cases):
    assert_no_leakage(training=slm_cases.reference, evaluation=slm_cases.reference)

def test_own_assertion(slm, slm_cases, autopsy):
    print("Yexprint", slm_cases.reference[0].text)
    [one] = autopsy.predict(slm, slm_cases["order"][:1])
    assert one.correct, one
    assert one.fields == one.case.truth

def test_error_of_use(slm_cases):
    raise CaseError(f"case {slm_cases.reference[0].id} is bad: {slm_cases.reference[0].text}")

def test_caused(slm_cases):
    try:
        raise ValueError(slm_cases.reference[0].text)
    except ValueError as error:
        raise RuntimeError(slm_cases.reference[0].id) from error

def test_warning(slm_cases):
    warnings.warn(slm_cases.reference[0].text)

def test_skip(slm_cases):
    pytest.skip(slm_cases.reference[0].text)

def test_xfail(slm_cases):
    pytest.xfail(slm_cases.reference[0].text)

def test_prints(slm_cases):
    print(slm_cases.reference[0].text)

@pytest.fixture
def broken(slm_cases):
    raise KeyError(slm_cases.reference[0].text)

def test_setup(broken):
    pass

@pytest.fixture
def late(slm_cases):
    yield
    assert not slm_cases.reference[0].text

def test_teardown(late):
    pass

def shifted(number):
    return conftest.case(number, "order", {"order": 1.0})

@shift_property(cases=st.integers(0, 30).map(shifted), max_examples=5)
def test_property(prediction):
    note(f"Snarfnote {prediction.raw}")
    assert prediction.correct, prediction.raw

def own(text):
    truth = {"total": "Zyktruth"}
    return conftest.Case("Jolcase", text, truth, condition="order", shift={"order": 1.0})

@shift_property(cases=st.text(min_size=6).map("Quxdoc{}".format).map(own), max_examples=5)
def test_drawn_text(prediction):
    assert prediction.correct
"""

HOOKS = """
from pytest_slm_autopsy.records import Finding
from pytest_slm_autopsy.report.data import Section

def pytest_slm_findings(model, predictions, config):
    (config.rootpath / "hook.txt").write_text(repr(predictions))

def pytest_slm_report_sections(data, config):
    (config.rootpath / "hook.json").write_text(data.to_json())
    case = __import__("conftest").case(3)
    return [Section(case.text, (case.text,), ("a",), ((case.text,),))]
"""

OUTPUTS = (
    *("--slm-report=page.html,data.json,summary.md,table.parquet", "--slm-diagnose=why.json"),
    *("--slm-save-baseline=base.json", "--junitxml=junit.xml", "-o", "junit_logging=all"),
    *("--html=other.html", "--self-contained-html", "-rA", "-v", "--showlocals"),
    *("--hypothesis-show-statistics", "-p", "no:randomly"),
)


def forms(canary: str) -> set[bytes]:
    """A canary and its pieces in the forms that a file may hold it in."""
    plain = {canary, canary[: len(canary) - 1], canary[1:]}
    told = {
        form(one) for one in plain for form in (str, escape, quote, lambda t: json.dumps(t)[1:-1])
    }
    coded = {one.encode() for one in told} | {one.encode("utf-16-le") for one in told}
    for at in range(3):  # base64 begins anew every three letters
        whole = base64.b64encode(b"x" * at + canary.encode()).decode()
        coded.add(whole[4 if at else 0 : -4].encode())
    return coded | {one.encode().hex().encode() for one in plain}


def contents(path: Path) -> bytes:
    """A file as it is, unpacked where it is packed, and without its escapes."""
    data = path.read_bytes()
    if path.suffix == ".parquet":
        from pyarrow import parquet

        data += repr(parquet.read_table(path).to_pylist()).encode()
    for unpack in (gzip.decompress, zlib.decompress):
        try:
            data += unpack(data)
        except (OSError, zlib.error):
            continue
    text = data.decode("utf-8", "replace")
    return data + unescape(text).encode() + text.encode("ascii", "backslashreplace")


def found(folder: Path, result: pytest.RunResult) -> dict[str, set[str]]:
    """The canaries in each file of a run and on its terminal."""
    # Python and Hypothesis keep what stands in the source: there, and only there, are the canaries.
    sources, copies = {"conftest.py", "test_it.py"}, {"__pycache__", "constants"}
    texts = {
        str(path.relative_to(folder)): contents(path)
        for path in folder.rglob("*")
        if path.is_file() and path.name not in sources and not {*path.parts} & copies
    }
    texts |= {"stdout": result.stdout.str().encode(), "stderr": result.stderr.str().encode()}
    sought = {canary: forms(canary) for canary in CANARIES}
    hits = {
        name: {canary for canary, each in sought.items() if any(one in text for one in each)}
        for name, text in texts.items()
    }
    return {name: seen for name, seen in hits.items() if seen}


@pytest.fixture
def planted(pytester, monkeypatch):
    """A repository whose every text is a canary."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "step.md"))
    pytester.makeini("[pytest]\n")
    pytester.makeconftest(MODEL + HOOKS)
    pytester.makepyfile(test_it=TESTS)
    return pytester


WRITTEN = {"page.html", "data.json", "summary.md", "table.parquet", "why.json", "base.json",
           "junit.xml", "other.html", "step.md", "hook.txt", "hook.json"}  # fmt: skip


NO_TEXT = {"base.json", "summary.md", "step.md", "why.json"}
"""Files that never have a text; a diagnosis has one where it quotes: see below."""


@pytest.mark.parametrize("processes", [(), ("-n2",)])
def test_no_text_and_no_value_is_written_anywhere(planted, processes):
    result = planted.runpytest_inprocess("--slm-redact", *OUTPUTS, *processes)
    result.assert_outcomes(passed=3, failed=9, skipped=1, xfailed=1, errors=2, warnings=1)
    assert {path.name for path in planted.path.iterdir()} >= WRITTEN
    assert found(planted.path, result) == {}


def test_without_the_option_they_are_everywhere(planted):
    result = planted.runpytest_inprocess(*OUTPUTS)
    hits = found(planted.path, result)
    assert hits.keys() >= {*WRITTEN, "stdout"} - NO_TEXT
    assert {canary for seen in hits.values() for canary in seen} == {*CANARIES}


ONE = """
def test_one(slm, slm_cases, autopsy):
    autopsy.predict(slm, slm_cases["order"])
    autopsy.predict(slm, slm_cases.reference)
"""
TABLE = "--slm-report=table.parquet,data.json"


def test_the_table_keeps_what_is_no_text(planted):
    parquet = pytest.importorskip("pyarrow.parquet")
    planted.makepyfile(test_it=ONE)
    kept = ("model", "condition", "shift", "correct", "stage", "finish", "tokens", "logprob")
    rows = {}
    for name in ("", "--slm-redact"):
        planted.runpytest_inprocess(TABLE, *filter(None, [name])).assert_outcomes(passed=1)
        rows[name] = parquet.read_table(planted.path / "table.parquet").to_pylist()
    assert [[row[key] for key in kept] for row in rows[""]] == [
        [row[key] for key in kept] for row in rows["--slm-redact"]
    ]
    answer = json.loads(rows["--slm-redact"][0]["answer"])
    assert [*answer][:2] == ["total", "vendor"]
    assert answer["total"] == answer["vendor"]  # an equal value has an equal mark
    assert [*answer][2].startswith("#")  # a key that nobody asked for is the model's own text


def test_the_data_keep_numbers_categories_fields_and_spans(planted):
    planted.makepyfile(test_it=ONE)
    planted.runpytest_inprocess(TABLE)
    plain = json.loads((planted.path / "data.json").read_text())
    planted.runpytest_inprocess(TABLE, "--slm-redact")
    data = json.loads((planted.path / "data.json").read_text())
    for name in ("rows", "kinds", "confusions", "reliability", "distances", "sureness"):
        assert data[name] == plain[name]
    for one, other in zip(data["wrong"], plain["wrong"], strict=True):
        for name in ("model", "condition", "kinds", "kind", "spans", "confidence"):
            assert one[name] == other[name]
        assert one["case"].startswith("#")
    assert data["redacted"]
    assert data["facts"].keys() - plain["facts"].keys() == {"texts and values"}


@pytest.mark.parametrize("processes", ["0", "2"])
def test_an_equal_value_has_an_equal_mark_in_all_processes(planted, processes):
    planted.makepyfile(
        test_it="""
        import pytest
        from pytest_slm_autopsy import assert_accuracy

        @pytest.mark.parametrize("number", range(4))
        def test_it(slm, slm_cases, autopsy, number):
            assert_accuracy(autopsy.predict(slm, slm_cases["order"][:1]), at_least=0.9)
        """
    )
    result = planted.runpytest_inprocess("--slm-redact", TABLE, "-n", processes)
    lines = {line for line in result.outlines if " instead of " in line}
    assert len(lines) == 1
    wrong = json.loads((planted.path / "data.json").read_text())["wrong"]
    assert lines.pop().split()[0] == wrong[0]["case"].split()[0]


def test_marks_differ_from_run_to_run(planted):
    planted.makepyfile(test_it=ONE)
    seen = []
    for _ in range(2):
        planted.runpytest_inprocess("--slm-redact", TABLE)
        seen.append(json.loads((planted.path / "data.json").read_text())["wrong"][0]["case"])
    assert seen[0] != seen[1]


def test_the_ini_file_may_ask_for_it(planted):
    planted.makeini("[pytest]\nslm_redact = true\n")
    planted.makepyfile(test_it=ONE)
    result = planted.runpytest_inprocess("--slm-report=page.html")
    assert found(planted.path, result) == {}
    page = (planted.path / "page.html").read_text()
    assert "left out (--slm-redact)" in page
    assert "12 to 30" in page


def test_a_bad_ini_key_is_one_sentence(planted):
    planted.makeini("[pytest]\nslm_redact = perhaps\n")
    result = planted.runpytest_inprocess()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: ini key slm_redact must be true or false (*"])


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import conftest\nraise ValueError(conftest.case(1).text)", "ValueError: its text *"),
        ("import conftest\nassert not conftest.case(1)", "AssertionError: its text *"),
        ("import pytest, conftest\npytest.skip(conftest.case(1).text, allow_module_level=True)",
         "*1 skipped*"),
    ],
)  # fmt: skip
def test_an_error_of_collection_is_withheld(planted, source, told):
    planted.makepyfile(test_it=source)
    result = planted.runpytest_inprocess("--slm-redact", "-rs")
    assert found(planted.path, result) == {}
    result.stdout.fnmatch_lines([told])


def test_an_error_of_a_plugin_is_withheld(planted):
    planted.makeconftest(
        MODEL
        + """
def pytest_runtest_logreport(report):
    raise RuntimeError(case(1).text)
"""
    )
    planted.makepyfile(test_it=ONE)
    result = planted.runpytest_inprocess("--slm-redact", "--showlocals", "--junitxml=junit.xml")
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    assert found(planted.path, result) == {}
    assert "RuntimeError: its text withheld by --slm-redact" in result.stdout.str()


def test_an_error_of_use_stays_legible(planted):
    planted.makeconftest("")
    planted.makepyfile(test_it="def test_it(slm): pass")
    result = planted.runpytest_inprocess("--slm-redact")
    result.stdout.fnmatch_lines(
        ["ConfigError: no base model is named; set slm_base in the ini file, pass --slm-base,*"]
    )


DRAWN = """
import pytest
from pytest_slm_autopsy import INVOICE, ScriptedModel, assert_accuracy_gap, draw_suite
from pytest_slm_autopsy.models.prompts import PromptFormat

def write(case):
    fields = dict(case.truth)
    if "order" in case.shift:
        fields["vendor"], fields["customer"] = fields["customer"], fields["vendor"]
    return PromptFormat().expected(fields)

@pytest.fixture(scope="session")
def slm():
    return ScriptedModel(write, name="toy")

@pytest.fixture(scope="session")
def slm_cases():
    return draw_suite(INVOICE, 24, 1, {"canonical": {}, "both": {"order": 1.0, "rules": 1.0}})

def test_gap(slm, slm_cases, autopsy):
    reference = autopsy.predict(slm, slm_cases.reference)
    shifted = autopsy.predict(slm, slm_cases["both"])
    assert_accuracy_gap(reference=reference, shifted=shifted, at_most=0.3)
"""


def test_a_redacted_diagnosis_still_prescribes(pytester):
    pytester.makepyfile(test_it=DRAWN)
    found = {}
    for flags in ((), ("--slm-redact",)):
        pytester.runpytest_inprocess("--slm-diagnose=why.json", *flags)
        [found[flags]] = read_diagnoses(pytester.path / "why.json")
    plain, redacted = found.values()
    assert prescribe(redacted).rates == prescribe(plain).rates
    assert redacted.findings == plain.findings
    text = (pytester.path / "why.json").read_text()
    turned = [record for record, _ in plain.shares.turns]
    assert len(turned) == 24
    assert not [record for record in turned if json.dumps(record) in text]
    assert redacted.headline == plain.headline


def test_a_diagnosis_does_not_quote(planted):
    planted.makeconftest(MODEL.replace('== "canonical"', '== "never"'))
    planted.makepyfile(
        test_it=ONE.replace("def", "from pytest_slm_autopsy import assert_accuracy\ndef")
        + "    assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=0.9)\n"
    )
    why = ("--slm-diagnose=why.json", "--slm-report=page.html,summary.md")
    result = planted.runpytest_inprocess(*why)
    assert found(planted.path, result)["why.json"] >= {"Vlopanswer"}
    result = planted.runpytest_inprocess(*why, "--slm-redact")
    assert found(planted.path, result) == {}
    cause = read_diagnoses(planted.path / "why.json")[0].findings[0]
    assert cause.cause == "collapsed: one answer for different documents"
    assert cause.evidence == ("32 of 32 answers are [withheld]",)
