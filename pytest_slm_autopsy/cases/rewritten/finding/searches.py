"""Searches for values that are looked up by what they mean: days, amounts, terms, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Final

from pytest_slm_autopsy.cases.rewritten.finding.places import places
from pytest_slm_autopsy.notation.dates.days import days_like, whole_day
from pytest_slm_autopsy.notation.dates.orders import Order
from pytest_slm_autopsy.notation.figures.amounts import amounts_like, whole_amount
from pytest_slm_autopsy.notation.figures.quantities import quantities_like, whole_quantity
from pytest_slm_autopsy.notation.figures.signs import books
from pytest_slm_autopsy.notation.figures.spelled import (
    PERCENT,
    Counted,
    counted_in,
    percentages_in,
    same_duration,
    whole_counted,
)
from pytest_slm_autopsy.notation.text import Span, stands


def dated_places(text: str, value: str, order: Order | None) -> Sequence[Span] | None:
    """Return the places of a day; of a print that is open, its own and those of each day."""
    meant = whole_day(value)
    if meant is None:
        return None
    own = _as_written(text, value) if len(meant.days) > 1 else []
    found = (span for day in sorted(meant.days) for span in days_like(text, day, order))
    return sorted({*own, *found}) if own or len(meant.days) == 1 else None


def _as_written(text: str, value: str) -> list[Span]:
    return [span for span in places(text, value) if stands(text, span)]


def _paid(text: str, value: str, every: bool) -> Sequence[Span] | None:
    """Return the places of an amount; in a text that books, also with the other sign.

    Of an amount that is open, the places as it is written, and then those of both amounts.
    """
    one = whole_amount(value)
    if one is None or one.percent:
        return None
    if one.other:
        own = _as_written(text, value)
        alike = (o for plain in (one.plain, one.other) for o in amounts_like(text, plain))
        return sorted({*own, *(o.span for o in alike if not o.weak)}) if own else None
    found = amounts_like(text, one.plain)
    if not found and books(text):
        size = one.plain.removeprefix("-")
        found = amounts_like(text, f"-{size}" if size == one.plain else size)
    tiers = [[o.span for o in found if not o.percent and o.weak == weak] for weak in range(3)]
    return [span for tier in tiers for span in tier] if every else tiers[0] or tiers[1]


def _shared(text: str, value: str, every: bool) -> Sequence[Span] | None:
    """Return the places of a percentage, of a bare number also without its sign."""
    counted = whole_counted(value)
    bare = counted is None and "%" not in value
    one = whole_amount(f"{value}%" if bare else _in_digits(counted, value))
    if one is None or not one.percent:
        return None
    found = amounts_like(text, one.plain)
    percentages = [other.span for other in found if other.percent]
    meant = Fraction(one.plain)
    worded = [other.span for other in percentages_in(text) if other.number == meant]
    numbers = [other.span for other in found if not other.percent]
    return percentages + worded or numbers * bare


def _in_digits(counted: Counted | None, value: str) -> str:
    return f"{float(counted.number):g}%" if counted and counted.unit == PERCENT else value


def _lasting(text: str, value: str, every: bool) -> Sequence[Span] | None:
    meant = whole_counted(value)
    if meant is None:
        return None
    return [one.span for one in counted_in(text) if same_duration(one, meant)]


def _numbering(text: str, value: str, every: bool) -> Sequence[Span] | None:
    return quantities_like(text, value) if whole_quantity(value) else None


SEARCHES: Final[Mapping[str, Callable[[str, str, bool], Sequence[Span] | None]]] = {
    "money": _paid,
    "percentage": _shared,
    "duration": _lasting,
    "quantity": _numbering,
}
"""Kind to the search for its values; ``None`` for a value that is no such one."""
