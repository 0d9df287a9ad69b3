"""Currencies beside an amount: their codes, their signs, and what they are called for short."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from babel.numbers import list_currencies

SPACE: Final = " \u00a0\u202f\u2009"
"""What may stand within a number, and between it and its currency."""
_SYMBOLS: Final = "$¢-¥֏؋৲৳૱௹฿៛₠-⃀﷼"
_SIGN: Final = re.compile(rf"[{_SYMBOLS}]|[^\W\d_]")
_CURRENCY: Final = (
    rf"(?:[A-Z]{{0,3}}[{_SYMBOLS}](?:[A-Z]{{2}})?|(?P<code>[A-Z]{{3}})|zł|Kč|[Kk]r\b\.?|Ft|[Ll]ei|S?Fr\b\.?"
    r"|Rs\b\.?|[元円원])"
)
_CURRENCY_BEFORE: Final = re.compile(rf"(?<![^\W\d_]){_CURRENCY}[{SPACE}]?$")
_CURRENCY_AFTER: Final = re.compile(rf"[{SPACE}]?{_CURRENCY}(?![^\W\d_])")
_ALONE: Final = re.compile(rf"[\W_]*+(?:{_CURRENCY}[\W_]*)?")


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
