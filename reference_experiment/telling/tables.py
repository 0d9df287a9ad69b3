"""The tables of results: each model under each condition, and the models beside each other."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_slm_autopsy import Prediction
from pytest_slm_autopsy.cases import PRODUCTION
from pytest_slm_autopsy.measures import (
    accuracy_gap,
    categorise,
    confidence_drop,
    exact_match,
    expected_calibration_error,
    field_accuracy,
    mean_confidence,
    micro_f1,
    valid_json,
)
from reference_experiment.data import ALL_FOUR
from reference_experiment.evaluate import CONTROL
from reference_experiment.telling import markdown
from reference_experiment.telling.markdown import number

COLUMNS = (
    "model",
    "condition",
    "exact match",
    "lost to canonical",
    "fields right",
    "confidence right / wrong",
    "ECE",
    "valid JSON",
)
BESIDE = (
    "model",
    "canonical",
    "all four",
    "production",
    "valid JSON",
    "field F1",
    "ms a case",
    "MB",
)
"""Exact match under three conditions; valid JSON and F1 under all four axes together."""


def results(predictions: Iterable[Prediction], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return every number of the experiment, as plain data.

    ``facts`` are those that no prediction tells: ``general_task`` and ``costs``.
    """
    groups: dict[str, dict[str, list[Prediction]]] = {}
    for prediction in predictions:
        by_condition = groups.setdefault(prediction.model, {})
        by_condition.setdefault(prediction.case.condition, []).append(prediction)
    models = {model: _model(by_condition) for model, by_condition in groups.items()}
    return {**facts, "models": models}


def _model(groups: Mapping[str, list[Prediction]]) -> dict[str, Any]:
    reference = groups["canonical"]
    conditions = {name: _condition(reference, group) for name, group in groups.items()}
    right = [p for p in reference if p.correct]
    drops = {
        name: confidence_drop(right=right, wrong=wrong).to_dict()
        for name, group in groups.items()
        if group[0].logprobs is not None
        and len(right) > 1
        and len(wrong := [p for p in group if not p.correct]) > 1
    }
    kinds = {name: _kinds(group) for name, group in groups.items()}
    return {"conditions": conditions, "confidence_drop": drops, "kinds": kinds}


def _kinds(group: list[Prediction]) -> dict[str, int]:
    """Return the number of wrong answers by category, the most first."""
    return dict(Counter(categorise(p) for p in group if not p.correct).most_common())


def _condition(reference: list[Prediction], group: list[Prediction]) -> dict[str, Any]:
    right, wrong = [p for p in group if p.correct], [p for p in group if not p.correct]
    sure = group[0].logprobs is not None
    return {
        "exact_match": exact_match(group).to_dict(),
        "accuracy_gap": accuracy_gap(reference=reference, shifted=group).to_dict(),
        "field_accuracy": field_accuracy(group).to_dict(),
        "valid_json": valid_json(group).to_dict(),
        "micro_f1": micro_f1(group).to_dict(),
        "ece": expected_calibration_error(group).to_dict() if sure else None,
        "confidence": mean_confidence(group) if sure else None,
        "confidence_right": mean_confidence(right) if sure and right else None,
        "confidence_wrong": mean_confidence(wrong) if sure and wrong else None,
    }


def side_by_side(found: Mapping[str, Any]) -> str:
    """Return a table of the models: accuracy where it matters, what an answer costs, and size."""
    return markdown.table(BESIDE, _beside(found))


def _beside(found: Mapping[str, Any]) -> Iterator[list[str]]:
    for model, facts in found["models"].items():
        rows, cost = facts["conditions"], found["costs"].get(model)
        exact = (rows.get(name, {}).get("exact_match") for name in (*CONTROL, PRODUCTION))
        worst = (rows.get(ALL_FOUR, {}).get(name) for name in ("valid_json", "micro_f1"))
        yield [
            model,
            *(number(one) if one else "" for one in exact),
            *(f"{one['value']:.2f}" if one else "" for one in worst),
            f"{1000 * cost['seconds']:.0f}" if cost else "",
            f"{cost['megabytes']:.1f}" if cost else "",
        ]


def table(found: Mapping[str, Any]) -> str:
    """Return the results as a Markdown table, the general task first."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    for name, value in found["general_task"].items():
        lines.append(f"| base alone, its general task | {name} | {value:.2f} | | | | | |")
    for model, facts in found["models"].items():
        lines += [_row(model, name, row) for name, row in facts["conditions"].items()]
    lines += ["", "Mean confidence on right canonical answers minus that on wrong answers:", ""]
    for model, facts in found["models"].items():
        drops = (f"{name} {number(drop, 3)}" for name, drop in facts["confidence_drop"].items())
        if told := ", ".join(drops):
            lines.append(f"* {model}: {told}")
    lines += ["", "Wrong answers, each under the gravest thing that is wrong with it:", ""]
    for model, facts in found["models"].items():
        counts = {name: kinds for name, kinds in facts["kinds"].items() if kinds}
        kinds = (
            f"{name} {', '.join(f'{count} {kind}' for kind, count in of.items())}"
            for name, of in counts.items()
        )
        lines.append(f"* {model}: {'; '.join(kinds)}")
    return "\n".join(lines) + "\n"


def write_results(found: Mapping[str, Any], sections: Mapping[str, str], folder: Path) -> str:
    """Write ``results.json`` and ``results.md``; return the latter, which ends with sections."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    after = "".join(f"\n{title}:\n\n{text}" for title, text in sections.items())
    told = f"{side_by_side(found)}\n{table(found)}{after}"
    (folder / "results.md").write_text(told, encoding="utf-8")
    return told


def _row(model: str, condition: str, row: Mapping[str, Any]) -> str:
    lost = "" if condition == "canonical" else number(row["accuracy_gap"])
    cells = [
        model,
        condition,
        number(row["exact_match"]),
        lost,
        number(row["field_accuracy"]),
        f"{_plain(row['confidence_right'])} / {_plain(row['confidence_wrong'])}",
        number(row["ece"]) if row["ece"] else "-",
        f"{row['valid_json']['value']:.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
