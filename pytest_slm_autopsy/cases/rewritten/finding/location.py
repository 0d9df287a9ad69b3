"""Location of true values in a text: as they are, in another form, or absent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pytest_slm_autopsy.cases.rewritten.finding.loose_words import loose_places
from pytest_slm_autopsy.cases.rewritten.finding.places import all_places, places
from pytest_slm_autopsy.cases.rewritten.finding.searches import SEARCHES, dated_places
from pytest_slm_autopsy.notation.dates.days import whole_day
from pytest_slm_autopsy.notation.dates.orders import Order
from pytest_slm_autopsy.notation.figures.amounts import whole_amount
from pytest_slm_autopsy.notation.figures.currencies import (
    beside_amount,
    currency_places,
    same_currency,
)
from pytest_slm_autopsy.notation.kinds import kind_of
from pytest_slm_autopsy.notation.text import Span as Span  # noqa: PLC0414
from pytest_slm_autopsy.notation.text import stands
from pytest_slm_autopsy.records import Case, Value

How = Literal["exact", "normalised", "absent", "null"]

_READ: Final = SEARCHES.keys() | {"date"}
"""Kinds that are not looked for, but looked up in what the text says."""


@dataclass(frozen=True, slots=True)
class Found:
    """How a value stands in a text, and all places where it does; ``null`` is not looked for.

    A table stands as its worst cell does; its spans are those of its cells.
    """

    how: How
    spans: tuple[Span, ...] = ()


def locate(text: str, value: Value, kind: str = "", *, order: Order | None = None) -> Found:
    """Look for a value as it is, in the prints of its kind, or in another case or spacing.

    A part of a longer word or number does not count, and an amount must have the same sign.
    ``kind`` is guessed from the value where it is not given. ``order`` tells whether day or month
    comes first where the text leaves it open, as ``order_of_pile`` does.

    Example:
        >>> locate("Rechnung vom 31.03.2025", "2025-03-31")
        Found(how='normalised', spans=((13, 23),))
    """
    if isinstance(value, str) and value.strip():
        return _located(text, value, kind or kind_of(value), None, order)
    return Found("null") if not value or isinstance(value, str) else _table(text, value)


def locate_all(
    case: Case, kinds: Mapping[str, str], order: Order | None = None
) -> dict[str, Found]:
    """Map each field to the places of its value; a stated span that holds the value comes first."""
    found: dict[str, Found] = {}
    for name, value in case.truth.items():
        kind = kinds.get(name, "")
        found[name] = locate(case.text, value, kind, order=order)
        span = case.spans.get(name)
        if span and isinstance(value, str) and (how := holds(case.text, span, value, kind)):
            rest = (other for other in found[name].spans if other != span)
            found[name] = Found(how, (span, *rest))
    return found


def holds(text: str, span: Span, value: str, kind: str = "") -> How | None:
    """Return how a span of a text holds a value; ``None`` where it does not hold the value.

    Example:
        >>> holds("Total: 9.00", (7, 11), "9.00"), holds("Total: 9.00", (0, 5), "9.00")
        ('exact', None)
    """
    kind = kind or kind_of(value)
    start, end = span
    if not 0 <= start < end <= len(text):
        return None
    if kind == "date" and (how := _holds_day(text[start:end], value)):
        return how
    looked_up = _look_up(text, value, kind, every=True)
    if looked_up is not None:
        exact, other = looked_up
        if any(_same(text, span, place, kind) for place in exact):
            return "exact"
        return "normalised" if any(_same(text, span, place, kind) for place in other) else None
    if not stands(text, span):
        return None
    part = text[start:end]
    found = locate(part, value, kind)
    alone = any(_adds_nothing(part, (0, len(part)), place) for place in found.spans)
    return found.how if alone else None


def _holds_day(part: str, value: str) -> How | None:
    """Return how a part of a text says a day, with a weekday or a time or alone."""
    said, meant = whole_day(part), whole_day(value)
    if said is None or meant is None or said.days.isdisjoint(meant.days):
        return None
    return "exact" if part == value else "normalised"


def _table(text: str, rows: Sequence[Mapping[str, str]]) -> Found:
    cells = dict.fromkeys(cell for row in rows for cell in row.values())
    kinds = {cell: kind_of(cell) for cell in cells if cell.strip()}
    verbatim = all_places(text, [cell for cell, kind in kinds.items() if kind not in _READ])
    found = [_located(text, cell, kind, verbatim.get(cell)) for cell, kind in kinds.items()]
    worst: list[How] = ["absent", "normalised", "exact"]
    hows = {cell.how for cell in found}
    how: How = next((one for one in worst if one in hows), "null")
    return Found(how, tuple(span for cell in found for span in cell.spans))


def _located(
    text: str,
    value: str,
    kind: str,
    verbatim: Sequence[Span] | None,
    order: Order | None = None,
) -> Found:
    """Look for one value; ``verbatim`` are the places of its letters, where they are known."""
    looked_up = _look_up(text, value, kind, order=order)
    if looked_up is not None:
        exact, other = looked_up
    else:
        verbatim = places(text, value) if verbatim is None else verbatim
        exact = [span for span in verbatim if stands(text, span, kind)]
        other = currency_places(text, value) if kind == "currency" else []
        known = set(exact)
        other = other or [span for span in loose_places(text, value, kind) if span not in known]
    if exact or other:
        return Found("exact" if exact else "normalised", (*exact, *other))
    return Found("absent")


def _look_up(
    text: str, value: str, kind: str, *, every: bool = False, order: Order | None = None
) -> tuple[list[Span], list[Span]] | None:
    """Return the places where a text says a value, verbatim and in other forms.

    ``None`` for kinds and values that are looked for as they are written.
    """
    if kind not in _READ:
        return None
    dated = kind == "date"
    spans = dated_places(text, value, order) if dated else SEARCHES[kind](text, value, every)
    if spans is None:
        return None
    if kind == "money":
        spans = [span for span in spans if same_currency(text, span, value)]
    exact: list[Span] = []
    other: list[Span] = []
    for span in spans:
        place = _verbatim(text, span, value)
        (exact if place else other).append(place or span)
    return exact, other


def _verbatim(text: str, span: Span, value: str) -> Span | None:
    """Return the place of the value as it is written, around a place that was read.

    The percent sign may be missing from the value.
    """
    read = text[slice(*span)]
    if read.rstrip("% \u00a0") == value:
        return span[0], span[0] + len(value)
    before = value.find(read)
    start = span[0] - before
    if before < 0 or start < 0 or not text.startswith(value, start):
        return None
    return start, start + len(value)


def _same(text: str, span: Span, place: Span, kind: str) -> bool:
    """Tell whether one place contains the other, and both say the same."""
    if span[0] <= place[0] and place[1] <= span[1]:
        return _adds_nothing(text, span, place)
    if not (place[0] <= span[0] and span[1] <= place[1]):
        return False
    if kind == "date":
        return _digits(text, span) == _digits(text, place)
    part, whole = whole_amount(text[slice(*span)]), whole_amount(text[slice(*place)])
    return part is not None and whole is not None and part.plain == whole.plain


def _adds_nothing(text: str, span: Span, place: Span) -> bool:
    return beside_amount(text[span[0] : place[0]]) and beside_amount(text[place[1] : span[1]])


def _digits(text: str, span: Span) -> str:
    return re.sub(r"\D", "", text[slice(*span)])
