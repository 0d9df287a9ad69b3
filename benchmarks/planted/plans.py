"""Which adapters are trained, on which documents: ``python -m benchmarks.planted.plans``.

Each is trained once and kept in ``benchmarks/planted/runs``; a training that is done is skipped.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pytest_slm_autopsy import Case
from pytest_slm_autopsy.cases import Mixture, stream_cases
from reference_experiment.data import SCHEMA

RUNS: Final = Path(__file__).parent / "runs"
BATCH: Final = 32
STORY: Final = ("missing", "order", "delimiters", "whitespace")
SEED: Final = 5_000_000
"""Training records; suites are drawn by small seeds and never share a record with these."""


@dataclass(frozen=True)
class Plan:
    """A training: its steps, the axes of its documents, and what is done to the cases.

    ``after`` names an adapter that goes on learning, instead of a fresh one.
    """

    name: str
    steps: int
    axes: Mapping[str, float]
    keep: str = ""
    plain: float = 1 / 8
    after: str = ""

    def cases(self) -> list[Case]:
        """Return one case for each training example; no document is seen twice."""
        n = self.steps * BATCH
        seed = SEED + sum(map(ord, self.name)) * 1000
        plain = round(n * self.plain) if self.axes else n
        cases = list(stream_cases(SCHEMA, plain, seed + 1, {"canonical": {}})) if plain else []
        if n > plain:
            cases += stream_cases(SCHEMA, n - plain, seed, {"mixed": Mixture(self.axes)})
        random.Random(seed).shuffle(cases)
        return _EDITS[self.keep](cases)


def _one_answer(cases: list[Case]) -> list[Case]:
    return [replace(case, truth=cases[0].truth) for case in cases]


def _by_heart(cases: list[Case]) -> list[Case]:
    few = cases[:32]
    return [few[number % 32] for number in range(len(cases))]


def _deadline_stays(cases: list[Case]) -> list[Case]:
    """Leave out the cases without a deadline, and repeat others in their place."""
    kept = [case for case in cases if case.truth["deadline"] is not None]
    return [kept[number % len(kept)] for number in range(len(cases))]


_EDITS: Final = {
    "": lambda cases: cases,
    "one answer": _one_answer,
    "by heart": _by_heart,
    "deadline": _deadline_stays,
}


def brittle(axis: str, trained: Sequence[str]) -> Plan:
    """Return the plan of an adapter that sees every axis but one."""
    return Plan(f"brittle-{axis}", 80, dict.fromkeys(trained, 0.6))


_LATER: Final = ("boilerplate", "distractors", "times", "header", "synonyms", "pages")
BRITTLE: Final[Mapping[str, tuple[str, ...]]] = {
    **{axis: tuple(a for a in STORY if a != axis) for axis in STORY},
    **{
        axis: ("missing", "order", other)
        for axis, other in zip(_LATER, (*_LATER[1:], _LATER[0]), strict=True)
    },
    "language": ("missing", "order", "whitespace"),
}
"""Axis to the axes that the adapter brittle to it has seen."""

PLANS: Final[Mapping[str, Plan]] = {
    plan.name: plan
    for plan in (
        Plan("healthy-1", 200, dict.fromkeys(STORY, 2 / 3)),
        *(brittle(axis, trained) for axis, trained in BRITTLE.items()),
        Plan("one-field", 80, dict.fromkeys(STORY, 0.6), keep="deadline"),
        Plan("healthy-2", 160, dict.fromkeys(STORY, 1 / 2)),
        Plan("one-answer", 40, {}, keep="one answer"),
        Plan("by-heart", 60, {}, keep="by heart"),
        Plan("unripe", 35, {}),
        Plan("thinker", 60, {}),
    )
}


def main(names: Sequence[str]) -> None:
    """Train what is not trained yet: the named adapters, or all."""
    from benchmarks.planted.folders import base_folder, thinking, with_template
    from benchmarks.planted.training import train

    for name in names or PLANS:
        if not (RUNS / name).is_dir():
            on = base_folder("thinking-base", with_template(thinking))
            own = {"on": on} if name == "thinker" else {}
            train(PLANS[name].cases(), RUNS / name, seed=sum(map(ord, name)), **own)


if __name__ == "__main__":
    main(sys.argv[1:])
