"""Selective answering: the risk that is left where unsure answers are dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import Final

import numpy as np
from scipy.stats import rankdata

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.measures.counted import Counted, counted, measured, rate
from pytest_slm_autopsy.measures.token_confidence import Floats, sureness
from pytest_slm_autopsy.records import Measurement, Prediction
from pytest_slm_autopsy.statistics.clustered import ClusteredRate
from pytest_slm_autopsy.statistics.resampling import Counts, bootstrap

Predictions = Sequence[Prediction]

_LEVELS: Final = 1000
_MANY: Final = 10 * _LEVELS  # above it, ranks within a level change the numbers very little


@dataclass(frozen=True, slots=True)
class RiskAtCoverage:
    """One point of the curve: the share of cases kept, and the share of errors among them."""

    coverage: float
    risk: float


def confident_errors(
    predictions: Predictions, *, confidence: float = 0.9, confidence_level: float = 0.95
) -> Measurement:
    """Return the share of cases answered wrongly with a confidence of at least ``confidence``.

    Raises:
        NoDataError: no prediction, or a model that gives no probabilities.
        ConfigError: ``confidence`` is 0 or less, or more than 1.
    """
    _check_share("confidence", confidence)
    predictions = counted(predictions)
    sure, right = sureness(predictions)
    wrong = [bool(hit) for hit in (sure >= confidence) & (right == 0)]
    return rate("confidently wrong", wrong, predictions, confidence_level)


def auroc(predictions: Predictions, *, confidence_level: float = 0.95) -> Measurement:
    """Return the chance that a right answer is surer than a wrong one (Hanley 1982).

    0.5 says that confidence carries no signal, 1 that it separates right from wrong. The value
    varies at most as much as a rate of as many trials as the rarer kind of answer has records (van
    Dantzig 1951), so the interval is that rate's. Records of unequal size count as fewer. The
    bootstrap's is far too short where few answers are wrong, or few are right.

    Raises:
        NoDataError: all answers are right, all are wrong, or the model gives no probabilities.
    """
    predictions = counted(predictions)
    sure, right = sureness(predictions)
    if right.min() == right.max():
        what = "right" if right[0] else "wrong"
        raise NoDataError(
            f"all {len(right)} answers are {what}, so confidence has nothing to tell apart"
        )
    hits, misses = (rankdata(sure)[right == kind] for kind in (1, 0))
    above = hits.sum() - len(hits) * (len(hits) + 1) / 2
    value = float(above / (len(hits) * len(misses)))
    sizes = (np.bincount(predictions.numbers[right == kind]) for kind in (1, 0))
    rarer = min(float(each.sum()) ** 2 / float(each @ each) for each in sizes)
    interval_at = ClusteredRate.independent(value * rarer, rarer).interval
    name = "AUROC of confidence"
    return measured(name, value, interval_at, predictions, confidence_level)


def risk_coverage_area(predictions: Predictions, *, confidence_level: float = 0.95) -> Measurement:
    """Return the area under the risk-coverage curve (Geifman et al. 2019).

    It is the mean share of wrong answers among the k surest, over all k: from 0 to 1, lower is
    better. The interval is a bootstrap over records, and too short where few answers are wrong.

    Raises:
        NoDataError: no prediction, or a model that gives no probabilities.
    """
    return _ranked("risk-coverage area", _area, counted(predictions), confidence_level)


def coverage_at_precision(
    predictions: Predictions, *, precision: float = 0.95, confidence_level: float = 0.95
) -> Measurement:
    """Return the largest share of cases, the surest first, of which ``precision`` are right.

    The interval is a bootstrap over records, and too short for an accuracy near one half.

    Raises:
        NoDataError: no prediction, or a model that gives no probabilities.
        ConfigError: ``precision`` is 0 or less, or more than 1.
    """
    _check_share("precision", precision)
    name = f"coverage at {precision:.0%} precision"
    number = partial(_coverage, precision=precision)
    return _ranked(name, number, counted(predictions), confidence_level)


def selective_risk(
    predictions: Predictions, *, coverage: float, confidence_level: float = 0.95
) -> Measurement:
    """Return the share of wrong answers among the surest ``coverage`` of the cases.

    Cases as sure as the last kept case are kept, too.

    Raises:
        NoDataError: no prediction, or a model that gives no probabilities.
        ConfigError: ``coverage`` is 0 or less, or more than 1.
    """
    _check_share("coverage", coverage)
    predictions = counted(predictions)
    sure, _ = sureness(predictions)
    last = np.sort(sure)[::-1][ceil(coverage * len(sure) - 1e-9) - 1]
    kept = Counted(p for p, own in zip(predictions, sure, strict=True) if own >= last)
    name = f"risk at {coverage:.0%} coverage"
    return rate(name, [not right for right in kept.right], kept, confidence_level)


def risk_coverage(predictions: Predictions) -> list[RiskAtCoverage]:
    """Return the risk-coverage curve: one point for each confidence, from the surest cases to all.

    Raises:
        NoDataError: no prediction, or a model that gives no probabilities.
    """
    sure, right = sureness(counted(predictions))
    order = np.argsort(-sure, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(sure[order])), len(sure) - 1)
    wrong = np.cumsum(1 - right[order])[ends]
    return [
        RiskAtCoverage((end + 1) / len(sure), count / (end + 1))
        for end, count in zip(ends.tolist(), wrong.tolist(), strict=True)
    ]


def _ranked(
    name: str,
    number: Callable[[Floats, Floats], Floats],
    predictions: Counted,
    confidence_level: float,
) -> Measurement:
    """Return a number of the ranking by confidence, with its bootstrap.

    Equal confidences share one rank. ``number`` maps the counts of right answers and of all
    answers, each of shape (rows, ranks), to one value a row.
    """
    sure, right = sureness(predictions)
    clusters: Sequence[str] | Counts = predictions.records
    if len(sure) > _MANY and predictions.independent:
        sure, right, clusters = _gathered(sure, right)
    order = np.argsort(-sure, kind="stable")
    starts = np.append(0, np.flatnonzero(np.diff(sure[order])) + 1)

    def statistic(weights: Floats) -> Floats:
        weights = weights[:, order]
        hits = np.add.reduceat(weights * right[order], starts, axis=1)
        return number(hits, np.add.reduceat(weights, starts, axis=1))

    found = bootstrap(statistic, clusters)
    return measured(name, found.value, found.interval, predictions, confidence_level)


def _gathered(sure: Floats, right: Floats) -> tuple[Floats, Floats, Counts]:
    """Return many confidences as a thousand levels of equal mass.

    The three arrays hold, for the right and for the wrong answers of each level: the level, 1 or 0
    for right or wrong, and their number.
    """
    ends = np.quantile(sure, np.linspace(0, 1, _LEVELS + 1)[1:-1])
    cells = np.searchsorted(ends, sure, side="left") * 2 + right.astype(int)
    times = np.bincount(cells, minlength=2 * _LEVELS)
    levels = np.repeat(np.arange(_LEVELS, dtype=float), 2)
    kept = times > 0
    return levels[kept], np.tile([0.0, 1.0], _LEVELS)[kept], times[kept]


def _area(hits: Floats, sizes: Floats) -> Floats:
    taken = np.cumsum(sizes, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        risks = np.where(taken > 0, (taken - np.cumsum(hits, axis=1)) / taken, 0)
    out: Floats = (risks * sizes).sum(1) / taken[:, -1]
    return out


def _coverage(hits: Floats, sizes: Floats, precision: float) -> Floats:
    taken = np.cumsum(sizes, axis=1)
    enough = np.cumsum(hits, axis=1) >= precision * taken - 1e-9
    out: Floats = np.where(enough, taken, 0).max(1) / taken[:, -1]
    return out


def _check_share(name: str, share: float) -> None:
    if not 0 < share <= 1:
        raise ConfigError(f"{name} is {share:g}; it must be above 0 and at most 1")
