"""Days: one grammar reads them in a text, alone, and at its beginning, and prints them.

A form is a pattern of elements: ``DD.MM.YYYY``, ``D MONTH YYYY``, ``WDAY, MON D YYYY``. The shapes
that are read are made of the same elements, so whatever is read has a form that prints it again.
A print may be open: ``03/04/2025`` is in March or April. It then has several days, and forms.

Years of two digits turn at 69, as in POSIX: 68 is 2068, 69 is 1969.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from pytest_slm_autopsy.notation.day_forms import (
    WEEKDAY,
    forms_of,
    is_sure_month,
    is_weekday,
    months_of,
    print_day,
    tells_order,
    weekday_width,
)
from pytest_slm_autopsy.notation.dressing import bare_day
from pytest_slm_autopsy.notation.numbers import LINE_END, MARK_BEFORE
from pytest_slm_autopsy.notation.orders import Order, date_of, dated, readings_of
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
_TENS: Final = {"": 0, "twenty": 20, "thirty": 30}
_ONES: Final = "first second third fourth fifth sixth seventh eighth ninth".split()
_TEENS: Final = (
    "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth "
    "nineteenth"
).split()
_FIRSTS: Final = "premier primero primo primeiro ersten erste eerste pierwszego".split()
ORDINALS: Final[Mapping[str, str]] = {
    **{f"{ten}{'-' * bool(ten)}{one}": str(number + at)
       for ten, number in reversed(_TENS.items()) for at, one in enumerate(_ONES, 1)
       if number + at < 32},
    **{word: str(at) for at, word in enumerate(_TEENS, 10)},
    "twentieth": "20", "thirtieth": "30", **dict.fromkeys(_FIRSTS, "1"),
}  # fmt: skip
"""Number of the day in words, in English, and of the first in other languages."""

# Letters of scripts that put spaces between words; in the others a day may stand close to a word.
_LETTER: Final = r"[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]"
_ELEMENTS: Final = {
    "YYYY": r"(?P<y>\d{4})",
    "YEAR": r"(?P<y>\d{4}|\d\d)",
    "SHORT": r"['\u2019]?(?P<y>\d{4}|(?<=['\u2019])\d\d)",
    "M": r"(?P<m>\d\d?)",
    "D": r"(?P<d>\d\d?)",
    "NAME": r"(?P<n>[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])+)",
    "gap": r"[^\S\n]",
    # Between words: a line may end there, and go on behind an indent.
    "wrap": r"(?:[^\S\n]{1,2}(?!\s)|[^\S\n]{0,2}\r?\n[^\S\n]{0,80})",
    # No part of a longer word, number or code.
    "alone": rf"(?<!{_LETTER})(?<!\d[.,])(?<!\w[-/])",
    "then": rf"(?!{_LETTER}|[-/.,:]\d|[-/]\w)",
    # The same, or glued to a word that may stand beside a day: DATE31/03/2018TIME.
    "glued": rf"(?:(?<!{_LETTER})|(?<=date)|(?<=datum)|(?<=data)|(?<=vom))(?<!\d[.,])(?<!\w[-/])",
    "behind": rf"(?:(?=time|uhr|um)|(?!{_LETTER}|[-/.,:]\d|[-/]\w))",
    "ordinal": r"(?:[ ]?(?P<o>st|nd|rd|th|er|[ºª°])(?![^\W\d_]))",
    "time": r"(?=T\d)",
}


def _shape(pattern: str) -> re.Pattern[str]:
    """Compile a shape, written in elements; spaces in it are for the reader."""
    return re.compile(pattern.replace(" ", "") % _ELEMENTS, re.IGNORECASE)


_NUMERIC: Final = _shape(  # 31.03.2025, 3/4/25, 31. 3. 2025, 31 / 03 / 2025
    r"%(glued)s %(D)s (?P<s>[-.]%(gap)s?|%(gap)s?/%(gap)s?) %(M)s (?P=s) %(YEAR)s"
    r"(?:%(time)s|%(behind)s)"
)
_LOOSE: Final = _shape(  # 31 . 03 . 2025, 31-03- 2025
    r"%(alone)s %(D)s %(gap)s? (?P<s>[-./]) %(gap)s? %(M)s %(gap)s? (?P=s) %(gap)s? %(YYYY)s"
    r"%(then)s"
)
_SPACED: Final = _shape(  # 31 03 2025, which may be anything, unless it stands alone
    r"%(alone)s %(D)s (?P<s>%(gap)s) %(M)s (?P=s) %(YYYY)s %(then)s"
)
_YEAR_FIRST: Final = _shape(  # 2025-03-31, 2025. 3. 31., 2025-03-31T10:00
    r"%(alone)s %(YYYY)s %(gap)s? (?P<s>[-/.]) %(gap)s? %(M)s %(gap)s? (?P=s) %(gap)s? %(D)s"
    r"(?:%(time)s|%(then)s)"
)
_SIGNED: Final = _shape(  # of East Asia, each number with its sign
    r"%(alone)s %(YYYY)s %(gap)s?[年년]%(gap)s? %(M)s %(gap)s?[月월]%(gap)s? %(D)s %(gap)s?[日일]"
)
_YEAR_NAME: Final = _shape(  # 2025 March 31, 2025-Mar-31
    r"%(alone)s %(YYYY)s (?:\.?%(gap)s|[-/]) %(NAME)s (?:\.?%(gap)s|[-/]) %(D)s %(then)s"
)
_YEAR_DAY: Final = _shape(  # 2025. gada 31. marts
    r"%(alone)s %(YYYY)s \.?%(gap)sgada%(gap)s %(D)s \.?%(gap)s %(NAME)s (?![^\W\d_])"
)
_DAY_NAME: Final = _shape(  # 31 March 2025, 1er août 2025, 31-Mar-25, 1st day of May, 2025
    r"""%(alone)s %(D)s %(ordinal)s? (?:[-/.]|[.,]?%(wrap)s)? (?:day%(wrap)s)?
    (?:(?:de%(wrap)s|of%(wrap)s|d['\u2019])?) %(NAME)s (?:[-/.]|%(gap)s?[.,]{0,2}%(wrap)s|,)?
    (?:(?:del?|of|in[ ]the[ ]year)%(wrap)s)? ['\u2019]? %(YEAR)s %(then)s""".replace("\n", "")
)
_BEHIND: Final = r"%(ordinal)s?\.?(?:%(gap)s?,%(wrap)s?|%(wrap)s|-)%(SHORT)s%(then)s"
_NAME_DAY: Final = _shape(  # March 31, 2025, March 31 , 2025, MARCH31,2025, May the 1st, 2025
    rf"(?<![^\W_]) %(NAME)s (?:\.%(gap)s?|%(wrap)s(?:the%(wrap)s)?|-)? %(D)s {_BEHIND}"
)
_WORDED: Final = _shape(  # the first day of May, 2025, le premier mai 2025
    rf"""(?<![^\W_]) (?P<d>(?P<o>{"|".join(ORDINALS)})) %(wrap)s (?:day%(wrap)s)?
    (?:(?:of|de)%(wrap)s)? %(NAME)s %(gap)s?,?%(wrap)s (?:(?:del?|of|in[ ]the[ ]year)%(wrap)s)?
    %(YYYY)s %(then)s""".replace("\n", "").replace("[ ]", "[\\x20]")
)
_YEAR_BEHIND: Final = _shape(_BEHIND)
_SOLID: Final = re.compile(  # 20250331, 31032025
    r"""
    (?<![^\W\u3040-\u30ff\u3400-\u9fff])(?<![/,#+-])(?<![^.]\.)   # no part of a code
    (?P<solid>\d{8})
    (?:(?=T\d)|(?![^\W\u3040-\u30ff\u3400-\u9fff]|[/#-]|[.,:]\d))
    """,
    re.VERBOSE,
)
_BY_DIGITS: Final = {
    1: (_NUMERIC, _LOOSE, _SPACED, _DAY_NAME),
    2: (_NUMERIC, _LOOSE, _SPACED, _DAY_NAME),
    4: (_YEAR_FIRST, _SIGNED, _YEAR_NAME, _YEAR_DAY),
    8: (_SOLID,),
}
_DIGITS: Final = re.compile(r"\d+")
_TWO_NUMBERS: Final = re.compile(r"(\d\d?)([-/.])(\d\d?)\2(?:\d{4}|\d\d)(?![\d/-]|\.\d)")
_IN_NUMBER: Final = frozenset("0123456789./-")
_OTHERS: Final[Mapping[Order | None, Order]] = {"dmy": "mdy", "mdy": "dmy"}
_DASHES: Final = dict.fromkeys(map(ord, DASHES), "-")
_UNPLAIN: Final = re.compile(f"[{DASHES[1:]}]")
_SECTION: Final = _shape(  # before 1.2.3 it is a number of a version or of a section
    r"(?:(?<![^\W_])(?:version|ver\.|section|sec\.|abschnitt|kapitel|chapter)|§)%(gap)s?$"
)
TIME: Final = re.compile(
    r"""
    (?:T|,?[ ]+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?   # T10:00:00.5
    \s*(?:[AP]M|Z|[+-]\d{2}:?\d{2})?$                # pm, +01:00
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""A time behind a day, and nothing after it."""


class Day(NamedTuple):
    """One printed day: where it stands, what it may be by order, and the forms that print it so.

    It is open where it may be several days. It is ``sure`` where it can be nothing but a day, also
    without a label: neither ``31032025`` nor ``31 03 2025`` is.
    """

    span: Span
    readings: Mapping[Order, date]
    forms: tuple[str, ...]
    sure: bool = True

    @property
    def days(self) -> frozenset[date]:
        """Return every day that it may be."""
        return frozenset(self.readings.values())


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
    if not 0 < len(text) <= _LONGEST_ALONE:
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
        if match.re is _SOLID and readings and not _stands_alone(match):
            readings = {order: day for order, day in readings.items() if order == "ymd"}
        if readings and match.re is not _SPACED:
            yield match, readings


def _stands_alone(match: re.Match[str]) -> bool:
    """Tell whether a number stands between a label and the end of its line."""
    start, end = match.span()
    labelled = MARK_BEFORE.search(match.string, max(0, start - 16), start)
    return labelled is not None and LINE_END.match(match.string, end) is not None


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
        if end - start <= 2 and _YEAR_BEHIND.match(plain, end):
            around = _NAME_DAY.finditer(plain, max(0, start - LONGEST_NAME), end + LONGEST_NAME)
            if (match := next(around, None)) and match.start("d") == start:
                yield match
        if end - start == 4 and plain[start - 1 : start].isspace():
            words = _WORDED.finditer(plain, max(0, start - _LONGEST_WORDED), end)
            yield from (match for match in words if match.start("y") == start)


def _starting(plain: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield what looks like a day and starts with the digits at a place."""
    for form in _BY_DIGITS.get(end - start, ()):
        if (match := form.match(plain, start)) and not _numbered(plain, match):
            yield match
            if form is _NUMERIC:
                return  # what is loose is as well strict


def _numbered(plain: str, match: re.Match[str]) -> bool:
    """Tell the number of a version or a section: one of three small numbers and dots."""
    if match.re is not _NUMERIC or len(match["y"]) != 2 or match["s"] != ".":
        return False
    return bool(_SECTION.search(plain, max(0, match.start() - 12), match.start()))


def _readings(match: re.Match[str], *, begun: bool = False) -> dict[Order, date]:
    if match.re is _SOLID:
        digits = match["solid"]
        orders: dict[Order, tuple[str, str, str]] = {
            "ymd": (digits[:4], digits[4:6], digits[6:]),
            "dmy": (digits[4:], digits[2:4], digits[:2]),
            "mdy": (digits[4:], digits[:2], digits[2:4]),
        }
        return dated({o: parts for o, parts in orders.items() if int(parts[0]) in SOLID_YEARS})
    if match.re in (_NUMERIC, _LOOSE, _SPACED):
        return readings_of(match["d"], match["m"], match["y"], match["s"])
    if "n" not in match.re.groupindex:
        return dated({"ymd": (match["y"], match["m"], match["d"])})
    order: Order = "ymd" if match.re in (_YEAR_NAME, _YEAR_DAY) else "dmy"
    months = months_of(match["n"], begun=begun)
    number = ORDINALS[match["d"].casefold()] if match.re is _WORDED else match["d"]
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
    named = None if number else _NAME_DAY.match(plain, start) or _WORDED.match(plain, start)
    matches = _starting(plain, *number.span()) if number else (named,) if named else ()
    for match in matches:
        if readings := _readings(match, begun=True):
            forms = tuple(before + form for form in forms_of(match, tuple(readings)))
            yield Day(match.span(), readings, forms, _is_sure(match, readings))


def _is_sure(match: re.Match[str], readings: Mapping[Order, date]) -> bool:
    if match.re is _SOLID:
        return "ymd" in readings
    if "n" in match.re.groupindex:
        return is_sure_month(match["n"])
    return match.re is not _SPACED
