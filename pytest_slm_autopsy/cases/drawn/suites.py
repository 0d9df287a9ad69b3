"""Seeded suites: the same records written canonically and under each shift, paired by record."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from html import escape
from itertools import chain
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, SeededChoices, pick
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet
from pytest_slm_autopsy.cases.drawn.description import in_words
from pytest_slm_autopsy.cases.drawn.layout import Layout, canonical
from pytest_slm_autopsy.cases.drawn.page_layouts import paged
from pytest_slm_autopsy.cases.drawn.pages import Page
from pytest_slm_autopsy.cases.drawn.prints import Prints
from pytest_slm_autopsy.cases.drawn.shifts import Mixture, Shift, applicable, planned
from pytest_slm_autopsy.cases.drawn.writer import write
from pytest_slm_autopsy.cases.schemas.countries import localised
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Record
from pytest_slm_autopsy.errors import CaseError, nearest
from pytest_slm_autopsy.records import AMBIGUOUS, CANONICAL, Case

PRODUCTION: Final = "production"
"""The condition of cases that are shifted like production's documents."""

Conditions = Mapping[str, Shift | Mixture]
"""Condition to shift; the cases of one condition are counted together."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that could not be rewritten under a condition, and the reason."""

    record: str
    condition: str
    reason: str


@dataclass(frozen=True)
class Suite:
    """Cases by condition; every shifted case has a reference case of the same record.

    ``refused`` holds the documents that could not be rewritten, if the cases are rewrites.
    ``schema`` is the one that drew them, if they were drawn.
    """

    conditions: Mapping[str, tuple[Case, ...]] = field(repr=False)
    refused: tuple[Refusal, ...] = field(default=(), repr=False)
    schema: DocumentSchema | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        total = sum(map(len, self.conditions.values()))
        return f"<Suite: {total} cases under {len(self.conditions)} conditions>"

    def _repr_html_(self) -> str:
        """Return a table of the conditions, each with its first document, for a notebook."""
        rows = "".join(
            f"<tr><th>{escape(name)}</th><td>{len(cases)}</td>"
            f"<td style='text-align: left'><pre>{escape(cases[0].text[:600])}</pre></td></tr>"
            for name, cases in self.conditions.items()
            if cases
        )
        head = "<tr><th>condition</th><th>cases</th><th>the first</th></tr>"
        return f"<table>{head}{rows}</table>"

    @property
    def reference(self) -> tuple[Case, ...]:
        """Return the cases distributed like the training data."""
        return self[CANONICAL]

    @property
    def production(self) -> tuple[Case, ...]:
        """Return the cases that mix the axes like real documents."""
        return self[PRODUCTION]

    @property
    def digest(self) -> str:
        """Return a hash of every case, to compare the questions of two runs."""
        return cases_digest(chain(*self.conditions.values()))

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the conditions."""
        return iter(self.conditions)

    def __contains__(self, condition: object) -> bool:
        return condition in self.conditions

    def __getitem__(self, condition: str) -> tuple[Case, ...]:
        """Return the cases of one condition.

        Raises:
            CaseError: the suite has no such condition, or every document was refused under it.
        """
        if condition not in self.conditions:
            if why := [one.reason for one in self.refused if one.condition == condition]:
                raise CaseError(
                    f"no document can be rewritten under {condition!r}, and no case proves "
                    f"nothing: {Counter(why).most_common(1)[0][0]} ({len(why)} refused)"
                )
            raise CaseError(
                f"this suite has no condition {condition!r}; {nearest(condition, self.conditions)}"
            )
        return self.conditions[condition]


def draw_case(
    schema: DocumentSchema,
    record: Record,
    shift: Shift,
    choices: Choices,
    *,
    ambiguous: bool = False,
    named: Mapping[str, str] | None = None,
    worded: bool = False,
) -> Case:
    """Write one record under ``shift``; a field that is left out is ``None`` in the truth.

    Args:
        schema: the schema of the document.
        record: the values to write.
        shift: axis to severity.
        choices: the source of the decisions.
        ambiguous: permit prints that can be read in two ways; the case is then tagged.
        named: fields of the case: id, record, condition, source.
        worded: describe in ``layout`` how the case differs from the canonical layout.
    """
    sheet = Sheet(schema, record, ambiguous)
    return fill(sheet, shift, choices, named=named, worded=worded)


def fill(
    sheet: Sheet,
    shift: Shift,
    choices: Choices,
    *,
    named: Mapping[str, str] | None = None,
    worded: bool = False,
) -> Case:
    """Write a sheet under ``shift``: as ``draw_case``, with the habits of the sheet."""
    plan = planned(sheet.schema, shift)
    names = {"id": "case", "condition": " + ".join(plan.shift) or CANONICAL, **(named or {})}
    return _case(sheet, plan.layout(sheet, choices), plan.shift, names, worded=worded)


def _case(
    sheet: Sheet, layout: Layout, shift: Shift, names: Mapping[str, str], *, worded: bool = False
) -> Case:
    document = write(sheet.record, layout, sheet.schema, sheet.plain)
    return Case(
        id=names["id"],
        record=names.get("record", ""),
        condition=names["condition"],
        source=names.get("source", ""),
        text=document.text,
        truth=document.truth,
        shift=dict(shift),
        spans=document.spans,
        layout=in_words(layout, sheet.schema) if worded else "",
        tags=(AMBIGUOUS,) if sheet.ambiguous and document.ambiguous else (),
    )


def default_conditions(
    schema: DocumentSchema, production: Mixture | None = None
) -> dict[str, Shift | Mixture]:
    """Return three kinds of conditions: canonical, each axis alone at full severity, production.

    The condition ``production`` mixes all axes.
    """
    alone = {name: {name: 1.0} for name in applicable(schema)}
    return {CANONICAL: {}, **alone, PRODUCTION: production or Mixture()}


def graded_conditions(
    schema: DocumentSchema, severities: tuple[float, ...] = (0.25, 0.5, 1.0)
) -> dict[str, Shift | Mixture]:
    """Return canonical, and each axis alone at each severity: ``order 0.25``, ``order 0.5``, ..."""
    graded: dict[str, Shift | Mixture] = {
        f"{name} {severity:g}": {name: severity}
        for name in applicable(schema)
        for severity in severities
    }
    return {CANONICAL: {}, **graded}


def stream_cases(
    schema: DocumentSchema,
    n: int,
    seed: int,
    conditions: Conditions | None = None,
    *,
    first: int = 0,
) -> Iterator[Case]:
    """Draw ``n`` records and yield each under every condition, one case at a time.

    The same seed gives the same cases on every machine. Records before ``first`` are left out.

    Raises:
        CaseError: fewer than one record, a first one below 0, or a condition that cannot be drawn.
    """
    if n < 1:
        raise CaseError(f"a suite of {n} cases proves nothing; ask for at least 1")
    if first < 0:
        raise CaseError(f"first is {first}; records are counted from 0")
    if conditions is None:
        conditions = default_conditions(schema)
    if not conditions:
        raise CaseError("a suite without conditions proves nothing; name at least canonical: {}")
    for number in range(first, n):
        record_id = f"{schema.name}-{seed}-{number:04}"
        record = _local(schema, conditions, record_id)
        plain = Prints(record, canonical(schema), schema) if len(conditions) > 1 else None
        sheet = Sheet(schema, record, plain=plain)
        for name, condition in conditions.items():
            id = f"{record_id}/{name}"
            choices = SeededChoices(id)
            named = {"id": id, "record": record_id, "condition": name, "source": f"seed {seed}"}
            if isinstance(condition, Mixture) and condition.pages:
                page = _page_of(condition, record_id)
                yield _like(replace(sheet, habits=condition.habits), page, choices, named)
            elif isinstance(condition, Mixture):
                own = replace(sheet, habits=condition.habits)
                yield fill(own, condition.draw(schema, choices), choices, named=named)
            else:
                yield fill(sheet, condition, choices, named=named)


def _page_of(mixture: Mixture, record: str) -> Page:
    """Draw the page of a record: the same under every condition, so that the record fits it."""
    return pick(SeededChoices(f"{record}/page"), mixture.pages)


def _local(schema: DocumentSchema, conditions: Conditions, record: str) -> Record:
    """Draw a record; with names and currency of the country that its page tells, if one does.

    The first condition with pages decides: all conditions share the record.
    """
    drawn = schema.draw(SeededChoices(record))
    mixtures = (one for one in conditions.values() if isinstance(one, Mixture) and one.pages)
    page = next((_page_of(one, record) for one in mixtures), None)
    if page is None or not page.country:
        return drawn
    choices = SeededChoices(f"{record}/{page.country}")
    return localised(schema, drawn, page.country, choices, upper=page.upper)


def _like(sheet: Sheet, page: Page, choices: Choices, named: Mapping[str, str]) -> Case:
    """Write a sheet like a page."""
    layout, shown = paged(sheet, page, choices)
    shift = {name: shown[name] for name in applicable(sheet.schema) if name in shown}
    return _case(sheet, layout, shift, named)


def draw_suite(
    schema: DocumentSchema, n: int, seed: int, conditions: Conditions | None = None
) -> Suite:
    """Draw the cases of ``stream_cases`` and gather them by condition."""
    cases: dict[str, list[Case]] = {}
    for case in stream_cases(schema, n, seed, conditions):
        cases.setdefault(case.condition, []).append(case)
    return Suite({name: tuple(drawn) for name, drawn in cases.items()}, schema=schema)


def cases_digest(cases: Iterable[Case]) -> str:
    """Return a hash of the questions, in the order of ``cases``; reads them once.

    The layout in words is left out: it only describes the text. So are turns where there are none.
    """
    digest = sha256()
    for number, case in enumerate(cases):
        asked = {name: value for name, value in case.to_dict().items() if name != "layout"}
        if not case.turns:
            del asked["turns"]
        digest.update(b"\n" * (number > 0))
        digest.update(json.dumps(asked, sort_keys=True).encode())
    return digest.hexdigest()[:16]
