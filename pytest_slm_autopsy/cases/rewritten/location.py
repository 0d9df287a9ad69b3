"""Location of true values in a text: as they are, in another form, or absent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal

from pytest_slm_autopsy.cases.rewritten.places import all_places, places
from pytest_slm_autopsy.notation.amounts import amounts_like, books, whole_amount
from pytest_slm_autopsy.notation.currencies import beside_amount, currency_places, same_currency
from pytest_slm_autopsy.notation.days import day_starts, days_like, whole_day
from pytest_slm_autopsy.notation.kinds import kind_of
from pytest_slm_autopsy.notation.orders import Order
from pytest_slm_autopsy.notation.quantities import quantities_like, whole_quantity
from pytest_slm_autopsy.notation.spelled import (
    PERCENT,
    Counted,
    counted_in,
    percentages_in,
    same_duration,
    whole_counted,
)
from pytest_slm_autopsy.notation.text import Span as Span  # noqa: PLC0414
from pytest_slm_autopsy.notation.text import ends_in_mark, folded, stands
from pytest_slm_autopsy.records import Case, Value

How = Literal["exact", "normalised", "absent", "null"]

_READ: Final = frozenset({"date", "money", "percentage", "quantity", "duration"})
"""Kinds that are not looked for, but looked up in what the text says."""
_PIECES: Final = re.compile(r"\d+|[^\W\d_]+|[^\w\s]|_|\s+")
_LOOSE_MARKS: Final = " \t\n\r\f\v\u00a0.,;:'()-/"
LEAST_LETTERS: Final = 5
LEAST_LOOSE: Final = 8
"""Letters of a value whose words may be glued."""
LONGEST_ABBREVIATION: Final = 4
_DECIMALS: Final = re.compile(r"(?<![\w.])\d+(?:\.\d{3})*\.\d{1,2}(?![\w.])")


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
        other = other or [span for span in _loosely(text, value, kind) if span not in exact]
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
    spans = _dated(text, value, order) if kind == "date" else _SEARCHES[kind](text, value, every)
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


def _dated(text: str, value: str, order: Order | None) -> Sequence[Span] | None:
    """Return the places of a day; of a print that is open, its own and those of each day."""
    meant = whole_day(value)
    if meant is None:
        return None
    own = (
        [span for span in places(text, value) if stands(text, span)] if len(meant.days) > 1 else []
    )
    found = (span for day in sorted(meant.days) for span in days_like(text, day, order))
    return sorted({*own, *found}) if own or len(meant.days) == 1 else None


def _paid(text: str, value: str, every: bool) -> Sequence[Span] | None:
    """Return the places of an amount; in a text that books, also with the other sign.

    Of an amount that is open, the places as it is written, and then those of both amounts.
    """
    one = whole_amount(value)
    if one is None or one.percent:
        return None
    if one.other:
        own = [span for span in places(text, value) if stands(text, span)]
        alike = (o for plain in (one.plain, one.other) for o in amounts_like(text, plain))
        return sorted({*own, *(o.span for o in alike if not o.weak)}) if own else None
    found = amounts_like(text, one.plain)
    if not found and books(text):
        sign, _, size = one.plain.rpartition("-")
        found = amounts_like(text, size if one.plain.startswith("-") else f"-{size or sign}")
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


_SEARCHES: Final[Mapping[str, Callable[[str, str, bool], Sequence[Span] | None]]] = {
    "money": _paid,
    "percentage": _shared,
    "duration": _lasting,
    "quantity": _numbering,
}
"""Kind to the search for its values; ``None`` for a value that is no such one."""


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
    pattern, held_by_all, coded = _pattern(value, kind)
    held = folded(text)
    if held_by_all not in held.text:
        return
    marked = ends_in_mark(value)
    for match in pattern.finditer(held.text):
        span = held.span(*match.span())
        if not span or (ends_in_mark(text[max(0, span[1] - 2) : span[1]]) and not marked):
            continue
        if stands(text, span) and not (_no_code if coded else _other_word)(text, span, value):
            yield _with_last_mark(text, span, value)


def _with_last_mark(text: str, span: Span, value: str) -> Span:
    """Return a place with the mark that the value ends with, such as the dot of ``Inc.``."""
    ends = not value[-1].isalnum() and text.startswith(value[-1], span[1])
    return span[0], span[1] + ends


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
    """Return a regular expression, a text that its matches hold, and whether the value is a code.

    The expression finds the value in folded text.
    """
    plain = folded(value).text
    letters = [letter for letter in plain if letter.isalnum()]
    numeric = sum(map(str.isdigit, letters)) * 2 >= len(letters)
    coded = kind in ("code", "identifier") or (numeric and kind != "address")
    if len(letters) >= LEAST_LETTERS and coded:
        code = [letter for letter in plain if letter not in " ./-"]
        return re.compile("[ ./-]?".join(map(re.escape, code))), code[0], True
    pieces = _PIECES.findall(plain)
    if not any(piece[0].isalnum() for piece in pieces):
        return re.compile(re.escape(plain)), plain, False
    return re.compile(_in_any_marks(pieces, len(letters))), _longest(pieces), False


def _in_any_marks(pieces: Sequence[str], letters: int) -> str:
    """Return an expression of words and numbers with any dots, commas and spaces between.

    Numbers stay apart, and so do the words of a short value. An abbreviation may have its dots.
    """
    words = [at for at, piece in enumerate(pieces) if piece[0].isalnum()]
    parts = [_spelt(pieces[words[0]])]
    for before, at in pairwise(words):
        between = "".join(pieces[before + 1 : at])
        kept = "".join(mark for mark in between if mark not in _LOOSE_MARKS)
        apart = pieces[before].isdigit() and pieces[at].isdigit()
        least = "+" if apart or (between and letters < LEAST_LOOSE) else "*"
        gap = rf"[\s.,;:'()/-]{least}" if apart else rf"[\s.,;:'()-]{least}"
        if not between:
            gap = r"[\s.-]?"
        if between in ("", ".") and len(pieces[before]) == len(pieces[at]) == 1:
            gap = r"\.?\s?"  # of an abbreviation: S.A.S.
        if kept:
            gap = rf"\s*{re.escape(kept)}\s*"
        parts += [gap, _spelt(pieces[at])]
    return "".join(parts)


def _spelt(word: str) -> str:
    """Return the expression of a word; a short one may be an abbreviation with dots: ``S.A.S``."""
    short = 1 < len(word) <= LONGEST_ABBREVIATION and word.isalpha()
    return r"\.?".join(map(re.escape, word)) if short else re.escape(word)


def _longest(pieces: Sequence[str]) -> str:
    """Return a piece that every match holds as it is: the longest."""
    longest = max(pieces, key=len)
    return longest if len(longest) > LONGEST_ABBREVIATION or longest.isdigit() else longest[0]
