"""The stages of the experiment, from the base to the page, and what each does."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_slm_autopsy import Case, gather
from pytest_slm_autopsy.cases import write_cases
from pytest_slm_autopsy.diagnostics import read_diagnoses
from pytest_slm_autopsy.report import write_report
from reference_experiment.bases import make_ready
from reference_experiment.config import Config
from reference_experiment.data import conditions, evaluation_cases, training_cases
from reference_experiment.stages import Stage

STAGES = ("base", "data", "train", "evaluate", "production", "diagnose", "cure", "report")


def stages(config: Config) -> dict[str, Stage]:
    """Return the stages in order, each with its inputs, its outputs and its action."""
    runs = config.runs
    data, suites, asked = runs / "data", runs / "suites", runs / "predictions"
    adapters = [config.adapter(name) for name in config.adapters]
    base = Path(config.base_place)
    weights = [base, *adapters]
    asking = ["evaluate", "companions"]
    found = [asked, runs / "diagnosis.json", runs / "cure"]
    return {
        "base": Stage([], [] if config.base.source == "hub" else [base],
                      lambda: make_ready(config.base.source, config.base.name, base), ["bases"]),
        "data": Stage([], [data, suites], lambda: write_data(config, data, suites),
                      ["config", "data"]),
        "train": Stage([data, base], adapters, lambda: train(config, data),
                       ["training"]),
        "evaluate": Stage([suites, *weights], [asked / "evaluation.jsonl", asked / "facts.json"],
                          lambda: evaluate(config, suites, asked), asking),
        "production": Stage([suites, *weights], [asked / "production.jsonl"],
                            lambda: production(config, suites, asked), asking),
        "diagnose": Stage([asked, suites, *weights], [runs / "diagnosis.json"],
                          lambda: diagnose(config, suites), ["diagnose"]),
        "cure": Stage([runs / "diagnosis.json", suites, asked, base],
                      [config.adapter("cured"), runs / "cure"],
                      lambda: cure(config, suites, asked), ["cure", "training"]),
        "report": Stage(found, [runs / "results", runs / "report.html"],
                        lambda: report(config), ["telling"]),
    }  # fmt: skip


def write_data(config: Config, data: Path, suites: Path) -> None:
    """Write the training documents of each adapter, and one file of cases for each condition."""
    for folder in (data, suites):
        folder.mkdir(parents=True, exist_ok=True)
    for name, plan in config.adapters.items():
        write_cases(data / f"{name}.jsonl", training_cases(config, plan))
    by_condition: dict[str, list[Case]] = {}
    for case in evaluation_cases(config):
        by_condition.setdefault(case.condition, []).append(case)
    for condition, cases in by_condition.items():
        write_cases(suites / f"{condition}.jsonl", cases)


def train(config: Config, data: Path) -> None:
    """Train the adapters; one that is there and was trained on the same is left."""
    from reference_experiment.training.train import train_adapter

    for name, plan in config.adapters.items():
        print(f"  adapter {name}: {plan.steps} steps, layouts: {plan.layouts}", flush=True)
        train_adapter(config, name, data / f"{name}.jsonl")


def evaluate(config: Config, suites: Path, asked: Path) -> None:
    """Ask the held-out cases written like the training data, and score the base's own task."""
    from reference_experiment.evaluate import ask, costs, general_task_scores

    ask(config, suites, asked / "evaluation.jsonl", ["canonical"])
    own = Path(config.base_place, "pretraining.json").is_file()
    facts = {
        "general_task": general_task_scores(config) if own else {},
        "costs": costs(config, suites),
    }
    (asked / "facts.json").write_text(json.dumps(facts, indent=1) + "\n")


def production(config: Config, suites: Path, asked: Path) -> None:
    """Ask the same records in other layouts."""
    from reference_experiment.evaluate import ask

    shifted = [name for name in conditions(config) if name != "canonical"]
    ask(config, suites, asked / "production.jsonl", shifted)


def diagnose(config: Config, suites: Path) -> None:
    """Write the cause of death of each adapter."""
    from reference_experiment.diagnose import diagnosed

    diagnosed(config, suites, config.runs / "diagnosis.json")


def cure(config: Config, suites: Path, asked: Path) -> None:
    """Train by the narrow adapter's prescription alone, and say how much that wins back."""
    from reference_experiment.cure import cured
    from reference_experiment.evaluate import asked_predictions

    narrow = [p for p in asked_predictions(asked) if p.model == "narrow"]
    cured(config, suites, narrow, config.runs / "diagnosis.json", config.runs / "cure")


def report(config: Config) -> None:
    """Write the tables, the figures and the page."""
    from reference_experiment.evaluate import found_predictions
    from reference_experiment.telling.committed import DIAGNOSIS, gather_facts, tell

    results, predictions = config.runs / "results", found_predictions(config)
    results.mkdir(parents=True, exist_ok=True)
    gather_facts(config, results)
    print(tell(config, predictions, results, results))
    facts = {"configuration": config.name, "seed": str(config.seed), "base": config.base.name}
    path = config.runs / "report.html"
    diagnoses = read_diagnoses(config.runs / DIAGNOSIS)
    write_report(gather(predictions, facts=facts, diagnoses=diagnoses), path)
    print(f"  report: {path}")
