"""Causes in the parts and around the model: set-up, leaks, pipeline, quantisation, base alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from pytest_slm_autopsy.diagnostics.causes.rulings import (
    ALIVE,
    LEVEL,
    Judged,
    Named,
    explained,
    in_brackets,
)
from pytest_slm_autopsy.diagnostics.edits import EDITS
from pytest_slm_autopsy.diagnostics.evidence import Checked, Evidence
from pytest_slm_autopsy.diagnostics.trials import paired
from pytest_slm_autopsy.measures.inputs.leakage import find_leaks, share_leaked
from pytest_slm_autopsy.records import Finding, Measurement, Prediction, Ruling

BLIND: Final = 0.95
"""Share of documents on which an edit goes unnoticed where the pipeline throws it away."""


def setup(checks: Sequence[Checked] | None, loss: Measurement | None = None) -> Iterator[Judged]:
    """Judge whether adapter, base, tokenizer and prompt belong together.

    Checks come in the order in which one explains the next: the first that failed is the cause,
    the others are evidence for it.
    """
    cause = "the parts do not belong together"
    if checks is None:
        yield Ruling(cause, "no checks are known; load the model with load_model", ruled_out=False)
        return
    failed = [check for check in checks if check.outcome in ("failed", "allowed")]
    if not failed:
        passed = sum(check.outcome == "passed" for check in checks)
        yield Ruling(cause, f"{passed} checks of files and model pass", ruled_out=True)
        return
    failed.sort(key=lambda check: _place(check.name))
    first = failed[0]
    effect = loss or Measurement("checks failed", 1.0, (1.0, 1.0), len(failed))
    yield Named(
        Finding(
            f"set-up: {first.name}",
            effect,
            tuple(f"check {check.name}: {check.evidence}" for check in failed),
            cure="load the parts that were trained together; the checks say which do not fit",
        ),
        rank=0,
    )


_FIRST: Final = (
    *("tensor_shapes", "tensor_names", "target_modules", "weights_finite", "adapter_norm"),
    *("base_weights", "base_name", "tokenizer", "vocabulary", "chat_template", "special_tokens"),
    *("adapter_config", "adapter_weights", "prompts", "served_prompt", "adapter_acts"),
)


def _place(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def parts(evidence: Evidence) -> Iterator[Judged]:
    """Judge the checks of files and model."""
    yield from setup(evidence.checks, explained(evidence, lambda p: True))


def leak(evidence: Evidence) -> Iterator[Judged]:
    """Judge whether evaluation cases are in training."""
    cause = "the evaluation leaked into training"
    if not evidence.training:
        yield Ruling(cause, "the training cases are not known; give training=", ruled_out=False)
        return
    cases = [p.case for p in evidence.reference]
    share = share_leaked(find_leaks(training=evidence.training, evaluation=cases), cases)
    told = f"{share.value:.0%} of the reference cases are also in training {in_brackets(share)}"
    if share.interval[0] < 0.05:
        yield Ruling(cause, told, ruled_out=True)
        return
    cure = "draw the evaluation anew, with records that training has never seen"
    yield Named(Finding(cause, replace(share, name="share leaked"), (told,), cure=cure), rank=0)


def pipeline(evidence: Evidence) -> Iterator[Judged]:
    """Judge whether something is thrown away before the model, and costs answers."""
    cause = "the pipeline throws something away before the model"
    if evidence.edits is None:
        yield Ruling(cause, evidence.lacking.get("edits", "not tried"), ruled_out=False)
        return
    blind = [one for one in evidence.edits if one.share.value > BLIND]
    if len(blind) * 2 > len(evidence.edits):
        told = "most edits change nothing: its probabilities do not depend on the document"
        yield Ruling(cause, told, ruled_out=False)
        return
    named = False
    for one in blind:
        effect = explained(evidence, partial(_edited, evidence, EDITS[one.edit][1]))
        if effect is None or effect.interval[0] < evidence.limit:
            continue
        named = True
        told = f"{one.share.value:.0%} of {one.share.n} documents get the same answer, to the last "
        said = (f"{told}digit, without their {one.edit} {in_brackets(one.share)}",)
        cure = "hand the document to the model as it is"
        yield Named(Finding(one.fault, effect, said, cure=cure), rank=0)
    if not named:
        tried = ", ".join(one.edit for one in evidence.edits)
        yield Ruling(cause, f"no loss comes with what is thrown away; tried: {tried}", True)


def _edited(evidence: Evidence, edit: Callable[[str], str], prediction: Prediction) -> bool:
    """Tell whether a wrong answer is the truth, edited, or of a record that is wrong unshifted."""
    if prediction.case.cluster in evidence.dead:
        return True
    truth, fields = prediction.case.truth, prediction.fields or {}
    wrong = {name: value for name, value in truth.items() if fields.get(name) != value}
    return bool(wrong) and all(
        isinstance(value, str) and fields.get(name) == edit(value) for name, value in wrong.items()
    )


def quantised(evidence: Evidence) -> Iterator[Judged]:
    """Judge whether the unquantised model is right where this one is wrong."""
    cause = "quantisation damage"
    pairs = list(evidence.pairs(evidence.unquantised))
    if not pairs:
        yield Ruling(cause, evidence.lacking.get("unquantised", "not compared"), ruled_out=False)
        return
    changes = [int(other.correct) - int(one.correct) for one, other in pairs]
    cost = paired(
        "cost of quantisation", changes, [one.case.cluster for one, _ in pairs], level=LEVEL
    )
    told = f"unquantised it has {cost.value:+.0%} more of {len(pairs)} answers right"
    if cost.interval[0] < min(evidence.limit, 0.05):
        yield Ruling(cause, f"{told} {in_brackets(cost)}", ruled_out=True)
        return
    healed = {one.case.id for one, other in pairs if other.correct and not one.correct}
    asked = {one.case.id for one, _ in pairs}
    effect = explained(evidence, lambda p: p.case.id in healed, asked)
    cure = "serve the model in 8 bits or unquantised, or train it on the quantised base"
    yield Named(Finding(cause, effect or cost, (told,), cure=cure))


def base_alone(evidence: Evidence) -> Iterator[Judged]:
    """Judge whether wrong answers are the base's own."""
    cause = "the adapter does nothing"
    pairs = list(evidence.pairs(evidence.base))
    if not pairs:
        yield Ruling(cause, evidence.lacking.get("base", "not compared"), ruled_out=False)
        return
    same = {one.case.id for one, other in pairs if one.raw == other.raw and not one.correct}
    effect = explained(evidence, lambda p: p.case.id in same, {p.case.id for p, _ in pairs})
    told = f"{len(same)} of {len(pairs)} answers are wrong and word for word the base's own"
    if effect is None or effect.interval[0] < ALIVE:
        yield Ruling(cause, told, ruled_out=True)
        return
    cure = "attach the adapter, and see that its weights are not zero"
    yield Named(Finding(cause, effect, (told,), cure=cure), rank=0)
