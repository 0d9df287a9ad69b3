"""Location of true values in a text: as they are, in another form, or absent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from pytest_slm_autopsy.cases.rewritten.places import all_places, places
from pytest_slm_autopsy.notation.amounts import amounts_like, whole_amount
from pytest_slm_autopsy.notation.currencies import beside_amount, currency_places, same_currency
from pytest_slm_autopsy.notation.days import day_starts, days_like, whole_day
from pytest_slm_autopsy.notation.kinds import kind_of
from pytest_slm_autopsy.notation.text import Span as Span  # noqa: PLC0414
from pytest_slm_autopsy.notation.text import ends_in_mark, folded, stands
from pytest_slm_autopsy.records import Case, Value

How = Literal["exact", "normalised", "absent", "null"]

_READ: Final = frozenset({"date", "money", "percentage"})
"""Kinds that are not looked for, but looked up in what the text says."""
_DECIMALS: Final = re.compile(r"(?<![\w.])\d+(?:\.\d{3})*\.\d{1,2}(?![\w.])")


@dataclass(frozen=True, slots=True)
class Found:
    """How a value stands in a text, and all places where it does; ``null`` is not looked for.

    A table stands as its worst cell does; its spans are those of its cells.
    """

    how: How
    spans: tuple[Span, ...] = ()


def locate(text: str, value: Value, kind: str = "") -> Found:
    """Look for a value as it is, in the prints of its kind, or in another case or spacing.

    A part of a longer word or number does not count, and an amount must have the same sign.
    ``kind`` is guessed from the value where it is not given.

    Example:
        >>> locate("Rechnung vom 31.03.2025", "2025-03-31")
        Found(how='normalised', spans=((13, 23),))
    """
    if isinstance(value, str) and value.strip():
        return _located(text, value, kind or kind_of(value), None)
    return Found("null") if not value or isinstance(value, str) else _table(text, value)


def locate_all(case: Case, kinds: Mapping[str, str]) -> dict[str, Found]:
    """Map each field to the places of its value; a stated span that holds the value comes first."""
    found: dict[str, Found] = {}
    for name, value in case.truth.items():
        kind = kinds.get(name, "")
        found[name] = locate(case.text, value, kind)
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


def _located(text: str, value: str, kind: str, verbatim: Sequence[Span] | None) -> Found:
    """Look for one value; ``verbatim`` are the places of its letters, where they are known."""
    looked_up = _look_up(text, value, kind)
    if looked_up is not None:
        exact, other = looked_up
    else:
        verbatim = places(text, value) if verbatim is None else verbatim
        exact = [span for span in verbatim if stands(text, span, kind)]
        other = currency_places(text, value) if kind == "currency" else []
        other = other or ([] if exact else list(_loosely(text, value, kind)))
    if exact or other:
        return Found("exact" if exact else "normalised", (*exact, *other))
    return Found("absent")


def _look_up(
    text: str, value: str, kind: str, every: bool = False
) -> tuple[list[Span], list[Span]] | None:
    """Return the places where a text says a value, verbatim and in other forms.

    ``None`` for kinds that are looked for as they are written.
    """
    if kind not in _READ:
        return None
    spans = _dated(text, value) if kind == "date" else _counted(text, value, kind, every)
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


def _dated(text: str, value: str) -> Sequence[Span] | None:
    meant = whole_day(value)
    if meant is None or len(meant.days) != 1:
        return None
    (one,) = meant.days
    return days_like(text, one)


def _counted(text: str, value: str, kind: str, every: bool) -> Sequence[Span] | None:
    bare = kind == "percentage" and "%" not in value
    one = whole_amount(f"{value}%" if bare else value)
    if one is None or (one.other and not one.percent) or one.percent != (kind == "percentage"):
        return None
    found = amounts_like(text, one.plain)
    percentages = [other.span for other in found if other.percent]
    tiers = [[o.span for o in found if not o.percent and o.weak == weak] for weak in range(3)]
    if kind == "money" and not every:
        return tiers[0] or tiers[1]
    numbers = [span for tier in tiers for span in tier]
    return numbers if kind == "money" else percentages or numbers * bare


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


def _loosely(text: str, value: str, kind: str) -> Iterator[Span]:
    """Yield places in another case, with other spaces or accents; of a code with other marks."""
    pattern, first, coded = _pattern(value, kind)
    held = folded(text)
    if first not in held.text:
        return
    marked = ends_in_mark(value)
    for match in pattern.finditer(held.text):
        span = held.span(*match.span())
        if not span or (ends_in_mark(text[max(0, span[1] - 2) : span[1]]) and not marked):
            continue
        if stands(text, span) and not (_no_code if coded else _other_word)(text, span, value):
            yield span


def _no_code(text: str, span: Span, value: str) -> bool:
    """Tell whether a place that looks like a code is an amount or a day, or starts with one."""
    part = text[slice(*span)]
    amount = not any(map(str.isalpha, value)) and _DECIMALS.search(part)
    return bool(amount or span[0] in day_starts(text) or whole_day(part))


def _other_word(text: str, span: Span, value: str) -> bool:
    """Tell whether a short value in capitals, such as ``IT``, stands there in small letters."""
    short = len(value) <= 3 and value.isalpha() and value.isupper()
    return short and not text[slice(*span)].isupper()


@lru_cache(maxsize=4096)
def _pattern(value: str, kind: str) -> tuple[re.Pattern[str], str, bool]:
    """Return a regular expression, how its matches begin, and whether the value is a code.

    The expression finds the value in folded text.
    """
    plain = folded(value).text
    letters = [letter for letter in plain if letter.isalnum()]
    numeric = sum(map(str.isdigit, letters)) * 2 >= len(letters)
    if len(letters) >= 5 and (kind == "code" or (numeric and kind != "address")):
        code = [letter for letter in plain if letter not in " ./-"]
        return re.compile("[ ./-]?".join(map(re.escape, code))), code[0], True
    words = [word for word in re.split(r"[\s,]+", plain) if word] or [plain]
    return re.compile(r"[\s,]+".join(map(re.escape, words))), words[0], False
