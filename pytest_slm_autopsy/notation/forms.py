"""How a date or an amount is printed: the forms of real documents, named and graded by how common.

Values are kept in their plain form (``2025-03-31``, ``-1234.50``); a form turns them into print.
Month names, decimal and thousands marks and currency symbols are CLDR's, through Babel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from babel import Locale
from babel.dates import get_month_names
from babel.numbers import get_currency_symbol

ISO: Final = "YYYY-MM-DD"
# Form, and how often of a hundred documents it is seen.
DATE_FORMS: Final = (
    (ISO, 4), ("DD/MM/YYYY", 36), ("DD-MM-YYYY", 11), ("DD.MM.YYYY", 12), ("DD-MM-YY", 9),
    ("DD/MM/YY", 7), ("DD.MM.YY", 2), ("D MONTH YYYY", 7), ("DD MON YYYY", 6), ("D/M/YYYY", 2),
    ("D. MONTH YYYY", 2), ("MONTH D, YYYY", 2), ("DD-MON-YYYY", 1), ("MM/DD/YYYY", 1),
    ("YYYYMMDD", 1),
)  # fmt: skip
_PART: Final = re.compile("YYYY|YY|MONTH|MON|MM|DD|M|D")


def print_date(value: str, form: str, language: str = "en") -> str:
    """An ISO day in another form.

    Example:
        >>> print_date("2025-03-31", "D. MONTH YYYY", "de")
        '31. März 2025'
    """
    year, month, day = value.split("-")
    names = months(language)
    parts = {
        "YYYY": year,
        "YY": year[2:],
        "MM": month,
        "M": str(int(month)),
        "DD": day,
        "D": str(int(day)),
        "MONTH": names[0][int(month) - 1],
        "MON": names[1][int(month) - 1],
    }
    return "".join(parts.get(piece, piece) for piece in _pieces(form))


def is_ambiguous_date(value: str, form: str) -> bool:
    """Whether the print leaves open which number is the day: ``03/04/2025``, not ``13/04/2025``.

    Dots always stand in day, month, year; a month's name tells. A year of two digits may be a day.
    """
    if form == ISO or form == "YYYYMMDD" or "." in form or "MON" in form:
        return False
    year, month, day = value.split("-")
    if "YYYY" not in form and 1 <= int(year[2:]) <= 31 and year[2:] != day:
        return True
    return int(day) <= 12 and day != month


@cache
def months(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Twelve full and twelve short month names, as they stand within a date."""
    wide = get_month_names("wide", "format", language)
    short = get_month_names("abbreviated", "format", language)
    return tuple(wide[i] for i in range(1, 13)), tuple(short[i].strip(".") for i in range(1, 13))


@dataclass(frozen=True)
class MoneyForm:
    """How amounts are printed.

    ``locale`` decides decimal and thousands marks; ``grouped`` whether thousands are marked;
    ``currency`` where the currency stands: ``""``, ``before``, ``after`` or ``label``, as symbol or
    code; ``negative`` is ``-``, ``trailing`` or ``brackets``; ``whole`` drops decimals that are 00.
    """

    locale: str = "en"
    grouped: bool = False
    currency: str = ""
    symbol: bool = False
    negative: str = "-"
    whole: bool = False


MONEY_LOCALES: Final = (("en", 34), ("de", 30), ("fr", 18), ("pl", 6), ("es", 6), ("de_CH", 6))


def print_amount(value: str, form: MoneyForm) -> str:
    """A plain amount in another form, without its currency.

    Example:
        >>> print_amount("-1234.50", MoneyForm(locale="de", grouped=True, negative="trailing"))
        '1.234,50-'
    """
    units, _, cents = value.lstrip("-").partition(".")
    decimal, group = marks(form.locale)
    if form.grouped:
        units = f"{int(units):,}".replace(",", group)
    text = units if form.whole and cents in ("", "00") else f"{units}{decimal}{cents or '00'}"
    if not value.startswith("-"):
        return text
    wrapped = {"-": f"-{text}", "trailing": f"{text}-", "brackets": f"({text})"}
    return wrapped[form.negative]


def is_ambiguous_amount(printed: str) -> bool:
    """Whether a mark may be decimal or thousands: ``1.234``."""
    return bool(re.fullmatch(r"[-(]?\d{1,3}[.,]\d{3}[-)]?", printed))


@cache
def marks(locale: str) -> tuple[str, str]:
    """Decimal and thousands mark of a locale."""
    symbols = Locale.parse(locale).number_symbols["latn"]
    return symbols["decimal"], symbols["group"]


@cache
def currency_mark(code: str, locale: str, symbol: bool) -> str:
    """``EUR`` or ``€``."""
    return str(get_currency_symbol(code, locale)) if symbol else code


@cache
def _pieces(form: str) -> tuple[str, ...]:
    pieces: list[str] = []
    at = 0
    for part in _PART.finditer(form):
        pieces += [form[at : part.start()], part.group()]
        at = part.end()
    return (*pieces, form[at:])
