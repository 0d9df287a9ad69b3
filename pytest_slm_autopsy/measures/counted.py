"""The predictions that count, and the measurement that a measure makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import cached_property, lru_cache, partial
from operator import itemgetter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pytest_slm_autopsy.errors import CaseError, NoDataError, strangers
from pytest_slm_autopsy.records import AMBIGUOUS, Fields, Interval, Measurement, Prediction
from pytest_slm_autopsy.statistics.clustered import ClusteredDifference, ClusteredRate
from pytest_slm_autopsy.statistics.intervals import IntervalOf

T = TypeVar("T")


class Counted(list[Prediction]):
    """Predictions that count, with their records, truths and outcomes looked up once."""

    @cached_property
    def records(self) -> list[str]:
        """Return the record of each prediction: cases of one record are one piece of evidence."""
        return [p.case.cluster for p in self]

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """Return the number of each prediction's record, counted from 0 in order of appearance."""
        known: dict[str, int] = {}
        return np.array([known.setdefault(record, len(known)) for record in self.records])

    @cached_property
    def firsts(self) -> list[str]:
        """Return the records, each once, in order of appearance."""
        return list(dict.fromkeys(self.records))

    @cached_property
    def independent(self) -> bool:
        """Tell whether every prediction has a record of its own."""
        return len(self.firsts) == len(self)

    @cached_property
    def right(self) -> list[bool]:
        """Tell of each prediction whether it is right."""
        return [p.correct for p in self]

    @cached_property
    def wrong(self) -> dict[int, Prediction]:
        """Return the wrong predictions by their place."""
        return {place: self[place] for place, right in enumerate(self.right) if not right}

    @cached_property
    def answers(self) -> list[Hashable]:
        """Return each answer in the form of ``comparable``; the raw text where nothing was read.

        A right answer is its truth.
        """
        answers = list(self.truths)
        for place, p in self.wrong.items():
            answers[place] = p.raw if p.fields is None else comparable(p.fields)
        return answers

    @cached_property
    def truths(self) -> list[Hashable]:
        """Return each truth in the form of ``comparable``."""
        return [comparable(p.case.truth) for p in self]

    @cached_property
    def fields(self) -> list[str]:
        """Return the names of all fields that a case asks for, in order of appearance."""
        known = dict.fromkeys(tuple(p.case.truth) for p in self)
        return list(dict.fromkeys(name for names in known for name in names))

    @cached_property
    def model(self) -> str:
        """Return the model, or an empty text where there are several."""
        models = {p.model for p in self}
        return models.pop() if len(models) == 1 else ""

    @cached_property
    def condition(self) -> str:
        """Return the condition, or an empty text where there are several."""
        conditions = {p.case.condition for p in self}
        return conditions.pop() if len(conditions) == 1 else ""

    def once(self, key: Hashable, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, which is done once for these predictions and ``key``."""
        if key not in self._done:
            self._done[key] = work()
        done: T = self._done[key]
        return done

    @cached_property
    def _done(self) -> dict[Hashable, Any]:
        return {}


def comparable(fields: Fields) -> Hashable:
    """Return a hashable value that is the same for the same fields, in any order."""
    names, values_of = _sorted(tuple(fields))
    values = values_of(fields)
    try:
        hash(values)
    except TypeError:  # the rows of a table are a list, which has no hash
        return json.dumps(dict(fields), sort_keys=True)
    return names, values


@lru_cache
def _sorted(names: tuple[str, ...]) -> tuple[tuple[str, ...], Callable[[Fields], Hashable]]:
    """Return names in order, and a function from fields to their values in that order."""
    ordered = tuple(sorted(names))
    return ordered, itemgetter(*ordered) if ordered else lambda fields: ()


def counted(predictions: Sequence[Prediction]) -> Counted:
    """Return the predictions that count: all but those of ambiguous cases, whose truth is not sure.

    A caller that takes many measures of the same predictions calls this once and passes the result
    on.

    Raises:
        NoDataError: no prediction is left; no data is an error, not a pass.
        CaseError: one model's answer to one case is given twice, or an item is not a prediction.
    """
    if isinstance(predictions, Counted):
        return predictions
    predictions = only_predictions(predictions)
    if not predictions:
        raise NoDataError("there are no predictions to measure; predict at least one case")
    sure = [p for p in predictions if AMBIGUOUS not in p.case.tags]
    if not sure:
        raise NoDataError(
            f"all {len(predictions)} cases are ambiguous, so no answer is surely right or wrong; "
            "draw some without ambiguous=True"
        )
    if double := _twice(sure):
        raise CaseError(
            f"case {double.case.id!r} is counted twice for model {double.model!r}, as if it were "
            "two; leave one out"
        )
    return Counted(sure)


def _twice(predictions: Sequence[Prediction]) -> Prediction | None:
    """Return the first prediction that repeats the model and the case of an earlier one."""
    hashes = np.fromiter((hash(_place(p)) for p in predictions), np.int64, len(predictions))
    if len(np.unique(hashes)) == len(predictions):
        return None  # numbers take less memory than the places that they stand for
    known: set[Hashable] = set()
    for p in predictions:
        if (place := _place(p)) in known:
            return p
        known.add(place)
    return None


def _place(prediction: Prediction) -> Hashable:
    return prediction.model, prediction.case.condition, prediction.case.id, prediction.case.text


def only_predictions(given: Iterable[Prediction]) -> list[Prediction]:
    """Return ``given`` as a list.

    Raises:
        CaseError: an item that is not a prediction.
    """
    if isinstance(given, Counted):
        return given
    predictions = list(given)
    if others := strangers(predictions, Prediction):
        raise CaseError(
            f"a measure takes predictions, and was given {others}; ask a model first: "
            "predict(model, cases)"
        )
    return predictions


def rate(
    name: str, outcomes: Sequence[float], predictions: Counted, confidence_level: float
) -> Measurement:
    """Return a share of predictions, or a mean of values from 0 to 1, clustered by record."""
    found = rate_by_record(outcomes, np.ones(len(outcomes)), predictions)
    return measured(name, found.rate, found.interval, predictions, confidence_level)


def rate_by_record(successes: ArrayLike, trials: ArrayLike, predictions: Counted) -> ClusteredRate:
    """Return a rate, clustered by record; both arrays hold one number for each prediction.

    Records without trials count as none.
    """
    hits, sizes = (np.bincount(predictions.numbers, each) for each in (successes, trials))
    return ClusteredRate.of(hits[sizes > 0], sizes[sizes > 0])


def difference_by_record(changes: ArrayLike, predictions: Counted) -> ClusteredDifference:
    """Return a mean of paired changes, which are -1, 0 or 1, clustered by record."""
    once, changed = np.ones(len(predictions)), np.asarray(changes)
    return ClusteredDifference(
        rate_by_record(changed > 0, once, predictions),
        rate_by_record(changed < 0, once, predictions),
    )


def measured(
    name: str,
    value: float,
    interval_at: IntervalOf,
    predictions: Counted,
    confidence_level: float,
    *,
    bounds: Interval = (0.0, 1.0),
) -> Measurement:
    """Return a measurement; it states model and condition where the predictions have just one."""
    return Measurement(
        name,
        value,
        interval_at(confidence_level),
        len(predictions),
        confidence_level,
        predictions.model,
        predictions.condition,
        bounds,
        interval_at,
        partial(interval_at, confidence_level),
    )


def by_record(predictions: Counted) -> dict[str, Prediction]:
    """Return the prediction of each record.

    Raises:
        CaseError: two cases of one record.
    """
    found: dict[str, Prediction] = {}
    for record, prediction in zip(predictions.records, predictions, strict=True):
        if record in found:
            raise CaseError(
                f"two cases of record {record!r} in one condition ({found[record].case.id!r} and "
                f"{prediction.case.id!r}); a paired gap needs one"
            )
        found[record] = prediction
    return found
