# ruff: noqa: RUF001
"""Currencies beside an amount: codes, signs and local names, of every locale that CLDR has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final
from unicodedata import normalize

from pytest_slm_autopsy.notation.cldr import table
from pytest_slm_autopsy.notation.figures.spelled import numbers_in_words
from pytest_slm_autopsy.notation.text import SPACE, Span, folded

ANY_SIGN: Final = "¤"
ANY_CODE: Final = "XXX"
"""Any currency, as sign and as code."""
_SIGNS: Final = "$¢-¥֏؋৲৳૱௹฿៛₠-⃀﷼"
# What tills and letters print besides the marks of CLDR.
_SPOKEN: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("Euro", "Euros", "EURO", "EUROS", "euro", "euros"), ("EUR",)),
    **dict.fromkeys(("Fr", "SFr", "sFr"), ("CHF",)),
    **dict.fromkeys(("Kr", "KR"), ("DKK", "ISK", "NOK", "SEK")),
    **dict.fromkeys(("lei", "Lei"), ("RON",)),
    **dict.fromkeys(("р", "руб"), ("RUB",)),
    "RS": ("INR", "LKR", "MUR", "PKR"), "Php": ("PHP",), "PhP": ("PHP",),
    "ZŁ": ("PLN",), "KČ": ("CZK",),
    "Bs": ("BOB", "VED", "VES"), "Esc": ("CVE",), "дин": ("RSD",), "円": ("JPY",),
    "元": ("CNY", "TWD"), "원": ("KRW",),
}  # fmt: skip
SHORTEST_NUMBER: Final = 2
"""Letters of a number in words that is an article as well: a real, un sol."""
_LONGEST_MARK: Final = 9
"""Characters of a mark and the space beside it."""


@cache
def codes() -> frozenset[str]:
    """Return the codes of all currencies that there are or were."""
    return frozenset(table()["codes"])


def currency_mark(code: str, locale: str, symbol: bool) -> str:
    """Return a currency as it is printed: ``EUR`` or ``€``."""
    return _symbol(code, locale) if symbol else code


def codes_of(mark: str) -> frozenset[str]:
    """Return the codes that a mark can mean; none where it is no mark of a currency.

    Example:
        >>> sorted(codes_of("€")), "CAD" in codes_of("$"), codes_of("bolts")
        (['EUR'], True, frozenset())
    """
    return _marks().get(_plain(mark), frozenset())


def has_currency(text: str, span: Span) -> bool:
    """Tell whether a letter or a sign of a currency stands in a part of a text."""
    return _A_SIGN.search(text, *span) is not None


def is_sure_mark(text: str) -> bool:
    """Tell whether a text holds a sign or a code of a currency, and no word alone."""
    return _A_MARK.search(text) is not None or text.strip() in codes()


def currency_before(text: str, at: int) -> int:
    """Return the start of the currency that ends at ``at``; ``at`` itself where none does."""
    if not text[max(0, at - 2) : at].strip():
        return at
    found = _before().search(text, max(0, at - _LONGEST_MARK), at)
    if found and _known(found["code"]):
        return found.start()
    glued = _GLUED.search(text, max(0, at - _LONGEST_MARK), at)
    return glued.start() if glued else at


def currency_after(text: str, at: int) -> int:
    """Return the end of the currency that begins at ``at``; ``at`` itself where none does."""
    found = _after().match(text, at)
    return found.end() if found and _known(found["code"]) else at


def no_amount(text: str, at: int) -> bool:
    """Tell whether the number before ``at`` is a share, a time or millions."""
    return _NO_AMOUNT.match(text, at) is not None


def same_currency(text: str, span: Span, value: str) -> bool:
    """Tell whether an amount is in the currency of ``value``, or one of them names none."""
    stated = currencies_in(value)
    if not stated:
        return True
    start, end = currency_before(text, span[0]), currency_after(text, span[1])
    printed = currencies_in(text[start:end])
    return not printed or not stated.isdisjoint(printed)


@lru_cache(maxsize=4096)
def currencies_in(text: str) -> frozenset[str]:
    """Return the codes that every mark in a text can mean: of ``$`` and ``USD``, the one."""
    named = [found for mark in _anywhere().finditer(text) if (found := codes_of(mark.group()))]
    shared = frozenset.intersection(*named) if named else frozenset()
    return shared or frozenset().union(*named)


def beside_amount(text: str) -> bool:
    """Tell whether a text is nothing but a currency, marks and white space."""
    found = _alone().fullmatch(text)
    return found is not None and _known(found["code"])


def is_currency(text: str) -> bool:
    """Tell whether a text is one mark of a currency and nothing else."""
    found = _anywhere().fullmatch(text)
    return found is not None and _known(found["code"])


def currency_places(text: str, value: str) -> list[Span]:
    """Return where a text has a currency in another print: ``€`` or ``euros`` for ``EUR``."""
    meant = codes_of(value)
    marks = {mark for code in meant for mark in _prints()[code] if mark in text}
    found = [
        found.span()
        for found in (_anywhere().finditer(text) if marks - {value} else ())
        if found.group() != value
        and not meant.isdisjoint(codes_of(found.group()))
        and (_A_MARK.search(found.group()) or found["code"] or _has_place(text, found.span()))
    ]
    return found or _named_places(text, meant)


def _named_places(text: str, meant: frozenset[str]) -> list[Span]:
    """Return where a number in digits or words stands before the name of a currency."""
    pattern = _nouns(meant)
    held = folded(text)
    spans = (
        held.span(*found.span("noun"))
        for found in (pattern.finditer(held.text) if pattern else ())
        if found["word"][0].isdigit()
        or (len(found["word"]) > SHORTEST_NUMBER and found["word"] in numbers_in_words())
    )
    return [span for span in spans if span]


@lru_cache(maxsize=64)
def _nouns(meant: frozenset[str]) -> re.Pattern[str] | None:
    """Return the expression of a word and a name of one of some currencies behind it."""
    names = table()["currency_names"]
    nouns = [re.escape(noun) for noun, known in names.items() if not meant.isdisjoint(known)]
    if not nouns:
        return None
    return re.compile(rf"(?<!\w)(?P<word>\w++)[ ](?:us[ ])?(?P<noun>{'|'.join(nouns)})(?!\w)")


def _has_place(text: str, span: Span) -> bool:
    """Tell whether a mark that may be a word stands beside an amount, or alone in its cell."""
    start, end = span
    if _AMOUNT_BEFORE.search(text, max(0, start - 6), start) or _AMOUNT_BEHIND.match(text, end):
        return True
    measure = text[start:end].rstrip(".") in _MEASURES
    if not measure and _NUMBER_BEFORE.search(text, max(0, start - 12), start):
        return True
    alone = _CELL_BEFORE.search(text, max(0, start - 4), start) if start else True
    return bool(alone and _CELL_BEHIND.match(text, end))


def begins_currency(text: str) -> int:
    """Return where the mark of a currency ends that a text begins with; 0 where none does."""
    found = _anywhere().match(text)
    return found.end() if found and _known(found["code"]) else 0


def mentions_currency(text: str) -> bool:
    """Tell whether a sign, a code or a name of a currency stands anywhere in a text."""
    return any(_known(found["code"]) for found in _anywhere().finditer(text))


@cache
def mark_pattern() -> str:
    """Return a regular expression of a mark, with the group ``code`` for three capitals."""
    marks = [*table()["currencies"], *_SPOKEN]
    named = {bare if (bare := mark.removesuffix(".")).isalpha() else mark for mark in marks}
    letters = sorted((mark for mark in named if mark not in codes()), key=len, reverse=True)
    words = "|".join(_word(mark) for mark in letters if not re.search(f"[{_SIGNS}]", mark))
    return rf"""(?x:
        [A-Z]{{0,3}}[{_SIGNS}](?:[A-Z]{{2}}(?![A-Za-z]))?  # €, US$, $CA
        | (?P<code>[A-Z]{{3}})(?![A-Za-z])                 # EUR
        | (?:{words})\.?                                   # kr, Rs., zł, 円
    )"""


def _word(mark: str) -> str:
    """Return the expression of a mark of letters; a Latin one ends with its last letter."""
    end = r"(?![^\W\d_])" if mark[-1].isalpha() and mark[-1] < "\u0e00" else ""
    return re.escape(mark) + end


@cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_]){mark_pattern()}[{SPACE}]?$")


@cache
def _after() -> re.Pattern[str]:
    return re.compile(rf"[{SPACE}]?{mark_pattern()}(?![^\W\d_])")


@cache
def _anywhere() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_]){mark_pattern()}(?![^\W\d_])")


@cache
def _alone() -> re.Pattern[str]:
    return re.compile(rf"[\W_]*+(?:{mark_pattern()}[\W_]*)?")


_A_MARK: Final = re.compile(f"[{_SIGNS}]")
_GLUED: Final = re.compile(r"(?<=[A-Z]{3})(?:RM|EUR|USD|GBP|MYR|SGD|PHP|INR|CHF|PLN)$")
"""Marks that are read behind a label without a space: ``TOTALRM16.00``."""
_AMOUNT_BEFORE: Final = re.compile(rf"\d[.,]\d\d[{SPACE}]?$|\d[.,]\d{{3}}[{SPACE}]?$")
_NUMBER_BEFORE: Final = re.compile(rf"(?<![\w.,/-])\d+[{SPACE}]?$")
_AMOUNT_BEHIND: Final = re.compile(rf"\.?[{SPACE}]?\d[\d.,]*[.,]\d\d\d?(?!\d)")
_CELL_BEFORE: Final = re.compile(
    r"(?:\n|[:=|][^\S\n]*|\s{2}|\t|\(|(?<!\w)(?:in|IN|In|en|EN|em|w|i)[ ])$"
)
_CELL_BEHIND: Final = re.compile(r"\.?(?:\)|[^\S\n]*(?:\n|\||$)|\s{2}|\t|[.;](?=\s|$))")
_MEASURES: Final = frozenset({"Ft", "Fr", "SFr", "Esc", "Bs"})
"""Marks that may be a unit or another word behind a whole number: 5 Ft."""
_A_SIGN: Final = re.compile(rf"[{_SIGNS}]|[^\W\d_]")
_NO_AMOUNT: Final = re.compile(
    rf"""[{SPACE}]?(?:
        ‰
        | (?i:per[ ]?cent | pct | prozent                   # a share
            | mio | mrd | mln | bn | millions? | millionen | billions? | milliarden? | lakh | crore
            | uhr)                                          # a time: 12.50 Uhr
        )(?!\w)
      | [{SPACE}][ap]m(?!\w)                               # 10.30 am
      | [{SPACE}]?T(?:EUR|€)                                # thousands
    """,
    re.VERBOSE,
)


@cache
def _marks() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for code in codes():
        found[_plain(code)].add(code)
    for mark, meant in (*table()["currencies"].items(), *_SPOKEN.items()):
        found[_plain(mark)].update(meant)
        if (sign := mark[-1:]) != mark and re.fullmatch(f"[{_SIGNS}]", sign):
            found[sign].update(meant)  # a bare $ is that of any dollar
    return {mark: frozenset(meant) for mark, meant in found.items()}


@cache
def _prints() -> Mapping[str, frozenset[str]]:
    """Map codes to what each mark of theirs has in it, however it is written."""
    found: dict[str, set[str]] = defaultdict(set)
    written = {code: (code,) for code in codes()} | dict(table()["currencies"]) | dict(_SPOKEN)
    for mark in written:
        for code in codes_of(mark):
            found[code].add(mark.rstrip("."))
    return {code: frozenset(marks) for code, marks in found.items()}


def _plain(mark: str) -> str:
    return normalize("NFKC", mark).strip().strip(".").casefold()


def _known(code: str | None) -> bool:
    return code is None or bool(codes_of(code))


def _symbol(code: str, locale: str) -> str:
    symbol: str = table()["amounts"][locale]["symbols"].get(code, code)
    return symbol
