"""The share of each axis in a loss, what axes cost only together, and how much an axis may be.

A trial walks from its reference case to its shifted one, an axis at a time, in an order that the
seed draws. The axis whose step turns the answer over has cost it. The mean over random orders is
the Shapley value of the axis (Shapley 1953; Castro, Gomez & Tejada 2009), where no further axis
heals what another broke: then the turning step is found by halving, a few questions a trial
instead of one an axis. The share of walks in which an answer healed is measured, and reported.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import Final

import numpy as np

from pytest_slm_autopsy.diagnostics.trials import Examiner, Question, Trial, paired
from pytest_slm_autopsy.records import Measurement

WALKED: Final = 8
"""One trial in so many is walked step by step, to see whether answers heal."""


@dataclass(frozen=True, slots=True)
class AxisShare:
    """The accuracy that one axis costs: a share of all trials, and the fields that it broke."""

    axis: str
    cost: Measurement
    fields: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class CausalShares:
    """The loss of all trials and its parts by axis, the costliest first; they add up to it.

    ``healed`` is the share of the trials walked step by step in which a further axis healed an
    answer that another broke; ``None`` where none was walked. ``turns`` holds the record of each
    lost answer and the axis that turned it.
    """

    loss: Measurement
    shares: tuple[AxisShare, ...]
    healed: Measurement | None
    turns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Joint:
    """Two axes, and the share of records that die of both together and survive each alone.

    ``alone`` holds the shares of records that die of the first and of the second alone.
    """

    axes: tuple[str, str]
    cost: Measurement
    alone: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Dose:
    """The accuracy at each severity of one axis, and the boundary of the capability.

    ``boundary`` holds the largest severity seen to keep the accuracy above the limit and the
    smallest seen below it; ``None`` stands for a side that no severity from 0 to 1 reaches.
    """

    axis: str
    severities: tuple[float, ...]
    accuracy: tuple[Measurement, ...]
    boundary: tuple[float | None, float | None]


def causal_shares(
    examiner: Examiner, trials: Sequence[Trial], *, seed: int = 0, level: float = 0.95
) -> CausalShares:
    """Return what each axis of the trials costs.

    Args:
        examiner: the model that is asked, and the writer of variants.
        trials: records with their shifts.
        seed: draws the order of the axes in each trial.
        level: confidence level of the intervals, which are clustered by record.
    """
    walks = [_Walk(trial, _order(trial, seed, number)) for number, trial in enumerate(trials)]
    _find_turns(examiner, walks)
    records = [walk.trial.reference.cluster for walk in walks]
    axes = dict.fromkeys(axis for walk in walks for axis in walk.trial.shift)
    shares = []
    for axis in axes:
        changes = [walk.change if walk.turn == axis else 0 for walk in walks]
        fields = Counter(f for walk in walks if walk.turn == axis for f in walk.broken)
        cost = paired(f"cost of {axis}", changes, records, level=level)
        shares.append(AxisShare(axis, cost, dict(fields.most_common())))
    shares.sort(key=lambda share: (-share.cost.value, share.axis))
    loss = paired("loss", [walk.change for walk in walks], records, level=level)
    turns = tuple((walk.trial.reference.cluster, walk.turn) for walk in walks if walk.change > 0)
    return CausalShares(loss, tuple(shares), _healed(examiner, walks, level), turns)


def joint_costs(
    examiner: Examiner, trials: Sequence[Trial], axes: Iterable[str], *, level: float = 0.95
) -> tuple[Joint, ...]:
    """Return for each pair of axes what only both together cost, the costliest first.

    Each trial is asked under each axis alone and under each pair, at the trial's severity or 1.
    """
    pairs = list(combinations(axes, 2))
    asked = [
        (trial, shift)
        for trial in trials
        for pair in pairs
        for shift in ((pair[0],), (pair[1],), pair)
    ]
    questions = [
        Question(trial, {axis: trial.shift.get(axis, 1.0) for axis in shift})
        for trial, shift in asked
    ]
    wrong = np.array([*map(bool, examiner.wrong_fields(questions))]).reshape(len(trials), -1, 3)
    records = [trial.reference.cluster for trial in trials]
    found = []
    for place, pair in enumerate(pairs):
        first, second, both = wrong[:, place].T
        name = f"cost of {' and '.join(pair)} together"
        cost = paired(name, (both & ~first & ~second).astype(int).tolist(), records, level=level)
        found.append(Joint(pair, cost, (float(first.mean()), float(second.mean()))))
    return tuple(sorted(found, key=lambda joint: -joint.cost.value))


def dose_response(
    examiner: Examiner,
    trials: Sequence[Trial],
    axis: str,
    *,
    at_least: float = 0.9,
    halvings: int = 3,
    level: float = 0.95,
) -> Dose:
    """Return accuracy against severity of one axis, and where it falls below ``at_least``.

    The full severity is asked first, then the middle of the interval that holds the boundary.
    """
    accuracy: dict[float, Measurement] = {}
    records = [trial.reference.cluster for trial in trials]

    def ask(severity: float) -> float:
        alone = [Trial(trial.reference, {axis: 1.0}) for trial in trials]
        questions = [Question(trial, {axis: severity}) for trial in alone]
        right = [int(not wrong) for wrong in examiner.wrong_fields(questions)]
        told = paired(f"accuracy under {axis} {severity:g}", right, records, level=level)
        low, high = told.interval
        accuracy[severity] = replace(told, interval=(max(0.0, low), high), bounds=(0.0, 1.0))
        return told.value

    if ask(1.0) >= at_least:
        return Dose(axis, (1.0,), tuple(accuracy.values()), (1.0, None))
    kept, lost = 0.0, 1.0
    for _ in range(halvings):
        middle = (kept + lost) / 2
        kept, lost = (middle, lost) if ask(middle) >= at_least else (kept, middle)
    asked = tuple(sorted(accuracy))
    return Dose(axis, asked, tuple(accuracy[one] for one in asked), (kept or None, lost))


class _Walk:
    """A way from a reference case to its shifted one, an axis a step."""

    def __init__(self, trial: Trial, order: Sequence[str]) -> None:
        self.trial, self.order = trial, order
        self.low, self.high = 0, len(order)
        self.change = 0
        self.turn = ""
        self.seen: dict[int, frozenset[str]] = {}

    def question(self, step: int) -> Question:
        axes = self.order[:step]
        return Question(self.trial, {a: s for a, s in self.trial.shift.items() if a in axes})

    @property
    def broken(self) -> frozenset[str]:
        """Return the fields that differ in outcome on both sides of the turning step."""
        return self.seen[self.low] ^ self.seen[self.high]


def _order(trial: Trial, seed: int, number: int) -> list[str]:
    order = sorted(trial.shift)
    random.Random(f"{seed}/{number}/{trial.seed}").shuffle(order)
    return order


def _find_turns(examiner: Examiner, walks: Sequence[_Walk]) -> None:
    """Ask both ends of every walk, then halve those whose ends differ."""
    _ask(examiner, [(walk, 0) for walk in walks])
    _ask(examiner, [(walk, len(walk.order)) for walk in walks])
    for walk in walks:
        walk.change = bool(walk.seen[walk.high]) - bool(walk.seen[0])
    open_walks = [walk for walk in walks if walk.change]
    while going := [walk for walk in open_walks if walk.high - walk.low > 1]:
        middles = [(walk, (walk.low + walk.high) // 2) for walk in going]
        _ask(examiner, middles)
        for walk, middle in middles:
            turned = bool(walk.seen[middle]) != bool(walk.seen[walk.low])
            walk.low, walk.high = (walk.low, middle) if turned else (middle, walk.high)
    for walk in open_walks:
        walk.turn = walk.order[walk.high - 1]


def _ask(examiner: Examiner, steps: Sequence[tuple[_Walk, int]]) -> None:
    found = examiner.wrong_fields([walk.question(step) for walk, step in steps])
    for (walk, step), wrong in zip(steps, found, strict=True):
        walk.seen[step] = wrong


def _healed(examiner: Examiner, walks: Sequence[_Walk], level: float) -> Measurement | None:
    """Return the share of walks, of a few walked step by step, that turn more than once."""
    few = [walk for walk in walks if len(walk.order) > 1][::WALKED]
    if not few:
        return None
    _ask(examiner, [(walk, step) for walk in few for step in range(len(walk.order) + 1)])
    healed = []
    for walk in few:
        states = [bool(walk.seen[step]) for step in range(len(walk.order) + 1)]
        turns = sum(a != b for a, b in pairwise(states))
        healed.append(int(turns > 1))
    records = [walk.trial.reference.cluster for walk in few]
    return paired("walks in which an answer healed", healed, records, level=level)
