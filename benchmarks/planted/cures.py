"""Cures: each brittle adapter goes on learning by its prescription, and by a wrong one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks.planted.patients import Fault, faults
from benchmarks.planted.plans import BATCH, BRITTLE, RUNS
from benchmarks.planted.training import BASE, train
from pytest_slm_autopsy import ModelSpec, Suite, cure_cases, draw_suite, load_model, predict
from pytest_slm_autopsy.diagnostics.cure import Prescription, prescribe
from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis
from pytest_slm_autopsy.errors import NoDataError
from reference_experiment.data import SCHEMA

STEPS: Final = 80
EVALUATION: Final = 70_000
"""Seed of the suites that cures are judged by; no diagnosis has seen them."""
DECOYS: Final = ("encoding", "case", "homoglyphs", "misspelt")
"""Axes that a wrong prescription trains on instead: they change letters, and move nothing."""


@dataclass(frozen=True)
class Cure:
    """The accuracy under the deadly axis: before, after the cure, and after a wrong one."""

    fault: str
    reference: float
    before: float
    cured: float
    control: float
    n: int
    prescribed: tuple[str, ...]

    def won_back(self, after: float) -> float:
        """Return the share of the lost accuracy that is won back."""
        lost = self.reference - self.before
        return (after - self.before) / lost if lost > 0 else float("nan")


def wrong_one(prescription: Prescription) -> Prescription:
    """Return a prescription of equal size with decoys in place of the deadly axes."""
    deadly = [axis for axis, why in prescription.because.items() if why.startswith("costs")]
    decoys = dict(zip(deadly, DECOYS, strict=False))
    rates = {decoys.get(axis, axis): rate for axis, rate in prescription.rates.items()}
    return replace(prescription, rates=rates, because={})


def cure(fault: Fault, axis: str, seed: int, *, n: int = 192) -> Cure:
    """Train by the prescription of a fresh diagnosis and by a wrong one, and compare.

    Raises:
        NoDataError: the diagnosis prescribes nothing.
    """
    diagnosis = fault.diagnosis(seed)
    if not isinstance(diagnosis, Diagnosis):
        raise NoDataError(f"{fault.name} was not diagnosed")
    right = prescribe(diagnosis)
    judged = draw_suite(SCHEMA, n, EVALUATION, {"canonical": {}, axis: {axis: 1.0}})
    kept_apart = [*fault.suite(seed).reference, *judged.reference]
    after = {}
    for name, prescription in (("cured", right), ("control", wrong_one(right))):
        folder = RUNS / f"{name}-{fault.adapter.name}"
        if not folder.is_dir():
            n, drawn = STEPS * BATCH, 8_000_000 + seed
            documents = cure_cases(SCHEMA, prescription, n, seed=drawn, without=kept_apart)
            train(documents, folder, seed=seed, after=fault.adapter)
        after[name] = _accuracy(folder, judged, axis)
    return Cure(
        fault.name,
        _accuracy(fault.adapter, judged, "canonical"),
        _accuracy(fault.adapter, judged, axis),
        after["cured"],
        after["control"],
        n,
        tuple(f"{name} {rate:.2f}" for name, rate in right.rates.items()),
    )


def _accuracy(adapter: Path, suite: Suite, condition: str) -> float:
    model = load_model(
        ModelSpec(base=str(BASE), adapter=str(adapter), device="cpu", max_new_tokens=320)
    )
    answers = predict(model, suite[condition])
    return sum(p.correct for p in answers) / len(answers)


def brittle() -> Sequence[tuple[Fault, str]]:
    """Return each brittle fault with the axis that kills it."""
    known = faults()
    return [
        *((known[f"brittle to {axis}"], axis) for axis in BRITTLE),
        (known["brittle to one field"], "missing"),
    ]
