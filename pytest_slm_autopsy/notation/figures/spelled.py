"""Counted units: a number in digits or in words, and its unit: ``three (3) years``, ``5 Prozent``.

Durations are of days, weeks, months, quarters and years; percentages may be in words as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache, lru_cache
from typing import Final, NamedTuple

from pytest_slm_autopsy.notation.cldr import table
from pytest_slm_autopsy.notation.text import Folded, Span, folded

DURATIONS: Final[Mapping[str, tuple[str, int]]] = {
    "day": ("day", 1), "week": ("day", 7), "month": ("month", 1), "quarter": ("month", 3),
    "year": ("month", 12), "business day": ("business day", 1),
}  # fmt: skip
"""Unit to the smaller unit that it is made of, and to how many."""
PERCENT: Final = "percent"
_SHORTEST_UNIT: Final = 3
_LONGEST_NUMBER: Final = 40
_LARGE: Final = re.compile(
    r"hundred|thousand|hundert|tausend|cent|cents|mille|honderd|duizend|sto|dwiescie|tysiac|cien"
    r"|ciento|mil|cento|mila|cem|hundra|hundrede|and"
)
# The number before a unit, backwards from it: "three (3)", "(3)", "3", "twenty-one", "30-".
_BEFORE: Final = re.compile(
    r"""
    (?:
        (?<![\w.,/-])(?P<digits>\d{1,3}(?:[.,]\d{1,2})?)
        | (?P<words>[^\W\d_]+(?:[ -][^\W\d_]+){0,3})
    )?
    (?:\s*(?P<again>[(\[]\s*(?:\d{1,3}|[^\W\d_]+(?:[ -][^\W\d_]+)?)\s*[)\]]))?
    (?:\s*-\s*|\s+|(?<=\d))$
    """,
    re.VERBOSE,
)


class Counted(NamedTuple):
    """A number of units: where it stands, how many, of what."""

    span: Span
    number: Fraction
    unit: str


@lru_cache(maxsize=8)
def counted_in(text: str) -> tuple[Counted, ...]:
    """Return every duration and worded percentage of a text.

    Example:
        >>> [(str(one.number), one.unit) for one in counted_in("for three (3) years, 5 percent")]
        [('3', 'year'), ('5', 'percent')]
    """
    held = folded(text)
    return tuple(_counted(held))


def percentages_in(text: str) -> list[Counted]:
    """Return the percentages of a text whose unit is a word."""
    if not _unit_pattern((PERCENT,)).search(folded(text).text):
        return []
    return [one for one in counted_in(text) if one.unit == PERCENT]


def whole_counted(text: str) -> Counted | None:
    """Return the duration or percentage in words that a text is, with nothing around it."""
    text = text.strip(" .,;")
    found = [one for one in counted_in(text) if one.span == (0, len(text))] if text else []
    return found[0] if len(found) == 1 else None


def same_duration(one: Counted, other: Counted) -> bool:
    """Tell whether two counts are equally long: 24 months and 2 years, but not 30 days."""
    return _length(one) == _length(other)


def _length(one: Counted) -> tuple[str, Fraction]:
    unit, times = DURATIONS.get(one.unit, (one.unit, 1))
    return unit, one.number * times


def _counted(held: Folded) -> Iterator[Counted]:
    for unit in _unit_pattern((*DURATIONS, PERCENT)).finditer(held.text):
        start = unit.start()
        before = _BEFORE.search(held.text, max(0, start - _LONGEST_NUMBER), start)
        if not before:
            continue
        number, at = _number(before)
        if number is not None and (span := held.span(at, unit.end())):
            yield Counted(span, number, table()["units"][" ".join(unit.group().split())])


def _number(before: re.Match[str]) -> tuple[Fraction | None, int]:
    """Return the number before a unit, and where it starts; one in brackets is the surest."""
    again = (before["again"] or "").strip(" ()[]\n\t")
    if before["digits"]:
        return Fraction(before["digits"].replace(",", ".")), before.start("digits")
    known, start = _in_words(before)
    if again.isdigit():
        return Fraction(again), start if start >= 0 else before.start("again")
    return known, start


def _in_words(before: re.Match[str]) -> tuple[Fraction | None, int]:
    """Return the longest number in words before a unit, and where it starts.

    Words of hundreds or more before it make it another number.
    """
    if not before["words"]:
        return None, -1
    words = list(re.finditer(r"[^\W\d_]+", before["words"]))
    said, start = before["words"].replace("-", " "), before.start("words")
    large = [_LARGE.fullmatch(word.group()) is not None for word in words]
    for at, first in enumerate(words):
        number = numbers_in_words().get(" ".join(said[first.start() :].split()))
        if number is not None and not any(large[:at]):
            return Fraction(number), start + first.start()
    return None, start if any(large) else -1


@cache
def numbers_in_words() -> Mapping[str, int]:
    """Map folded words to numbers up to 100."""
    known: Mapping[str, int] = table()["numbers"]
    return known


@cache
def _unit_pattern(units: tuple[str, ...]) -> re.Pattern[str]:
    names = [
        name
        for name, unit in table()["units"].items()
        if unit in units and len(name) >= _SHORTEST_UNIT
    ]
    listed = sorted(names, key=len, reverse=True)
    spaced = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in listed)
    return re.compile(rf"(?<![^\W\d_])(?:{spaced})(?!\w)")
