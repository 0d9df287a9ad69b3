"""Identifiers with check digits: IBAN, ISIN, and the VAT ids of the European Union."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

from pytest_slm_autopsy.notation.text import plain_forms

Scheme = Literal["IBAN", "ISIN", "VAT"]
"""The schemes of identifiers that are told by their check digits."""

_MARKS: Final = re.compile(r"[\s./-]+")
_LIKE: Final = re.compile(r"[A-Z]{2}[0-9A-Z]{2}[0-9A-Z]{4,30}")
_SHORTEST: Final = 8
_LONGEST: Final = 50


def bare_identifier(text: str) -> str:
    """Return an identifier without spaces and marks, in upper case."""
    return _MARKS.sub("", plain_forms(text)).upper()


@lru_cache(maxsize=4096)
def scheme_of(text: str) -> Scheme | None:
    """Return the scheme of an identifier whose check digits are right; else ``None``.

    Example:
        >>> scheme_of("DE89 3704 0044 0532 0130 00"), scheme_of("DE88 3704 0044 0532 0130 00")
        ('IBAN', None)
    """
    if not _SHORTEST <= len(text) <= _LONGEST:
        return None
    bare = bare_identifier(text)
    if not _LIKE.fullmatch(bare) or not any(map(str.isdigit, bare)):
        return None
    from stdnum import iban, isin  # late: most runs meet none
    from stdnum.eu import vat

    if iban.is_valid(bare):
        return "IBAN"
    if isin.is_valid(bare):
        return "ISIN"
    return "VAT" if vat.is_valid(bare) else None


def print_identifier(text: str, *, grouped: bool = False) -> str:
    """Print an identifier, in groups of four where ``grouped`` is set.

    Example:
        >>> print_identifier("DE89370400440532013000", grouped=True)
        'DE89 3704 0044 0532 0130 00'
    """
    bare = bare_identifier(text)
    return " ".join(re.findall(".{1,4}", bare)) if grouped else bare
