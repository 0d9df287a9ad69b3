"""Calibration error over bins: corrected for the noise of small bins, with its interval."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import erf

from pytest_slm_autopsy.records import Interval
from pytest_slm_autopsy.statistics.clustered import ClusteredRate
from pytest_slm_autopsy.statistics.intervals import quantile

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_BINS: Final = 15
_DRAWS: Final = 4000


def edges(sure: Floats) -> Ints:
    """Return where each bin of the sorted confidences ``sure`` ends, as exclusive indices.

    Bins hold about as many cases each; equal confidences are never parted. The number of bins is
    the cube root of the number of cases, at most 15: too few bins hide miscalibration, too many
    measure noise.
    """
    count = _bins_of(len(sure))
    ideal = np.arange(1, count + 1) * len(sure) // count
    return np.unique(np.searchsorted(sure, sure[ideal - 1], side="right"))


@dataclass(frozen=True, eq=False)
class BinnedError:
    """A calibration error by bin: gaps of accuracy and confidence, standard errors, and shares.

    ``together`` is the root of the correlation of the bins' noise, or ``None`` where every record
    is in one bin only once: then the bins are independent. ``n`` is the number of predictions.
    ``pulls`` hold the change of the plain estimate that each record makes, in order of appearance.
    """

    gaps: Floats
    errors: Floats
    shares: Floats
    n: float
    together: Floats | None = None
    pulls: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def resolution(self) -> float:
        """Return the smallest p-value that the draws of the interval can resolve."""
        return 1 / (1 + _DRAWS)

    @property
    def plain(self) -> float:
        """Return the usual estimate; it counts the bins' noise as error, so it is too high."""
        return float(self.shares @ np.abs(self.gaps))

    @cached_property
    def kept(self) -> float:
        """Return the factor that shrinks all gaps until gaps and noise look like the observed ones.

        It is 0 where the noise alone explains the plain estimate.
        """

        def excess(kept: float) -> float:
            return float(self.shares @ _expected(kept * self.gaps, self.errors)) - self.plain

        if excess(0) >= 0:
            return 0.0
        return float(brentq(excess, 0, 1)) if excess(1) > 0 else 1.0

    @property
    def value(self) -> float:
        """Return the error after shrinkage, corrected for the noise of the bins."""
        return self.plain * self.kept

    def interval(self, confidence_level: float = 0.95, times: float = 1.0) -> Interval:
        """Return the interval of the error, by an inverted parametric bootstrap.

        The interval holds every error under which the plain estimate would be no surprise. An error
        gives the smallest plain estimate where all bins share it; the upper end assumes that. It
        gives the largest where one bin has it all; the lower end assumes that. An error that the
        noise alone could produce stays inside the interval. At a
        level beyond its ``resolution`` the interval is the whole line: it says nothing. It is that
        of so many ``times`` the predictions.
        """
        if times != 1:
            return self._with(times).interval(confidence_level)
        quantile(confidence_level)
        tail = (1 - confidence_level) / 2
        if tail < self.resolution:
            return -inf, inf
        noise = _noise(len(self.gaps))
        noise = (noise if self.together is None else noise @ self.together.T) * self.errors
        alone = np.zeros(len(self.gaps))
        alone[np.argmin(self.errors)] = 1 / self.shares[np.argmin(self.errors)]

        def share_above(gaps: Floats | float) -> float:
            seen = np.abs(gaps + noise) @ self.shares
            return float((seen >= self.plain - 1e-12).mean())

        low = _root(lambda error: share_above(error * alone) - tail, self.value)
        if self.together is not None:  # errors that bins share, and their noise, may add up to more
            low = min(low, _root(lambda error: share_above(error) - tail, self.value))
        high = _root(lambda error: share_above(error) - (1 - tail), 1.0)
        floor = float(np.quantile(np.abs(noise) @ self.shares, 1 - tail))
        return min(low, self.value), max(high, floor, self.value)

    def _with(self, times: float) -> BinnedError:
        """Return the error that so many times the predictions would be expected to show.

        More of them fill more bins, so its interval shrinks by less than the root of their number.
        """
        count, more = len(self.gaps), 1.0
        if self.together is None:
            more = _bins_of(self.n * times) / _bins_of(self.n)
        old = np.arange(round(count * more)) * count // round(count * more)
        errors = self.errors[old] * np.sqrt(more / times)
        gaps = _expected(self.kept * np.abs(self.gaps[old]), errors)
        shares = self.shares[old] / self.shares[old].sum()
        return BinnedError(gaps, errors, shares, self.n * times, self.together)


@dataclass(frozen=True, eq=False)
class OneBin:
    """A calibration error over a single bin, as of one confidence for all: a rate, exactly."""

    confidence: float
    right: ClusteredRate
    value: float
    pulls: Floats

    def interval(self, confidence_level: float = 0.95, times: float = 1.0) -> Interval:
        """Return the distances of the confidence from the interval of the rate."""
        low, high = self.right.interval(confidence_level, times)
        far = max(abs(low - self.confidence), abs(high - self.confidence))
        near = max(low - self.confidence, self.confidence - high, 0.0)
        return min(near, self.value), far


def binned_error(sure: Floats, right: Floats, clusters: Sequence[Hashable]) -> BinnedError | OneBin:
    """Return the calibration error of confidences ``sure`` for outcomes ``right``.

    Both arrays have the shape (n,). ``clusters`` names the cluster of each prediction; predictions
    of one cluster vary together.
    """
    order = np.argsort(sure, kind="stable")
    ends = edges(sure[order])
    bins = np.empty(len(sure), dtype=np.int64)
    bins[order] = np.searchsorted(ends, np.arange(len(sure)), side="right")
    sizes = np.bincount(bins)
    numbers: dict[Hashable, int] = {}
    members = np.array([numbers.setdefault(name, len(numbers)) for name in clusters])
    cells = members * len(ends) + bins
    held = np.bincount(cells, minlength=len(numbers) * len(ends)).reshape(-1, len(ends))
    gaps = np.bincount(bins, weights=right - sure) / sizes
    rest = right - sure - gaps[bins]
    spread = np.bincount(cells, weights=rest, minlength=held.size).reshape(held.shape)
    rates = np.bincount(bins, weights=right) / sizes
    covariance = _covariance(held, spread.astype(float, copy=False), float(rest @ rest), rates)
    errors = np.sqrt(np.diag(covariance))
    together = None
    if held.sum() > len(held):
        values, vectors = np.linalg.eigh(covariance / np.outer(errors, errors))
        together = vectors * np.sqrt(np.maximum(values, 0.0))
    pulls = spread @ np.sign(gaps) / len(sure)
    error = BinnedError(gaps, errors, sizes / len(sure), len(sure), together, pulls)
    if len(ends) > 1:
        return error
    hits = ClusteredRate.of(np.bincount(members, weights=right), held[:, 0])
    return OneBin(float(sure.mean()), hits, error.value, pulls)


def _covariance(held: Ints, spread: Floats, own: float, rates: Floats) -> Floats:
    """Return the covariance of the bins' rates; predictions of one record vary together.

    ``held`` and ``spread`` have the shape (records, bins): the predictions of a record in a bin,
    and the sum of their distances from the bin's gap, whose squares sum up to ``own``.

    A record's predictions are equally correlated, within a bin and across. A bin is no surer than
    its own records show.
    """
    sizes, each = held.sum(0), held.sum(1).astype(float)
    # One more record wholly right and one wholly wrong, as large as that of a random prediction.
    more, rate = float(np.sqrt((each**3).sum() / each.sum())), float(rates @ sizes / sizes.sum())
    worst = rate**2 + (1 - rate) ** 2
    pairs = float(each @ (each - 1)) + 2 * more * (more - 1)
    alike = float((spread.sum(1) ** 2).sum()) - own + more * (more - 1) * worst
    variance = (own + more * worst) / (each.sum() + 2 * more)
    shared = float(np.clip(alike / pairs / variance, 0, 1)) if pairs > 0 else 0.0
    meeting = np.diag(sizes.astype(float))
    if len(held) < sizes.sum():  # else no record is in two bins
        meeting = held.T.astype(float) @ held
    worth = sizes / (1 + (np.diag(meeting) / sizes - 1) * shared)
    # A bin where all are right has no variance in the data, and yet its rate is uncertain. So two
    # more right and two more wrong answers are spread over all bins.
    added = 2 / len(sizes)
    rates = (rates * worth + added) / (worth + 2 * added)
    deviations = np.sqrt(rates * (1 - rates))
    model = np.diag((1 - shared) / sizes) + shared * meeting / np.outer(sizes, sizes)
    model = model * np.outer(deviations, deviations)
    seen = (spread**2).sum(0) / np.maximum(sizes - 1, 1) / sizes
    wider = np.sqrt(np.maximum(seen / np.diag(model), 1.0))
    covariance: Floats = model * np.outer(wider, wider)
    return covariance


def _bins_of(n: float) -> int:
    return min(MOST_BINS, max(1, round(float(np.cbrt(n)))))


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
