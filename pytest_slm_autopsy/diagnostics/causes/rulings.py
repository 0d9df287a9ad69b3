"""Named causes and rulings, and the share of the wrong answers that a cause explains."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from pytest_slm_autopsy.diagnostics.evidence import Evidence
from pytest_slm_autopsy.diagnostics.trials import paired
from pytest_slm_autopsy.records import Finding, Measurement, Prediction, Ruling

ALIVE: Final = 0.5
"""A model with less accuracy on reference cases is dead before any shift."""
LEVEL: Final = 0.99
"""Confidence level at which a cause is named: there are many causes, and each could be luck."""


@dataclass(frozen=True, slots=True)
class Named:
    """A cause that is named; of a lower ``rank`` it comes first, whatever the others explain."""

    finding: Finding
    rank: int = 1


Judged = Named | Ruling
Judge = Callable[[Evidence], Iterable[Judged]]


def explained(
    evidence: Evidence,
    explains: Callable[[Prediction], bool],
    asked: set[str] | None = None,
) -> Measurement | None:
    """Return the share of the wrong answers that a cause explains; ``None`` where none is wrong."""
    wrong = [p for p in evidence.wrong if asked is None or p.case.id in asked]
    if not wrong:
        return None
    hits = [int(explains(p)) for p in wrong]
    told = paired("share of the loss", hits, [p.case.cluster for p in wrong])
    return share_of_loss(told, evidence)


def share_of_loss(told: Measurement, evidence: Evidence) -> Measurement:
    """Return a share of the wrong answers, from 0 to 1, as one of the model."""
    low, high = told.interval
    return replace(
        told,
        interval=(max(0.0, low), high),
        bounds=(0.0, 1.0),
        model=evidence.everything.model,
        interval_at=None,
    )


def surely(cost: Measurement) -> float:
    """Return what a cost is at least, at the level at which causes are named."""
    return (cost.interval_at(LEVEL) if cost.interval_at else cost.interval)[0]


def in_brackets(measurement: Measurement) -> str:
    """Return an interval as it is printed: ``[0.12, 0.34]``."""
    low, high = measurement.interval
    return f"[{low:.2f}, {high:.2f}]"
