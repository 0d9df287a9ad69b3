"""Record + layout -> text, where each value stands in it, and the answer that is right."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pytest_slm_autopsy.cases.drawn.layout import CANONICAL_DELIMITER, Block, Layout, Space
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field, Record
from pytest_slm_autopsy.notation.currencies import currency_mark
from pytest_slm_autopsy.notation.day_forms import ISO, print_day
from pytest_slm_autopsy.notation.days import is_open_day
from pytest_slm_autopsy.notation.money_forms import MoneyForm, is_open_amount, print_amount
from pytest_slm_autopsy.records import Value, legible

Row = list[tuple[str, str]]
"""One line in pieces: text, and the field whose value it is, or an empty name."""

WIDE: Final = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
PLAIN: Final = Space()
COLUMNS: Final = ("description", "quantity", "unit_price", "amount")
PLAIN_MONEY: Final = MoneyForm()


@dataclass(frozen=True)
class Document:
    """A written record: its text and the character span of each value."""

    text: str
    spans: Mapping[str, tuple[int, int]]


def write(record: Record, layout: Layout, schema: DocumentSchema) -> Document:
    """Write ``record`` as ``layout`` says.

    Example:
        >>> from pytest_slm_autopsy import DocumentSchema, Field, values
        >>> from pytest_slm_autopsy.cases import canonical
        >>> schema = DocumentSchema("toy", (Field("id", "Number", values.code(("A",), 2)),))
        >>> write({"id": "A-10"}, canonical(schema), schema)
        Document(text='Number: A-10', spans={'id': (8, 12)})
    """
    parts = [layout.start]
    spans: dict[str, tuple[int, int]] = {}
    length, form, end = len(layout.start), layout.unicode_form, layout.line_end
    for number, row in enumerate(_Writer(record, layout, schema).rows()):
        if number:
            parts.append(end)
            length += len(end)
        for piece, name in row:
            text = unicodedata.normalize(form, piece) if form else piece
            if name:
                spans[name] = (spans[name][0] if name in spans else length, length + len(text))
            parts.append(text)
            length += len(text)
    return Document("".join(parts), spans)


def truth(record: Record, layout: Layout, schema: DocumentSchema) -> dict[str, Value]:
    """The right answer: ``None`` for what is not printed, else as the schema wants it."""
    writer = _Writer(record, layout, schema)
    answers: dict[str, Value] = {}
    for field in schema.fields:
        if field.name not in layout.order:
            answers[field.name] = None
        elif field.answer == "normalised":
            answers[field.name] = record[field.name]
        else:
            items = field.kind == "items"
            answers[field.name] = legible(
                writer.items(field.name) if items else writer.value(field)
            )
    return answers


def ambiguous_fields(record: Record, layout: Layout, schema: DocumentSchema) -> list[str]:
    """Printed fields whose plain value is asked for, and left open by the print."""
    writer = _Writer(record, layout, schema)
    return [
        field.name
        for field in schema.fields
        if field.answer == "normalised"
        and field.name in layout.order
        and (
            (
                field.kind == "date"
                and is_open_day(record[field.name], layout.dates.get(field.name, ISO))
            )
            or (field.kind == "money" and is_open_amount(writer.value(field)))
        )
    ]


class _Writer:
    """One document, line by line."""

    def __init__(self, record: Record, layout: Layout, schema: DocumentSchema) -> None:
        self._record, self._layout, self._schema = record, layout, schema
        self._fields = schema.by_name
        self._plain = not (layout.dates or layout.money or layout.wide)

    def rows(self) -> list[Row]:
        """Every line from top to bottom."""
        blocks = self._layout.arranged()
        copies = [Block("line", (name,)) for name in self._layout.copies]
        last = len(blocks) + len(copies)
        extra: dict[int, list[Row]] = {}
        for line in self._layout.lines:
            extra.setdefault(min(line.place, last), []).append([(line.text, "")])
        rows: list[Row] = []
        for place, block in enumerate(blocks):
            rows += extra.get(place, ())
            rows += self._block(block)
        for place, block in enumerate(copies, len(blocks)):
            rows += extra.get(place, ())
            rows += ([(text, "") for text, _ in row] for row in self._block(block))
        if self._layout.tail:  # it breaks off here: no more lines
            name, letters = self._layout.tail
            label = self._label(self._fields[name])
            return [*rows, [(label[: max(1, min(letters, len(label) - 1))], "")]]
        return rows + extra.get(last, [])

    def value(self, field: Field) -> str:
        """A value as printed, without its currency."""
        text = str(self._record[field.name])
        if self._plain:
            return text
        if field.kind == "date" and field.name in self._layout.dates:
            text = print_day(text, self._layout.dates[field.name], self._layout.language)
        elif field.kind == "money" and field.name in self._layout.money:
            text = print_amount(text, self._layout.money[field.name])
        return text.translate(WIDE) if field.name in self._layout.wide else text

    def items(self, name: str) -> list[dict[str, str]]:
        """The rows of a table as printed."""
        form = self._layout.money.get(name, PLAIN_MONEY)
        rows: list[dict[str, str]] = self._record[name]
        money = ("unit_price", "amount")
        return [
            {key: print_amount(row[key], form) if key in money else row[key] for key in row}
            for row in rows
        ]

    def _block(self, block: Block) -> list[Row]:
        rows: list[Row] = getattr(self, f"_{block.kind}")(block)
        space = self._layout.spaces.get(block.names[0])
        if space is None:
            return rows
        indent, trailing = (space.mark * space.indent, ""), (space.mark * space.trailing, "")
        return [*([] for _ in range(space.above)), *([indent, *row, trailing] for row in rows)]

    def _line(self, block: Block) -> list[Row]:
        field = self._fields[block.names[0]]
        return self._table(field) if field.kind == "items" else [self._pair(field)]

    def _below(self, block: Block) -> list[Row]:
        field = self._fields[block.names[0]]
        delimiter = self._delimiter(field.name).rstrip()
        label = self._label(field)
        head: list[Row] = [[(f"{label}{delimiter}", "")]] if label else []
        return [*head, self._valued(field)]

    def _pairs(self, block: Block) -> list[Row]:
        row: Row = []
        for name in block.names:
            if row:
                row.append((" " * block.gap, ""))
            row += self._pair(self._fields[name])
        return [row]

    def _header(self, block: Block) -> list[Row]:
        fields = [self._fields[name] for name in block.names]
        labels = [self._label(field) for field in fields]
        values = [self._valued(field) for field in fields]
        widths = [
            max(len(label), sum(len(text) for text, _ in value)) + block.gap
            for label, value in zip(labels, values, strict=True)
        ]
        head = "".join(label.ljust(w) for label, w in zip(labels, widths, strict=True)).rstrip()
        return [[(head, "")], _aligned(values, widths)]

    def _columns(self, block: Block) -> list[Row]:
        half = (len(block.names) + 1) // 2
        pairs = [self._pair(self._fields[name]) for name in block.names]
        left, right = pairs[:half], pairs[half:]
        width = max(sum(len(text) for text, _ in row) for row in left) + block.gap
        return [
            _aligned([row, right[at]], [width, 0]) if at < len(right) else row
            for at, row in enumerate(left)
        ]

    def _pair(self, field: Field) -> Row:
        label = self._label(field)
        if not label:
            return self._valued(field)
        space = self._layout.spaces.get(field.name, PLAIN)
        delimiter = self._delimiter(field.name) + space.mark * space.inside
        return [(f"{label}{delimiter}", ""), *self._valued(field)]

    def _valued(self, field: Field) -> Row:
        """The value with the currency before or after it."""
        value = (self.value(field), field.name)
        form = self._layout.money.get(field.name)
        if form is None or form.currency not in ("before", "after"):
            return [value]
        mark = (self._currency(form), "")
        gap = ("" if form.symbol and form.currency == "before" else " ", "")
        return [mark, gap, value] if form.currency == "before" else [value, gap, mark]

    def _table(self, field: Field) -> list[Row]:
        label = self._label(field)
        table: list[Row] = [[(label + self._delimiter(field.name).rstrip(), "")]] if label else []
        rows = [[row[key] for key in COLUMNS] for row in self.items(field.name)]
        head = [key.replace("_", " ").title() for key in COLUMNS]
        widths = [max(len(row[i]) for row in (head, *rows)) + 3 for i in range(len(COLUMNS))]
        for number, row in enumerate((head, *rows)):
            cells = "".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip()
            table.append([(cells, field.name if number else "")])
        return table

    def _label(self, field: Field) -> str:
        label = self._layout.labels.get(field.name, field.label)
        form = self._layout.money.get(field.name)
        if label and form and form.currency == "label" and field.kind == "money":
            return f"{label} ({self._currency(form)})"
        return label

    def _delimiter(self, name: str) -> str:
        return self._layout.delimiters.get(name, CANONICAL_DELIMITER)

    def _currency(self, form: MoneyForm) -> str:
        stated = self._schema.of_kind("currency")
        code = self._record[stated[0]] if stated else "EUR"
        return currency_mark(code, form.locale, form.symbol)


def _aligned(cells: list[Row], widths: list[int]) -> Row:
    """Cells side by side, each padded to its width but the last."""
    row: Row = []
    for cell, width in zip(cells[:-1], widths, strict=False):
        used = sum(len(text) for text, _ in cell)
        row += [*cell, (" " * (width - used), "")]
    return row + cells[-1]
