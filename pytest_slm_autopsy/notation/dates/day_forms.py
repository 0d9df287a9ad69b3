"""Forms of days: patterns of elements. Print a day in a form, and tell the form of a printed one.

``YYYY`` and ``YY``, ``MM`` and ``M``, ``DD`` and ``D`` are numbers, ``MONTH`` and ``MON`` the full
and the short name of the month, ``WEEKDAY`` and ``WDAY`` of the day. All else is printed as it is;
capitals that are no element stand in braces: ``D {DE} MONTH``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Final

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
"""Forms, and how often of 103 documents each is seen."""

_ELEMENT: Final = re.compile(r"\{[^{}]*\}|YYYY|YY|MONTH|MON|MM|M|DD|D|WEEKDAY|WDAY")
WEEKDAY: Final = re.compile(r"(?P<w>[^\W\d_]{2,}(?:[- ][^\W\d_]+)?)(?P<mark>\.?,? )")
"""A word before a day, and the mark between."""
_CAPITALS: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]*[A-Z][A-Za-z]*")
_PREPOSITION: Final = re.compile("^(?:de |d['\u2019])")
_OTHER_MONTHS: Final = {"sept": 9, "maerz": 3, "mrz": 3, "febr": 2}
_LEAST_BEGUN: Final = 3
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
    return "".join([parts[piece] if element else piece for piece, element in _pieces(form)])


def forms_of(match: re.Match[str], orders: Sequence[str]) -> tuple[str, ...]:
    """Return the forms that print a day as it stands in a match, by the orders it may be read in.

    The groups are ``y``, ``d`` and ``m`` or the name ``n``, ``o`` of an ordinal; or ``solid``, of
    eight digits.
    """
    groups = match.groupdict()
    if groups.get("solid"):
        solid = {"ymd": "YYYYMMDD", "dmy": "DDMMYYYY", "mdy": "MMDDYYYY"}
        return tuple(solid[order] for order in orders)
    if groups.get("o"):
        return (OTHER_FORM,)
    if groups.get("n"):
        filled = (_filled(match, _named(match, month)) for month in _widths(groups["n"]))
    else:
        filled = (_filled(match, _numbered(match, order)) for order in orders)
    return tuple(dict.fromkeys(filled))


def _named(match: re.Match[str], month: str) -> dict[str, str]:
    """Return the element of each group of a day whose month has a name."""
    day, year_first = match["d"], match.start("y") < match.start("d")
    name_first = match.start("n") < match.start("d") and not year_first
    padded = day.startswith("0") or (len(day) == 2 and month == "MON" and not name_first)
    return {"y": "Y" * len(match["y"]), "d": "DD" if padded else "D", "n": month}


def _numbered(match: re.Match[str], order: str) -> dict[str, str]:
    """Map the groups ``y``, ``m`` and ``d`` to elements such as ``DD``, read in ``order``."""
    groups = sorted("ymd", key=match.start)
    read = dict(zip(order, groups, strict=True))
    day, month = match[read["d"]], match[read["m"]]
    return {
        read["y"]: "Y" * len(match[read["y"]]),
        read["m"]: "M" * _width(month, day),
        read["d"]: "D" * _width(day, month),
    }


def _width(number: str, beside: str) -> int:
    """Return the digits of an element; of 10 to 31, those that the other number shows."""
    return 1 if len(number) == 1 or (number[0] != "0" and len(beside) == 1) else 2


def _filled(match: re.Match[str], elements: Mapping[str, str]) -> str:
    """Return what was matched with elements in place of its groups."""
    parts, at = [], match.start()
    for name in sorted(elements, key=match.start):
        parts += [_literal(match.string[at : match.start(name)]), elements[name]]
        at = match.end(name)
    return "".join([*parts, _literal(match.string[at : match.end()])])


def _literal(text: str) -> str:
    """Put words in capitals in braces, as a form would read them as elements, such as ``MON``."""
    return _CAPITALS.sub(r"{\g<0>}", text)


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
    wide, short = table()["names"][language]["months"]
    return (
        tuple(_PREPOSITION.sub("", name) for name in wide),
        tuple(_PREPOSITION.sub("", name.strip(".")) for name in short),
    )


@cache
def weekday_names(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return seven full and seven short names of days, Monday first."""
    wide, short = table()["names"][language]["days"]
    return tuple(wide), tuple(name.strip(".") for name in short)


@cache
def tells_order(form: str) -> bool:
    """Tell whether a form never leaves open which number is the day."""
    return "MON" in form or "." in form or form.startswith("YYYY")


@cache
def _pieces(form: str) -> tuple[tuple[str, bool], ...]:
    """Return the parts of a form, and whether each is an element."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for part in _ELEMENT.finditer(form):
        literal = part.group().startswith("{")
        text = part.group()[1:-1] if literal else part.group()
        pieces += [(form[at : part.start()], False), (text, not literal)]
        at = part.end()
    return (*pieces, (form[at:], False))


def is_weekday(name: str) -> bool:
    """Tell whether a word is the name of a day of the week, full or short."""
    return folded(name).text in _weekdays()


@lru_cache(maxsize=4096)
def months_of(name: str, *, begun: bool = False) -> tuple[int, ...]:
    """Return the months of a name; with ``begun`` also of the beginning of one month's names."""
    plain = folded(name).text
    names = _months()
    if plain in names or not begun or len(plain) < _LEAST_BEGUN:
        return names.get(plain, ())
    found = {
        months
        for known, months in names.items()
        if len(known) > _SHORT_MONTH and known.startswith(plain)
    }
    return found.pop() if len(found) == 1 else ()


def is_sure_month(name: str) -> bool:
    """Tell whether a word is surely the name of a month: ``Pro`` and ``LED`` may be others."""
    plain = folded(name).text
    return len(plain) > _LEAST_BEGUN or any(
        plain in names for names in _month_words(LANGUAGES).values()
    )


@cache
def _months() -> Mapping[str, tuple[int, ...]]:
    known = {name: tuple(months) for name, months in table()["months"].items()}
    return known | {name: (month,) for name, month in _OTHER_MONTHS.items()}


@cache
def _weekdays() -> frozenset[str]:
    return frozenset(table()["weekdays"])
