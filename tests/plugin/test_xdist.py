"""With workers the numbers, the rows and the gates are those of a run without, in their order."""

from __future__ import annotations

import pytest

pytest.importorskip("xdist")

MORE = """
import pytest

@pytest.mark.parametrize("condition", ["production", "columns", "order", "missing", "case"])
def test_more(slm, slm_cases, autopsy, condition):
    autopsy.predict(slm, slm_cases.conditions[condition])
    autopsy.predict(slm, slm_cases.reference[3:6])
    autopsy.predict(slm, slm_cases.conditions["missing"])
"""
OUTCOMES = {"passed": 7, "failed": 1, "xfailed": 1}


@pytest.fixture
def alone(run, toy, pytester):
    """The summary and the report of a run without workers."""
    pytester.makepyfile(test_more=MORE)
    result = run("-p", "no:xdist", "--slm-report=alone.html")
    result.assert_outcomes(**OUTCOMES)
    return _summary(result), run.data


def test_two_workers_find_what_one_process_finds(run, alone, pytester):
    result = run("-n2", "--slm-report=together.html")
    result.assert_outcomes(**OUTCOMES)
    assert (_summary(result), run.data) == alone
    pages = [(pytester.path / f"{name}.html").read_text() for name in ("alone", "together")]
    assert pages[0] == pages[1]


def test_gates_are_gates_in_workers(run, toy):
    run("-n1", "--slm-gate").assert_outcomes(passed=2, failed=2)
    assert run.gates["test_order"] == ("failed", "failed")


def test_an_error_of_use_is_one_sentence_in_a_worker(run, pytester):
    pytester.makepyfile("def test_it(slm): pass")
    result = run("-n1")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["ConfigError: no base model is named; *"])
    result.stdout.no_fnmatch_line("*fixtures.py*")


def test_what_was_found_before_a_worker_died_is_kept(run, toy, pytester):
    pytester.makepyfile(test_zz="import os\ndef test_it(): os._exit(1)")
    result = run("-n1", "--max-worker-restart=0")
    result.assert_outcomes(passed=2, failed=2, xfailed=1)
    assert run.gates.keys() == {"test_reference", "test_order", "test_gap"}


def test_what_was_found_before_the_first_failure_is_kept(run, toy):
    run("-n1", "-x").assert_outcomes(passed=1, failed=1, xfailed=1)
    assert run.gates.keys() == {"test_reference", "test_order", "test_gap"}


def test_what_was_found_before_an_interrupt_is_kept(run, toy, pytester):
    pytester.makepyfile(test_zz="def test_it(): raise KeyboardInterrupt")
    assert run("-n1").ret == pytest.ExitCode.INTERRUPTED
    assert run.gates.keys() == {"test_reference", "test_order", "test_gap"}
    assert len(run.data.gates) == 3


def test_a_bad_option_stops_the_run_before_a_worker_starts(run, toy):
    result = run("-n2", "--slm-n=0")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert result.outlines == []


def _summary(result):
    lines = result.outlines
    at = lines.index(f"{' SLM autopsy ':=^80}")
    return lines[at : at + 8]
