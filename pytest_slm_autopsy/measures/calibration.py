"""Calibration: of answers that are 0.9 sure, nine in ten should be right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.optimize import minimize_scalar

from pytest_slm_autopsy.measures.counted import Counted, counted, measured, rate_by_record
from pytest_slm_autopsy.measures.token_confidence import Floats, sureness
from pytest_slm_autopsy.records import Interval, Measurement, Prediction
from pytest_slm_autopsy.statistics.binned import BinnedError, OneBin, binned_error, edges
from pytest_slm_autopsy.statistics.intervals import IntervalOf, recovered

Predictions = Sequence[Prediction]

_LEAST: float = 1e-6  # a probability of 0 or 1 would make one wrong answer infinitely bad
_TEMPERATURES = (0.02, 50.0)


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of like confidence: mean confidence, share of right answers, and number."""

    confidence: float
    accuracy: float
    n: int


@dataclass(frozen=True, slots=True)
class Brier:
    """A Brier score and its parts: ``score = reliability - resolution + uncertainty``.

    The equation (Murphy 1973) holds up to the variance of confidence within a bin.
    """

    score: Measurement
    reliability: float
    resolution: float
    uncertainty: float


@dataclass(frozen=True, slots=True)
class Scaling:
    """Calibration errors before and after temperature scaling, fitted on the reference cases."""

    temperature: float
    reference: Measurement
    reference_scaled: Measurement
    shifted: Measurement
    shifted_scaled: Measurement


def expected_calibration_error(
    predictions: Predictions, *, confidence_level: float = 0.95
) -> Measurement:
    """Return the expected calibration error: the mean distance of confidence and accuracy.

    Bins have equal mass. Their number is the cube root of the number of cases, at most 15. Plain
    estimates are too high where cases are few (Roelofs et al. 2022), so this one is corrected for
    the noise of the bins. The value is from 0 to 1; the interval is an inverted parametric
    bootstrap.

    Raises:
        NoDataError: no prediction, or a model that gives no probabilities.
    """
    return _calibration_error(counted(predictions), confidence_level)


def calibration_gap(
    *, reference: Predictions, shifted: Predictions, confidence_level: float = 0.95
) -> Measurement:
    """Return the expected calibration error on shifted cases minus that on reference cases.

    The value is from -1 to 1. The interval joins the two intervals (Zou & Donner 2008) with the
    correlation that the shared records give them.

    Raises:
        NoDataError: no prediction on a side, or a model that gives no probabilities.
    """
    reference, shifted = counted(reference), counted(shifted)
    before, after = _error(reference), _error(shifted)
    correlation = _correlation(before, reference.firsts, after, shifted.firsts)
    interval_at = partial(_joined, after, before, correlation)
    value = after.value - before.value
    return measured(
        "calibration gap", value, interval_at, shifted, confidence_level, bounds=(-1.0, 1.0)
    )


def brier_score(predictions: Predictions, *, confidence_level: float = 0.95) -> Brier:
    """Return the mean squared distance of confidence and outcome (Brier 1950), and its parts.

    All are from 0 to 1; a lower score is better. Reliability is the error of calibration,
    resolution the spread of accuracy between bins, uncertainty the variance of right and wrong.

    Raises:
        NoDataError: no prediction, or a model that gives no probabilities.
    """
    predictions = counted(predictions)
    sure, right = sureness(predictions)
    score = _mean("Brier score", (sure - right) ** 2, predictions, confidence_level)
    base = float(right.mean())
    bins = _bins(sure, right)
    reliability = sum(b.n * (b.confidence - b.accuracy) ** 2 for b in bins) / len(sure)
    resolution = sum(b.n * (b.accuracy - base) ** 2 for b in bins) / len(sure)
    return Brier(score, reliability, resolution, base * (1 - base))


def log_loss(predictions: Predictions, *, confidence_level: float = 0.95) -> Measurement:
    """Return the mean negative log-likelihood of the outcomes, in nats.

    Confidence is clipped at 1e-6, so the value is at most 13.8.

    Raises:
        NoDataError: no prediction, or a model that gives no probabilities.
    """
    predictions = counted(predictions)
    sure, right = sureness(predictions)
    sure = np.clip(sure, _LEAST, 1 - _LEAST)
    losses = -np.where(right == 1, np.log(sure), np.log1p(-sure))
    greatest = -math.log(_LEAST)
    return _mean("negative log-likelihood", losses, predictions, confidence_level, greatest)


def freedom_from_error(predictions: Predictions, *, confidence_level: float = 0.95) -> Measurement:
    """Return one minus the expected calibration error: the most by which the error can grow.

    Raises:
        NoDataError: no prediction, or a model that gives no probabilities.
    """
    error = expected_calibration_error(predictions, confidence_level=confidence_level)
    low, high = error.interval
    return replace(
        error,
        name="one minus the calibration error",
        value=1 - error.value,
        interval=(1 - high, 1 - low),
        interval_at=None,
        interval_with=None,
    )


def temperature_scaling(
    *, reference: Predictions, shifted: Predictions, confidence_level: float = 0.95
) -> Scaling:
    """Return the calibration errors before and after scaling confidence by one temperature.

    The temperature is fitted on the reference cases. Confidence c becomes ``sigmoid(logit(c) /
    temperature)`` (Guo et al. 2017). This mends reference cases; under shift it does not transfer
    (Ovadia et al. 2019).

    Raises:
        NoDataError: no prediction on a side, or a model that gives no probabilities.
    """
    reference, shifted = counted(reference), counted(shifted)
    temperature = fit_temperature(*sureness(reference))
    return Scaling(
        temperature,
        _calibration_error(reference, confidence_level),
        _calibration_error(reference, confidence_level, temperature),
        _calibration_error(shifted, confidence_level),
        _calibration_error(shifted, confidence_level, temperature),
    )


def fit_temperature(sure: Floats, right: Floats) -> float:
    """Return the temperature of the least negative log-likelihood, from 0.02 to 50."""

    def loss(log_temperature: float) -> float:
        p = np.clip(scaled(sure, math.exp(log_temperature)), _LEAST, 1 - _LEAST)
        return float(-np.where(right == 1, np.log(p), np.log1p(-p)).mean())

    ends = tuple(map(math.log, _TEMPERATURES))
    return math.exp(minimize_scalar(loss, bounds=ends, method="bounded").x)


def scaled(sure: Floats, temperature: float) -> Floats:
    """Return confidences under a temperature: above 1 they are less sure, below 1 surer."""
    sure = np.clip(sure, _LEAST, 1 - _LEAST)
    logits = np.log(sure) - np.log1p(-sure)
    out: Floats = 1 / (1 + np.exp(-logits / temperature))
    return out


def reliability(predictions: Predictions) -> list[Bin]:
    """Return the points of a reliability diagram, one for each bin of equal mass."""
    return _bins(*sureness(counted(predictions)))


def _bins(sure: Floats, right: Floats) -> list[Bin]:
    order = np.argsort(sure, kind="stable")
    parts = np.split(order, edges(sure[order])[:-1])
    return [Bin(float(sure[part].mean()), float(right[part].mean()), len(part)) for part in parts]


def _error(predictions: Counted, temperature: float | None = None) -> BinnedError | OneBin:
    """Return the calibration error as the model is, or under a temperature."""

    def error() -> BinnedError | OneBin:
        sure, right = sureness(predictions)
        said = sure if temperature is None else scaled(sure, temperature)
        return binned_error(said, right, predictions.records)

    return predictions.once(("calibration error", temperature), error)


def _calibration_error(
    predictions: Counted, confidence_level: float, temperature: float | None = None
) -> Measurement:
    error = _error(predictions, temperature)
    name = "expected calibration error"
    return measured(name, error.value, error.interval, predictions, confidence_level)


def _correlation(
    first: BinnedError | OneBin,
    records: Sequence[str],
    second: BinnedError | OneBin,
    other_records: Sequence[str],
) -> float:
    """Return the correlation of two errors' noise, by the records that both rest on."""
    pulls = dict(zip(records, first.pulls.tolist(), strict=True))
    shared = np.array([pulls.get(record, 0.0) for record in other_records])
    both = shared @ second.pulls
    size = float(np.linalg.norm(first.pulls) * np.linalg.norm(second.pulls))
    return float(both) / size if size else 0.0


def _joined(
    first: BinnedError | OneBin,
    second: BinnedError | OneBin,
    correlation: float,
    confidence_level: float,
    times: float = 1.0,
) -> Interval:
    """Return the interval for first minus second, from the interval of each.

    An error that may be 0 counts as 0 at the end where that matters: an estimate at its bound is
    too high on average, and the method of recovered variances takes it to be unbiased.
    """
    ends, other_ends = (one.interval(confidence_level, times) for one in (first, second))
    low, high = recovered(first.value, ends, second.value, other_ends, correlation=correlation)
    if ends[0] <= 0:
        low = min(low, ends[0] - other_ends[1])
    if other_ends[0] <= 0:
        high = max(high, ends[1] - other_ends[0])
    return low, high


def _mean(
    name: str, values: Floats, predictions: Counted, confidence_level: float, greatest: float = 1.0
) -> Measurement:
    """Return the mean of values from 0 to ``greatest``, with the interval of a rate.

    Values that are 0 or ``greatest`` vary most, so the interval is long enough for all others. The
    bootstrap's is too short where one value in a hundred makes the mean.
    """
    rate = rate_by_record(values / greatest, np.ones(len(values)), predictions)
    interval_at = partial(_stretched, rate.interval, greatest)
    value, bounds = float(values.mean()), (0.0, greatest)
    return measured(name, value, interval_at, predictions, confidence_level, bounds=bounds)


def _stretched(
    rate_at: IntervalOf, greatest: float, confidence_level: float, times: float = 1.0
) -> Interval:
    low, high = rate_at(confidence_level, times)
    return greatest * low, greatest * high
