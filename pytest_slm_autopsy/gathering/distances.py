"""How far the documents of each condition are from the reference ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pytest_slm_autopsy.measures.inputs.divergence import js_divergence
from pytest_slm_autopsy.records import CANONICAL, Case, Prediction
from pytest_slm_autopsy.report.data import NamedMeasurement

FEWEST: Final = 8
"""Documents on each side, below which a distance says nothing."""
DEALS: Final = 20


def distances(predictions: Iterable[Prediction]) -> Iterator[NamedMeasurement]:
    """Yield the Jensen-Shannon divergence of each condition's documents, the farthest first."""
    texts: dict[str, dict[str, Case]] = {}
    for prediction in predictions:
        case = prediction.case
        texts.setdefault(case.condition, {}).setdefault(case.text, case)
    reference = [*texts.pop(CANONICAL, {}).values()]
    if len(reference) < FEWEST:
        return
    found = [
        NamedMeasurement(
            condition,
            js_divergence(
                reference=reference, shifted=[*known.values()], permutations=DEALS
            ).measurement,
        )
        for condition, known in texts.items()
        if len(known) >= FEWEST
    ]
    yield from sorted(found, key=lambda one: -one.measurement.value)
