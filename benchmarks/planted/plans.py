"""Which adapters are trained, on which documents: ``python -m benchmarks.planted.plans``.

Each is trained once and kept in ``benchmarks/planted/runs``; a training that is done is skipped.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy import Case, DocumentSchema, values
from pytest_slm_autopsy.cases import Mixture, stream_cases
from reference_experiment.config import HERE
from reference_experiment.data import SCHEMA

RUNS: Final = Path(__file__).parent / "runs"
ADAPTERS: Final = HERE / "adapters"
COMMITTED: Final = Path(__file__).parent / "adapters"
"""A small set of trained adapters, for whoever does not train them anew."""
BATCH: Final = 32
STORY: Final = ("missing", "order", "delimiters", "whitespace")
SEED: Final = 5_000_000
"""Training records; suites are drawn by small seeds and never share a record with these."""


_ACCENTS: Final = str.maketrans("aeou", "áéöü")


def _accented(draw: values.Draw) -> values.Draw:
    def drawn(choices: Any, record: Any) -> Any:
        return draw(choices, record).translate(_ACCENTS)

    return drawn


ACCENTED: Final = replace(
    SCHEMA,
    fields=tuple(
        replace(field, draw=_accented(field.draw)) if field.kind == "company" else field
        for field in SCHEMA.fields
    ),
)
"""The schema with accents in the names of companies."""


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
    schema: DocumentSchema = SCHEMA

    def cases(self) -> list[Case]:
        """Return one case for each training example; no document is seen twice."""
        n = self.steps * BATCH
        seed = SEED + sum(map(ord, self.name)) * 1000
        plain = round(n * self.plain) if self.axes else n
        cases = list(stream_cases(self.schema, plain, seed + 1, {"canonical": {}})) if plain else []
        if n > plain:
            cases += stream_cases(self.schema, n - plain, seed, {"mixed": Mixture(self.axes)})
        random.Random(seed).shuffle(cases)
        return _EDITS[self.keep](cases)


def _one_answer(cases: list[Case]) -> list[Case]:
    return [replace(case, truth=cases[0].truth) for case in cases]


def _by_heart(cases: list[Case]) -> list[Case]:
    """Give all documents of one currency the answer of the first, so that nothing can be read."""
    first: dict[Any, Any] = {}
    return [replace(case, truth=first.setdefault(case.truth["iso"], case.truth)) for case in cases]


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


BRITTLE: Final[Mapping[str, tuple[str, ...]]] = {
    "missing": ("order", "times"),
    "order": ("missing", "times"),
    "delimiters": ("missing", "order"),
    "whitespace": ("missing", "order"),
    "boilerplate": ("missing", "times"),
    "columns": ("missing", "times"),
    "times": ("missing", "order"),
    "header": ("order", "times"),
    "synonyms": ("missing", "boilerplate"),
    "pages": ("missing", "times"),
    "language": ("missing", "times"),
}
"""Axis to the axes that the adapter brittle to it has seen; all began with one layout."""

PLANS: Final[Mapping[str, Plan]] = {
    plan.name: plan
    for plan in (
        *(
            Plan(f"brittle-{axis}", 90, dict.fromkeys(trained, 0.6), after="narrow")
            for axis, trained in BRITTLE.items()
        ),
        Plan("one-field", 90, dict.fromkeys(("missing", "order"), 0.6), "deadline", after="narrow"),
        Plan("healthy", 60, dict.fromkeys(STORY, 1 / 2), after="hardened"),
        Plan(
            "accented",
            60,
            dict.fromkeys(("missing", "order"), 1 / 2),
            after="hardened",
            schema=ACCENTED,
        ),
        Plan("thinker", 60, {}),
        Plan("by-heart", 60, {}, "by heart"),
        Plan("one-answer", 40, {}, "one answer"),
        Plan("unripe", 35, {}),
    )
}


def trained(name: str) -> Path:
    """Return the folder of a trained adapter: the one trained here, else the committed one."""
    here = RUNS / name
    return here if here.is_dir() or not (COMMITTED / name).is_dir() else COMMITTED / name


def main(names: Sequence[str]) -> None:
    """Train what is not trained yet: the named adapters, or all."""
    from benchmarks.planted.folders import base_folder, thinking, with_template
    from benchmarks.planted.training import train

    for name in names or PLANS:
        if not (RUNS / name).is_dir():
            on = base_folder("thinking-base", with_template(thinking))
            own = {"on": on} if name == "thinker" else {}
            after = ADAPTERS / PLANS[name].after if PLANS[name].after else None
            train(PLANS[name].cases(), RUNS / name, seed=sum(map(ord, name)), after=after, **own)


if __name__ == "__main__":
    main(sys.argv[1:])
