# ruff: noqa: RUF001
"""Amounts and percentages: one grammar reads them in a text, alone, and at its beginning.

A print may be open: ``1.234`` is a thousand or one and a bit. An amount then says both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Final, Literal, NamedTuple

from pytest_slm_autopsy.notation.dressing import bare_amount
from pytest_slm_autopsy.notation.figures.currencies import (
    currencies_in,
    currency_after,
    currency_before,
    has_currency,
    is_sure_mark,
    no_amount,
)
from pytest_slm_autopsy.notation.figures.numbers import (
    LINE_END,
    MARK_BEFORE,
    may_group,
    numbers_in,
    plain_forms_of,
    shape_of,
)
from pytest_slm_autopsy.notation.text import (
    DASHES,
    SPACE,
    Span,
    goes_on,
    lines_with,
    plain_forms,
)

Negative = Literal["", "-", "trailing", "brackets", "credit", "debit"]
"""The print of a minus: none, before, after, in brackets, as ``CR``, as ``DR`` or ``S``."""

_MINUS: Final = tuple(DASHES)
_NO_DIGIT: Final = re.compile(r"\D+")
_NO_CENTS: Final = re.compile(r"(?:[.,](?:--?|[–—−])|/-)(?!\w)")  # 100,- and 100/-
_PER: Final = re.compile(r"[.,]\d\d?/[^\W\d_]")  # 12.50/kg
_PERCENT: Final = re.compile(rf"[{SPACE}]{{0,2}}%")
_COLUMN_END: Final = r"(?=[^\S\n]*+(?:[\n|]|$)|[^\S\n]{2}|\t)"
_SIGN_AFTER: Final = re.compile(
    rf"""
    [{SPACE}](?P<dash>[{DASHES}]){_COLUMN_END}                    # 12.50 -
    | [{SPACE}]?(?P<plus>\+)(?=[{SPACE}]?[A-Z€]|[^\S\n]*+(?:[\n|]|$)|[^\S\n]{{2}}|\t)  # 12.50+
    | [{SPACE}]?(?P<credit>C[Rr])(?!\w)                          # 12.50 CR
    | [{SPACE}]?(?P<debit>D[Rr])(?!\w)                           # 12.50 DR
    | [{SPACE}](?:(?P<soll>S(?:oll)?)|(?P<haben>H(?:aben)?))(?![\w.])  # 12,50 S and 12,50 H
    """,
    re.VERBOSE,
)
_TAX_LETTER: Final = re.compile(r"(?<=[.,]\d\d)(?:[SZTNXEF]|SR|ZRL?|TX)(?!\w|\.\w)")
"""Letters that a till prints close behind a price: 5.90S."""
_DEBITED: Final = re.compile(rf"\d[{SPACE}]?D[Rr](?!\w)")
_BOOKED: Final = re.compile(
    rf"""
    \d[.,]\d\d(?!\d)
    (?:
        # 12,50- EUR, and 12,50 + where the column ends
        [{SPACE}]?[{DASHES}+]
          (?=[{SPACE}]?(?:[A-Z]{{3}}\b|€)|[^\S\n]*+(?:[\n|]|$)|[^\S\n]{{2}}|\t)
        | [{SPACE}]?[CD][Rr](?!\w)              # 12.50 CR
        | [{SPACE}][SH](?![\w.])                # 12,50 S
    )
    # -12.50, + EUR 12.50
    | (?<![\w.,{DASHES}])[{DASHES}+][{SPACE}]?(?:[A-Z]{{2,3}}[{SPACE}]?|[€$£])?
      \d[\d.,]*[.,]\d\d(?![\d.,]*\d)
    """,
    re.VERBOSE,
)
"""An amount with a sign that may say which way it was booked."""
_LEAST_BOOKED: Final = 2
_ANOTHER: Final = re.compile(
    rf"[^\S\n]+(?:[^\W\d_]{{2,3}}|[€$£])?[{SPACE}]?\d[\d.,]*[.,]\d\d(?!\d)"
)
_TIMES: Final = re.compile(r"(?<=\d)[xX×]$")
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
    one = _read(plain, *span) if span and span[0] < _LONGEST_ALONE else None
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
    if at > 0 and "." in shown[at:end] and currency_before(shown, start) == start:
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


class _Side(NamedTuple):
    """One side of a number: where its sign and its currency end, and its minus."""

    at: int
    outer: int
    minus: Negative = ""
    sure: bool = True


def _amount(text: str, start: int, end: int) -> Amount | None:
    shape = shape_of(text, start, end)
    if not shape:
        return None
    bare = _NO_CENTS.match(text, end)
    percent = _PERCENT.match(text, end)
    last = (bare or percent or shape).end()
    comma = "," in (shape["mark"] or "") or shape["by"] == "."
    right = _right(text, last, percent is not None, comma)
    if not right or not (left := _left(text, start, right)):
        return None
    whole = not shape["mark"] and not bare
    marked = currencies_in(text[left.outer : start])
    if whole and not marked and text.startswith("00", start):
        return None  # 000292065280 is the number of something
    if (percent and marked) or _in_crores(text[last : right.at], marked):
        return None  # $5% is neither
    if whole and text[left.at] in _MINUS and text[left.outer : left.at].isalpha():
        return None  # a code with a prefix that is a currency's, too: CHE-123.456.789
    span, outer = (left.at, right.at), (left.outer, right.outer)
    minus = left.minus or right.minus
    if not percent and _bracketed(text, outer):
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
    labelled = MARK_BEFORE.search(text, max(0, outer[0] - 16), outer[0])
    begins = any(beside) and text[outer[0] - 1 : outer[0]] in ("", "\n")
    return 1 if (labelled or begins) and LINE_END.match(text, outer[1]) else 2


def _left(text: str, start: int, right: _Side) -> _Side | None:
    """Read what stands before a number; ``None`` where that makes it something else."""
    near = start - (text[start - 1 : start] in _MINUS)
    outer = currency_before(text, near)
    beside = text[near - 1 : near]
    if outer == near and (beside == "/" or goes_on(beside) or beside == "_"):
        return _Side(start, start) if _TIMES.search(text, near - 2, near) else None
    if near < start:
        return None if beside in _MINUS else _Side(near, outer, "-")
    if outer < start and text[outer - 1 : outer] in _MINUS:
        return None if goes_on(text[outer - 2 : outer - 1]) else _Side(outer - 1, outer - 1, "-")
    return _spaced(text, start, outer, right)


def _spaced(text: str, start: int, outer: int, right: _Side) -> _Side:
    """Tell a dash that stands apart: a sign, a bullet, or a mark after a label."""
    if not text[max(0, outer - 8) : outer].rstrip().endswith(_MINUS):
        return _Side(start, outer)
    head = text[max(0, outer - 80) : outer]
    head = head[head.rfind("\n") + 1 :]
    stripped = head.rstrip()
    gap = len(head) - len(stripped)
    if not gap or not stripped.endswith(_MINUS):
        return _Side(start, outer)
    lead, dash = stripped[:-1], outer - gap - 1
    if not lead.strip():
        minus = LINE_END.match(text, right.outer) is not None
        return _Side(dash, dash, "-") if minus else _Side(start, outer)
    if not MARK_BEFORE.search(lead):
        return _Side(start, outer)
    return _Side(dash, dash, "-") if gap == 1 else _Side(start, outer, sure=False)


def _right(text: str, end: int, percent: bool, comma: bool) -> _Side | None:
    """Read what stands behind a number; ``None`` where that makes it something else.

    ``comma`` says that the number is printed as in German, where S and H are debit and credit.
    """
    if text[end : end + 2].isspace():
        return _Side(end, end)
    outer = end if percent else currency_after(text, end)
    sign = _SIGN_AFTER.match(text, outer)
    if sign and _counts(sign, percent, comma):
        return _Side(sign.end(), currency_after(text, sign.end()), _minus(sign))
    if not percent and (letter := _TAX_LETTER.match(text, end)):
        return _Side(end, letter.end())
    if not percent and no_amount(text, outer):
        return None
    beside = text[outer : outer + 1]
    if (outer > end and beside.isdigit()) or (
        beside == ":" and text[outer + 1 : outer + 2].isdigit()
    ):
        return None  # 12$50 and 10:30
    if beside in _MINUS:
        behind = currency_after(text, outer + 1)
        joined = behind == outer + 1 and goes_on(text[outer + 1 : outer + 2])
        return None if joined else _Side(outer + 1, behind, "trailing")
    if beside == "/" and _PER.match(text, max(text.rfind(mark, end - 3, end) for mark in ".,")):
        return _Side(end, outer)
    if outer == end and (beside in ("/", "_", "%") or goes_on(beside)):
        return None
    return _Side(end, outer)


def _counts(sign: re.Match[str], percent: bool, comma: bool) -> bool:
    """Tell whether what looks like a sign is one: S is a tax code behind a decimal point."""
    if percent:
        return sign.lastgroup in ("dash", "plus")
    return comma or sign.lastgroup not in ("soll", "haben")


def _minus(sign: re.Match[str]) -> Negative:
    """Return the minus that a sign behind an amount says; a credit beside debits is none."""
    if sign.lastgroup == "credit":
        return "" if _has_debits(sign.string) else "credit"
    minus: dict[str | None, Negative] = {"dash": "trailing", "debit": "debit", "soll": "debit"}
    return minus.get(sign.lastgroup, "")


@lru_cache(maxsize=8)
def _has_debits(text: str) -> bool:
    return _DEBITED.search(text) is not None


@lru_cache(maxsize=8)
def books(text: str) -> bool:
    """Tell whether signs in a text say which way money went: two amounts have one at least.

    The amount of a booking is then stated without its sign as well.

    Example:
        >>> books("Fee 9,90- EUR, tax 1,20- EUR"), books("Total: 9,90-")
        (True, False)
    """
    return len(list(islice(_BOOKED.finditer(plain_forms(text)), _LEAST_BOOKED))) == _LEAST_BOOKED


def _bracketed(text: str, outer: Span) -> bool:
    start, end = outer
    if text[start - 1 : start] != "(" or text[end : end + 1] != ")":
        return False
    if text[start:end].isdigit() and _ANOTHER.match(text, end + 1):
        return False  # a code before its amount: Tax (7) $1.00
    before = text[max(0, start - 4) : start - 1].rstrip()[-1:]
    return before != "%" and not before.isdigit()
