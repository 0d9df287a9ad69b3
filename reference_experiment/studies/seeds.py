"""The same experiment under other seeds: ``python -m reference_experiment seeds``.

A seed decides the records, the layouts and the fresh LoRA matrices. The other seeds are trained and
asked like the first one, under the story's conditions alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from statistics import fmean, stdev
from typing import Any

from scipy.stats import t

from pytest_slm_autopsy.measures import exact_match
from reference_experiment.config import Config, Records
from reference_experiment.data import CONDITIONS
from reference_experiment.evaluate import asked_predictions
from reference_experiment.pipeline import stages
from reference_experiment.stages import run
from reference_experiment.telling import markdown

MODELS = ("narrow", "hardened")
RUNS = ("base", "data", "train", "evaluate", "production")
ENOUGH = 3
"""Seeds from which on their mean has an interval."""

Scores = Mapping[str, Mapping[str, Any]]


def over_seeds(config: Config) -> None:
    """Run the experiment under every seed, and write ``seeds.json`` and ``seeds.md``."""
    those = [config, *(seeded(config, seed) for seed in config.other_seeds)]
    found = {one.seed: scores(one) for one in those}
    folder = config.runs / "seeds"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seeds.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (folder / "seeds.md").write_text(in_markdown(found), encoding="utf-8")
    print(in_markdown(found))


def seeded(config: Config, seed: int) -> Config:
    """Return the configuration of another seed: both adapters, under the story's conditions."""
    records = Records(config.records.story, 0, 0, 0, config.records.diagnosis)
    adapters = {name: config.adapters[name] for name in MODELS}
    return replace(config, seed=seed, records=records, unadapted=(), adapters=adapters)


def scores(config: Config) -> dict[str, dict[str, Any]]:
    """Run one seed, and return exact match by model and condition, as plain data."""
    print(f"seed {config.seed}", flush=True)
    for name in RUNS:
        run(name, stages(config), config)
    groups: dict[tuple[str, str], list[Any]] = {}
    for one in asked_predictions(config.runs / "predictions"):
        groups.setdefault((one.model, one.case.condition), []).append(one)
    return {
        model: {name: exact_match(groups[model, name]).to_dict() for name in CONDITIONS}
        for model in MODELS
    }


def in_markdown(found: Mapping[int, Scores]) -> str:
    """Return the table: exact match under each seed with its interval, and the mean of seeds."""
    head = ["model", "condition", *(f"seed {seed}" for seed in found), "mean of seeds"]
    return markdown.table(head, _rows(list(found.values())))


def _rows(found: Sequence[Scores]) -> Iterator[list[str]]:
    for model in MODELS:
        for condition in CONDITIONS:
            those = [one[model][condition] for one in found]
            mean = mean_of([one["value"] for one in those])
            yield [model, condition, *(markdown.number(one) for one in those), mean]


def mean_of(values: Sequence[float]) -> str:
    """Return the mean, with Student's 95 % interval where there are seeds enough for one."""
    mean = fmean(values)
    if len(values) < ENOUGH:
        return f"{mean:.2f}"
    half = float(t.ppf(0.975, len(values) - 1)) * stdev(values) / sqrt(len(values))
    return markdown.told(mean, (max(0.0, mean - half), min(1.0, mean + half)))
