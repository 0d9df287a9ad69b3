"""The experiment, stage by stage: ``python -m reference_experiment experiment``.

A stage whose inputs did not change since it last ran is skipped.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_slm_autopsy import Case, SlmAutopsyError, gather
from pytest_slm_autopsy.cases import write_cases
from pytest_slm_autopsy.diagnostics import read_diagnoses
from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.report import write_report
from reference_experiment.config import HERE, Config, read_config
from reference_experiment.data import CONDITIONS, UNSEEN, evaluation_cases, training_cases
from reference_experiment.stages import Stage, run

STAGES = ("data", "train", "evaluate", "production", "diagnose", "cure", "report")


def stages(config: Config) -> dict[str, Stage]:
    """Return the stages in order, each with its inputs, its outputs and its action."""
    runs = config.runs
    data, suites, asked = runs / "data", runs / "suites", runs / "predictions"
    adapters = [config.adapter(name) for name in config.adapters]
    base = [Path(config.base)]
    return {
        "data": Stage(
            [], [data, suites], lambda: write_data(config, data, suites), ["config", "data"]
        ),
        "train": Stage([data, *base], adapters, lambda: train(config, data), ["train"]),
        "evaluate": Stage(
            [suites, *base, *adapters],
            [asked / "evaluation.jsonl", asked / "general_task.json"],
            lambda: evaluate(config, suites, asked),
            ["evaluate", "general_task", "pretrain"],
        ),
        "production": Stage(
            [suites, *base, *adapters],
            [asked / "production.jsonl"],
            lambda: production(config, suites, asked),
            ["evaluate"],
        ),
        "diagnose": Stage(
            [asked, suites, *base, *adapters],
            [runs / "results"],
            lambda: diagnose(config, suites, asked),
            ["diagnose", "cure"],
        ),
        "cure": Stage(
            [runs / "results" / "diagnosis.json", suites, asked, *base],
            [config.adapter("cured"), runs / "cure"],
            lambda: cure(config, suites, asked),
            ["cure", "train"],
        ),
        "report": Stage(
            [asked, runs / "results"], [runs / "report.html"], lambda: report(config, asked)
        ),
    }


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
    """Train both adapters."""
    from reference_experiment.train import train_adapter

    for name, plan in config.adapters.items():
        print(f"  adapter {name}: {plan.steps} steps, layouts: {plan.layouts}", flush=True)
        train_adapter(config, name, data / f"{name}.jsonl")


def evaluate(config: Config, suites: Path, asked: Path) -> None:
    """Ask the held-out cases written like the training data, and score the base's own task."""
    from reference_experiment.evaluate import ask, general_task_scores

    ask(config, suites, asked / "evaluation.jsonl", ("canonical",))
    scores = general_task_scores(config) if Path(config.base, "pretraining.json").is_file() else {}
    (asked / "general_task.json").write_text(json.dumps(scores, indent=1) + "\n")


def production(config: Config, suites: Path, asked: Path) -> None:
    """Ask the same records in other layouts."""
    from reference_experiment.evaluate import ask

    shifted = tuple(name for name in (*CONDITIONS, *UNSEEN) if name != "canonical")
    ask(config, suites, asked / "production.jsonl", shifted)


def diagnose(config: Config, suites: Path, asked: Path) -> None:
    """Write the table of results, numbers with their intervals, and the cause of death."""
    from reference_experiment.cure import diagnosed
    from reference_experiment.diagnose import results, table, write_results

    folder = config.runs / "results"
    found = results(all_predictions(asked), json.loads((asked / "general_task.json").read_text()))
    write_results(found, folder)
    print(table(found))
    diagnosed(config, suites, folder / "diagnosis.json")


def cure(config: Config, suites: Path, asked: Path) -> None:
    """Train by the narrow adapter's prescription alone, and say how much that wins back."""
    from reference_experiment.cure import cured

    narrow = [p for p in all_predictions(asked) if p.model == "narrow"]
    cured(config, suites, narrow, config.runs / "results" / "diagnosis.json", config.runs / "cure")


def report(config: Config, asked: Path) -> None:
    """Write the page."""
    facts = {"configuration": config.name, "seed": str(config.seed), "base": config.base}
    path = config.runs / "report.html"
    found = read_diagnoses(config.runs / "results" / "diagnosis.json")
    write_report(gather(all_predictions(asked), facts=facts, diagnoses=found), path)
    print(f"  report: {path}")


def suite(config: Config) -> int:
    """Run the autopsy as tests on the adapters just trained, and return pytest's exit code."""
    import pytest

    print("suite: pytest reference_experiment", flush=True)
    adapters = config.runs / "adapters"
    options = {"adapters": adapters, "slm-base": config.base, "slm-seed": config.seed}
    arguments = [f"--{name}={value}" for name, value in options.items()]
    return int(pytest.main([str(HERE), *arguments, "-q"]))


def publish(config: Config) -> None:
    """Copy the adapters and results of a run to their committed places."""
    for name in config.adapters:
        target = HERE / "adapters" / name
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(config.adapter(name), target)
    for folder in ("results", "cure"):
        for path in sorted((config.runs / folder).iterdir()):
            shutil.copy(path, HERE / "results" / path.name)


def all_predictions(asked: Path) -> list[Any]:
    """Return the predictions of evaluation and production together."""
    from reference_experiment.evaluate import read_predictions

    return [
        prediction
        for name in ("evaluation", "production")
        for prediction in read_predictions(asked / f"{name}.jsonl")
    ]


def main() -> int:
    """Run the stage that the command line names, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m reference_experiment", description=__doc__)
    parser.add_argument("stage", choices=("experiment", *STAGES, "suite", "publish"))
    parser.add_argument("--config", type=Path, default=HERE / "configs" / "tiny.yaml")
    parser.add_argument("--seed", type=int, help="instead of the configuration's")
    parser.add_argument("--tb", action="store_true", help="show tracebacks")
    options = parser.parse_args()
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        config = read_config(options.config, seed=options.seed)
        return _run(config, options.stage)
    except (SlmAutopsyError, OSError) as error:
        if options.tb:
            raise
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; run the same command to go on from the last checkpoint", file=sys.stderr)
        return 130


def _run(config: Config, stage: str) -> int:
    if stage != "train" and os.environ.get("WORLD_SIZE", "1") != "1":
        raise ConfigError(f"{stage} runs in one process; launch nothing but train in several")
    others: dict[str, Callable[[Config], int | None]] = {"suite": suite, "publish": publish}
    if stage in others:
        return others[stage](config) or 0
    for name in STAGES if stage == "experiment" else (stage,):
        run(name, stages(config), config)
    if stage != "experiment":
        return 0
    code = suite(config)
    print(f"report: {config.runs / 'report.html'}")
    return code


if __name__ == "__main__":
    sys.exit(main())
