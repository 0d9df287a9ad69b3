"""The proof of a diagnosis: the training mixture that it prescribes heals the narrow adapter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from pytest_slm_autopsy import Case, Prediction, cure_cases, read_cases
from pytest_slm_autopsy.cases import write_cases
from pytest_slm_autopsy.diagnostics import prescribe, read_diagnoses
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.records import Measurement
from pytest_slm_autopsy.statistics import bootstrap
from reference_experiment.config import AdapterPlan, Config
from reference_experiment.data import ALL_FOUR, SCHEMA, STORY, TRAINING_SEEDS
from reference_experiment.evaluate import answered, kept_answers, subjects, write_predictions
from reference_experiment.telling import markdown
from reference_experiment.telling.markdown import number

CURE_SEEDS = 2 * TRAINING_SEEDS


def cured(
    config: Config, suites: Path, narrow: Sequence[Prediction], diagnosis: Path, folder: Path
) -> None:
    """Train an adapter by the narrow one's prescription alone, and write what it wins back.

    Its answers go to ``predictions.jsonl`` in the folder, beside ``cure.json``.

    Raises:
        NoDataError: the diagnosis of the narrow adapter prescribes nothing.
    """
    from reference_experiment.training.train import train_adapter

    found = {one.model: one for one in read_diagnoses(diagnosis)}
    if "narrow" not in found:
        raise NoDataError(f"{diagnosis} has no diagnosis of narrow; run the stage diagnose again")
    prescription = prescribe(found["narrow"])
    steps = config.adapters["hardened"].steps
    wanted = ("canonical", *STORY, ALL_FOUR)
    asked = {name: _cases(suites, name) for name in wanted}
    n = steps * config.training.documents_a_step
    seed, held_out = CURE_SEEDS + config.seed, asked["canonical"]
    documents = cure_cases(SCHEMA, prescription, n, seed=seed, without=held_out)
    write_cases(config.runs / "data" / "cured.jsonl", documents)
    plan = AdapterPlan(steps=steps, layouts="prescribed")
    own = replace(config, adapters={**config.adapters, "cured": plan})
    train_adapter(own, "cured", config.runs / "data" / "cured.jsonl")
    after = _asked(own, asked)
    before = {name: [p for p in narrow if p.case.condition == name] for name in wanted}
    table = results(before, after)
    folder.mkdir(parents=True, exist_ok=True)
    write_predictions(folder / "predictions.jsonl", chain(*after.values()))
    facts = {"prescription": prescription.to_dict(), "won_back": table}
    (folder / "cure.json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(in_markdown(table))


def _asked(config: Config, asked: Mapping[str, list[Case]]) -> dict[str, list[Prediction]]:
    subject = subjects(config)["cured"]
    model = subject.make()
    with kept_answers(config) as store:
        return {
            name: list(answered("cured", subject, model, cases, store))
            for name, cases in asked.items()
        }


def results(
    before: Mapping[str, Sequence[Prediction]], after: Mapping[str, Sequence[Prediction]]
) -> dict[str, Any]:
    """Return accuracy before and after each condition, and the share of the loss won back."""
    reference = before["canonical"]
    return {
        name: {
            "narrow": _accuracy(before[name]),
            "cured": _accuracy(cured),
            "won_back": None
            if name == "canonical"
            else won_back(reference, before[name], cured).to_dict(),
        }
        for name, cured in after.items()
    }


def won_back(
    reference: Sequence[Prediction], before: Sequence[Prediction], after: Sequence[Prediction]
) -> Measurement:
    """Return the share of the lost accuracy that is won back; a bootstrap over records."""
    right = {
        side: np.array([p.correct for p in sorted(found, key=lambda p: p.case.record)], float)
        for side, found in (("reference", reference), ("before", before), ("after", after))
    }

    def share(weights: Any) -> Any:
        lost = weights @ (right["reference"] - right["before"])
        won = weights @ (right["after"] - right["before"])
        return np.divide(won, lost, out=np.full_like(won, np.nan), where=lost > 0)

    found = bootstrap(share, len(after), bounds=(-1.0, 2.0))
    return Measurement("share won back", found.value, found.interval(), len(after))


def in_markdown(table: Mapping[str, Any]) -> str:
    """Return the table of what the cure wins back."""
    rows = (
        [name, f"{row['narrow']:.2f}", f"{row['cured']:.2f}",
         number(row["won_back"]) if row["won_back"] else ""]
        for name, row in table.items()
    )  # fmt: skip
    return markdown.table(("condition", "narrow", "cured", "won back"), rows)


def _accuracy(predictions: Sequence[Prediction]) -> float:
    return sum(p.correct for p in predictions) / len(predictions)


def _cases(suites: Path, name: str) -> list[Case]:
    return list(read_cases(suites / f"{name}.jsonl"))
