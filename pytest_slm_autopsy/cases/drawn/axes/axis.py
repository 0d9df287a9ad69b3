"""The parts of a shift axis, and the sheet that an axis reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pytest_slm_autopsy.cases.choices import Choices, share
from pytest_slm_autopsy.cases.drawn.habits import NO_HABITS, Habits
from pytest_slm_autopsy.cases.drawn.layout import Layout
from pytest_slm_autopsy.cases.drawn.prints import Prints
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Record


@dataclass(frozen=True)
class Sheet:
    """A record to write, and the habits that the axes draw from.

    ``ambiguous`` permits prints that can be read in two ways. ``plain`` holds the record's prints
    under the canonical layout, when many layouts share them.
    """

    schema: DocumentSchema
    record: Record
    ambiguous: bool = False
    habits: Habits = NO_HABITS
    plain: Prints | None = None


Apply = Callable[[Layout, Sheet, float, Choices], Layout]
"""Shift a layout: touch about the severity's share of the things in reach, and at least one."""


@dataclass(frozen=True)
class Axis:
    """One independent kind of shift.

    ``rate`` is the share of real documents that show this shift. ``unfit`` returns the reason why
    the axis does not fit a schema, or an empty text. ``takes`` is the number of neighbouring fields
    that the axis needs for itself: such axes share the lines of the document.
    """

    name: str
    summary: str
    apply: Apply
    rate: float
    unfit: Callable[[DocumentSchema], str] = lambda schema: ""
    takes: int = 0


def some(choices: Choices, names: Sequence[str], severity: float, of: int = 0) -> list[str]:
    """Draw the fields that ``severity`` touches: its share of ``of`` fields, or of ``names``."""
    return choices.subset(names, min(len(names), share(severity, of or len(names))))
