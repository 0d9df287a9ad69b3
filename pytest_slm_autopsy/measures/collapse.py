"""Signs of collapse: one answer for all documents, loops, cut-off and copied answers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.measures.counted import (
    Counted,
    comparable,
    counted,
    difference_by_record,
    measured,
    rate,
)
from pytest_slm_autopsy.records import Case, Interval, Measurement, Prediction, Value
from pytest_slm_autopsy.statistics.clustered import LargestDifference
from pytest_slm_autopsy.statistics.intervals import IntervalOf

Counts = NDArray[np.int64]

_SEEN: Final = 8  # last characters of an answer, looked for earlier in it
_SHORTEST_LOOP: Final = 24
_TIMES: Final = 4
_CANDIDATES: Final = 5
_CLOSERS: Final = "\"'`}] \n\r\t,"


def commonest_answer(predictions: Sequence[Prediction]) -> tuple[str, int]:
    """Return the answer given most often, and the number of times."""
    return Counter(p.raw for p in counted(predictions)).most_common(1)[0]


def excess_repetition(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Measurement:
    """Return the share of answers that are wrong and recur, less the share that truths recur.

    Ten identical answers to ten different documents are a dead model, whatever their parse rate;
    ten identical answers to ten identical truths are fine. The commonest wrong answers, as many as
    exceed their due most, are compared with as many of the commonest truths. The value is 0 where
    none exceeds its due.
    """
    predictions = counted(predictions)
    given, true, _ = _coded(predictions.truths, _answers(predictions))
    given[predictions.right] = -1
    counts, dues = (np.bincount(codes[codes >= 0]) for codes in (given, true))
    ranks, due_ranks = (_ranks(each) for each in (counts, dues))
    ranked, due = np.sort(counts)[::-1], np.sort(dues)[::-1]
    ranked = ranked[ranked > 0]
    due = np.resize(np.append(due, np.zeros(len(ranked), dtype=np.int64)), len(ranked))
    found = [
        _Excess(
            str(most),
            np.where(given >= 0, ranks[given] < most, False).astype(np.int8)
            - (due_ranks[true] < most),
            _recurring(dues),
        )
        for most in 1 + _likeliest(np.cumsum(ranked - due), np.cumsum(ranked + due))
    ]
    return largest("repeated answers", found, _recurring(counts), predictions, confidence_level)


def same_answer(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Measurement:
    """Return the excess of one answer: its share minus the share that the truths give it.

    The answer is the one with the largest excess. Its due share is that of the cases of which it is
    true; an answer that is never true is due the share of the commonest truth. The value is 0 for a
    model that is right.
    """
    predictions = counted(predictions)
    found, of = _excesses("", predictions.truths, _answers(predictions))
    return largest("same answer", found, of, predictions, confidence_level)


def constant_field(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> tuple[Measurement, str, str]:
    """Return the excess of one value of one field, the field's name, and the value.

    The measurement is as in ``same_answer``, for the field and value of the largest excess. Null is
    not counted as a value: a field that is left out is omitted, not collapsed.

    Raises:
        NoDataError: no prediction, or no case asks for a field.
    """
    predictions = counted(predictions)
    if not predictions.fields:
        raise NoDataError("no case asks for a field, so none can be constant; give truths")
    found: list[_Excess] = []
    chosen_of = 0
    asked = [p.case.truth for p in predictions]
    answered = {place: p.fields or {} for place, p in predictions.wrong.items()}
    for name in predictions.fields:
        truths = [truth.get(name) for truth in asked]
        answers = {place: fields.get(name) for place, fields in answered.items()}
        try:
            of_field, of = _excesses(name, truths, answers)
        except TypeError:  # the rows of a table are a list, which has no hash
            plain = {place: _plain(answer) for place, answer in answers.items()}
            of_field, of = _excesses(name, [_plain(truth) for truth in truths], plain)
        found, chosen_of = [*found, *of_field], chosen_of + of
    if found:
        sizes = (
            np.array([one.excess for one in found]),
            np.array([one.differing for one in found]),
        )
        found = [found[place] for place in _likeliest(*sizes)]
    worst = max(
        found, key=lambda one: one.excess, default=_Excess(predictions.fields[0], np.zeros(0), 1)
    )
    title = f"same value of {worst.name}"
    measurement = largest(title, found, chosen_of, predictions, confidence_level)
    return measurement, worst.name, "" if worst.value is None else str(worst.value)


def looping(predictions: Sequence[Prediction], *, confidence_level: float = 0.95) -> Measurement:
    """Return the share of answers that are wrong and repeat one stretch of text until their end.

    The stretch occurs at least four times, over at least 24 characters; closing quotes and brackets
    may follow.
    """
    predictions = counted(predictions)
    loops = [
        not right and _loops(p.raw) for p, right in zip(predictions, predictions.right, strict=True)
    ]
    return rate("looping answers", loops, predictions, confidence_level)


def cut_off(predictions: Sequence[Prediction], *, confidence_level: float = 0.95) -> Measurement:
    """Return the share of answers that did not end: stopped at the length limit, or broken off."""
    predictions = counted(predictions)
    stopped = [p.finish != "stop" for p in predictions]
    return rate("cut-off answers", stopped, predictions, confidence_level)


def training_copies(
    predictions: Sequence[Prediction], training: Sequence[Case], *, confidence_level: float = 0.95
) -> Measurement:
    """Return the share of answers that are wrong copies of the truth of a training case.

    An answer that is also the truth of an asked case does not count: it may be a mistake instead of
    a copy.

    Raises:
        NoDataError: no prediction, or no training case.
    """
    if not training:
        raise NoDataError("there are no training cases to compare with; give at least one")
    predictions = counted(predictions)
    learnt = {comparable(case.truth) for case in training} - set(predictions.truths)
    copies = [answer in learnt for answer in predictions.answers]
    return rate("copied training answers", copies, predictions, confidence_level)


def difference(
    name: str, outcomes: ArrayLike, predictions: Counted, confidence_level: float
) -> Measurement:
    """Return the mean of paired outcomes that are -1, 0 or 1."""
    found = difference_by_record(outcomes, predictions)
    value = float(np.asarray(outcomes, float).mean())
    return measured(name, value, found.interval, predictions, confidence_level, bounds=(-1.0, 1.0))


@dataclass(frozen=True, eq=False)
class _Excess:
    """An answer given more often than is its due, as paired outcomes: given minus due.

    ``dues`` is the number of truths from which the due one was chosen as the commonest.
    """

    name: str
    outcomes: NDArray[Any]
    dues: int
    value: Hashable = None

    @property
    def excess(self) -> int:
        """Return how often the answer is given beyond its due."""
        return int(self.outcomes.sum(dtype=np.int64))

    @property
    def differing(self) -> int:
        """Return the number of predictions that differ from their due."""
        return int(np.count_nonzero(self.outcomes))


def largest(
    name: str,
    found: Sequence[_Excess],
    chosen_of: int,
    predictions: Counted,
    confidence_level: float,
) -> Measurement:
    """Return the largest excess, and 0 if none is above 0; the data choose it."""
    if not found:
        return difference(name, np.zeros(len(predictions)), predictions, confidence_level)
    each = [(difference_by_record(one.outcomes, predictions), one.dues) for one in found]
    value = max(0.0, *(one.excess / len(predictions) for one in found))
    interval_at = partial(_from_nothing, LargestDifference(each, chosen_of).interval)
    return measured(name, value, interval_at, predictions, confidence_level, bounds=(-1.0, 1.0))


def _from_nothing(interval_at: IntervalOf, confidence_level: float, times: float = 1.0) -> Interval:
    """Return an interval of a difference that counts as 0 where it is below."""
    low, high = interval_at(confidence_level, times)
    return low, max(high, 0.0)


def _answers(predictions: Counted) -> dict[int, Hashable]:
    """Return the wrong answers by their place."""
    return {place: predictions.answers[place] for place in predictions.wrong}


def _excesses(
    name: str, truths: Sequence[Hashable], wrong: Mapping[int, Hashable]
) -> tuple[list[_Excess], int]:
    """Return the answers that may exceed their due most, and the number of those that recur."""
    given, true, values = _coded(truths, wrong)
    kinds = len(values)
    counts, dues = (np.bincount(codes[codes >= 0], minlength=kinds) for codes in (given, true))
    if not counts.any():
        return [], 1
    due = np.where(dues > 0, np.arange(kinds), np.argmax(dues))
    spoken = np.flatnonzero(counts)
    excess, differing = (counts - dues[due])[spoken], (counts + dues[due])[spoken]
    found = [
        _Excess(
            name,
            (given == code).astype(np.int8) - (true == due[code]),
            1 if due[code] == code else _recurring(dues),
            values[code],
        )
        for code in spoken[_likeliest(excess, differing)].tolist()
    ]
    return found, _recurring(counts)


def _likeliest(excess: Counts, differing: Counts) -> Counts:
    """Return the places of the few differences that may be the largest.

    They are the largest ones, with two standard errors or without.
    """
    beyond = np.argsort(-(excess + 2 * np.sqrt(differing)), kind="stable")[:_CANDIDATES]
    return np.union1d(np.argsort(-excess, kind="stable")[:1], beyond)


def _coded(
    truths: Sequence[Hashable], wrong: Mapping[int, Hashable]
) -> tuple[Counts, Counts, list[Hashable]]:
    """Return answers and truths as numbers, the same for the same, and what each number means.

    ``None`` is -1. ``wrong`` holds the wrong answers by their place; the others are their truths.
    """
    values = dict.fromkeys(chain(truths, wrong.values()))
    values.pop(None, None)
    numbers: dict[Hashable, int] = {value: number for number, value in enumerate(values)}
    numbers[None] = -1
    true = np.fromiter(map(numbers.__getitem__, truths), np.int64, len(truths))
    given = true.copy()
    given[list(wrong)] = [numbers[answer] for answer in wrong.values()]
    return given, true, list(values)


def _ranks(counts: Counts) -> Counts:
    """Return the place of each count among all, 0 for the largest."""
    return np.argsort(np.argsort(-counts, kind="stable"), kind="stable")


def _recurring(counts: Counts) -> int:
    """Return the number of values that recur, at least 1: of others none can be in excess."""
    return max(1, int((counts > 1).sum()))


def _loops(text: str) -> bool:
    return any(_repeats_to_the_end(end) for end in {text, text.rstrip(_CLOSERS)})


def _repeats_to_the_end(text: str) -> bool:
    end = len(text)
    before = text.rfind(text[-_SEEN:], 0, end - 1)
    period = end - _SEEN - before
    if before < 0 or end < _SHORTEST_LOOP:
        return False
    run = max(_SHORTEST_LOOP, _TIMES * period)
    return run <= end and text[end - run + period :] == text[end - run : end - period]


def _plain(value: Value) -> Hashable:
    return value if value is None or isinstance(value, str) else json.dumps(value, sort_keys=True)
