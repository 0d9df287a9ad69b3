"""Variants of a reference case: its record written anew under any part of a shift."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_slm_autopsy.cases.choices import Choices
from pytest_slm_autopsy.cases.drawn.shifts import Shift, applicable, sharing
from pytest_slm_autopsy.cases.drawn.suites import draw_case
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case


@dataclass(frozen=True)
class DrawnVariants:
    """Variants of cases that were drawn from ``schema``.

    A canonical case states its whole record, so any axis can be laid on it.

    Example:
        >>> from pytest_slm_autopsy import INVOICE, draw_suite
        >>> from pytest_slm_autopsy.cases.choices import SteadyChoices
        >>> [case] = draw_suite(INVOICE, 1, 7, {"canonical": {}}).reference
        >>> fewer = DrawnVariants(INVOICE).write(case, {"missing": 1.0}, SteadyChoices("1"))
        >>> fewer.truth["due_date"] is None
        True
    """

    schema: DocumentSchema

    @property
    def axes(self) -> tuple[str, ...]:
        """Return the axes that fit the schema."""
        return tuple(applicable(self.schema))

    def write(self, reference: Case, shift: Shift, choices: Choices) -> Case:
        """Return the record of ``reference`` under ``shift``; without one, the case itself.

        Raises:
            CaseError: the reference does not state each field of the schema, so it was not drawn
                from it, or the axes do not fit the schema.
        """
        if not shift:
            return reference
        lacking = [name for name in self.schema.names if reference.truth.get(name) is None]
        if lacking:
            raise CaseError(
                f"case {reference.id!r} states no {lacking[0]}, so its record cannot be written "
                f"anew by schema {self.schema.name!r}; give the schema that drew it"
            )
        fit = {name: shift[name] for name in sharing(self.schema, [*shift])}
        named = {"record": reference.cluster, "source": reference.source}
        return draw_case(self.schema, reference.truth, fit, choices, named=named)
