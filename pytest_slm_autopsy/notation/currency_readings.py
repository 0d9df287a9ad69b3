"""Which currencies a mark can mean: codes and symbols are CLDR's, through Babel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final
from unicodedata import normalize

from babel import Locale

_LOCALES: Final = (
    "en", "de", "fr", "nl", "pl", "es", "sv", "da", "nb", "cs", "de_CH", "en_CA", "en_AU", "ja",
)  # fmt: skip
_SPOKEN: Final = {"fr": "CHF", "sfr": "CHF", "euro": "EUR", "euros": "EUR", "rs": "INR"}


def currencies(mark: str) -> frozenset[str]:
    """The codes of the currencies that a code or symbol can mean; none where it is neither.

    Example:
        >>> sorted(currencies("\u20ac")), "CAD" in currencies("$"), currencies("bolts")
        (['EUR'], True, frozenset())
    """
    return _marks().get(_plain(mark), frozenset())


@cache
def _marks() -> Mapping[str, frozenset[str]]:
    pairs = [*_SPOKEN.items(), *((code, code) for code in Locale.parse("en").currencies)]
    for name in _LOCALES:
        symbols = Locale.parse(name).currency_symbols
        pairs += [(str(symbol), code) for code, symbol in symbols.items()]
    codes: dict[str, set[str]] = {}
    for mark, code in pairs:
        codes.setdefault(_plain(str(mark)), set()).add(str(code))
    return {mark: frozenset(found) for mark, found in codes.items()}


def _plain(mark: str) -> str:
    return normalize("NFKC", mark).strip().strip(".").casefold()
