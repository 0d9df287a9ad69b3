"""Which days a print can mean, by the order in which day, month and year may stand.

Month and weekday names of a dozen languages are CLDR's, through Babel.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Final
from unicodedata import combining, normalize

from babel.dates import get_day_names, get_month_names

_LANGUAGES: Final = ("en", "de", "fr", "nl", "pl", "es", "it", "pt", "sv", "da", "nb", "cs")
_FILLERS: Final = "st nd rd th er of the de del den d le el \u5e74 \u6708 \u65e5".split()
_PIECE: Final = re.compile(r"\d+|[^\W\d_]+")
_TIME: Final = re.compile(r"[t\s]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(z|[+-]\d{2}:?\d{2})?$")
_CENTURY_TURN: Final = 69  # POSIX: 68 is 2068, 69 is 1969
_YEARS: Final = range(1900, 2100)  # of eight digits, which may be no date at all

Parts = tuple[str, str, str]
"""Year, month and day, in digits."""


@lru_cache(1 << 16)
def days(text: str) -> Mapping[str, date]:
    """Order of day, month and year to the day that the print then means; empty for no date.

    Numbers with dots stand in day, month, year. Years of two digits turn at 69.

    Example:
        >>> {order: str(day) for order, day in days("03/04/2025").items()}
        {'dmy': '2025-04-03', 'mdy': '2025-03-04'}
    """
    plain = _TIME.sub("", normalize("NFKC", text).casefold().strip())
    numbers, months = [], []
    for piece in _PIECE.findall(plain):
        if piece.isdecimal():
            numbers.append(piece)
        elif found := _month(piece):
            months.append(str(found))
        elif piece not in _weekdays():
            return {}
    if len(months) == 1 and len(numbers) == 2:
        readings = _named(numbers, months[0])
    elif not months and len(numbers) == 3:
        readings = _numeric(numbers, dots="." in plain)
    elif not months and plain.isdecimal() and len(plain) == 8:
        readings = _solid(plain)
    else:
        return {}
    dated = ((order, _date(parts)) for order, parts in readings)
    return {order: found for order, found in dated if found}


def _named(numbers: Sequence[str], month: str) -> Iterator[tuple[str, Parts]]:
    first, last = numbers
    if len(first) != 4:
        yield "dmy", (last, month, first)
    if len(last) != 4:
        yield "ymd", (first, month, last)


def _numeric(numbers: Sequence[str], *, dots: bool) -> Iterator[tuple[str, Parts]]:
    first, second, third = numbers
    if len(first) != 4:
        yield "dmy", (third, second, first)
        if not dots:
            yield "mdy", (third, first, second)
    if len(first) == 4 or (len(third) == 2 and not dots):
        yield "ymd", (first, second, third)


def _solid(digits: str) -> Iterator[tuple[str, Parts]]:
    for order, parts in (
        ("ymd", (digits[:4], digits[4:6], digits[6:])),
        ("dmy", (digits[4:], digits[2:4], digits[:2])),
        ("mdy", (digits[4:], digits[:2], digits[2:4])),
    ):
        if int(parts[0]) in _YEARS:
            yield order, parts


def _date(parts: Parts) -> date | None:
    year, month, day = parts
    if len(year) not in (2, 4) or max(len(month), len(day)) > 2:
        return None
    century = 0 if len(year) == 4 else 2000 if int(year) < _CENTURY_TURN else 1900
    try:
        return date(century + int(year), int(month), int(day))
    except ValueError:
        return None


def _month(word: str) -> int | None:
    """The month of a name, or of the beginning of the names of one month only."""
    names = _months()
    if (plain := _unaccented(word)) in names:
        return names[plain]
    begun = {month for name, month in names.items() if name.startswith(plain)}
    return begun.pop() if len(plain) > 2 and len(begun) == 1 else None


@cache
def _months() -> Mapping[str, int]:
    return {
        _unaccented(name): month
        for language in _LANGUAGES
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for month, name in get_month_names(width, context, language).items()
    }


@cache
def _weekdays() -> frozenset[str]:
    """Words that say nothing of the date."""
    wide = {
        name.casefold() for one in _LANGUAGES for name in get_day_names("wide", locale=one).values()
    }
    short = {name.casefold() for name in get_day_names("abbreviated", locale="en").values()}
    return frozenset({piece for name in wide for piece in _PIECE.findall(name)} | short) | {
        *_FILLERS
    }


def _unaccented(name: str) -> str:
    parts = normalize("NFKD", name.casefold())
    return "".join(letter for letter in parts if letter.isalpha() and not combining(letter))
