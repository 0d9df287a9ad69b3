"""Causes in the answers: they do not end, collapse, are known by heart, too sure, or not learnt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pytest_slm_autopsy.diagnostics.causes.rulings import (
    ALIVE,
    LEVEL,
    Judged,
    Named,
    explained,
    in_brackets,
)
from pytest_slm_autopsy.diagnostics.evidence import Evidence
from pytest_slm_autopsy.measures.accuracy import exact_match
from pytest_slm_autopsy.measures.calibration import expected_calibration_error
from pytest_slm_autopsy.measures.collapse import commonest_answer, cut_off, excess_repetition
from pytest_slm_autopsy.measures.counted import comparable
from pytest_slm_autopsy.records import Finding, Prediction, Ruling


def endless(evidence: Evidence) -> Iterator[Judged]:
    """Judge whether answers end, and if not, whether they are cut off or run on."""
    share = cut_off(evidence.everything, confidence_level=LEVEL)
    cause = "answers do not end"
    if share.interval[0] < 0.05:
        yield Ruling(cause, f"{share.value:.0%} of the answers are cut off", ruled_out=True)
        return
    cut = [p for p in evidence.everything if p.finish != "stop"]
    begun = sum(_begun(p) for p in cut)
    short = begun * 2 > len(cut)
    name = "answers are cut off at the length limit" if short else "the end of turn is not seen"
    told = (
        f"{begun} of {len(cut)} cut answers are beginnings of an answer"
        if short
        else f"{len(cut) - begun} of {len(cut)} cut answers go on after a whole answer, or loop"
    )
    cure = (
        "raise max_new_tokens above the longest answer"
        if short
        else "stop at the token that the chat template writes after an answer"
    )
    effect = explained(evidence, lambda p: p.finish != "stop")
    yield Named(Finding(name, effect or share, (told,), cure=cure))


def _begun(prediction: Prediction) -> bool:
    """Tell whether a cut answer was still inside its first object."""
    closings = (at for at, letter in enumerate(prediction.raw, start=1) if letter == "}")
    parts = (prediction.raw[:at] for at in closings)
    return not any(part.count("{") == part.count("}") for part in parts)


def collapse(evidence: Evidence) -> Iterator[Judged]:
    """Judge whether different documents get one answer."""
    share = excess_repetition(evidence.everything, confidence_level=LEVEL)
    cause = "collapsed: one answer for different documents"
    if share.interval[0] < evidence.limit:
        told = f"{share.value:.0%} of the answers are wrong and recur"
        yield Ruling(cause, told, ruled_out=True)
        return
    answer, times = commonest_answer(evidence.everything)
    told = f"{times} of {share.n} answers are {answer[:60]!r}"
    given = Counter(p.raw for p in evidence.wrong)
    effect = explained(evidence, lambda p: given[p.raw] > 1)
    cure = "train on many different answers, for fewer epochs, at a lower learning rate"
    yield Named(Finding(cause, effect or share, (told,), cure=cure))


def copies(evidence: Evidence) -> Iterator[Judged]:
    """Judge whether wrong answers are training's, or made of its values."""
    cause = "it answers training documents by heart"
    if not evidence.training:
        yield Ruling(cause, "the training cases are not known; give training=", ruled_out=False)
        return
    asked = {comparable(p.case.truth) for p in evidence.everything}
    learnt = {comparable(case.truth) for case in evidence.training} - asked
    values = Counter(
        (name, value)
        for case in evidence.training
        for name, value in case.truth.items()
        if isinstance(value, str)
    )
    effect = explained(evidence, lambda p: _copied(p, learnt, values))
    if effect is None or effect.interval[0] < evidence.limit:
        told = "no wrong answer" if effect is None else f"{effect.value:.0%} of the wrong answers"
        yield Ruling(cause, f"{told} is one of training's", ruled_out=True)
        return
    told = f"{effect.value:.0%} of the wrong answers state values of training documents alone"
    cure = "train on more documents, each of them once"
    yield Named(Finding(cause, effect, (told,), cure=cure))


def _copied(prediction: Prediction, learnt: set[object], values: Counter[tuple[str, str]]) -> bool:
    """Tell whether an answer is a training truth, or most of its wrong values are training's."""
    fields = prediction.fields
    if not fields:
        return False
    if comparable(fields) in learnt:
        return True
    wrong = {n: v for n, v in fields.items() if v and v != prediction.case.truth.get(n)}
    absent = {n: str(v) for n, v in wrong.items() if str(v) not in prediction.case.text}
    known = [name for name, value in absent.items() if values[name, value]]
    return len(known) >= 2 and len(known) * 2 > len(wrong)


def over_confidence(evidence: Evidence) -> Iterator[Judged]:
    """Judge whether the model is too sure where nothing is shifted."""
    cause = "over-confident: sure where it is wrong, on reference cases too"
    if any(p.logprobs is None for p in evidence.reference):
        yield Ruling(cause, "the model gives no probabilities", ruled_out=False)
        return
    error = expected_calibration_error(evidence.reference, confidence_level=LEVEL)
    right = exact_match(evidence.reference)
    told = f"calibration error {error.value:.2f} {in_brackets(error)} on reference cases"
    if error.interval[0] < evidence.limit or right.value < ALIVE:
        yield Ruling(cause, told, ruled_out=right.value >= ALIVE)
        return
    effect = explained(evidence, lambda p: not p.case.shift)
    cure = "fit a temperature on held-out cases, and look for scaled logits in the server"
    yield Named(Finding(cause, effect or error, (told,), cure=cure))


def weakness(evidence: Evidence) -> Iterator[Judged]:
    """Judge whether the reference cases are read at all; it comes after all other causes."""
    cause = "it has not learnt the task"
    right = exact_match(evidence.reference, confidence_level=LEVEL)
    told = f"{right.value:.0%} of the reference cases are right {in_brackets(right)}"
    if right.interval[1] > 1 - evidence.limit:
        yield Ruling(cause, told, ruled_out=True)
        return
    effect = explained(evidence, lambda p: not p.case.shift)
    cure = "train longer, or on more documents, before any shift is tested"
    dead = right.interval[1] < ALIVE
    if effect is not None and dead:
        effect = explained(evidence, lambda p: True)
    yield Named(Finding(cause, effect or right, (told,), cure=cure), rank=2)
