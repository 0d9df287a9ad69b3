"""Days: one grammar reads them in a text, alone, and at its beginning, and prints them.

A form is a pattern of elements: ``DD.MM.YYYY``, ``D MONTH YYYY``, ``WDAY, MON D YYYY``. The shapes
that are read are made of the same elements, so whatever is read has a form that prints it again.
A print may be open: ``03/04/2025`` is in March or April. It then has several days, and forms.

Years of two digits turn at 69, as in POSIX: 68 is 2068, 69 is 1969.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from pytest_slm_autopsy.notation.dates.day_forms import (
    WEEKDAY,
    forms_of,
    is_sure_month,
    is_weekday,
    months_of,
    print_day,
    tells_order,
    weekday_width,
)
from pytest_slm_autopsy.notation.dates.day_shapes import (
    BY_DIGITS,
    LOOSE,
    NAME_DAY,
    NUMERIC,
    ORDINALS,
    SECTION,
    SOLID,
    SPACED,
    TIME,
    WORDED,
    YEAR_BEHIND,
    YEAR_DAY,
    YEAR_NAME,
)
from pytest_slm_autopsy.notation.dates.orders import (
    Order,
    date_of,
    dated,
    order_of,
    readings_of,
)
from pytest_slm_autopsy.notation.dressing import bare_day
from pytest_slm_autopsy.notation.figures.numbers import is_alone
from pytest_slm_autopsy.notation.text import DASHES, Span, lines_at, plain_forms, starts_of

SOLID_YEARS: Final = range(1900, 2100)
"""Years of eight digits in a row, which may be no date at all."""
LONGEST_BEGINNING: Final = 200
"""Characters before a line that are read for the beginning of a day."""
LONGEST_END: Final = 100
"""Characters of a line that hold the end of a day, and the indent before it."""
LONGEST_NAME: Final = 20
"""Characters before a day that may be the name of its month; its year is nearer behind it."""
_LONGEST_ALONE: Final = 48
_LONGEST_WORDED: Final = 80
"""Characters before a year that may be a day in words."""
_DIGITS: Final = re.compile(r"\d+")
_OTHERS: Final[Mapping[Order | None, Order]] = {"dmy": "mdy", "mdy": "dmy"}
_DASHES: Final = dict.fromkeys(map(ord, DASHES), "-")
_UNPLAIN: Final = re.compile(f"[{DASHES[1:]}]")


class Day(NamedTuple):
    """One printed day: where it stands, what it may be by order, and the forms that print it so.

    It is open where it may be several days. It is ``sure`` where it can be nothing but a day, also
    without a label: neither ``31032025`` nor ``31 03 2025`` is.
    """

    span: Span
    readings: Mapping[Order, date]
    forms: tuple[str, ...]
    sure: bool

    @property
    def days(self) -> frozenset[date]:
        """Return every day that it may be."""
        return frozenset(self.readings.values())

    def forms_in(self, order: Order | None) -> tuple[str, ...]:
        """Return the forms that print it so; one, where ``order`` tells day from month."""
        orders = list(self.readings)
        if order in orders and len(orders) == len(self.forms):
            return (self.forms[orders.index(order)],)
        return self.forms


@lru_cache(maxsize=8)
def days_in(text: str) -> Mapping[str, Sequence[Span]]:
    """Map each ISO day of a text to its places, in order; a print that may be two days is both.

    Example:
        >>> days_in("Rechnung vom 31.03.2025")
        {'2025-03-31': [(13, 23)]}
    """
    found: dict[str, dict[Span, None]] = {}
    for match, readings in sorted(_read(text), key=lambda one: one[0].span()):
        for day in readings.values():
            found.setdefault(day.isoformat(), {})[match.span()] = None
    return {day: list(places) for day, places in found.items()}


def days_like(text: str, day: date, order: Order | None = None) -> list[Span]:
    """Return the places of a day in a text, in order; only lines with its year are read.

    Where the text shows whether day or month comes first, ``03/04/2025`` is one day. Where it does
    not, ``order`` decides, as its pile shows it.
    """
    plain = plain_forms(text)
    other = _OTHERS.get(order_of(text) or order)
    spans = (
        match.span()
        for line in _whole_lines(plain, lines_at(plain, _years(plain, day.year)), day.year)
        for match, readings in _read(plain, line)
        if day in _told(match, readings, other)
    )
    return sorted(set(spans))


def _told(
    match: re.Match[str], readings: Mapping[Order, date], other: Order | None
) -> Collection[date]:
    """Return the days that a print may be, without those in an order that the text denies."""
    if other is None or len(readings) == 1 or "n" in match.re.groupindex:
        return readings.values()
    return [day for order, day in readings.items() if order != other] or readings.values()


def _whole_lines(plain: str, lines: Iterable[Span], year: int) -> Iterator[Span]:
    """Yield lines, with the end of the line above where a day may begin that ends in them."""
    short = f"{year % 100:02}"
    for start, end in lines:
        if plain.find(short, start, start + LONGEST_END) >= 0:
            above = plain.rfind("\n", 0, max(0, start - 1)) + 1
            yield max(above, start - LONGEST_BEGINNING), end
        else:
            yield start, end


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
    text = bare_day(text)
    if len(text) > _LONGEST_ALONE:
        return None
    end = time.start() if (time := TIME.search(text)) else len(text)
    return next((day for day in _days_at_start(text) if day.span[1] == end), None)


@lru_cache(maxsize=4096)
def day_at_start(text: str) -> Day | None:
    """Return the day that a text begins with, a weekday before it or not; more may follow it."""
    return next(_days_at_start(text[:_LONGEST_ALONE]), None)


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


def _read(text: str, line: Span | None = None) -> Iterator[tuple[re.Match[str], dict[Order, date]]]:
    """Yield the days of a text, or of a line of it; numbers that may be anything are left out."""
    plain = _plain(text)
    for match in _matches(plain, *(line or (0, len(plain)))):
        readings = _readings(match)
        if match.re is SOLID and readings and not is_alone(plain, match.span()):
            readings = {order: day for order, day in readings.items() if order == "ymd"}
        if readings and match.re is not SPACED:
            yield match, readings


def _plain(text: str) -> str:
    """Return a text with plain digits and dashes; no character moves."""
    return _plain_document(text) if len(text) > _LONGEST_ALONE else _with_dashes(text)


def _with_dashes(text: str) -> str:
    plain = plain_forms(text)
    return plain if plain.isascii() or not _UNPLAIN.search(plain) else plain.translate(_DASHES)


@lru_cache(maxsize=8)
def _plain_document(text: str) -> str:
    return _with_dashes(text)


def _matches(plain: str, first: int, last: int) -> Iterator[re.Match[str]]:
    """Yield what looks like a date: it starts with digits, or with a name and then digits."""
    for number in _DIGITS.finditer(plain, first, last):
        start, end = number.span()
        yield from _starting(plain, start, end)
        if end - start <= 2 and YEAR_BEHIND.match(plain, end):
            around = NAME_DAY.finditer(plain, max(0, start - LONGEST_NAME), end + LONGEST_NAME)
            if (match := next(around, None)) and match.start("d") == start:
                yield match
        if end - start == 4 and plain[start - 1 : start].isspace():
            words = WORDED.finditer(plain, max(0, start - _LONGEST_WORDED), end)
            yield from (match for match in words if match.start("y") == start)


def _starting(plain: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield what looks like a day and starts with the digits at a place."""
    for form in BY_DIGITS.get(end - start, ()):
        if (match := form.match(plain, start)) and not _numbered(plain, match):
            yield match
            if form is NUMERIC:
                return  # what is loose is as well strict


def _numbered(plain: str, match: re.Match[str]) -> bool:
    """Tell the number of a version or a section: one of three small numbers and dots."""
    if match.re is not NUMERIC or len(match["y"]) != 2 or match["s"] != ".":
        return False
    return bool(SECTION.search(plain, max(0, match.start() - 12), match.start()))


def _readings(match: re.Match[str], *, begun: bool = False) -> dict[Order, date]:
    if match.re is SOLID:
        digits = match["solid"]
        orders: dict[Order, tuple[str, str, str]] = {
            "ymd": (digits[:4], digits[4:6], digits[6:]),
            "dmy": (digits[4:], digits[2:4], digits[:2]),
            "mdy": (digits[4:], digits[:2], digits[2:4]),
        }
        return dated({o: parts for o, parts in orders.items() if int(parts[0]) in SOLID_YEARS})
    if match.re in (NUMERIC, LOOSE, SPACED):
        return readings_of(match["d"], match["m"], match["y"], match["s"])
    if "n" not in match.re.groupindex:
        return dated({"ymd": (match["y"], match["m"], match["d"])})
    order: Order = "ymd" if match.re in (YEAR_NAME, YEAR_DAY) else "dmy"
    months = months_of(match["n"], begun=begun)
    number = ORDINALS[match["d"].casefold()] if match.re is WORDED else match["d"]
    named = [date_of(match["y"], str(month), number) for month in months]
    # Of a name that two languages give two months, the second stands for the other order.
    return {key: day for key, day in zip((order, "mdy"), named, strict=False) if day}


def _days_at_start(text: str) -> Iterator[Day]:
    """Yield the days that a text may begin with, those without a weekday first."""
    plain = _plain(text)
    yield from _days_at(plain, 0, "")
    weekday = WEEKDAY.match(plain)
    if weekday and is_weekday(weekday["w"]):
        before = weekday_width(weekday["w"]) + weekday["mark"]
        yield from _days_at(plain, weekday.end(), before)


def _days_at(plain: str, start: int, before: str) -> Iterator[Day]:
    """Yield the days at a place; ``before`` is the part of the form that stands before them."""
    number = _DIGITS.match(plain, start)
    named = None if number else NAME_DAY.match(plain, start) or WORDED.match(plain, start)
    matches = _starting(plain, *number.span()) if number else (named,) if named else ()
    for match in matches:
        if readings := _readings(match, begun=True):
            forms = tuple(before + form for form in forms_of(match, tuple(readings)))
            yield Day(match.span(), readings, forms, _is_sure(match, readings))


def _is_sure(match: re.Match[str], readings: Mapping[Order, date]) -> bool:
    if match.re is SOLID:
        return "ymd" in readings
    if "n" in match.re.groupindex:
        return is_sure_month(match["n"])
    return match.re is not SPACED
