"""Forms of days: patterns of elements. Print a day in a form, and tell the form of a printed one.

``YYYY`` and ``YY``, ``MM`` and ``M``, ``DD`` and ``D`` are numbers, ``MONTH`` and ``MON`` the full
and the short name of the month, ``WEEKDAY`` and ``WDAY`` of the day; all else is printed as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Final

from babel.dates import get_day_names, get_month_names

from pytest_slm_autopsy.notation.cldr import table
from pytest_slm_autopsy.notation.languages import LANGUAGES, MONTH_LANGUAGES
from pytest_slm_autopsy.notation.text import folded

ISO: Final = "YYYY-MM-DD"
OTHER_FORM: Final = "another form"
"""The form of a day that no pattern prints again, such as ``31st March 2025``."""

DATE_FORMS: Final = (
    (ISO, 4), ("DD/MM/YYYY", 36), ("DD-MM-YYYY", 11), ("DD.MM.YYYY", 12), ("DD-MM-YY", 9),
    ("DD/MM/YY", 7), ("DD.MM.YY", 2), ("D MONTH YYYY", 7), ("DD MON YYYY", 6), ("D/M/YYYY", 2),
    ("D. MONTH YYYY", 2), ("MONTH D, YYYY", 2), ("DD-MON-YYYY", 1), ("MM/DD/YYYY", 1),
    ("YYYYMMDD", 1),
)  # fmt: skip
"""Forms, and how often of a hundred documents each is seen."""

_ELEMENT: Final = re.compile("YYYY|YY|MONTH|MON|MM|M|DD|D|WEEKDAY|WDAY")
_PREPOSITION: Final = re.compile("^(?:de |d['\u2019])")
_OTHER_MONTHS: Final = {"sept": 9, "maerz": 3, "mrz": 3, "febr": 2}
_SHORT_MONTH: Final = 4
"""Letters of a name that is taken for a short one, where no language in full has it."""


def print_day(value: str, form: str, language: str = "en") -> str:
    """Print an ISO day in another form.

    Example:
        >>> print_day("2025-03-31", "D. MONTH YYYY", "de")
        '31. März 2025'
    """
    year, month, day = value.split("-")
    names = month_names(language)
    parts = {
        "YYYY": year,
        "YY": year[2:],
        "MM": month,
        "M": str(int(month)),
        "DD": day,
        "D": str(int(day)),
        "MONTH": names[0][int(month) - 1],
        "MON": names[1][int(month) - 1],
    }
    if "DAY" in form:
        wide, short = weekday_names(language)
        number = date.fromisoformat(value).weekday()
        parts |= {"WEEKDAY": wide[number], "WDAY": short[number]}
    return "".join([parts.get(piece, piece) for piece in _pieces(form)])


def both_orders(form: str) -> tuple[str, str]:
    """Return a numeric form day first and month first, whichever of the two it is."""
    day, month = ("DD", "MM") if "DD" in form else ("D", "M")
    turned = form.replace(day, "\0").replace(month, day).replace("\0", month)
    return (form, turned) if form.index(day) < form.index(month) else (turned, form)


def forms_of(match: re.Match[str], orders: Sequence[str]) -> tuple[str, ...]:
    """Return the forms that print a day as it stands in a match, by the orders it may be read in.

    The groups are ``y``, ``d`` and ``m`` or the name ``n``; or ``solid``, of eight digits.
    """
    groups = match.groupdict()
    if groups.get("solid"):
        solid = {"ymd": "YYYYMMDD", "dmy": "DDMMYYYY", "mdy": "MMDDYYYY"}
        return tuple(solid[order] for order in orders)
    if groups.get("n"):
        return tuple(dict.fromkeys(_filled(match, month) for month in _widths(groups["n"])))
    single = 1 in (len(groups["d"]), len(groups["m"]))
    plain = _filled(match, "M" if single else "MM")
    if len(groups["y"]) == 4 and match.start("y") < match.start("d"):
        return (plain,)
    return tuple(_reordered(match, plain, order) for order in orders)


def _filled(match: re.Match[str], month: str) -> str:
    """Return what was matched with elements in place of the numbers and the name."""
    day = match["d"]
    padded = day.startswith("0") or (len(day) == 2 and month != "MONTH" and month != "M")
    year_first = match.start("y") < match.start("d")
    if month == "MON" and match.start("n") < match.start("d") and not year_first:
        padded = day.startswith("0")
    elements = {
        "y": "Y" * len(match["y"]),
        "d": "DD" if padded else "D",
        "n" if "n" in match.re.groupindex else "m": month,
    }
    parts, at = [], match.start()
    for name in sorted(elements, key=match.start):
        parts += [match.string[at : match.start(name)], elements[name]]
        at = match.end(name)
    between = "".join([*parts, match.string[at : match.end()]])
    ordinal = re.search(r"D(?:st|nd|rd|th|er|[ºª°])", between, re.IGNORECASE)
    return OTHER_FORM if ordinal else between


def _reordered(match: re.Match[str], plain: str, order: str) -> str:
    """Return the form of three numbers when they are read in another order."""
    if order == "dmy":
        return plain
    if order == "mdy":
        return both_orders(plain)[1]
    mark = match["s"]
    day, month = ("D", "M") if "DD" not in plain else ("DD", "MM")
    return mark.join(("YY", month, day))


def _widths(name: str) -> tuple[str, ...]:
    """Tell a short name of a month from a full one; some, like May, are both."""
    plain = folded(name).text
    for languages in (LANGUAGES, MONTH_LANGUAGES):
        if found := [width for width, names in _month_words(languages).items() if plain in names]:
            return tuple(found)
    return ("MON" if len(plain) <= _SHORT_MONTH else "MONTH",)


@cache
def _month_words(languages: tuple[str, ...]) -> dict[str, frozenset[str]]:
    names = [month_names(language) for language in languages]
    return {
        width: frozenset(folded(name).text for both in names for name in both[at])
        for width, at in (("MON", 1), ("MONTH", 0))
    }


def weekday_width(name: str) -> str:
    """Return the element of a weekday: ``WDAY`` of a short name, ``WEEKDAY`` of a full one."""
    return "WDAY" if folded(name).text in _short_weekdays() else "WEEKDAY"


@cache
def _short_weekdays() -> frozenset[str]:
    names = (name for language in MONTH_LANGUAGES for name in weekday_names(language)[1])
    return frozenset(folded(name).text for name in names)


@cache
def month_names(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return twelve full and twelve short month names, as they stand within a date.

    A preposition is of the form, as in ``D de MONTH de YYYY``, and not of the name.
    """
    wide = get_month_names("wide", "format", language)
    short = get_month_names("abbreviated", "format", language)
    return (
        tuple(_PREPOSITION.sub("", wide[i]) for i in range(1, 13)),
        tuple(_PREPOSITION.sub("", short[i].strip(".")) for i in range(1, 13)),
    )


@cache
def weekday_names(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return seven full and seven short names of days, Monday first."""
    wide = get_day_names("wide", locale=language)
    short = get_day_names("abbreviated", locale=language)
    return tuple(wide[i] for i in range(7)), tuple(short[i].strip(".") for i in range(7))


@cache
def tells_order(form: str) -> bool:
    """Tell whether a form never leaves open which number is the day."""
    return "MON" in form or "." in form or form.startswith("YYYY")


@cache
def _pieces(form: str) -> tuple[str, ...]:
    pieces: list[str] = []
    at = 0
    for part in _ELEMENT.finditer(form):
        pieces += [form[at : part.start()], part.group()]
        at = part.end()
    return (*pieces, form[at:])


def is_weekday(name: str) -> bool:
    """Tell whether a word is the name of a day of the week, full or short."""
    return folded(name).text in _weekdays()


@lru_cache(maxsize=4096)
def months_of(name: str) -> tuple[int, ...]:
    """Return the months of a name, or of the beginning of the names of one month only."""
    plain = folded(name).text
    names = _months()
    if plain in names:
        return names[plain]
    begun = {months for known, months in names.items() if known.startswith(plain)}
    return begun.pop() if len(plain) > 2 and len(begun) == 1 else ()


@cache
def _months() -> Mapping[str, tuple[int, ...]]:
    known = {name: tuple(months) for name, months in table()["months"].items()}
    return known | {name: (month,) for name, month in _OTHER_MONTHS.items()}


@cache
def _weekdays() -> frozenset[str]:
    return frozenset(table()["weekdays"])
