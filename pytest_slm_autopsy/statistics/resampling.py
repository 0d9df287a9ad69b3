"""Resampling: the bootstrap, and p-values of permutation tests."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.records import Interval
from pytest_slm_autopsy.statistics.intervals import quantile

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

Statistic = Callable[[Floats], Floats]
"""A function from weights of shape (rows, n), the times each item was drawn, to one value a row."""

RESAMPLES: Final = 2000
_JACKKNIFE_GROUPS: Final = 200  # more change the acceleration very little
_CELLS: Final = 4_000_000  # weights held at once: 32 MB
_ALL_CELLS: Final = 40_000_000  # of many items, fewer resamples suffice
_FEWEST: Final = 400


@dataclass(frozen=True, eq=False)
class Resampled:
    """A bootstrapped statistic: its value, its replicates, and what its interval needs.

    ``acceleration`` is a sixth of the skew of the influence of single clusters, and ``clusters`` is
    their number.
    """

    value: float
    replicates: Floats
    acceleration: float
    clusters: int
    bounds: Interval = (0.0, 1.0)

    @property
    def resolution(self) -> float:
        """Return the smallest p-value that this many resamples can resolve."""
        return 1 / (1 + len(self.replicates))

    def interval(self, confidence_level: float = 0.95, times: float = 1.0) -> Interval:
        """Return the bias-corrected and accelerated interval (Efron 1987), within ``bounds``.

        Of so many ``times`` the clusters, the resamples are closer to the value by their root.

        Where all resamples agree, as when every answer is right, the data only say that less than a
        certain share of clusters differs. The interval is then as wide as Clopper-Pearson's for no
        success in so many clusters. At a level beyond the ``resolution`` of the resamples it is
        the whole line: they say nothing there.
        """
        z = quantile(confidence_level)
        if (1 - confidence_level) / 2 < self.resolution:
            return -inf, inf
        if np.ptp(self.replicates) == 0:
            tail = (1 - confidence_level) / 2
            reach = 1 - tail ** (1 / (self.clusters * times))
            low, high = self.value - reach, self.value + reach
        else:
            below = (self.replicates < self.value).mean() + (
                self.replicates == self.value
            ).mean() / 2
            shift = norm.ppf(np.clip(below, 1e-4, 1 - 1e-4))
            ends = shift + np.array([-z, z])
            bend = np.maximum(
                1 - self.acceleration / sqrt(times) * ends, 0.1
            )  # far out its sign would change
            places = norm.cdf(shift + ends / bend)
            low, high = (
                self.value + (end - self.value) / sqrt(times)
                for end in np.quantile(self.replicates, places)
            )
        return max(float(low), self.bounds[0]), min(float(high), self.bounds[1])


def bootstrap(
    statistic: Statistic,
    clusters: Sequence[Hashable] | int | Counts,
    *,
    bounds: Interval = (0.0, 1.0),
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Resampled:
    """Return a statistic bootstrapped by whole clusters, drawn with replacement.

    Args:
        statistic: maps weights of shape (rows, n), the times each item was drawn, to one value a
            row.
        clusters: the cluster of each item; or the number of items, each a cluster of its own; or,
            for items of which many are alike, an array of how often each occurs.
        bounds: the least and the greatest value that the statistic can take.
        resamples: number of resamples; of more than 20,000 items fewer are drawn, at least 400.
        seed: of the draws.

    Raises:
        NoDataError: nothing to resample, or no resample on which the statistic is defined.

    Example:
        >>> right = np.array([1.0] * 90 + [0.0] * 10)
        >>> low, high = bootstrap(lambda w: w @ right / w.sum(1), 100).interval()
        >>> 0.80 < low < 0.85 and 0.93 < high < 0.96
        True
    """
    items = _Alike(clusters) if isinstance(clusters, np.ndarray) else _Clustered(clusters)
    if not items.size:
        raise NoDataError("there is nothing to resample; give at least one item")
    rows = max(1, _CELLS // items.size)
    drawn = np.concatenate([statistic(w) for w in _draws(items, rows, resamples, seed)])
    replicates = drawn[np.isfinite(drawn)]
    if not len(replicates):
        raise NoDataError("the number is undefined on every resample; more cases are needed")
    without = np.concatenate([statistic(weights) for weights in items.leave_out(rows)])
    skew, value = _acceleration(without, items.left_out), float(statistic(items.all)[0])
    return Resampled(value, replicates, skew, items.clusters, bounds)


def permutation_p(observed: float, permuted: Floats) -> float:
    """Return the share of arrangements that are at least as extreme as the observed one.

    The observed arrangement counts as one of them, so the share is never 0. ``permuted`` holds the
    statistic of every other arrangement, shape (permutations,).

    Example:
        >>> permutation_p(3.0, np.array([0.0, 1.0, 2.0]))
        0.25
    """
    return float((1 + (permuted >= observed).sum()) / (1 + len(permuted)))


class _Clustered:
    """Items that are drawn by their clusters."""

    def __init__(self, clusters: Sequence[Hashable] | int) -> None:
        names = range(clusters) if isinstance(clusters, int) else clusters
        numbers: dict[Hashable, int] = {}
        self._members = np.array([numbers.setdefault(n, len(numbers)) for n in names], dtype=int)
        self.size = len(self._members)
        self.clusters = len(numbers)
        self.all = np.ones((1, self.size))
        self._groups = min(self.clusters, _JACKKNIFE_GROUPS)
        self.left_out = np.ones(self._groups)

    def draw(self, rng: np.random.Generator, rows: int) -> Floats:
        count = self.clusters
        places = rng.integers(0, count, size=(rows, count)) + count * np.arange(rows)[:, None]
        times = np.bincount(places.ravel(), minlength=rows * count).reshape(rows, count)
        return (times if count == self.size else times[:, self._members]).astype(float)

    def leave_out(self, rows: int) -> Iterator[Floats]:
        for start in range(0, self._groups, rows):
            group = np.arange(start, min(start + rows, self._groups))[:, None]
            yield (self._members % self._groups != group).astype(float)


class _Alike:
    """Items of which many are alike: one multinomial draw stands for drawing them one by one."""

    def __init__(self, times: Counts) -> None:
        self.size = len(times)
        self.clusters = int(times.sum())
        self.all = times[None].astype(float)
        self.left_out = times.astype(float)

    def draw(self, rng: np.random.Generator, rows: int) -> Floats:
        return rng.multinomial(self.clusters, self.left_out / self.clusters, rows).astype(float)

    def leave_out(self, rows: int) -> Iterator[Floats]:
        for start in range(0, self.size, rows):
            places = np.arange(start, min(start + rows, self.size))
            weights = np.repeat(self.all, len(places), axis=0)
            weights[np.arange(len(places)), places] -= 1
            yield weights


_Items = _Clustered | _Alike


def _draws(items: _Items, rows: int, resamples: int, seed: int) -> Iterator[Floats]:
    resamples = int(np.clip(_ALL_CELLS // items.size, min(_FEWEST, resamples), resamples))
    rng = np.random.default_rng(seed)
    for start in range(0, resamples, rows):
        yield items.draw(rng, min(rows, resamples - start))


def _acceleration(without: Floats, times: Floats) -> float:
    """Return BCa's acceleration: a sixth of the skewness of the clusters' influences (Efron 1987).

    A cluster's influence is the change of the statistic when that cluster is left out.
    """
    if len(without) < 3:
        return 0.0
    influence = np.average(without, weights=times) - without
    spread = float((times @ influence**2) ** 1.5)
    skew = float(times @ influence**3) / (6 * spread) if spread > 0 else 0.0
    return skew if np.isfinite(skew) else 0.0
