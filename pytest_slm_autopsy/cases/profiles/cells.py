"""What was found in a document: its lines, its printed fields, and which shifts they show."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from pytest_slm_autopsy.cases.profiles.open_forms import Form
from pytest_slm_autopsy.cases.schemas.label_index import Hit

LONGEST_LINE: Final = 2000
"""Characters of a line that are read."""

SEGMENT: Final = re.compile(r"[^\s|]+(?: [^\s|]+)*")
"""What stands between two gaps of a line."""

_PLAIN: Final = {
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"), " "),
    **dict.fromkeys(map(ord, "\u200b\u00ad\ufeff\f")),
    **{ord("\uff10") + digit: str(digit) for digit in range(10)},
}
_UNPLAIN: Final = re.compile(f"[{''.join(map(chr, _PLAIN))}]")


@dataclass(slots=True)
class Cell:
    """One printed field: ``mark`` stands between label and value.

    ``place`` is ``line``, ``below``, ``header`` or ``title``; without a ``hit`` the value stands
    alone. ``start`` and ``end`` are columns of its line.
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


@dataclass(slots=True)
class Found:
    """What a document shows: each field's first cell in reading order, and what was printed again.

    ``used`` are the numbers of the lines that hold part of a cell.
    """

    lines: list[str]
    cells: list[Cell] = field(default_factory=list)
    copies: list[Cell] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


def clean(text: str) -> list[str]:
    """Lines with composed accents, plain spaces and plain digits; tabs stay."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = text.translate(_PLAIN) if _UNPLAIN.search(text) else text
    return [line[:LONGEST_LINE] for line in text.split("\n")]


@dataclass(slots=True)
class Seen:
    """Of one document: axis to (severity, line), and (kind, form) to (times, first line).

    ``hidden`` axes could not be told: nothing, or too little, is there to show them.
    """

    axes: dict[str, tuple[float, int]] = field(default_factory=dict)
    forms: dict[tuple[str, Form], tuple[int, int]] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)

    def shift(self, axis: str, touched: float, of: float, line: int = -1) -> None:
        """The axis touched so many things of so many; none is no shift."""
        if touched:
            self.axes[axis] = (min(1.0, touched / max(of, 1)), line)

    def form(self, kind: str, form: Form, line: int = -1) -> None:
        """A form was printed once more."""
        times, first = self.forms.get((kind, form), (0, line))
        self.forms[kind, form] = (times + 1, first)
        self.kinds.add(kind)
