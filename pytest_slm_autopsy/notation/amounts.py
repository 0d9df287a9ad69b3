# ruff: noqa: RUF001
"""Amounts and percentages of a text, read once: what each says, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from pytest_slm_autopsy.notation.currencies import (
    SPACE,
    currency_after,
    currency_before,
    has_currency,
    no_amount,
)
from pytest_slm_autopsy.notation.text import Span, goes_on, plain_forms

_MINUS: Final = ("-", "−", "–")
_SIGN_BEFORE: Final = re.compile(r"[-−–] ?$")
_DIGIT: Final = re.compile(r"\d")
_NO_DIGIT: Final = re.compile(r"\D+")
_NUMBER: Final = re.compile(
    rf"(?:(?<![^\W_])|(?<=[A-Z]{{2}}))(?<!\d[.,'’:])(?<!/)(?<!\w-)"
    rf"\d{{1,3}}(?:[{SPACE}]\d{{3}}(?!\d))+(?:[.,'’]\d+)*"
    r"|\d+(?:[.,'’]\d+)*"
)
_BELOW_ONE: Final = re.compile(r"(?<![\w.,'’:/])\.\d{1,2}(?!\d)")
_SHAPE: Final = re.compile(
    rf"(?P<units>[1-9]\d{{0,2}}(?P<by>[.,'’{SPACE}])\d{{3}}(?:(?P=by)\d{{3}})*"
    r"|[1-9]\d?(?:,\d\d)+,\d{3}|\d*)(?:(?P<mark>[.,])(?P<cents>\d+))?"
)
_NO_CENTS: Final = re.compile(r"(?:[.,](?:--?|[–—−])|/-)(?!\w)")
_PER: Final = re.compile(r"[.,]\d\d?/[^\W\d_]")
_PERCENT: Final = re.compile(rf"[{SPACE}]{{0,2}}%")
_MINUS_AFTER: Final = re.compile(
    rf"[{SPACE}][-−–](?=[^\S\n]*+(?:[\n|]|$)|[^\S\n]{{2}}|\t)|[{SPACE}]?C[Rr](?!\w)"
)
_MARK_BEFORE: Final = re.compile(r"(?:(?<!\d)[:=|][^\S\n]*|[^\S\n]{2}|\t)$")
_LINE_END: Final = re.compile(r"[^\S\n]*+(?:\|[^\S\n]*+)?(?:\n|$)")


class Amount(NamedTuple):
    """One amount: where it stands with its sign, and with its currency; its plain form.

    ``weak`` is 0 of an amount with decimals, 1 of a whole one that looks like an amount, 2 of any
    other number. ``by`` is what marks its thousands; ``unsure``, whether that could be a decimal
    mark.
    """

    span: Span
    outer: Span
    plain: str
    weak: int
    percent: bool
    by: str
    unsure: bool


def plain_amount(text: str) -> str | None:
    """An amount in any print as ``-1234.50``; ``None`` for what is none, or could be two.

    Example:
        >>> plain_amount("1.234,50 €"), plain_amount("(7)"), plain_amount("1.234")
        ('1234.50', '-7.00', None)
    """
    one = whole_amount(text)
    return None if one is None or one.unsure or one.percent else one.plain


@lru_cache(maxsize=4096)
def whole_amount(text: str) -> Amount | None:
    """The amount or percentage that a text is, with nothing beside it but its currency."""
    text = text.strip()
    plain = plain_forms(text)
    numbers = list(_numbers(plain)) if len(text) <= 64 else []
    found = [one for span in numbers if (one := _read(plain, *span))]
    if len(found) != 1:
        return None
    spans = (found[0].span, found[0].outer)
    covered = min(start for start, _ in spans), max(end for _, end in spans)
    return found[0] if covered == (0, len(text)) else None


def amounts_like(text: str, plain: str) -> list[Amount]:
    """The amounts and percentages of a text that say ``plain``, in order.

    Of the numbers of the text, only those that have its digits are read.
    """
    known, digits = _by_digits(text), _NO_DIGIT.sub("", plain)
    written = {digits[: len(digits) - cut] for cut in range(3) if digits.endswith("0" * cut)}
    spans = {span for one in written for span in known.get(one.lstrip("0"), ())}
    found = (_read(plain_forms(text), *span) for span in sorted(spans))
    return [one for one in found if one and one.plain == plain]


@lru_cache(maxsize=8)
def _by_digits(text: str) -> Mapping[str, Sequence[Span]]:
    """The digits of a number, without zeros before them, to its places."""
    plain = plain_forms(text)
    found: dict[str, list[Span]] = {}
    for span in _numbers(plain):
        found.setdefault(_NO_DIGIT.sub("", plain[slice(*span)]).lstrip("0"), []).append(span)
    return found


def _numbers(plain: str) -> Iterator[Span]:
    end = 0
    while digit := _DIGIT.search(plain, end):
        start = digit.start()
        number = _BELOW_ONE.match(plain, start - 1) if plain[start - 1 : start] == "." else None
        start, end = (number or _NUMBER.match(plain, start) or digit).span()
        yield start, end


def _read(plain: str, start: int, end: int) -> Amount | None:
    """A number that is no part of a word, a date or a code."""
    ambiguous = " " in plain[start:end] and not _may_group(plain, start)
    return None if ambiguous else _amount(plain, start, end)


def _may_group(text: str, start: int) -> bool:
    """Whether plain spaces may be within a number: not where another may stand before it."""
    if currency_before(text, start) < start:
        return True
    head = text[max(0, start - 40) : start].rpartition("\n")[2]
    head = _SIGN_BEFORE.sub("", head)
    return not head.strip() or head[-1] == "(" or bool(_MARK_BEFORE.search(head))


class _Side(NamedTuple):
    """One side of a number: where its sign and its currency end, and whether it is a minus."""

    at: int
    outer: int
    minus: bool = False
    sure: bool = True


def _amount(text: str, start: int, end: int) -> Amount | None:
    shape = _SHAPE.fullmatch(text, start, end)
    if not shape or (shape["mark"] and shape["mark"] in shape["units"]):
        return None
    bare = _NO_CENTS.match(text, end)
    percent = _PERCENT.match(text, end)
    last = (bare or percent or shape).end()
    right = _right(text, last, percent is not None)
    left = _left(text, start, right) if right else None
    if not left or not right:
        return None
    outer = left.outer, right.outer
    span = left.at, right.at
    minus = left.minus or right.minus
    if not percent and _bracketed(text, outer):
        span = outer = outer[0] - 1, outer[1] + 1
        minus = True
    by = shape["by"] or ""
    unsure = by in (".", ",") and shape["units"].count(by) == 1 and not shape["mark"] and not bare
    whole = not shape["mark"] and not bare
    if whole and text[left.at] in _MINUS and text[left.outer : left.at].isalpha():
        return None  # a code with a prefix that is a currency's, too: CHE-123.456.789
    weak = 2 if not (left.sure and right.sure) else _weakness(text, span, outer, by) * whole
    number = text[start:end] if unsure and percent else ""
    return Amount(
        span, outer, "-" * minus + _plain(shape, number), weak, percent is not None, by, unsure
    )


def _plain(shape: re.Match[str], decimal: str) -> str:
    """The plain form of a number; ``decimal`` is one whose only mark is a decimal mark."""
    if decimal:
        return decimal.replace(",", ".")
    units = re.sub(r"\D", "", shape["units"]) or "0"
    return f"{units}.{shape['cents'] or '':0<2}"


def _weakness(text: str, span: Span, outer: Span, by: str) -> int:
    """Whether a whole number looks like an amount: grouped, with a currency, or at a line's end."""
    if by not in ("", " ") or outer[0] < span[0] or outer[1] > span[1]:
        return 1
    if has_currency(text, span):
        return 1
    labelled = _MARK_BEFORE.search(text, max(0, outer[0] - 16), outer[0])
    return 1 if labelled and _LINE_END.match(text, outer[1]) else 2


def _left(text: str, start: int, right: _Side) -> _Side | None:
    """What stands before a number; ``None`` where that makes it something else."""
    near = start - (text[start - 1 : start] in _MINUS)
    outer = currency_before(text, near)
    beside = text[near - 1 : near]
    if outer == near and (beside == "/" or goes_on(beside) or beside == "_"):
        return None
    if near < start:
        return None if beside in _MINUS else _Side(near, outer, minus=True)
    if outer < start and text[outer - 1 : outer] in _MINUS:
        return None if goes_on(text[outer - 2 : outer - 1]) else _Side(outer - 1, outer - 1, True)
    return _spaced(text, start, outer, right)


def _spaced(text: str, start: int, outer: int, right: _Side) -> _Side:
    """A dash that stands apart is a sign, a bullet, or a mark after a label."""
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
        minus = _LINE_END.match(text, right.outer) is not None
        return _Side(dash, dash, True) if minus else _Side(start, outer)
    if not _MARK_BEFORE.search(lead):
        return _Side(start, outer)
    return _Side(dash, dash, True) if gap == 1 else _Side(start, outer, sure=False)


def _right(text: str, end: int, percent: bool) -> _Side | None:
    """What stands behind a number; ``None`` where that makes it something else."""
    if text[end : end + 2].isspace():
        return _Side(end, end)
    outer = end if percent else currency_after(text, end)
    sign = _MINUS_AFTER.match(text, outer)
    if sign and not (percent and sign.group().strip().isalpha()):
        return _Side(sign.end(), sign.end(), minus=True)
    if not percent and no_amount(text, outer):
        return None
    beside = text[outer : outer + 1]
    if beside in _MINUS:
        behind = currency_after(text, outer + 1)
        joined = behind == outer + 1 and goes_on(text[outer + 1 : outer + 2])
        return None if joined else _Side(outer + 1, behind, minus=True)
    if beside == "/" and _PER.match(text, max(text.rfind(mark, end - 3, end) for mark in ".,")):
        return _Side(end, outer)
    if outer == end and (beside in ("/", "_", "%") or goes_on(beside)):
        return None
    return _Side(end, outer)


def _bracketed(text: str, outer: Span) -> bool:
    start, end = outer
    if text[start - 1 : start] != "(" or text[end : end + 1] != ")":
        return False
    before = text[max(0, start - 4) : start - 1].rstrip()[-1:]
    return before != "%" and not before.isdigit()
