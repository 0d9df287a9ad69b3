# ruff: noqa: RUF001
"""Values in answers, without what is put around them: quotes, brackets, articles, spaces."""

from __future__ import annotations

import re
from typing import Final

from pytest_slm_autopsy.notation.dates.day_forms import WEEKDAY, is_weekday
from pytest_slm_autopsy.notation.text import DASHES, SPACE, plain_forms

_RUN: Final = re.compile(r"\s{2,}")
_AROUND_AMOUNT: Final = f"{SPACE}\n\t\"'*_"
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u202a\u202c"))
_SPELLINGS: Final = (
    (re.compile(r"\(\s*([^\W\d_]{2,4}|[^\w\s().,-])\s*\)"), r"\1"),  # (EUR) 5
    (re.compile(r"\(\s+(?=\S)"), "("),  # ( 5 )
    (re.compile(r"(?<=\S)\s+\)"), ")"),
    (re.compile(r"^\+\s*(?=\S)|\+\s*(?=\d)|(?<=\d)\s*\+$"), ""),  # +5, EUR +5, 5+
    (re.compile(rf"(?<=[^\W\d_])\s*([{DASHES}])\s+(?=\d)"), r" \1"),  # EUR - 5
    (re.compile(r"\b(?![CD]R)([A-Z]{2}) (?=\$)"), r"\1"),  # US $5, but not 5 CR $
    (re.compile(r"(?<=\$) (?![CD]R)([A-Z]{2})$"), r"\1"),  # 5 $ CA
    (re.compile(r"(?<!\d),(?=\d{1,2}$)"), "0,"),  # ,50
)
_AROUND_DAY: Final = " \"'*_()[]<>.,;\u201c\u201d\u201e\u00ab\u00bb\u200e\u200f"
_ARTICLE: Final = re.compile(r"^(?:the|on|le|den|der|am|vom|du|el|il|dne) (?=\S)", re.IGNORECASE)
_OF_YEAR: Final = re.compile(r" ?(?:г|р|r|roku|година)\.?$")
_WEEKDAY_BEHIND: Final = re.compile(r"(?<![ ,(（])[ ,(（]+(?P<w>[^\W\d_]+)[)）]?$")


def bare_amount(text: str) -> str:
    """Return a print alone in the plainest spelling: ``( 5 )`` as ``(5)``, ``US $`` as ``US$``."""
    plain = _RUN.sub(" ", plain_forms(text).translate(_INVISIBLE))
    plain = plain.strip(_AROUND_AMOUNT).rstrip(".,; ")
    for pattern, spelling in _SPELLINGS:
        plain = pattern.sub(spelling, plain)
    return plain.strip()


def bare_day(text: str) -> str:
    """Return a day without what may be around it: quotes, brackets, articles, a weekday behind."""
    text = _ARTICLE.sub("", " ".join(text.split()).strip(_AROUND_DAY))
    text = _OF_YEAR.sub("", text)
    behind = _WEEKDAY_BEHIND.search(text)
    if behind and is_weekday(behind["w"]):
        text = text[: behind.start()]
    first = WEEKDAY.match(text)
    if first and is_weekday(first["w"]):
        text = first.group() + _ARTICLE.sub("", text[first.end() :])
    return text.rstrip(".,; ")
