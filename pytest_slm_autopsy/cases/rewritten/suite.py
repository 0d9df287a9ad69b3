"""Suites of rewrites: the user's own documents as they are, and under each condition."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from pytest_slm_autopsy.cases.choices import Choices, SeededChoices, pick
from pytest_slm_autopsy.cases.drawn.shifts import AXES, Mixture, Shift
from pytest_slm_autopsy.cases.drawn.suites import PRODUCTION, Conditions, Refusal, Suite
from pytest_slm_autopsy.cases.files import read_cases
from pytest_slm_autopsy.cases.rewritten.inference import infer_schema
from pytest_slm_autopsy.cases.rewritten.page import Page, Refused
from pytest_slm_autopsy.cases.rewritten.rewrites import (
    REWRITES,
    check_axes,
    check_rewrite,
    open_page,
    pile_of,
    turn,
)
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import CANONICAL, Case


def default_rewrites() -> dict[str, Shift | Mixture]:
    """Return the default conditions: each axis alone at full severity, and production's mixture."""
    rates = {name: AXES[name].rate for name in REWRITES}
    return {**{name: {name: 1.0} for name in REWRITES}, PRODUCTION: Mixture(rates)}


def rewrite_suite(
    cases: Iterable[Case],
    seed: int,
    conditions: Conditions | None = None,
    *,
    schema: DocumentSchema | None = None,
) -> Suite:
    """Return the documents as they are and under every condition, paired by record.

    A document that an axis refuses is left out of that condition; ``suite.refused`` says why. A
    mixture leaves out the axes that refuse the document, and is refused where no axis is left. The
    same seed gives the same suite on every machine.

    Raises:
        CaseError: no documents, two of one record, an unknown axis or severity, or no document
            that can be rewritten at all.
    """
    documents = [_document(case) for case in cases]
    _check_documents(documents)
    conditions = _meant(conditions)
    pile = pile_of(documents, schema)
    found: dict[str, list[Case]] = {CANONICAL: []}
    refused = []
    for case in documents:
        page = open_page(case, pile, schema)
        found[CANONICAL].append(replace(case, spans=page.spans))
        for name, one in _each(case, page, conditions, seed):
            if isinstance(one, Refused):
                refused.append(Refusal(case.record, name, str(one)))
            else:
                found.setdefault(name, []).append(one)
    suite = Suite({name: tuple(some) for name, some in found.items()}, tuple(refused))
    if refused and len(found) == 1:
        raise CaseError(f"no document can be rewritten at all; {'; '.join(refusals(suite))}")
    return suite


def read_suite(
    path: str | Path,
    n: int,
    seed: int,
    *,
    document_pattern: str | None = None,
    schema: DocumentSchema | None = None,
) -> Suite:
    """Return the ``rewrite_suite`` of a file of cases; of more than ``n``, the seed draws ``n``.

    ``document_pattern`` is that of ``read_cases``. Without a schema, the documents are rewritten by
    the one that they show, which ``infer_schema`` returns.

    Raises:
        CaseError: as ``read_cases`` and ``rewrite_suite``.
    """
    cases = list(read_cases(path, document_pattern=document_pattern))
    if len(cases) > n:
        chosen = sorted(random.Random(seed).sample(range(len(cases)), n))
        cases = [cases[number] for number in chosen]
    name = Path(path).name
    named = [replace(case, source=case.source or name) for case in cases]
    return rewrite_suite(named, seed, schema=schema or infer_schema(cases))


def refusals(suite: Suite) -> list[str]:
    """Return a sentence a condition: how many documents were refused, and the commonest reason."""
    reasons: dict[str, Counter[str]] = {}
    for one in suite.refused:
        reasons.setdefault(one.condition, Counter())[one.reason] += 1
    return [
        f"{condition}: {why.total()} of {len(suite.reference)} refused, most often because "
        f"{why.most_common(1)[0][0]}"
        for condition, why in reasons.items()
    ]


def _document(case: Case) -> Case:
    """Return a case as an unshifted document that its record identifies."""
    return replace(case, condition=CANONICAL, shift={}, record=case.cluster)


def _check_documents(cases: list[Case]) -> None:
    if not cases:
        raise CaseError("no documents to rewrite; give at least one case")
    record, times = Counter(case.record for case in cases).most_common(1)[0]
    if times > 1:
        raise CaseError(
            f"{times} documents have the record {record!r}, and twins are paired by it; give each "
            "a record of its own, or an id of its own where there are no records"
        )


def _meant(conditions: Conditions | None) -> Conditions:
    if conditions is None:
        return default_rewrites()
    asked = {name: shift for name, shift in conditions.items() if name != CANONICAL}
    for shift in asked.values():
        if isinstance(shift, Mixture):
            check_axes(shift.rates)
        else:
            check_rewrite(shift)
    return asked


def _each(
    case: Case, page: Page, conditions: Conditions, seed: int
) -> Iterator[tuple[str, Case | Refused]]:
    """Yield the document under every condition, or the reason why it is refused."""
    for name, condition in conditions.items():
        choices = SeededChoices(f"{seed}/{case.record}/{name}")
        try:
            if isinstance(condition, Mixture):
                shift, turned = _mixed(page, condition, choices)
            else:
                shift, turned = condition, turn(page, condition, choices)
        except Refused as refused:
            yield name, refused
            continue
        rewritten = Case(
            id=f"{case.id}/{name}",
            text=turned.text,
            truth=turned.answers(case.truth),
            record=case.record,
            shift=dict(shift),
            spans=turned.spans,
            condition=name,
            source=case.source,
            tags=case.tags,
            turns=case.turns,
        )
        yield name, rewritten


def _mixed(page: Page, mixture: Mixture, choices: Choices) -> tuple[Shift, Page]:
    """Return the drawn axes that do not refuse a page, and the page; or the first such axis."""
    rates = {name: mixture.rates[name] for name in REWRITES if name in mixture.rates}
    drawn = [name for name in rates if choices.below(1000) >= 1000 - 1000 * rates[name]]
    shift: dict[str, float] = {}
    for name in [*drawn, *rates]:
        if name in shift or (shift and name not in drawn):
            continue
        severity = pick(choices, mixture.severities)
        try:
            page = turn(page, {name: severity}, choices)
        except Refused:
            continue
        shift[name] = severity
    if not shift:
        raise Refused("no axis of the mixture can shift it")
    return {name: shift[name] for name in rates if name in shift}, page
