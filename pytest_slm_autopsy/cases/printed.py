# ruff: noqa: RUF001
"""Printed values read back: in which form a date or an amount stands, and what a value looks like.

A form of dates is a pattern (``DD.MM.YYYY``; ``DD/MM/YYYY?`` where day and month may be meant the
other way round, ``DD/MM/YYYY or MM/DD/YYYY`` where nothing in a pile tells), a form of amounts is
a sample (``XXX 1.234,50``; ``¤1,234.50``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from babel.numbers import list_currencies

from pytest_slm_autopsy.cases.forms import MoneyForm, months
from pytest_slm_autopsy.cases.labels import LANGUAGES

OTHER_FORM: Final = "another form"
PLAIN_MONEY: Final = "1234.50"
SIGN: Final = "¤"
CODE: Final = "XXX"
"""Any currency, as sign and as code."""
UNSURE: Final = "?"
EITHER: Final = " or "
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
_DAY: Final = re.compile(
    r"(?P<iso>\d{4}(?P<d0>[-/.])\d\d?(?P=d0)\d\d?)"
    r"|(?P<a>\d\d?)(?P<dot>(?P<d1>[-/.]) ?)(?P<b>\d\d?)(?P=d1) ?(?P<y>\d{4}|\d\d)"
    r"|(?P<run>(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d)"
    r"|(?P<day>\d\d?)(?P<d2>\. ?| |-|/)(?P<name>[^\W\d_]{3,10})(?P<d3>\.?,? |-|/)(?P<y2>\d{4}|\d\d)"
    r"|(?P<first>[^\W\d_]{3,10})\.? (?P<day2>\d\d?)(?P<d4>,? )(?P<y3>\d{4})"
    r"(?!\d)"
)
_CODE: Final = re.compile(
    r"(?=.{5,30}$)[A-Z]{0,6}[-/.#]?\d[\dA-Z]*(?:[-/.][\dA-Z]+)*", re.IGNORECASE
)
_COMPANY: Final = re.compile(
    r"(?:SARL|EURL|SAS|SCI|Sté|Société|Firma) [^\W\d_][^:]{0,60}"
    r"|[^\W\d_].{0,60}\b(?:Ltd|Limited|Inc|GmbH|GMBH|mbH|LLC|AG|BV|B\.V|NV|N\.V|SARL|SAS|S\.?A\.?S|SA|S\.A"
    r"|Co|KG|OHG|e\.?K|PLC|plc|Corp|S\.?L\.?U?|Sp\. z o\.o|s\.r\.o|AB|A/S|ApS|Oy|BHD|Bhd|S\.p\.A"
    r"|SpA|S\.?r\.?l|Lda|Ltda)\.?$"
)  # fmt: skip
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


def date_form(text: str) -> tuple[str, int] | None:
    """The form of the date that ``text`` starts with, and where the date ends."""
    found = _DAY.match(text)
    if found is None or text[found.end() : found.end() + 1].isdigit():
        return None
    part = found.groupdict()
    if part["iso"]:
        mark = part["d0"]
        return f"YYYY{mark}MM{mark}DD", found.end()
    if part["run"]:
        return "YYYYMMDD", found.end()
    form = _numeric(part) if part["a"] else _named(part)
    return (form, found.end()) if form else None


def both_orders(form: str) -> tuple[str, str]:
    """Day first and month first, of a form that does not tell: ``DD/MM/YYYY?``."""
    day_first, _, month_first = form.removesuffix(UNSURE).partition(EITHER)
    day, month = ("DD", "MM") if "DD" in day_first else ("D", "M")
    turned = day_first.replace(day, "\0").replace(month, day).replace("\0", month)
    return day_first, month_first or turned


def _numeric(part: dict[str, str]) -> str:
    a, b, mark = part["a"], part["b"], part["dot"]
    if not (1 <= int(a) <= 31 and 1 <= int(b) <= 31) or min(int(a), int(b)) > 12:
        return ""
    single = len(a) == 1 or len(b) == 1
    (day, month), year = ("D", "M") if single else ("DD", "MM"), "Y" * len(part["y"])
    if int(b) > 12:
        return f"{month}{mark}{day}{mark}{year}"
    form = f"{day}{mark}{month}{mark}{year}"
    certain = "." in mark or int(a) > 12
    return form if certain else form + UNSURE


def _named(part: dict[str, str]) -> str:
    word = (part["name"] or part["first"]).lower()
    kind = _month_words().get(word, "")
    if not kind:
        return ""
    if part["first"]:
        return f"{kind} D{part['d4']}YYYY"
    padded = part["day"].startswith("0") or (len(part["day"]) == 2 and kind == "MON")
    return f"{'DD' if padded else 'D'}{part['d2']}{kind}{part['d3']}{'Y' * len(part['y2'])}"


@cache
def _month_words() -> dict[str, str]:
    """Names of months in small letters, and whether they are full."""
    words: dict[str, str] = {}
    for language in LANGUAGES:
        full, short = months(language)
        words.update(dict.fromkeys((word.lower() for word in short), "MON"))
        words.update(dict.fromkeys((word.lower() for word in full), "MONTH"))
    return words


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
    patterns = {"company": _COMPANY, "percentage": _PERCENTAGE, "address": _ADDRESS}
    return kind in patterns and patterns[kind].fullmatch(text) is not None


def _is_price(text: str) -> bool:
    found = amount(text)
    return found is not None and found[1] == len(text) and bool(found[0].decimal)


@cache
def currencies() -> frozenset[str]:
    """Every currency code."""
    return frozenset(list_currencies())
