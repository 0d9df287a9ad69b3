"""How a record is written: record + layout -> text, and where each value stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pytest_slm_autopsy.cases.schema import DocumentSchema

CANONICAL_DELIMITER: Final = ": "


@dataclass(frozen=True)
class Space:
    """White space around one line of a document, in characters and blank lines."""

    above: int = 0
    indent: int = 0
    inside: int = 0
    trailing: int = 0


@dataclass(frozen=True)
class Layout:
    """Order, delimiters and white space of a document.

    ``order`` names the printed fields from top to bottom; a field left out is missing from the
    document. ``delimiters`` and ``spaces`` hold only what differs from the canonical layout.
    """

    order: tuple[str, ...]
    delimiters: Mapping[str, str] = field(default_factory=dict)
    spaces: Mapping[str, Space] = field(default_factory=dict)


@dataclass(frozen=True)
class Document:
    """A written record: its text and the character span of each value."""

    text: str
    spans: Mapping[str, tuple[int, int]]


def canonical(schema: DocumentSchema) -> Layout:
    """The plainest layout: every field on its own line, in the schema's order, ``Label: value``."""
    return Layout(order=schema.names)


def write(record: Mapping[str, str], layout: Layout, schema: DocumentSchema) -> Document:
    """Write ``record`` as ``layout`` says.

    Example:
        >>> from pytest_slm_autopsy import DocumentSchema, Field, values
        >>> schema = DocumentSchema("toy", (Field("id", "Number", values.code(("A",), 2)),))
        >>> write({"id": "A-10"}, canonical(schema), schema)
        Document(text='Number: A-10', spans={'id': (8, 12)})
    """
    lines: list[str] = []
    spans: dict[str, tuple[int, int]] = {}
    length = 0
    for name in layout.order:
        space = layout.spaces.get(name, Space())
        delimiter = layout.delimiters.get(name, CANONICAL_DELIMITER)
        before = "\n" * space.above + " " * space.indent + schema.labels[name]
        before += delimiter + " " * space.inside
        start = length + len(before)
        spans[name] = (start, start + len(record[name]))
        lines.append(before + record[name] + " " * space.trailing)
        length += len(lines[-1]) + 1
    return Document("\n".join(lines), spans)
