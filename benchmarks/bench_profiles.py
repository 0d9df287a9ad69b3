"""How like real documents the cases of a profile are: ``python benchmarks/bench_profiles.py FILE``.

FILE holds JSON lines, each with a ``text`` and a ``group``: documents of one group state the same
invoice. The formats are learnt from some groups, and compared with the documents of the others.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pytest_slm_autopsy import INVOICE, draw_suite
from pytest_slm_autopsy.cases import default_conditions, learn_profile
from pytest_slm_autopsy.measures import profile_divergence

LEARNT = 40
DRAWN = 200
SEEDS = (1, 2, 3)


def split(path: Path) -> tuple[list[str], list[str]]:
    """The first groups that have ``LEARNT`` documents together, and all others."""
    groups: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        groups.setdefault(one["group"], []).append(one["text"])
    learnt: list[str] = []
    others: list[str] = []
    for texts in groups.values():
        (learnt if len(learnt) + len(texts) <= LEARNT else others).extend(texts)
    return learnt, others


def main(path: str) -> None:
    """Print how far the learnt, the drawn, the usual and the canonical are from the others."""
    learnt, others = split(Path(path))
    print(f"learnt from {len(learnt)}, compared with {len(others)}; divergence by seed")
    mixture = learn_profile(learnt).mixture
    suites = [
        (draw_suite(INVOICE, DRAWN, seed, default_conditions(INVOICE, mixture)),
         draw_suite(INVOICE, DRAWN, seed))
        for seed in SEEDS
    ]  # fmt: skip
    sides = {
        "the documents themselves": [learnt],
        "drawn from the profile": [seen.production for seen, _ in suites],
        "the default suite's production": [usual.production for _, usual in suites],
        "canonical": [usual.reference for _, usual in suites],
    }
    for name, drawn in sides.items():
        values = [profile_divergence(cases, others, permutations=9).value for cases in drawn]
        print(f"  {name:<32}" + "  ".join(f"{value:.3f}" for value in values))


if __name__ == "__main__":
    main(sys.argv[1])
