"""Scans in a document: lines broken within a label, page breaks, times beside the day."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

from pytest_slm_autopsy.cases.drawn.axes.scans import CARRIED, MOST_BREAKS
from pytest_slm_autopsy.cases.drawn.phrases import uses_of
from pytest_slm_autopsy.cases.profiles.sighted.cells import Cell, Seen, Sighting
from pytest_slm_autopsy.cases.schemas.label_index import Hit
from pytest_slm_autopsy.notation.kinds import KINDS

_CUT: Final = re.compile(r"[^\W\d_]{2}-$")
_GOES_ON: Final = re.compile(r"\s*[^\W\d_A-Z]")
_MARKED: Final = re.compile(r"\s*(?:[:=|#]|\.{2,})\s*\S")
_LABEL: Final = re.compile(r"\s*[^\W\d_][^:=|\d]{1,40}\s*")
_CLOCK: Final = re.compile(
    r"(?P<gap>[ ]{1,2}|,[ ]|[ ]-[ ])"
    r"(?P<hour>\d\d?):\d\d(?P<second>:\d\d)?(?P<half>[ ][AP]M)?(?![\d:])",
    re.IGNORECASE,
)
_CLOCK_BEFORE: Final = re.compile(r"(?<![\d:])\d\d:\d\d[ ]$")
_CARRIED: Final = re.compile(
    rf"\s*(?:{'|'.join(re.escape(word) for words in CARRIED.values() for word in words)})",
    re.IGNORECASE,
)
_HEAD_LINES: Final = 4
"""Lines below the number of a page that may be those of the next one's head."""


def mended(lines: list[str]) -> tuple[list[str], set[int]]:
    """Return lines as they were before a scan broke them, and the numbers of those that it broke.

    A word that ends in a hyphen goes on below; a lone label has its mark below. The line that was
    joined stays, empty, so that every line keeps its number.
    """
    whole, broken = list(lines), set()
    for number in range(len(whole) - 1):
        line, below = whole[number].rstrip(), whole[number + 1]
        if _CUT.search(line) and _GOES_ON.match(below.swapcase() if line[-2].isupper() else below):
            whole[number : number + 2] = [line[:-1] + below.lstrip(), ""]
        elif _MARKED.match(below) and _LABEL.fullmatch(line):
            whole[number : number + 2] = [line + below.lstrip(), ""]
        else:
            continue
        broken.add(number)
    return whole, broken


def stacked(
    row: list[Cell],
    number: int,
    found: Sighting,
    *,
    read: Callable[[int, str], list[Cell]],
    kinds: Mapping[str, str],
) -> list[Cell]:
    """Return the cells of two or more lone labels above as many values."""
    labels = list(row)
    for line in found.lines[number + 1 :]:
        below = read(number, line)
        if len(row) > 1 or len(below) != 1 or below[0].value or not _is_lone(below[0], line):
            break
        labels += below
    first = number + len(labels)
    values = [line.strip() for line in found.lines[first : first + len(labels)]]
    if len(labels) < 2 or len(values) < len(labels):
        return []
    known = [KINDS[kinds[cell.field]] for cell in labels]
    if not all(kind.begins(value) for kind, value in zip(known, values, strict=True) if value):
        return []
    for at, (cell, value) in enumerate(zip(labels, values, strict=True)):
        line = found.lines[first + at]
        cell.line, cell.value, cell.place = first + at, value, "stacked"
        cell.start, cell.end = len(line) - len(line.lstrip()), len(line.rstrip())
    found.used.update(range(number, first))
    return [cell for cell in labels if cell.value]


def _is_lone(cell: Cell, line: str) -> bool:
    """Tell whether nothing but a label and its mark stands on a line."""
    return (
        cell.hit is not None and not line[: cell.hit.start].strip() and not line[cell.end :].strip()
    )


def page_lines(found: Sighting, copied: Collection[int]) -> dict[int, set[int]]:
    """Map numbers of lines that end a page, between fields, to all lines of the break.

    These are a total carried over, the page's number, and below it blank lines, the next page's
    number, and a heading that is ``copied`` or carried over.
    """
    used = found.used or {0}
    breaks: dict[int, set[int]] = {}
    for number in range(min(used) + 1, max(used)):
        if "page" not in uses_of(found.lines[number]):
            continue
        around = {number}
        if _CARRIED.match(found.lines[number - 1]):
            around.add(number - 1)
        below = range(number + 1, min(number + _HEAD_LINES, len(found.lines)))
        carried = [at for at in below if _CARRIED.match(found.lines[at])]
        for at in below:
            headed = not found.lines[at].strip() or at in copied
            if not headed and at > max(carried, default=-1):
                break
            around.add(at)
        breaks[number] = around
    return breaks


def note_scans(found: Sighting, breaks: Collection[int], seen: Seen) -> None:
    """Note labels that a scan broke, and breaks of pages within the document."""
    split = [cell for cell in found.cells if cell.hit and _is_split(cell.hit)]
    broken = [cell for cell in found.cells if cell.line in found.broken or cell.place == "stacked"]
    touched = {cell.field: cell for cell in (*split, *broken)}
    first = min((cell.line for cell in touched.values()), default=-1)
    seen.shift("ocr", len(touched), len(found.cells), first)
    seen.shift("pages", len(breaks), MOST_BREAKS, min(breaks, default=-1))


def _is_split(hit: Hit) -> bool:
    """Tell whether a label has more words than any label that it may be."""
    words = len(hit.raw.split())
    return not hit.misspelt and all(len(one.label.split()) < words for one in hit.known)


def note_times(cells: Iterable[Cell], found: Sighting, seen: Seen) -> None:
    """Note the times of day that stand beside days."""
    dates = list(cells)
    timed = [(cell, form) for cell in dates if (form := _time(found.lines[cell.line], cell))]
    for cell, form in timed:
        seen.form("time", form, cell.line)
    seen.shift("times", len(timed), len(dates), timed[0][0].line if timed else -1)
    if not dates:
        seen.hidden.add("times")


def _time(line: str, cell: Cell) -> str:
    """Return the form of the time beside a day: ``{} HH:MM``; an empty text for none."""
    at = line.find(cell.value, max(0, cell.start))
    clock = _CLOCK.search(cell.value) or _CLOCK.match(line, at + len(cell.value))
    if clock:
        hour = "hh" if clock["half"] else "HH"
        second, half = ":SS" * bool(clock["second"]), " PM" * bool(clock["half"])
        return f"{{}}{clock['gap']}{hour}:MM{second}{half}"
    return "HH:MM {}" if _CLOCK_BEFORE.search(line[: max(0, at)]) else ""
