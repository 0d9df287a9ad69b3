"""Confidence sequences by betting: intervals that hold at every moment, however often one looks.

A gambler bets on each case that the mean is not m. If the mean is m, the gambler cannot expect to
gain. When the capital has grown 40-fold, m is refuted with an error of at most 1 in 40, whenever
one stops (Ville 1939; Waudby-Smith & Ramdas 2024). The interval holds every m that is not refuted.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import log
from typing import Final

import numpy as np
from scipy.optimize import brentq

from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.records import Interval
from pytest_slm_autopsy.statistics.intervals import quantile

# Stakes are shares of the capital. Spread by the arcsine law, they gain nearly as much as the best
# single stake would.
_GAMBLERS: Final = 256
_STAKES: Final = (1 + np.cos((2 * np.arange(_GAMBLERS) + 1) * np.pi / (2 * _GAMBLERS))) / 2


def betting_interval(
    counts: Mapping[float, float], bounds: Interval, confidence_level: float = 0.95
) -> Interval:
    """Return an interval for a mean that stays valid however often it is looked at.

    Gamblers bet against each mean; the interval holds those that no gambler grew rich against. The
    order of the values does not matter.

    Args:
        counts: maps each value to the times it was seen; fractions are allowed.
        bounds: the least and the greatest value that can be seen.
        confidence_level: share of runs whose intervals hold the mean at every moment.

    Raises:
        NoDataError: no values.
        ConfigError: an invalid confidence level.

    Example:
        >>> low, high = betting_interval({1.0: 95, 0.0: 5}, (0.0, 1.0))
        >>> round(low, 2), round(high, 2)
        (0.85, 0.99)
    """
    quantile(confidence_level)
    if not sum(counts.values()):
        raise NoDataError("an interval needs at least one value; ask at least one case")
    least, greatest = bounds
    mirrored = {-value: count for value, count in counts.items()}
    return (
        _refuted_below(counts, least, greatest, confidence_level),
        -_refuted_below(mirrored, -greatest, -least, confidence_level),
    )


def _refuted_below(
    counts: Mapping[float, float], least: float, greatest: float, confidence_level: float
) -> float:
    """Return the lower end of the interval: the largest mean that bets on more refute.

    The capital of these bets falls as the tested mean rises, so all smaller means are refuted too.
    """
    if least == greatest:
        return least
    values = np.array(list(counts))
    times = np.array(list(counts.values()))
    goal = log(2 / (1 - confidence_level))

    def beyond(mean: float) -> float:
        gain = (values - least) / (mean - least)
        grown = np.log1p(_STAKES[:, None] * (gain - 1)) @ times
        most = float(grown.max())
        return most + log(float(np.exp(grown - most).mean())) - goal

    tiny = least + 1e-9 * (greatest - least)
    if beyond(tiny) <= 0:
        return least
    return float(brentq(beyond, tiny, greatest, xtol=1e-9)) if beyond(greatest) < 0 else greatest
