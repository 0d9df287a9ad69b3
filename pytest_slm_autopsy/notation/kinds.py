"""Kinds of values: how each looks, how it may begin behind a label, and when two mean the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from pytest_slm_autopsy.notation import parties
from pytest_slm_autopsy.notation.dates.day_shapes import TIME
from pytest_slm_autopsy.notation.dates.days import day_at_start, whole_day
from pytest_slm_autopsy.notation.figures.amounts import amount_at_start, whole_amount
from pytest_slm_autopsy.notation.figures.currencies import (
    begins_currency,
    codes,
    codes_of,
    currencies_in,
    is_currency,
)
from pytest_slm_autopsy.notation.figures.quantities import whole_quantity
from pytest_slm_autopsy.notation.figures.spelled import PERCENT, same_duration, whole_counted
from pytest_slm_autopsy.notation.identifiers import bare_identifier, scheme_of
from pytest_slm_autopsy.notation.text import SPACE, folded, plain_forms, same_text
from pytest_slm_autopsy.records import Value

NOTHING: Final = frozenset(
    ("n/a", "na", "n.a", "n/d", "n.d", "none", "null", "nil", "nan", "unknown", "missing", "empty",
     "undefined", "not available", "not applicable", "not found", "not stated", "not specified",
     "not given", "keine", "keine angabe", "keine angaben", "k.a", "aucun", "aucune", "neant",
     "geen", "n.v.t", "brak", "ninguno", "ninguna", "nessuno", "nessuna")
)  # fmt: skip
"""Answers that say that there is no value, folded and without marks around them."""

_LONGEST_SUFFIX: Final = 5
"""Characters behind an amount: a tax code may follow, but no sentence."""
_AROUND: Final = " .,;()[]<>{}*_\"'"
_WORD: Final = re.compile(r"[^\W\d_]{3}(?![^\W\d_])")
_SHORT: Final = 8
_HAS_DIGIT: Final = re.compile(r"\d")
_CODE: Final = re.compile(r"(?=.*\d)[\w./#-]+|\d+(?: \d+)+")
_GROUPED_CODE: Final = re.compile(
    rf"\d+|\d{{1,3}}(?:[{SPACE}]\d{{3}})+|\d{{1,3}}(?:\.\d{{3}})+|[A-Za-z]{{2,4}}\d+"  # KR8765
)
_SURE_CODE: Final = re.compile(
    r"(?=.{5,30}$)[A-Z]{0,6}[-/.#]?\d[\dA-Z]*(?:[-/.][\dA-Z]+)*", re.IGNORECASE
)
_PERCENTAGE: Final = re.compile(r"\d+(?:[.,]\d+)? ?%")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of values.

    ``begins`` tells whether a text behind a label may begin with a value, ``sure`` whether a text
    without a label is surely one, ``reads`` whether an answer can be read as one, and ``same``
    whether two texts, neither the other's spelling, can mean one value.
    """

    begins: Callable[[str], bool]
    sure: Callable[[str], bool]
    reads: Callable[[str], bool]
    same: Callable[[str, str], bool]


def kind_of(value: Value) -> str:
    """Return the kind that one value has by its looks.

    Example:
        >>> kind_of("2025-03-31"), kind_of("1.234,50 EUR"), kind_of("RE-2025/7"), kind_of("7")
        ('date', 'money', 'code', 'code')
    """
    return _kind(value.strip()) if isinstance(value, str) else "items"


def reads_as(text: str, kind: str) -> bool:
    """Tell whether a text can be read as a value of this kind."""
    return KINDS[kind].reads(text)


def states_nothing(text: str) -> bool:
    """Tell whether an answer says in words that there is no value: ``N/A``, ``none``, ``-``."""
    plain = " ".join(folded(plain_forms(text)).text.split()).strip(_AROUND)
    return not plain.strip("-") or plain.replace(" / ", "/") in NOTHING


@lru_cache(maxsize=4096)
def _kind(text: str) -> str:
    if text in codes() or (len(text) < _SHORT and is_currency(text) and not text[0].isalpha()):
        return "currency"
    if not _HAS_DIGIT.search(text):
        if counted := whole_counted(text):
            return "percentage" if counted.unit == PERCENT else "duration"
        return _kind_in_words(text)
    if (day := whole_day(text)) and day.sure and not text.rstrip(".,").isdigit():
        return "date"
    number = whole_amount(text)
    if number and number.percent:
        return "percentage"
    if scheme_of(text):
        return "identifier"
    if counted := whole_counted(text):
        return "percentage" if counted.unit == PERCENT else "duration"
    if not number and (quantity := whole_quantity(text)) and quantity.unit:
        return "quantity"
    # An amount has a sign, a currency, decimals or a mark of thousands, or else is a code.
    if number and not _GROUPED_CODE.fullmatch(text):
        return "money"
    return _kind_in_words(text)


def _kind_in_words(text: str) -> str:
    if _CODE.fullmatch(text):
        return "code"
    if len(text) > parties.LONGEST_NAME:
        return "text"
    if parties.names_company(text):
        return "company"
    if parties.names_address(text):
        return "address"
    return "person" if parties.is_person(text) else "text"


def _begins_amount(text: str) -> bool:
    found = amount_at_start(text)
    return found is not None and len(text) - found.outer[1] < _LONGEST_SUFFIX


def _is_sure_currency(text: str) -> bool:
    return text in codes() or (len(text) < _SHORT and is_currency(text) and not text.isalpha())


def _begins_with_digits(text: str) -> bool:
    return any(letter.isdigit() for letter in text.partition(" ")[0])


def _says_something(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _is_day(text: str) -> bool:
    found = day_at_start(text)
    if found is None or not found.sure:
        return False
    rest = text[found.span[1] :]
    return not rest or TIME.match(rest) is not None


def _is_code(text: str) -> bool:
    return bool(_SURE_CODE.fullmatch(text)) and not _is_day(text) and not _is_price(text)


def _is_price(text: str) -> bool:
    found = whole_amount(text)
    return found is not None and bool(found.decimal)


def _never(*_texts: str) -> bool:
    return False


def _always(_text: str) -> bool:
    return True


def meant_amounts(text: str, *, percent: bool = False) -> tuple[frozenset[Decimal], frozenset[str]]:
    """Return every amount that a printed text can mean, and the possible codes of its currency.

    Codes may be in lower case. A percentage may lack its sign. Both are empty where the text is no
    amount.
    """
    text = _WORD.sub(_known_code, text)
    if percent and (counted := whole_counted(text)) and counted.unit == PERCENT:
        return frozenset({Decimal(float(counted.number))}), frozenset()
    if percent:
        text = text if "%" in plain_forms(text) else f"{text}%"
    one = whole_amount(text)
    if one is None or one.percent != percent:
        return frozenset(), frozenset()
    return (
        frozenset(Decimal(plain) for plain in (one.plain, one.other) if plain),
        currencies_in(one.currency),
    )


def _known_code(word: re.Match[str]) -> str:
    high = word.group().upper()
    return high if high in codes() and not codes_of(word.group()) - {high} else word.group()


@lru_cache(1 << 16)
def _amounts(text: str, percent: bool) -> tuple[frozenset[object], frozenset[str]]:
    amounts, named = meant_amounts(text, percent=percent)
    if not percent:
        # 1,250 is a thousand and more: to take it for 1.25 would call the worst mistake right.
        sure = frozenset(one for one in amounts if one.as_tuple().exponent != -3)
        amounts = sure or amounts
    return frozenset(amounts), named


def _same_amount(one: str, other: str, percent: bool = False) -> bool:
    (amounts, named), (others, elsewhere) = _amounts(one, percent), _amounts(other, percent)
    disagree = named and elsewhere and not named & elsewhere
    return bool(amounts & others) and not disagree


def _same_percentage(one: str, other: str) -> bool:
    return _same_amount(one, other, percent=True)


def _same_duration(one: str, other: str) -> bool:
    here, there = whole_counted(one), whole_counted(other)
    return here is not None and there is not None and same_duration(here, there)


def _same_quantity(one: str, other: str) -> bool:
    here, there = whole_quantity(one), whole_quantity(other)
    return here is not None and there is not None and here.same(there)


def _same_identifier(one: str, other: str) -> bool:
    return bare_identifier(one) == bare_identifier(other)


def _begins_with_number(text: str) -> bool:
    words = text.split(maxsplit=2)[:2]
    return any(word[0].isdigit() for word in words)


def _same_day(one: str, other: str) -> bool:
    here, there = whole_day(one), whole_day(other)
    if here is None or there is None:
        return False
    if len(here.days) > 1 and len(there.days) > 1:  # both open: the same order
        mine, theirs = here.readings, there.readings
        return any(mine[order] == theirs[order] for order in mine.keys() & theirs.keys())
    return not here.days.isdisjoint(there.days)


def _same_currency(one: str, other: str) -> bool:
    return bool(codes_of(one) & codes_of(other))


_WORDS: Final = Kind(_says_something, _never, _always, _never)
KINDS: Final[Mapping[str, Kind]] = {
    "text": _WORDS,
    "code": Kind(_begins_with_digits, _is_code, _always, _never),
    "date": Kind(lambda text: day_at_start(text) is not None, _is_day,
                 lambda text: whole_day(text) is not None, _same_day),
    "money": Kind(_begins_amount, _never, lambda text: bool(_amounts(text, False)[0]),
                  _same_amount),
    "person": _WORDS,
    "company": Kind(_says_something, parties.is_company, _always, _never),
    "address": Kind(_says_something, parties.is_address, _always, _never),
    "percentage": Kind(lambda text: _PERCENTAGE.match(text) is not None,
                       lambda text: _PERCENTAGE.fullmatch(text) is not None,
                       lambda text: bool(_amounts(text, True)[0]), _same_percentage),
    "currency": Kind(lambda text: begins_currency(text) > 0, _is_sure_currency,
                     _always, _same_currency),
    "quantity": Kind(_begins_with_number, _never,
                     lambda text: whole_quantity(text) is not None, _same_quantity),
    "duration": Kind(_says_something, _never,
                     lambda text: whole_counted(text) is not None, _same_duration),
    "identifier": Kind(lambda text: any(map(str.isdigit, text)),
                       lambda text: scheme_of(text) is not None, _always, _same_identifier),
    "items": Kind(_says_something, _never, _never, _never),
}  # fmt: skip
"""Kinds of fields, as schemas name them."""


def same_value(one: str, other: str, kind: str = "text") -> bool:
    """Tell whether two texts can mean the same value of this kind."""
    return same_text(one, other) or KINDS[kind].same(one, other)
