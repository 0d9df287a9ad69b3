"""Variety of the answers beside the truths': distinct values, entropy, and spread of numbers."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from pytest_slm_autopsy.measures.collapse import difference
from pytest_slm_autopsy.measures.counted import Counted, counted, measured, rate
from pytest_slm_autopsy.notation.meaning import money
from pytest_slm_autopsy.records import Measurement, Prediction, Value
from pytest_slm_autopsy.statistics.resampling import Statistic, bootstrap

MOST_ANSWERS: Final = 4000
"""Largest number of predictions used for the variety; of more, a sample is drawn."""
_RESAMPLES: Final = 1000  # no gate judges these numbers
_NUMERIC: Final = 0.9  # share of a field's true values that must read as numbers
_HUGE: Final = 1e100
_LOOKED_AT: Final = 50  # values read first: most text fields are ruled out by them

Floats = NDArray[np.float64]


def variety(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95, seed: int = 0
) -> list[Measurement]:
    """Return two shares: of the truths' distinct values kept, and of their entropy (Shannon 1948).

    Each is that of the answers over that of the truths, at most 1. The intervals are a bootstrap
    over records, of at most 4,000 predictions drawn by ``seed``. The list is empty where all truths
    are alike: they have no variety to keep.
    """
    predictions = _sample(counted(predictions), seed)
    truths = predictions.truths
    if len(set(truths)) == 1:
        return []
    of_answers, of_truths = _groups(predictions.answers), _groups(truths)
    found = []
    for name, of in (("distinct answers kept", _distinct), ("entropy kept", _entropy)):
        kept = bootstrap(
            _ratio(of, of_answers, of_truths), predictions.records, resamples=_RESAMPLES
        )
        found.append(measured(name, kept.value, kept.interval, predictions, confidence_level))
    return found


def _sample(predictions: Counted, seed: int) -> Counted:
    if len(predictions) <= MOST_ANSWERS:
        return predictions
    chosen = np.random.default_rng(seed).choice(len(predictions), MOST_ANSWERS, replace=False)
    return Counted(predictions[place] for place in sorted(chosen))


def numbers_of(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95, seed: int = 0
) -> list[Measurement]:
    """Return three measurements for every numeric field: spread, values at the edge, out of range.

    A field is numeric where nine in ten of its true values read as numbers, and these differ. Of
    more than 4,000 predictions so many are drawn by ``seed``.

    * spread kept: the answers' standard deviation over the truths', at most 1; the interval is a
      bootstrap;
    * values at the edge: share of answers that are the least or the greatest number answered, minus
      the share of truths that are. A clipped or constant output has many;
    * values out of range: share of the answered numbers that are below the least or above the
      greatest truth.
    """
    predictions = _sample(counted(predictions), seed)
    found: list[Measurement] = []
    for name in predictions.fields:
        stated = [p for p in predictions if p.case.truth.get(name) is not None]
        if not _numeric(stated[:_LOOKED_AT], name) or not _numeric(stated, name):
            continue
        truths = np.array([_number(p.case.truth[name]) for p in stated], dtype=float)
        known = np.isfinite(truths)
        if np.ptp(truths[known]) == 0:
            continue
        rows = Counted(p for p, is_known in zip(stated, known, strict=True) if is_known)
        answers = np.array([_number((p.fields or {}).get(name)) for p in rows], dtype=float)
        found += _field_numbers(name, rows, answers, truths[known], confidence_level)
    return found


def _field_numbers(
    name: str, rows: Counted, answers: Floats, truths: Floats, confidence_level: float
) -> list[Measurement]:
    read = np.isfinite(answers)
    if not read.any():
        return []
    centre = truths.mean()
    spread = _deviation(truths - centre, np.ones_like(truths))
    answered = _deviation(np.where(read, answers - centre, 0.0), read.astype(float))
    kept = bootstrap(
        lambda weights: _kept(answered(weights), spread(weights)),
        rows.records,
        resamples=_RESAMPLES,
    )
    ends = {answers[read].min(), answers[read].max()}
    at_edge = [int(a in ends) - int(t in ends) for a, t in zip(answers, truths, strict=True)]
    outside = (answers[read] < truths.min()) | (answers[read] > truths.max())
    numeric = Counted(p for p, is_number in zip(rows, read, strict=True) if is_number)
    return [
        measured(f"spread of {name} kept", kept.value, kept.interval, rows, confidence_level),
        difference(f"values of {name} at the edge", at_edge, rows, confidence_level),
        rate(f"values of {name} out of range", outside.tolist(), numeric, confidence_level),
    ]


def _numeric(stated: Sequence[Prediction], name: str) -> bool:
    numbers = [not math.isnan(_number(p.case.truth[name])) for p in stated]
    return bool(numbers) and sum(numbers) >= _NUMERIC * len(numbers)


def _number(value: Value) -> float:
    """Return the number that a text most plainly states, or NaN."""
    if not isinstance(value, str):
        return math.nan
    try:
        found = float(value)
    except ValueError:
        found = float(min(money(value), default=math.nan))
    return found if abs(found) < _HUGE else math.nan


def _ratio(of: Statistic, of_answers: Statistic, of_truths: Statistic) -> Statistic:
    return lambda weights: _kept(of(of_answers(weights)), of(of_truths(weights)))


def _groups(labels: Sequence[Hashable]) -> Statistic:
    """Return a function that sums weights of shape (rows, n) by label, to (rows, labels)."""
    numbers: dict[Hashable, int] = {}
    places = np.array([numbers.setdefault(label, len(numbers)) for label in labels])
    order = np.argsort(places, kind="stable")
    starts = np.searchsorted(places[order], np.arange(len(numbers)))
    return lambda weights: np.add.reduceat(weights[:, order], starts, axis=1)


def _distinct(sums: Floats) -> Floats:
    return np.asarray((sums > 0).sum(1), dtype=float)


def _entropy(sums: Floats) -> Floats:
    return np.asarray(entr(sums / sums.sum(1, keepdims=True)).sum(1))


def _deviation(values: Floats, counting: Floats) -> Statistic:
    """Return a function from weights to the standard deviation of the values that count."""

    def deviation(weights: Floats) -> Floats:
        n = weights @ counting
        with np.errstate(invalid="ignore", divide="ignore"):
            mean, square = weights @ values / n, weights @ values**2 / n
        return np.sqrt(np.maximum(square - mean**2, 0.0))

    return deviation


def _kept(answered: Floats, true: Floats) -> Floats:
    ratio = np.divide(answered, true, out=np.full_like(answered, np.nan), where=true > 0)
    return np.minimum(ratio, 1.0)
