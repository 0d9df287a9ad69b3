"""Layouts: the looks of a document, apart from its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.notation.figures.money_forms import MoneyForm


@dataclass(frozen=True)
class Space:
    """White space around one line of a document, in characters and blank lines.

    ``mark`` is the character that is repeated: plain space, no-break space, tab, ... ``before`` is
    a text without a field that stands in place of the indent, ``after`` one behind the value.
    """

    above: int = 0
    indent: int = 0
    inside: int = 0
    trailing: int = 0
    mark: str = " "
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Block:
    """Neighbouring fields that share their lines.

    ``below``: a label, and its value on the next line. ``header``: a row of labels above a row of
    values. ``pairs``: several fields on one row. ``columns``: two stacks of fields side by side.
    ``stacked``: all labels, then all values, as columns are read one after the other. ``broken``: a
    label, and its mark and value on the next line. ``hyphened``: a line that ends within the label.
    """

    kind: Literal["line", "below", "header", "pairs", "columns", "stacked", "broken", "hyphened"]
    names: tuple[str, ...]
    gap: int = 4


@lru_cache(maxsize=1024)
def line_of(name: str) -> Block:
    """Return the block of a field that has a line of its own."""
    return Block("line", (name,))


@dataclass(frozen=True)
class Line:
    """A line without a field, printed above block number ``place``.

    A ``place`` beyond the last block puts the line at the end.
    """

    place: int
    text: str


@dataclass(frozen=True)
class Layout:
    """The looks of a document; mappings hold only what differs from the canonical layout.

    ``order`` names the printed fields from top to bottom; other fields are missing from the
    document. A field with the label ``""`` is printed without one. ``dates`` and ``money`` are
    printed forms, ``times`` what stands around a day: ``{} 20:49``. ``wide`` fields have full-width
    digits. ``copies`` are printed again at the end. ``currency`` is the code that amounts are
    printed with, if no field states one; ``sign`` is its local sign, such as ``RM``. ``capitals``
    prints the names of months in capitals, ``translated`` the heads of tables in ``language``.
    ``tail`` is the last line of a truncated document: a field, and the letters left of its label.
    """

    order: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    delimiters: Mapping[str, str] = field(default_factory=dict)
    spaces: Mapping[str, Space] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=dict)
    money: Mapping[str, MoneyForm] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)
    wide: frozenset[str] = frozenset()
    blocks: tuple[Block, ...] = ()
    lines: tuple[Line, ...] = ()
    copies: tuple[str, ...] = ()
    tail: tuple[str, int] | None = None
    language: str = "en"
    currency: str = ""
    sign: str = ""
    capitals: bool = False
    translated: bool = False
    start: str = ""
    line_end: str = "\n"
    unicode_form: Literal["", "NFD"] = ""

    def but(self, **parts: Any) -> Layout:
        """Return this layout with other ``parts``.

        The other parts are copied at once: ``dataclasses.replace`` takes six times as long,
        because it sets one part after the other, and every axis makes a layout.
        """
        if unknown := parts.keys() - vars(self).keys():
            raise TypeError(f"a layout has no {', '.join(sorted(unknown))}")
        other = object.__new__(Layout)
        vars(other).update(vars(self), **parts)
        return other

    def arranged(self) -> list[Block]:
        """Return all blocks from top to bottom; a field outside ``blocks`` gets its own line."""
        if not self.blocks:
            return [*map(line_of, self.order)]
        starts = {block.names[0]: block for block in self.blocks}
        inside = {name for block in self.blocks for name in block.names}
        return [
            starts.get(name) or line_of(name)
            for name in self.order
            if name in starts or name not in inside
        ]

    def free(self) -> list[tuple[str, ...]]:
        """Return runs of neighbouring fields that are in no block yet."""
        runs: list[tuple[str, ...]] = [()]
        for block in self.arranged():
            if block.kind == "line":
                runs[-1] = (*runs[-1], *block.names)
            else:
                runs.append(())
        return [run for run in runs if run]


def canonical(schema: DocumentSchema) -> Layout:
    """Return the plainest layout: ``Label: value``, a line a field, in the schema's order."""
    return Layout(order=schema.names)
