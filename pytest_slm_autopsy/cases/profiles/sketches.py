"""Sketches: the page of one document of a pile, whose open forms the pile has yet to settle."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import Final

from pytest_slm_autopsy.cases.drawn.pages import Page, Printed
from pytest_slm_autopsy.cases.profiles.line_forms import pattern_of
from pytest_slm_autopsy.cases.profiles.open_forms import Form, readings
from pytest_slm_autopsy.cases.profiles.rates import Rate
from pytest_slm_autopsy.cases.profiles.sighted.cells import Cell, Seen, Sighting
from pytest_slm_autopsy.cases.schemas.countries import countries
from pytest_slm_autopsy.notation.dates.day_forms import ISO, OTHER_FORM
from pytest_slm_autopsy.notation.dates.days import day_at_start
from pytest_slm_autopsy.notation.figures.amounts import amount_at_start
from pytest_slm_autopsy.notation.figures.money_forms import SAMPLE, open_groups

KINDS: Final = ("date", "money", "negative")
PLAIN_FORMS: Final = (ISO, OTHER_FORM, SAMPLE, open_groups(SAMPLE))
"""What a canonical document shows too, or what nothing can be drawn from."""
MOST_LINES: Final = 200
DOLLAR: Final = "$"
"""Printed in many countries, so it tells a currency and no country."""
WIDEST: Final = 120
MOST_UPPER: Final = 0.8
"""A document with more of its letters in capitals has its names in capitals, too."""
_MARK_AROUND: Final = re.compile(r"[^\s:=|#.·n°º\-–：]")  # noqa: RUF001


@dataclass(frozen=True)
class Sketch:
    """A page, and the forms that it shows, open ones included."""

    page: Page
    forms: Mapping[str, Form]

    def settled(self, rates: Mapping[str, Mapping[Form, Rate]]) -> Page:
        """Return the page with each open form read as most of the pile's documents read it.

        A day that nothing tells from a month is left to the habits of the pile.
        """
        forms: dict[str, str] = {}
        for kind, form in self.forms.items():
            fits = readings(kind, form, rates[kind]) if isinstance(form, tuple) else {form: 1}
            if fits or kind == "money" or "MON" in form[0]:
                forms[kind] = max(fits, key=fits.__getitem__) if fits else form[-(kind == "date")]
        return replace(self.page, forms=forms)


def sketch(seen: Seen, found: Sighting, levels: Mapping[str, float]) -> Sketch:
    """Return the sketch of a document; ``levels`` maps its axes to severities."""
    rows = _rows(found.cells)
    printed = tuple(
        _printed(cell, at, n, row, found.lines, seen)
        for n, row in enumerate(rows)
        for at, cell in enumerate(row)
    )
    language = str(_most(seen, "language") or "en")
    country, currency = _country("\n".join(found.lines), language)
    page = Page(
        axes=levels,
        printed=printed,
        lines=tuple(_lines(rows, found)),
        language=language,
        country=country,
        currency=currency,
        case=str(_most(seen, "case") or ""),
        upper=_is_upper(found),
    )
    forms = {kind: form for kind in KINDS if (form := _most(seen, kind, PLAIN_FORMS))}
    return Sketch(page, forms)


def in_countries(pages: Iterable[Page]) -> tuple[Page, ...]:
    """Return pages, those that tell no country with the one of most pages of their language.

    Where no page tells any, a dollar is America's.
    """
    settled = list(pages)
    told = Counter((one.language, one.country) for one in settled if one.country)
    usual = {language: code for (language, code), _ in reversed(told.most_common())}
    other = {"USD": "US"}
    return tuple(
        replace(one, country=one.country or usual.get(one.language, other.get(one.currency, "")))
        for one in settled
    )


def _rows(cells: Sequence[Cell]) -> list[list[Cell]]:
    """Return the cells by the line on which they, or their labels above them, begin."""
    ordered = sorted(cells, key=lambda cell: (_start(cell), cell.start))
    return [list(row) for _, row in groupby(ordered, key=_start)]


def _start(cell: Cell) -> int:
    return cell.line - (cell.place in ("below", "header"))


def _printed(
    cell: Cell, at: int, number: int, row: Sequence[Cell], lines: Sequence[str], seen: Seen
) -> Printed:
    column = cell.hit.start if cell.hit else cell.start
    line = lines[cell.line]
    last = cell is row[-1]
    before = lines[_start(cell)][:column] if not at else ""
    return Printed(
        cell.field,
        seen.labels.get(cell.field, ""),
        _mark(cell),
        cell.place,
        number,
        indent=min(column, WIDEST) if not at else 0,
        gap=max(1, column - row[at - 1].end) if at else 4,
        trailing=min(len(line) - len(line.rstrip()), WIDEST) if last else 0,
        before=_beside(before),
        after=_beside(line[_end(cell) :]) if last and cell.place == "line" else "",
    )


def _end(cell: Cell) -> int:
    """Return where the day or amount of a cell ends; a time or the letter of a tax may follow."""
    start = cell.end - len(cell.value)
    if day := day_at_start(cell.value):
        return start + day.span[1]
    amount = amount_at_start(cell.value)
    priced = amount and amount.decimal and "\n" not in cell.value
    return start + amount.outer[1] if amount and priced else cell.end


def _beside(text: str) -> str:
    """Return the pattern of what stands beside a field, with the white space around it."""
    core = text.strip()
    before, after = text.partition(core)[::2] if core else ("", "")
    return f"{before}{pattern_of(core)}{after}" if core else ""


def _mark(cell: Cell) -> str:
    """Return the mark between label and value as it stands, with nothing but marks in it."""
    mark = _MARK_AROUND.sub("", cell.mark)[:WIDEST].replace("\n", "")
    return mark if cell.hit else ": "


def _lines(rows: Sequence[Sequence[Cell]], found: Sighting) -> list[tuple[int, str]]:
    """Return the other lines with the number of rows above them, without blank ones at the end."""
    starts = {_start(row[0]): n for n, row in enumerate(rows, 1)}
    # A value that stands again without a label is drawn as what stands there, with its own words.
    again = {cell.line for cell in found.copies if not cell.hit}
    held = found.used - (again - {cell.line for row in rows for cell in row})
    shown: list[tuple[int, str]] = []
    above = 0
    last = max((n for n, line in enumerate(found.lines) if line.strip()), default=-1)
    for number, line in enumerate(found.lines[: last + 1]):
        above = starts.get(number, above)
        if number not in held and number not in starts and len(shown) < MOST_LINES:
            shown.append((above, pattern_of(line)))
    return shown


def _most(seen: Seen, kind: str, but: Collection[Form] = ()) -> Form:
    """Return the form of a kind that a document shows most often, of those that say something."""
    shown = {
        form: times
        for (one, form), (times, _) in seen.forms.items()
        if one == kind and form not in but
    }
    return max(shown, key=lambda form: (shown[form], str(form)), default="")


def _is_upper(found: Sighting) -> bool:
    letters = [sign for line in found.lines for sign in line if sign.isalpha()]
    return sum(map(str.isupper, letters)) > MOST_UPPER * len(letters)


def _country(text: str, language: str) -> tuple[str, str]:
    """Return the country that legal forms and marks of currencies tell, else the language.

    English is spoken in too many countries to tell one. The second value is a currency that is not
    the country's own.
    """
    shown = Counter(_plain(told.group()) for told in _telling().finditer(text))
    dollar = shown.pop(DOLLAR, 0)
    votes = Counter({code: language == one.language for code, one in countries().items()})
    for told, times in shown.items():
        votes.update(dict.fromkeys(_countries_of()[told], 2 * times))
    code, number = max(votes.items(), key=lambda vote: vote[1])
    code = code if number and (shown or language != "en") else ""
    own = code and any(_plain(mark) in shown for mark in countries()[code].marks)
    return code, "USD" if dollar and not own else ""


@cache
def _countries_of() -> Mapping[str, tuple[str, ...]]:
    """Map legal forms and marks of currencies to the countries that they tell."""
    found: dict[str, tuple[str, ...]] = {}
    for code, country in countries().items():
        for told in filter(None, (*country.forms, *country.marks)):
            found[_plain(told)] = (*found.get(_plain(told), ()), code)
    return found


@cache
def _telling() -> re.Pattern[str]:
    """Return the expression of a legal form at the end of a name, or a mark beside an amount."""
    every = countries().values()
    forms = _any_of({form for country in every for form in country.forms})
    marks = _any_of({mark for country in every for mark in country.marks})
    return re.compile(
        rf"""
        (?i:(?<=[\w.,)][ ])(?:{forms})(?=\.?(?:[,;)\n]|\s\s|$)))
        | (?<!\w)(?:{marks})(?=[ ]?-?\d)
        | (?<=[\d ])(?:{marks})(?!\w)
        """,
        re.MULTILINE | re.VERBOSE,
    )


def _any_of(texts: Collection[str]) -> str:
    """Return the expression of texts, the longest first, with any dots and spaces within."""
    longest = sorted(filter(None, texts), key=lambda one: (-len(one), one))
    return "|".join(re.escape(one).replace(r"\ ", r"[\s.]{0,2}") for one in longest)


def _plain(told: str) -> str:
    return re.sub(r"[\s.]", "", told).casefold()
