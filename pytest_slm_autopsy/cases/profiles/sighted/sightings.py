# ruff: noqa: RUF001
"""Printed fields found in a document of unknown layout: place, label and value of each.

A line is read once, from left to right, so a document takes time in proportion to its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Final

from pytest_slm_autopsy.cases.drawn.axes.labels import nameless
from pytest_slm_autopsy.cases.profiles.scans import mended, stacked
from pytest_slm_autopsy.cases.profiles.sighted.cells import SEGMENT, Cell, Sighting, clean
from pytest_slm_autopsy.cases.profiles.sighted.unlabelled_values import add_unlabelled
from pytest_slm_autopsy.cases.schemas.label_index import Hit, Known, LabelIndex, lower
from pytest_slm_autopsy.cases.schemas.labels import DATED
from pytest_slm_autopsy.cases.schemas.misreads import latin
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.notation.dates.day_shapes import CLOCK
from pytest_slm_autopsy.notation.dates.days import day_at_start
from pytest_slm_autopsy.notation.figures.currencies import is_currency, mark_pattern
from pytest_slm_autopsy.notation.kinds import KINDS

_STARTS: Final = re.compile(r"(?:^[ \t]*|[ \t]{2,}|\t|[ \t]*\|[ \t]*)(?=[^\s|])")
_AFTER: Final = re.compile(
    rf"""
    (?P<currency>[ ]?\((?:{mark_pattern()})\))?       # Total (EUR)
    (?:[ ]?@?[ ]?\(?\d+(?:[.,]\d+)?[ ]?%\)?)?         # GST @6%
    (?P<mark>
        [ \t]*
        (?:
            [:：=|] | \#:? | n[°º]:?
            | \.{{2,}}                                 # a leader
            | [-–](?=[ \t]|$)                         # a dash, no minus
            | \.(?=[^\W_])                            # No.4711
            |                                         # white space alone, or nothing
        )
        [ \t]*
    )
    """,
    re.VERBOSE,
)
_TITLE: Final = re.compile(
    rf"""
    [ \t]*
    # Rechnung Nr.
    (?P<label>
        [^\W\d_][^\s:\d]*(?:[ ][^\s:\d]+)?(?:[ ]\(\d+\))?[ ]?(?:\b[Nn](?:[ro]\.?|[°º])|\#)
    )
    [ ]*(?P<code>[^\s,]*\d[^\s,]*)                    # 4711
    [ ](?P<dated>{"|".join(map(re.escape, DATED))})   # vom
    [ ](?P<date>\S.*)                                 # 01.02.2025
    """,
    re.VERBOSE,
)
_DATED: Final = re.compile(rf"\d[^\s,]{{0,40}} (?:{'|'.join(map(re.escape, DATED))}) ")
# So long a label is hardly met by chance.
LONG_LABEL: Final = 7
REMEMBERED: Final = 20_000
"""Lines that a reader remembers."""
LINES_BELOW_LABEL: Final = 5
_POSITION: Final = re.compile(r"\d{1,3}\.?")
FREE_KINDS: Final = ("text", "company", "person", "address")


class Reader:
    """A reader of documents of one schema."""

    def __init__(self, schema: DocumentSchema) -> None:
        self.schema = schema
        self.index = LabelIndex(schema)
        self._kinds = {one.name: one.kind for one in schema.fields}
        self._nameless = nameless(schema)
        # Signs that begin a label of the user's own; every label of the table begins with a letter.
        self._odd = {label[:1] for label in schema.every_label}
        # Documents of one pile repeat their lines.
        self._remembered = lru_cache(REMEMBERED)(lambda line: tuple(self._labelled(line)))
        titled = [name for kind in ("code", "date") for name in schema.of_kind(kind)[:1]]
        self._titled = titled if len(titled) == 2 else []
        self._stems = self.index.stems(titled[0]) if self._titled else frozenset()

    def read(self, text: str) -> Sighting:
        """Return every field that a document shows."""
        lines, broken = mended(clean(text))
        found = Sighting(lines, broken=broken)
        known: dict[str, Cell] = {}
        for number, line in enumerate(found.lines):
            if number not in found.used and line.strip():
                for cell in self._cells(number, found):
                    _keep(cell, known, found)
        if known:
            add_unlabelled(known, found, {name: self._kinds[name] for name in self._nameless})
        found.cells = sorted(known.values(), key=lambda cell: (cell.line, cell.start))
        return found

    def _cells(self, number: int, found: Sighting) -> list[Cell]:
        line = found.lines[number]
        if self._titled and (title := self._title(number, line)):
            return title
        row = self._row(number, line)
        valued = [cell for cell in row if cell.value]
        if valued or not row:
            return valued
        if self._kinds[row[0].field] == "items":
            return self._table(row[0], found)
        below = stacked(row, number, found, read=self._row, kinds=self._kinds)
        below = below or self._underneath(row, number + 1, found)
        return below or self._far_below(row, number, found)

    def _row(self, number: int, line: str) -> list[Cell]:
        """Return the labels of a line with their values; a value may be empty."""
        return [cell.on(number) for cell in self._remembered(line)]

    def _labelled(self, line: str) -> Iterator[Cell]:
        plain = latin(line)
        low, busy = lower(plain), 0
        for start in (match.end() for match in _STARTS.finditer(line)):
            if start < busy or not (line[start].isalpha() or line[start] in self._odd):
                continue
            for hit in self.index.at(plain, low, start):
                if cell := self._pair(line, low, hit):
                    busy = cell.end
                    yield cell
                    break

    def _pair(self, line: str, low: str, hit: Hit) -> Cell | None:
        """Return the cell of a label; its value is empty where nothing follows on the line."""
        if hit.raw != (raw := line[hit.start : hit.end]):  # look-alike letters, as they stand
            hit = replace(hit, raw=raw)
        after = _AFTER.match(line, hit.end)
        if after is None:
            return None
        mark, at = after["mark"], after.end()
        currency = (after["currency"] or "").strip(" ()")
        currency = currency if is_currency(currency) else ""
        cell = Cell(hit.field, 0, hit.start, at, "", hit, mark, currency)
        gap = not mark.strip() and (len(mark) > 1 or mark == "\t")
        clock = CLOCK.match(line, at) if self._kinds[hit.field] == "date" else None
        value = SEGMENT.match(line, clock.end() if clock else at)
        if value is None or ((gap or mark.strip()) and self._is_label(low, *value.span())):
            return cell
        text, end = value.group(), value.end()
        if self._kinds[hit.field] == "money" and KINDS["currency"].sure(text):
            amount = SEGMENT.search(line, end)  # in a column of its own
            text, end = (f"{text} {amount.group()}", amount.end()) if amount else (text, end)
        if self._belongs(hit, mark, text, gap):
            cell.value, cell.end = text, end
            return cell
        return cell if gap and self._kinds[hit.field] != "items" else None

    def _is_label(self, low: str, start: int, end: int) -> bool:
        """Tell whether a segment is only a label, the one of the next column."""
        length = len(low[start:end].rstrip(" :"))
        return any(hit.end == start + length for hit in self.index.at(low, low, start))

    def _belongs(self, hit: Hit, mark: str, text: str, gap: bool) -> bool:
        """Tell whether a text is the value of a label, perhaps behind nothing but a space."""
        kind = self._kinds[hit.field]
        if kind == "items" or not KINDS[kind].begins(text):
            return False
        if gap or mark.strip(" \t-–."):
            return True
        if not mark:
            return kind == "money" and not text[0].isalnum()
        if kind not in FREE_KINDS:
            return kind != "code" or text.count(" ") < 3
        if hit.misspelt and hit.end - hit.start < LONG_LABEL and not KINDS["company"].sure(text):
            return False
        begins = text[0].isupper() or text[0].isdigit()
        return begins and not any(sign in text for sign in ":=")

    def _title(self, number: int, line: str) -> list[Cell]:
        """Return number and day of a title in words: ``Rechnung Nr. 4711 vom 01.02.2025``."""
        seen = _TITLE.match(line) if _DATED.search(line) else None
        form = day_at_start(seen["date"]) if seen else None
        if seen is None or form is None:
            return []
        if not any(stem in seen["label"].lower() for stem in self._stems):
            return []
        language = DATED[seen["dated"]]
        cells = []
        for name, part, label in zip(
            self._titled, ("code", "date"), ("label", "dated"), strict=True
        ):
            start, end = seen.span(part)
            end = end if part == "code" else start + form.span[1]
            hit = Hit(*seen.span(label), seen[label], (Known(name, language, seen[label], 1),))
            cells.append(Cell(name, number, start, end, line[start:end], hit, " ", place="title"))
        return cells

    def _underneath(self, row: list[Cell], number: int, found: Sighting) -> list[Cell]:
        """Return cells whose labels stand above their values; none where no value fits."""
        below = found.lines[number] if number < len(found.lines) else ""
        segments = list(SEGMENT.finditer(below))
        if not segments or any(cell.value for cell in self._row(number, below)):
            return []
        headings = len(SEGMENT.findall(found.lines[number - 1]))
        counted = len(segments) > 3 and _POSITION.fullmatch(segments[0].group())
        if counted or min(headings, len(segments)) > max(2, 2 * len(row)):
            return []  # the first row of a table of items
        place = "header" if len(row) > 1 or len(segments) > 1 else "below"
        as_many = len(segments) == headings
        cells = []
        for cell in row:
            part = _beneath(cell, segments, as_many)
            if part and ": " not in below and KINDS[self._kinds[cell.field]].begins(part.group()):
                cell.line, cell.value, cell.place = number, part.group(), place
                cell.start, cell.end = part.span()
                cells.append(cell)
        return cells

    def _far_below(self, row: list[Cell], number: int, found: Sighting) -> list[Cell]:
        """Return a company in the lines below its label, behind other things."""
        if len(row) > 1 or self._kinds[row[0].field] != "company":
            return []
        for at, line in enumerate(
            found.lines[number + 1 : number + 1 + LINES_BELOW_LABEL], number + 1
        ):
            for part in SEGMENT.finditer(line):
                if KINDS["company"].sure(part.group()):
                    cell = row[0]
                    cell.line, cell.value, cell.place = at, part.group(), "below"
                    cell.start, cell.end = part.span()
                    return [cell]
        return []

    def _table(self, cell: Cell, found: Sighting) -> list[Cell]:
        """Return the rows below a label as one cell: three columns or more, without a label."""
        first = end = cell.line + 1
        while end < len(found.lines) and len(SEGMENT.findall(found.lines[end])) > 2:
            if end > first and self._row(end, found.lines[end]):
                break
            found.used.add(end)
            end += 1
        cell.value = "\n".join(found.lines[first:end])
        return [cell] if cell.value else []


def _keep(cell: Cell, known: dict[str, Cell], found: Sighting) -> None:
    """Keep the first cell of a field, and as copies those with the same value and label."""
    first = known.setdefault(cell.field, cell)
    if first is not cell and first.value != cell.value:
        return
    if first is not cell and first.hit and cell.hit and first.hit.raw == cell.hit.raw:
        found.copies.append(cell)
    found.used.add(cell.line)
    if cell.place in ("below", "header"):
        found.used.add(cell.line - 1)


def _beneath(cell: Cell, segments: list[re.Match[str]], as_many: bool) -> re.Match[str] | None:
    """Return the segment under a label: in its column, the nearest one, or the only one."""
    start, end = (cell.hit.start, cell.hit.end) if cell.hit else (cell.start, cell.end)
    if len(segments) == 1:
        return segments[0]
    for part in segments:
        if part.start() == start or part.end() == end:
            return part
    if as_many:
        return min(segments, key=lambda part: abs(part.start() + part.end() - start - end))
    right = [part for part in segments if part.start() >= start]
    return right[0] if len(right) == 1 else None
