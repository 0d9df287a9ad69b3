"""Calibration error over bins: corrected for the noise of small bins, with its interval."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import erf

from pytest_slm_autopsy.records import Interval
from pytest_slm_autopsy.statistics.intervals import quantile

Floats = NDArray[np.float64]

MOST_BINS: Final = 15
_DRAWS: Final = 4000


def edges(sure: Floats) -> NDArray[np.int64]:
    """Return where each bin of the sorted confidences ``sure`` ends, as exclusive indices.

    Bins hold about as many cases each; equal confidences are never parted. The number of bins is
    the cube root of the number of cases, at most 15: too few bins hide miscalibration, too many
    measure noise.
    """
    count = min(MOST_BINS, max(1, round(len(sure) ** (1 / 3))))
    ideal = np.arange(1, count + 1) * len(sure) // count
    return np.unique(np.searchsorted(sure, sure[ideal - 1], side="right"))


@dataclass(frozen=True, eq=False)
class BinnedError:
    """A calibration error by bin: gaps of accuracy and confidence, standard errors, and shares."""

    gaps: Floats
    errors: Floats
    shares: Floats

    @property
    def resolution(self) -> float:
        """Return the smallest p-value that the draws of the interval can resolve."""
        return 1 / (1 + _DRAWS)

    @property
    def plain(self) -> float:
        """Return the usual estimate; it counts the bins' noise as error, so it is too high."""
        return float(self.shares @ np.abs(self.gaps))

    @cached_property
    def value(self) -> float:
        """Return the error after shrinkage, corrected for the noise of the bins.

        All gaps are shrunk by one factor, until gaps and noise together are expected to give the
        plain estimate. The value is 0 where the noise alone explains that estimate.
        """

        def excess(kept: float) -> float:
            return float(self.shares @ _expected(kept * self.gaps, self.errors)) - self.plain

        if excess(0) >= 0:
            return 0.0
        return self.plain * (brentq(excess, 0, 1) if excess(1) > 0 else 1.0)

    def interval(self, confidence_level: float = 0.95) -> Interval:
        """Return the interval of the error, by an inverted parametric bootstrap.

        The interval holds every error under which the plain estimate would be no surprise. An error
        gives the smallest plain estimate where all bins share it; the upper end assumes that. It
        gives the largest where one bin has it all; the lower end assumes that. An error that the
        noise alone could produce stays inside the interval. At a
        level beyond its ``resolution`` the interval is the whole line: it says nothing.
        """
        quantile(confidence_level)
        tail = (1 - confidence_level) / 2
        if tail < self.resolution:
            return -inf, inf
        noise = _noise(len(self.gaps)) * self.errors
        clearest = int(np.argmin(self.errors))

        def share_above(error: float, *, together: bool) -> float:
            gaps = np.full(len(self.gaps), 0.0 if together else error)
            if together:
                gaps[clearest] = error / self.shares[clearest]
            seen = np.abs(gaps + noise) @ self.shares
            return float((seen >= self.plain - 1e-12).mean())

        low = _root(lambda error: share_above(error, together=True) - tail, self.value)
        high = _root(lambda error: share_above(error, together=False) - (1 - tail), 1.0)
        floor = float(np.quantile(np.abs(noise) @ self.shares, 1 - tail))
        return min(low, self.value), max(high, floor, self.value)


def binned_error(sure: Floats, right: Floats, clusters: Sequence[Hashable]) -> BinnedError:
    """Return the calibration error of confidences ``sure`` for outcomes ``right``.

    Both arrays have the shape (n,). ``clusters`` names the cluster of each prediction; predictions
    of one cluster vary together.
    """
    order = np.argsort(sure, kind="stable")
    ends = edges(sure[order])
    bins = np.empty(len(sure), dtype=np.int64)
    bins[order] = np.searchsorted(ends, np.arange(len(sure)), side="right")
    sizes = np.bincount(bins)
    gaps = np.bincount(bins, weights=right - sure) / sizes
    numbers: dict[Hashable, int] = {}
    members = np.array([numbers.setdefault(name, len(numbers)) for name in clusters])
    influence = np.bincount(
        members * len(ends) + bins,
        weights=right - sure - gaps[bins],
        minlength=len(numbers) * len(ends),
    )
    seen = (influence.reshape(-1, len(ends)) ** 2).sum(0) / np.maximum(sizes - 1, 1)
    # A bin where all are right has no variance in the data, and yet its rate is uncertain. So two
    # more right and two more wrong answers are spread over all bins.
    more = 2 / len(ends)
    rates = (np.bincount(bins, weights=right) + more) / (sizes + 2 * more)
    variances = np.maximum(seen, rates * (1 - rates))
    return BinnedError(gaps, np.sqrt(variances / sizes), sizes / len(sure))


def _expected(gaps: Floats, errors: Floats) -> Floats:
    """Return the mean absolute value of normal variables, by means and standard deviations."""
    z = gaps / errors
    expected: Floats = errors * np.sqrt(2 / np.pi) * np.exp(-(z**2) / 2) + gaps * erf(
        z / np.sqrt(2)
    )
    return expected


@cache
def _noise(bins: int) -> Floats:
    half = np.random.default_rng(0).standard_normal((_DRAWS // 2, bins))
    return np.concatenate([half, -half])


def _root(rising: Callable[[float], float], upper: float) -> float:
    """Return the place from 0 to ``upper`` at which a rising step function passes zero."""
    low, high = 0.0, upper
    for _ in range(20):
        middle = (low + high) / 2
        if rising(middle) < 0:
            low = middle
        else:
            high = middle
    return low
