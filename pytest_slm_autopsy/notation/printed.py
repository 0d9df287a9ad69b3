# ruff: noqa: RUF001
"""Printed values read back: in which form an amount stands, and what a value looks like.

A form of amounts is a sample: ``XXX 1.234,50`` with any code, ``¤1,234.50`` with any sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pytest_slm_autopsy.notation.currencies import currencies
from pytest_slm_autopsy.notation.day_forms import date_form
from pytest_slm_autopsy.notation.forms import MoneyForm

PLAIN_MONEY: Final = "1234.50"
SIGN: Final = "¤"
CODE: Final = "XXX"
"""Any currency, as sign and as code."""
SIGNS: Final = "$€£¥₹₽₺₩฿₫"
MARKS: Final = r"zł|Kč|kr\.?|RM|Rs\.?|Fr\.?"
SYMBOL: Final = rf"(?:[^\W\d_]{{0,3}}[{SIGNS}][A-Z]{{0,2}}|{MARKS})"
CURRENCY: Final = rf"(?:{SYMBOL}|[A-Z]{{3}}(?![A-Za-z]))"
_NUMBER: Final = (
    r"(?P<number>\d{1,3}(?P<group>[.,'’ ])\d{3}(?:(?P=group)\d{3})*(?:(?P<decimal>[.,])\d{1,4})?"
    r"(?!\d)|\d+(?:(?P<mark>[.,])\d{1,4})?)(?![.,]?\d| ?%)"
)
_AMOUNT: Final = re.compile(
    rf"(?P<open>\(?)(?P<sign>[-−]?) ?(?P<before>{CURRENCY})? ?(?P<minus>[-−(]?){_NUMBER}"
    rf"(?P<close>-(?!\d)|−|\))? ?(?P<after>{CURRENCY})?"
)
_CODE: Final = re.compile(
    r"(?=.{5,30}$)[A-Z]{0,6}[-/.#]?\d[\dA-Z]*(?:[-/.][\dA-Z]+)*", re.IGNORECASE
)
_COMPANY: Final = (
    r"(?:SARL|EURL|SAS|SCI|Sté|Société|Firma) [^\W\d_][^:]{0,60}"
    r"|[^\W\d_].{0,60}\b(?:Ltd|Limited|Inc|GmbH|GMBH|mbH|LLC|AG|BV|B\.V|NV|N\.V|SARL|SAS|S\.?A\.?S|SA|S\.A"
    r"|Co|KG|OHG|e\.?K|PLC|plc|Corp|S\.?L\.?U?|Sp\. z o\.o|s\.r\.o|AB|A/S|ApS|Oy|BHD|Bhd|S\.p\.A"
    r"|SpA|S\.?r\.?l|Lda|Ltda)\.?"
)
_WHOLE_COMPANY: Final = re.compile(_COMPANY)
_BEGINS_COMPANY: Final = re.compile(rf"(?:{_COMPANY})(?= |$)")
_TIME: Final = re.compile(r"[ ,/T]*\d\d?:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?$")
_PERCENTAGE: Final = re.compile(r"\d+(?:[.,]\d+)? ?%")
_ADDRESS: Final = re.compile(r"(?=.*[^\W\d_]{3})(?=.*\b\d{4,6}\b).*,.*")


@dataclass(frozen=True, slots=True)
class Amount:
    """What of a form an amount shows; ``group`` is ``None`` where it has too few digits to tell."""

    decimal: str
    group: str | None
    place: str
    symbol: bool
    negative: str

    @property
    def plain(self) -> bool:
        """Whether it is printed like ``1234.50``."""
        return (
            self.decimal == "." and not self.group and not self.place and self.negative in ("", "-")
        )


def amount(text: str) -> tuple[Amount, int] | None:
    """What the amount that ``text`` starts with shows of its form, and where it ends."""
    found = _AMOUNT.match(text)
    if found is None or not _is_currency(found["before"]):
        return None
    part, end, after = found.groupdict(), found.end(), found["after"]
    if part["before"] or not _is_currency(after):  # a code of the tax, or of the next column
        after, end = "", found.start("after") if after else end
    decimal, group = part["decimal"] or part["mark"] or "", part["group"]
    digits = re.sub(r"\D", "", part["number"].split(decimal)[0] if decimal else part["number"])
    known = group or ("" if len(digits) > 3 else None)
    mark = part["before"] or after or ""
    place = "before" if part["before"] else "after" if after else ""
    return Amount(decimal, known, place, not _is_code(mark), _negative(part)), end


def _is_code(mark: str) -> bool:
    return len(mark) == 3 and mark.isalpha() and mark.isupper()


def _is_currency(mark: str | None) -> bool:
    """Whether it may be one: nothing, a symbol, or a code that is known."""
    return not mark or not _is_code(mark) or mark in currencies()


def _negative(part: dict[str, str]) -> str:
    close = part["close"] or ""
    if close == ")" and (part["open"] or part["minus"] == "("):
        return "brackets"
    if close in ("-", "−"):
        return "trailing"
    return "-" if part["sign"] or part["minus"] in ("-", "−") else ""


def sample(amounts: list[Amount], labelled: str = "") -> str:
    """The form that amounts of one document have together, as ``1234.50`` looks in it.

    ``labelled`` is the currency that stands in the labels.
    """
    decimal = next((one.decimal for one in amounts if one.decimal), "")
    group = next((one.group for one in amounts if one.group), "").replace("'", "’")
    number = f"1{group}234{f'{decimal}50' if decimal else ''}"
    if labelled:
        return f"({CODE if _is_code(labelled) else SIGN}) {number}"
    placed = next((one for one in amounts if one.place), None)
    if placed is None:
        return number
    if placed.place == "after":
        return f"{number} {SIGN if placed.symbol else CODE}"
    return f"{SIGN}{number}" if placed.symbol else f"{CODE} {number}"


_LOCALES: Final = {(",", "."): "de", (",", " "): "fr", (".", "’"): "de_CH"}


def money_form(text: str) -> MoneyForm:
    """The form that ``sample`` shows, or showed of old in euros."""
    number = re.search(r"1(\D?)234(?:(\D)50)?", text)
    group, decimal = (number[1], number[2] or "") if number else ("", ".")
    place = "label" if text[0] == "(" else "before" if not text[0].isdigit() else ""
    locale = _LOCALES.get((decimal, group), "de" if decimal == "," else "en")
    if not decimal and group:
        locale = {".": "de", " ": "fr", "’": "de_CH"}.get(group, "en")
    return MoneyForm(
        locale=locale,
        grouped=bool(group),
        currency=place or ("after" if not text[-1].isdigit() else ""),
        symbol=any(sign in text for sign in (SIGN, "€")),
        whole=not decimal,
    )


def fits(kind: str, value: str) -> bool:
    """Whether a value may be one of this kind; of text, anything may."""
    if kind == "date":
        return date_form(value) is not None
    if kind == "money":
        found = amount(value)
        # A tax code may follow, but no sentence.
        return found is not None and len(value) - found[1] < 5
    if kind == "code":
        return any(letter.isdigit() for letter in value.partition(" ")[0])
    if kind == "currency":
        mark = re.match(CURRENCY, value)
        return mark is not None and _is_currency(mark.group())
    if kind == "percentage":
        return _PERCENTAGE.match(value) is not None
    return any(letter.isalnum() for letter in value)


def tells(kind: str, text: str) -> bool:
    """Whether a text is surely a value of this kind, without a label."""
    if kind == "date":
        found = date_form(text)
        return found is not None and (found[1] == len(text) or bool(_TIME.match(text[found[1] :])))
    if kind == "code":
        return bool(_CODE.fullmatch(text)) and date_form(text) is None and not _is_price(text)
    if kind == "currency":
        return text in currencies()
    patterns = {"company": _WHOLE_COMPANY, "percentage": _PERCENTAGE, "address": _ADDRESS}
    return kind in patterns and patterns[kind].fullmatch(text) is not None


def begins_company(text: str) -> bool:
    """Whether the first words of a text are surely a company."""
    return _BEGINS_COMPANY.match(text) is not None


def _is_price(text: str) -> bool:
    found = amount(text)
    return found is not None and found[1] == len(text) and bool(found[0].decimal)
