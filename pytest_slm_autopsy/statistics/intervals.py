"""Intervals for rates, paired differences of rates, and differences of means."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import beta, norm, t, ttest_ind

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.records import Interval

Floats = NDArray[np.float64]


def wilson(successes: int, n: int, confidence_level: float = 0.95) -> Interval:
    """Wilson's score interval for a rate (Wilson 1927): short, and right on average.

    Raises:
        NoDataError: a rate of nothing.

    Example:
        >>> low, high = wilson(98, 100)
        >>> round(low, 3), round(high, 3)
        (0.93, 0.994)
    """
    z = quantile(confidence_level)
    _check_counts(successes, n)
    rate = successes / n
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return (
        0.0 if successes == 0 else max(0.0, centre - half),
        1.0 if successes == n else min(1.0, centre + half),
    )


def clopper_pearson(successes: float, n: float, confidence_level: float = 0.95) -> Interval:
    """The exact interval for a rate (Clopper & Pearson 1934): never wrong more often than it says.

    Raises:
        NoDataError: a rate of nothing.

    Example:
        >>> low, high = clopper_pearson(100, 100)
        >>> round(low, 3), high
        (0.964, 1.0)
    """
    quantile(confidence_level)
    _check_counts(successes, n)
    tail = (1 - confidence_level) / 2
    failures = n - successes
    low = 0.0 if successes == 0 else float(beta.ppf(tail, successes, failures + 1))
    high = 1.0 if failures == 0 else float(beta.ppf(1 - tail, successes + 1, failures))
    return low, high


def clustered_rate(
    successes: Sequence[float], trials: Sequence[int], confidence_level: float = 0.95
) -> Interval:
    """Interval for a rate whose trials come in clusters: cases of a record, fields of a document.

    Clopper-Pearson's with as many independent trials as the clusters are worth (Korn & Graubard
    1998). That is judged from the clusters that differ: where few do, each cluster counts as little
    more than one trial. With one trial a cluster it is Clopper-Pearson's own.

    Args:
        successes: how many a cluster.
        trials: how many a cluster, at least one.
        confidence_level: share of the intervals that hold the rate.
    """
    hits, sizes = np.asarray(successes, float), np.asarray(trials, float)
    n, clusters, total = float(sizes.sum()), len(sizes), float(hits.sum())
    if clusters == n:
        return clopper_pearson(total, n, confidence_level)
    _check_counts(total, n)
    rate = total / n
    worth = least = n**2 / float((sizes**2).sum())  # were all trials of a cluster to end alike
    telling = int(min((hits > 0).sum(), (hits < sizes).sum()))
    if telling > 1:
        spread = clusters / (clusters - 1) * float(((hits - rate * sizes) ** 2).sum()) / n**2
        few = quantile(confidence_level) / float(t.ppf((1 + confidence_level) / 2, telling - 1))
        worth = float(np.clip(few**2 * rate * (1 - rate) / spread, least, n)) if spread else n
    return clopper_pearson(rate * worth, worth, confidence_level)


def newcombe_paired(
    both: int, first_only: int, second_only: int, neither: int, confidence_level: float = 0.95
) -> Interval:
    """Interval for first rate minus second rate on the same items.

    Newcombe's hybrid score method with continuity-corrected correlation (Newcombe 1998, method 10).
    """
    n = both + first_only + second_only + neither
    first, second = (both + first_only) / max(n, 1), (both + second_only) / max(n, 1)
    low1, high1 = wilson(both + first_only, n, confidence_level)
    low2, high2 = wilson(both + second_only, n, confidence_level)
    phi = _correlation(both, first_only, second_only, neither)
    below, above = (
        _squares(first - low1, high2 - second, phi),
        _squares(second - low2, high1 - first, phi),
    )
    return max(-1.0, first - second - below), min(1.0, first - second + above)


def tango_paired(
    n: int, first_only: int, second_only: int, confidence_level: float = 0.95
) -> Interval:
    """Interval for first rate minus second rate on the same ``n`` items: every difference that
    the score test of Tango (1998) does not refute.

    Example:
        >>> low, high = tango_paired(100, 10, 2)
        >>> round(low, 3), round(high, 3)
        (0.014, 0.158)
    """  # noqa: D205
    z = quantile(confidence_level)
    _check_counts(first_only + second_only, n)
    estimate = (first_only - second_only) / n

    def beyond(difference: float) -> float:
        return abs(_tango_score(difference, n, first_only, second_only)) - z

    low = -1.0 if beyond(-1.0) <= 0 else brentq(beyond, -1.0, estimate)
    high = 1.0 if beyond(1.0) <= 0 else brentq(beyond, estimate, 1.0)
    return float(low), float(high)


def mover_paired(
    n: int, first_only: int, second_only: int, confidence_level: float = 0.95
) -> Interval:
    """Interval for first rate minus second rate on the same ``n`` items: the one that gates use.

    Clopper-Pearson's limits for each of the two discordant shares, joined by the method of variance
    estimates recovery (Zou & Donner 2008). Newcombe's and Tango's are a little shorter, but where
    all discordant pairs go one way, as under a shift that only harms, they miss too often.

    Example:
        >>> low, high = mover_paired(100, 10, 0)
        >>> round(low, 3), round(high, 3)
        (0.037, 0.176)
    """
    _check_counts(first_only + second_only, n)
    first, second = first_only / n, second_only / n
    low1, high1 = clopper_pearson(first_only, n, confidence_level)
    low2, high2 = clopper_pearson(second_only, n, confidence_level)
    others = (n - first_only) * (n - second_only)
    phi = -sqrt(first_only * second_only / others) if others else 0.0
    below = _squares(first - low1, high2 - second, phi)
    above = _squares(high1 - first, second - low2, phi)
    return max(-1.0, first - second - below), min(1.0, first - second + above)


def welch(first: Floats, second: Floats, confidence_level: float = 0.95) -> Interval:
    """Interval for the difference of two independent means, variances unequal (Welch 1947).

    With one value on a side its variance is unknown, and the interval is the whole line.
    """
    quantile(confidence_level)
    if min(len(first), len(second)) < 2:
        return -float("inf"), float("inf")
    result = ttest_ind(first, second, equal_var=False)
    low, high = result.confidence_interval(confidence_level)
    return float(low), float(high)


def quantile(confidence_level: float) -> float:
    """The normal quantile of a two-sided interval: 1.96 for 0.95.

    Raises:
        ConfigError: a level that is no share from 0 to 1.
    """
    if not 0 < confidence_level < 1:
        hint = f"; write {confidence_level / 100:g}" if 50 <= confidence_level < 100 else ""
        raise ConfigError(f"confidence level {confidence_level:g} is not between 0 and 1{hint}")
    return float(norm.ppf((1 + confidence_level) / 2))


def _check_counts(successes: float, n: float) -> None:
    if n <= 0:
        raise NoDataError("a rate of nothing is no number; count at least one case")
    if not 0 <= successes <= n:
        raise ConfigError(f"{successes:g} of {n:g} is no share")


def _correlation(both: int, first_only: int, second_only: int, neither: int) -> float:
    margins = (both + first_only) * (second_only + neither) * (both + second_only)
    margins *= first_only + neither
    if margins == 0:
        return 0.0
    n = both + first_only + second_only + neither
    product = float(both * neither - first_only * second_only)
    if product > 0:
        product = max(product - n / 2, 0)
    return float(product / sqrt(margins))


def _squares(one: float, other: float, phi: float) -> float:
    return sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))


def _tango_score(difference: float, n: int, first_only: int, second_only: int) -> float:
    """The score statistic; its variance uses the likeliest discordance at that difference."""
    a = 2 * n
    b = -first_only - second_only + (2 * n - first_only + second_only) * difference
    c = -second_only * difference * (1 - difference)
    second = (sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    variance = n * (2 * second + difference * (1 - difference))
    distance = first_only - second_only - n * difference
    if variance <= 1e-12:
        return 0.0 if abs(distance) < 1e-9 else float(np.copysign(np.inf, distance))
    return float(distance / sqrt(variance))
