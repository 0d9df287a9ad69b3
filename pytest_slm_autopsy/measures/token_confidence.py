"""Confidence from token probabilities: of an answer, of a field, of right and wrong answers."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import partial
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.measures.counted import Counted, counted, measured
from pytest_slm_autopsy.records import Measurement, Prediction
from pytest_slm_autopsy.statistics.intervals import welch

Floats = NDArray[np.float64]

_ROUNDED: Final = 1e-6
"""The most by which the logarithm of a probability may be above 0, by rounding."""


def confidence(prediction: Prediction) -> float:
    """Return the geometric mean of the probabilities of the answer's tokens, from 0 to 1.

    Tokens before and after the answer, such as reasoning, or what is written where the model should
    have stopped, do not count.

    Raises:
        NoDataError: the model gave no probabilities, or an invalid one.
    """
    if not prediction.logprobs:
        why = f" ({prediction.how})" if prediction.how else ""
        raise NoDataError(
            f"model {prediction.model!r} gave no token probabilities for case "
            f"{prediction.case.id!r}{why}, so its confidence is unknown"
        )
    return _geometric_mean(answer_logprobs(prediction), prediction)


def answer_logprobs(prediction: Prediction) -> Sequence[float]:
    """Return the log-probabilities of the tokens of the answer; empty where there are none."""
    span = prediction.span
    inside = _inside(prediction, span) if span and prediction.token_ends else []
    return inside or prediction.logprobs or ()


def probability(logprob: float) -> float:
    """Return the probability of which this is the natural logarithm; 0 where it is of none."""
    return math.exp(min(logprob, 0.0)) if logprob <= _ROUNDED else 0.0


def field_confidence(prediction: Prediction, name: str) -> float | None:
    """Return the geometric mean of the token probabilities of one field's value.

    It is ``None`` where the answer lacks the field, or the model gave no probabilities.

    Raises:
        NoDataError: the model gave an invalid probability.
    """
    start, end = prediction.span or (0, len(prediction.raw))
    span = value_spans(prediction.raw[start:end]).get(name)
    if span is None or not prediction.logprobs or not prediction.token_ends:
        return None
    inside = _inside(prediction, (start + span[0], start + span[1]))
    return _geometric_mean(inside, prediction) if inside else None


def _inside(prediction: Prediction, span: tuple[int, int]) -> list[float]:
    """Return the log-probabilities of the tokens that share a character with a place."""
    ends = prediction.token_ends or ()
    tokens = zip(prediction.logprobs or (), (0, *ends[:-1]), ends, strict=True)
    return [logprob for logprob, begin, end in tokens if begin < span[1] and end > span[0]]


def value_spans(raw: str) -> dict[str, tuple[int, int]]:
    """Return the start and end of each key's value in the JSON object with which ``raw`` begins.

    Example:
        >>> value_spans('{"a": 1.5, "b": "x"}')
        {'a': (6, 9), 'b': (16, 19)}
    """
    decoder = json.JSONDecoder()
    spans: dict[str, tuple[int, int]] = {}
    at = _skip(raw, raw.find("{") + 1)
    try:
        while raw[at] == '"':
            key, at = scanstring(raw, at + 1)
            start = _skip(raw, raw.index(":", at) + 1)
            end = decoder.raw_decode(raw, start)[1]
            spans[key] = (start, end)
            at = _skip(raw, _skip(raw, end) + 1)  # over the comma
    except (ValueError, IndexError, RecursionError):
        pass  # the text breaks off; the values found before that count
    return spans


def mean_confidence(predictions: Sequence[Prediction]) -> float:
    """Return the mean confidence, from 0 to 1.

    Raises:
        NoDataError: no prediction, or a model that gives no probabilities.
    """
    return float(sureness(counted(predictions))[0].mean())


def confidence_drop(
    *, right: Sequence[Prediction], wrong: Sequence[Prediction], confidence_level: float = 0.95
) -> Measurement:
    """Return the mean confidence on right answers minus that on wrong ones.

    Near 0, confidence carries no signal. The interval is Welch's.

    Raises:
        NoDataError: no prediction on a side, or a model that gives no probabilities.
    """
    right, wrong = counted(right), counted(wrong)
    first, second = sureness(right)[0], sureness(wrong)[0]
    value = float(first.mean() - second.mean())
    interval_at = partial(welch, first, second)
    name = "confidence right - wrong"
    return measured(name, value, interval_at, wrong, confidence_level, bounds=(-1.0, 1.0))


def sureness(predictions: Counted) -> tuple[Floats, Floats]:
    """Return the confidence of each prediction, and 1 or 0 for right or wrong.

    Both arrays have the shape (n,).
    """
    return predictions.once(
        "sureness",
        lambda: (
            np.array([confidence(p) for p in predictions]),
            np.array(predictions.right, dtype=float),
        ),
    )


def _geometric_mean(logprobs: Sequence[float], prediction: Prediction) -> float:
    mean = sum(logprobs) / len(logprobs)
    if not mean <= _ROUNDED:  # also true for NaN
        raise NoDataError(
            f"model {prediction.model!r} gave token probabilities that are none for case "
            f"{prediction.case.id!r} (their mean logarithm is {mean:g}); logprobs are natural "
            "logarithms, at most 0"
        )
    return probability(mean)


def _skip(raw: str, at: int) -> int:
    while at < len(raw) and raw[at].isspace():
        at += 1
    return at
