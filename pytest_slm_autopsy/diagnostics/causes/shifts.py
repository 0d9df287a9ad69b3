"""Shifts as causes: axes, axes that kill only together, one thing that an axis touches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from pytest_slm_autopsy.cases.drawn.shifts import AXES
from pytest_slm_autopsy.diagnostics.causes.rulings import (
    Judged,
    Named,
    in_brackets,
    share_of_loss,
    surely,
)
from pytest_slm_autopsy.diagnostics.evidence import Evidence
from pytest_slm_autopsy.diagnostics.minimal import CommonCause
from pytest_slm_autopsy.diagnostics.trials import paired
from pytest_slm_autopsy.measures.error_categories import categorise
from pytest_slm_autopsy.records import Finding, Measurement, Ruling

UNSEEN: Final = 0.2
"""A cost that could still be as large is not ruled out."""
MOST_TIMES: Final = 64
"""Most times the cases that are thought of in advice."""
NOTABLE: Final = 5
"""An axis is named where it surely costs this part of the tolerated loss: one fifth."""


def shift(evidence: Evidence) -> Iterator[Judged]:
    """Judge each axis by what it surely costs, alone and together with another."""
    shares = evidence.shares
    if shares is None:
        yield Ruling("shift", evidence.lacking.get("shares", "not tried"), ruled_out=False)
        return
    lost = shares.loss.interval[0] > evidence.limit / 2
    together = [
        joint
        for joint in evidence.joints
        if joint.cost.interval[0] > evidence.limit and joint.cost.value > sum(joint.alone)
    ][:1]
    joined = {axis for joint in together for axis in joint.axes}
    for joint in together:
        yield Named(_of_axes(evidence, joint.axes, together=True))
    for share in shares.shares:
        if share.axis in joined:
            continue
        if not lost or surely(share.cost) < evidence.limit / NOTABLE:
            told = f"costs {share.cost.value:+.2f} {in_brackets(share.cost)} of accuracy"
            told += _more(share.cost, evidence.limit / NOTABLE)
            yield Ruling(f"shift: {share.axis}", told, ruled_out=share.cost.interval[1] < UNSEEN)
            continue
        yield Named(_of_axes(evidence, (share.axis,)))


def _more(cost: Measurement, notable: float) -> str:
    """Return how many more cases would name a cost that stays the same; empty for a small one."""
    with_times = cost.interval_with
    if with_times is None or cost.value <= notable or cost.interval[1] < UNSEEN:
        return ""
    enough = next((t for t in range(2, MOST_TIMES) if with_times(t)[0] > notable), 0)
    return f"; about {(enough - 1) * cost.n} more cases would prove it" if enough else ""


def _of_axes(evidence: Evidence, axes: tuple[str, ...], *, together: bool = False) -> Finding:
    assert evidence.shares
    parts = [share for share in evidence.shares.shares if share.axis in axes]
    name = f"shift: {' and '.join(axes)}{' together' if together else ''}"
    effect = _turned(evidence, axes)
    told = [
        f"{share.axis} ({AXES[share.axis].summary}) costs {share.cost.value:.2f} "
        f"{in_brackets(share.cost)} of accuracy, and breaks "
        f"{', '.join(list(share.fields)[:3]) or 'the answer'}"
        for share in parts
    ]
    told += [
        f"{cause.share.value:.0%} of the failures: {cause.words}, nothing else"
        for cause in evidence.commonest
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


def _turned(evidence: Evidence, axes: tuple[str, ...]) -> Measurement:
    """Return the share of lost answers that one of these axes turned."""
    assert evidence.shares
    turns = evidence.shares.turns
    reference = [p.case.cluster for p in evidence.reference if not p.correct]
    hits = [int(axis in axes) for _, axis in turns] + [0] * len(reference)
    records = [record for record, _ in turns] + reference
    return share_of_loss(paired("share of the loss", hits, records), evidence)
