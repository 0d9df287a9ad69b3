"""What becomes of a gate that proves nothing."""

from __future__ import annotations

import pytest

CLOSE = """
from pytest_slm_autopsy import assert_accuracy

def test_close(slm, slm_cases, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=0.9)

def test_broken(slm, slm_cases, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.production), at_least=0.9)
"""


@pytest.fixture
def close(pytester, model):
    """Twelve right answers prove no 0.9."""
    pytester.makepyfile(test_close=CLOSE)


@pytest.mark.parametrize("options", [(), ("--slm-undecided=fail",)])
def test_it_fails_by_default_and_says_what_would_decide(run, close, options):
    result = run(*options)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*undecided: exact match*n=12*more cases would decide*"])
    result.stdout.fnmatch_lines(["*--slm-n*--slm-budget*"])


def test_it_warns_where_that_is_asked_for(run, close):
    result = run("--slm-undecided=warn")
    result.assert_outcomes(passed=1, failed=1, warnings=1)
    result.stdout.fnmatch_lines(["*UndecidedGate: undecided: exact match*"])
    assert run.gates["test_close"] == ("undecided", "passed")


def test_it_passes_where_that_is_asked_for_and_the_summary_still_says_so(run, close, pytester):
    pytester.makeini("[pytest]\nslm_n = 12\nslm_undecided = pass\n")
    result = run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["gates: 0 passed, 1 failed, 1 undecided"])


def test_a_word_that_is_none_is_refused(run, close):
    result = run("--slm-undecided=ignore")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--slm-undecided is 'ignore'; it must be fail, warn or pass*"])


def test_the_short_summary_has_room_for_the_verdict(run, close):
    result = run()
    result.stdout.fnmatch_lines(["FAILED test_close.py::test_close - 1.00 ? 0.9 exact match*"])
