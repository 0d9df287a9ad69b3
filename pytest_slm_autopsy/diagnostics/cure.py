"""The cure: a mixture of shifts to train on, computed from a diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pytest_slm_autopsy.cases.drawn.shifts import Mixture
from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.records import Record

DEADLY: Final = 2 / 3
"""Chance of an axis that costs accuracy, in each training document."""
KEPT: Final = 1 / 3
"""Chance of an axis that the model survives: what is not trained on is forgotten."""
PLAIN: Final = 1 / 8
"""Share of documents written like the reference cases."""


@dataclass(frozen=True, slots=True)
class Prescription(Record):
    """A training mixture: the chance of each axis in a document, and the share of plain documents.

    ``because`` maps each axis to the reason for its chance. Severities are drawn evenly.
    """

    rates: Mapping[str, float]
    because: Mapping[str, str] = field(default_factory=dict)
    severities: tuple[float, ...] = (0.25, 0.5, 1.0)
    plain: float = PLAIN

    @property
    def mixture(self) -> Mixture:
        """Return the mixture that shifts a document."""
        return Mixture(self.rates, self.severities)


def prescribe(diagnosis: Diagnosis) -> Prescription:
    """Return the mixture that cures the shifts which a diagnosis names.

    An axis whose cost is proven comes in two of three documents, one that was tried and survived
    in one of three.

    Raises:
        NoDataError: the diagnosis names no shift; the text says what it names instead.
    """
    shares = diagnosis.shares.shares if diagnosis.shares else ()
    deadly = {share.axis: share.cost for share in shares if share.cost.interval[0] > 0}
    named = [f.cause for f in diagnosis.findings]
    if not deadly or not any(cause.startswith("shift") for cause in named):
        first = f"its first cause is {named[0]!r}" if named else "it names no cause of death"
        raise NoDataError(
            f"no training mixture cures {diagnosis.model or 'this model'}: {first}, which is not a "
            "shift; mend that first"
        )
    rates = {share.axis: DEADLY if share.axis in deadly else KEPT for share in shares}
    because = {
        axis: f"costs {deadly[axis].value:.2f} of accuracy" if axis in deadly else "survived; kept"
        for axis in rates
    }
    return Prescription(rates, because)
