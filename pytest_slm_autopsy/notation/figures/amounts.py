# ruff: noqa: RUF001
"""Amounts and percentages: one grammar reads them in a text, alone, and at its beginning.

A print may be open: ``1.234`` is a thousand or one and a bit. An amount then says both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from pytest_slm_autopsy.notation.dressing import bare_amount
from pytest_slm_autopsy.notation.figures.currencies import (
    currencies_in,
    currency_after,
    currency_before,
    has_currency,
    is_sure_mark,
)
from pytest_slm_autopsy.notation.figures.numbers import (
    LINE_END,
    is_labelled,
    may_group,
    numbers_in,
    plain_forms_of,
    shape_of,
)
from pytest_slm_autopsy.notation.figures.signs import (
    MINUS,
    Negative,
    Side,
    bracketed,
    left_side,
    right_side,
)
from pytest_slm_autopsy.notation.text import (
    DASHES,
    SPACE,
    Span,
    lines_with,
    plain_forms,
)

_NO_DIGIT: Final = re.compile(r"\D+")
_NO_CENTS: Final = re.compile(r"(?:[.,](?:--?|[–—−])|/-)(?!\w)")  # 100,- and 100/-
_PERCENT: Final = re.compile(rf"[{SPACE}]{{0,2}}%")
_BESIDE_MARK: Final = f"{SPACE}{DASHES}()"
_LONGEST_ALONE: Final = 64
"""Characters of a text that may be one amount."""
_LONGEST_START: Final = 2 * _LONGEST_ALONE
"""Characters of a text that may begin with an amount."""


_CRORES: Final = frozenset({"INR", "PKR", "NPR", "BDT", "LKR"})


class Amount(NamedTuple):
    """One amount: where it stands with its sign, and with its currency; what it says and how.

    ``plain`` is the amount as ``-1234.50``; ``other`` is what it may mean as well, or an empty
    text. ``weak`` is 0 of an amount with decimals, 1 of a whole one that looks like an amount, 2 of
    any other number. ``decimal`` is its decimal mark, or an empty text. ``group`` marks its
    thousands: empty where nothing does, ``None`` where it has too few digits to tell.
    """

    span: Span
    outer: Span
    plain: str
    other: str
    weak: int
    percent: bool
    decimal: str
    group: str | None
    lakh: bool
    negative: Negative
    currency: str
    place: Literal["", "before", "after"]


@lru_cache(maxsize=4096)
def whole_amount(text: str) -> Amount | None:
    """Return the amount or percentage that a text is, with nothing beside it but its currency.

    Example:
        >>> whole_amount("1.234,50").plain, whole_amount("(7)").plain, whole_amount("1.234").other
        ('1234.50', '-7.00', '1.234')
    """
    plain = bare_amount(text)
    if len(plain) > _LONGEST_ALONE:
        return None
    found = [one for span in numbers_in(plain) if (one := _read(plain, *span))]
    if len(found) != 1:
        return None
    one = found[0]
    covered = min(one.span[0], one.outer[0]), max(one.span[1], one.outer[1])
    return one if covered == (0, len(plain)) else None


@lru_cache(maxsize=4096)
def amount_at_start(text: str) -> Amount | None:
    """Return the amount that a text begins with; ``None`` for none, and for a percentage."""
    plain = plain_forms(text[:_LONGEST_START])
    span = next(numbers_in(plain), None)
    one = _read(plain, *span) if span else None
    return one if one and not one.percent and 0 in (one.span[0], one.outer[0]) else None


def amounts_like(text: str, plain: str) -> list[Amount]:
    """Return the amounts and percentages of a text that say ``plain``, in order.

    Only the lines are read that hold its digits.
    """
    shown, digits = plain_forms(text), _NO_DIGIT.sub("", plain)
    written = {digits[: len(digits) - cut] for cut in range(3) if digits.endswith("0" * cut)}
    meant = {one.lstrip("0") for one in written}
    found = (
        _read(shown, *span)
        for line in lines_with(shown, _parts(plain))
        for number in numbers_in(shown, line)
        for span in _readings(shown, number)
        if _NO_DIGIT.sub("", shown[slice(*span)]).lstrip("0") in meant
    )
    return [one for one in found if one and one.plain == plain]


def _readings(shown: str, number: Span) -> Iterator[Span]:
    """Yield a number, and its end where that may be a number of its own: ``24 473.30``.

    Before a decimal point, a plain space hardly ever marks thousands.
    """
    yield number
    start, end = number
    at = shown.rfind(" ", start, end)
    two = at > 0 and ("." in shown[at:end] or not may_group(shown, start))
    if two and currency_before(shown, start) == start:
        yield at + 1, end


def _parts(plain: str) -> tuple[str, ...]:
    """Return texts of which every print of an amount holds one: its last units, and a decimal."""
    units, _, cents = plain.lstrip("-").partition(".")
    tail = units[-3:]
    if not cents.strip("0"):
        return (tail,)
    tail = "" if tail == "0" else tail  # .50
    return (f"{tail}.{cents[0]}", f"{tail},{cents[0]}")


def _read(plain: str, start: int, end: int) -> Amount | None:
    """Read a number that is no part of a word, a date or a code."""
    ambiguous = " " in plain[start:end] and not may_group(plain, start)
    return None if ambiguous else _amount(plain, start, end)


def _amount(text: str, start: int, end: int) -> Amount | None:
    shape = shape_of(text, start, end)
    if not shape:
        return None
    bare = _NO_CENTS.match(text, end)
    percent = _PERCENT.match(text, end)
    last = (bare or percent or shape).end()
    right = right_side(text, last, percent is not None, _is_german(shape))
    if not right or not (left := left_side(text, start, right)):
        return None
    whole = not shape["mark"] and not bare
    marked = currencies_in(text[left.outer : start])
    if (percent and marked) or _in_crores(text[last : right.at], marked):
        return None  # $5% is neither
    if whole and _is_code(text, left, start, marked):
        return None
    span, outer = (left.at, right.at), (left.outer, right.outer)
    minus = left.minus or right.minus
    if not percent and bracketed(text, outer):
        minus, span = "brackets", (outer[0] - 1, outer[1] + 1)
        outer = currency_before(text, span[0]), currency_after(text, span[1])
    currency, place = _currency(text[outer[0] : start], text[last : outer[1]])
    by = "," if shape["lakh"] else shape["by"] or ""
    weak = 2 if not (left.sure and right.sure) else _weakness(text, span, outer, by) * whole
    plain, other = plain_forms_of(shape, whole, percent is not None)
    sign = "-" * bool(minus)
    return Amount(
        span,
        outer,
        plain=sign + plain,
        other=other and sign + other,
        weak=weak,
        percent=percent is not None,
        decimal=shape["mark"] or "",
        group=by or ("" if len(shape["units"]) > 3 else None),
        lakh=shape["lakh"] is not None,
        negative=minus,
        currency=currency,
        place=place,
    )


def _is_german(shape: re.Match[str]) -> bool:
    return shape["mark"] == "," or shape["by"] == "."


def _is_code(text: str, left: Side, start: int, marked: frozenset[str]) -> bool:
    """Tell whether a whole number is a code: 000292065280, or CHE-123.456.789 with its dash."""
    padded = not marked and text.startswith("00", start)
    return padded or (text[left.at] in MINUS and text[left.outer : left.at].isalpha())


def _in_crores(behind: str, codes_before: frozenset[str]) -> bool:
    """Tell crores from a credit: ``Rs 12.50 Cr`` is a hundred million rupees and more."""
    return behind.endswith("Cr") and not codes_before.isdisjoint(_CRORES)


def _currency(before: str, after: str) -> tuple[str, Literal["", "before", "after"]]:
    """Return the marks beside a number, and the side of the first one."""
    marks = f"{before} {after}".strip(_BESIDE_MARK)
    if before.strip(_BESIDE_MARK):
        return marks, "before"
    return marks, "after" if currencies_in(after) else ""


def _weakness(text: str, span: Span, outer: Span, by: str) -> int:
    """Return 1 for a whole number that looks like an amount, 2 for any other.

    It is grouped, has a currency or a sign, or stands alone between a label and the line's end. A
    mark that may be a word (``Euro 6``) does not do, unless it stands alone with the number.
    """
    beside = text[outer[0] : span[0]], text[span[1] : outer[1]]
    if by not in ("", " ") or has_currency(text, span) or any(map(is_sure_mark, beside)):
        return 1
    begins = any(beside) and text[outer[0] - 1 : outer[0]] in ("", "\n")
    return 1 if (begins or is_labelled(text, outer[0])) and LINE_END.match(text, outer[1]) else 2
