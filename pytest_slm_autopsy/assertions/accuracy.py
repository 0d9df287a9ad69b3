"""Gates on how often the answer is right."""

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
from pytest_slm_autopsy.records import Prediction, Verdict
from pytest_slm_autopsy.statistics.verdicts import judge

Predictions = Sequence[Prediction]


def assert_accuracy(
    predictions: Predictions, *, at_least: float, confidence_level: float = 0.95, noise: float = 0
) -> Verdict:
    """The share of exactly right answers is proven to be at least ``at_least``.

    ``noise`` is the share of cases that change when the model is asked again (``answer_noise``); a
    limit finer than that is refused.

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
    """The share of asked fields with the true value is proven to be at least ``at_least``.

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
    """The share of answers that are a JSON object and nothing else is at least ``at_least``.

    Answers that had to be cut out of prose or repaired do not count: a rise in repairs is an alarm.

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
    reference: Predictions,
    shifted: Predictions,
    *,
    at_most: float,
    confidence_level: float = 0.95,
    noise: float = 0,
) -> Verdict:
    """The accuracy lost from ``reference`` to its ``shifted`` twins is at most ``at_most``.

    Example:
        >>> from pytest_slm_autopsy import Case, PromptFormat, ScriptedModel, predict
        >>> totals = {str(i): {"total": str(i)} for i in range(99)}
        >>> plain = [Case(i, f"Total: {i}", truth, record=i) for i, truth in totals.items()]
        >>> other = [Case(i, f"{i} TOTAL", truth, record=i) for i, truth in totals.items()]
        >>> model = ScriptedModel(lambda case: PromptFormat().expected(case.truth))
        >>> gap = assert_accuracy_gap(predict(model, plain), predict(model, other), at_most=0.1)
        >>> gap.measurement.value
        0.0
    """
    __tracebackhide__ = True
    gate = Gate("at_most", at_most, confidence_level, noise)
    return affirm(*decide_paired(gate, reference, shifted, accuracy_gap))


def assert_not_inferior(
    candidate: Predictions,
    baseline: Predictions,
    *,
    margin: float,
    confidence_level: float = 0.95,
    noise: float = 0,
) -> Verdict:
    """The candidate model loses at most ``margin`` of the baseline model's accuracy, same cases.

    A margin of 0 asks for proof that it is no worse at all, which equal models cannot give.

    Example:
        >>> from pytest_slm_autopsy import Case, PromptFormat, ScriptedModel, predict
        >>> cases = [Case(str(i), f"Total: {i}", {"total": str(i)}) for i in range(99)]
        >>> old = ScriptedModel(lambda case: PromptFormat().expected(case.truth), name="old")
        >>> new = ScriptedModel(lambda case: PromptFormat().expected(case.truth), name="new")
        >>> assert_not_inferior(predict(new, cases), predict(old, cases), margin=0.05).outcome
        'passed'
    """
    __tracebackhide__ = True
    gate = Gate("at_most", margin, confidence_level, noise)
    return affirm(*decide_paired(gate, baseline, candidate, accuracy_loss))


def _strict(prediction: Prediction) -> bool:
    return prediction.stage == "strict" and prediction.fields is not None
