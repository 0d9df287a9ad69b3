# ruff: noqa: RUF001
"""Forms of amounts: print an amount in a form, and tell the form of a printed one.

A form has a name that people read, its sample: ``1234.50`` as it looks in the form. ``XXX`` stands
for any code of a currency, ``¤`` for any sign.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from pytest_slm_autopsy.notation.cldr import table
from pytest_slm_autopsy.notation.figures.amounts import Amount, amount_at_start, whole_amount
from pytest_slm_autopsy.notation.figures.currencies import ANY_CODE, ANY_SIGN, codes
from pytest_slm_autopsy.notation.text import APOSTROPHES
from pytest_slm_autopsy.records import SPACES

SAMPLE: Final = "1234.50"
"""The amount that a sample shows, and the sample of the plain form."""
LONG_SAMPLE: Final = "1234567.50"
"""The amount that shows how a locale groups that does not group in threes."""
GROUPS: Final = ("", ",", ".", " ", "’")
"""Marks of thousands, as samples show them."""
_MAY_BE_OPEN: Final = re.compile(r"[.,]\d{3}(?!\d)")
_LABELLED: Final = re.compile(r"\((?P<mark>[^)]+)\) (?P<number>.*)")
_LOCALES: Final = {(".", ","): "en", (",", "."): "de", (",", " "): "fr", (".", "’"): "de_CH"}
_DECIMAL_BESIDE: Final = {"": ".", ",": ".", ".": ",", " ": ",", "’": "."}
_WRAPPED: Final = {"trailing": "{}-", "brackets": "({})", "credit": "{} CR", "debit": "{} DR"}


@dataclass(frozen=True)
class MoneyForm:
    """One form of printed amounts.

    ``locale`` decides decimal and thousands marks, unless ``marks`` name them (decimal, thousands);
    ``grouped`` whether thousands are marked; ``currency`` where the currency stands: ``""``,
    ``before``, ``after`` or ``label``, as symbol or code; ``negative`` is ``-``, ``trailing``,
    ``brackets``, ``credit`` or ``debit``; ``whole`` drops decimals that are 00.
    """

    locale: str = "en"
    grouped: bool = False
    currency: str = ""
    symbol: bool = False
    negative: str = "-"
    whole: bool = False
    marks: tuple[str, str] | None = None

    @property
    def sample(self) -> str:
        """Return the name of the form: ``1234.50`` as it looks in it."""
        shown = SAMPLE if _sizes(self.locale) == (3, 3) or not self.grouped else LONG_SAMPLE
        units, decimals = shown.split(".")
        plain = units if self.whole else f"{units}.{decimals}"
        number = _group_seen(print_amount(plain, self))
        if self.currency == "label":
            return f"({ANY_SIGN if self.symbol else ANY_CODE}) {number}"
        if self.currency == "after":
            return f"{number} {ANY_SIGN if self.symbol else ANY_CODE}"
        before = (ANY_SIGN if self.symbol else f"{ANY_CODE} ") if self.currency else ""
        return f"{before}{number}"


MONEY_LOCALES: Final = (("en", 34), ("de", 30), ("fr", 18), ("pl", 6), ("es", 6), ("de_CH", 6))
"""Locales of amounts, and how often of a hundred documents each is seen."""


def print_amount(value: str, form: MoneyForm) -> str:
    """Print a plain amount in another form, without its currency.

    Example:
        >>> print_amount("-1234.50", MoneyForm(locale="de", grouped=True, negative="trailing"))
        '1.234,50-'
    """
    units, _, cents = value.lstrip("-").partition(".")
    decimal, group = form.marks or _marks(form.locale)
    if form.grouped:
        units = _grouped(units, form.locale).replace(",", group)
    text = units if form.whole and cents in ("", "00") else f"{units}{decimal}{cents or '00'}"
    if not value.startswith("-"):
        return text
    return _WRAPPED[form.negative].format(text) if form.negative in _WRAPPED else f"-{text}"


def is_open_amount(printed: str) -> bool:
    """Tell whether an amount's mark may be the decimal or the thousands one, as in ``1.234``."""
    found = whole_amount(printed) if _MAY_BE_OPEN.search(printed) else None
    return found is not None and bool(found.other)


def shown_form(amounts: Sequence[Amount], labelled: str = "") -> MoneyForm:
    """Return the form that amounts of one document have together.

    ``labelled`` is the currency that stands in their labels.
    """
    decimal = next((one.decimal for one in amounts if one.decimal), "")
    group = next((one.group for one in amounts if one.group), "")
    group = _group_seen(group)
    placed = next((one for one in amounts if one.place), None)
    mark = labelled or (placed.currency if placed else "")
    marks = (decimal or _DECIMAL_BESIDE[group], group or ("." if decimal == "," else ","))
    locale = "en_IN" if any(one.lakh for one in amounts) else _LOCALES.get(marks, "en")
    known = marks in _LOCALES
    return MoneyForm(
        locale=locale,
        grouped=bool(group),
        currency="label" if labelled else placed.place if placed else "",
        symbol=bool(mark) and not is_code(mark),
        whole=not decimal,
        marks=None if known else marks,
    )


@cache
def form_of(sample: str) -> MoneyForm:
    """Return the form of a sample.

    Example:
        >>> form_of("1.234,50 ¤")
        MoneyForm(locale='de', grouped=True, currency='after', symbol=True, negative='-', \
whole=False, marks=None)
    """
    labelled = _LABELLED.fullmatch(sample)
    one = amount_at_start(labelled["number"] if labelled else sample)
    return shown_form([one] if one else [], labelled["mark"] if labelled else "")


@cache
def open_groups(sample: str) -> tuple[str, ...]:
    """Return an amount with every mark of thousands of its form, and first without a mark."""
    forms = (re.sub(r"1\D?234", f"1{group}234", sample) for group in GROUPS)
    return tuple(form for form in forms if form.count(".") < 2 and form.count(",") < 2)


def is_code(mark: str) -> bool:
    """Tell whether a mark of a currency is a code, and not a sign or a name."""
    return mark in codes()


def _group_seen(text: str) -> str:
    """Return a print with the marks of thousands that samples show."""
    plain = dict.fromkeys(map(ord, SPACES), " ") | dict.fromkeys(map(ord, APOSTROPHES), "’")
    return text.translate(plain)


def _grouped(units: str, locale: str) -> str:
    """Mark thousands with commas: in threes, or as the locale groups (``12,34,567``)."""
    first, second = _sizes(locale)
    if first == second or len(units) <= first:
        return f"{int(units):,}"
    head, last = units[:-first], units[-first:]
    return ",".join([*re.findall(rf"\d{{1,{second}}}(?=(?:\d{{{second}}})*$)", head), last])


@cache
def _sizes(locale: str) -> tuple[int, int]:
    first, second = table()["amounts"][locale]["sizes"]
    return first, second


@cache
def _marks(locale: str) -> tuple[str, str]:
    decimal, group = table()["amounts"][locale]["marks"]
    return decimal, group
