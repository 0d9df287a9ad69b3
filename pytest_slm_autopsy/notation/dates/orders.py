"""Orders of year, month and day: what three numbers may be, and what a text's days show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final, Literal

from pytest_slm_autopsy.notation.text import plain_forms

Order = Literal["ymd", "dmy", "mdy"]
"""The order in which year, month and day stand in a print of numbers."""

CENTURY_TURN: Final = 69
_TWO_NUMBERS: Final = re.compile(r"(\d\d?)([-/.])(\d\d?)\2(?:\d{4}|\d\d)(?![\d/-]|\.\d)")
_IN_NUMBER: Final = frozenset("0123456789./-")


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


@lru_cache(maxsize=8)
def order_of(text: str) -> Order | None:
    """Return the order that a text's days show, of which one number is above 12.

    ``None`` where none shows it, or where they show both.

    Example:
        >>> order_of("Date: 03-04-2025, due: 25-04-2025"), order_of("Date: 03-04-2025")
        ('dmy', None)
    """
    shown: set[Order] = set()
    for match in _TWO_NUMBERS.finditer(plain_forms(text)):
        first, second = int(match[1]), int(match[3])
        apart = text[match.start() - 1 : match.start()] not in _IN_NUMBER
        if apart and 0 < min(first, second) <= 12 < max(first, second) < 32:
            shown.add("dmy" if first > 12 else "mdy")
    return shown.pop() if len(shown) == 1 else None


def order_of_pile(texts: Iterable[str]) -> Order | None:
    """Return the order that most texts of a pile show; ``None`` where it is not clear.

    At least two texts show it, and nine in ten of those that show any.
    """
    votes = Counter(order for text in texts if (order := order_of(text)))
    first, times = next(iter(votes.most_common(1)), (None, 0))
    return first if times > 1 and times * 10 >= votes.total() * 9 else None
