"""Variants of a user's own document: it is rewritten along any part of a shift."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from pytest_slm_autopsy.cases.choices import Choices
from pytest_slm_autopsy.cases.drawn.shifts import Shift
from pytest_slm_autopsy.cases.rewritten.finding.votes import Pile
from pytest_slm_autopsy.cases.rewritten.page import Page
from pytest_slm_autopsy.cases.rewritten.rewrites import REWRITES, open_page, pile_of, turned_case
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case


class RewrittenVariants:
    """Variants of documents that exist; ``cases`` are the documents as they are."""

    axes = tuple(REWRITES)

    def __init__(self, cases: Iterable[Case], schema: DocumentSchema | None = None) -> None:
        self._cases = {case.cluster: case for case in cases}
        self._schema = schema
        self._pages: dict[str, Page] = {}

    @cached_property
    def _pile(self) -> Pile:
        return pile_of([*self._cases.values()], self._schema)

    def write(self, reference: Case, shift: Shift, choices: Choices) -> Case:
        """Return the document of ``reference`` under ``shift``; without one, the case itself.

        Raises:
            Refused: the document cannot be rewritten so; the text is the reason.
            CaseError: a reference that is none of the documents.
        """
        if not shift:
            return reference
        if reference.cluster not in self._cases:
            raise CaseError(f"case {reference.id!r} is none of the documents that were given")
        page = self._pages.get(reference.cluster)
        if page is None:
            page = open_page(self._cases[reference.cluster], self._pile, self._schema)
            self._pages[reference.cluster] = page
        return turned_case(reference, page, shift, choices)
