"""Placement of a document's fields: their order, their rows, above or beside each other."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from pytest_slm_autopsy.cases.drawn.axes.places import trailing
from pytest_slm_autopsy.cases.profiles.line_forms import masked_label
from pytest_slm_autopsy.cases.profiles.sighted.cells import Cell, Seen, Sighting
from pytest_slm_autopsy.cases.profiles.sighted.sightings import Reader
from pytest_slm_autopsy.cases.schemas.label_index import Hit
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema

AS_IN_SCHEMA: Final = "as in the schema"
NO_TITLE: Final = "no title"
COLUMNS_APART: Final = 8
Rows = dict[int, list[Cell]]
"""Line to its cells from left to right."""


def note_places(found: Sighting, schema: DocumentSchema, seen: Seen) -> None:
    """Note the axes of place."""
    rows: Rows = {}
    for cell in found.cells:
        rows.setdefault(cell.line, []).append(cell)
    stacks = _order(rows, schema, seen)
    stacked = {line for stack in stacks for line in stack}
    headed = {line for line, row in rows.items() if any(cell.place == "header" for cell in row)}
    wide = {line for line, row in rows.items() if len(row) > 1} - stacked - headed
    shown = {
        "below": [cell for cell in found.cells if cell.place == "below"],
        "header": [cell for line in sorted(headed) for cell in rows[line]],
        "pairs": [cell for line in sorted(wide) for cell in rows[line]],
        "columns": [cell for line in sorted(stacked) for cell in rows[line]],
    }
    for axis, cells in shown.items():
        seen.shift(axis, len(cells), len(found.cells), cells[0].line if cells else -1)
    if wide:
        _title([rows[line] for line in sorted(wide)], schema, seen)


def cut_off(found: Sighting, reader: Reader, printed: set[str]) -> list[str]:
    """Return the fields that are lacking because the document breaks off in a label."""
    last = next((n for n in reversed(range(len(found.lines))) if found.lines[n].strip()), 0)
    text = found.lines[last].strip()
    names = [name for name in trailing(reader.schema) if name not in printed]
    if last in found.used or not text or not text[0].isalnum() or len(text) > 40:
        return []
    first = reader.index.begun(text, names)
    return names[names.index(first) :] if first else []


def _stacks(rows: Rows) -> list[list[int]]:
    """Return runs of lines with second fields in one column, and lines with fields far apart."""
    stacks: list[list[int]] = []
    lines = sorted(line for line, row in rows.items() if _plain(row))
    for line, after in pairwise(lines):
        if after == line + 1 and _second(rows[line]) == _second(rows[after]):
            if stacks and stacks[-1][-1] == line:
                stacks[-1].append(after)
            else:
                stacks.append([line, after])
    stacked = {line for stack in stacks for line in stack}
    return stacks + [[line] for line in lines if line not in stacked and _far(rows[line])]


def _short_stacks(rows: Rows) -> list[list[int]]:
    """Return, as stacks of one line, the lines of two fields above a line of one.

    Such pairs may be two columns, the right one a field shorter.
    """
    return [
        [line]
        for line, row in rows.items()
        if len(row) == 2 and _plain(row) and len(rows.get(line + 1, ())) == 1
    ]


def _plain(row: list[Cell]) -> bool:
    return len(row) > 1 and all(cell.place == "line" for cell in row)


def _far(row: list[Cell]) -> bool:
    """Tell whether two fields stand further apart than fields that only share a row."""
    return len(row) == 2 and _second(row) - row[0].end > COLUMNS_APART


def _second(row: list[Cell]) -> int:
    return row[1].hit.start if row[1].hit else row[1].start


def _title(wide: list[list[Cell]], schema: DocumentSchema, seen: Seen) -> None:
    for row in wide:
        if row[0].place == "title" and row[0].hit and row[1].hit:
            label = _title_label(row[0], row[0].hit, schema)
            seen.form("title", f"{label} {{}} {row[1].hit.raw} {{}}", row[0].line)
            seen.labels |= {row[0].field: label, row[1].field: row[1].hit.raw}
            return
    seen.form("title", NO_TITLE, wide[0][0].line)


def _title_label(cell: Cell, hit: Hit, schema: DocumentSchema) -> str:
    """Return the label of a title, or one of the package's own with the same ending."""
    if masked_label(hit.raw) == hit.raw:
        return hit.raw
    own = schema.by_name[cell.field].labels(hit.known[0].language)
    alike = [label for label in own if label[-2:] == hit.raw[-2:] and " " in label]
    return next(iter((*alike, *own)), schema.by_name[cell.field].label)


def _order(rows: Rows, schema: DocumentSchema, seen: Seen) -> list[list[int]]:
    """Return the columns, and note the order: shifted where no reading gives the schema's order."""
    place = {name: at for at, name in enumerate(schema.names)}
    stacks = _stacks(rows)
    readings = [(stacks, 0), (stacks, 1), ([*stacks, *_short_stacks(rows)], 1)]
    first = min(rows, default=0)
    for columns, more in readings:
        names = _read(rows, columns, more)
        if names == sorted(names, key=place.__getitem__):
            seen.form("order", AS_IN_SCHEMA, first)
            return columns
    names = _read(rows, stacks, 0)
    due = sorted(names, key=place.__getitem__)
    moved = [name for name, other in zip(names, due, strict=True) if name != other]
    seen.form("order", ", ".join(names), first)
    line = min(line for line, row in rows.items() if moved[0] in {cell.field for cell in row})
    seen.shift("order", len(moved) / 2, len(schema.names), line)
    return stacks


def _read(rows: Rows, stacks: list[list[int]], more: int) -> list[str]:
    """Return field names in reading order, column by column.

    ``more`` lines below two columns belong to the left one.
    """
    columns = {stack[0]: [*stack, *range(stack[-1] + 1, stack[-1] + 1 + more)] for stack in stacks}
    names: list[str] = []
    done: set[int] = set()
    for line in sorted(rows):
        if line in done:
            continue
        inside = [rows[n] for n in columns.get(line, [line]) if n in rows]
        done |= {*columns.get(line, ())}
        for at in range(max(map(len, inside))):
            names += [row[at].field for row in inside if at < len(row)]
    return names
