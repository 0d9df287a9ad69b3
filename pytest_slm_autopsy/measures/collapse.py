"""Signs of collapse: one answer for all documents, loops, cut-off and copied answers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Sequence
from functools import partial
from typing import Final

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
from pytest_slm_autopsy.statistics.intervals import IntervalOf

_SEEN: Final = 8  # last characters of an answer, looked for earlier in it
_SHORTEST_LOOP: Final = 24
_TIMES: Final = 4
_CLOSERS: Final = "\"'`}] \n\r\t,"


def commonest_answer(predictions: Sequence[Prediction]) -> tuple[str, int]:
    """Return the answer given most often, and the number of times."""
    return Counter(p.raw for p in counted(predictions)).most_common(1)[0]


def excess_repetition(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Measurement:
    """Return the share of answers that are wrong and recur across cases, oftener than truths do.

    Ten identical answers to ten different documents are a dead model, whatever their parse rate;
    ten identical answers to ten identical truths are fine. A wrong answer counts where it stands
    for different truths, and for more records than share the commonest truth.
    """
    predictions = counted(predictions)
    answers, truths = predictions.answers, predictions.truths
    wrong_for: dict[Hashable, set[str]] = {}
    instead_of: dict[Hashable, set[Hashable]] = {}
    true_of: dict[Hashable, set[str]] = {}
    wrong = [not right for right in predictions.right]
    rows = zip(answers, truths, predictions.records, wrong, strict=True)
    for answer, truth, record, is_wrong in rows:
        true_of.setdefault(truth, set()).add(record)
        if is_wrong:
            wrong_for.setdefault(answer, set()).add(record)
            instead_of.setdefault(answer, set()).add(truth)
    due = max(map(len, true_of.values()))
    repeats = [
        is_wrong and len(wrong_for[answer]) > due and len(instead_of[answer]) > 1
        for answer, is_wrong in zip(answers, wrong, strict=True)
    ]
    return rate("repeated answers", repeats, predictions, confidence_level)


def same_answer(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Measurement:
    """Return the excess of one answer: its share minus the share that the truths give it.

    The answer is the one with the largest excess. Its due share is that of the cases of which it is
    true; an answer that is never true is due the share of the commonest truth. The value is 0 for a
    model that is right.
    """
    predictions = counted(predictions)
    answers, truths = predictions.answers, predictions.truths
    exceeds = _most_excessive(answers, truths)
    outcomes = _differences(answers, truths, exceeds or (None, None))
    return difference("same answer", outcomes, predictions, confidence_level)


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
    worst: tuple[int, str, list[int], Hashable] | None = None
    names = list(dict.fromkeys(name for p in predictions for name in p.case.truth))
    for name in names:
        answers = [_plain((p.fields or {}).get(name)) for p in predictions]
        truths = [_plain(p.case.truth.get(name)) for p in predictions]
        exceeds = _most_excessive(answers, truths)
        outcomes = _differences(answers, truths, exceeds or (None, None))
        if worst is None or sum(outcomes) > worst[0]:
            worst = sum(outcomes), name, outcomes, exceeds and exceeds[0]
    if worst is None:
        raise NoDataError("no case asks for a field, so none can be constant; give truths")
    _, name, outcomes, value = worst
    found = difference(
        f"same value of {name}", outcomes, predictions, confidence_level, chosen_of=len(names)
    )
    return found, name, "" if value is None else str(value)


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
    """Return the share of answers that were stopped at the length limit (``finish="length"``)."""
    predictions = counted(predictions)
    stopped = [p.finish == "length" for p in predictions]
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
    name: str,
    outcomes: Sequence[int],
    predictions: Counted,
    confidence_level: float,
    *,
    chosen_of: int = 1,
) -> Measurement:
    """Return the mean of paired outcomes that are -1, 0 or 1.

    Where the outcomes were chosen as the worst of ``chosen_of``, the interval holds for all of them
    at once (Bonferroni).
    """
    single = difference_by_record(outcomes, predictions).interval
    interval_at = partial(_corrected, single, chosen_of) if chosen_of > 1 else single
    value = sum(outcomes) / len(outcomes)
    return measured(name, value, interval_at, predictions, confidence_level, bounds=(-1.0, 1.0))


def _corrected(
    interval_at: IntervalOf, chosen_of: int, confidence_level: float, times: float = 1.0
) -> Interval:
    return interval_at(1 - (1 - confidence_level) / chosen_of, times)


def _most_excessive(
    answers: Sequence[Hashable], truths: Sequence[Hashable]
) -> tuple[Hashable, Hashable] | None:
    """Return the answer given most often beyond its due, and the truth whose share is its due."""
    given, true = Counter(answers), Counter(truths)
    del given[None]
    if not given:
        return None
    most = true.most_common(1)[0][0]
    due = {answer: answer if answer in true else most for answer in given}
    worst = max(given, key=lambda answer: (given[answer] - true[due[answer]], given[answer]))
    return worst, due[worst]


def _differences(
    answers: Sequence[Hashable], truths: Sequence[Hashable], exceeds: tuple[Hashable, Hashable]
) -> list[int]:
    answer, due = exceeds
    if answer is None:
        return [0] * len(answers)
    return [(a == answer) - (t == due) for a, t in zip(answers, truths, strict=True)]


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
