"""Ask every model: held-out cases like the training data first, then production's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_slm_autopsy import (
    Case,
    ModelSpec,
    Prediction,
    SlmAutopsyError,
    load_model,
    predict,
    read_cases,
)
from reference_experiment.config import Config
from reference_experiment.data import UNSEEN

MODELS = ("base alone", "narrow", "hardened")


def specs(config: Config) -> dict[str, ModelSpec]:
    """Return the specifications of the three models of the story."""
    adapters = {name: config.spec(config.adapter(name)) for name in ("narrow", "hardened")}
    return {"base alone": config.spec(), **adapters}


def ask(config: Config, suites: Path, output: Path, conditions: tuple[str, ...]) -> None:
    """Predict the cases of ``conditions`` with all models, and write them as JSON lines."""
    part = output.with_suffix(".part")
    output.parent.mkdir(parents=True, exist_ok=True)
    with part.open("w", encoding="utf-8") as file:
        for name, spec in specs(config).items():
            model = load_model(spec)
            # The base alone fails on the story's axes already, so it is not asked the others.
            asked = [c for c in conditions if spec.adapter or c not in UNSEEN]
            for condition in asked:
                cases = list(read_cases(suites / f"{condition}.jsonl"))
                for prediction in _predict(model, cases, f"{name}, {condition}"):
                    line = json.dumps(prediction.to_dict(), ensure_ascii=False)
                    file.write(f"{line}\n")
    part.rename(output)


def general_task_scores(config: Config, cases: int = 256) -> Mapping[str, float]:
    """Return the base's exact match on its own task: held-out words, canonical and shifted."""
    from reference_experiment.pretrain import scores

    model = load_model(config.spec())
    return scores(model.model, model.tokenizer, cases, "evaluate")


def read_predictions(path: Path) -> list[Prediction]:
    """Return the predictions that ``ask`` wrote."""
    if not path.is_file():
        raise SlmAutopsyError(f"no predictions at {path}; run the stages evaluate and production")
    with path.open(encoding="utf-8") as file:
        return [Prediction.from_dict(json.loads(line)) for line in file]


def _predict(model: Any, cases: list[Case], what: str) -> list[Prediction]:
    def show(done: int, total: int) -> None:
        print(f"\r  {what}: {done}/{total}", end="" if done < total else "\n", flush=True)

    predictions: list[Prediction] = predict(model, cases, progress=show)
    return predictions
