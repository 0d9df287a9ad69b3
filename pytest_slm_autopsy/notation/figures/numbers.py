# ruff: noqa: RUF001
"""Numbers of a text: where each begins and ends, how it is grouped, and what it may mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pytest_slm_autopsy.notation.figures.currencies import currency_before
from pytest_slm_autopsy.notation.text import APOSTROPHES, DASHES, SPACE, Span

_SIGN_BEFORE: Final = re.compile(rf"[{DASHES}] ?$")
_DECIMAL: Final = rf"[.,{APOSTROPHES}]"
_PLAIN: Final = rf"\d+(?:{_DECIMAL}\d+)*"
_PLAIN_NUMBER: Final = re.compile(_PLAIN)
_NUMBER: Final = re.compile(
    rf"""
    # 1 234 567,89: groups by spaces, where no number, fraction or code goes on
    (?P<spaced>
        (?<!\d[.,'’:])(?<!/)(?<!\w-)\d{{1,3}}(?:[{SPACE}]\d{{3}}(?!\d))+(?:{_DECIMAL}\d+)*
    )
    | {_PLAIN}                                                       # 1.234,50 and 12
    """,
    re.VERBOSE,
)
_WORD_BEFORE: Final = re.compile(r"[^\W_]$")
_CODE_BEFORE: Final = re.compile(r"[A-Z]{2}$")
_BELOW_ONE: Final = re.compile(rf"(?<![\w.,{APOSTROPHES}:/])\.\d{{1,2}}(?!\d)")
_SHAPE: Final = re.compile(
    rf"""
    (?P<units>
        [1-9]\d{{0,2}} (?P<by>[.,{APOSTROPHES}{SPACE}])\d{{3}}(?:(?P=by)\d{{3}})*  # 1.234.567
        | (?P<lakh>[1-9]\d?(?:,\d\d)+,\d{{3}})                                     # 12,34,567
        | \d*
    )
    (?:(?P<mark>[.,])(?P<cents>\d+))?
    """,
    re.VERBOSE,
)
MARK_BEFORE: Final = re.compile(
    r"(?:(?<!\d)[:=|][*_]{0,3}[^\S\n]*|[^\S\n]{2}|\t)$"  # after a label, **bold** too, or a gap
)
"""The end of what may stand before the value of a line: a label and its mark, or a wide gap."""
_LONGEST_MARK: Final = 16

# An amount behind bare words, before its currency or the end of its cell.
_SPACED_SUM: Final = re.compile(
    rf"\d{{1,3}}(?:[{SPACE}]\d{{3}})+,\d\d(?!\d)"
    rf"(?:[{SPACE}]?(?:[€$£]|[A-Z]{{3}}\b|z[łl]|K[čc]|kr|Ft|lei)|[^\S\n]*(?:\n|$)|[^\S\n]{{2}})"
)
_WORDS_BEFORE: Final = re.compile(r"(?<![^\W_])(?P<word>[^\W\d_]{2,})[.)]?[ ]$")
_COUNTED: Final = re.compile(  # the number behind it may be one of its own
    r"items?|qty|quantity|menge|pos|zone|no|nos|nr|num|art|st[uü]ck|stk|anzahl|quantit[eé]|qt[eé]"
    r"|ilo[sś][cć]|aantal|cantidad|room|lot|page|seite|pcs|x|szt|lp",
    re.IGNORECASE,
)
LINE_END: Final = re.compile(r"[^\S\n]*+(?:\|[^\S\n]*+)?(?:\n|$)")


def is_labelled(text: str, at: int) -> bool:
    """Tell whether a label and its mark, or a wide gap, end at a place."""
    return MARK_BEFORE.search(text, max(0, at - _LONGEST_MARK), at) is not None


def is_alone(text: str, span: Span) -> bool:
    """Tell whether a part of a text stands between a label and the end of its line."""
    return is_labelled(text, span[0]) and LINE_END.match(text, span[1]) is not None


def numbers_in(plain: str, line: Span | None = None) -> Iterator[Span]:
    """Yield the places of all numbers of a text, or of a line of it, each as long as it may be."""
    end, last = line or (0, len(plain))
    while number := _NUMBER.search(plain, end, last):
        start, end = number.span()
        if number.lastgroup and _ends_word(plain, start):
            end = _end_of_plain(plain, start)
        if plain[start - 1 : start] == "." and (below := _BELOW_ONE.match(plain, start - 1)):
            start, end = below.span()
        yield start, end


def _end_of_plain(plain: str, start: int) -> int:
    number = _PLAIN_NUMBER.match(plain, start)
    return number.end() if number else start


def _ends_word(plain: str, start: int) -> bool:
    """Tell whether a word ends before a number that is neither a code nor a currency."""
    if not _WORD_BEFORE.search(plain, max(0, start - 1), start):
        return False
    coded = _CODE_BEFORE.search(plain, max(0, start - 2), start)
    return coded is None and currency_before(plain, start) == start


def may_group(text: str, start: int) -> bool:
    """Tell whether the number at ``start`` may be grouped by plain spaces.

    It may not where another number may stand before it.
    """
    if currency_before(text, start) < start:
        return True
    spaced = _SPACED_SUM.match(text, start)
    words = _WORDS_BEFORE.search(text, max(0, start - 40), start) if spaced else None
    if words and not _COUNTED.fullmatch(words["word"]):
        return True  # Total TTC 1 234,50 €
    head = text[max(0, start - 40) : start].rpartition("\n")[2]
    head = _SIGN_BEFORE.sub("", head)
    return not head.strip() or head[-1] == "(" or bool(MARK_BEFORE.search(head))


def shape_of(plain: str, start: int, end: int) -> re.Match[str] | None:
    """Return the parts of a number: units and how they are grouped, mark and decimals.

    The groups are ``units``, ``by`` or ``lakh``, ``mark`` and ``cents``.
    """
    shape = _SHAPE.fullmatch(plain, start, end)
    return None if shape and shape["mark"] and shape["mark"] in shape["units"] else shape


def plain_forms_of(shape: re.Match[str], whole: bool, percent: bool) -> tuple[str, str]:
    """Return the plain form of a number, and what it may mean as well.

    The one mark of ``1.234`` marks thousands, or decimals: of a percentage rather decimals.
    """
    units = re.sub(r"\D", "", shape["units"]).lstrip("0") or "0"
    plain = f"{units}.{(shape['cents'] or '').rstrip('0'):0<2}"
    by = shape["by"]
    if not whole or by not in (".", ",") or shape["units"].count(by) > 1:
        return plain, ""
    decimal = shape["units"].replace(",", ".")
    return (decimal, plain) if percent else (plain, decimal)
