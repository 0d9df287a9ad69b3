# ruff: noqa: RUF001
"""What kind of values a field has, told from the values themselves."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Final

from babel.numbers import list_currencies

from pytest_slm_autopsy.records import Case, Value

NUMERIC: Final = frozenset({"date", "money", "percentage", "currency"})
"""Kinds that have prints of their own, and are not looked for in other case or spaces."""

_DAY: Final = re.compile(
    r"\d{4}-\d\d-\d\d|\d\d?([./-])\d\d?\1(?:\d{4}|\d\d)|\d\d?\.?[ -][^\W\d_]{3,10}\.?[ -]\d{4}"
    r"|[^\W\d_]{3,10} \d\d?, \d{4}"
)
_AMOUNT: Final = re.compile(r"(?:\d{1,3}(?:([.,'’ \u00a0\u202f])\d{3})+|\d+)(?:[.,]\d+)?")
_SIGNED: Final = re.compile(r"(?P<sign>[-−(]?)\s*(?P<number>\d.*?)\s*(?P<after>[-−)]?)")
_MARK: Final = re.compile(r"\s*(?:[A-Z]{3}|[€$£¥])\s*")
_PERCENT: Final = re.compile(r"-?\d+(?:[.,]\d+)?\s?%")
_CODE: Final = re.compile(r"(?=.*\d)[\w./#-]+")
_COMPANY: Final = re.compile(
    r"\b(?:Ltd|Limited|Inc|LLC|LLP|PLC|Corp|Co|GmbH|AG|KG|OHG|UG|SE|SA|SAS|SARL|BV|NV|AB|AS|Oy"
    r"|SpA|Srl|S\.A|S\.L|e\.K|e\.V|Sdn Bhd|Pty)\b\.?"
)
_ADDRESS: Final = re.compile(r"(?=.*\b\d{4,6}\b|.*\d.*[,\n]).*[^\W\d_]{3,}.*\s.*", re.DOTALL)
_PERSON: Final = re.compile(r"(?:[A-Z]\.? ?|[^\W\d_][\w'’-]+ ){1,3}[^\W\d_][\w'’-]+")
_WHOLE_AMOUNTS: Final = re.compile(r"(?:^|_)(?:total|subtotal|amount|price|tax|net|gross|sum)$")


def kinds_of(cases: Iterable[Case]) -> dict[str, str]:
    """Field name to the kind of most of its values; of fields without a value, ``text``."""
    votes: dict[str, Counter[str]] = {}
    for case in cases:
        for name, value in case.truth.items():
            counted = votes.setdefault(name, Counter())
            if value:
                counted[kind_of(value)] += 1
    return {name: _elected(name, counted) for name, counted in votes.items()}


def kind_of(value: Value) -> str:
    """The kind that one value has by its looks.

    Example:
        >>> kind_of("2025-03-31"), kind_of("1.234,50 €"), kind_of("RE-2025/7"), kind_of("7")
        ('date', 'money', 'code', 'code')
    """
    return _kind(value) if isinstance(value, str) else "items"


def plain_amount(text: str) -> str | None:
    """An amount in any print as ``-1234.50``; ``None`` for what is none, or could be two.

    Example:
        >>> plain_amount("1.234,50 €"), plain_amount("(7)"), plain_amount("1.234")
        ('1234.50', '-7.00', None)
    """
    text = unicodedata.normalize("NFKC", text).strip()
    found = _SIGNED.fullmatch(_MARK.sub(_without_currency, text, count=1))
    if not found or not (shape := _AMOUNT.fullmatch(found["number"])):
        return None
    number = found["number"]
    decimal = max(number.rfind("."), number.rfind(","))
    if decimal > 0 and number[decimal] == shape[1]:
        if number.count(shape[1]) == 1 and shape[1] in ".,":
            return None
        decimal = -1
    units = number if decimal < 0 else number[:decimal]
    cents = "" if decimal < 0 else number[decimal + 1 :]
    below_zero = found["sign"] or found["after"]
    return f"{'-' * bool(below_zero)}{re.sub(r'[^0-9]', '', units)}.{cents:0<2}"


@lru_cache(maxsize=4096)
def _kind(value: str) -> str:
    text = value.strip()
    if _DAY.fullmatch(text):
        return "date"
    if _PERCENT.fullmatch(text):
        return "percentage"
    if text in _currencies() or text in tuple("€$£¥"):
        return "currency"
    if not text.isdigit() and (plain_amount(text) or _AMOUNT.fullmatch(text.strip("-$€£¥ "))):
        return "money"
    return _kind_in_words(text)


def _kind_in_words(text: str) -> str:
    if _CODE.fullmatch(text):
        return "code"
    if _COMPANY.search(text):
        return "company"
    if _ADDRESS.fullmatch(text):
        return "address"
    return "person" if _PERSON.fullmatch(text) and text == text.title() else "text"


def _without_currency(mark: re.Match[str]) -> str:
    code = mark[0].strip()
    return mark[0] if code.isalpha() and code not in _currencies() else ""


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


def _elected(name: str, votes: Mapping[str, int]) -> str:
    """The kind of most values; whole numbers among amounts are amounts."""
    total = sum(votes.values())
    if not total:
        return "text"
    if votes.get("money") and votes["money"] + votes.get("code", 0) == total:
        return "money"
    kind = max(votes, key=lambda one: votes[one])
    if votes[kind] * 2 < total:
        return "text"
    return "money" if kind == "code" and _WHOLE_AMOUNTS.search(name) else kind
