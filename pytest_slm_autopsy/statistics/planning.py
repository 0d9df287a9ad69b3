"""Sample sizes: the number of cases that a gate needs, before the first case is asked."""

from __future__ import annotations

from math import ceil, sqrt
from typing import Final

import numpy as np
from scipy.stats import binom, norm

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.statistics.intervals import mover_paired, quantile

MOST_CASES: Final = 100_000
_RUNS: Final = 4000


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
        raise ConfigError(
            f"a rate of {expected:g} is too close to the limit {limit:g}: "
            f"even {MOST_CASES:,} cases would not decide"
        )
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

    It is the number at which the gate decides with probability ``power``, found by simulation. The
    search ends at about 100,000 pairs, even where these are too few.

    Args:
        limit: the limit of the gap.
        lost: expected share of records that are right in the reference and wrong when shifted.
        won: expected share of records that are wrong in the reference and right when shifted.
        power: chance that the gate decides.
        confidence_level: of the gate's interval.

    Raises:
        ConfigError: a share outside 0 to 1, ``lost`` and ``won`` above 1 together, or an expected
            gap equal to its limit.

    Example:
        >>> required_pairs(limit=0.10, lost=0.03)
        132
    """
    _check_shares(limit=abs(limit), lost=lost, won=won, power=power)
    gap = lost - won
    if lost + won > 1 or gap == limit:
        raise ConfigError(f"a gap of {gap:g} cannot be told from the limit {limit:g}")
    at_limit = sqrt(max(lost + won - gap**2, abs(limit) * (1 - abs(limit))))
    reach = (quantile(confidence_level) + float(norm.ppf(power))) * at_limit
    n = ceil((reach / (gap - limit)) ** 2 / 2)  # start at half of the textbook's number
    while n < MOST_CASES and _power(n, limit, lost, won, confidence_level) < power:
        n = ceil(1.04 * n)
    return n


def _power(n: int, limit: float, lost: float, won: float, confidence_level: float) -> float:
    """Return the share of simulated runs in which the gate decides, on the side of the true gap."""
    drawn = np.random.default_rng(0).multinomial(n, [lost, won, 1 - lost - won], size=_RUNS)
    tables, times = np.unique(drawn[:, :2], axis=0, return_counts=True)
    ends = [mover_paired(n, int(b), int(c), confidence_level) for b, c in tables]
    decided = [high <= limit if lost - won < limit else low > limit for low, high in ends]
    return float(times @ np.array(decided) / _RUNS)


def _check_shares(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ConfigError(f"{name} is {share:g}; it must be a share from 0 to 1")
