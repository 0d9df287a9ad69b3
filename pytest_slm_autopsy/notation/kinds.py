# ruff: noqa: RUF001
"""What kind of values a field has, told from the values themselves."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from pytest_slm_autopsy.notation.amounts import whole_amount
from pytest_slm_autopsy.notation.currencies import currencies
from pytest_slm_autopsy.notation.days import whole_days
from pytest_slm_autopsy.records import Case, Value

LONGEST: Final = 300
"""Characters of a name or an address; what is longer is text."""
_CODE: Final = re.compile(r"(?=.*\d)[\w./#-]+|\d+(?: \d+)+")
_GROUPED_CODE: Final = re.compile(r"\d+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d{1,3}(?:\.\d{3})+")
_NAME_BEFORE: Final = r"(?:^|\s)[^\s,]*[^\W\d_][^\s,]*,?\s(?:(?:&|und|and|y|et)\s)?"
_COMPANY: Final = re.compile(
    rf"{_NAME_BEFORE}(?:(?:Ltd|Limited|Inc|LLC|LLP|PLC|Corp|Co|GmbH|AG|KG|KGaA|OHG|UG|SE|SA|SAS|SARL"
    r"|BV|NV|AB|AS|A/S|ApS|Oy|SpA|Srl|S\.p\.A|S\.r\.l|S\.A|S\.L|B\.V|N\.V|e\.K|e\.V|Sdn Bhd|Pty)\.?"
    rf"(?=\s*(?:$|[,(&/\n]|(?:Ltd|GmbH|KG|Inc|LLC)\b))|(?:GmbH|AG|Ltd|Inc|LLC)\.? [^\W\d_]\w+$)"
)
_UPPER: Final = r"[^\W\d_a-zà-öø-ÿ]"
_STREET: Final = re.compile(
    # Hauptstr. 12, 10115 Berlin; 12 High Street, Leeds; 12 High Street; Hauptstraße 12
    rf"[^\W\d_]{{3,}}\.? \d+ ?[a-zA-Z]?(?=\s*[,\n]\s*(?:[A-Z]{{1,3}}[ -])?(?:\d{{4,6}} )?{_UPPER})"
    rf"|(?:^|[,\n]\s*)\d+[a-zA-Z]?(?:[-/]\d+)?,? {_UPPER}\S*(?: \S+)*(?=\s*[,\n])"
    r"|^\d+[a-zA-Z]? (?:\S+ )+"
    r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Way|Square|Place)\.?$"
    r"|(?:str\.|stra(?:ß|ss)e|weg|platz|allee|gasse|straat|gatan|vej) \d+ ?[a-zA-Z]?$",
)
_POSTAL: Final = re.compile(
    rf"[^\W\d_]{{2,}}.*?(?<![\w-])\d{{4,6}} {_UPPER}\w"
    r"|[^\W\d_]{3,},? [A-Z]{2,3} \d{4,6}(?:-\d{4})?$",
    re.DOTALL,
)
_PERSON: Final = re.compile(r"(?:[A-Z](?:\. ?| )|[^\W\d_][\w'’-]+ ){1,3}[^\W\d_][\w'’-]+")
_PARTICLE: Final = re.compile(
    r"(?<= )(?:(?:van|von|der|den|de|del|della|di|da|dos|du|la|le|zu|zur|ten|ter|af|av|bin|al) )+"
)
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


@lru_cache(maxsize=4096)
def _kind(value: str) -> str:
    text = value.strip()
    if whole_days(text) and not text.isdigit():
        return "date"
    if text in currencies() or text in tuple("€$£¥"):
        return "currency"
    number = whole_amount(text)
    if number and number.percent:
        return "percentage"
    if number and _is_money(text):
        return "money"
    return _kind_in_words(text)


def _is_money(text: str) -> bool:
    """Whether a number is no code: it has a sign, a currency, decimals or a mark of thousands."""
    return not _GROUPED_CODE.fullmatch(text)


def _kind_in_words(text: str) -> str:
    if _CODE.fullmatch(text):
        return "code"
    if len(text) > LONGEST:
        return "text"
    if _COMPANY.search(text):
        return "company"
    if _STREET.search(text) or _POSTAL.search(text):
        return "address"
    named = _PARTICLE.sub("", text)
    return "person" if _PERSON.fullmatch(named) and named == named.title() else "text"


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
