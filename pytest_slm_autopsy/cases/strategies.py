"""Hypothesis strategies for documents and their shifts.

They shrink in this order: to fewer axes, to lower severities, to the plainest choices on each
axis, to the plainest record. The ``repr`` of a case is code that rebuilds the case.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from hypothesis import strategies as st

from pytest_slm_autopsy.cases.blocks import EACH, SHARED, BlockChoices
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet
from pytest_slm_autopsy.cases.drawn.habits import NO_HABITS, Habits
from pytest_slm_autopsy.cases.drawn.layout import Layout
from pytest_slm_autopsy.cases.drawn.shifts import (
    AXES,
    Shift,
    applicable,
    check_fit,
    check_shift,
    sharing,
    shifted,
)
from pytest_slm_autopsy.cases.drawn.suites import fill
from pytest_slm_autopsy.cases.profiles.profile import FormatProfile
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case

# The mildest severity touches one thing: a failure shrinks to the one thing that causes it.
SEVERITIES: Final = (0.05, 0.25, 0.5, 1.0)
# A first byte below this ends the list of axes; the list then has three axes on average.
END: Final = 64
RECORD_EACH: Final = 6
LEAST_PLACES: Final = 10
Drawn = Mapping[str, tuple[float, bytes]]
"""Axis to its severity, and the block of its decisions."""
Draw = Callable[[st.DrawFn], Drawn]
# Plain functions draw inside one strategy: every nested strategy would cost as much time again
# as its draws.


@st.composite
def records(draw: st.DrawFn, *, schema: DocumentSchema = INVOICE) -> dict[str, Any]:
    """Draw a value for every field of ``schema``; shrinks to the plainest record."""
    return _record(draw, schema)


def shifts(
    *, axes: Collection[str] | None = None, max_severity: float = 1.0, min_axes: int = 1
) -> st.SearchStrategy[dict[str, float]]:
    """Draw maps of axis to severity; shrinks to fewer axes, then to lower severities.

    Raises:
        CaseError: an unknown axis, or a severity outside 0 to 1.
    """
    return _severities(_listed(axes, max_severity, min_axes, 0))


@st.composite
def layouts(
    draw: st.DrawFn,
    *,
    schema: DocumentSchema = INVOICE,
    shift: st.SearchStrategy[Shift] | None = None,
) -> Layout:
    """Draw layouts of ``schema`` under shifts that ``shift`` draws; by default, under any shift."""
    drawn = (_fitting(schema) if shift is None else _detailed(schema, shift))(draw)
    severities, choices = _split(schema, drawn)
    record = _record(draw, schema)
    return shifted(Sheet(schema, record), severities, choices)


def documents(
    schema: DocumentSchema,
    *,
    shift: st.SearchStrategy[Shift] | None = None,
    ambiguous: bool = False,
) -> st.SearchStrategy[Case]:
    """Draw cases of ``schema`` under shifts that ``shift`` draws; by default, canonical cases."""
    shift = st.just({}) if shift is None else shift
    return _cases(schema, _detailed(schema, shift), ambiguous)


def invoices(*, schema: DocumentSchema = INVOICE) -> st.SearchStrategy[Case]:
    """Draw canonical invoices."""
    return documents(schema)


def shifted_invoices(
    *,
    schema: DocumentSchema = INVOICE,
    axes: Collection[str] | None = None,
    max_severity: float = 1.0,
    ambiguous: bool = False,
    profile: FormatProfile | None = None,
) -> st.SearchStrategy[Case]:
    """Draw invoices under at least one shift; the truth is right by construction.

    Args:
        schema: the schema of the documents.
        axes: the axes to draw from; by default all that fit.
        max_severity: the highest severity.
        ambiguous: also draw prints that can be read in two ways; such cases are tagged.
        profile: draw axes as often as the documents of this profile show them, in their forms.

    Example::

        @given(case=shifted_invoices(axes=["order", "missing"]))
        def test_reads_any_order(case): ...
    """
    if profile is None:
        return _cases(schema, _fitting(schema, axes, max_severity), ambiguous)
    rates = profile.mixture.rates
    fit = applicable(schema) if axes is None else axes
    shown = [name for name in fit if rates.get(name)]
    drawn = _fitting(schema, shown, max_severity, rates) if shown else lambda draw: {}
    return _cases(schema, drawn, ambiguous, profile.habits)


@st.composite
def _cases(
    draw: st.DrawFn,
    schema: DocumentSchema,
    drawn: Draw,
    ambiguous: bool,
    habits: Habits = NO_HABITS,
) -> Case:
    severities, choices = _split(schema, drawn(draw))
    record = _record(draw, schema)
    named = {"source": "hypothesis"}
    sheet = Sheet(schema, record, ambiguous, habits)
    return fill(sheet, severities, choices, named=named, worded=True)


@st.composite
def _severities(draw: st.DrawFn, drawn: Draw) -> dict[str, float]:
    return {name: severity for name, (severity, _) in drawn(draw).items()}


def _detailed(schema: DocumentSchema, shift: st.SearchStrategy[Shift]) -> Draw:
    """Return a function that draws a shift from ``shift``, and a block of bytes for each axis."""
    blocks = _blocks(_size(schema))

    def drawn(draw: st.DrawFn) -> Drawn:
        return {name: (severity, draw(blocks)) for name, severity in draw(shift).items()}

    return drawn


def _fitting(
    schema: DocumentSchema,
    axes: Collection[str] | None = None,
    max_severity: float = 1.0,
    rates: Mapping[str, float] | None = None,
) -> Draw:
    """Return the draw of shifts that fit ``schema``; axes without lines left are dropped."""
    fit = applicable(schema) if axes is None else axes
    listed = _listed(fit, max_severity, 1, _size(schema), rates)
    for name in axes or ():
        check_fit(schema, [AXES[name]])

    def drawn(draw: st.DrawFn) -> Drawn:
        shift = listed(draw)
        return {name: shift[name] for name in sharing(schema, list(shift))}

    return drawn


def _listed(
    axes: Collection[str] | None,
    max_severity: float,
    min_axes: int,
    size: int,
    rates: Mapping[str, float] | None = None,
) -> Draw:
    """Return the draw of a list of axes: a block for each axis, and a block that ends the list.

    All blocks are drawn alike, so that Hypothesis can delete any of them.
    """
    if isinstance(axes, str):
        raise CaseError(f"axes is the text {axes!r}; write a list, such as [{axes!r}]")
    names = tuple(AXES) if axes is None else tuple(name for name in AXES if name in axes)
    check_shift(dict.fromkeys((*(axes or ()), *names), max_severity))
    if not 0 <= min_axes <= len(names):
        raise CaseError(f"min_axes={min_axes}, but there are {len(names)} axes to draw from")
    levels = [severity * max_severity for severity in SEVERITIES]
    often = [name for name in names for _ in range(max(1, round(20 * rates[name])) if rates else 1)]
    end = round(256 / (1 + sum(rates[name] for name in names))) if rates else END
    blocks = _blocks(2 + size)

    def drawn(draw: st.DrawFn) -> Drawn:
        shift: dict[str, tuple[float, bytes]] = {}
        while True:
            block = draw(blocks)
            if len(shift) == len(names):
                break  # a full list needs an end block, too: else no axis could be deleted
            if block[0] >= end:
                name = often[(block[0] - end) * len(often) // (256 - end)]
            elif len(shift) < min_axes:
                left = [name for name in names if name not in shift]
                name = left[block[0] * len(left) // end]
            else:
                break
            shift.setdefault(name, (levels[block[1] * len(levels) // 256], block[2:]))
        return shift

    return drawn


def _record(draw: st.DrawFn, schema: DocumentSchema) -> dict[str, Any]:
    return schema.draw(BlockChoices(draw(_blocks(RECORD_EACH * (len(schema.names) + 1)))))


def _blocks(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


def _size(schema: DocumentSchema) -> int:
    return SHARED + EACH * max(len(schema.names), LEAST_PLACES)


def _split(schema: DocumentSchema, drawn: Drawn) -> tuple[dict[str, float], BlockChoices]:
    severities = {name: severity for name, (severity, _) in drawn.items()}
    blocks = {name: block for name, (_, block) in drawn.items()}
    return severities, BlockChoices(b"", schema.names, blocks)
