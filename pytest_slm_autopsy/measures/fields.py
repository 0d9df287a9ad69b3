"""Precision, recall and F1 of each field, and their means over fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.measures.counted import Counted, counted, measured, rate_by_record
from pytest_slm_autopsy.measures.error_categories import Kinds, blank, declines
from pytest_slm_autopsy.measures.kinds import known_kinds
from pytest_slm_autopsy.notation.meaning import same_meaning
from pytest_slm_autopsy.records import Measurement, Prediction, Value, legible
from pytest_slm_autopsy.statistics.resampling import bootstrap

Counts = NDArray[np.int64]

_TRUE_POSITIVE: Final = 0
_FALSE_POSITIVE: Final = 1
_FALSE_NEGATIVE: Final = 2


@dataclass(frozen=True, slots=True)
class FieldScore:
    """Precision, recall and F1 of one field; each is ``None`` where it is undefined.

    ``precision`` is the share of the answered values that are right. ``recall`` is the share of the
    true values that were answered rightly. ``f1`` is their harmonic mean. ``stated`` and
    ``answered`` count the values in the truths and in the answers.
    """

    precision: Measurement | None
    recall: Measurement | None
    f1: Measurement | None
    stated: int
    answered: int


def field_scores(
    predictions: Sequence[Prediction],
    kinds: Kinds | None = None,
    *,
    confidence_level: float = 0.95,
) -> dict[str, FieldScore]:
    """Return precision, recall and F1 (van Rijsbergen 1979) of each asked field.

    A wrong value is both a false positive and a false negative, as in slot filling (Makhoul et al.
    1999). Null where null is true counts nowhere. Values are compared verbatim; those of fields in
    ``kinds`` are compared as meant. Intervals are clustered by record.

    Raises:
        NoDataError: there are no predictions, or all are of ambiguous cases.
        ConfigError: a kind that does not exist, or of a field that no case asks for.

    Example:
        >>> from pytest_slm_autopsy import Case, Prediction
        >>> case = Case("1", "", {"total": "9", "due": None})
        >>> score = field_scores([Prediction(case, "m", "", {"total": "9", "due": "May"})])
        >>> score["total"].f1.value, score["due"].precision.value, score["due"].recall
        (1.0, 0.0, None)
    """
    predictions = counted(predictions)
    names, counts = _counts(predictions, kinds)
    share = partial(_share, predictions, confidence_level)
    scores = {}
    for place, name in enumerate(names):
        hits, false, missed = counts[:, place].T
        scores[name] = FieldScore(
            share(f"precision of {name}", hits, hits + false),
            share(f"recall of {name}", hits, hits + missed),
            share(f"F1 of {name}", 2 * hits, 2 * hits + false + missed),
            int((hits + missed).sum()),
            int((hits + false).sum()),
        )
    return scores


def micro_f1(
    predictions: Sequence[Prediction],
    kinds: Kinds | None = None,
    *,
    confidence_level: float = 0.95,
) -> Measurement:
    """Return F1 over all values together; values of keys not asked for are false positives.

    Raises:
        NoDataError: no prediction, or no field is stated in a truth or an answer.
        ConfigError: a kind that does not exist, or of a field that no case asks for.
    """
    predictions = counted(predictions)
    _, counts = _counts(predictions, kinds)
    hits, false, missed = counts.sum(1).T
    sizes = 2 * hits + false + missed
    found = _share(predictions, confidence_level, "micro F1", 2 * hits, sizes)
    if found is None:
        raise _nothing_stated()
    return found


def macro_f1(
    predictions: Sequence[Prediction],
    kinds: Kinds | None = None,
    *,
    confidence_level: float = 0.95,
) -> Measurement:
    """Return the mean of the asked fields' F1, each field with the same weight.

    A field that no truth states and no answer gives has no F1 and is left out. The interval is a
    bootstrap over records.

    Raises:
        NoDataError: no prediction, or no field is stated in a truth or an answer.
        ConfigError: a kind that does not exist, or of a field that no case asks for.
    """
    predictions = counted(predictions)
    names, counts = _counts(predictions, kinds)
    of_fields = counts[:, : len(names)]
    top = 2 * of_fields[:, :, _TRUE_POSITIVE]
    bottom = top + of_fields[:, :, _FALSE_POSITIVE] + of_fields[:, :, _FALSE_NEGATIVE]
    if not bottom.any():
        raise _nothing_stated()
    top, bottom, times = _alike(top, bottom, predictions)

    def macro(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        hits, sizes = weights @ top, weights @ bottom
        f1 = np.divide(hits, sizes, out=np.zeros_like(hits), where=sizes > 0)
        scored = (sizes > 0).sum(1)
        return np.where(scored > 0, f1.sum(1) / np.maximum(scored, 1), np.nan)

    resampled = bootstrap(macro, times)
    return measured(
        "macro F1", resampled.value, resampled.interval, predictions, confidence_level
    )  # fmt: skip


def _alike(top: Counts, bottom: Counts, predictions: Counted) -> tuple[Counts, Counts, Counts]:
    """Return the different counts of records, and how many records have each: most are alike."""
    sums = np.concatenate([top, bottom], axis=1)
    if not predictions.independent:
        alone, sums = sums, np.zeros((len(predictions.firsts), sums.shape[1]), dtype=np.int64)
        np.add.at(sums, predictions.numbers, alone)
    kinds, times = np.unique(sums, axis=0, return_counts=True)
    return kinds[:, : top.shape[1]], kinds[:, top.shape[1] :], times


def _nothing_stated() -> NoDataError:
    return NoDataError("no field is stated in a truth or an answer, so F1 is undefined")


def _counts(predictions: Counted, kinds: Kinds | None) -> tuple[list[str], Counts]:
    """Return the asked fields, and the count of each outcome.

    The counts have the shape (predictions, fields + 1, 3): the last field stands for all keys that
    were not asked for, and the last axis holds true positives, false positives and false negatives.
    """
    kinds = known_kinds(kinds, predictions)
    return predictions.once(
        ("counts", frozenset(kinds.items())), lambda: _counted(predictions, kinds)
    )


def _counted(predictions: Counted, kinds: Kinds) -> tuple[list[str], Counts]:
    names = predictions.fields
    places = {name: place for place, name in enumerate(names)}
    cells: tuple[list[int], ...] = ([], [], [])
    width = len(names) + 1
    for start, prediction in enumerate(predictions):
        fields, truth = prediction.fields or {}, prediction.case.truth
        if fields == truth:
            stated = (places[name] for name, value in truth.items() if not blank(value))
            cells[_TRUE_POSITIVE].extend(start * width + place for place in stated)
            continue
        for name in {**truth, **fields}:
            at = start * width + places.get(name, len(names))
            for outcome in _outcomes(truth.get(name), fields.get(name), kinds.get(name)):
                cells[outcome].append(at)
    total = len(predictions) * width
    each = [np.bincount(np.array(one, dtype=np.int64), minlength=total) for one in cells]
    return names, np.stack(each, axis=-1).reshape(len(predictions), width, 3)


def _outcomes(truth: Value, answer: Value, kind: str | None) -> tuple[int, ...]:
    if blank(truth):
        return () if declines(answer) else (_FALSE_POSITIVE,)
    if answer == truth or legible(answer) == legible(truth):
        return (_TRUE_POSITIVE,)
    if declines(answer):
        return (_FALSE_NEGATIVE,)
    if kind is not None and same_meaning(truth, answer, kind):
        return (_TRUE_POSITIVE,)
    return (_FALSE_POSITIVE, _FALSE_NEGATIVE)


def _share(
    predictions: Counted, confidence_level: float, name: str, tops: Counts, bottoms: Counts
) -> Measurement | None:
    if not bottoms.any():
        return None
    found = rate_by_record(tops, bottoms, predictions)
    return measured(name, found.rate, found.interval, predictions, confidence_level)
