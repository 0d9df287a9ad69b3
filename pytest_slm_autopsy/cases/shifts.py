"""The shift axes: named, graded changes of a layout that keep the meaning, in one table.

A shift maps axis names to severities above 0 and up to 1. At severity ``s`` an axis touches about
``s`` of what it can touch, and always at least one thing: a shifted case is never its own twin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, distinct, pick
from pytest_slm_autopsy.cases.layout import Layout, Space
from pytest_slm_autopsy.cases.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError, nearest

Shift = Mapping[str, float]
Apply = Callable[[Layout, DocumentSchema, float, Choices], Layout]

DELIMITERS: Final = (" : ", ":", " = ", " - ", " | ", "\t", "    ", " .... ")


@dataclass(frozen=True)
class Axis:
    """One independent kind of shift."""

    name: str
    summary: str
    apply: Apply


def _missing(layout: Layout, schema: DocumentSchema, severity: float, choices: Choices) -> Layout:
    optional = [name for name in layout.order if name in schema.optional]
    if not optional:
        raise CaseError(
            f"schema {schema.name!r} has no optional field, so none can be missing; "
            "mark one with optional=True or leave the axis 'missing' out"
        )
    gone = distinct(choices, optional, math.ceil(severity * len(optional)))
    return replace(layout, order=tuple(name for name in layout.order if name not in gone))


def _order(layout: Layout, schema: DocumentSchema, severity: float, choices: Choices) -> Layout:
    order = list(layout.order)
    if len(order) < 2:
        raise CaseError(
            f"a document of schema {schema.name!r} with one field has no other order; "
            "leave the axis 'order' out"
        )
    moves = min(len(order) - 1, math.ceil(severity * len(order)))
    for place in range(moves):
        # The first field always moves, so that the order really changes.
        least = 1 if place == 0 else 0
        other = place + least + choices.below(len(order) - place - least)
        order[place], order[other] = order[other], order[place]
    return replace(layout, order=tuple(order))


def _delimiters(
    layout: Layout, schema: DocumentSchema, severity: float, choices: Choices
) -> Layout:
    touched = distinct(choices, layout.order, math.ceil(severity * len(layout.order)))
    delimiters = {name: pick(choices, DELIMITERS) for name in touched}
    return replace(layout, delimiters=delimiters)


def _whitespace(
    layout: Layout, schema: DocumentSchema, severity: float, choices: Choices
) -> Layout:
    touched = distinct(choices, layout.order, math.ceil(severity * len(layout.order)))
    return replace(layout, spaces={name: _space(choices) for name in touched})


def _space(choices: Choices) -> Space:
    indent = 1 + choices.below(6)
    inside, trailing = pick(choices, (0, 0, 1, 2, 4)), pick(choices, (0, 0, 1, 3))
    return Space(pick(choices, (0, 0, 0, 1, 2)), indent, inside, trailing)


AXES: Final[Mapping[str, Axis]] = {
    axis.name: axis
    for axis in (
        Axis("missing", "optional fields are not in the document", _missing),
        Axis("order", "fields stand in another order", _order),
        Axis("delimiters", "other marks between label and value, mixed", _delimiters),
        Axis("whitespace", "indents, runs, trailing spaces, blank lines", _whitespace),
    )
}
"""In the order they are applied: fields go before they move, and move before they are marked."""


def applicable(schema: DocumentSchema) -> list[str]:
    """The axes that can shift a document of ``schema``, together."""
    left = len(schema.names) - len(schema.optional)
    unfit = {"missing": not schema.optional or left < 1, "order": left < 2}
    return [name for name in AXES if not unfit.get(name)]


def check_shift(shift: Shift) -> None:
    """Raise ``CaseError`` for an unknown axis or a severity outside 0 to 1."""
    for name, severity in shift.items():
        if name not in AXES:
            raise CaseError(f"unknown shift axis {name!r}; {nearest(name, AXES)}")
        if not 0 < severity <= 1:
            raise CaseError(
                f"severity of axis {name!r} is {severity:g}; it must be above 0 and at most 1"
            )


def shifted(layout: Layout, schema: DocumentSchema, shift: Shift, choices: Choices) -> Layout:
    """Apply every axis of ``shift`` to ``layout``, in the table's order."""
    check_shift(shift)
    for name, axis in AXES.items():
        if name in shift:
            layout = axis.apply(layout, schema, shift[name], choices)
    return layout
