"""Ask everybody: held-out cases like the training data first, then production's."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pytest_slm_autopsy import (
    CallableModel,
    Case,
    Prediction,
    SlmAutopsyError,
    load_model,
    predict,
    read_cases,
)
from pytest_slm_autopsy.predictions import Store
from reference_experiment.companions import extract, with_examples
from reference_experiment.config import Config
from reference_experiment.data import ALL_FOUR

ALONE, FEW_SHOT, PATTERNS = "base alone", "base, few-shot", "regular expressions"
CONTROL = ("canonical", ALL_FOUR)
"""The conditions of the base without an adapter: it controls capability."""
TIMED = 8
"""Cases that each model is asked once more, to be timed."""


@dataclass(frozen=True)
class Subject:
    """Somebody who is asked: how it is made, how its cases are put, which and how many of them.

    ``None`` are all conditions, and all records of each.
    """

    make: Callable[[], Any]
    adapter: Path | None = None
    put: Callable[[list[Case]], list[Case]] = list
    conditions: Sequence[str] | None = None
    records: int | None = None


def subjects(config: Config) -> dict[str, Subject]:
    """Return all that are asked, by name, in the order of the tables."""
    found = {PATTERNS: Subject(partial(CallableModel, extract, name=PATTERNS))}
    for name, way, put in ((ALONE, "alone", list), (FEW_SHOT, "few-shot", with_examples)):
        if way in config.unadapted:
            load = partial(load_model, config.spec())
            found[name] = Subject(load, None, put, CONTROL, config.records.control)
    for name in config.adapters:
        folder = config.adapter(name)
        found[name] = Subject(partial(load_model, config.spec(folder)), folder)
    return found


def ask(config: Config, suites: Path, output: Path, wanted: Sequence[str]) -> None:
    """Predict the cases of the ``wanted`` conditions with everybody, and write them as JSON lines.

    Answers are kept as they come, so that an interrupted run goes on with the next batch.
    """
    found: list[Prediction] = []
    with kept_answers(config) as store:
        for name, subject in subjects(config).items():
            asked = [one for one in wanted if one in (subject.conditions or wanted)]
            model = subject.make() if asked else None
            for condition in asked:
                cases = list(read_cases(suites / f"{condition}.jsonl"))[: subject.records]
                found += answered(name, subject, model, cases, store)
    write_predictions(output, found)


def write_predictions(path: Path, predictions: Iterable[Prediction]) -> None:
    """Write predictions as JSON lines, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        for one in predictions:
            file.write(json.dumps(one.to_dict(), ensure_ascii=False) + "\n")
    part.rename(path)


def kept_answers(config: Config) -> Store:
    """Return the answers that this experiment has been given."""
    return Store(config.runs / "answers.sqlite")


def answered(
    name: str, subject: Subject, model: Any, cases: list[Case], store: Store | None = None
) -> Iterator[Prediction]:
    """Yield one prediction for each case, under the subject's name, as the case was drawn."""
    what = f"{name}, {cases[0].condition}"

    def show(done: int, total: int) -> None:
        print(f"\r  {what}: {done}/{total}", end="" if done < total else "\n", flush=True)

    given = predict(model, subject.put(cases), progress=show, store=store)
    for case, prediction in zip(cases, given, strict=True):
        yield replace(prediction, case=case, model=name)


def costs(config: Config, suites: Path) -> dict[str, dict[str, float]]:
    """Return seconds a case of everybody, asked in one batch, and megabytes on disk.

    An adapter's megabytes are its own: the base comes once.
    """
    found = {}
    cases = list(read_cases(suites / "canonical.jsonl"))[:TIMED]
    for name, subject in subjects(config).items():
        model = subject.make()
        predict(model, subject.put(cases))  # the first question pays for what comes after it
        started = time.perf_counter()
        predict(model, subject.put(cases))
        seconds = (time.perf_counter() - started) / len(cases)
        found[name] = {"seconds": seconds, "megabytes": megabytes(config, name, subject)}
    return found


def megabytes(config: Config, name: str, subject: Subject) -> float:
    """Return the size of a subject's weights on disk."""
    folder = subject.adapter or Path(config.base_place)
    weights = [] if name == PATTERNS else folder.glob("*.safetensors")
    return sum(path.stat().st_size for path in weights) / 1e6


def general_task_scores(config: Config, cases: int = 256) -> Mapping[str, float]:
    """Return the base's exact match on its own task: held-out words, canonical and shifted."""
    from reference_experiment.pretraining.train import scores

    model = load_model(config.spec())
    return scores(model.model, model.tokenizer, cases, "evaluate")


def read_predictions(path: Path) -> list[Prediction]:
    """Return the predictions that ``ask`` wrote."""
    if not path.is_file():
        raise SlmAutopsyError(f"no predictions at {path}; run the stages evaluate and production")
    with path.open(encoding="utf-8") as file:
        return [Prediction.from_dict(json.loads(line)) for line in file]


def found_predictions(config: Config) -> list[Prediction]:
    """Return everybody's predictions, the cured adapter's too where it was asked."""
    cured = config.runs / "cure" / "predictions.jsonl"
    late = read_predictions(cured) if cured.is_file() else []
    return [*asked_predictions(config.runs / "predictions"), *late]


def asked_predictions(asked: Path) -> list[Prediction]:
    """Return the predictions of evaluation and production together."""
    names = ("evaluation", "production")
    return [one for name in names for one in read_predictions(asked / f"{name}.jsonl")]
