"""Orders of year, month and day: the days that three numbers may be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal

Order = Literal["ymd", "dmy", "mdy"]
"""The order in which year, month and day stand in a print of numbers."""

CENTURY_TURN: Final = 69


def readings_of(first: str, second: str, third: str, mark: str) -> dict[Order, date]:
    """Return what three numbers may be, by their order.

    A year of four digits comes first or last. Dots stand in day, month, year.
    """
    orders: dict[Order, tuple[str, str, str]] = {}
    if len(first) == 4:
        orders["ymd"] = (first, second, third)
    else:
        orders["dmy"] = (third, second, first)
        if "." not in mark:
            orders["mdy"] = (third, first, second)
            if len(first) == len(third) == 2:
                orders["ymd"] = (first, second, third)
    return dated(orders)


def dated(orders: Mapping[Order, tuple[str, str, str]]) -> dict[Order, date]:
    """Return the days of orders of (year, month, day), without those that do not exist."""
    read = ((order, date_of(*parts)) for order, parts in orders.items())
    return {order: day for order, day in read if day}


def date_of(year: str, month: str, day: str) -> date | None:
    """Return the day of three numbers; ``None`` where there is none."""
    century = 0 if len(year) == 4 else 2000 if int(year) < CENTURY_TURN else 1900
    try:
        return date(century + int(year), int(month), int(day))
    except ValueError:
        return None
