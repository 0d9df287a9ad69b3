"""Smallest breaking parts: none of their elements can be left out, and the planted one is found."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_slm_autopsy.diagnostics import Question, commonest, minimal_causes
from pytest_slm_autopsy.diagnostics.trials import Trial
from tests.diagnostics.planted import dying, examiner, of_axes, trials


def failing(one, some):
    """Return the trials that fail under their whole shift and survive without any."""
    wrong = one.wrong_fields([Question(trial, trial.shift) for trial in some])
    return [trial for trial, fields in zip(some, wrong, strict=True) if fields]


def test_a_missing_field_is_found_among_all_shifts():
    one = examiner(dying(lambda case: case.truth["due_date"] is None))
    causes = minimal_causes(one, failing(one, trials(24, rate=1.0)))
    assert {cause.words for cause in causes} == {"missing: due_date"}


def test_two_axes_that_break_only_together_stay_together():
    one = examiner(dying(of_axes("order", "whitespace")))
    for cause in minimal_causes(one, failing(one, trials(12, rate=1.0))):
        assert {*cause.things} == {"order", "whitespace"}
        assert len(cause.things["whitespace"]) == 1


@pytest.mark.parametrize(("dies_above", "found"), [(0.0, 0.25), (0.3, 0.5), (0.6, 1.0)])
def test_the_severity_is_the_lowest_that_breaks(dies_above, found):
    one = examiner(dying(lambda case: case.shift.get("order", 0) > dies_above))
    some = [Trial(trial.reference, {"order": 1.0}) for trial in trials(4)]
    for cause in minimal_causes(one, failing(one, some)):
        assert cause.severities == {"order": found}


@settings(max_examples=15)
@given(st.sets(st.sampled_from(["due_date", "purchase_order", "payment_terms"]), min_size=1))
def test_no_element_can_be_left_out(needed):
    def dies(case):
        return all(case.truth[name] is None for name in needed)

    one = examiner(dying(dies))
    some = [Trial(t.reference, {"missing": 1.0, "order": 1.0}) for t in trials(4)]
    for cause in minimal_causes(one, failing(one, some)):
        assert cause.things == {"missing": cause.things["missing"]}
        assert {*cause.things["missing"]} == needed


def test_the_commonest_comes_first_with_its_share():
    one = examiner(dying(lambda case: "order" in case.shift or case.truth["due_date"] is None))
    causes = minimal_causes(one, failing(one, trials(48)))
    common = commonest(causes)
    assert {cause.words for cause in common} == {"order", "missing: due_date"}
    assert common[0].share.value >= common[1].share.value
    assert sum(cause.share.value for cause in common) == pytest.approx(1.0)


def test_nothing_failed_has_no_cause():
    assert minimal_causes(examiner(dying(lambda case: False)), []) == []
