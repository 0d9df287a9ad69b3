"""How many mixed documents buy back how much: ``python -m reference_experiment scaling``.

Every adapter takes the narrow one's steps and batches; some of its documents are mixed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy import read_cases
from pytest_slm_autopsy.cases import write_cases
from pytest_slm_autopsy.measures import exact_match
from reference_experiment.config import AdapterPlan, Config
from reference_experiment.data import ALL_FOUR, LAYOUTS, TRAINING_SEEDS, mixed_cases
from reference_experiment.evaluate import answered, kept_answers, subjects

SHARES: Final = (0.0, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Shares of the training documents that are written in mixed layouts."""
ASKED: Final = ("canonical", ALL_FOUR)
RECORDS: Final = 64
"""Held-out records that each adapter is asked."""


def scaled(config: Config) -> None:
    """Train an adapter for each share, ask it, and write ``scaling.json`` and ``scaling.md``.

    An interrupted run goes on: an adapter that is trained is not trained again.
    """
    folder = config.runs / "scaling"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row_of(config, share, folder) for share in SHARES]
    (folder / "scaling.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    (folder / "scaling.md").write_text(in_markdown(rows), encoding="utf-8")
    print(in_markdown(rows))


def row_of(config: Config, share: float, folder: Path) -> dict[str, Any]:
    """Return the number of mixed documents of a share, and what an adapter trained so reads."""
    from reference_experiment.train import train_adapter

    training, steps = config.training, config.adapters["narrow"].steps
    n = steps * training.batch_size * training.gradient_accumulation
    mixed, name = round(share * n), f"mixed-{share:g}"
    seed = TRAINING_SEEDS + config.seed
    documents = folder / f"{name}.jsonl"
    write_cases(documents, mixed_cases(n, mixed, seed, LAYOUTS["mixed"]))
    plan = AdapterPlan(steps=steps, layouts="mixed")
    own = replace(config, adapters={**config.adapters, name: plan})
    print(f"  {mixed} of {n} documents in mixed layouts", flush=True)
    train_adapter(own, name, documents)
    subject = subjects(own)[name]
    model = subject.make()
    row: dict[str, Any] = {"documents": n, "mixed": mixed}
    with kept_answers(config) as store:
        for condition in ASKED:
            cases = list(read_cases(config.runs / "suites" / f"{condition}.jsonl"))[:RECORDS]
            found = list(answered(name, subject, model, cases, store))
            row[condition] = exact_match(found).to_dict()
    return row


def in_markdown(rows: list[Mapping[str, Any]]) -> str:
    """Return the table: mixed documents, and exact match with its interval."""
    head = ["mixed documents", "of", *ASKED]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row in rows:
        cells = (f"{row[name]['value']:.2f} [{row[name]['interval'][0]:.2f}, "
                 f"{row[name]['interval'][1]:.2f}]" for name in ASKED)  # fmt: skip
        lines.append(f"| {' | '.join(chain([str(row['mixed']), str(row['documents'])], cells))} |")
    return "\n".join(lines) + "\n"
