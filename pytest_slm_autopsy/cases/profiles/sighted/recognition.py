"""Recognition of documents of a schema: other texts have a day and a sender, too."""

from __future__ import annotations

from typing import Final

from pytest_slm_autopsy.cases.profiles.sighted.cells import Cell, Sighting
from pytest_slm_autopsy.cases.profiles.sighted.sightings import FREE_KINDS
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema

TELLING_KINDS: Final = ("code", "money", "items")
"""Kinds of fields that letters and logs seldom have under a label."""


def recognised(found: Sighting, schema: DocumentSchema) -> bool:
    """Tell whether a document shows enough fields of the schema."""
    sure = {cell.field for cell in found.cells if _sure(cell, schema)}
    telling = schema.of_kind(*TELLING_KINDS) or schema.names
    return len(found.cells) >= _least(schema) and not sure.isdisjoint(telling)


def needs(schema: DocumentSchema) -> str:
    """Return in words what a document must show."""
    many = _least(schema) > 1
    fields = f"shows {'two fields' if many else 'a field'} of the schema {schema.name!r}"
    told = "one of them a labelled code or amount" if many else "a labelled code or amount"
    return (
        f"{fields}, {told}" if schema.of_kind(*TELLING_KINDS) else f"{fields} under a known label"
    )


def _least(schema: DocumentSchema) -> int:
    """Return how many fields a document must show: two, or all required ones if they are fewer."""
    return min(2, max(1, len(schema.names) - len(schema.optional)))


def _sure(cell: Cell, schema: DocumentSchema) -> bool:
    """Tell whether a cell is surely a field: words behind a label may be a sentence."""
    if cell.hit is None or cell.mark not in ("", " "):
        return cell.hit is not None
    kind = schema.by_name[cell.field].kind
    return kind not in FREE_KINDS and (kind != "code" or " " not in cell.value)
