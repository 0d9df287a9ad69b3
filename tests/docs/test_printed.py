"""What the pages show as printed is printed anew, and compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from pytest_slm_autopsy import INVOICE, PromptFormat, ScriptedModel, cli, draw_suite, judge, predict
from pytest_slm_autopsy.diagnostics.files import read_diagnoses
from pytest_slm_autopsy.measures import exact_match
from reference_experiment.diagnose import in_lines
from tests.docs.blocks import ROOT, TREES, every_block, printed, source
from tests.docs.prepared import ASKING, GERMAN, MODEL, TWO_CONDITIONS

DAY = re.compile(r"\d{4}-\d\d-\d\d")
NUMBER = re.compile(r"\d+\.\d+")
WRONG = """
import pytest
from pytest_slm_autopsy import PromptFormat, ScriptedModel

def write(case):
    broken = case.condition == {under!r} and int(case.record[-4:]) < {wrong}
    return PromptFormat().expected({{}} if broken else case.truth)

@pytest.fixture(scope="session")
def slm():
    return ScriptedModel(write, name={name!r})
"""
SHRUNK = """
import re
from pytest_slm_autopsy import shift_property, shifted_invoices

@shift_property(cases=shifted_invoices(axes=["order", "delimiters"]), max_examples=200)
def test_it(prediction):
    assert not re.search(r"^\\S*Total\\S*  ", prediction.case.text, re.MULTILINE)
"""


@pytest.fixture
def asked(pytester, monkeypatch):
    """Ask a model of this name that is wrong on so many records, and return what is printed."""
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("CI", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    (pytester.path / "test_asking.py").write_text(ASKING, "utf-8")

    def asked(name, wrong, *options, conditions=TWO_CONDITIONS, under="order"):
        model = WRONG.format(name=name, wrong=wrong, under=under)
        (pytester.path / "conftest.py").write_text(model + conditions, "utf-8")
        return pytester.runpytest(*options).stdout.str()

    return asked


def test_an_upgrade_that_loses(asked):
    asked("invoices-v1", 0, "--slm-save-baseline")
    said = asked("invoices-v2", 40, "--slm-compare")
    assert dayless(printed("upgrade")) in dayless(said)


def test_a_condition_that_was_not_asked(asked):
    asked("invoices-v1", 0, "--slm-save-baseline")
    fewer = TWO_CONDITIONS.replace(', "order": {"order": 1.0}', "")
    said = asked("invoices-v1", 0, "--slm-compare", conditions=fewer)
    assert printed("not_compared") in said


def test_a_slow_decay(asked):
    for name, wrong in (("v0", 0), ("v4", 40)):
        asked(name, wrong, "--slm-save-baseline")
    assert dayless(printed("decay")) in dayless(asked("v5", 50, "--slm-compare"))


def dayless(text):
    return DAY.sub("DAY", text)


def test_the_smallest_shift(pytester):
    (pytester.path / "conftest.py").write_text(MODEL, "utf-8")
    (pytester.path / "test_it.py").write_text(SHRUNK, "utf-8")
    assert printed("smallest_shift").strip() in pytester.runpytest().stdout.str()


def test_a_profile_of_ten_invoices(capsys):
    assert cli.main(["cases", "profile", str(GERMAN)]) == 0
    in_order(printed("profile"), capsys.readouterr().out.splitlines())


def in_order(shown, said):
    """Fail unless each line shown begins a line said, in this order."""
    rest = iter(line.strip() for line in said)
    for line in shown.splitlines():
        begun = line.strip().removesuffix("...")
        assert any(one.startswith(begun) for one in rest), line


def test_a_verdict():
    cases = draw_suite(INVOICE, 128, 42, {"canonical": {}}).reference
    wrong = {case.id for case in cases[:8]}
    model = ScriptedModel(
        lambda case: PromptFormat().expected({} if case.id in wrong else case.truth), name="narrow"
    )
    verdict = judge(exact_match(predict(model, cases)), side="at_least", limit=0.9)
    assert verdict.line == printed("verdict").strip()


def test_the_diagnosis_of_the_experiment():
    diagnoses = read_diagnoses(
        ROOT / "reference_experiment" / "results" / "tiny" / "diagnosis.json"
    )
    in_order(printed("diagnosis"), [line for one in diagnoses for line in in_lines(one)])
    assert " ".join(printed("why").split()) == f"why: {diagnoses[0].headline}"


def test_the_start_shows_lines_of_the_suites_page():
    page = source("docs/suite.md")
    lines = [line for line in printed("as_the_suite").splitlines() if line != "..."]
    assert [line for line in lines if line not in page] == []


@pytest.mark.slow
def test_the_suite_of_the_experiment(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "reference_experiment", "--slm-report=", "-p",
         "no:cacheprovider"],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "COLUMNS": "80", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    said = {words(line): numbers(line) for line in done.stdout.splitlines()}
    for line in printed("experiment").splitlines():
        # The last digit differs between machines.
        assert said[words(line)] == pytest.approx(numbers(line), abs=0.021), line


def words(line):
    return " ".join(NUMBER.sub("#", line).split())


def numbers(line):
    return [float(one) for one in NUMBER.findall(line)]


@pytest.mark.parametrize("block", [one for one in every_block() if one.page == TREES], ids=str)
def test_what_a_tree_names_is_there(block):
    there = {path.name for path in (ROOT / "pytest_slm_autopsy").rglob("*")}
    there |= {path.stem for path in (ROOT / "pytest_slm_autopsy").rglob("*.py")}
    records = source("pytest_slm_autopsy/records.py") + source("pytest_slm_autopsy/report/data.py")
    named = re.findall(r"\w+\.(?:py|json|tsv|js)\b", block.text)
    assert [name for name in named if name not in there | {"plotly.js"}] == []
    folders = re.findall(r"(\w+)/(?=[\s/])", block.text)
    assert [name for name in folders if name not in there] == []
    if not named:
        nouns = re.findall(r"[A-Z]\w+", block.text)
        assert nouns
        assert [noun for noun in nouns if not re.search(rf"class {noun}\b", records)] == []
