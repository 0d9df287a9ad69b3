"""The prints of each field under one layout: value, label, currency, lines, right answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from pytest_slm_autopsy.cases.drawn.delimiters import CANONICAL
from pytest_slm_autopsy.cases.drawn.layout import Layout, Space
from pytest_slm_autopsy.cases.drawn.phrases import phrases
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field, Record
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.notation.dates.day_forms import ISO, print_day
from pytest_slm_autopsy.notation.dates.days import is_open_day
from pytest_slm_autopsy.notation.figures.currencies import currency_mark
from pytest_slm_autopsy.notation.figures.money_forms import MoneyForm, is_open_amount, print_amount
from pytest_slm_autopsy.records import Value, legible

Mark = tuple[str, int, int]
"""A field, and the start and end of its value in a row."""

Row = tuple[str, tuple[Mark, ...]]
"""One line of a document: its text, and the marks of the values in it."""

_LONG_WORD: Final = re.compile(r"[^\W\d_]{6,}")
WIDE: Final = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
PLAIN: Final = Space()
PLAIN_MONEY: Final = MoneyForm()
COLUMNS: Final = ("description", "quantity", "unit_price", "amount")
MONEY_COLUMNS: Final = ("unit_price", "amount")


class Prints:
    """The prints of one record under one layout.

    ``values`` maps a field to its printed value without currency, or to the printed rows of a
    table. ``lines`` maps a field to its label and value on lines of their own. ``answers`` maps a
    field to the right answer if the field is printed. ``plain`` holds the prints of the same record
    under the canonical layout: with it, only the fields that ``layout`` changes are printed anew.
    """

    def __init__(
        self, record: Record, layout: Layout, schema: DocumentSchema, plain: Prints | None = None
    ) -> None:
        self._record, self._layout, self._schema = record, layout, schema
        self.values: dict[str, Any] = plain.values if plain else {}
        self.lines: dict[str, list[Row]] = plain.lines if plain else {}
        self.answers: dict[str, Value] = plain.answers if plain else dict.fromkeys(schema.names)
        tables = schema.of_kind("items")
        values, lines = _changed(layout, tables) if plain else (schema.names, schema.names)
        if known := [name for name in values if name in record]:
            self.values = self.values | {name: self._value(name) for name in known}
            self.answers = self.answers | {name: self._answer(name) for name in known}
        if known := [name for name in lines if name in record]:
            self.lines = self.lines | {name: self._lines(name) for name in known}

    def truth(self) -> dict[str, Value]:
        """Return the right answer: ``None`` for a field that is not printed."""
        return self.answers | dict.fromkeys(self.answers.keys() - self._layout.order)

    def ambiguous(self) -> tuple[str, ...]:
        """Return the printed fields whose print leaves open the plain value that is asked for."""
        return tuple(
            field.name
            for field in self._schema.asked_plain
            if field.name in self._layout.order and self._is_open(field)
        )

    def label(self, name: str) -> str:
        """Return the label of a field, with the currency if the layout puts it in the label."""
        field = self._schema.by_name[name]
        label = self._layout.labels.get(name, field.label)
        form = self._layout.money.get(name)
        if label and form and form.currency == "label" and field.kind == "money":
            return f"{label} ({self._currency(form)})"
        return label

    def heading(self, name: str) -> list[Row]:
        """Return the label on a line of its own; no line for an empty label."""
        label = self.label(name)
        return [(f"{label}{self._delimiter(name).rstrip()}", ())] if label else []

    def hyphened(self, name: str) -> list[Row]:
        """Return the label cut within its longest word, and the rest of the line below."""
        label = self.label(name)
        at = hyphen_place(label)
        return [(f"{label[:at]}-", ()), self.value(name, label[at:] + self._delimiter(name))]

    def broken(self, name: str) -> list[Row]:
        """Return the label, and its mark and value on a line below."""
        return [(self.label(name), ()), self.value(name, self._delimiter(name).lstrip())]

    def value(self, name: str, before: str = "") -> Row:
        """Return the value with its currency, after ``before`` on the same line."""
        value, after, form = self.values[name], "", self._layout.money.get(name)
        if form and form.currency == "before":
            before += f"{self._currency(form)}{'' if form.symbol else ' '}"
        elif form and form.currency == "after":
            after = f" {self._currency(form)}"
        elif time := self._layout.times.get(name):
            first, _, after = time.partition("{}")
            before += first
        start = len(before)
        return f"{before}{value}{after}", ((name, start, start + len(value)),)

    def _lines(self, name: str) -> list[Row]:
        if self._schema.by_name[name].kind == "items":
            return [*self.heading(name), *_table(name, self.values[name], self._heads())]
        before = self.label(name)
        if before:
            space = self._layout.spaces.get(name, PLAIN)
            before += self._delimiter(name) + space.mark * space.inside
        return [self.value(name, before)]

    def _heads(self) -> Sequence[str]:
        """Return the heads of a table of items."""
        language = self._layout.language if self._layout.translated else "en"
        return phrases(language, "heads") or phrases("en", "heads")

    def _value(self, name: str) -> str | list[dict[str, str]]:
        kind, value, layout = self._schema.by_name[name].kind, self._record[name], self._layout
        if kind == "items":
            return _rows(value, layout.money.get(name, PLAIN_MONEY))
        text = str(value)
        if kind == "date" and name in layout.dates:
            text = print_day(text, layout.dates[name], layout.language)
            text = text.upper() if layout.capitals else text
        elif kind == "money" and name in layout.money:
            text = print_amount(text, layout.money[name])
        return text.translate(WIDE) if name in layout.wide else text

    def _answer(self, name: str) -> Value:
        plain = self._schema.by_name[name].answer == "normalised"
        answer: Value = self._record[name] if plain else legible(self.values[name])
        return answer

    def _is_open(self, field: Field) -> bool:
        if field.kind == "date":
            form = self._layout.dates.get(field.name, ISO)
            return is_open_day(self._record[field.name], form)
        return field.kind == "money" and is_open_amount(self.values[field.name])

    def _delimiter(self, name: str) -> str:
        return self._layout.delimiters.get(name, CANONICAL)

    def _currency(self, form: MoneyForm) -> str:
        stated = self._schema.of_kind("currency")
        code = self._record[stated[0]] if stated else self._layout.currency or "EUR"
        sign = self._layout.sign if form.symbol and code == self._layout.currency else ""
        return sign or currency_mark(code, form.locale, form.symbol)


def _changed(layout: Layout, tables: Sequence[str]) -> tuple[set[str], set[str]]:
    """Return the fields with a changed value, and the fields with any changed print."""
    values = {*layout.dates, *layout.money, *layout.wide}
    lines = {*values, *layout.times, *layout.labels, *layout.delimiters, *layout.spaces}
    return values, lines | {*tables} if layout.translated else lines


def hyphen_place(label: str) -> int:
    """Return where a line may end within a label; 0 where it has no word of six letters."""
    word = max(_LONG_WORD.finditer(label), key=lambda one: len(one.group()), default=None)
    return (word.start() + word.end()) // 2 if word else 0


def padded(cells: list[str], widths: list[int]) -> str:
    """Return the text of cells in columns, without trailing spaces."""
    columns = zip(cells, widths, strict=True)
    return "".join(cell.ljust(width) for cell, width in columns).rstrip()


def _rows(rows: list[dict[str, str]], form: MoneyForm) -> list[dict[str, str]]:
    return [
        {key: print_amount(row[key], form) if key in MONEY_COLUMNS else row[key] for key in row}
        for row in rows
    ]


def _table(name: str, rows: list[dict[str, str]], heads: Sequence[str]) -> list[Row]:
    """Return the lines of a table: its head, then its rows; only the rows are the value."""
    head = list(heads)
    if wrong := next((row for row in rows if {*row} != {*COLUMNS}), None):
        raise CaseError(
            f"a row of {name!r} has the columns {', '.join(wrong)}; drawn tables have "
            f"{', '.join(COLUMNS)}: draw rows by values.items, or rewrite documents of your own"
        )
    cells = [[row[key] for key in COLUMNS] for row in rows]
    widths = [max(map(len, column)) + 3 for column in zip(head, *cells, strict=True)]
    texts = [padded(row, widths) for row in cells]
    return [(padded(head, widths), ()), *((text, ((name, 0, len(text)),)) for text in texts)]
