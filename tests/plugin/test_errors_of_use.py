"""An error of use is one sentence; a failure of the model carries its verdict."""

from __future__ import annotations

import pytest

SENTENCE = "CaseError: no case file at nowhere.jsonl; give the path of a JSON-lines file"
BODY = """
from pathlib import Path
import pytest
from pytest_slm_autopsy import read_cases

def test_it():
    print("captured")
    list(read_cases(Path("nowhere.jsonl")))
"""
FIXTURE = """
from pathlib import Path
import pytest
from pytest_slm_autopsy import read_cases

@pytest.fixture
def cases():
    yield
    list(read_cases(Path("nowhere.jsonl")))

def test_it(cases): pass
"""


def test_in_a_test_it_is_one_sentence(run, pytester):
    pytester.makepyfile(BODY)
    result = run("--show-capture=no", "-rN")
    result.assert_outcomes(failed=1)
    at = next(i for i, line in enumerate(result.outlines) if " test_it " in line)
    assert result.outlines[at + 1] == SENTENCE
    assert result.outlines[at + 2].startswith("====")


def test_what_the_test_printed_is_still_shown(run, pytester):
    pytester.makepyfile(BODY)
    run().stdout.fnmatch_lines([SENTENCE, "-* Captured stdout call -*", "captured"])


def test_in_a_teardown_it_is_one_sentence(run, pytester):
    pytester.makepyfile(FIXTURE)
    result = run()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([SENTENCE])
    result.stdout.no_fnmatch_line("E  *")


def test_an_expected_error_is_expected(run, pytester):
    pytester.makepyfile(BODY.replace("def test_it", "@pytest.mark.xfail(reason='r')\ndef test_it"))
    run("-rx").assert_outcomes(xfailed=1)


def test_a_caught_error_is_none(run, pytester):
    pytester.makepyfile(BODY.replace("    list(", "    with pytest.raises(Exception): list("))
    run().assert_outcomes(passed=1)


@pytest.mark.parametrize("style", ["long", "short", "native"])
def test_a_traceback_comes_when_asked_for(run, pytester, style):
    pytester.makepyfile(BODY)
    result = run(f"--tb={style}")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"*{SENTENCE}"])
    result.stdout.fnmatch_lines(["*files.py*"])


def test_other_errors_keep_their_traceback(run, pytester):
    pytester.makepyfile("def test_it(): raise ValueError('mine')")
    run().stdout.fnmatch_lines([">*raise ValueError('mine')", "E  *ValueError: mine"])


def test_a_gate_failure_shows_its_verdict_and_the_worst_cases(run, toy):
    result = run("-k", "gap")
    result.assert_outcomes(failed=1, deselected=3)
    result.stdout.fnmatch_lines(
        [
            "> *assert_accuracy_gap(*",
            "E *GateFailure: failed: accuracy gap (toy, production) = 1.000 [[]*[]], n=12, *",
            "E   *invoice-42-0000/production: not JSON: *",
        ]
    )
    result.stdout.no_fnmatch_line("*assertions.py*")
