"""Verdicts on a measurement by its interval and limit: passed, failed or undecided."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Final, get_args

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.records import (
    NOTHING_AT_STAKE,
    Interval,
    Measurement,
    Outcome,
    Side,
    Verdict,
)

_MOST_TIMES: Final = 1000.0  # more cases than that nobody asks


def judge(
    measurement: Measurement,
    *,
    side: Side,
    limit: float,
    noise: float | Measurement = 0.0,
    stake: Measurement | None = None,
) -> Verdict:
    """Return the verdict on a measurement: passed, failed or undecided.

    Passed: the whole interval is on the right side of ``limit``. Failed: the whole interval is on
    the wrong side. Undecided: the interval straddles the limit; the advice is the number of further
    cases that would decide if the value stays the same: the interval is inverted by its number of
    cases.

    Args:
        measurement: the number and its interval.
        side: ``at_least`` or ``at_most``.
        limit: the limit, within the measurement's bounds.
        noise: the distance by which the number moves when the same model answers the same cases
            again; for a measurement, the lower end of its interval: what is proven.
        stake: the most that a gap can be on these cases, such as the accuracy of the reference. A
            pass is undecided unless the stake surely exceeds the limit: who has nothing to lose
            proves nothing by not losing it.

    Raises:
        ConfigError: no number could keep the limit, or the limit is finer than the noise.
    """
    check_limit(measurement.name, measurement.bounds, side, limit, noise)
    outcome = outcome_of(measurement.interval, side, limit)
    advice = _advice(measurement, side, limit) if outcome == "undecided" else ""
    vacuous = limit == measurement.bounds[side == "at_most"]  # always kept: nothing to prove
    if outcome != "failed" and not vacuous and stake and stake.interval[0] <= limit:
        outcome, advice = "undecided", _nothing_to_lose(stake, limit)
    p_value = None if vacuous else _p_value(measurement, limit)
    data = replace(measurement, interval_at=None, interval_with=None)
    return Verdict(data, limit, side, outcome, advice, p_value)


def outcome_of(interval: Interval, side: Side, limit: float) -> Outcome:
    """Return the outcome of an interval: on the right side, on the wrong side, or on both."""
    low, high = interval
    if side == "at_least":
        return "passed" if low >= limit else "failed" if high < limit else "undecided"
    return "passed" if high <= limit else "failed" if low > limit else "undecided"


def check_limit(
    name: str, bounds: Interval, side: Side, limit: float, noise: float | Measurement = 0.0
) -> None:
    """Check that a number can keep the limit, and that the limit is coarser than the noise.

    Raises:
        ConfigError: no number can keep the limit, or the limit is finer than the noise.
    """
    if side not in get_args(Side):
        raise ConfigError(f"side {side!r} is neither at_least nor at_most")
    least, greatest = bounds
    if not _within(limit, least, greatest):
        raise ConfigError(
            f"limit {side}={_said(limit)} for {name} is not between {least:g} and {greatest:g}"
        )
    shaky = noise.interval[0] if isinstance(noise, Measurement) else noise
    if not _within(shaky, 0, 1):
        raise ConfigError(f"noise is {_said(shaky)}; it must be a share from 0 to 1")
    room = limit - max(least, 0.0) if side == "at_most" else greatest - limit
    if shaky and room < shaky:
        raise ConfigError(
            f"limit {side}={limit:g} for {name} is finer than the model's own noise: asked again, "
            f"the same cases differ by {shaky:.3g}; allow at least that much"
        )


def _within(value: object, least: float, greatest: float) -> bool:
    return isinstance(value, (int, float)) and least <= value <= greatest  # False for NaN


def _said(value: object) -> str:
    return f"{value:g}" if isinstance(value, (int, float)) else repr(value)


def _p_value(measurement: Measurement, limit: float) -> float | None:
    """Return the smallest error rate whose interval lies entirely on one side of the limit.

    At most a half. One-sided: an interval at level 1 - 2p leaves out p on each side. An interval
    from resamples is infinite at a level that they cannot resolve, so the p-value is never smaller
    than they resolve.
    """
    if measurement.interval_at is None or not math.isfinite(measurement.value):
        return None
    above = measurement.value > limit
    known, unknown = 0.0, -12.0  # powers of ten; one side of the limit only at known
    for _ in range(24):
        tried = (known + unknown) / 2
        low, high = measurement.interval_at(max(1 - 10**tried, 1e-9))
        if low > limit if above else high < limit:
            known = tried
        else:
            unknown = tried
    return float(10**known / 2)


def _advice(measurement: Measurement, side: Side, limit: float) -> str:
    if limit in measurement.bounds and measurement.value == limit:
        return f"no number of cases proves {limit:g}; ask for a little less"
    if any(map(math.isinf, measurement.interval)):
        return "more cases, or a lower confidence level, would say something"
    interval_with = measurement.interval_with or partial(_shrunk, measurement)

    def decides(times: float) -> bool:
        return outcome_of(interval_with(times), side, limit) != "undecided"

    if not decides(_MOST_TIMES):
        return "too close to the limit for any affordable number of cases"
    few, many = 0.0, math.log(_MOST_TIMES)
    for _ in range(24):
        tried = (few + many) / 2
        few, many = (few, tried) if decides(math.exp(tried)) else (tried, many)
    more = measurement.n * math.expm1(many)
    return f"about {_round_up(more)} more cases would decide"


def _shrunk(measurement: Measurement, times: float) -> Interval:
    """Return the interval of so many times the cases where the measurement cannot tell.

    An interval shrinks with the root of n. But it shrinks with n itself if nothing varies: all
    right, all wrong, no record changed.
    """
    still = measurement.value in (0.0, *measurement.bounds)
    closer = times if still else math.sqrt(times)
    low, high = (
        measurement.value + (end - measurement.value) / closer for end in measurement.interval
    )
    return low, high


def _nothing_to_lose(stake: Measurement, limit: float) -> str:
    low, high = stake.interval
    return (
        f"{NOTHING_AT_STAKE}: {stake.name} of {stake.model or 'the reference'} is "
        f"{stake.value:.3f} [{low:.3f}, {high:.3f}] before, so it may have no more than {limit:g} "
        "to lose; mend that first"
    )


def _round_up(number: float) -> str:
    """Return a number rounded up to two digits, as text."""
    unit = 10 ** max(0, math.floor(math.log10(max(number, 1))) - 1)
    return f"{max(math.ceil(number / unit - 1e-3), 1) * unit:,}"
