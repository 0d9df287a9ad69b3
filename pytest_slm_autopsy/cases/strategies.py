"""Hypothesis strategies for documents and their shifts.

They shrink first to fewer axes, then to lower severity, then to the plainest value on each, then to
the plainest record. The ``repr`` of a case is code that rebuilds it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from hypothesis import strategies as st

from pytest_slm_autopsy.cases.axis import Sheet
from pytest_slm_autopsy.cases.builtin import INVOICE
from pytest_slm_autopsy.cases.layout import Layout
from pytest_slm_autopsy.cases.schema import DocumentSchema
from pytest_slm_autopsy.cases.shifts import (
    AXES,
    Shift,
    applicable,
    check_fit,
    check_shift,
    sharing,
    shifted,
)
from pytest_slm_autopsy.cases.suites import draw_case
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case

GRADES: Final = 4
# Of so many axes at once a document is made, on average.
TYPICAL_AXES: Final = 3


class _DrawnChoices:
    """Decisions that Hypothesis makes, and shrinks towards 0."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def below(self, n: int) -> int:
        return self._draw(st.integers(0, n - 1)) if n > 1 else 0


@st.composite
def records(draw: st.DrawFn, *, schema: DocumentSchema = INVOICE) -> dict[str, Any]:
    """A value for every field of ``schema``; shrinks to the plainest record."""
    return schema.draw(_DrawnChoices(draw))


def shifts(
    *, axes: Collection[str] | None = None, max_severity: float = 1.0, min_axes: int = 1
) -> st.SearchStrategy[dict[str, float]]:
    """Maps of axis to severity; shrinks to fewer axes, then to lower severity.

    Raises:
        CaseError: an unknown axis, or a severity outside 0 to 1.
    """
    names = tuple(AXES) if axes is None else tuple(name for name in AXES if name in axes)
    check_shift(dict.fromkeys(axes or (), max_severity))
    check_shift(dict.fromkeys(names, max_severity))
    if not 0 <= min_axes <= len(names):
        raise CaseError(f"min_axes={min_axes}, but there are {len(names)} axes to draw from")
    if not names:
        return st.just({})
    # A grade for each axis, 0 for none: to drop an axis is to make one number smaller.
    absent = (0,) * (GRADES * max(1, round(len(names) / TYPICAL_AXES) - 1))
    grades = st.sampled_from((*absent, *range(1, GRADES + 1)))

    def graded(drawn: tuple[int, ...]) -> dict[str, float]:
        chosen = dict(zip(names, drawn, strict=True))
        lacking = min_axes - sum(grade > 0 for grade in drawn)
        for name in [name for name, grade in chosen.items() if not grade][: max(0, lacking)]:
            chosen[name] = 1
        return {name: grade / GRADES * max_severity for name, grade in chosen.items() if grade}

    return st.tuples(*(grades for _ in names)).map(graded)


@st.composite
def layouts(
    draw: st.DrawFn,
    *,
    schema: DocumentSchema = INVOICE,
    shift: st.SearchStrategy[Shift] | None = None,
) -> Layout:
    """Layouts of ``schema``, under any shift unless ``shift`` draws one."""
    chosen = draw(_fitting(schema) if shift is None else shift)
    record = draw(records(schema=schema))
    return shifted(Sheet(schema, record), chosen, _DrawnChoices(draw))


@st.composite
def documents(
    draw: st.DrawFn,
    schema: DocumentSchema,
    *,
    shift: st.SearchStrategy[Shift] | None = None,
    ambiguous: bool = False,
) -> Case:
    """Cases of ``schema``, canonical unless ``shift`` draws something else."""
    chosen = draw(shift) if shift is not None else {}
    record = draw(records(schema=schema))
    choices = _DrawnChoices(draw)
    named = {"source": "hypothesis"}
    return draw_case(schema, record, chosen, choices, ambiguous=ambiguous, named=named)


def invoices(*, schema: DocumentSchema = INVOICE) -> st.SearchStrategy[Case]:
    """Canonical invoices."""
    return documents(schema)


def shifted_invoices(
    *,
    schema: DocumentSchema = INVOICE,
    axes: Collection[str] | None = None,
    max_severity: float = 1.0,
    ambiguous: bool = False,
) -> st.SearchStrategy[Case]:
    """Invoices under at least one shift, with a truth that is right by construction.

    ``ambiguous`` also draws prints that leave a plain value open; such cases are tagged.

    Example::

        @given(case=shifted_invoices(axes=["order", "missing"]))
        def test_reads_any_order(case): ...
    """
    shift = _fitting(schema, axes, max_severity)
    return documents(schema, shift=shift, ambiguous=ambiguous)


def _fitting(
    schema: DocumentSchema, axes: Collection[str] | None = None, max_severity: float = 1.0
) -> st.SearchStrategy[dict[str, float]]:
    """Shifts that can be applied to ``schema``, whatever else they are drawn together with."""
    drawn = shifts(axes=applicable(schema) if axes is None else axes, max_severity=max_severity)
    for name in axes or ():
        check_fit(schema, [AXES[name]])
    return drawn.map(lambda shift: {name: shift[name] for name in sharing(schema, list(shift))})
