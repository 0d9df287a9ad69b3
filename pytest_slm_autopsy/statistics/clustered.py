"""Rates, and paired differences of rates, whose trials come in clusters such as records.

One class serves every clustered rate: fields of documents, cases of records, and both sides of a
paired difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t

from pytest_slm_autopsy.records import Interval
from pytest_slm_autopsy.statistics.intervals import (
    check_counts,
    clopper_pearson,
    exclusive_difference,
    quantile,
)


@dataclass(frozen=True, slots=True)
class ClusteredRate:
    """A rate of trials in clusters, as the sums that its interval needs.

    ``mixed`` is the number of clusters with a success, or of those with a failure if that is fewer.
    Half of the squared sizes are in clusters of ``deciding`` trials or more.
    """

    clusters: float
    trials: float
    successes: float
    trials_squared: float
    deciding: float
    successes_squared: float
    products: float
    mixed: float

    @classmethod
    def of(cls, successes: ArrayLike, trials: ArrayLike) -> ClusteredRate:
        """Return the rate of ``successes`` in ``trials``, both of shape (clusters,)."""
        hits, sizes = np.asarray(successes, float), np.asarray(trials, float)
        return cls(
            len(sizes),
            float(sizes.sum()),
            float(hits.sum()),
            float((sizes * sizes).sum()),  # a product of long vectors would start threads
            _deciding(sizes),
            float((hits * hits).sum()),
            float((hits * sizes).sum()),
            int(min((hits > 0).sum(), (hits < sizes).sum())),
        )

    @classmethod
    def independent(cls, successes: float, n: float) -> ClusteredRate:
        """Return the rate of ``n`` independent trials, each a cluster of its own."""
        return cls(n, n, successes, n, 1.0, successes, successes, min(successes, n - successes))

    @property
    def rate(self) -> float:
        """Return the share of successes among all trials."""
        return self.successes / self.trials

    def interval(self, confidence_level: float = 0.95, times: float = 1.0) -> Interval:
        """Return the interval of the rate; of so many ``times`` the clusters, if all were alike."""
        n = self.trials * times
        if self.clusters == self.trials == self.trials_squared:
            return clopper_pearson(self.successes * times, n, confidence_level)
        check_counts(self.successes, self.trials)
        worth = self._worth(confidence_level, times)
        return clopper_pearson(self.rate * worth, worth, confidence_level)

    def _worth(self, confidence_level: float, times: float) -> float:
        """Return the number of independent trials that carry the same evidence.

        Korn & Graubard (1998): as many as have the rate's variance, fewer by the squared ratio of
        Student's quantiles, since few clusters tell a variance badly. A few large clusters among
        many small ones are few. So degrees of freedom are counted in clusters of equal size.
        """
        quantile(confidence_level)
        n, clusters = self.trials * times, self.clusters * times
        # The worst that can be: all trials of a cluster end alike.
        least = n**2 / (self.trials_squared * times)
        tail = (1 - confidence_level) / 2
        sure, told, few = (
            float(t.isf(tail, max(freedom - 1, 1.0))) for freedom in (n, clusters, least)
        )
        floor = least * min(1.0, told / few) ** 2
        if self.mixed * times < 2:
            return floor
        worth = min(max(self._seen(times), least), n)
        return max(worth * min(1.0, sure / few) ** 2, floor)

    def _seen(self, times: float) -> float:
        """Return the number of independent trials whose rate varies as this one is seen to.

        Two clusters are added, one wholly right and one wholly wrong: a sample without the rare
        document that fails in every field does not prove that no such document exists. They are as
        large as the clusters that make half of the variance, which goes with the size squared.
        """
        more = self.deciding
        n = self.trials * times + 2 * more
        rate = (self.successes * times + more) / n
        spread = self.successes_squared - 2 * rate * self.products + rate**2 * self.trials_squared
        spread = spread * times + more**2 * (rate**2 + (1 - rate) ** 2)
        clusters = self.clusters * times
        return rate * (1 - rate) * n**2 / (spread * clusters / (clusters - 1))


def _deciding(sizes: NDArray[np.float64]) -> float:
    """Return the size from which on clusters make half of the sum of squared sizes."""
    if not len(sizes):
        return 0.0
    ordered = np.sort(sizes)
    squares = np.cumsum(ordered * ordered)
    return float(ordered[np.searchsorted(squares, squares[-1] / 2)])


@dataclass(frozen=True, slots=True)
class ClusteredDifference:
    """First rate minus second rate on the same items, by the two discordant shares."""

    first_only: ClusteredRate
    second_only: ClusteredRate

    def interval(self, confidence_level: float = 0.95, times: float = 1.0) -> Interval:
        """Return the interval; of so many ``times`` the clusters, if all were alike."""
        first, second = (
            one.interval(confidence_level, times) for one in (self.first_only, self.second_only)
        )
        return exclusive_difference(self.first_only.rate, first, self.second_only.rate, second)


@dataclass(frozen=True, slots=True)
class LargestDifference:
    """The largest of several differences, which the data choose.

    ``candidates`` are those that may be the largest. Each comes with the number of rates that its
    second one was chosen from, as their largest. ``chosen_of`` counts all differences, also those
    too small to be candidates.
    """

    candidates: Sequence[tuple[ClusteredDifference, int]]
    chosen_of: int

    def interval(self, confidence_level: float = 0.95, times: float = 1.0) -> Interval:
        """Return the interval; of so many ``times`` the clusters, if all were alike.

        What is largest in a sample looks larger than it is, so the lower end holds for all
        differences at once (Bonferroni). The upper end is the largest of all: any of them may be
        the one. It holds for all that the second rate was chosen from.
        """
        beyond = 1 - confidence_level
        low = (each.interval(1 - beyond / self.chosen_of, times)[0] for each, _ in self.candidates)
        high = (each.interval(1 - beyond / dues, times)[1] for each, dues in self.candidates)
        return max(low), max(high)


def clustered_rate(
    successes: Sequence[float], trials: Sequence[float], confidence_level: float = 0.95
) -> Interval:
    """Return the interval for a rate whose trials come in clusters, such as fields of a document.

    It is Clopper-Pearson's with as many trials as independent ones would carry the same evidence
    (Korn & Graubard 1998). That number is estimated as if one more cluster were wholly right and
    one wholly wrong, and clusters of unequal size count as fewer. With one trial a cluster it is
    Clopper-Pearson's own interval.

    Args:
        successes: number of successes in each cluster, shape (clusters,).
        trials: number of trials in each cluster, at least one, shape (clusters,).
        confidence_level: share of the intervals that hold the rate.

    Raises:
        NoDataError: no trials.
        ConfigError: more successes than trials, or an invalid confidence level.
    """
    quantile(confidence_level)
    check_counts(float(np.sum(successes)), float(np.sum(trials)))
    return ClusteredRate.of(successes, trials).interval(confidence_level)


def clustered_difference(
    first_only: Sequence[float],
    second_only: Sequence[float],
    trials: Sequence[float],
    confidence_level: float = 0.95,
) -> Interval:
    """Return the interval of ``mover_paired`` for items that come in clusters.

    The limits of each discordant share are those of ``clustered_rate``.

    Args:
        first_only: number of items in each cluster that succeed in the first only.
        second_only: number of items in each cluster that succeed in the second only.
        trials: number of items in each cluster, at least one.
        confidence_level: share of the intervals that hold the difference.
    """
    first, second = (ClusteredRate.of(each, trials) for each in (first_only, second_only))
    return ClusteredDifference(first, second).interval(confidence_level)
