"""Curves of confidence, and differences between models, as the report draws them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple
from typing import Any, Final

import numpy as np

from pytest_slm_autopsy.errors import CaseError, NoDataError
from pytest_slm_autopsy.measures.accuracy import accuracy_loss
from pytest_slm_autopsy.measures.calibration import reliability
from pytest_slm_autopsy.measures.counted import Counted
from pytest_slm_autopsy.measures.selective import risk_coverage as whole_curve
from pytest_slm_autopsy.measures.token_confidence import confidence
from pytest_slm_autopsy.measures.token_confidence import sureness as confidences
from pytest_slm_autopsy.records import Prediction
from pytest_slm_autopsy.report.data import (
    Difference,
    Reliability,
    ReliabilityBin,
    RiskCoverage,
    Sureness,
)

EDGES: Final = (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
"""Confidences between which answers are counted: most are crushed against 1."""
POINTS: Final = 40

Groups = Mapping[tuple[str, str], Counted]


def measurable(group: Counted) -> bool:
    """Tell whether every answer has a confidence."""
    try:
        confidences(group)
    except NoDataError:
        return False
    return True


def confidence_or_none(prediction: Prediction) -> float | None:
    """Return the confidence of an answer; ``None`` where the model gives no probabilities."""
    try:
        return confidence(prediction)
    except NoDataError:
        return None


def curves_of(groups: Groups) -> dict[str, Any]:
    """Return each kind of curve of each group, by its name in the report data."""
    makers = {"reliability": curve, "risks": risk_coverage, "sureness": sureness}
    return {
        name: tuple(make(*key, group) for key, group in groups.items())
        for name, make in makers.items()
    }


def curve(model: str, condition: str, group: Counted) -> Reliability:
    """Return the reliability curve of one model under one condition."""
    bins = tuple(ReliabilityBin(*astuple(one)) for one in reliability(group))
    return Reliability(model, condition, bins)


def risk_coverage(model: str, condition: str, group: Counted) -> RiskCoverage:
    """Return the risk-coverage curve of one model under one condition, thinned for a drawing."""
    points = whole_curve(group)
    step = max(1, len(points) // POINTS)
    kept = [*points[:-1:step], points[-1]]
    return RiskCoverage(
        model, condition, tuple(p.coverage for p in kept), tuple(p.risk for p in kept)
    )


def sureness(model: str, condition: str, group: Counted) -> Sureness:
    """Return how many right and wrong answers lie between the edges of confidence."""
    sure, right = confidences(group)
    places = np.searchsorted(EDGES, sure, side="right")
    wrong, good = (np.bincount(places[right == side], minlength=len(EDGES) + 1) for side in (0, 1))
    return Sureness(model, condition, EDGES, tuple(good.tolist()), tuple(wrong.tolist()))


def differences(groups: Groups) -> Iterator[Difference]:
    """Yield what each further model loses against the first, under each condition of both."""
    models = list(dict.fromkeys(model for model, _ in groups))
    for first, second in zip(models[:1] * len(models), models[1:], strict=False):
        for model, condition in groups:
            if model != second or (first, condition) not in groups:
                continue
            try:
                lost = accuracy_loss(
                    baseline=groups[first, condition], candidate=groups[second, condition]
                )
            except (CaseError, NoDataError):  # they were asked other cases
                continue
            yield Difference(condition, first, second, lost)
