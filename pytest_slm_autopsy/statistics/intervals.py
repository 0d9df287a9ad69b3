"""Intervals for rates, paired differences of rates, and anything that can be resampled."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, ttest_ind

from pytest_slm_autopsy.errors import ConfigError

Interval = tuple[float, float]
Floats = NDArray[np.float64]


def wilson(successes: int, n: int, *, confidence_level: float = 0.95) -> Interval:
    """Wilson's score interval for a rate (Wilson 1927).

    Example:
        >>> low, high = wilson(98, 100)
        >>> round(low, 3), round(high, 3)
        (0.93, 0.994)
    """
    z = _z(confidence_level)
    rate = successes / n
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def newcombe_paired(
    both: int, first_only: int, second_only: int, neither: int, *, confidence_level: float = 0.95
) -> Interval:
    """Interval for first rate minus second rate on the same items.

    Newcombe's hybrid score method with continuity-corrected correlation (Newcombe 1998, method 10).
    """
    n = both + first_only + second_only + neither
    first, second = (both + first_only) / n, (both + second_only) / n
    low1, high1 = wilson(both + first_only, n, confidence_level=confidence_level)
    low2, high2 = wilson(both + second_only, n, confidence_level=confidence_level)
    phi = _correlation(both, first_only, second_only, neither)
    below, above = (
        _squares(first - low1, high2 - second, phi),
        _squares(second - low2, high1 - first, phi),
    )
    return max(-1.0, first - second - below), min(1.0, first - second + above)


def bootstrap(
    n: int,
    statistic: Callable[[NDArray[np.int64]], Floats],
    *,
    confidence_level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap over ``n`` items.

    ``statistic`` maps an index array of shape (resamples, n) to one value a row.
    """
    _z(confidence_level)
    indices = np.random.default_rng(seed).integers(0, n, size=(resamples, n))
    tail = (1 - confidence_level) / 2
    low, high = np.quantile(statistic(indices), (tail, 1 - tail))
    return float(low), float(high)


def welch(first: Floats, second: Floats, *, confidence_level: float = 0.95) -> Interval:
    """Interval for the difference of two independent means, variances unequal (Welch 1947).

    With one value on a side its variance is unknown, and the interval is the whole line.
    """
    _z(confidence_level)
    if min(len(first), len(second)) < 2:
        return -float("inf"), float("inf")
    result = ttest_ind(first, second, equal_var=False)
    low, high = result.confidence_interval(confidence_level)
    return float(low), float(high)


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


def _z(confidence_level: float) -> float:
    if not 0.5 <= confidence_level < 1:
        hint = f"; write {confidence_level / 100:g}" if 50 <= confidence_level < 100 else ""
        raise ConfigError(f"confidence level {confidence_level:g} is not between 0.5 and 1{hint}")
    return float(norm.ppf((1 + confidence_level) / 2))
