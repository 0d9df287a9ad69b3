"""Tables whose columns may change places with their headings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from pytest_slm_autopsy.cases.rewritten.axes.blocks.page_lines import LINE
from pytest_slm_autopsy.cases.rewritten.page import Page
from pytest_slm_autopsy.notation.text import Span

LEAST_COLUMNS: Final = 3

_CELL: Final = re.compile(r"\S+(?:[ \u00a0]\S+)*")

# A row of values is no heading, and a balance goes on from row to row.
_UNHEADED: Final = re.compile(r"\d[\d.,]|\b(?:saldo|solde|balance|kontostand)\b", re.IGNORECASE)
# Something speaks of a column, or a heading goes with the one before it: Qty Unit.
_OF_COLUMNS: Final = re.compile(
    r"\b(?:columns?|spalten?|colonnes?|kolom(?:men)?|kolumn\w*|columnas?|einheit|unit|unité|uom|"
    r"eenheid|jednostka|j\.m\.|unidad)\b(?![ ]*(?:price|cost|preis|prix|prijs))",
    re.IGNORECASE,
)


class Table(NamedTuple):
    """A table whose columns may change places: its lines, and where each column ends."""

    lines: tuple[Span, ...]
    cuts: tuple[int, ...]


@lru_cache(maxsize=16)
def tables(page: Page) -> tuple[Table, ...]:
    """Return the tables of which every row has a cell below each heading, and no foot below."""
    if _OF_COLUMNS.search(page.text):
        return ()
    lines = [at.span() for at in LINE.finditer(page.text)]
    found, at = [], 0
    while at < len(lines):
        after = at + 1
        head = _cells(page.text, lines[at])
        if len(head) >= LEAST_COLUMNS and not _UNHEADED.search(page.text, *lines[at]):
            while after < len(lines) and _follows(page, lines, after, len(head)):
                after += 1
            table = tuple(lines[at:after])
            cuts = _cuts(page, table, head)
            if after > at + 1 and cuts and not _has_foot(page, lines, after):
                found.append(Table(table, cuts))
        at = after
    return tuple(found)


def _cells(text: str, line: Span) -> list[Span]:
    return [one.span() for one in _CELL.finditer(text, *line)]


def _follows(page: Page, lines: Sequence[Span], at: int, columns: int) -> bool:
    joined = page.text.count("\n", lines[at - 1][1], lines[at][0]) == 1
    return joined and len(_cells(page.text, lines[at])) == columns


def _has_foot(page: Page, lines: Sequence[Span], after: int) -> bool:
    """Tell whether the next line stands in the columns of a table, as totals in its foot do."""
    if after >= len(lines):
        return False
    line = page.text[slice(*lines[after])]
    return line[:2].isspace() or len(_cells(page.text, lines[after])) > 1


def _cuts(page: Page, lines: Sequence[Span], head: Sequence[Span]) -> tuple[int, ...]:
    """Return where columns end, counted from the start of the line; none where lines disagree.

    Each cell must stand straight below its heading, or it might come to stand below another one.
    """
    rows = [_cells(page.text, line) for line in lines]
    if page.of_table(lines[0][0], lines[-1][1]) or any("\t" in page.text[slice(*a)] for a in lines):
        return ()
    over = [(start - lines[0][0], end - lines[0][0]) for start, end in head]
    for row, line in zip(rows, lines, strict=True):
        for (start, end), (left, right) in zip(row, over, strict=True):
            if start - line[0] > right or end - line[0] < left:
                return ()
    cuts = []
    for column in range(len(head) - 1):
        ends = [row[column][1] - line[0] for row, line in zip(rows, lines, strict=True)]
        starts = [row[column + 1][0] - line[0] for row, line in zip(rows, lines, strict=True)]
        if max(ends) >= min(starts):
            return ()
        cuts.append(max(ends))
    free = all(page.free(line[0] + cut, line[0] + cut) for line in lines for cut in cuts)
    return tuple(cuts) if free else ()
