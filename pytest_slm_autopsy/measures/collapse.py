"""Whether the model still answers the document, or always says the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
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

_SEEN: Final = 8  # characters looked for again
_SHORTEST_LOOP: Final = 24
_TIMES: Final = 4
_CLOSERS: Final = "\"'`}] \n\r\t,"


def commonest_answer(predictions: Sequence[Prediction]) -> tuple[str, int]:
    """The answer given most often, and how often."""
    return Counter(p.raw for p in counted(predictions)).most_common(1)[0]


def excess_repetition(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Measurement:
    """Share of wrong answers that recur across cases with different truths, oftener than truths do.

    Ten identical answers to ten different documents are a dead model, whatever their parse rate;
    ten identical answers to ten identical truths are not. An answer counts when it is wrong for
    more records than share the commonest truth: few truths make few answers.
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
    """How much more often one answer is given than the truths alone would have it.

    The share of the answer that exceeds most, minus the share of cases of which it is true; of an
    answer that is never true, minus the share of the commonest truth. 0 for a model that is right.
    """
    predictions = counted(predictions)
    answers, truths = predictions.answers, predictions.truths
    exceeds = _most_excessive(answers, truths)
    outcomes = _differences(answers, truths, exceeds or (None, None))
    return difference("same answer", outcomes, predictions, confidence_level)


def constant_field(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> tuple[Measurement, str, str]:
    """The same for the values of each field; that of the field where one value exceeds most.

    Returns the measurement, the field's name and the value. Null is no value: a field that is left
    out is omitted, not collapsed.

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
    """Share of wrong answers that repeat one stretch of text until their end.

    At least four times, over at least 24 characters; closing quotes and brackets may follow.
    """
    predictions = counted(predictions)
    loops = [
        not right and _loops(p.raw) for p, right in zip(predictions, predictions.right, strict=True)
    ]
    return rate("looping answers", loops, predictions, confidence_level)


def cut_off(predictions: Sequence[Prediction], *, confidence_level: float = 0.95) -> Measurement:
    """Share of answers that were stopped at the length limit (``finish`` is ``length``)."""
    predictions = counted(predictions)
    stopped = [p.finish == "length" for p in predictions]
    return rate("cut-off answers", stopped, predictions, confidence_level)


def training_copies(
    predictions: Sequence[Prediction], training: Sequence[Case], *, confidence_level: float = 0.95
) -> Measurement:
    """Share of wrong answers that are, word for word, the truth of a training case.

    Not counted where it is the truth of a case that was asked, too: with few truths there is no
    telling a copy from a mistake.

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
    """Mean of paired outcomes that are -1, 0 or 1.

    Where it was chosen as the worst of several, the interval holds for all of them (Bonferroni).
    """
    single = difference_by_record(outcomes, predictions)
    interval_at = partial(_corrected, single, chosen_of) if chosen_of > 1 else single
    value = sum(outcomes) / len(outcomes)
    return measured(name, value, interval_at, predictions, confidence_level, bounds=(-1.0, 1.0))


def _corrected(
    interval_at: Callable[[float], Interval], chosen_of: int, confidence_level: float
) -> Interval:
    return interval_at(1 - (1 - confidence_level) / chosen_of)


def _most_excessive(
    answers: Sequence[Hashable], truths: Sequence[Hashable]
) -> tuple[Hashable, Hashable] | None:
    """The answer given most often beyond its due, and the truth that says what is due."""
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
