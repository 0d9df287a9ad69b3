"""Days: one grammar reads them in a text, alone, and at its beginning, and prints them.

A form is a pattern of elements: ``DD.MM.YYYY``, ``D MONTH YYYY``, ``WDAY, MON D YYYY``. The shapes
that are read are made of the same elements, so whatever is read has a form that prints it again.
A print may be open: ``03/04/2025`` is in March or April. It then has several days, and forms.

Years of two digits turn at 69, as in POSIX: 68 is 2068, 69 is 1969.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from pytest_slm_autopsy.notation.day_forms import (
    forms_of,
    is_weekday,
    months_of,
    print_day,
    tells_order,
    weekday_width,
)
from pytest_slm_autopsy.notation.text import Span, lines_at, plain_forms, starts_of

Order = Literal["ymd", "dmy", "mdy"]
"""The order in which year, month and day stand in a print of numbers."""

CENTURY_TURN: Final = 69
SOLID_YEARS: Final = range(1900, 2100)
"""Years of eight digits in a row, which may be no date at all."""
LONGEST_NAME: Final = 20
"""Characters before a day that may be the name of its month; its year is nearer behind it."""
_LONGEST_ALONE: Final = 48

# Letters of scripts that put spaces between words; in the others a day may stand close to a word.
_LETTER: Final = r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
_ELEMENTS: Final = {
    "YYYY": r"(?P<y>\d{4})",
    "YEAR": r"(?P<y>\d{4}|\d\d)",
    "M": r"(?P<m>\d\d?)",
    "D": r"(?P<d>\d\d?)",
    "NAME": r"(?P<n>[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])+)",
    "gap": r"[^\S\n]",
    # No part of a longer word, number or code.
    "alone": rf"(?<!{_LETTER})(?<!\d[.,])(?<!\w[-/])",
    "then": rf"(?!{_LETTER}|[-/.,:]\d|[-/]\w)",
    "ordinal": r"(?:st|nd|rd|th|er|[ºª°])",
}


def _shape(pattern: str) -> re.Pattern[str]:
    """Compile a shape, written in elements; spaces in it are for the reader."""
    return re.compile(pattern.replace(" ", "") % _ELEMENTS, re.IGNORECASE)


_NUMERIC: Final = _shape(  # 31.03.2025, 3/4/25, 31. 3. 2025, 31 03 2025
    r"%(alone)s %(D)s (?P<s>[-/.]%(gap)s?|%(gap)s(?=\d\d%(gap)s\d{4}))"
    r"%(M)s (?P=s) %(YEAR)s %(then)s"
)
_YEAR_FIRST: Final = _shape(  # 2025-03-31, 2025. 3. 31., 2025-03-31T10:00
    r"%(alone)s %(YYYY)s (?P<s>[-/.]%(gap)s?) %(M)s (?P=s) %(D)s (?:(?=T\d)|%(then)s)"
)
_SIGNED: Final = _shape(  # of East Asia, each number with its sign
    r"%(alone)s %(YYYY)s %(gap)s?[年년]%(gap)s? %(M)s %(gap)s?[月월]%(gap)s? %(D)s %(gap)s?[日일]"
)
_YEAR_NAME: Final = _shape(  # 2025 March 31, 2025-Mar-31
    r"%(alone)s %(YYYY)s (?:\.?%(gap)s|-) %(NAME)s (?:\.?%(gap)s|-) %(D)s %(then)s"
)
_DAY_NAME: Final = _shape(  # 31 March 2025, 31st of March, 2025, 1er août 2025, 31-Mar-25
    r"""%(alone)s %(D)s %(ordinal)s? (?:[-/.]|[.,]?%(gap)s{1,2})?
    (?:(?:de%(gap)s|of%(gap)s|d['\u2019])?) %(NAME)s (?:[-/.]|[.,]{0,2}%(gap)s{1,2})?
    (?:(?:del?|of)%(gap)s)? ['\u2019]? %(YEAR)s %(then)s""".replace("\n", "")
)
_BEHIND: Final = r"%(ordinal)s?\.?(?:,%(gap)s?|%(gap)s|-)%(YYYY)s%(then)s"
_NAME_DAY: Final = _shape(  # March 31, 2025
    rf"(?<![^\W_]) %(NAME)s (?:\.%(gap)s?|%(gap)s{{1,2}}|-) %(D)s {_BEHIND}"
)
_YEAR_BEHIND: Final = _shape(_BEHIND)
_SOLID: Final = re.compile(  # 20250331, 31032025
    r"""
    (?<![^\W\u3040-\u30ff\u3400-\u9fff])(?<![/,#+-])(?<![^.]\.)   # no part of a code
    (?P<solid>\d{8})
    (?![^\W\u3040-\u30ff\u3400-\u9fff]|[/#-]|[.,:]\d)
    """,
    re.VERBOSE,
)
_BY_DIGITS: Final = {
    1: (_NUMERIC, _DAY_NAME),
    2: (_NUMERIC, _DAY_NAME),
    4: (_YEAR_FIRST, _SIGNED, _YEAR_NAME),
    8: (_SOLID,),
}
_DIGITS: Final = re.compile(r"\d+")
_SECTION: Final = _shape(  # before 1.2.3 it is a number of a version or of a section
    r"(?:(?<![^\W_])(?:version|ver\.|section|sec\.|abschnitt|kapitel|chapter)|§)%(gap)s?$"
)
_TIME: Final = re.compile(
    r"""
    (?:T|,?[ ]+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?   # T10:00:00.5
    \s*(?:[AP]M|Z|[+-]\d{2}:?\d{2})?$                # pm, +01:00
    """,
    re.VERBOSE | re.IGNORECASE,
)
_WEEKDAY: Final = re.compile(r"(?P<w>[^\W\d_]{2,}(?:[- ][^\W\d_]+)?)(?P<mark>\.?,? )")


class Day(NamedTuple):
    """One printed day: where it stands, what it may be by order, and the forms that print it so.

    It is open where it may be several days.
    """

    span: Span
    readings: Mapping[Order, date]
    forms: tuple[str, ...]

    @property
    def days(self) -> frozenset[date]:
        """Return every day that it may be."""
        return frozenset(self.readings.values())


@lru_cache(maxsize=8)
def days_in(text: str) -> Mapping[str, Sequence[Span]]:
    """Map each ISO day of a text to its places, in order; a print that may be two days is both.

    Example:
        >>> days_in("Rechnung vom 31. März 2025")
        {'2025-03-31': [(13, 26)]}
    """
    found: dict[str, list[Span]] = {}
    for match, readings in sorted(_read(text), key=lambda one: one[0].span()):
        for day in dict.fromkeys(day.isoformat() for day in readings.values()):
            if match.span() not in (places := found.setdefault(day, [])):
                places.append(match.span())
    return found


def days_like(text: str, day: date) -> list[Span]:
    """Return the places of a day in a text, in order; only lines with its year are read."""
    plain = plain_forms(text)
    spans = (
        match.span()
        for line in lines_at(plain, _years(plain, day.year))
        for match, readings in _read(plain, line)
        if day in readings.values()
    )
    return sorted(set(spans))


def _years(plain: str, year: int) -> Iterator[int]:
    """Yield the places that may hold a year, in four digits or two."""
    century, short = divmod(year, 100)
    for at in starts_of(plain, f"{short:02}"):
        before, after = plain[max(0, at - 2) : at], plain[at + 2 : at + 3]
        if before == f"{century:02}" or not (before[-1:].isdigit() or after.isdigit()):
            yield at


@lru_cache(maxsize=8)
def day_starts(text: str) -> frozenset[int]:
    """Return the places where days of a text start."""
    return frozenset(start for spans in days_in(text).values() for start, _ in spans)


@lru_cache(maxsize=1 << 14)
def whole_day(text: str) -> Day | None:
    """Return the day that a text is; a weekday may stand before it, a time behind it.

    Example:
        >>> sorted(map(str, whole_day("Fri 03/04/2025").days))
        ['2025-03-04', '2025-04-03']
    """
    text = text.strip().rstrip(".,")
    if not 0 < len(text) <= _LONGEST_ALONE:
        return None
    end = time.start() if (time := _TIME.search(text)) else len(text)
    return next((day for day in _days_at_start(text) if day.span[1] == end), None)


@lru_cache(maxsize=4096)
def day_at_start(text: str) -> Day | None:
    """Return the day that a text begins with, a weekday before it or not; more may follow it."""
    return next(_days_at_start(text[:_LONGEST_ALONE]), None)


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
            if len(third) == 2:
                orders["ymd"] = (first, second, third)
    return _dated(orders)


def is_open_day(value: str, form: str) -> bool:
    """Tell whether the print of a day leaves open which number is the day: ``03/04/2025``."""
    if tells_order(form):
        return False
    printed = print_day(value, form)
    numbers = _DIGITS.findall(printed)
    if len(numbers) == 3:
        first, second, third = numbers
        return len({*readings_of(first, second, third, "").values()}) > 1
    found = whole_day(printed)
    return found is not None and len(found.days) > 1


def _dated(orders: Mapping[Order, tuple[str, str, str]]) -> dict[Order, date]:
    read = ((order, _date(*parts)) for order, parts in orders.items())
    return {order: day for order, day in read if day}


def _date(year: str, month: str, day: str) -> date | None:
    century = 0 if len(year) == 4 else 2000 if int(year) < CENTURY_TURN else 1900
    try:
        return date(century + int(year), int(month), int(day))
    except ValueError:
        return None


def _read(text: str, line: Span | None = None) -> Iterator[tuple[re.Match[str], dict[Order, date]]]:
    plain = plain_forms(text)
    for match in _matches(plain, *(line or (0, len(plain)))):
        if readings := _readings(match):
            yield match, readings


def _matches(plain: str, first: int, last: int) -> Iterator[re.Match[str]]:
    """Yield what looks like a day: by the digits that it starts with, or a name before them."""
    for number in _DIGITS.finditer(plain, first, last):
        yield from _starting(plain, *number.span())
        start, end = number.span()
        if end - start <= 2 and _YEAR_BEHIND.match(plain, end):
            around = _NAME_DAY.finditer(plain, max(0, start - LONGEST_NAME), end + LONGEST_NAME)
            if (match := next(around, None)) and match.start("d") == start:
                yield match


def _starting(plain: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield what looks like a day and starts with the digits at a place."""
    for form in _BY_DIGITS.get(end - start, ()):
        if (match := form.match(plain, start)) and not _numbered(plain, match):
            yield match


def _numbered(plain: str, match: re.Match[str]) -> bool:
    """Tell the number of a version or a section: one of three small numbers and dots."""
    if match.re is not _NUMERIC or len(match["y"]) != 2 or match["s"] != ".":
        return False
    return bool(_SECTION.search(plain, max(0, match.start() - 12), match.start()))


def _readings(match: re.Match[str]) -> dict[Order, date]:
    if match.re is _SOLID:
        digits = match["solid"]
        orders: dict[Order, tuple[str, str, str]] = {
            "ymd": (digits[:4], digits[4:6], digits[6:]),
            "dmy": (digits[4:], digits[2:4], digits[:2]),
            "mdy": (digits[4:], digits[:2], digits[2:4]),
        }
        return _dated({o: parts for o, parts in orders.items() if int(parts[0]) in SOLID_YEARS})
    if match.re is _NUMERIC:
        return readings_of(match["d"], match["m"], match["y"], match["s"])
    if "n" not in match.re.groupindex:
        return _dated({"ymd": (match["y"], match["m"], match["d"])})
    order: Order = "ymd" if match.re is _YEAR_NAME else "dmy"
    named = [_date(match["y"], str(month), match["d"]) for month in months_of(match["n"])]
    # Of a name that two languages give two months, the second stands for the other order.
    return {key: day for key, day in zip((order, "mdy"), named, strict=False) if day}


def _days_at_start(text: str) -> Iterator[Day]:
    """Yield the days that a text may begin with, those without a weekday first."""
    plain = plain_forms(text)
    yield from _days_at(plain, 0, "")
    weekday = _WEEKDAY.match(plain)
    if weekday and is_weekday(weekday["w"]):
        before = weekday_width(weekday["w"]) + weekday["mark"]
        yield from _days_at(plain, weekday.end(), before)


def _days_at(plain: str, start: int, before: str) -> Iterator[Day]:
    """Yield the days at a place; ``before`` is the part of the form that stands before them."""
    number = _DIGITS.match(plain, start)
    named = None if number else _NAME_DAY.match(plain, start)
    matches = _starting(plain, *number.span()) if number else (named,) if named else ()
    for match in matches:
        if readings := _readings(match):
            forms = tuple(before + form for form in forms_of(match, tuple(readings)))
            yield Day(match.span(), readings, forms)
