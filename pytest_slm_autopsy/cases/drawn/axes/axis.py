"""What every shift axis is made of, and what it may look at."""

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
    """What is to be written, and what the axes draw from.

    ``ambiguous`` permits prints that leave the plain value open. ``plain`` are the record's prints
    under the canonical layout, where many layouts share them.
    """

    schema: DocumentSchema
    record: Record
    ambiguous: bool = False
    habits: Habits = NO_HABITS
    plain: Prints | None = None


Apply = Callable[[Layout, Sheet, float, Choices], Layout]
"""Shifts a layout: about as much as the severity says of what it can touch, and at least a bit."""


@dataclass(frozen=True)
class Axis:
    """One independent kind of shift.

    ``rate`` is the share of real documents that show it. ``unfit`` says why a schema's documents
    can't be shifted along it, or nothing. Axes with ``takes`` share the document's lines: each
    needs so many neighbouring fields for itself.
    """

    name: str
    summary: str
    apply: Apply
    rate: float
    unfit: Callable[[DocumentSchema], str] = lambda schema: ""
    takes: int = 0


def some(choices: Choices, names: Sequence[str], severity: float, of: int = 0) -> list[str]:
    """The fields a severity touches: its share of ``of`` fields (default: of these), drawn."""
    return choices.subset(names, min(len(names), share(severity, of or len(names))))
