"""Gates on accuracy: of documents, of fields, under a shift, and against a baseline model."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_slm_autopsy.assertions.affirmation import affirm
from pytest_slm_autopsy.assertions.gates import Gate, decide, decide_paired
from pytest_slm_autopsy.measures.accuracy import (
    accuracy_gap,
    accuracy_loss,
    exact_match,
    field_accuracy,
    valid_json,
)
from pytest_slm_autopsy.records import Measurement, Prediction, Verdict
from pytest_slm_autopsy.statistics.verdicts import judge

Predictions = Sequence[Prediction]


def assert_accuracy(
    predictions: Predictions, *, at_least: float, confidence_level: float = 0.95, noise: float = 0
) -> Verdict:
    """Assert that the share of exactly right answers is at least ``at_least``.

    The whole interval of the share must reach the limit. ``measures.exact_match`` says what is
    right.

    Args:
        predictions: answers to judge; those to ambiguous cases are left out.
        at_least: the limit, a share from 0 to 1.
        confidence_level: of the interval; 0.95 leaves an error of 2.5 % on each side.
        noise: share of cases that change when the same model is asked again, as ``answer_noise``
            measures it. A finer limit is refused.

    Raises:
        GateFailure: the gate failed, or is undecided.
        NoDataError: there are no predictions, or all are of ambiguous cases.
        ConfigError: a limit outside 0 to 1, or one finer than ``noise``.

    Example:
        >>> from pytest_slm_autopsy import Case, PromptFormat, ScriptedModel, predict
        >>> cases = [Case(str(i), f"Total: {i}", {"total": str(i)}) for i in range(100)]
        >>> perfect = ScriptedModel(lambda case: PromptFormat().expected(case.truth))
        >>> assert_accuracy(predict(perfect, cases), at_least=0.9).outcome
        'passed'
    """
    __tracebackhide__ = True
    gate = Gate("at_least", at_least, confidence_level, noise)
    return affirm(*decide(gate, predictions, exact_match, lambda p: p.correct))


def assert_field_accuracy(
    predictions: Predictions, *, at_least: float, confidence_level: float = 0.95
) -> Verdict:
    """Assert that the share of asked fields with the true value is at least ``at_least``.

    Raises:
        GateFailure: the gate failed, or is undecided.
        NoDataError: no prediction, or a case that asks for no field.
        ConfigError: a limit outside 0 to 1.

    Example:
        >>> from pytest_slm_autopsy import Case, ScriptedModel, predict
        >>> cases = [Case(str(i), "", {"id": str(i), "due": None}) for i in range(100)]
        >>> blind = ScriptedModel(lambda case: '{"id": null, "due": null}')
        >>> assert_field_accuracy(predict(blind, cases), at_least=0.3).measurement.value
        0.5
    """
    __tracebackhide__ = True
    measurement = field_accuracy(predictions, confidence_level=confidence_level)
    return affirm(judge(measurement, side="at_least", limit=at_least), predictions)


def assert_valid_json(
    predictions: Predictions, *, at_least: float, confidence_level: float = 0.95
) -> Verdict:
    """Assert that the share of answers that are one JSON object is at least ``at_least``.

    Answers that had to be cut out of prose or repaired do not count: a rise in repairs is an alarm.

    Raises:
        GateFailure: the gate failed, or is undecided.
        NoDataError: there are no predictions, or all are of ambiguous cases.
        ConfigError: a limit outside 0 to 1.

    Example:
        >>> from pytest_slm_autopsy import Case, ScriptedModel, predict
        >>> cases = [Case(str(i), "", {"id": str(i)}) for i in range(100)]
        >>> brief = ScriptedModel(lambda case: "{}")
        >>> assert_valid_json(predict(brief, cases), at_least=0.9).outcome
        'passed'
    """
    __tracebackhide__ = True
    gate = Gate("at_least", at_least, confidence_level)
    return affirm(*decide(gate, predictions, valid_json, _strict), wrong=lambda p: not _strict(p))


def assert_accuracy_gap(
    *,
    reference: Predictions,
    shifted: Predictions,
    at_most: float,
    confidence_level: float = 0.95,
    noise: float = 0,
) -> Verdict:
    """Assert that accuracy falls by at most ``at_most`` from reference cases to shifted ones.

    The cases are twins: each shifted case has a reference case of the same record. The gate is
    undecided where the reference may have no more than ``at_most`` to lose.

    Args:
        reference: answers of one model to the reference cases.
        shifted: answers of the same model to the shifted cases.
        at_most: the limit, a difference of two shares: 0.1 is ten percentage points.
        confidence_level: of the interval.
        noise: share of cases that change when the same model is asked again. A finer limit is
            refused.

    Raises:
        GateFailure: the gate failed, or is undecided.
        CaseError: a shifted case without a twin, two cases of one record, or answers of two models.
        NoDataError: there are no predictions, or all are of ambiguous cases.
        ConfigError: a limit outside -1 to 1, or one finer than ``noise``.

    Example:
        >>> from pytest_slm_autopsy import Case, PromptFormat, ScriptedModel, predict
        >>> totals = {str(i): {"total": str(i)} for i in range(99)}
        >>> plain = [Case(i, f"Total: {i}", truth, record=i) for i, truth in totals.items()]
        >>> other = [Case(i, f"{i} TOTAL", truth, record=i) for i, truth in totals.items()]
        >>> model = ScriptedModel(lambda case: PromptFormat().expected(case.truth))
        >>> was, now = predict(model, plain), predict(model, other)
        >>> assert_accuracy_gap(reference=was, shifted=now, at_most=0.1).measurement.value
        0.0
    """
    __tracebackhide__ = True
    gate = Gate("at_most", at_most, confidence_level, noise)
    return affirm(*decide_paired(gate, reference, shifted, _gap))


def assert_not_inferior(
    *,
    candidate: Predictions,
    baseline: Predictions,
    margin: float,
    confidence_level: float = 0.95,
    noise: float = 0,
) -> Verdict:
    """Assert that the candidate model loses at most ``margin`` of the baseline model's accuracy.

    Both models answer the same cases. The gate is undecided where the baseline may have no more
    than ``margin`` to lose. A margin of 0 asks for a proof that equal models cannot give.

    Args:
        candidate: answers of the new model.
        baseline: answers of the old model to the same cases.
        margin: the limit, a difference of two shares: 0.05 is five percentage points.
        confidence_level: of the interval.
        noise: share of cases that change when the same model is asked again. A finer margin is
            refused.

    Raises:
        GateFailure: the gate failed, or is undecided.
        CaseError: a case that the baseline was not asked.
        NoDataError: there are no predictions, or all are of ambiguous cases.
        ConfigError: a margin outside -1 to 1, or one finer than ``noise``.

    Example:
        >>> from pytest_slm_autopsy import Case, PromptFormat, ScriptedModel, predict
        >>> cases = [Case(str(i), f"Total: {i}", {"total": str(i)}) for i in range(99)]
        >>> old = ScriptedModel(lambda case: PromptFormat().expected(case.truth), name="old")
        >>> new = ScriptedModel(lambda case: PromptFormat().expected(case.truth), name="new")
        >>> both = {"candidate": predict(new, cases), "baseline": predict(old, cases)}
        >>> assert_not_inferior(**both, margin=0.05).measurement.model
        'new against old'
    """
    __tracebackhide__ = True
    gate = Gate("at_most", margin, confidence_level, noise)
    return affirm(*decide_paired(gate, baseline, candidate, _loss))


def _gap(reference: Predictions, shifted: Predictions, level: float) -> Measurement:
    return accuracy_gap(reference=reference, shifted=shifted, confidence_level=level)


def _loss(baseline: Predictions, candidate: Predictions, level: float) -> Measurement:
    return accuracy_loss(baseline=baseline, candidate=candidate, confidence_level=level)


def _strict(prediction: Prediction) -> bool:
    return prediction.stage == "strict" and prediction.fields is not None
