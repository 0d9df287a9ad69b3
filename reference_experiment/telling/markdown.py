"""Tables and numbers as every page of the experiment writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table, with a line break at its end."""
    lines = (f"| {' | '.join(cells)} |" for cells in rows)
    return "\n".join((f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines)) + "\n"


def number(measurement: Mapping[str, Any], digits: int = 2) -> str:
    """Return a measurement, as plain data, with its interval."""
    return told(measurement["value"], measurement["interval"], digits)


def told(value: float, interval: Sequence[float], digits: int = 2) -> str:
    """Return a value with its interval."""
    low, high = interval
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
