"""The autopsy of a model, test by test: ``slm-autopsy run BASE ADAPTER``.

Each test takes its limit from ``slm_limits``, and skips, with the reason, what does not apply.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import pytest

from pytest_slm_autopsy.assertions.accuracy import (
    assert_accuracy,
    assert_accuracy_gap,
    assert_valid_json,
)
from pytest_slm_autopsy.assertions.affirmation import GateFailure, affirm
from pytest_slm_autopsy.assertions.calibration import (
    assert_calibrated,
    assert_no_confident_errors,
)
from pytest_slm_autopsy.assertions.collapse import assert_answers_end, assert_not_collapsed
from pytest_slm_autopsy.assertions.inputs import assert_no_leakage
from pytest_slm_autopsy.cases.drawn.shifts import AXES
from pytest_slm_autopsy.cases.drawn.suites import PRODUCTION
from pytest_slm_autopsy.diagnostics.probes import latency
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.models.checks.check import conclude
from pytest_slm_autopsy.predictions.predictor import predict
from pytest_slm_autopsy.records import CANONICAL, Case, Prediction
from pytest_slm_autopsy.statistics.verdicts import judge

if TYPE_CHECKING:
    from pytest_slm_autopsy.cases.drawn.suites import Suite
    from pytest_slm_autopsy.models.checks.check import Check
    from pytest_slm_autopsy.models.interface import ModelUnderTest
    from pytest_slm_autopsy.suite.limits import Limits

pytestmark = pytest.mark.slm


class Predictor(Protocol):
    """The fixture ``autopsy``, as far as the suite needs it."""

    def predict(self, model: ModelUnderTest, cases: Sequence[Case]) -> Sequence[Prediction]:
        """Return one prediction for each case."""
        ...


PROMPTS: Final = frozenset({"prompts", "chat_template", "special_tokens", "served_prompt"})
TIMED: Final = 32

# What a model without a language model, or without files, cannot be asked.
NO_FILES: Final = "this model has no files to check"
NO_PROBABILITIES: Final = "this model gives no probabilities, so it has no confidence to judge"


def checks_of(slm: ModelUnderTest, *, prompts: bool) -> list[Check]:
    """Return the checks of a model's prompts, or its other checks; skip where there are none."""
    checks = [one for one in getattr(slm, "checks", ()) if (one.name in PROMPTS) == prompts]
    made = [one for one in checks if one.outcome != "skipped"]
    if not made:
        pytest.skip(checks[0].evidence if checks else NO_FILES)
    return made


def judged(slm_cases: Suite, slm_limits: Limits) -> Iterator[str]:
    """Yield the shifted conditions that are judged and that the suite has."""
    names = slm_limits.conditions or [name for name in slm_cases if name != CANONICAL]
    return (name for name in names if name in slm_cases)


@pytest.fixture
def reference(slm: ModelUnderTest, slm_cases: Suite, autopsy: Predictor) -> Sequence[Prediction]:
    """Return the answers to documents like those of training."""
    return autopsy.predict(slm, slm_cases.reference)


@pytest.fixture
def shifted(
    slm: ModelUnderTest, slm_cases: Suite, slm_limits: Limits, autopsy: Predictor
) -> Sequence[Prediction]:
    """Return the answers under all judged conditions together."""
    found = [
        one
        for name in judged(slm_cases, slm_limits)
        for one in autopsy.predict(slm, slm_cases[name])
    ]
    if not found:
        pytest.skip("this suite shifts nothing")
    return found


# Is it the model that was trained, and is it asked as in training?


def test_its_files_belong_together(slm: ModelUnderTest) -> None:
    conclude(checks_of(slm, prompts=False), f"model {slm.name}")


def test_it_is_asked_as_in_training(slm: ModelUnderTest) -> None:
    conclude(checks_of(slm, prompts=True), f"model {slm.name}")


def test_training_gives_no_case_away(
    slm_cases: Suite, slm_training: Sequence[Case], slm_limits: Limits
) -> None:
    if not slm_training:
        pytest.skip("no training data are named; set the ini key slm_training")
    assert_no_leakage(
        training=slm_training, evaluation=slm_cases.reference, at_most=slm_limits.leakage
    )


# The evaluation: documents like those of training.


def test_it_reads_what_it_was_trained_on(
    reference: Sequence[Prediction], slm_limits: Limits
) -> None:
    assert_accuracy(reference, at_least=slm_limits.accuracy)


def test_its_answers_are_json(
    reference: Sequence[Prediction], slm: ModelUnderTest, slm_limits: Limits
) -> None:
    form = getattr(slm, "answer_form", None)
    if form is not None and type(form).__name__ != "JsonAnswer":
        pytest.skip("this model does not answer in JSON")
    assert_valid_json(reference, at_least=slm_limits.valid_json)


def test_its_answers_end(reference: Sequence[Prediction], slm_limits: Limits) -> None:
    assert_answers_end(reference, at_most=slm_limits.cut_off)


def test_it_answers_the_document_and_not_by_heart(
    reference: Sequence[Prediction], slm_training: Sequence[Case], slm_limits: Limits
) -> None:
    assert_not_collapsed(reference, at_most=slm_limits.collapse, training=slm_training)


def test_its_confidence_means_what_it_says(
    reference: Sequence[Prediction], slm_limits: Limits
) -> None:
    assert_calibrated(sure(reference), at_most=slm_limits.calibration_error)


# Production: the same values, written differently.


def test_a_shift_costs_little(
    slm_condition: str,
    slm: ModelUnderTest,
    slm_cases: Suite,
    slm_limits: Limits,
    autopsy: Predictor,
    reference: Sequence[Prediction],
) -> None:
    try:
        cases = slm_cases[slm_condition]
    except CaseError as error:
        if slm_condition in slm_limits.conditions:
            raise
        pytest.skip(str(error).partition("; did you")[0].partition("; known")[0])
    shifted = autopsy.predict(slm, cases)
    assert_accuracy_gap(
        reference=reference, shifted=shifted, at_most=slm_limits.gap_of(slm_condition)
    )


def test_no_other_condition_costs_much(
    slm: ModelUnderTest,
    slm_cases: Suite,
    slm_limits: Limits,
    autopsy: Predictor,
    reference: Sequence[Prediction],
) -> None:
    known = {*AXES, PRODUCTION, *slm_limits.gaps, *slm_limits.conditions}
    others = [name for name in judged(slm_cases, slm_limits) if name not in known]
    if not others:
        pytest.skip("every condition of this suite is judged by name")
    failures = []
    for name in others:
        shifted = autopsy.predict(slm, slm_cases[name])
        try:
            assert_accuracy_gap(reference=reference, shifted=shifted, at_most=slm_limits.gap)
        except GateFailure as failure:
            failures.append(failure)
    if failures:
        raise failures[0]


# Does it know when it is wrong?


def test_under_shift_its_confidence_means_what_it_says(
    shifted: Sequence[Prediction], slm_limits: Limits
) -> None:
    assert_calibrated(sure(shifted), at_most=slm_limits.calibration_error)


def test_under_shift_it_is_seldom_sure_and_wrong(
    shifted: Sequence[Prediction], slm_limits: Limits
) -> None:
    assert_no_confident_errors(
        sure(shifted), at_most=slm_limits.confident_errors, confidence=slm_limits.confidence
    )


def test_under_shift_its_answers_end(shifted: Sequence[Prediction], slm_limits: Limits) -> None:
    assert_answers_end(shifted, at_most=slm_limits.cut_off)


# Is it fast enough?


def test_an_answer_takes_little_time(
    slm: ModelUnderTest, slm_cases: Suite, slm_limits: Limits
) -> None:
    if slm_limits.latency is None:
        pytest.skip("no limit is set for it; give latency, in seconds, in slm_limits")
    median, *_ = latency(partial(predict, slm), few(slm_cases.reference))
    affirm(judge(median, side="at_most", limit=slm_limits.latency))


def sure(predictions: Sequence[Prediction]) -> Sequence[Prediction]:
    """Return predictions with a confidence; skip where the model gives none."""
    if all(one.logprobs is None for one in predictions):
        pytest.skip(NO_PROBABILITIES)
    return predictions


def few(cases: Sequence[Case]) -> Sequence[Case]:
    """Return an evenly spaced handful of cases: time is measured one by one."""
    return cases[:: max(1, len(cases) // TIMED)][:TIMED]
