"""Whether two prints mean the same: amounts by value, dates by day, texts but for case and spacing.

A print may be open: ``1.234`` is a thousand or one and a bit, ``03/04/2025`` is in March or April.
What may be meant is then all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final
from unicodedata import normalize

from pytest_slm_autopsy.errors import ConfigError, nearest
from pytest_slm_autopsy.notation.currency_readings import currencies
from pytest_slm_autopsy.notation.day_readings import days
from pytest_slm_autopsy.records import Prediction, Value, legible

KINDS: Final = (
    "text", "code", "date", "money", "person", "company", "address", "percentage", "currency",
    "items",
)  # fmt: skip
"""Kinds of fields, as schemas name them."""

_CACHED: Final = 1 << 16
_MARKS: Final = str.maketrans(
    {**dict.fromkeys("\u2212\u2013\u2014\u2010", "-"), **dict.fromkeys("\u2018\u2019`\u00b4", "'")}
)
_CORE: Final = re.compile(r"[.,]?\d(?:[\d.,' ]*\d)?")
_NO_CENTS: Final = re.compile(r"(?<=\d)[.,] ?-+(?=\D*$)")
_CONVENTIONS: Final = tuple(
    re.compile(rf"(\d+|[1-9]\d{{0,2}}([{groups}])\d{{3}}(?:\2\d{{3}})*)?(?:{decimal}(\d+))?")
    for decimal, groups in ((r"\.", ",' "), (",", ".' "))
)


def money(text: str) -> frozenset[Decimal]:
    """The amounts that a print can mean; none where it is no amount.

    Example:
        >>> sorted(money("1.234")), sorted(money("(EUR 1.234,50)"))
        ([Decimal('1.234'), Decimal('1234')], [Decimal('-1234.50')])
    """
    return _amount(text)[0]


def day(text: str) -> frozenset[date]:
    """The days that a print can mean; none where it is no date.

    Example:
        >>> [str(one) for one in sorted(day("03/04/2025"))]
        ['2025-03-04', '2025-04-03']
    """
    return frozenset(days(text).values())


def same_meaning(truth: Value, answer: Value, kind: str = "text") -> bool:
    """Whether ``answer`` can mean what ``truth`` means, each being of this kind.

    Money is compared by value (a currency counts where both name one), percentages likewise, dates
    by day, everything else without case and with white space collapsed; rows cell by cell.

    Example:
        >>> same_meaning("1.234,50 \u20ac", "1234.5", "money"), same_meaning("ASC", "asc")
        (True, True)
    """
    if isinstance(truth, str) and isinstance(answer, str):
        return _same_text(truth, answer, kind)
    if truth is None or answer is None or isinstance(truth, str) or isinstance(answer, str):
        return truth is None and answer is None
    return len(truth) == len(answer) and all(map(_same_row, truth, answer))


def folded(value: Value) -> object:
    """A value without case, its white space collapsed; equal for what differs in nothing else."""
    if isinstance(value, str):
        return " ".join(legible(value).casefold().split())
    return None if value is None else [{key: folded(row[key]) for key in row} for row in value]


def known_kinds(
    kinds: Mapping[str, str] | None, predictions: Sequence[Prediction]
) -> Mapping[str, str]:
    """The kinds of fields, none of them unknown.

    Raises:
        ConfigError: a kind that does not exist, or of a field that no case asks for.
    """
    if not kinds:
        return {}
    fields = {name for prediction in predictions for name in prediction.case.truth}
    for name, kind in kinds.items():
        if kind not in KINDS:
            raise ConfigError(
                f"field {name!r} is given the unknown kind {kind!r}; {nearest(kind, KINDS)}"
            )
        if name not in fields:
            raise ConfigError(f"no case asks for the field {name!r}; {nearest(name, fields)}")
    return kinds


@lru_cache(_CACHED)
def reads_as(text: str, kind: str) -> bool:
    """Whether a text can be read as a value of this kind."""
    if kind == "date":
        return bool(days(text))
    if kind in ("money", "percentage"):
        return bool(_amount(text, kind)[0])
    return kind != "items"


@lru_cache(_CACHED)
def _amount(text: str, kind: str = "money") -> tuple[frozenset[Decimal], frozenset[str]]:
    """The amounts and the currencies that can be meant."""
    plain = normalize("NFKC", text.translate(_MARKS)).translate(_MARKS).strip()
    if kind == "percentage":
        plain = plain.replace("%", "")
    plain = _NO_CENTS.sub("", plain)
    cores = _CORE.findall(plain)
    if len(cores) != 1:
        return frozenset(), frozenset()
    before, _, after = plain.partition(cores[0])
    around = before + after
    mark = re.sub(r"[-+()\s]", "", around).strip(".")
    named = currencies(mark) if mark else frozenset()
    if around.count("-") > 1 or (mark and not named):
        return frozenset(), frozenset()
    sign = -1 if "-" in around or ("(" in before and ")" in after) else 1
    read = (convention.fullmatch(cores[0]) for convention in _CONVENTIONS)
    return frozenset(sign * _value(found) for found in read if found), named


def _value(found: re.Match[str]) -> Decimal:
    units = re.sub(r"\D", "", found[1] or "0")
    return Decimal(f"{units}.{found[3]}" if found[3] else units)


def _same_text(truth: str, answer: str, kind: str) -> bool:
    if truth == answer or _folded_wide(truth) == _folded_wide(answer):
        return True
    return kind in _SAME and _SAME[kind](truth, answer)


@lru_cache(_CACHED)
def _folded_wide(text: str) -> str:
    return " ".join(normalize("NFKC", text).casefold().split())


def _same_row(truth: Mapping[str, str], answer: Mapping[str, str]) -> bool:
    return truth.keys() == answer.keys() and all(
        _same_text(truth[key], answer[key], "money") for key in truth
    )


def _same_amount(truth: str, answer: str, kind: str = "money") -> bool:
    (amounts, named), (others, elsewhere) = _amount(truth, kind), _amount(answer, kind)
    disagree = named and elsewhere and not named & elsewhere
    if kind == "money":
        amounts, others = _thousands(amounts), _thousands(others)
    return bool(amounts & others) and not disagree


def _thousands(amounts: frozenset[Decimal]) -> frozenset[Decimal]:
    """``1,250`` is a thousand and more: to take it for 1.25 would call the worst mistake right."""
    sure = frozenset(amount for amount in amounts if amount.as_tuple().exponent != -3)
    return sure or amounts


def _same_day(truth: str, answer: str) -> bool:
    here, there = days(truth), days(answer)
    if len({*here.values()}) > 1 and len({*there.values()}) > 1:  # both open: the same order
        return any(here[order] == there[order] for order in here.keys() & there.keys())
    return not {*here.values()}.isdisjoint(there.values())


_SAME: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "money": _same_amount,
    "percentage": lambda truth, answer: _same_amount(truth, answer, "percentage"),
    "date": _same_day,
    "currency": lambda truth, answer: bool(currencies(truth) & currencies(answer)),
}
