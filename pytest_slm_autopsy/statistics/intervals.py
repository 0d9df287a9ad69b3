"""Intervals for rates, paired differences of rates, and differences of means."""

from __future__ import annotations

from math import inf, isinf, sqrt
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import beta, norm, t

from pytest_slm_autopsy.errors import ConfigError, NoDataError, few_digits
from pytest_slm_autopsy.records import Interval

Floats = NDArray[np.float64]
MOST_COUNTED: Final = 2**53
"""From here on floats leave whole numbers out."""


class IntervalOf(Protocol):
    """A function from a confidence level, and a number of times the cases, to an interval.

    The interval of so many times the cases is the one that they would give if nothing else changed:
    advice on the number of further cases inverts it.
    """

    def __call__(self, confidence_level: float, times: float = 1.0, /) -> Interval:
        """Return the interval."""


def wilson(successes: int, n: int, confidence_level: float = 0.95) -> Interval:
    """Return Wilson's score interval for a rate (Wilson 1927).

    It is short, and its coverage is right on average over all rates, but too small for some. Gates
    use ``clopper_pearson``.

    Raises:
        NoDataError: ``n`` is 0.
        ConfigError: ``successes`` outside 0 to ``n``, or an invalid confidence level.

    Example:
        >>> low, high = wilson(98, 100)
        >>> round(low, 3), round(high, 3)
        (0.93, 0.994)
    """
    z = quantile(confidence_level)
    check_counts(successes, n)
    rate = successes / n
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return (
        0.0 if successes == 0 else max(0.0, centre - half),
        1.0 if successes == n else min(1.0, centre + half),
    )


def clopper_pearson(successes: float, n: float, confidence_level: float = 0.95) -> Interval:
    """Return the exact interval for a rate (Clopper & Pearson 1934).

    It misses the rate at most as often as ``confidence_level`` says, for every rate and every
    ``n``. Both counts may be fractions.

    Raises:
        NoDataError: ``n`` is 0.
        ConfigError: ``successes`` outside 0 to ``n``, or an invalid confidence level.

    Example:
        >>> low, high = clopper_pearson(100, 100)
        >>> round(low, 3), high
        (0.964, 1.0)
    """
    check_counts(successes, n)
    low, high = exact_ends(np.array([successes]), n, confidence_level)
    return float(low[0]), float(high[0])


def exact_ends(successes: Floats, n: float, confidence_level: float) -> tuple[Floats, Floats]:
    """Return both ends of Clopper-Pearson's interval for each number of successes of ``n``."""
    quantile(confidence_level)
    tail = (1 - confidence_level) / 2
    none, every = successes <= 0, successes >= n
    low = beta.ppf(tail, np.where(none, 1, successes), n - successes + 1)
    high = beta.ppf(1 - tail, successes + 1, np.where(every, 1, n - successes))
    return np.where(none, 0.0, low), np.where(every, 1.0, high)


def mover_paired(
    n: int, first_only: int, second_only: int, confidence_level: float = 0.95
) -> Interval:
    """Return the interval for first rate minus second rate on the same ``n`` items; gates use it.

    Clopper-Pearson's limits for each of the two discordant shares are joined by the method of
    variance estimates recovery (Zou & Donner 2008). Newcombe's and Tango's intervals are a little
    shorter. They miss too often where all discordant pairs go one way, as under a shift that only
    harms.

    Args:
        n: number of items.
        first_only: items that succeed in the first only.
        second_only: items that succeed in the second only.
        confidence_level: share of the intervals that hold the difference.

    Raises:
        NoDataError: ``n`` is 0.
        ConfigError: more discordant items than ``n``, or an invalid confidence level.

    Example:
        >>> low, high = mover_paired(100, 10, 0)
        >>> round(low, 3), round(high, 3)
        (0.037, 0.176)
    """
    check_counts(first_only + second_only, n)
    first, second = (clopper_pearson(k, n, confidence_level) for k in (first_only, second_only))
    return exclusive_difference(first_only / n, first, second_only / n, second)


def newcombe_paired(
    both: int, first_only: int, second_only: int, neither: int, confidence_level: float = 0.95
) -> Interval:
    """Return Newcombe's interval for first rate minus second rate on the same items.

    It is the hybrid score method with continuity-corrected correlation (Newcombe 1998, method 10).

    Args:
        both: items that succeed in both.
        first_only: items that succeed in the first only.
        second_only: items that succeed in the second only.
        neither: items that succeed in neither.
        confidence_level: share of the intervals that hold the difference.

    Raises:
        NoDataError: no items.
        ConfigError: an invalid confidence level.
    """
    n = both + first_only + second_only + neither
    first, second = (both + first_only) / max(n, 1), (both + second_only) / max(n, 1)
    ends = wilson(both + first_only, n, confidence_level)
    other_ends = wilson(both + second_only, n, confidence_level)
    phi = _correlation(both, first_only, second_only, neither)
    return _signed(recovered(first, ends, second, other_ends, correlation=phi))


def tango_paired(
    n: int, first_only: int, second_only: int, confidence_level: float = 0.95
) -> Interval:
    """Return Tango's interval for first rate minus second rate on the same ``n`` items.

    It holds every difference that the score test of Tango (1998) does not refute.

    Raises:
        NoDataError: ``n`` is 0.
        ConfigError: more discordant items than ``n``, or an invalid confidence level.

    Example:
        >>> low, high = tango_paired(100, 10, 2)
        >>> round(low, 3), round(high, 3)
        (0.014, 0.158)
    """
    z = quantile(confidence_level)
    check_counts(first_only + second_only, n)
    estimate = (first_only - second_only) / n

    def beyond(difference: float) -> float:
        return abs(_tango_score(difference, n, first_only, second_only)) - z

    low = -1.0 if beyond(-1.0) <= 0 else brentq(beyond, -1.0, estimate)
    high = 1.0 if beyond(1.0) <= 0 else brentq(beyond, estimate, 1.0)
    return float(low), float(high)


def welch(
    first: Floats, second: Floats, confidence_level: float = 0.95, times: float = 1.0
) -> Interval:
    """Return Welch's interval for the difference of two independent means (Welch 1947).

    The variances may be unequal. With a single value on a side its variance is unknown, and the
    interval is the whole line. ``times`` is the number of times the values.
    """
    quantile(confidence_level)
    sides, sizes = (first, second), [len(side) * times for side in (first, second)]
    if min(len(first), len(second)) < 2:
        return -inf, inf
    parts = [float(np.var(side, ddof=1)) / n for side, n in zip(sides, sizes, strict=True)]
    apart = float(np.mean(first) - np.mean(second))
    if not sum(parts):
        return apart, apart
    shares = [part**2 / (n - 1) for part, n in zip(parts, sizes, strict=True)]
    half = float(t.ppf((1 + confidence_level) / 2, sum(parts) ** 2 / sum(shares)))
    half *= sqrt(sum(parts))
    return apart - half, apart + half


def quantile(confidence_level: float) -> float:
    """Return the normal quantile of a two-sided interval: 1.96 for 0.95.

    Raises:
        ConfigError: a confidence level that is not between 0 and 1.
    """
    if not 0 < confidence_level < 1:
        hint = f"; write {confidence_level / 100:g}" if 50 <= confidence_level < 100 else ""
        raise ConfigError(f"confidence level {confidence_level:g} is not between 0 and 1{hint}")
    return float(norm.ppf((1 + confidence_level) / 2))


def recovered(
    first: float, ends: Interval, second: float, other_ends: Interval, *, correlation: float = 0.0
) -> Interval:
    """Return the interval for first minus second, from the interval of each.

    It is the method of variance estimates recovery (Zou & Donner 2008).
    """
    (low1, high1), (low2, high2) = ends, other_ends
    below = _squares(first - low1, high2 - second, correlation)
    above = _squares(high1 - first, second - low2, correlation)
    return first - second - below, first - second + above


def exclusive_difference(
    first: float, ends: Interval, second: float, other_ends: Interval
) -> Interval:
    """Return the interval for first minus second of two shares that exclude each other."""
    others = (1 - first) * (1 - second)
    correlation = -sqrt(first * second / others) if others else 0.0
    return _signed(recovered(first, ends, second, other_ends, correlation=correlation))


def _signed(interval: Interval) -> Interval:
    return max(-1.0, interval[0]), min(1.0, interval[1])


def check_counts(successes: float, n: float) -> None:
    """Check that so many successes of so many trials are a share.

    Raises:
        NoDataError: ``n`` is 0.
        ConfigError: ``successes`` outside 0 to ``n``, or more than floats count exactly.
    """
    if n <= 0:
        raise NoDataError("a rate of nothing is no number; count at least one case")
    if not 0 <= successes <= n:
        raise ConfigError(f"{few_digits(successes)} of {few_digits(n)} is no share")
    if n > MOST_COUNTED:
        raise ConfigError(f"{few_digits(n)} are more cases than can be counted exactly")


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
    if isinf(one) or isinf(other):  # an interval that says nothing
        return inf
    return sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))


def _tango_score(difference: float, n: int, first_only: int, second_only: int) -> float:
    """Return Tango's score statistic.

    Its variance takes the likeliest discordant share at ``difference``.
    """
    a = 2 * n
    b = -first_only - second_only + (2 * n - first_only + second_only) * difference
    c = -second_only * difference * (1 - difference)
    second = (sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    variance = n * (2 * second + difference * (1 - difference))
    distance = first_only - second_only - n * difference
    if variance <= 1e-12:
        return 0.0 if abs(distance) < 1e-9 else float(np.copysign(np.inf, distance))
    return float(distance / sqrt(variance))
