"""Currencies beside an amount: their codes, their signs, and what they are called for short."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from babel.numbers import get_currency_symbol, list_currencies

SPACE: Final = " \u00a0\u202f\u2009"
"""What may stand within a number, and between it and its currency."""
_LOCALES: Final = (
    "en",
    "en_AU",
    "de",
    "pl",
    "cs",
    "sv",
    "da",
    "hu",
    "ro",
    "ja",
    "zh",
    "pt",
    "en_IN",
)
_SYMBOLS: Final = "$¢-¥֏؋৲৳૱௹฿៛₠-⃀﷼"
_SIGN: Final = re.compile(rf"[{_SYMBOLS}]|[^\W\d_]")
_CURRENCY: Final = (
    rf"(?:[A-Z]{{0,3}}[{_SYMBOLS}](?:[A-Z]{{2}})?|(?P<code>[A-Z]{{3}})|zł|Kč|[Kk]r\b\.?|Ft|[Ll]ei|S?Fr\b\.?"
    r"|Rs\b\.?|[元円원])"
)
_CURRENCY_BEFORE: Final = re.compile(rf"(?<![^\W\d_]){_CURRENCY}[{SPACE}]?$")
_CURRENCY_AFTER: Final = re.compile(rf"[{SPACE}]?{_CURRENCY}(?![^\W\d_])")
_ALONE: Final = re.compile(rf"[\W_]*+(?:{_CURRENCY}[\W_]*)?")
_NO_AMOUNT: Final = re.compile(
    rf"[{SPACE}]?(?:D[Rr]|‰|Mio|Mrd|[Mm]illion(?:s|en)?|[Bb]illions?|Milliarden?|Uhr"
    rf"|per ?cent|pct|Prozent)(?!\w)|[{SPACE}][SH](?![\w.])"
)


def has_currency(text: str, span: tuple[int, int]) -> bool:
    """Whether a letter or a sign of a currency stands there."""
    return _SIGN.search(text, *span) is not None


def currency_before(text: str, at: int) -> int:
    """Where the currency starts that ends there, or there."""
    if not text[max(0, at - 2) : at].strip():
        return at
    found = _CURRENCY_BEFORE.search(text, max(0, at - 6), at)
    return found.start() if found and _known(found["code"]) else at


def currency_after(text: str, at: int) -> int:
    """Where the currency ends that starts there."""
    found = _CURRENCY_AFTER.match(text, at)
    return found.end() if found and _known(found["code"]) else at


def no_amount(text: str, at: int) -> bool:
    """Whether what stands there makes the number before it a debit, a share, a time or millions."""
    return _NO_AMOUNT.match(text, at) is not None


def same_currency(text: str, span: tuple[int, int], value: str) -> bool:
    """Whether the amount at that place is in the currency of a value, or one of them has none."""
    stated = _stated(value)
    if not stated:
        return True
    start, end = currency_before(text, span[0]), currency_after(text, span[1])
    printed = _stated(text[start:end])
    return not printed or not stated.isdisjoint(printed)


@lru_cache(maxsize=4096)
def _stated(text: str) -> frozenset[str]:
    """The codes of the currencies that are named beside an amount."""
    marks = (found.group() for found in re.finditer(_CURRENCY, text))
    return frozenset(code for mark in marks for code in _codes(mark.rstrip(".")))


def _codes(mark: str) -> frozenset[str]:
    return frozenset({mark}) if mark in currencies() else _signs().get(mark, frozenset())


@cache
def _signs() -> dict[str, frozenset[str]]:
    """Sign to the codes that it may stand for; a bare ``$`` is that of any dollar."""
    found: dict[str, set[str]] = {}
    for locale in _LOCALES:
        for code in currencies():
            sign = get_currency_symbol(code, locale).rstrip(".")
            found.setdefault(sign, set()).add(code)
            found.setdefault(sign[-1:], set()).add(code)
    return {sign: frozenset(codes) for sign, codes in found.items()}


def beside_amount(text: str) -> bool:
    """Whether it is nothing but a currency, marks and white space."""
    found = _ALONE.fullmatch(text)
    return found is not None and _known(found["code"])


def _known(code: str | None) -> bool:
    return code is None or code in currencies()


@cache
def currencies() -> frozenset[str]:
    """The codes of all currencies that there are or were."""
    return frozenset(list_currencies())
