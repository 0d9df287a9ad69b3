"""The tables of the studies beside the experiment: other seeds, and how many documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import Any, Final

from scipy.stats import t

from reference_experiment.data import CONDITIONS
from reference_experiment.telling import markdown

MODELS: Final = ("narrow", "hardened")
ENOUGH: Final = 3
"""Seeds from which on their mean has an interval."""

Scores = Mapping[str, Mapping[str, Any]]


def by_seed(found: Mapping[int, Scores]) -> str:
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
    """Return the mean, with Student's 95 % interval where there are seeds enough for one.

    Seeds that all give the same number say nothing of how far another one would be from it.
    """
    mean = fmean(values)
    if len(values) < ENOUGH or len(set(values)) == 1:
        return f"{mean:.2f}"
    half = float(t.ppf(0.975, len(values) - 1)) * stdev(values) / sqrt(len(values))
    return markdown.told(mean, (max(0.0, mean - half), min(1.0, mean + half)))


def by_documents(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a study as a table; a measurement with its interval."""
    return markdown.table(list(rows[0]), ([_told(value) for value in row.values()] for row in rows))


def _told(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else markdown.number(value)
