"""A diagnosis: evidence is gathered, causes are judged, and the first line says it in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from pytest_slm_autopsy.diagnostics.axes import (
    CausalShares,
    Dose,
    Joint,
    causal_shares,
    dose_response,
    joint_costs,
)
from pytest_slm_autopsy.diagnostics.causes.ranking import judge_causes
from pytest_slm_autopsy.diagnostics.causes.rulings import ALIVE
from pytest_slm_autopsy.diagnostics.edits import unnoticed_edits
from pytest_slm_autopsy.diagnostics.evidence import Checked, Evidence
from pytest_slm_autopsy.diagnostics.headline import headline
from pytest_slm_autopsy.diagnostics.inside.inner import Expected, InnerEvidence, inner_evidence
from pytest_slm_autopsy.diagnostics.minimal import CommonCause, minimal_causes
from pytest_slm_autopsy.diagnostics.trials import (
    Ask,
    Examiner,
    Question,
    Trial,
    Variants,
    trials_of,
)
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.measures.accuracy import exact_match
from pytest_slm_autopsy.measures.counted import Counted, counted
from pytest_slm_autopsy.models.inside import Inside
from pytest_slm_autopsy.records import Case, Finding, Measurement, Prediction, Record, Ruling

SKIPPED: Final = Ruling(
    "the inside of the model",
    "attention, attribution, patching and the adapter's dose are skipped: the model gives no "
    "attention or gradients, as one that is served or a function",
    ruled_out=False,
)
FEW: Final = 32
"""Trials that are asked for doses and for what axes cost only together."""
CLOSELY: Final = 4
"""Axes, the costliest, that are looked at closely."""
FAILING: Final = 48
"""Failing trials whose smallest breaking part is looked for."""


@dataclass(frozen=True, slots=True)
class Diagnosis(Record):
    """The result of an autopsy.

    ``findings`` are the named causes, the first the likeliest. ``rulings`` are the causes ruled out
    and those left open, each with its reason. ``asked`` counts the predictions that it took.
    """

    model: str
    headline: str
    reference: Measurement
    shifted: Measurement
    findings: tuple[Finding, ...]
    rulings: tuple[Ruling, ...]
    shares: CausalShares | None = None
    minimal: tuple[CommonCause, ...] = ()
    joints: tuple[Joint, ...] = ()
    doses: tuple[Dose, ...] = ()
    asked: int = 0
    inner: InnerEvidence | None = None


@dataclass(frozen=True)
class Known:
    """What is known of a model beside its answers; everything may be left out.

    Args:
        checks: checks of files and of the loaded model; those of ``load_model`` are in ``checks``.
        training: cases that it was trained on.
        unquantised: asks the same model without quantisation.
        base: asks the base alone.
        inside: loads the inside of the model.
        expected: writes the right answer to a case, as training does.
    """

    checks: Sequence[Checked] | None = None
    training: Sequence[Case] | None = None
    unquantised: Ask | None = None
    base: Ask | None = None
    inside: Callable[[], Inside] | None = None
    expected: Expected | None = None


def diagnosed(
    ask: Ask,
    reference: Sequence[Case],
    shifted: Sequence[Case],
    variants: Variants | None,
    *,
    known: Known | None = None,
    limit: float = 0.1,
    seed: int = 0,
) -> Diagnosis:
    """Return why a model loses accuracy from reference to shifted cases, or that it does not.

    Args:
        ask: the model: cases in, predictions out.
        reference: cases distributed like training.
        shifted: their shifted twins.
        variants: writes a record under a part of a shift; without one no axis is told apart.
        known: checks, training cases and other forms of the model.
        limit: the loss of accuracy that is tolerated.
        seed: draws the orders of axes.
    """
    known = known or Known()
    before, after = counted(ask(reference)), counted(ask(shifted))
    examiner = Examiner(ask, variants) if variants else None
    evidence = _gathered(ask, before, after, examiner, known, limit, seed)
    right, then = exact_match(before), exact_match(after)
    findings, rulings = judge_causes(evidence)
    inner = _inner(known, before, after) if evidence.wrong else None
    if inner:
        findings = _with_inner(findings, inner)
    rulings += [SKIPPED] if evidence.wrong and not inner else []
    return Diagnosis(
        before.model,
        headline(before.model, right, then, findings, evidence),
        *(right, then, tuple(findings), tuple(rulings), evidence.shares),
        evidence.commonest,
        *(tuple(evidence.joints), tuple(evidence.doses)),
        len(before) + len(after) + (examiner.asked if examiner else 0),
        inner,
    )


def _gathered(
    ask: Ask,
    before: Counted,
    after: Counted,
    examiner: Examiner | None,
    known: Known,
    limit: float,
    seed: int,
) -> Evidence:
    """Ask what the causes need; what cannot be had is lacking, with the reason."""
    right = exact_match(before)
    parts: dict[str, Any] = {"checks": known.checks, "training": known.training, "limit": limit}
    lacking: dict[str, str] = {}
    if right.interval[1] < ALIVE:
        lacking["shares"] = (
            f"{right.value:.0%} of the reference cases are right, so it is dead before any shift"
        )
    elif examiner is None:
        lacking["shares"] = "nothing can write the documents anew; give the schema that drew them"
    else:
        examiner.know(before)
        reference, shifted = [p.case for p in before], [p.case for p in after]
        parts |= _shifts(examiner, reference, shifted, lacking, limit=limit, seed=seed)
    if not (all(before.right) and all(after.right)):
        parts |= _others(ask, known, before, after, lacking)
    else:
        lacking |= dict.fromkeys(("edits", "unquantised", "base"), "no answer is wrong")
    return Evidence(before, after, lacking=lacking, **parts)


def _inner(
    known: Known, before: Sequence[Prediction], after: Sequence[Prediction]
) -> InnerEvidence | None:
    """Look inside the model, where that can be had."""
    if known.inside is None or known.expected is None:
        return None
    return inner_evidence(known.inside(), before, after, known.expected)


def _with_inner(findings: Sequence[Finding], inner: InnerEvidence) -> list[Finding]:
    """Add what the inside of the model tells to the first cause that is a shift."""
    told = list(findings)
    place = next((at for at, one in enumerate(told) if one.cause.startswith("shift")), None)
    if place is not None:
        first = told[place]
        evidence = (*first.evidence, *inner.told)
        told[place] = replace(first, evidence=evidence, against=(*first.against, *inner.against))
    return told


def _shifts(
    examiner: Examiner,
    reference: Sequence[Case],
    shifted: Sequence[Case],
    lacking: dict[str, str],
    *,
    limit: float,
    seed: int,
) -> dict[str, Any]:
    try:
        trials = trials_of(reference, shifted)
    except CaseError as error:
        lacking["shares"] = str(error)
        return {}
    shares = causal_shares(examiner, trials, seed=seed)
    if examiner.refused > examiner.asked:
        lacking["shares"] = (
            f"{examiner.refused} of {examiner.refused + examiner.asked} documents cannot be "
            "written anew; give the schema that drew them"
        )
        return {}
    costly = [s.axis for s in shares.shares if s.cost.interval[0] > 0][:CLOSELY]
    if not costly or shares.loss.interval[0] < limit / 4:
        return {"shares": shares}
    few = _each_record(trials)[:FEW]
    doses = [dose_response(examiner, few, axis, at_least=1 - limit) for axis in costly]
    wrong = examiner.wrong_fields([Question(trial, trial.shift) for trial in trials])
    whole = examiner.wrong_fields([Question(trial, {}) for trial in trials])
    failing = [t for t, w, b in zip(trials, wrong, whole, strict=True) if w and not b][:FAILING]
    return {
        "shares": shares,
        "doses": doses,
        "joints": joint_costs(examiner, few, costly) if len(costly) > 1 else (),
        "minimal": minimal_causes(examiner, failing),
    }


def _each_record(trials: Sequence[Trial]) -> list[Trial]:
    """Return one trial of each record."""
    return [*{trial.reference.cluster: trial for trial in trials}.values()]


def _others(
    ask: Ask,
    known: Known,
    before: Sequence[Prediction],
    after: Sequence[Prediction],
    lacking: dict[str, str],
) -> dict[str, Any]:
    """Ask what else could explain wrong answers: the pipeline, quantisation, the base alone."""
    found: dict[str, Any] = {}
    cases = [p.case for p in before]
    if any(p.logprobs is None for p in before):
        lacking["edits"] = (
            "the model gives no probabilities, so no edit can be seen to go unnoticed"
        )
    else:
        found["edits"] = unnoticed_edits(ask, cases)
    wrong = [p.case for p in [*before, *after] if not p.correct]
    some = [*cases[:FEW], *wrong[:FEW]]
    some = [*{(case.id, case.condition): case for case in some}.values()]
    for name, other in (("unquantised", known.unquantised), ("base", known.base)):
        if other is None:
            lacking[name] = f"the model cannot be asked {_OTHERS[name]}"
        else:
            found[name] = other(some)
    return found


_OTHERS: Final = {"unquantised": "without quantisation", "base": "without its adapter"}
