# ruff: noqa: RUF001
"""Where true values stand in a text: as they are, in another form, or nowhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from typing import Final, Literal

from pytest_slm_autopsy.cases.forms import (
    DATE_FORMS,
    MONEY_LOCALES,
    MoneyForm,
    currency_mark,
    marks,
    print_amount,
    print_date,
)
from pytest_slm_autopsy.cases.kinds import NUMERIC, kind_of, plain_amount
from pytest_slm_autopsy.cases.labels import LANGUAGES
from pytest_slm_autopsy.records import Case, Value

Span = tuple[int, int]
How = Literal["exact", "normalised", "absent", "null"]

LONG: Final = 64
"""Longer values are not looked for within themselves."""
_ISO_DAY: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
_GROUPED: Final = {"\u202f": (" ", "\u00a0"), "\u00a0": (" ",), "’": ("'",)}
_MINUS: Final = "-−"
# A currency may stand close to an amount: EUR10.
_BESIDE: Final = {"money": str.isdigit, "currency": str.isalpha}
# A dash alone between a label and an amount is a mark; behind a mark or a gap it is a sign.
_SIGN_BEFORE: Final = re.compile(r"(?:[-−]|(?:^|[:=|\t\n]|  )\s*[-−] )(?:[A-Z]{3} ?|[€$£¥] ?)?$")
_SIGN_AFTER: Final = re.compile(r"[-−](?![^\W_])|\s?CR\b")


@dataclass(frozen=True, slots=True)
class Found:
    """How a value stands in the text, and everywhere that it does; ``null`` is not looked for.

    A table is as its worst cell is; its spans are those of its cells.
    """

    how: How
    spans: tuple[Span, ...] = ()


def locate(text: str, value: Value, kind: str = "") -> Found:
    """Look for one value: as it is, and as its kind may be printed; else in other case or spaces.

    Parts of longer words and numbers are no place, nor is an amount with another sign. ``kind`` is
    guessed where it is not given.

    Example:
        >>> locate("Rechnung vom 31. März 2025", "2025-03-31")
        Found(how='normalised', spans=((13, 26),))
    """
    if value is None or not value:
        return Found("null")
    if not isinstance(value, str):
        return _table(text, value)
    if not value.strip():
        return Found("null")
    kind = kind or kind_of(value)
    whole = _standing(text, [value], kind)
    other = _standing(text, _prints(value, kind), kind)
    if not whole and not other and kind == "date":
        other = _standing(text, _days_in_words(value), kind)
    if whole or other:
        return Found("exact" if whole else "normalised", (*whole, *other))
    loose = [] if kind in NUMERIC else [m.span() for m in _loosely(value, kind).finditer(text)]
    return Found("normalised", tuple(loose)) if loose else Found("absent")


def locate_all(case: Case, kinds: Mapping[str, str]) -> dict[str, Found]:
    """Field name to where its value stands; a span that the case states, and holds it, is first."""
    found: dict[str, Found] = {}
    for name, value in case.truth.items():
        kind = kinds.get(name, "")
        found[name] = locate(case.text, value, kind)
        span = case.spans.get(name)
        if span and isinstance(value, str) and (how := holds(case.text, span, value, kind)):
            rest = (other for other in found[name].spans if other != span)
            found[name] = Found(how, (span, *rest))
    return found


def holds(text: str, span: Span, value: str, kind: str = "") -> How | None:
    """How a value stands within a span of a text; ``None`` where it does not.

    Example:
        >>> holds("Total: 9.00", (7, 11), "9.00"), holds("Total: 9.00", (0, 5), "9.00")
        ('exact', None)
    """
    kind = kind or kind_of(value)
    if not 0 <= span[0] < span[1] <= len(text) or not _stands(text, span, kind):
        return None
    found = locate(text[slice(*span)], value, kind)
    return found.how if found.spans else None


def places(text: str, part: str) -> list[Span]:
    """Everywhere that ``part`` stands in ``text``, in words and overlapping, too."""
    size, step = len(part), 1 if len(part) <= LONG else len(part)
    found = []
    at = text.find(part)
    while at >= 0:
        found.append((at, at + size))
        at = text.find(part, at + step)
    return found


def union(spans: Iterable[Span]) -> list[Span]:
    """Spans in their order, those that overlap as one, and empty ones left out."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def _table(text: str, rows: Sequence[Mapping[str, str]]) -> Found:
    cells = [locate(text, cell) for cell in dict.fromkeys(c for row in rows for c in row.values())]
    worst: list[How] = ["absent", "normalised", "exact"]
    found = {cell.how for cell in cells}
    how: How = next((one for one in worst if one in found), "null")
    return Found(how, tuple(span for cell in cells for span in cell.spans))


def _standing(text: str, forms: Iterable[str], kind: str) -> list[Span]:
    spans = (span for form in forms for span in places(text, form))
    return [span for span in spans if _stands(text, span, kind)]


def _stands(text: str, span: Span, kind: str) -> bool:
    """Whether it is no part of a longer word or number, nor a negative amount without its sign."""
    start, end = span
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    first, last = text[start], text[end - 1]
    longer = _BESIDE.get(kind, _goes_on)
    if (longer(before[-1:]) and first.isalnum()) or (longer(after[:1]) and last.isalnum()):
        return False
    if first.isdigit() and len(before) > 1 and before[0].isdigit() and before[1] in ".,'":
        return False
    if last.isdigit() and after[1:].isdigit() and after[0] in ".,'":
        return False
    return kind != "money" or not _other_sign(text, span)


def _goes_on(letter: str) -> bool:
    """Whether a word goes on with it: not in scripts that put no space between words."""
    return letter.isdigit() or letter.lower() != letter.upper()


def _other_sign(text: str, span: Span) -> bool:
    """Whether there is a sign before, after or around an amount that has none itself."""
    start, end = span
    if text[start] in _MINUS or text[start] == "(" or text[end - 1] in _MINUS:
        return False
    before, after = text[max(0, start - 8) : start], text[end : end + 4]
    if before.endswith("(") and after.startswith(")"):
        return True
    return bool(_SIGN_BEFORE.search(before) or _SIGN_AFTER.match(after))


@lru_cache(maxsize=4096)
def _prints(value: str, kind: str) -> tuple[str, ...]:
    """Other prints of a value, each once."""
    found: Iterable[str] = ()
    accents = [] if value.isascii() else [unicodedata.normalize(f, value) for f in ("NFC", "NFD")]
    if kind == "date":
        found = _days(value)
    elif kind == "money" and (plain := plain_amount(value)):
        found = _amounts(plain)
    elif kind == "percentage" and (plain := plain_amount(value.strip().rstrip("%"))):
        found = (f"{form}{gap}%" for form in _amounts(plain) for gap in ("", " ", "\u00a0"))
    elif kind == "currency" and value.isalpha():
        found = (currency_mark(value, locale, True) for locale in ("en", "de"))
    return tuple(dict.fromkeys(form for form in (*found, *accents) if form != value))


def _days(value: str) -> Iterator[str]:
    if _ISO_DAY.fullmatch(value):
        yield from (print_date(value, form) for form, _ in DATE_FORMS if "MON" not in form)


@lru_cache(maxsize=4096)
def _days_in_words(value: str) -> tuple[str, ...]:
    if not _ISO_DAY.fullmatch(value):
        return ()
    forms = [form for form, _ in DATE_FORMS if "MON" in form]
    printed = [print_date(value, *named) for named in product(forms, LANGUAGES)]
    return tuple(dict.fromkeys([*printed, *map(str.upper, printed)]))


def _amounts(plain: str) -> Iterator[str]:
    below_zero = plain.startswith("-")
    forms = product(
        _locales(),
        (False, True) if len(plain) > len("999.00") else (False,),
        (False, True) if plain.endswith(".00") else (False,),
        ("-", "trailing", "brackets") if below_zero else ("-",),
    )
    for locale, grouped, whole, minus in forms:
        form = MoneyForm(locale, grouped=grouped, whole=whole, negative=minus)
        printed = print_amount(plain, form)
        yield printed
        if below_zero:
            yield printed.replace("-", "−")
        if grouped:
            for mark, others in _GROUPED.items():
                yield from (printed.replace(mark, other) for other in others)


@cache
def _locales() -> tuple[str, ...]:
    """The locales of amounts, one for each pair of marks."""
    return tuple({marks(locale): locale for locale, _ in MONEY_LOCALES}.values())


@lru_cache(maxsize=4096)
def _loosely(value: str, kind: str) -> re.Pattern[str]:
    """In other case, with other spaces; of a code also with other marks in it, or none."""
    if kind == "code" and len(value) >= 5:
        letters = re.sub(r"[\s./-]", "", value)
        pattern = r"[ \u00a0./-]?".join(map(re.escape, letters))
    else:
        pattern = r"\s+".join(map(re.escape, value.split()))
    return re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE)
