"""Sample sizes: the number of cases that a gate needs, before the first case is asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom, norm

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.statistics.intervals import exact_ends, exclusive_difference, quantile

MOST_CASES: Final = 100_000
_TRIED: Final = 800
_BEYOND: Final = 1.3  # the power of more pairs than that is higher by more than it goes down


def required_n(
    limit: float, expected: float, *, power: float = 0.9, confidence_level: float = 0.95
) -> int:
    """Return the number of cases with which a gate on a rate decides, with probability ``power``.

    The gate judges Clopper-Pearson's interval.

    Args:
        limit: the limit of the gate, a share.
        expected: the model's true rate, above or below the limit.
        power: chance that the gate decides.
        confidence_level: of the gate's interval.

    Raises:
        ConfigError: a share outside 0 to 1, or a rate too close to its limit for 100,000 cases.

    Example:
        >>> required_n(limit=0.90, expected=0.97)
        141
    """
    tail = 1 - norm.cdf(quantile(confidence_level))
    _check_shares(limit=limit, expected=expected, power=power)
    n = np.arange(1, MOST_CASES + 1)
    if expected > limit:  # the fewest right answers that a model at the limit rarely reaches
        fewest = binom.isf(tail, n, limit) + 1
        reached = binom.sf(fewest - 1, n, expected)
    else:
        most = binom.ppf(tail, n, limit) - 1
        reached = binom.cdf(most, n, expected)
    short = n[reached < power]
    if len(short) and short[-1] == MOST_CASES:
        raise _too_close("rate", expected, limit, "cases")
    return int(short[-1]) + 1 if len(short) else 1


def required_pairs(
    limit: float,
    lost: float,
    won: float = 0.0,
    *,
    power: float = 0.9,
    confidence_level: float = 0.95,
) -> int:
    """Return the number of pairs with which a gate on a paired gap decides.

    With this number, and with every larger one, the gate decides with probability ``power``: the
    exact power goes up and down as pairs are added, since counts are whole.

    Args:
        limit: of the gap.
        lost: expected share of records that are right in the reference and wrong when shifted.
        won: expected share of records that are wrong in the reference and right when shifted.
        power: chance that the gate decides.
        confidence_level: of the gate's interval.

    Raises:
        ConfigError: a share outside 0 to 1, ``lost`` and ``won`` above 1 together, or an expected
            gap too close to its limit for 100,000 pairs.

    Example:
        >>> required_pairs(limit=0.10, lost=0.03)
        141
    """
    _check_shares(limit=abs(limit), lost=lost, won=won, power=power)
    gap = lost - won
    if lost + won > 1 or gap == limit:
        raise ConfigError(f"a gap of {gap:g} cannot be told from the limit {limit:g}")
    decides = partial(_chance, limit=limit, lost=lost, won=won, confidence_level=confidence_level)
    reach = (quantile(confidence_level) + float(norm.ppf(power))) / (gap - limit)
    variance = max(lost + won - gap**2, abs(limit) * (1 - abs(limit)))
    start = ceil(variance * reach**2 / 2)  # half of the textbook's number
    if n := _enough(decides, power, start):
        return _last_short(decides, power, n) + 1
    raise _too_close("gap", gap, limit, "pairs")


def _too_close(what: str, expected: float, limit: float, units: str) -> ConfigError:
    return ConfigError(
        f"a {what} of {expected:g} is too close to the limit {limit:g}: "
        f"even {MOST_CASES:,} {units} would not decide"
    )


def _enough(decides: Callable[[int], float], power: float, n: int) -> int:
    """Return a number of pairs that suffice, from ``n`` on, or 0 if no affordable one does."""
    while n <= MOST_CASES and decides(n) < power:
        n = ceil(1.04 * n)
    return n if n <= MOST_CASES else 0


def _last_short(decides: Callable[[int], float], power: float, n: int) -> int:
    """Return the largest number of pairs that decide too seldom, near ``n``, which suffice.

    Every number is tried where they are few, and one in many, then those about the last one, where
    the power hardly moves from one number to the next.
    """
    step = max(1, n // _TRIED)
    short = max(
        (
            m
            for m in range(max(1, int(0.9 * n)), ceil(_BEYOND * n) + 20, step)
            if decides(m) < power
        ),
        default=0,
    )
    return max((m for m in range(short, short + step) if m and decides(m) < power), default=short)


def _chance(n: int, limit: float, lost: float, won: float, confidence_level: float) -> float:
    """Return the chance that the gate decides on ``n`` pairs, on the side of the true gap.

    For each number of pairs won, the gate decides below or above some number of pairs lost, which
    grows with the number won. So both are walked through side by side.
    """
    losses, wins = _likely(n, lost), _likely(n, won)
    of_losses, of_wins = (
        list(zip(*exact_ends(counts / 1.0, n, confidence_level), strict=True))
        for counts in (losses, wins)
    )
    below = lost - won < limit
    at, last = 0, []  # how many of the losses are on the near side of the limit
    for win, ends in zip(wins.tolist(), of_wins, strict=True):
        while at < len(losses):
            low, high = exclusive_difference(losses[at] / n, of_losses[at], win / n, ends)
            if not (high <= limit if below else low <= limit):
                break
            at += 1
        last.append(losses[0] + at - 1)
    # Of the pairs that are not won, so many are lost.
    rest = lost / (1 - won) if won < 1 else 0.0
    reached = binom.cdf if below else binom.sf
    chances = reached(np.array(last), n - wins, rest)
    return float(binom.pmf(wins, n, won) @ chances)


def _likely(n: int, share: float) -> NDArray[np.int64]:
    """Return the numbers of ``n`` that are not too unlikely to matter."""
    least, most = binom.ppf([1e-7, 1 - 1e-7], n, share).astype(int)
    return np.arange(max(least, 0), most + 1)


def _check_shares(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ConfigError(f"{name} is {share:g}; it must be a share from 0 to 1")
