"""Training documents by prescription: drawn or rewritten, and checked for leaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_slm_autopsy.cases.augmentation import augment
from pytest_slm_autopsy.cases.rewritten.rewrites import REWRITES
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.diagnostics.cure import Prescription
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.measures.inputs.leakage import Kind, find_leaks
from pytest_slm_autopsy.records import Case

KINDS: tuple[Kind, ...] = ("same document", "same record")


def cure_cases(
    source: DocumentSchema | Sequence[Case],
    prescription: Prescription,
    n: int,
    *,
    seed: int,
    without: Sequence[Case] = (),
) -> list[Case]:
    """Return ``n`` training cases by a prescription, with ids that tell them apart.

    Args:
        source: a schema, or the user's own cases, which are rewritten.
        prescription: the mixture of shifts.
        n: number of documents.
        seed: draws them.
        without: evaluation cases; none of their records gets in.

    Raises:
        CaseError: an evaluation case is among them all the same, or no document is left.
        NoDataError: own documents cannot be shifted along any axis that kills.
    """
    if not isinstance(source, DocumentSchema):
        prescription = prescription.within(REWRITES)
    drawn = augment(
        source, prescription.mixture, n, seed=seed, plain=prescription.plain, without=without
    )
    cases = [replace(case, id=f"{case.id}/{number}") for number, case in enumerate(drawn)]
    asked = [*{case.id: case for case in without}.values()]
    if asked and (leaks := find_leaks(training=cases, evaluation=asked, kinds=KINDS)):
        raise CaseError(
            f"{len(leaks)} evaluation cases are among the training documents, "
            f"{leaks[0].evaluation!r} as a {leaks[0].kind}; take another seed"
        )
    return cases
