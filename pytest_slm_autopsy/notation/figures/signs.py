# ruff: noqa: RUF001
"""Signs beside a number: minus, debit and credit, brackets, tax letters, and what is no sign."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Final, Literal, NamedTuple

from pytest_slm_autopsy.notation.figures.currencies import (
    currency_after,
    currency_before,
    no_amount,
)
from pytest_slm_autopsy.notation.figures.numbers import LINE_END, MARK_BEFORE
from pytest_slm_autopsy.notation.text import DASHES, SPACE, Span, goes_on, plain_forms

Negative = Literal["", "-", "trailing", "brackets", "credit", "debit"]
"""The print of a minus: none, before, after, in brackets, as ``CR``, as ``DR`` or ``S``."""


MINUS: Final = tuple(DASHES)
_PER: Final = re.compile(r"[.,]\d\d?/[^\W\d_]")  # 12.50/kg
_COLUMN_END: Final = r"[^\S\n]*+(?:[\n|]|$)|[^\S\n]{2}|\t"
_SIGN_AFTER: Final = re.compile(
    rf"""
    [{SPACE}](?P<dash>[{DASHES}])(?={_COLUMN_END})                # 12.50 -
    | [{SPACE}]?(?P<plus>\+)(?=[{SPACE}]?[A-Z€]|{_COLUMN_END})      # 12.50+
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
          (?=[{SPACE}]?(?:[A-Z]{{3}}\b|€)|{_COLUMN_END})
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
_IN_WORDS: Final = re.compile(
    r"(?:dollars?|euros?|pounds?|francs?|rupees|ringgit|franken|z[łl]otych|cents?|sum[ ]of)[ ]$",
    re.IGNORECASE,
)
_ANOTHER: Final = re.compile(
    rf"[^\S\n]+(?:[^\W\d_]{{2,3}}|[€$£])?[{SPACE}]?\d[\d.,]*[.,]\d\d(?!\d)"
)
_TIMES: Final = re.compile(r"(?<=\d)[xX×]$")


class Side(NamedTuple):
    """One side of a number: where its sign and its currency end, and its minus."""

    at: int
    outer: int
    minus: Negative = ""
    sure: bool = True


def left_side(text: str, start: int, right: Side) -> Side | None:
    """Read what stands before a number; ``None`` where that makes it something else."""
    near = start - (text[start - 1 : start] in MINUS)
    outer = currency_before(text, near)
    beside = text[near - 1 : near]
    if outer == near and (beside == "/" or goes_on(beside) or beside == "_"):
        return Side(start, start) if _TIMES.search(text, near - 2, near) else None
    if near < start:
        return None if beside in MINUS else Side(near, outer, "-")
    if text[outer - 1 : outer] in MINUS:
        return None if goes_on(text[outer - 2 : outer - 1]) else Side(outer - 1, outer - 1, "-")
    return _spaced(text, start, outer, right)


def _spaced(text: str, start: int, outer: int, right: Side) -> Side:
    """Tell a dash that stands apart: a sign, a bullet, or a mark after a label."""
    if not text[max(0, outer - 8) : outer].rstrip().endswith(MINUS):
        return Side(start, outer)
    head = text[max(0, outer - 80) : outer]
    head = head[head.rfind("\n") + 1 :]
    stripped = head.rstrip()
    gap = len(head) - len(stripped)
    if not stripped.endswith(MINUS):
        return Side(start, outer)
    lead, dash = stripped[:-1], outer - gap - 1
    if not lead.strip():
        minus = LINE_END.match(text, right.outer) is not None
        return Side(dash, dash, "-") if minus else Side(start, outer)
    if not MARK_BEFORE.search(lead):
        return Side(start, outer)
    return Side(dash, dash, "-") if gap == 1 else Side(start, outer, sure=False)


def right_side(text: str, end: int, percent: bool, comma: bool) -> Side | None:
    """Read what stands behind a number; ``None`` where that makes it something else.

    ``comma`` says that the number is printed as in German, where S and H are debit and credit.
    """
    if text[end : end + 2].isspace():
        return Side(end, end)
    outer = end if percent else currency_after(text, end)
    sign = _SIGN_AFTER.match(text, outer)
    if sign and _counts(sign, percent, comma):
        return Side(sign.end(), currency_after(text, sign.end()), _minus(sign))
    if not percent and (letter := _TAX_LETTER.match(text, end)):
        return Side(end, letter.end())
    if not percent and no_amount(text, outer):
        return None
    beside = text[outer : outer + 1]
    if (outer > end and beside.isdigit()) or (
        beside == ":" and text[outer + 1 : outer + 2].isdigit()
    ):
        return None  # 12$50 and 10:30
    if beside in MINUS:
        behind = currency_after(text, outer + 1)
        joined = behind == outer + 1 and goes_on(text[outer + 1 : outer + 2])
        return None if joined else Side(outer + 1, behind, "trailing")
    if beside == "/" and _PER.match(text, max(text.rfind(mark, end - 3, end) for mark in ".,")):
        return Side(end, outer)
    if outer == end and (beside in ("/", "_", "%") or goes_on(beside)):
        return None
    return Side(end, outer)


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


def bracketed(text: str, outer: Span) -> bool:
    """Tell whether brackets around a number are its minus sign."""
    start, end = outer
    if text[start - 1 : start] != "(" or text[end : end + 1] != ")":
        return False
    if text[start:end].isdigit() and _ANOTHER.match(text, end + 1):
        return False  # a code before its amount: Tax (7) $1.00
    if _IN_WORDS.search(text, max(0, start - 24), start - 1):
        return False  # ten thousand dollars ($10,000.00)
    before = text[max(0, start - 4) : start - 1].rstrip()[-1:]
    return before != "%" and not before.isdigit()
