"""Hypothesis strategies. They shrink to fewer axes, milder shifts and the plainest invoice."""

from __future__ import annotations

from collections.abc import Collection

from hypothesis import strategies as st

from pytest_slm_autopsy.cases.schema import INVOICE, DocumentSchema
from pytest_slm_autopsy.cases.shifts import AXES, Shift, applicable, check_shift
from pytest_slm_autopsy.cases.suites import draw_case
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case

GRADES = 4


class _DrawnChoices:
    """Decisions that Hypothesis makes, and shrinks towards 0."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def below(self, n: int) -> int:
        return self._draw(st.integers(0, n - 1))


@st.composite
def records(draw: st.DrawFn, *, schema: DocumentSchema = INVOICE) -> dict[str, str]:
    """A value for every field of ``schema``; shrinks to the plainest record."""
    return schema.draw(_DrawnChoices(draw))


def shifts(
    *, axes: Collection[str] | None = None, max_severity: float = 1.0, min_axes: int = 1
) -> st.SearchStrategy[dict[str, float]]:
    """Maps of axis to severity; shrinks to fewer axes, then to lower severity.

    Raises:
        CaseError: an unknown axis, or a severity outside 0 to 1.
    """
    names = tuple(AXES) if axes is None else tuple(axes)
    check_shift(dict.fromkeys(names, max_severity))
    if not 0 <= min_axes <= len(names):
        raise CaseError(f"min_axes={min_axes}, but there are {len(names)} axes to draw from")
    severities = st.integers(1, GRADES).map(lambda grade: grade / GRADES * max_severity)
    chosen = st.lists(st.sampled_from(names), min_size=min_axes, unique=True)
    return chosen.flatmap(
        lambda some: st.fixed_dictionaries({n: severities for n in AXES if n in some})
    )


@st.composite
def documents(
    draw: st.DrawFn, schema: DocumentSchema, *, shift: st.SearchStrategy[Shift] | None = None
) -> Case:
    """Cases of ``schema``, canonical unless ``shift`` draws something else."""
    chosen = draw(shift) if shift is not None else {}
    record = draw(records(schema=schema))
    return draw_case(schema, record, chosen, _DrawnChoices(draw), source="hypothesis")


def invoices(*, schema: DocumentSchema = INVOICE) -> st.SearchStrategy[Case]:
    """Canonical invoices."""
    return documents(schema)


def shifted_invoices(
    *,
    schema: DocumentSchema = INVOICE,
    axes: Collection[str] | None = None,
    max_severity: float = 1.0,
) -> st.SearchStrategy[Case]:
    """Invoices under at least one shift, with a truth that is right by construction.

    Example::

        @given(case=shifted_invoices(axes=["order", "missing"]))
        def test_reads_any_order(case): ...
    """
    axes = applicable(schema) if axes is None else axes
    return documents(schema, shift=shifts(axes=axes, max_severity=max_severity))
