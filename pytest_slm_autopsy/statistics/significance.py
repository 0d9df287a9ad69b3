"""Tests of significance: one paired comparison, and many gates at once."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.stats import binom

from pytest_slm_autopsy.errors import ConfigError


def mcnemar_exact(first_only: int, second_only: int) -> float:
    """Return the two-sided exact p-value of "both are right equally often" (McNemar 1947).

    Only the items on which the two differ carry evidence.

    Args:
        first_only: items that only the first has right.
        second_only: items that only the second has right.

    Raises:
        ConfigError: a negative count.

    Example:
        >>> round(mcnemar_exact(10, 2), 4)
        0.0386
    """
    n = first_only + second_only
    if min(first_only, second_only) < 0:
        raise ConfigError(f"counts must not be negative; got {first_only} and {second_only}")
    return min(1.0, 2 * float(binom.cdf(min(first_only, second_only), n, 0.5)))


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return the p-values adjusted for their number, in the given order (Holm 1979).

    All verdicts whose adjusted p-value is below 5 % hold together: the chance of a single false
    alarm among all gates is at most 5 %, however the gates depend on each other.

    Raises:
        ConfigError: a p-value outside 0 to 1.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        (0.03, 0.06, 0.06)
    """
    if wrong := next((p for p in p_values if not 0 <= p <= 1), None):
        raise ConfigError(f"{wrong:g} is no p-value; it must be from 0 to 1")
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[place] = highest
    return tuple(adjusted)
