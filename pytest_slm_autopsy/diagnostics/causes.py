"""Causes of death: each looked for in the evidence, and named, ruled out, or left open.

A cause is weighed by the share of all wrong answers that it explains. It is named only where its
interval lies beyond the limit, so that a healthy model has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from pytest_slm_autopsy.cases.drawn.shifts import AXES
from pytest_slm_autopsy.diagnostics.edits import EDITS
from pytest_slm_autopsy.diagnostics.evidence import Checked, Evidence
from pytest_slm_autopsy.diagnostics.minimal import CommonCause, commonest
from pytest_slm_autopsy.diagnostics.trials import paired
from pytest_slm_autopsy.measures.accuracy import exact_match
from pytest_slm_autopsy.measures.calibration import expected_calibration_error
from pytest_slm_autopsy.measures.collapse import commonest_answer, cut_off, excess_repetition
from pytest_slm_autopsy.measures.counted import comparable
from pytest_slm_autopsy.measures.error_categories import categorise
from pytest_slm_autopsy.measures.inputs.leakage import find_leaks, share_leaked
from pytest_slm_autopsy.records import Finding, Measurement, Prediction

ALIVE: Final = 0.5
"""A model with less accuracy on reference cases is dead before any shift."""
LEVEL: Final = 0.99
"""Confidence level at which a cause is named: there are many causes, and each could be luck."""

BLIND: Final = 0.95
"""Share of documents on which an edit goes unnoticed where the pipeline throws it away."""
NOTABLE: Final = 5
"""An axis is named where it surely costs this part of the tolerated loss: one fifth."""

Judge = Callable[[Evidence], Iterable["Judged"]]


@dataclass(frozen=True, slots=True)
class Ruling:
    """A cause that is not named: ruled out by evidence, or left open for lack of it."""

    cause: str
    reason: str
    ruled_out: bool


@dataclass(frozen=True, slots=True)
class Named:
    """A cause that is named; of a lower ``rank`` it comes first, whatever the others explain."""

    finding: Finding
    rank: int = 1


Judged = Named | Ruling


def judge_causes(evidence: Evidence) -> tuple[list[Finding], list[Ruling]]:
    """Return the named causes, the first the likeliest cause of death, and the other rulings."""
    judged = [one for judge in JUDGES for one in judge(evidence)]
    named = [one for one in judged if isinstance(one, Named)]
    named.sort(key=lambda one: (one.rank, -one.finding.effect.value))
    rulings = [one for one in judged if isinstance(one, Ruling)]
    rulings.sort(key=lambda ruling: not ruling.ruled_out)
    return [one.finding for one in named], rulings


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


def _setup(evidence: Evidence) -> Iterator[Judged]:
    yield from setup(evidence.checks, _explained(evidence, "set-up", lambda p: True))


def _leak(evidence: Evidence) -> Iterator[Judged]:
    cause = "the evaluation leaked into training"
    if not evidence.training:
        yield Ruling(cause, "the training cases are not known; give training=", ruled_out=False)
        return
    cases = [p.case for p in evidence.reference]
    share = share_leaked(find_leaks(training=evidence.training, evaluation=cases), cases)
    told = f"{share.value:.0%} of the reference cases are also in training {_interval(share)}"
    if share.interval[0] < 0.05:
        yield Ruling(cause, told, ruled_out=True)
        return
    cure = "draw the evaluation anew, with records that training has never seen"
    yield Named(Finding(cause, replace(share, name="share leaked"), (told,), cure=cure), rank=0)


def _edits(evidence: Evidence) -> Iterator[Judged]:
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
        effect = _explained(evidence, one.fault, partial(_edited, evidence, EDITS[one.edit][1]))
        if effect is None or effect.interval[0] < evidence.limit:
            continue
        named = True
        told = f"{one.share.value:.0%} of {one.share.n} documents get the same answer, to the last "
        said = (f"{told}digit, without their {one.edit} {_interval(one.share)}",)
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


def _ends(evidence: Evidence) -> Iterator[Judged]:
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
    effect = _explained(evidence, name, lambda p: p.finish != "stop")
    yield Named(Finding(name, effect or share, (told,), cure=cure))


def _begun(prediction: Prediction) -> bool:
    """Tell whether a cut answer was still inside its first object."""
    closings = (at for at, letter in enumerate(prediction.raw, start=1) if letter == "}")
    parts = (prediction.raw[:at] for at in closings)
    return not any(part.count("{") == part.count("}") for part in parts)


def _collapse(evidence: Evidence) -> Iterator[Judged]:
    share = excess_repetition(evidence.everything, confidence_level=LEVEL)
    cause = "collapsed: one answer for different documents"
    if share.interval[0] < evidence.limit:
        told = f"{share.value:.0%} of the answers are wrong and recur"
        yield Ruling(cause, told, ruled_out=True)
        return
    answer, times = commonest_answer(evidence.everything)
    told = f"{times} of {share.n} answers are {answer[:60]!r}"
    given = Counter(p.raw for p in evidence.wrong)
    effect = _explained(evidence, cause, lambda p: given[p.raw] > 1)
    cure = "train on many different answers, for fewer epochs, at a lower learning rate"
    yield Named(Finding(cause, effect or share, (told,), cure=cure))


def _copies(evidence: Evidence) -> Iterator[Judged]:
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
    effect = _explained(evidence, cause, lambda p: _copied(p, learnt, values))
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


def _quantised(evidence: Evidence) -> Iterator[Judged]:
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
        yield Ruling(cause, f"{told} {_interval(cost)}", ruled_out=True)
        return
    healed = {one.case.id for one, other in pairs if other.correct and not one.correct}
    asked = {one.case.id for one, _ in pairs}
    effect = _explained(evidence, cause, lambda p: p.case.id in healed, asked)
    cure = "serve the model in 8 bits or unquantised, or train it on the quantised base"
    yield Named(Finding(cause, effect or cost, (told,), cure=cure))


def _base(evidence: Evidence) -> Iterator[Judged]:
    cause = "the adapter does nothing"
    pairs = list(evidence.pairs(evidence.base))
    if not pairs:
        yield Ruling(cause, evidence.lacking.get("base", "not compared"), ruled_out=False)
        return
    same = {one.case.id for one, other in pairs if one.raw == other.raw and not one.correct}
    effect = _explained(evidence, cause, lambda p: p.case.id in same, {p.case.id for p, _ in pairs})
    told = f"{len(same)} of {len(pairs)} answers are wrong and word for word the base's own"
    if effect is None or effect.interval[0] < ALIVE:
        yield Ruling(cause, told, ruled_out=True)
        return
    cure = "attach the adapter, and see that its weights are not zero"
    yield Named(Finding(cause, effect, (told,), cure=cure), rank=0)


def _confidence(evidence: Evidence) -> Iterator[Judged]:
    cause = "over-confident: sure where it is wrong, on reference cases too"
    if any(p.logprobs is None for p in evidence.reference):
        yield Ruling(cause, "the model gives no probabilities", ruled_out=False)
        return
    error = expected_calibration_error(evidence.reference, confidence_level=LEVEL)
    right = exact_match(evidence.reference)
    told = f"calibration error {error.value:.2f} {_interval(error)} on reference cases"
    if error.interval[0] < evidence.limit or right.value < ALIVE:
        yield Ruling(cause, told, ruled_out=right.value >= ALIVE)
        return
    effect = _explained(evidence, cause, lambda p: not p.case.shift)
    cure = "fit a temperature on held-out cases, and look for scaled logits in the server"
    yield Named(Finding(cause, effect or error, (told,), cure=cure))


def _shift(evidence: Evidence) -> Iterator[Judged]:
    shares = evidence.shares
    if shares is None:
        yield Ruling("shift", evidence.lacking.get("shares", "not tried"), ruled_out=False)
        return
    causes = commonest(evidence.minimal) if evidence.minimal else ()
    lost = shares.loss.interval[0] > evidence.limit / 2
    together = [
        joint
        for joint in evidence.joints
        if joint.cost.interval[0] > evidence.limit and joint.cost.value > sum(joint.alone)
    ][:1]
    joined = {axis for joint in together for axis in joint.axes}
    for joint in together:
        yield Named(_of_axes(evidence, joint.axes, causes, together=True))
    for share in shares.shares:
        if share.axis in joined:
            continue
        if not lost or _surely(share.cost) < evidence.limit / NOTABLE:
            told = f"costs {share.cost.value:+.2f} {_interval(share.cost)} of accuracy"
            yield Ruling(f"shift: {share.axis}", told, ruled_out=share.cost.interval[1] < 0.2)
            continue
        yield Named(_of_axes(evidence, (share.axis,), causes))


def _of_axes(
    evidence: Evidence,
    axes: tuple[str, ...],
    causes: Sequence[CommonCause],
    *,
    together: bool = False,
) -> Finding:
    assert evidence.shares
    parts = [share for share in evidence.shares.shares if share.axis in axes]
    name = f"shift: {' and '.join(axes)}{' together' if together else ''}"
    effect = _turned(evidence, name, axes)
    told = [
        f"{share.axis} ({AXES[share.axis].summary}) costs {share.cost.value:.2f} "
        f"{_interval(share.cost)} of accuracy, and breaks "
        f"{', '.join(list(share.fields)[:3]) or 'the answer'}"
        for share in parts
    ]
    told += [
        f"{cause.share.value:.0%} of the failures: {cause.words}, nothing else"
        for cause in causes
        if _axes_of(cause) <= {*axes}
    ][:3]
    told += [
        f"accuracy falls below the limit between severity {kept or 0:g} and {lost:g}"
        for dose in evidence.doses
        for kept, lost in [dose.boundary]
        if dose.axis in axes and lost is not None
    ]
    if not together and (thing := _single_thing(evidence, axes[0])):
        name = f"{name}: {thing}"
    swapped = _swapped(evidence, axes)
    told += [swapped] if swapped else []
    cure = f"train on documents shifted by {' and '.join(axes)}; slm-autopsy cure writes them"
    return Finding(name, effect, tuple(told), cure=cure)


def _swapped(evidence: Evidence, axes: tuple[str, ...]) -> str:
    """Return a sentence on values of other fields in answers that these axes shifted, if many."""
    hit = [p for p in evidence.wrong if {*axes} & {*p.case.shift}]
    swapped = sum(categorise(p) == "swapped" for p in hit)
    if not hit or swapped * 2 < len(hit):
        return ""
    return f"{swapped} of {len(hit)} wrong answers state another field's value: it reads places"


def _axes_of(cause: CommonCause) -> set[str]:
    return {part.partition(":")[0] for part in cause.words.split(" and ")}


def _single_thing(evidence: Evidence, axis: str) -> str:
    """Return the one thing of an axis that breaks answers, where others of it were tried too."""
    alone = [c for c in evidence.minimal if set(c.things) == {axis} and c.things[axis]]
    if len(alone) < 8:
        return ""
    (thing, hits) = Counter(t for c in alone for t in c.things[axis]).most_common(1)[0]
    return thing if hits >= 0.9 * len(alone) else ""


def _weak(evidence: Evidence) -> Iterator[Judged]:
    cause = "it has not learnt the task"
    right = exact_match(evidence.reference, confidence_level=LEVEL)
    told = f"{right.value:.0%} of the reference cases are right {_interval(right)}"
    if right.interval[1] > 1 - evidence.limit:
        yield Ruling(cause, told, ruled_out=True)
        return
    effect = _explained(evidence, cause, lambda p: not p.case.shift)
    cure = "train longer, or on more documents, before any shift is tested"
    dead = right.interval[1] < ALIVE
    if effect is not None and dead:
        effect = _explained(evidence, cause, lambda p: True)
    yield Named(Finding(cause, effect or right, (told,), cure=cure), rank=2)


JUDGES: Final[Sequence[Judge]] = (
    _setup,
    _leak,
    _edits,
    _ends,
    _collapse,
    _copies,
    _quantised,
    _base,
    _confidence,
    _shift,
    _weak,
)


def _explained(
    evidence: Evidence,
    cause: str,
    explains: Callable[[Prediction], bool],
    asked: set[str] | None = None,
) -> Measurement | None:
    """Return the share of the wrong answers that a cause explains; ``None`` where none is wrong."""
    wrong = [p for p in evidence.wrong if asked is None or p.case.id in asked]
    if not wrong:
        return None
    hits = [int(explains(p)) for p in wrong]
    told = paired("share of the loss", hits, [p.case.cluster for p in wrong])
    return _positive(told, evidence)


def _turned(evidence: Evidence, name: str, axes: tuple[str, ...]) -> Measurement:
    """Return the share of lost answers that one of these axes turned."""
    assert evidence.shares
    turns = evidence.shares.turns
    reference = [p.case.cluster for p in evidence.reference if not p.correct]
    hits = [int(axis in axes) for _, axis in turns] + [0] * len(reference)
    records = [record for record, _ in turns] + reference
    return _positive(paired("share of the loss", hits, records), evidence)


def _positive(told: Measurement, evidence: Evidence) -> Measurement:
    low, high = told.interval
    return replace(
        told,
        interval=(max(0.0, low), high),
        bounds=(0.0, 1.0),
        model=evidence.everything.model,
        interval_at=None,
    )


def _surely(cost: Measurement) -> float:
    """Return what a cost is at least, at the level at which causes are named."""
    return (cost.interval_at(LEVEL) if cost.interval_at else cost.interval)[0]


def _interval(measurement: Measurement) -> str:
    low, high = measurement.interval
    return f"[{low:.2f}, {high:.2f}]"
