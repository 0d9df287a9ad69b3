"""Days of a text, read once: which each is, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Final

from babel.dates import get_month_names

from pytest_slm_autopsy.notation.text import Span, folded, plain_forms

_LANGUAGES: Final = (
    "en", "de", "fr", "nl", "pl", "es", "it", "pt", "sv", "da", "nb", "fi", "cs", "ro", "hu", "ru",
    "tr", "sk", "sl", "uk", "el", "et", "lv", "ca",
)  # fmt: skip
_OTHER_NAMES: Final = {"sept": 9, "maerz": 3, "mrz": 3}
# Letters of scripts with spaces between words, digits, and what joins them.
_ALONE: Final = (
    r"(?<![^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff])"
    r"(?<!\d[.,])(?<!\w[-/])"
)
_THEN: Final = (
    r"(?![^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]|[-/.,:]\d|[-/]\w)"
)
_YEAR: Final = r"(?P<y>\d{4}|\d\d)"
_GAP: Final = r"[^\S\n]"
_NAME: Final = r"(?P<n>[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])+)"
_ISO_LIKE: Final = (
    rf"{_ALONE}(?P<y>\d{{4}})(?P<s>[-/.])(?P<m>\d\d?)(?P=s)(?P<d>\d\d?)(?:(?=T\d)|{_THEN})"
)
_WITH_SIGNS: Final = (
    rf"{_ALONE}(?P<y>\d{{4}}){_GAP}?[年년]{_GAP}?(?P<m>\d\d?){_GAP}?[月월]{_GAP}?"
    rf"(?P<d>\d\d?){_GAP}?[日일]"
)
_YEAR_NAME: Final = (
    rf"{_ALONE}(?P<y>\d{{4}})(?:\.?{_GAP}|-){_NAME}(?:\.?{_GAP}|-)(?P<d>\d\d?){_THEN}"
)
_COMPACT: Final = (
    r"(?<![^\W\u3040-\u30ff\u3400-\u9fff])(?<![/,#+-])(?<![^.]\.)"
    r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?![^\W\u3040-\u30ff\u3400-\u9fff]|[/#-]|[.,:]\d)"
)
_DAY_FIRST: Final = rf"{_ALONE}(?P<d>\d\d?)(?P<s>[-/.]|\.{_GAP})(?P<m>\d\d?)(?P=s){_YEAR}{_THEN}"
_DAY_NAME: Final = (
    rf"{_ALONE}(?P<d>\d\d?)(?:st|nd|rd|th|er|[ºª°])?(?:[-/.]|[.,]?{_GAP}{{1,2}})?"
    rf"(?:(?:de{_GAP}|of{_GAP}|d['\u2019])?){_NAME}(?:[-/.]|[.,]{{0,2}}{_GAP}{{1,2}})?"
    rf"(?:(?:del?|of){_GAP})?['\u2019]?{_YEAR}{_THEN}"
)
_BEHIND: Final = rf"(?:st|nd|rd|th|\.)?(?:,{_GAP}?|{_GAP}|-)(?P<y>\d{{4}}){_THEN}"
_NAME_DAY: Final = re.compile(
    rf"(?<![^\W_]){_NAME}(?:\.{_GAP}?|{_GAP}{{1,2}}|-)(?P<d>\d\d?){_BEHIND}", re.IGNORECASE
)
_YEAR_BEHIND: Final = re.compile(_BEHIND, re.IGNORECASE)
_SECTION: Final = re.compile(
    rf"(?:(?<![^\W_])(?:version|ver\.|section|sec\.|abschnitt|kapitel|chapter)|§){_GAP}?$",
    re.IGNORECASE,
)
_DIGITS: Final = re.compile(r"\d+")
_BY_DIGITS: Final = {
    size: [re.compile(form, re.IGNORECASE) for form in forms]
    for size, forms in {
        1: (_DAY_FIRST, _DAY_NAME),
        2: (_DAY_FIRST, _DAY_NAME),
        4: (_ISO_LIKE, _WITH_SIGNS, _YEAR_NAME),
        8: (_COMPACT,),
    }.items()
}
LONGEST: Final = 20
"""Characters before a day that may be the name of its month; its year is nearer behind it."""


@lru_cache(maxsize=8)
def days(text: str) -> Mapping[str, Sequence[Span]]:
    """ISO day to its places, in order; a print that may be two days is both.

    Example:
        >>> days("Rechnung vom 31. März 2025")
        {'2025-03-31': [(13, 26)]}
    """
    found: dict[str, list[Span]] = {}
    for day, span in sorted(set(_read(text)), key=lambda one: one[1]):
        found.setdefault(day, []).append(span)
    return found


@lru_cache(maxsize=8)
def day_starts(text: str) -> frozenset[int]:
    """Where days start."""
    return frozenset(start for spans in days(text).values() for start, _ in spans)


@lru_cache(maxsize=4096)
def whole_days(text: str) -> tuple[str, ...]:
    """The days that a text may be, with nothing beside them."""
    text = text.strip()
    if len(text) > 40:
        return ()
    return tuple(dict.fromkeys(day for day, span in _read(text) if span == (0, len(text))))


def _read(text: str) -> Iterator[tuple[str, Span]]:
    plain = plain_forms(text)
    for match in _matches(plain):
        day_first = match.start("d") < match.start("y")
        for day in _days_of(match.groupdict(), day_first):
            yield day, match.span()


def _matches(plain: str) -> Iterator[re.Match[str]]:
    """What looks like a day: by the digits that it starts with, or by a name before them."""
    for number in _DIGITS.finditer(plain):
        start, end = number.span()
        for form in _BY_DIGITS.get(end - start, ()):
            if (match := form.match(plain, start)) and not _numbered(plain, match):
                yield match
        if end - start <= 2 and _YEAR_BEHIND.match(plain, end):
            around = _NAME_DAY.finditer(plain, max(0, start - LONGEST), end + LONGEST)
            if (match := next(around, None)) and match.start("d") == start:
                yield match


def _numbered(plain: str, match: re.Match[str]) -> bool:
    """Whether it is the number of a version or a section: one of three small numbers and dots."""
    small = len(match["y"]) == 2 and match.groupdict().get("s") == "."
    return small and bool(_SECTION.search(plain, max(0, match.start() - 12), match.start()))


def _days_of(parts: Mapping[str, str], day_first: bool) -> Iterator[str]:
    year = parts["y"] if len(parts["y"]) == 4 else f"{20 if parts['y'] < '70' else 19}{parts['y']}"
    if "n" in parts:
        months = _months().get(folded(parts["n"]).text, ())
        readings = [(month, int(parts["d"])) for month in months]
    else:
        readings = [(int(parts["m"]), int(parts["d"]))]
        if day_first and parts["s"] in ("/", "-"):
            readings += [(int(parts["d"]), int(parts["m"]))]
    for month, day in readings:
        try:
            yield date(int(year), month, day).isoformat()
        except ValueError:
            continue


@cache
def _months() -> Mapping[str, tuple[int, ...]]:
    """Folded name to its months: one, or those of several languages."""
    found: dict[str, set[int]] = {name: {month} for name, month in _OTHER_NAMES.items()}
    for language in _LANGUAGES:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                names = get_month_names(width, context, language)
                for month, name in names.items():
                    found.setdefault(folded(name.strip(".")).text, set()).add(month)
    return {name: tuple(sorted(months)) for name, months in found.items()}
