"""Dependence of answers on their documents, by a permutation test."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from pytest_slm_autopsy.measures.counted import Counted, counted, measured
from pytest_slm_autopsy.notation.text import compared, texts_of
from pytest_slm_autopsy.records import Fields, Interval, Measurement, Prediction
from pytest_slm_autopsy.statistics.clustered import ClusteredRate
from pytest_slm_autopsy.statistics.resampling import permutation_p

MOST_CASES: Final = 256
"""Largest number of cases compared, every answer with every case; of more, a sample is drawn."""
DEPENDENCE_PERMUTATIONS: Final = 999

_GRAM: Final = 3
_LEAST: Final = 0.01  # below it even the truths fit any case, so closeness says nothing
_ROUNDING: Final = 1e-9

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dependence:
    """Dependence of the answers on their documents, and its p-value.

    ``measurement`` is 1 for answers as close to their documents as the truths are, and 0 for
    answers that could belong to any document. ``p_value`` is the share of deals of the answers to
    the cases in which they are at least as close as observed.
    """

    measurement: Measurement
    p_value: float


def input_dependence(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95, seed: int = 0
) -> Dependence | None:
    """Return the dependence of the answers on their documents (permutation test: Fisher 1935).

    An answer's closeness to a case is the share of its values' character 3-grams that stand in the
    case's text or truth; a shorter value counts as a whole. Its advantage is its closeness to its
    own case minus its mean closeness to all others. The measurement is the mean advantage of the
    answers over that of the truths, from -1 to 1. The permutation test deals the answers out to the
    cases 999 times. Both use one case of each record, at most 256, drawn by ``seed``.

    Returns:
        The dependence, or ``None`` where the cases cannot tell: a single record, or truths that are
            all alike.

    Raises:
        NoDataError: there are no predictions, or all are of ambiguous cases.
    """
    rng = np.random.default_rng(seed)
    sample = _sample(counted(predictions), rng)
    if len(sample) < 2:
        return None
    cases = [_in_case(prediction) for prediction in sample]
    close = _closeness([_in_answer(prediction) for prediction in sample], cases)
    ideal = _advantage(_closeness([_in_values(p.case.truth) for p in sample], cases))
    gained = _advantage(close)
    if ideal.mean() < _LEAST:
        return None

    value = float(np.clip(gained.sum() / ideal.sum(), -1, 1))
    whole = np.maximum(ideal, 0.0)
    worth = float(whole.sum() ** 2 / (whole @ whole))
    interval_at = partial(_as_rate, value, ClusteredRate.independent(max(value, 0) * worth, worth))
    measurement = measured(
        "dependence on the document", value, interval_at, sample, confidence_level,
        bounds=(-1.0, 1.0),
    )  # fmt: skip
    return Dependence(measurement, _p_value(close, rng))


def _as_rate(
    value: float, rate: ClusteredRate, confidence_level: float, times: float = 1.0
) -> Interval:
    """Return the interval of the share of documents that are read.

    Nothing varies more than answers of which each depends on its document wholly or not at all. The
    bootstrap's interval is far too short for the few documents of which hardly one is read.
    """
    low, high = rate.interval(confidence_level, times)
    return min(low, value), high


def _sample(predictions: Counted, rng: np.random.Generator) -> Counted:
    firsts = dict(zip(reversed(predictions.records), reversed(predictions), strict=True))
    one_each = list(firsts.values())[::-1]
    if len(one_each) <= MOST_CASES:
        return Counted(one_each)
    chosen = rng.choice(len(one_each), MOST_CASES, replace=False)
    return Counted(one_each[place] for place in sorted(chosen))


def _p_value(close: Floats, rng: np.random.Generator) -> float:
    n = len(close)
    order = rng.permuted(np.tile(np.arange(n), (DEPENDENCE_PERMUTATIONS, 1)), axis=1)
    dealt = close[np.arange(n), order].mean(1)
    return permutation_p(float(np.diag(close).mean()) - _ROUNDING, dealt)


def _advantage(close: Floats) -> Floats:
    own = np.diag(close)
    return np.asarray(own - (close.sum(1) - own) / (len(close) - 1))


def _closeness(answers: Sequence[set[str]], cases: Sequence[set[str]]) -> Floats:
    """Return the share of each answer's pieces that each case holds, of shape (answers, cases)."""
    columns: dict[str, int] = {}
    for answer in answers:
        for piece in answer:
            columns.setdefault(piece, len(columns))
    sizes = np.array([max(len(answer), 1) for answer in answers], dtype=float)
    held = _rows(answers, columns) @ _rows(cases, columns).T
    return np.asarray(held.toarray() / sizes[:, None], dtype=float)


def _rows(sets: Sequence[set[str]], columns: dict[str, int]) -> csr_array:
    places = [[columns[piece] for piece in one if piece in columns] for one in sets]
    ends = np.cumsum([0, *map(len, places)])
    flat = np.array([place for row in places for place in row], dtype=np.int64)
    return csr_array((np.ones(len(flat)), flat, ends), shape=(len(sets), max(len(columns), 1)))


def _in_case(prediction: Prediction) -> set[str]:
    text = compared(prediction.case.text)
    short = {word for word in re.findall(r"\w+", text) if len(word) < _GRAM}
    return _grams(text) | short | _in_values(prediction.case.truth)


def _in_answer(prediction: Prediction) -> set[str]:
    if prediction.fields is None:
        return _grams(compared(prediction.raw))
    return _in_values(prediction.fields)


def _in_values(fields: Fields) -> set[str]:
    texts = (compared(text) for value in fields.values() for text in texts_of(value))
    return {piece for text in texts for piece in _pieces(text)}


def _pieces(text: str) -> set[str]:
    return _grams(text) if len(text) >= _GRAM else {text} - {""}


def _grams(text: str) -> set[str]:
    return {text[at : at + _GRAM] for at in range(len(text) - _GRAM + 1)}
