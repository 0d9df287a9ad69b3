"""Rewrites that scans and tills make: broken lines and words, page breaks, a time beside a day."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence, Set
from functools import cache
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick, share, weighted
from pytest_slm_autopsy.cases.drawn.axes.scans import MOST_BREAKS, page_number
from pytest_slm_autopsy.cases.drawn.axes.values import TIMES, clock
from pytest_slm_autopsy.cases.drawn.phrases import uses_of
from pytest_slm_autopsy.cases.rewritten.axes.meanings import spoken_in
from pytest_slm_autopsy.cases.rewritten.page import Edit, Page, Refused, some
from pytest_slm_autopsy.cases.schemas.labels import table
from pytest_slm_autopsy.notation.figures.currencies import beside_amount
from pytest_slm_autopsy.notation.lines import COLUMNS, Labelled, label_before
from pytest_slm_autopsy.notation.text import Span, folded, lines_at

# A word that a scan may break or glue: of letters, as words are written, in no code.
_WORD: Final = re.compile(
    r"(?<![\w@/.:#&-])(?:[^\W\d_]{2,}(?<=[a-zß-ÿ])|[^\W\d_]+)(?=[ ,.;:!?)]|$)", re.MULTILINE
)
_LONG: Final = 6
_LINE: Final = re.compile(r"^[^\n]*$", re.MULTILINE)
_CELL: Final = re.compile(r"\S++(?:[ ]\S++)*+")
_SPACE: Final = re.compile(r"\s*")
_PARTIES: Final = ("company", "person", "address")
_GAP_BEHIND: Final = re.compile(r"(?P<gap>[^\S\n]*)(?:(?P<rest>[^\n]))?")
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}")
_BEHIND: Final = tuple((form, often) for form, often in TIMES if form.startswith("{} "))
_LEAST_GAP: Final = 2
_WIDE_GAP: Final = re.compile(r"[ ]{3,}")
_MOST_SPACES: Final = 2
_TIME_FIELD: Final = re.compile(r"(?:^|_)(?:time|uhrzeit|zeit|heure|tijd|godzina|hora|ora)(?:_|$)")
# Days that are whole: of birth, due, until or from when on, of a value.
_WHOLE_DAY: Final = re.compile(
    r"""
    (?<![^\W_]) (?:
        birth | born | dob | geb(?:\b|ur|or|oo) | naiss | ne[e]?[ ]le | nacim | nascit | urodz
        | due | fallig | faellig | zahlbar | zahlungsziel | echeanc | verval | venc | scad | termin
        | platnos | expir | valid | gultig | valable | geldig | until | pay[ ]by | bis\b | jusqu
        | hasta | entro | effectiv | eintritt | austritt | in[ ]dienst | hire | valut | value
        | wert(?:st|\b)
    ) | \w(?:beginn|ende)\b | frist
    """,
    re.VERBOSE,
)
MOST_DRAWS: Final = 40
WORDS_BROKEN: Final = 0.15
"""Share of the words that is broken or glued at full severity."""


def times(page: Page, severity: float, choices: Choices) -> Page:
    """Print a time of day behind days that end their cell, and that are no whole days."""
    names = [name for name, (_, kind) in page.asked.items() if kind == "date"]
    told = [name for name in names if not _WHOLE_DAY.search(name.casefold())]
    places = sorted({place for name in told for place in page.places.get(name, ())})
    asks = any(_TIME_FIELD.search(name) for name in page.fields)
    if asks or any(_CLOCK.search(value) for value, _ in page.asked.values()):
        raise Refused("it is asked for a time itself, and would state another")
    fit = [place for place in places if _ends_cell(page, place) and _has_hour(page, place)]
    if not fit:
        raise Refused("no day that is asked for ends a cell of it without a time, and may have one")
    english = spoken_in(page) == "en"
    form = weighted(choices, [one for one in _BEHIND if english or "PM" not in one[0]])
    chosen = some(choices, fit, severity)
    return page.edited([_timed(page, place, _clock(page, form, choices)) for place in chosen])


def ocr(page: Page, severity: float, choices: Choices) -> Page:
    """Break and glue words outside of values; end lines within words and before values."""
    edits = [*_broken_rows(page, severity, choices), *_broken_words(page, severity, choices)]
    if not edits:
        raise Refused("no word or line of it, outside of its values, could be broken")
    return page.edited(_disjoint(edits))


def pages(page: Page, severity: float, choices: Choices) -> Page:
    """Break the page between blocks: its number below and above, and its first line again."""
    places = _boundaries(page)
    if not places:
        raise Refused("no two blocks of it could stand on different pages")
    number = min(len(places), share(severity, MOST_BREAKS))
    chosen = sorted(places[at] for at in _few(choices, len(places), number))
    title = _title(page)
    end = _line_end(page)
    numbered = _is_numbered(page)
    edits = []
    for at, place in enumerate(chosen, 1):
        told = [] if numbered else [_number(spoken_in(page), at, len(chosen) + 1)]
        new = end.join(["", *told, f"\f{title}", ""])
        if not page.silent(new):
            raise Refused("a page number would state one of its values")
        edits.append((place, place, new))
    return page.edited(edits)


def _is_numbered(page: Page) -> bool:
    """Tell whether a page number stands there, which another one would contradict."""
    return any("page" in uses_of(cell) for cell in _CELL.findall(page.text))


def _number(language: str, page: int, of: int) -> str:
    return page_number(language, page, of) if language else f"- {page} -"


def _clock(page: Page, form: str, choices: Choices) -> str:
    """Draw a time that states none of the values; one that may, if all drawn ones do."""
    drawn = (clock(form, choices) for _ in range(MOST_DRAWS))
    first = clock(form, choices)
    return first if page.silent(first) else next(filter(page.silent, drawn), first)


def _few(choices: Choices, n: int, number: int) -> list[int]:
    drawn = {choices.below(n) for _ in range(number)}
    return sorted(drawn)


def _ends_cell(page: Page, place: Span) -> bool:
    """Tell whether a time has room behind a day: the line ends there, or a wide gap follows."""
    behind = _GAP_BEHIND.match(page.text, place[1])
    start = page.text.rfind("\n", 0, place[0]) + 1
    if _CLOCK.search(page.text, max(start, place[0] - 12), min(len(page.text), place[1] + 14)):
        return False
    return behind is not None and (not behind["rest"] or len(behind["gap"]) >= _LEAST_GAP)


def _has_hour(page: Page, place: Span) -> bool:
    """Tell whether a day may be that of a moment: no whole day, and not in a row of a table."""
    start, end = next(lines_at(page.text, [place[0]]))
    before = page.text[start : place[0]]
    alone = not before.strip()
    above = page.text[:start].rstrip().rpartition("\n")[2]
    if _WHOLE_DAY.search(folded(above if alone else label_before(page.text, place)).text):
        return False
    if alone:
        return not page.text[place[1] : end].strip()
    gaps = len(COLUMNS.findall(page.text, start, end))
    return gaps < 2 or not before[-2:].isspace() or before.rstrip()[-1] in ":="


def _timed(page: Page, place: Span, form: str) -> Edit:
    """Return the edit that puts a time behind a day; columns to its right stay where they can."""
    behind = _GAP_BEHIND.match(page.text, place[1])
    time = form.removeprefix("{}")
    spare = len(behind["gap"]) - _LEAST_GAP if behind and behind["rest"] else 0
    plain = behind is not None and set(behind["gap"]) <= {" "}
    return place[1], place[1] + (min(spare, len(time)) if plain and spare > 0 else 0), time


def _broken_rows(page: Page, severity: float, choices: Choices) -> Iterator[Edit]:
    """Yield edits that put values on the line below their labels."""
    fit = [line for line in page.labelled if _may_break(page, line)]
    for line in some(choices, fit, severity / 2) if fit else ():
        mark = page.text[slice(*line.mark)]
        yield *line.mark, f"{mark.rstrip()}{_line_end(page)}{' ' * line.column}"


def _may_break(page: Page, line: Labelled) -> bool:
    mark = page.text[slice(*line.mark)]
    close = ":" in mark and mark.count(" ") <= _MOST_SPACES  # a wide gap makes a column
    above = page.text[: line.start].rstrip(" \t\r\n")
    close = close and not above.endswith((":", "="))  # the label above would have two values
    return close and not line.tabular and page.free(*line.label) and page.free(*line.mark)


def _broken_words(page: Page, severity: float, choices: Choices) -> Iterator[Edit]:
    """Yield edits that split, glue and hyphen words outside of values, tables and columns.

    A value that was not found would not be kept whole, so the page is complete, or left alone.
    """
    if not page.complete:
        return
    words = [match.span() for match in _WORD.finditer(page.text)]
    free = [at for at, word in enumerate(words) if _is_free(page, word)]
    if not free:
        return
    known = set(free)
    drawn = sorted({pick(choices, free) for _ in range(share(severity * WORDS_BROKEN, len(free)))})
    for at in drawn:
        start, end = words[at]
        how = choices.below(3)
        if how == 0 and end - start >= _LONG:
            yield from _split(page.text, start, end)
        elif how == 1 and at + 1 in known and words[at + 1][0] == end + 1 and page.text[end] == " ":
            yield end, end + 1, ""
        elif end - start >= _LONG and not _in_columns(page, start):
            yield (start + end) // 2, (start + end) // 2, f"-{_line_end(page)}"


def _split(text: str, start: int, end: int) -> Iterator[Edit]:
    """Yield a space within a word; the gap behind it gives one, so that columns stay."""
    middle = (start + end) // 2
    yield middle, middle, " "
    line_end = text.find("\n", end)
    if gap := _WIDE_GAP.search(text, end, line_end if line_end >= 0 else len(text)):
        yield gap.start(), gap.start() + 1, ""


def _is_free(page: Page, word: Span) -> bool:
    pieces = page.text[word[0] : sum(word) // 2], page.text[sum(word) // 2 : word[1]]
    return page.free(*word) and all(map(page.silent, pieces))


def _in_columns(page: Page, at: int) -> bool:
    """Tell whether a place is on a line of columns, or on one of a value."""
    start = page.text.rfind("\n", 0, at) + 1
    end = page.text.find("\n", at)
    end = len(page.text) if end < 0 else end
    return COLUMNS.search(page.text, start, end) is not None or not page.free(start, end)


def _disjoint(edits: Sequence[Edit]) -> Iterator[Edit]:
    """Yield edits in order, without those that would change what another one changes."""
    last = -1
    for edit in sorted(edits):
        if edit[0] > last:
            yield edit
            last = edit[1]


def _boundaries(page: Page) -> list[int]:
    """Return the ends of lines behind which a page may end: before a blank line, or a new pair."""
    starts = {line.start: line for line in page.labelled if not line.tabular}
    found = []
    above: re.Match[str] | None = None
    for line in _LINE.finditer(page.text):
        if above is not None and above.group().strip() and page.free(above.end(), line.start()):
            pair = above.start() in starts and line.start() in starts
            blank = not line.group().strip() and not (
                above.group().rstrip().endswith(":")
                or (above.start() not in starts and _waits(page, above))
            )
            if pair or (blank and line.end() < len(page.text)):
                found.append(above.end() - above.group().endswith("\r"))
        above = line
    return found


def _waits(page: Page, line: re.Match[str]) -> bool:
    """Tell whether a line may label a value that stands alone below blank lines."""
    space = _SPACE.match(page.text, line.end())
    below = space.end() if space else line.end()
    at = bisect_left(page.kept, (below, 0))
    if at == len(page.kept) or not page.free(*line.span()) or any(map(str.isdigit, line.group())):
        return False
    return beside_amount(page.text[below : page.kept[at][0]])


def _line_end(page: Page) -> str:
    return "\r\n" if "\r\n" in page.text else "\n"


def _title(page: Page) -> str:
    """Return the first line of the page, if no value stands in it: it is printed on every page."""
    first = next((line for line in _LINE.finditer(page.text) if line.group().strip()), None)
    if first is None or not page.free(*first.span()) or COLUMNS.search(first.group()):
        return ""
    if not first.group().rstrip()[-1].isalnum() or any(map(str.isdigit, first.group())):
        return ""  # a label would label what comes below it
    title = first.group().strip().lstrip("\ufeff")
    return "" if title.casefold() in _party_labels() else title


@cache
def _party_labels() -> Set[str]:
    return {one.text.casefold() for one in table() if one.kind in _PARTIES}
