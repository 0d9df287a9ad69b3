"""Findings in one document: its lines, its printed fields, and the shifts that they show."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from pytest_slm_autopsy.cases.profiles.open_forms import Form
from pytest_slm_autopsy.cases.schemas.label_index import Hit
from pytest_slm_autopsy.records import SPACES

LONGEST_LINE: Final = 2000
"""Characters of a line that are read."""

SEGMENT: Final = re.compile(r"[^\s|]+(?: [^\s|]+)*")
"""What stands between two gaps of a line."""

_PLAIN: Final = {
    **dict.fromkeys(map(ord, SPACES), " "),
    **dict.fromkeys(map(ord, "\u200b\u00ad\ufeff\f")),
    **{ord("\uff10") + digit: str(digit) for digit in range(10)},
}
_UNPLAIN: Final = re.compile(f"[{''.join(map(chr, _PLAIN))}]")


@dataclass(slots=True)
class Cell:
    """One printed field; ``mark`` stands between its label and its value.

    ``place`` is ``line``, ``below``, ``header`` or ``title``. A value without a label
    has no ``hit``. ``start`` and ``end`` are columns of the line.
    """

    field: str
    line: int
    start: int
    end: int
    value: str
    hit: Hit | None = None
    mark: str = ""
    currency: str = ""
    place: str = "line"

    def on(self, line: int) -> Cell:
        """Return a copy of this cell on another line."""
        return Cell(
            self.field, line, self.start, self.end, self.value, self.hit, self.mark, self.currency,
            self.place,
        )  # fmt: skip


@dataclass(slots=True)
class Sighting:
    """The printed fields of a document: the first cell of each in reading order, and its copies.

    ``used`` has the numbers of all lines that hold part of a cell, ``broken`` those that a scan
    broke and that are whole again, ``between`` those between two pages.
    """

    lines: list[str]
    cells: list[Cell] = field(default_factory=list)
    copies: list[Cell] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    broken: set[int] = field(default_factory=set)
    between: set[int] = field(default_factory=set)

    def is_blank(self, number: int) -> bool:
        """Tell whether a line is blank by itself, and not because of a scan or a page break."""
        made = number in self.between or number - 1 in self.broken
        return not made and not self.lines[number].strip()


def clean(text: str) -> list[str]:
    """Split a text into lines with accents, spaces and digits normalised; tabs stay.

    A line is cut at ``LONGEST_LINE`` characters.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = text.translate(_PLAIN) if _UNPLAIN.search(text) else text
    return [line[:LONGEST_LINE] for line in text.split("\n")]


@dataclass(slots=True)
class Seen:
    """The shifts and forms that one document shows.

    ``axes`` maps an axis to (severity, line), ``forms`` maps (kind, form) to (times, first line).
    ``hidden`` has the axes that this document has too little to show, ``labels`` the labels of its
    fields as they are drawn.
    """

    axes: dict[str, tuple[float, int]] = field(default_factory=dict)
    forms: dict[tuple[str, Form], tuple[int, int]] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    labels: dict[str, str] = field(default_factory=dict)

    def shift(self, axis: str, touched: float, of: float, line: int = -1) -> None:
        """Note that an axis touched ``touched`` of ``of`` things; zero is not noted."""
        if touched:
            self.axes[axis] = (min(1.0, touched / max(of, 1)), line)

    def form(self, kind: str, form: Form, line: int = -1, more: int = 1) -> None:
        """Count one more print of a form, or ``more``."""
        times, first = self.forms.get((kind, form), (0, line))
        self.forms[kind, form] = (times + more, first)
        self.kinds.add(kind)
