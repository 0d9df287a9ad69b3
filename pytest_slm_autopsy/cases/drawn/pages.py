"""Pages: what one document of a pile looked like as a whole.

A page keeps together what one document shows together: the fields that it prints, under which
labels and with which marks, in which order and rows, its forms of days and amounts, its language
and country, and where its other lines stand. It holds patterns, and no word of the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pytest_slm_autopsy.records import Record


class Printed(NamedTuple):
    """A field as a page prints it; its label is one of the package's own, or empty.

    ``row`` counts the rows of fields, ``place`` is ``line``, ``below``, ``header`` or ``title``.
    ``indent`` is the white space before it, ``gap`` that behind the field before; ``before`` and
    ``after`` are the patterns of what stands to the left and to the right of it.
    """

    field: str
    label: str
    mark: str
    place: str
    row: int
    indent: int = 0
    gap: int = 4
    trailing: int = 0
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Page(Record):
    """The looks of one document.

    ``axes`` maps the shift axes that it shows to severities. ``forms`` are those of its days and
    amounts, ``case`` that of its letters. ``lines`` are pairs of the number of rows of fields
    above a line, and its pattern. ``currency`` is one that is not the country's own.
    """

    axes: Mapping[str, float]
    printed: tuple[Printed, ...]
    lines: tuple[tuple[int, str], ...] = ()
    forms: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    country: str = ""
    currency: str = ""
    case: str = ""
    upper: bool = False


def axis_of(pattern: str) -> str:
    """Return the axis that a line of a pattern shows."""
    if "{" not in pattern:
        return "rules"
    foreign = any(f"{{label {use}:" in pattern for use in ("amount", "code", "day", "count"))
    return "distractors" if foreign else "boilerplate"
