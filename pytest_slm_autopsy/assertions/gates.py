"""From predictions to a verdict: at once, or batch by batch until the verdict is proven."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol, TypeVar, runtime_checkable

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.measures.accuracy import exact_match
from pytest_slm_autopsy.records import (
    AMBIGUOUS,
    Case,
    Interval,
    Measurement,
    Prediction,
    Side,
    Verdict,
)
from pytest_slm_autopsy.statistics.sequential import betting_interval
from pytest_slm_autopsy.statistics.verdicts import check_limit, judge, outcome_of

Predictions = Sequence[Prediction]
Pair = tuple[Prediction, Prediction]
T = TypeVar("T")


@runtime_checkable
class InBatches(Protocol):
    """Predictions that are asked batch by batch, as a gate needs them.

    The option ``--slm-budget`` makes the plugin's predictions such.
    """

    cases: Sequence[Case]

    def batches(self) -> Iterator[Predictions]:
        """Yield the batches from the first on; a batch that was asked before is not asked again."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate: side, limit, confidence level, and the noise that the limit must exceed."""

    side: Side
    limit: float
    confidence_level: float = 0.95
    noise: float | Measurement = 0.0

    def judge(self, measurement: Measurement, stake: Measurement | None = None) -> Verdict:
        """Return the verdict on ``measurement``, of which ``stake`` is the most that it can be."""
        return judge(measurement, side=self.side, limit=self.limit, noise=self.noise, stake=stake)

    def check(self, name: str, bounds: Interval) -> None:
        """Raise where the limit is invalid, before any case is asked.

        Raises:
            ConfigError: a limit outside ``bounds``, or one finer than the noise.
        """
        check_limit(name, bounds, self.side, self.limit, self.noise)

    def decides(self, interval: Interval) -> bool:
        """Tell whether ``interval`` lies entirely on one side of the limit."""
        return outcome_of(interval, self.side, self.limit) != "undecided"


def decide(
    gate: Gate,
    predictions: Predictions,
    measure: Callable[..., Measurement],
    right: Callable[[Prediction], bool],
) -> tuple[Verdict, Predictions]:
    """Return the verdict on a share of predictions, and the predictions that it rests on.

    Args:
        gate: the side and the limit.
        predictions: all predictions, or predictions that are asked in batches.
        measure: the share of given predictions, as a measurement.
        right: tells whether a prediction counts in the share.
    """
    if not isinstance(predictions, InBatches) or not _independent(predictions.cases):
        measurement = measure(predictions, confidence_level=gate.confidence_level)
        return gate.judge(measurement), predictions
    measurement, seen = _decide_early(
        gate,
        predictions.batches(),
        lambda seen: measure(seen, confidence_level=gate.confidence_level),
        lambda one: None if AMBIGUOUS in one.case.tags else float(right(one)),
        (0.0, 1.0),
    )
    return gate.judge(measurement), seen


def decide_paired(
    gate: Gate,
    first: Predictions,
    second: Predictions,
    measure: Callable[[Predictions, Predictions, float], Measurement],
) -> tuple[Verdict, Predictions]:
    """Return the verdict on the accuracy of ``first`` minus that of ``second``.

    At stake is the accuracy of ``first``.

    The second value are the predictions of ``second`` that
    the verdict rests on.
    """
    if not (
        isinstance(first, InBatches)
        and isinstance(second, InBatches)
        and _side_by_side(first.cases, second.cases)
    ):
        check_apart(first, second)
        measurement = measure(first, second, gate.confidence_level)
        return gate.judge(measurement, exact_match(_asked_too(first, second))), second

    def gap(pairs: Sequence[Pair]) -> Measurement:
        firsts, seconds = zip(*pairs, strict=True)
        return measure(firsts, seconds, gate.confidence_level)

    pairs = (
        list(zip(*both, strict=True))
        for both in zip(first.batches(), second.batches(), strict=True)
    )
    measurement, seen = _decide_early(gate, pairs, gap, _lost, (-1.0, 1.0))
    return gate.judge(measurement, exact_match([a for a, _ in seen])), [b for _, b in seen]


def check_apart(first: Predictions, second: Predictions) -> None:
    """Raise where both sides are the very same predictions, which differ in nothing.

    Raises:
        ConfigError: they are.
    """
    if first is second or (
        len(first) == len(second) > 0 and all(a is b for a, b in zip(first, second, strict=True))
    ):
        raise ConfigError(
            "both sides are the same predictions, so nothing is compared; predict the other "
            "condition, or the other model"
        )


def _asked_too(first: Predictions, second: Predictions) -> Predictions:
    """Return the predictions of ``first`` for the records of ``second``."""
    records = {prediction.case.cluster for prediction in second}
    return [prediction for prediction in first if prediction.case.cluster in records]


def _decide_early(
    gate: Gate,
    batches: Iterator[Sequence[T]],
    measure: Callable[[list[T]], Measurement],
    value: Callable[[T], float | None],
    bounds: Interval,
) -> tuple[Measurement, list[T]]:
    """Return the measurement as soon as it decides, looking after every batch.

    A betting interval holds however often one looks.
    """
    gate.check("the gate", bounds)
    seen: list[T] = []
    counts: Counter[float] = Counter()
    for batch in batches:
        seen += batch
        counts.update(number for number in map(value, batch) if number is not None)
        if not counts:
            continue
        interval = betting_interval(counts, bounds, gate.confidence_level)
        if gate.decides(interval):
            break
    if not counts:
        raise NoDataError("there are no predictions to judge; predict at least one sure case")

    def interval_with(times: float) -> Interval:
        more = {number: count * times for number, count in counts.items()}
        return betting_interval(more, bounds, gate.confidence_level)

    # No p-value: a gate that stops as soon as it is proven is always just proven.
    found = replace(measure(seen), interval=interval, interval_at=None, interval_with=interval_with)
    return found, seen


def _lost(pair: Pair) -> float:
    return float(pair[0].correct) - float(pair[1].correct)


def _independent(cases: Sequence[Case]) -> bool:
    """Tell whether every case has a record of its own, as a confidence sequence needs."""
    return len({case.cluster for case in cases}) == len(cases)


def _side_by_side(first: Sequence[Case], second: Sequence[Case]) -> bool:
    records = [[case.cluster for case in cases] for cases in (first, second)]
    sure = all(AMBIGUOUS not in case.tags for case in chain(first, second))
    return sure and records[0] == records[1] and _independent(first)
