"""Training data by prescription: drawn or rewritten, checked for leaks, written to a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pytest_slm_autopsy.cases.augmentation import augment
from pytest_slm_autopsy.cases.rewritten.rewrites import REWRITES
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.diagnostics.cure import Prescription
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.measures.inputs.leakage import Kind, find_leaks
from pytest_slm_autopsy.models.prompts import PromptFormat
from pytest_slm_autopsy.models.training_files import write_training
from pytest_slm_autopsy.records import Case


def write_cure(
    path: Path,
    source: DocumentSchema | Sequence[Case],
    prescription: Prescription,
    n: int,
    *,
    seed: int,
    without: Sequence[Case] = (),
    form: str = "messages",
    prompt: PromptFormat | None = None,
) -> int:
    """Write ``n`` training documents by a prescription, and return the number of lines.

    Args:
        path: the file, JSON lines.
        source: a schema, or the user's own cases.
        prescription: the mixture of shifts.
        n: number of documents.
        seed: draws them.
        without: evaluation cases; none of their records gets in.
        form: ``messages``, ``conversations`` or ``cases``.
        prompt: the words around a document, as they will be in production.

    Raises:
        CaseError: an evaluation case is among them all the same, or no document is left.
        ConfigError: an unknown form, or a file that cannot be written.
    """
    if not isinstance(source, DocumentSchema):
        prescription = prescription.within(REWRITES)
    cases = augment(
        source, prescription.mixture, n, seed=seed, plain=prescription.plain, without=without
    )
    if without:
        kinds: tuple[Kind, ...] = ("same document", "same record")
        named = [Case(f"{case.id}/{number}", case.text, case.truth)
                 for number, case in enumerate(cases)]  # fmt: skip
        asked = [*{case.id: case for case in without}.values()]
        if leaks := find_leaks(training=named, evaluation=asked, kinds=kinds):
            raise CaseError(
                f"{len(leaks)} evaluation cases are among the training documents, "
                f"{leaks[0].evaluation!r} as a {leaks[0].kind}; take another seed"
            )
    return write_training(path, cases, form=form, prompt=prompt)
