"""Gates on the inputs: proven, refuted or undecided, and the failure says what to look at."""

from __future__ import annotations

from inspect import signature

import pytest

from pytest_slm_autopsy.assertions.affirmation import GateFailure
from pytest_slm_autopsy.assertions.inputs import (
    assert_divergence,
    assert_no_leakage,
    assert_same_distribution,
)
from pytest_slm_autopsy.cases.drawn.suites import draw_suite
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.records import Case

SUITE = draw_suite(INVOICE, 600, 1, {"canonical": {}})
SHIFTED = draw_suite(INVOICE, 64, 1, {"canonical": {}, "delimiters": {"delimiters": 1.0}})
FIRST, SECOND = SUITE.reference[:300], SUITE.reference[300:]


def documents(n, start=0, **more):
    return [Case(str(i), f"Total: {i}", {"total": str(i), **more}) for i in range(start, start + n)]


def test_two_halves_of_one_suite_are_proven_to_be_of_one_distribution():
    verdict = assert_same_distribution(reference=FIRST, shifted=SECOND)
    assert verdict.outcome == "passed"
    assert (verdict.side, verdict.limit) == ("at_most", 0.6)
    assert verdict.measurement.n == 600


def test_few_texts_prove_nothing():
    with pytest.raises(GateFailure) as caught:
        assert_same_distribution(reference=FIRST[:20], shifted=SECOND[:20])
    assert caught.value.verdict.outcome == "undecided"


def test_a_shift_is_no_sameness_and_the_failure_names_what_tells():
    with pytest.raises(GateFailure) as caught:
        assert_same_distribution(reference=SHIFTED.reference, shifted=SHIFTED["delimiters"])
    assert caught.value.verdict.outcome == "failed"
    first, second, third = str(caught.value).splitlines()
    assert first == caught.value.verdict.line
    assert "p = 0.005; one distribution: 0." in second
    assert third.startswith("  told apart by (texts with it): ")
    assert "' :' (0 : " in third


def test_a_shift_is_proven_to_shift():
    verdict = assert_divergence(reference=SHIFTED.reference, shifted=SHIFTED["delimiters"])
    assert (verdict.outcome, verdict.side, verdict.limit) == ("passed", "at_least", 0.8)


def test_a_shift_that_shifts_nothing_fails():
    with pytest.raises(GateFailure) as caught:
        assert_divergence(reference=FIRST, shifted=SECOND)
    assert caught.value.verdict.outcome == "failed"


def test_texts_do_as_well_as_cases():
    of_texts = assert_same_distribution(
        reference=[case.text for case in FIRST], shifted=[case.text for case in SECOND]
    )
    assert of_texts == assert_same_distribution(reference=FIRST, shifted=SECOND)


def test_cases_that_share_nothing_do_not_leak():
    verdict = assert_no_leakage(training=FIRST, evaluation=SECOND)
    assert verdict.outcome == "passed"
    assert verdict.measurement.interval == (0.0, 0.0)
    assert verdict.measurement.confidence_level == 1.0
    assert assert_no_leakage(training=FIRST[:1], evaluation=SECOND[:1]).outcome == "passed"


def test_a_leak_fails_and_at_most_six_are_named():
    with pytest.raises(GateFailure) as caught:
        assert_no_leakage(training=documents(12), evaluation=documents(12, start=1))
    first, *lines = str(caught.value).splitlines()
    assert first == "failed: share leaked = 0.917 [0.917, 0.917], n=12, limit at most 0"
    assert lines[0] == "  1 <- 1 (same document, 1.00)"
    assert len(lines) == 7
    assert lines[-1] == "  and 16 more"


def test_some_leakage_can_be_allowed():
    leaking = {"training": documents(10), "evaluation": documents(10, start=9)}
    assert assert_no_leakage(**leaking, at_most=0.1).outcome == "passed"
    with pytest.raises(GateFailure):
        assert_no_leakage(**leaking, at_most=0.09)


def test_a_case_that_answers_itself_is_named():
    with pytest.raises(GateFailure, match=r"7 <- itself \(answer in the input, 1\.00\)"):
        assert_no_leakage(
            training=documents(3), evaluation=[Case("7", '{"total": "7"}', {"total": "7"})]
        )


def test_cases_without_a_date_are_counted_beside_the_temporal_leaks():
    late = [*documents(1, start=5, day="2025-02-01"), *documents(2, start=6)]
    with pytest.raises(GateFailure) as caught:
        assert_no_leakage(
            training=documents(3, day="2025-02-01"), evaluation=late, date_field="day"
        )
    assert str(caught.value).splitlines()[1:] == [
        "  5 <- 0 (temporal, 1.00)",
        "  2 evaluation cases have no ISO date in 'day': not judged",
    ]


def test_templates_are_judged_only_when_asked_for():
    with pytest.raises(GateFailure, match="same template"):
        assert_no_leakage(training=FIRST[:5], evaluation=SECOND[:5], kinds=["same template"])


@pytest.mark.parametrize("gate", [assert_same_distribution, assert_divergence, assert_no_leakage])
@pytest.mark.parametrize("sides", [([], FIRST), (FIRST, [])])
def test_nothing_is_no_pass(gate, sides):
    names = [
        name for name, part in signature(gate).parameters.items() if part.default is part.empty
    ]
    with pytest.raises(NoDataError):
        gate(**dict(zip(names, sides, strict=True)))
