"""How many documents buy back how much: ``python -m reference_experiment scaling`` and ``holding``.

``scaling`` takes the narrow adapter's steps and writes some of its documents in mixed layouts.
``holding`` trains on production's mixture of all axes for longer and longer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pytest_slm_autopsy import Case, read_cases
from pytest_slm_autopsy.cases import PRODUCTION, write_cases
from pytest_slm_autopsy.measures import exact_match
from reference_experiment.config import AdapterPlan, Config
from reference_experiment.data import (
    ALL_FOUR,
    CANONICAL_SHARE,
    LAYOUTS,
    TRAINING_SEEDS,
    mixed_cases,
)
from reference_experiment.evaluate import answered, kept_answers, subjects
from reference_experiment.telling.studied import by_documents

SHARES: Final = (0.0, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Shares of the narrow adapter's documents that are written in mixed layouts."""
TIMES: Final = (1, 2, 4)
"""Steps of training on production's layouts, in the hardened adapter's steps."""
RECORDS: Final = 64
"""Held-out records that each adapter is asked."""


def scaled(config: Config) -> None:
    """Train an adapter for each share of mixed documents, ask it, and write the table.

    An interrupted run goes on: an adapter that is trained is not trained again.
    """
    steps = config.adapters["narrow"].steps
    n = steps * config.training.documents_a_step
    rows = []
    for share in SHARES:
        mixed = round(share * n)
        cases = mixed_cases(n, mixed, TRAINING_SEEDS + config.seed, LAYOUTS["mixed"])
        row = asked(config, f"mixed-{share:g}", steps, cases, ("canonical", ALL_FOUR))
        rows.append({"documents": n, "of these mixed": mixed, **row})
    write(config, "scaling", rows)


def held(config: Config) -> None:
    """Train on production's layouts for longer and longer, ask, and write the table."""
    rows = []
    for times in TIMES:
        steps = times * config.adapters["hardened"].steps
        n = steps * config.training.documents_a_step
        mixed = n - n // CANONICAL_SHARE
        cases = mixed_cases(n, mixed, TRAINING_SEEDS + config.seed, LAYOUTS["production"])
        row = asked(config, f"production-{times}", steps, cases, ("canonical", PRODUCTION))
        rows.append({"documents": n, **row})
    write(config, "holding", rows)


def asked(
    config: Config, name: str, steps: int, cases: Sequence[Case], conditions: Sequence[str]
) -> dict[str, Any]:
    """Train an adapter on the cases, and return its exact match under each condition."""
    from reference_experiment.training.train import train_adapter

    data = config.runs / "data" / f"{name}.jsonl"
    write_cases(data, cases)
    plan = AdapterPlan(steps=steps, layouts="mixed")
    own = replace(config, adapters={**config.adapters, name: plan})
    print(f"  adapter {name}: {steps} steps", flush=True)
    train_adapter(own, name, data)
    subject, row = subjects(own)[name], {}
    model = subject.make()
    with kept_answers(config) as store:
        for condition in conditions:
            those = list(read_cases(config.runs / "suites" / f"{condition}.jsonl"))[:RECORDS]
            row[condition] = exact_match(list(answered(name, subject, model, those, store)))
    return {condition: measured.to_dict() for condition, measured in row.items()}


def write(config: Config, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a study as JSON and as a Markdown table."""
    folder = config.runs / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    told = by_documents(rows)
    (folder / f"{name}.md").write_text(told, encoding="utf-8")
    print(told)
