"""Shifts of texts that already exist, along axes that keep every value as it is.

The axes of ``shifts`` decide how a record is written. These change what was written: white space,
marks, labels, order, and lines around the values; one takes optional values away. An axis has the
same name and meaning in both. A document that an axis cannot change is refused, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices
from pytest_slm_autopsy.cases.drawn.shifts import Shift, check_shift
from pytest_slm_autopsy.cases.rewritten.axes import (
    block_rewrites,
    label_rewrites,
    line_rewrites,
    removal,
    scan_rewrites,
)
from pytest_slm_autopsy.cases.rewritten.finding.votes import Pile
from pytest_slm_autopsy.cases.rewritten.page import Page, Refused, page_of
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError, nearest
from pytest_slm_autopsy.records import Case


@dataclass(frozen=True)
class Rewrite:
    """One axis along which a text can be shifted; drawn cases have an axis of the same ``name``."""

    name: str
    summary: str
    apply: Callable[[Page, float, Choices], Page]


_REWRITES: Final = (
    Rewrite("missing", "optional fields are removed with their labels", removal.missing),
    Rewrite("order", "lines and whole blocks change places", block_rewrites.order),
    Rewrite("synonyms", "other labels of the same meaning", label_rewrites.synonyms),
    Rewrite("case", "labels in upper or lower case, or without spaces", label_rewrites.case),
    Rewrite("misspelt", "labels and some words misread by a letter", label_rewrites.misspelt),
    Rewrite("delimiters", "other marks between label and value, mixed", line_rewrites.delimiters),
    Rewrite(
        "boilerplate", "a line above, notes below, that state nothing", line_rewrites.boilerplate
    ),
    Rewrite("times", "a time of day beside the date", scan_rewrites.times),
    Rewrite("ocr", "lines and words broken by a scan", scan_rewrites.ocr),
    Rewrite("pages", "page breaks: numbers, the first line again", scan_rewrites.pages),
    Rewrite("whitespace", "indents, runs, other spaces, blank lines", line_rewrites.whitespace),
)
REWRITES: Final[Mapping[str, Rewrite]] = {one.name: one for one in _REWRITES}
"""In the order they are applied: lines move before they change, labels are read before marks."""


def rewrite(
    case: Case, shift: Shift, choices: Choices, *, schema: DocumentSchema | None = None
) -> Case:
    """Return the document shifted: every value verbatim at its span, null where it was removed.

    ``schema`` gives the kinds of the fields, which are guessed without it, and more synonyms.

    Example:
        >>> from pytest_slm_autopsy.cases.choices import SeededChoices
        >>> case = Case("1", "Total: 9.00", {"total": "9.00"})
        >>> rewritten = rewrite(case, {"case": 1.0}, SeededChoices("1"))
        >>> rewritten.text, rewritten.spans
        ('TOTAL: 9.00', {'total': (7, 11)})

    Raises:
        Refused: the document cannot be shifted so; the text is the reason.
        CaseError: an unknown axis, or a severity outside 0 to 1.
    """
    check_rewrite(shift)
    return turned_case(case, open_page(case, schema=schema), shift, choices)


def turned_case(case: Case, page: Page, shift: Shift, choices: Choices) -> Case:
    """Return a case with its page shifted: text, truth and spans; and the shift it now has.

    Raises:
        Refused: as ``turn``.
    """
    turned = turn(page, shift, choices)
    return replace(
        case,
        text=turned.text,
        truth=turned.answers(case.truth),
        spans=turned.spans,
        shift={name: shift[name] for name in REWRITES if name in shift},
        condition=" + ".join(name for name in REWRITES if name in shift),
    )


def check_rewrite(shift: Shift) -> None:
    """Raise ``CaseError`` for an axis along which no text can be rewritten, or a bad severity."""
    check_axes(shift)
    check_shift(shift)


def check_axes(names: Iterable[str]) -> None:
    """Raise ``CaseError`` for an axis along which no text can be rewritten."""
    for name in names:
        if name not in REWRITES:
            known = nearest(name, REWRITES)
            raise CaseError(f"a text cannot be rewritten along the axis {name!r}; {known}")


def open_page(case: Case, pile: Pile | None = None, schema: DocumentSchema | None = None) -> Page:
    """Return the page of a case, its values found; ``pile`` is what its documents tell."""
    return page_of(case, pile or pile_of([case], schema), schema)


def pile_of(cases: Sequence[Case], schema: DocumentSchema | None = None) -> Pile:
    """Return what documents tell of each other; their kinds come from the schema or a guess."""
    known = {field.name: field.kind for field in schema.fields} if schema else {}
    return Pile.of(cases, known)


def turn(page: Page, shift: Shift, choices: Choices) -> Page:
    """Return the page shifted along every axis, in the table's order.

    Raises:
        Refused: an axis refuses it, or nothing would change.
    """
    turned = page
    for name, axis in REWRITES.items():
        if name in shift:
            turned = axis.apply(turned, shift[name], choices.apart(name))
    if turned.text == page.text:
        raise Refused("nothing in it would change")
    return turned
