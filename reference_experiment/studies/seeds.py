"""The same experiment under other seeds: ``python -m reference_experiment seeds``.

A seed decides the records, the layouts and the fresh LoRA matrices. The other seeds are trained and
asked like the first one, under the story's conditions alone.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from pytest_slm_autopsy.measures import exact_match
from reference_experiment.config import Config, Records
from reference_experiment.data import CONDITIONS
from reference_experiment.evaluate import asked_predictions
from reference_experiment.pipeline import stages
from reference_experiment.stages import run
from reference_experiment.telling.studied import MODELS, by_seed

RUNS = ("base", "data", "train", "evaluate", "production")


def over_seeds(config: Config) -> None:
    """Run the experiment under every seed, and write ``seeds.json`` and ``seeds.md``."""
    those = [config, *(seeded(config, seed) for seed in config.other_seeds)]
    found = {one.seed: scores(one) for one in those}
    folder = config.runs / "seeds"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "seeds.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    told = by_seed(found)
    (folder / "seeds.md").write_text(told, encoding="utf-8")
    print(told)


def seeded(config: Config, seed: int) -> Config:
    """Return the configuration of another seed: both adapters, under the story's conditions."""
    records = Records(config.records.story, 0, 0, 0, 0, config.records.diagnosis)
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
