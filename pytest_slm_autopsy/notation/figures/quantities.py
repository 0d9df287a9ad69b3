# ruff: noqa: RUF001
"""Quantities, with or without their unit: ``159``, ``STK 159,0000``, ``2,5 kg``, ``12 h``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache, lru_cache
from typing import Final, NamedTuple

from pytest_slm_autopsy.notation.cldr import table
from pytest_slm_autopsy.notation.figures.currencies import currency_after, currency_before
from pytest_slm_autopsy.notation.figures.numbers import (
    is_alone,
    may_group,
    numbers_in,
    plain_forms_of,
    shape_of,
)
from pytest_slm_autopsy.notation.figures.spelled import DURATIONS, PERCENT
from pytest_slm_autopsy.notation.text import (
    DASHES,
    SPACE,
    Span,
    folded,
    goes_on,
    lines_with,
    plain_forms,
)

PIECE: Final = "piece"
_NO_DIGIT: Final = re.compile(r"\D+")
_WORD_BEFORE: Final = re.compile(
    rf"(?<![^\W\d_])([^\W\d_]+)\.?[{SPACE}]{{0,4}}[:=]?[{SPACE}]{{0,4}}$"
)
_WORD_AFTER: Final = re.compile(rf"[{SPACE}]{{0,2}}([^\W\d_]+[²³23]?)\.?(?![^\W_])")
_TIMES_AFTER: Final = re.compile(rf"[{SPACE}]?[xX×](?=[{SPACE}]|\d|$)")
_PART: Final = re.compile(r"[.,:/'-]?\d|[%‰/_]|-[^\W\d_]")
_ALONE: Final = re.compile(
    rf"(?:(?P<before>[^\W\d_]+)\.?[{SPACE}]*)?(?P<number>\d[\d.,'{SPACE}]*?)"
    rf"(?:[{SPACE}]*(?:[xX×]|(?P<after>[^\W\d_]+[²³23]?)\.?))?"
)
_LONGEST_ALONE: Final = 40
_LONGEST_UNIT: Final = 24


class Quantity(NamedTuple):
    """A number: where it stands with its unit, the numbers that it may be, and its unit."""

    span: Span
    numbers: frozenset[Decimal]
    unit: str = ""

    def same(self, other: Quantity) -> bool:
        """Tell whether two quantities can be the same; a missing unit is any unit."""
        units = self.unit == other.unit or not (self.unit and other.unit)
        return units and not self.numbers.isdisjoint(other.numbers)


@lru_cache(maxsize=4096)
def whole_quantity(text: str) -> Quantity | None:
    """Return the quantity that a text is.

    Example:
        >>> whole_quantity("STK 159,0000").unit, whole_quantity("two")
        ('piece', None)
    """
    text = plain_forms(text).strip()
    found = _ALONE.fullmatch(text) if len(text) <= _LONGEST_ALONE else None
    if not found:
        return None
    first, last = found["before"], found["after"]
    if first and unit_of(first) != PIECE:
        return None  # M 8 is a size
    units = [unit_of(word) for word in (first, last) if word]
    numbers = _numbers(text, found.span("number"))
    if not numbers or not all(units) or len(units) > 1:
        return None
    return Quantity((0, len(text)), numbers, units[0] if units else "")


def unit_of(word: str) -> str:
    """Return the unit that a word names; an empty text where it names none."""
    return _units().get(folded(word).text, "")


def quantities_like(text: str, value: str) -> list[Span]:
    """Return the places of a number: those beside its unit, else those that stand alone.

    A number beside a currency, within a code, a day or an amount of another unit is none.
    """
    meant = whole_quantity(value)
    if meant is None:
        return []
    plain = plain_forms(text)
    found = [one for one in _like(plain, meant) if meant.same(one)]
    beside = [one.span for one in found if one.unit]
    alone = [one.span for one in found if is_alone(plain, one.span)]
    return beside or alone or [one.span for one in found]


def _like(plain: str, meant: Quantity) -> Iterator[Quantity]:
    whole = {str(int(number)) for number in meant.numbers}
    for line in lines_with(plain, {number[-3:] for number in whole}):
        for start, end in _pieces(plain, line):
            numbers = _numbers(plain, (start, end))
            if not numbers.isdisjoint(meant.numbers) and _is_free(plain, start, end):
                yield Quantity((start, end), numbers, _unit_beside(plain, start, end))


def _pieces(plain: str, line: Span) -> Iterator[Span]:
    """Yield the numbers of a line, and the parts of those that may be two: ``2 125.00``."""
    for start, end in numbers_in(plain, line):
        yield start, end
        at = plain.find(" ", start, end)
        if at > 0 and ("." in plain[at:end] or not may_group(plain, start)):
            yield start, at


def _numbers(plain: str, span: Span) -> frozenset[Decimal]:
    """Return what a number may be; every zero behind its mark counts as decimals: ``159,000``."""
    shape = shape_of(plain, *span)
    if not shape:
        return frozenset()
    return frozenset(
        Decimal(one) for one in plain_forms_of(shape, not shape["mark"], percent=False) if one
    )


def _is_free(plain: str, start: int, end: int) -> bool:
    """Tell whether a number is no part of a code, and stands beside no currency."""
    before = plain[start - 1 : start]
    glued = goes_on(before) and not _unit_before(plain, start)
    if glued or before in ("/", "_", "#") or (before and before in DASHES):
        return False
    if currency_before(plain, start) < start or _PART.match(plain, end):
        return False
    word = _WORD_AFTER.match(plain, end)
    if word and goes_on(plain[end : end + 1]) and not unit_of(word[1]):
        return bool(_TIMES_AFTER.match(plain, end))
    return currency_after(plain, end) == end or bool(word and unit_of(word[1]))


def _unit_beside(plain: str, start: int, end: int) -> str:
    word = _WORD_AFTER.match(plain, end)
    if word and (unit := unit_of(word[1])):
        return unit
    if _TIMES_AFTER.match(plain, end):
        return PIECE
    return _unit_before(plain, start)


def _unit_before(plain: str, start: int) -> str:
    word = _WORD_BEFORE.search(plain, max(0, start - _LONGEST_UNIT), start)
    return unit_of(word[1]) if word and len(word[1]) > 1 else ""


@cache
def _units() -> dict[str, str]:
    """Map names to units, without those of long times and shares, and single letters but a few."""
    known = {
        name: unit
        for name, unit in table()["units"].items()
        if unit not in DURATIONS and unit != PERCENT
    }
    return {name: unit for name, unit in known.items() if len(name) > 1 or name in "hglmt"}
