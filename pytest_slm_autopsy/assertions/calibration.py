"""Gates on confidence. All need a model that gives token probabilities."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_slm_autopsy.assertions.affirmation import affirm
from pytest_slm_autopsy.assertions.gates import Gate, check_apart, decide
from pytest_slm_autopsy.measures.calibration import (
    calibration_gap,
    expected_calibration_error,
    freedom_from_error,
)
from pytest_slm_autopsy.measures.counted import counted
from pytest_slm_autopsy.measures.selective import confident_errors, selective_risk
from pytest_slm_autopsy.measures.token_confidence import confidence as confidence_of
from pytest_slm_autopsy.records import Measurement, Prediction, Verdict
from pytest_slm_autopsy.statistics.verdicts import judge

Predictions = Sequence[Prediction]


def assert_calibrated(
    predictions: Predictions, *, at_most: float, confidence_level: float = 0.95
) -> Verdict:
    """Assert that the expected calibration error is at most ``at_most``.

    The error is a mean distance of two shares, from 0 to 1; ``expected_calibration_error`` says how
    it is estimated.

    Raises:
        GateFailure: the gate failed, or is undecided.
        NoDataError: no prediction, or a model that gives no probabilities.
        ConfigError: a limit outside 0 to 1.

    Example:
        >>> from pytest_slm_autopsy import Case, Prediction
        >>> cases = [Case(str(i), "", {"id": str(i % 5 > 0)}) for i in range(400)]
        >>> sure = {"logprobs": (-0.22,), "token_ends": (1,)}  # 0.8, and right four times in five
        >>> said = [Prediction(case, "m", "", {"id": "True"}, **sure) for case in cases]
        >>> assert_calibrated(said, at_most=0.1).outcome
        'passed'
    """
    __tracebackhide__ = True
    measurement = expected_calibration_error(predictions, confidence_level=confidence_level)
    return affirm(judge(measurement, side="at_most", limit=at_most), predictions)


def assert_calibration_gap(
    *,
    reference: Predictions,
    shifted: Predictions,
    at_most: float,
    confidence_level: float = 0.95,
) -> Verdict:
    """Assert that the calibration error grows by at most ``at_most`` under the shift.

    The gap is the expected calibration error on shifted cases minus that on reference cases. A
    reference whose error is so large that it could not grow by more leaves the gate undecided.

    Raises:
        GateFailure: the gate failed, or is undecided.
        NoDataError: no prediction on a side, or a model that gives no probabilities.
        ConfigError: a limit outside -1 to 1.

    Example:
        >>> from pytest_slm_autopsy import Case, Prediction
        >>> cases = [Case(str(i), "", {"id": str(i % 5 > 0)}) for i in range(400)]
        >>> sure = {"logprobs": (-0.22,), "token_ends": (1,)}
        >>> said = [Prediction(case, "m", "", {"id": "True"}, **sure) for case in cases]
        >>> again = [Prediction(case, "m", "", {"id": "True"}, **sure) for case in cases]
        >>> assert_calibration_gap(reference=said, shifted=again, at_most=0.1).measurement.value
        0.0
    """
    __tracebackhide__ = True
    check_apart(reference, shifted)
    reference = counted(reference)
    measurement = calibration_gap(
        reference=reference, shifted=shifted, confidence_level=confidence_level
    )
    stake = freedom_from_error(reference, confidence_level=confidence_level)
    return affirm(judge(measurement, side="at_most", limit=at_most, stake=stake), shifted)


def assert_no_confident_errors(
    predictions: Predictions,
    *,
    at_most: float,
    confidence: float = 0.9,
    confidence_level: float = 0.95,
) -> Verdict:
    """Assert that at most ``at_most`` of the cases are answered wrongly with high confidence.

    Args:
        predictions: answers to judge; those to ambiguous cases are left out.
        at_most: the limit, a share of all cases.
        confidence: the confidence from which a wrong answer counts, above 0 and at most 1.
        confidence_level: of the interval.

    Raises:
        GateFailure: the gate failed, or is undecided.
        NoDataError: no prediction, or a model that gives no probabilities.
        ConfigError: a limit or a confidence out of range.

    Example:
        >>> from pytest_slm_autopsy import Case, Prediction
        >>> cases = [Case(str(i), "", {"id": str(i)}) for i in range(100)]
        >>> unsure = {"logprobs": (-1.0,), "token_ends": (1,)}
        >>> said = [Prediction(case, "m", "", {"id": "0"}, **unsure) for case in cases]
        >>> assert_no_confident_errors(said, at_most=0.05).measurement.value
        0.0
    """
    __tracebackhide__ = True

    def measure(seen: Predictions, *, confidence_level: float) -> Measurement:
        return confident_errors(seen, confidence=confidence, confidence_level=confidence_level)

    def confidently_wrong(prediction: Prediction) -> bool:
        return not prediction.correct and confidence_of(prediction) >= confidence

    gate = Gate("at_most", at_most, confidence_level)
    judged = decide(gate, predictions, measure, confidently_wrong)
    return affirm(*judged, wrong=confidently_wrong)


def assert_selective_risk(
    predictions: Predictions,
    *,
    coverage: float,
    at_most: float,
    confidence_level: float = 0.95,
) -> Verdict:
    """Assert that among the surest cases at most ``at_most`` are answered wrongly.

    Args:
        predictions: answers to judge; those to ambiguous cases are left out.
        coverage: the share of cases that is kept, the surest first, above 0 and at most 1.
        at_most: the limit, a share of the kept cases.
        confidence_level: of the interval.

    Raises:
        GateFailure: the gate failed, or is undecided.
        NoDataError: no prediction, or a model that gives no probabilities.
        ConfigError: a limit or a coverage out of range.

    Example:
        >>> from pytest_slm_autopsy import Case, Prediction
        >>> cases = [Case(str(i), "", {"id": str(i > 19)}) for i in range(200)]
        >>> said = [
        ...     Prediction(case, "m", "", {"id": "True"}, logprobs=(-0.1 if i > 19 else -1.0,))
        ...     for i, case in enumerate(cases)
        ... ]
        >>> assert_selective_risk(said, coverage=0.9, at_most=0.05).measurement.n
        180
    """
    __tracebackhide__ = True
    measurement = selective_risk(predictions, coverage=coverage, confidence_level=confidence_level)
    return affirm(judge(measurement, side="at_most", limit=at_most), predictions)
