"""Interval and limit to a verdict: proven, refuted, or undecided."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.records import Measurement, Outcome, Verdict

_listener: ContextVar[Callable[[Verdict], None] | None] = ContextVar("listener", default=None)


def judge(
    measurement: Measurement, *, side: Literal["at_most", "at_least"], limit: float
) -> Verdict:
    """Passed when the whole interval is on the right side of ``limit``, failed when none of it is.

    An interval that straddles the limit proves nothing: undecided, with the number of cases that
    would decide if the value stays where it is.
    """
    if not -1 <= limit <= 1:
        raise ConfigError(
            f"limit {side}={limit:g} for {measurement.name} is not a share from 0 to 1"
        )
    low, high = measurement.interval
    if side == "at_least":
        outcome: Outcome = "passed" if low >= limit else "failed" if high < limit else "undecided"
    else:
        outcome = "passed" if high <= limit else "failed" if low > limit else "undecided"
    advice = _advice(measurement, limit) if outcome == "undecided" else ""
    return Verdict(measurement, limit, side, outcome, advice)


@contextmanager
def listening(listener: Callable[[Verdict], None]) -> Iterator[None]:
    """Hand every verdict that is announced inside the block to ``listener``."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def announce(verdict: Verdict) -> None:
    """Tell whoever listens; without a listener nothing happens."""
    if listener := _listener.get():
        listener(verdict)


def _advice(measurement: Measurement, limit: float) -> str:
    distance = abs(measurement.value - limit)
    low, high = measurement.interval
    half = max(measurement.value - low, high - measurement.value)
    if not distance > half / 30:  # NaN is not, either
        return "too close to the limit for any affordable number of cases"
    # An interval shrinks with the root of n.
    return f"about {math.ceil(measurement.n * (half / distance) ** 2)} cases would decide"
