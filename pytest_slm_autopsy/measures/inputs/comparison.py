"""The distance of two sets of texts, and its baseline: the same number for one distribution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import t

from pytest_slm_autopsy.measures.inputs.ngrams import Ints, Pooled, deals
from pytest_slm_autopsy.records import Interval, Measurement
from pytest_slm_autopsy.statistics.intervals import quantile
from pytest_slm_autopsy.statistics.resampling import permutation_p

Floats = NDArray[np.float64]

PERMUTATIONS: Final = 200
_CELLS: Final = 4_000_000  # dense counts held at once: 32 MB


@dataclass(frozen=True, slots=True)
class Telltale:
    """An n-gram that tells the sets apart, and the number of texts of each set that hold it.

    ``side`` is the set in which it is more usual: ``reference`` or ``shifted``.
    """

    ngram: str
    reference: int
    shifted: int
    side: str


@dataclass(frozen=True, slots=True)
class Divergence:
    """A distance of two sets of texts, and the values it takes for one distribution.

    The baseline comes from permutations, which deal the texts to the two sets anew, by whole
    records. ``p_value`` is the share of deals that part the sets at least as far. ``baseline`` is
    their mean value,
    and 95 in 100 stay below ``baseline_limit``: a value below that limit means nothing. ``n`` is
    the number of texts compared (reference, shifted), and ``given`` the number given. ``tokens``
    are the n-grams that tell the sets apart, where the measure finds them.
    """

    measurement: Measurement
    p_value: float
    baseline: float
    baseline_limit: float
    n: tuple[int, int]
    given: tuple[int, int]
    seed: int
    tokens: tuple[Telltale, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the measure, with its unit."""
        return self.measurement.name

    @property
    def value(self) -> float:
        """Return the distance of the sets."""
        return self.measurement.value

    @property
    def line(self) -> str:
        """Return value, interval, p-value, baseline and the numbers of texts, in one line."""
        low, high = self.measurement.interval
        of = "" if self.n == self.given else f" drawn of {self.given[0]} and {self.given[1]}"
        return (
            f"{self.name} = {self.value:.3g} [{low:.3g}, {high:.3g}], p = {self.p_value:.2g}; "
            f"one distribution: {self.baseline:.3g}, 95 % below {self.baseline_limit:.3g}; "
            f"{self.n[0]} and {self.n[1]} texts{of}"
        )


@dataclass(frozen=True, eq=False)
class Distance:
    """A distance of two sets as a function of their texts, with the influence of each text.

    ``of`` maps the times that each text is in the reference and in the shifted set, of shape (2,
    rows, texts), to one value a row. ``influences`` hold the change of
    the value that one more text like each would make (Hampel 1974), shape (texts,). ``clusters`` is
    the number of equal groups that the smaller set is worth.
    """

    name: str
    of: Callable[[Floats], Floats]
    influences: Floats
    bounds: Interval
    clusters: float


def compared(
    distance: Distance,
    pooled: Pooled,
    *,
    strata: Ints | None = None,
    permutations: int,
    seed: int,
    confidence_level: float,
) -> Divergence:
    """Return a distance with its interval, its p-value, and its baseline under permutation.

    Texts trade places only with texts of their own stratum, where ``strata`` are given.
    """
    quantile(confidence_level)
    if strata is None:
        strata = np.zeros(len(pooled.shifted), dtype=np.int64)
    dealt = deals(pooled, strata, permutations, seed)
    observed = float(distance.of(pooled.sides)[0])
    permuted = in_rows(distance.of, dealt, pooled.counts.shape[1])
    error = float(np.linalg.norm(np.bincount(pooled.groups, distance.influences)))
    interval_at = partial(_interval, observed, error, distance.clusters, distance.bounds)
    measurement = Measurement(
        distance.name,
        observed,
        interval_at(confidence_level),
        len(pooled.shifted),
        confidence_level,
        bounds=distance.bounds,
        interval_at=interval_at,
        interval_with=partial(interval_at, confidence_level),
    )
    return Divergence(
        measurement,
        permutation_p(observed - 1e-12, permuted),  # the same sum in another order is a tie
        float(permuted.mean()),
        float(np.quantile(permuted, 0.95)),
        pooled.n,
        pooled.given,
        seed,
    )


def in_rows(of: Callable[[Floats], Floats], dealt: Floats, columns: int) -> Floats:
    """Return the values of ``of`` for all deals, a few rows at a time to save memory.

    ``columns`` is the width of the dense counts that ``of`` makes for each row.
    """
    rows = max(1, _CELLS // max(columns, 1))
    return np.concatenate([of(dealt[:, i : i + rows]) for i in range(0, dealt.shape[1], rows)])


def unbiased(n: int) -> float:
    """Return the factor that corrects the error of a mean estimated from ``n`` items."""
    return float(np.sqrt(n / max(n - 1, 1)))


def _interval(
    value: float,
    error: float,
    seen: float,
    bounds: Interval,
    confidence_level: float,
    times: float = 1.0,
) -> Interval:
    """Return Student's interval; on the logit scale for a share.

    Without an observed error the interval is as wide as Clopper-Pearson's for no success. It is
    that of so many ``times`` the clusters ``seen``.
    """
    least, greatest = bounds
    if seen < 2:
        return bounds
    clusters = seen * times
    half = error / sqrt(times) * float(t.ppf((1 + confidence_level) / 2, clusters - 1))
    if error < 1e-12:
        half = 1 - ((1 - confidence_level) / 2) ** (1 / clusters)
    elif bounds == (0.0, 1.0) and 0 < value < 1:
        half /= value * (1 - value)
        return float(expit(logit(value) - half)), float(expit(logit(value) + half))
    return max(least, value - half), min(greatest, value + half)
