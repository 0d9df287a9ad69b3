"""Whether the model knows when it is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.measures.accuracy import counted, described
from pytest_slm_autopsy.records import Measurement, Prediction
from pytest_slm_autopsy.statistics.intervals import bootstrap, welch

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of like confidence: their mean confidence and how many were right."""

    confidence: float
    accuracy: float
    n: int


def confidence(prediction: Prediction) -> float:
    """Geometric mean of the probabilities of the answer's tokens, from 0 to 1.

    Raises:
        NoDataError: the model gave no probabilities.
    """
    if not prediction.logprobs:
        raise NoDataError(
            f"model {prediction.model!r} gave no token probabilities for case "
            f"{prediction.case.id!r}, so its confidence is unknown"
        )
    return math.exp(sum(prediction.logprobs) / len(prediction.logprobs))


def field_confidence(prediction: Prediction, name: str) -> float | None:
    """Geometric mean over the tokens of one field's value; ``None`` if it is not in the answer."""
    value = (prediction.fields or {}).get(name, "")
    written = json.dumps(value, ensure_ascii=False)
    key = f"{json.dumps(name, ensure_ascii=False)}:"
    at = prediction.raw.find(key)
    start = prediction.raw.find(written, at + len(key))
    if at < 0 or start < 0 or not prediction.logprobs or not prediction.token_ends:
        return None
    ends = prediction.token_ends
    begins = (0, *ends[:-1])
    inside = [
        logprob
        for logprob, begin, end in zip(prediction.logprobs, begins, ends, strict=True)
        if begin < start + len(written) and end > start
    ]
    return math.exp(sum(inside) / len(inside)) if inside else None


def expected_calibration_error(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Measurement:
    """Mean distance of confidence and accuracy over ten bins of equal mass; bootstrap interval.

    Binned estimates are biased upwards when there are few cases (Roelofs et al. 2022).
    """
    predictions = counted(predictions)
    sure, right = _arrays(predictions)

    def error(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        return _ece(sure[rows], _pooled(sure, right, rows))

    interval = bootstrap(len(sure), error, confidence_level=confidence_level)
    value = float(error(np.arange(len(sure))[None])[0])
    name = "expected calibration error"
    return described(name, value, interval, predictions, confidence_level)


def mean_confidence(predictions: Sequence[Prediction]) -> float:
    """Mean confidence."""
    return float(_arrays(counted(predictions))[0].mean())


def confidence_drop(
    right: Sequence[Prediction], wrong: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Measurement:
    """Mean confidence on right answers minus that on wrong ones; near 0 it is no signal."""
    right, wrong = counted(right), counted(wrong)
    first, second = _arrays(right)[0], _arrays(wrong)[0]
    interval = welch(first, second, confidence_level=confidence_level)
    value = float(first.mean() - second.mean())
    return described("confidence right - wrong", value, interval, wrong, confidence_level)


def reliability(predictions: Sequence[Prediction]) -> list[Bin]:
    """The points of a reliability diagram, bins of equal mass."""
    sure, right = _arrays(counted(predictions))
    right = _pooled(sure, right, np.arange(len(sure))[None])[0]
    order = np.argsort(sure, kind="stable")
    parts = np.array_split(order, min(BINS, len(order)))
    return [Bin(float(sure[part].mean()), float(right[part].mean()), len(part)) for part in parts]


def _arrays(
    predictions: Sequence[Prediction],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sure = np.array([confidence(p) for p in predictions])
    return sure, np.array([p.correct for p in predictions], dtype=float)


def _ece(sure: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """One error a row of two (rows, n) arrays."""
    order = np.argsort(sure, axis=1, kind="stable")
    gap = np.take_along_axis(right, order, 1) - np.take_along_axis(sure, order, 1)
    parts = np.array_split(gap, min(BINS, gap.shape[1]), axis=1)
    distances: NDArray[np.float64] = sum(abs(part.sum(axis=1)) for part in parts) / gap.shape[1]
    return distances


def _pooled(
    sure: NDArray[np.float64], right: NDArray[np.float64], rows: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Equal confidences share their accuracy, so that no bin depends on the order of the cases."""
    values, group = np.unique(sure, return_inverse=True)
    place = group[rows] + len(values) * np.arange(len(rows))[:, None]
    counts = np.bincount(place.ravel(), minlength=len(values) * len(rows))
    sums = np.bincount(place.ravel(), weights=right[rows].ravel(), minlength=len(counts))
    shared: NDArray[np.float64] = (sums / np.maximum(counts, 1))[place]
    return shared
