"""What should hold. Each assertion measures, judges through the interval, and affirms or fails.

Undecided fails: a gate that proves nothing is not green. Every assertion returns its verdict.
"""

from __future__ import annotations

from collections.abc import Sequence

from pytest_slm_autopsy.measures.accuracy import accuracy_gap, exact_match
from pytest_slm_autopsy.measures.calibration import expected_calibration_error
from pytest_slm_autopsy.measures.collapse import commonest_answer, excess_repetition
from pytest_slm_autopsy.records import AMBIGUOUS, Prediction, Verdict, legible
from pytest_slm_autopsy.statistics.verdicts import announce, judge

Predictions = Sequence[Prediction]


class GateFailure(AssertionError):
    """The model did not hold. Carries the verdict and the worst cases as data."""

    def __init__(self, verdict: Verdict, worst: Sequence[Prediction] = (), note: str = "") -> None:
        self.verdict = verdict
        self.note = note
        self.worst = tuple(worst)
        lines = [verdict.line, *([note] if note else [])]
        lines += [_wrong_line(prediction) for prediction in self.worst[:3]]
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[GateFailure], tuple[Verdict, tuple[Prediction, ...], str]]:
        """Failures travel between processes."""
        return type(self), (self.verdict, self.worst, self.note)


def assert_accuracy(
    predictions: Predictions, *, at_least: float, confidence_level: float = 0.95
) -> Verdict:
    """The share of exactly right answers is proven to be at least ``at_least``.

    Example:
        >>> from pytest_slm_autopsy import Case, PromptFormat, ScriptedModel, predict
        >>> cases = [Case(str(i), f"Total: {i}", {"total": str(i)}) for i in range(100)]
        >>> perfect = ScriptedModel(lambda case: PromptFormat().expected(case.truth))
        >>> assert_accuracy(predict(perfect, cases), at_least=0.9).outcome
        'passed'
    """
    __tracebackhide__ = True
    measurement = exact_match(predictions, confidence_level=confidence_level)
    return _affirm(judge(measurement, side="at_least", limit=at_least), predictions)


def assert_accuracy_gap(
    reference: Predictions,
    shifted: Predictions,
    *,
    at_most: float,
    confidence_level: float = 0.95,
) -> Verdict:
    """The accuracy lost from ``reference`` to its ``shifted`` twins is at most ``at_most``."""
    __tracebackhide__ = True
    measurement = accuracy_gap(reference, shifted, confidence_level=confidence_level)
    return _affirm(judge(measurement, side="at_most", limit=at_most), shifted)


def assert_calibrated(
    predictions: Predictions, *, at_most: float, confidence_level: float = 0.95
) -> Verdict:
    """The expected calibration error is proven to be at most ``at_most``."""
    __tracebackhide__ = True
    measurement = expected_calibration_error(predictions, confidence_level=confidence_level)
    return _affirm(judge(measurement, side="at_most", limit=at_most), predictions)


def assert_not_collapsed(
    predictions: Predictions, *, at_most: float = 0.1, confidence_level: float = 0.95
) -> Verdict:
    """At most ``at_most`` of the answers repeat the answer to a case with another truth."""
    __tracebackhide__ = True
    measurement = excess_repetition(predictions, confidence_level=confidence_level)
    answer, count = commonest_answer(predictions)
    note = f"commonest answer, {count} of {len(predictions)}: {answer[:100]!r}"
    verdict = judge(measurement, side="at_most", limit=at_most)
    return _affirm(verdict, predictions, note=note)


def _affirm(verdict: Verdict, predictions: Predictions, note: str = "") -> Verdict:
    __tracebackhide__ = True
    announce(verdict)
    if verdict.outcome != "passed":
        counted = (p for p in predictions if AMBIGUOUS not in p.case.tags)
        raise GateFailure(verdict, [p for p in counted if not p.correct], note)
    return verdict


def _wrong_line(prediction: Prediction) -> str:
    if prediction.fields is None:
        return f"  {prediction.case.id}: {prediction.problem}"
    truth, fields = prediction.case.truth, prediction.fields
    wrong = [
        f"{name}={fields[name]!r} instead of {value!r}" if name in fields else f"{name} is missing"
        for name, value in truth.items()
        if name not in fields or legible(fields[name]) != legible(value)
    ]
    wrong += [f"{name}={fields[name]!r} was not asked for" for name in fields if name not in truth]
    return f"  {prediction.case.id}: {'; '.join(wrong[:3])}"[:240]
