"""With --slm-budget a gate asks until it is proven, and nobody else notices."""

from __future__ import annotations

import pytest

COUNTING = """
import pytest
from pytest_slm_autopsy import PromptFormat, ScriptedModel

asked = []

@pytest.fixture(scope="session")
def slm():
    def write(case):
        asked.append(case.id)
        return "{}" if case.condition == "order" else PromptFormat().expected(case.truth)
    yield ScriptedModel(write, name="counting")
    assert len(asked) == len(set(asked)), "no case is asked twice"
    print("asked:", len(asked))

@pytest.fixture(scope="session")
def slm_cases(slm_settings):
    from pytest_slm_autopsy import INVOICE, draw_suite
    return draw_suite(INVOICE, slm_settings.n, 1, {"canonical": {}, "order": {"order": 1.0}})
"""
GATES = """
import pytest
from pytest_slm_autopsy import assert_accuracy, assert_accuracy_gap

def test_good(slm, slm_cases, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=0.8)

def test_gap(slm, slm_cases, autopsy):
    reference = autopsy.predict(slm, slm_cases.reference)
    shifted = autopsy.predict(slm, slm_cases["order"])
    assert_accuracy_gap(reference=reference, shifted=shifted, at_most=0.2)
"""


@pytest.fixture
def counting(pytester):
    pytester.makeconftest(COUNTING)
    pytester.makepyfile(test_gates=GATES)


def asked(result):
    [line] = [line for line in result.outlines if "asked:" in line]
    return int(line.rpartition(" ")[2])


def test_clear_gates_stop_early(run, counting):
    result = run("--slm-budget=400", "-s", "--tb=short")
    result.assert_outcomes(passed=1, failed=1)
    assert asked(result) <= 64 + 32
    assert run.settings.n == run.settings.budget == 400
    assert {g.verdict.measurement.n for g in run.data.gates} <= {32, 64}
    assert dict(run.gates) == {"test_good": ("passed", "passed"), "test_gap": ("failed", "failed")}


def test_without_a_budget_all_is_asked(run, counting):
    result = run("--slm-n=100", "-s")
    assert asked(result) == 200
    assert {gate.verdict.measurement.n for gate in run.data.gates} == {100}


def test_whoever_looks_sees_all(run, counting, pytester):
    pytester.makepyfile(
        test_gates="""
        def test_it(slm, slm_cases, autopsy):
            predictions = autopsy.predict(slm, slm_cases.reference)
            assert len(predictions) == 50
            assert predictions[7].case == slm_cases.reference[7]
            assert predictions[-1].case == slm_cases.reference[-1]
            assert [p.case for p in predictions[3:5]] == list(slm_cases.reference[3:5])
            assert predictions[50:] == []
            assert [p.case for p in predictions] == list(slm_cases.reference)
            assert all(p.correct for p in predictions)
        """
    )
    result = run("--slm-budget=50", "-s")
    result.assert_outcomes(passed=1)
    assert asked(result) == 50


def test_the_ini_file_can_hold_the_budget(run, counting, pytester):
    pytester.makeini("[pytest]\nslm_budget = 300\n")
    assert asked(run("-s")) <= 96


@pytest.mark.parametrize("wrong", ["0", "many", "-5"])
def test_a_budget_that_is_none_is_refused(run, counting, wrong):
    result = run(f"--slm-budget={wrong}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"*--slm-budget is '{wrong}'; it must be a whole number*"])


def test_sorted_cases_are_shuffled(run, pytester):
    pytester.makepyfile(
        """
        from pytest_slm_autopsy import Case, PromptFormat, ScriptedModel, assert_accuracy

        def test_it(autopsy):
            cases = [Case(str(i), "", {"id": str(i)}) for i in range(500)]
            right_first = ScriptedModel(
                lambda case: PromptFormat().expected(case.truth) if int(case.id) < 100 else "{}"
            )
            assert_accuracy(autopsy.predict(right_first, cases), at_least=0.5)
        """
    )
    run("--slm-budget=500").assert_outcomes(failed=1)
    [gate] = run.data.gates
    assert gate.verdict.outcome == "failed"


def test_gates_that_stop_when_proven_are_not_called_weak(run, counting):
    result = run("--slm-budget=400")
    result.stdout.no_fnmatch_line("*too weak*")
    assert {gate.verdict.p_value for gate in run.data.gates} == {None}
