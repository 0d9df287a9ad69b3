"""The writer: record and layout to document, with text, spans and truth in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal
from unicodedata import normalize

from pytest_slm_autopsy.cases.drawn.layout import Block, Layout, Space, line_of
from pytest_slm_autopsy.cases.drawn.prints import Mark, Prints, Row, padded
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Record
from pytest_slm_autopsy.records import Value


@dataclass(frozen=True, slots=True)
class Document:
    """A written record.

    ``spans`` maps each field to the start and end of its value in ``text``, in characters.
    ``truth`` is the right answer: ``None`` for a field that is not printed. ``ambiguous`` names the
    printed fields whose print leaves open the plain value that is asked for.
    """

    text: str
    spans: Mapping[str, tuple[int, int]]
    truth: Mapping[str, Value]
    ambiguous: tuple[str, ...] = ()


def write(
    record: Record, layout: Layout, schema: DocumentSchema, plain: Prints | None = None
) -> Document:
    """Write ``record`` under ``layout``.

    ``plain`` holds the record's prints under the canonical layout. It saves time when one record
    is written under many layouts.

    Example:
        >>> from pytest_slm_autopsy import DocumentSchema, Field, values
        >>> from pytest_slm_autopsy.cases import canonical
        >>> schema = DocumentSchema("toy", (Field("id", "Number", values.code(("A",), 2)),))
        >>> document = write({"id": "A-10"}, canonical(schema), schema)
        >>> document.text, document.spans, document.truth
        ('Number: A-10', {'id': (8, 12)}, {'id': 'A-10'})
    """
    prints = Prints(record, layout, schema, plain)
    rows: Iterable[Row] = _Writer(prints, layout).rows()
    if layout.unicode_form:
        rows = [_normalised(row, layout.unicode_form) for row in rows]
    texts: list[str] = []
    spans: dict[str, tuple[int, int]] = {}
    at, line_end = len(layout.start), len(layout.line_end)
    for text, marks in rows:
        for name, start, end in marks:
            spans[name] = (spans[name][0] if name in spans else at + start, at + end)
        texts.append(text)
        at += len(text) + line_end
    text = layout.start + layout.line_end.join(texts)
    return Document(text, spans, prints.truth(), prints.ambiguous())


class _Writer:
    """Arranges the prints of one record in lines."""

    def __init__(self, prints: Prints, layout: Layout) -> None:
        self._prints, self._layout = prints, layout

    def rows(self) -> Iterator[Row]:
        """Yield every line from top to bottom."""
        layout = self._layout
        places = [*map(self._block, layout.arranged()), *map(self._copy, layout.copies), []]
        above: dict[int, list[Row]] = {}
        for line in layout.lines:
            above.setdefault(min(line.place, len(places) - 1), []).append((line.text, ()))
        if layout.tail:  # the document breaks off: no line after this one
            above[len(places) - 1] = [self._tail(*layout.tail)]
        for place, rows in above.items():
            places[place] = [*rows, *places[place]]
        return chain.from_iterable(places)

    def _block(self, block: Block) -> list[Row]:
        name, shape = block.names[0], _SHAPES.get(block.kind)
        rows = shape(self, block) if shape else self._prints.lines[name]
        space = self._layout.spaces.get(name)
        return rows if space is None else _spaced(rows, space)

    def _copy(self, name: str) -> list[Row]:
        """Return the lines of a copy without marks: the span stays at the first print."""
        return [(text, ()) for text, _ in self._block(line_of(name))]

    def _tail(self, name: str, letters: int) -> Row:
        label = self._prints.label(name)
        return label[: max(1, min(letters, len(label) - 1))], ()

    def _below(self, block: Block) -> list[Row]:
        name = block.names[0]
        return [*self._prints.heading(name), self._prints.value(name)]

    def _broken(self, block: Block) -> list[Row]:
        return self._prints.broken(block.names[0])

    def _hyphened(self, block: Block) -> list[Row]:
        return self._prints.hyphened(block.names[0])

    def _stacked(self, block: Block) -> list[Row]:
        labels = [row for name in block.names for row in self._prints.heading(name)]
        return [*labels, *map(self._prints.value, block.names)]

    def _pairs(self, block: Block) -> list[Row]:
        gap: Row = (" " * block.gap, ())
        first, *others = map(self._pair, block.names)
        return [_joined(first, *(part for pair in others for part in (gap, pair)))]

    def _header(self, block: Block) -> list[Row]:
        labels = [self._prints.label(name) for name in block.names]
        values = [self._prints.value(name) for name in block.names]
        widths = [
            max(len(label), len(value)) + block.gap
            for label, (value, _) in zip(labels, values, strict=True)
        ]
        return [(padded(labels, widths), ()), _aligned(values, widths)]

    def _columns(self, block: Block) -> list[Row]:
        half = (len(block.names) + 1) // 2
        pairs = [self._pair(name) for name in block.names]
        left, right = pairs[:half], pairs[half:]
        width = max(len(text) for text, _ in left) + block.gap
        return [
            _aligned([row, right[at]], [width, 0]) if at < len(right) else row
            for at, row in enumerate(left)
        ]

    def _pair(self, name: str) -> Row:
        """Return label and value of a field that has one line."""
        return self._prints.lines[name][0]


_SHAPES: Final[Mapping[str, Callable[[_Writer, Block], list[Row]]]] = {
    "below": _Writer._below,
    "pairs": _Writer._pairs,
    "header": _Writer._header,
    "columns": _Writer._columns,
    "stacked": _Writer._stacked,
    "broken": _Writer._broken,
    "hyphened": _Writer._hyphened,
}
"""Kind of block to the method that writes it; blocks of kind ``line`` need none."""


def _spaced(rows: list[Row], space: Space) -> list[Row]:
    """Return ``rows`` with white space around them."""
    indent = space.before or space.mark * space.indent
    trailing = space.after + space.mark * space.trailing
    blank: Row = ("", ())
    inside = [(f"{indent}{text}{trailing}", _moved(marks, len(indent))) for text, marks in rows]
    return [*[blank] * space.above, *inside]


def _moved(marks: tuple[Mark, ...], by: int) -> tuple[Mark, ...]:
    return tuple([(name, start + by, end + by) for name, start, end in marks])


def _joined(*rows: Row) -> Row:
    """Return several rows, side by side, as one row."""
    text = ""
    marks: list[Mark] = []
    for part, own in rows:
        marks += _moved(own, len(text))
        text += part
    return text, tuple(marks)


def _aligned(cells: list[Row], widths: list[int]) -> Row:
    """Return several cells as one row; each cell but the last is padded to its width."""
    columns = zip(cells[:-1], widths[:-1], strict=True)
    return _joined(*((text.ljust(width), marks) for (text, marks), width in columns), cells[-1])


def _normalised(row: Row, form: Literal["NFD"]) -> Row:
    """Return the row in a Unicode form, with its marks moved to the new places of the values."""
    text, marks = row
    done, moved, at = "", [], 0
    for name, start, end in marks:
        done += normalize(form, text[at:start])
        value = normalize(form, text[start:end])
        moved.append((name, len(done), len(done) + len(value)))
        done, at = done + value, end
    return done + normalize(form, text[at:]), tuple(moved)
