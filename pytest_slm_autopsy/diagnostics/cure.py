"""The cure: a mixture of shifts to train on, computed from a diagnosis."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pytest_slm_autopsy.cases.drawn.shifts import Mixture
from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis
from pytest_slm_autopsy.errors import ConfigError, NoDataError, nearest
from pytest_slm_autopsy.records import Record

DEADLY: Final = 2 / 3
"""Chance of an axis that costs accuracy, in each training document."""
KEPT: Final = 1 / 3
"""Chance of an axis that the model survives: what is not trained on is forgotten."""
MOST_KEPT: Final = 2.0
"""Axes that the model survives in one document, on average, however many there are."""
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

    def within(self, axes: Collection[str]) -> Prescription:
        """Return the prescription for documents that only some axes can shift.

        Raises:
            NoDataError: none of these axes costs accuracy, so training on them cures nothing.
        """
        rates = {axis: rate for axis, rate in self.rates.items() if axis in axes}
        if DEADLY not in rates.values():
            deadly = [axis for axis, rate in self.rates.items() if rate == DEADLY]
            raise NoDataError(
                f"these documents cannot be shifted along {', '.join(deadly)}, which costs the "
                "accuracy; draw documents from a schema instead"
            )
        return replace(self, rates=rates)


def prescribe(diagnosis: Diagnosis) -> Prescription:
    """Return the mixture that cures the shifts which a diagnosis names.

    An axis whose cost is proven comes in two of three documents, one that was tried and survived
    in one of three at most.

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
    survived = max(1, len(shares) - len(deadly))
    kept = round(min(KEPT, MOST_KEPT / survived), 3)
    rates = {share.axis: DEADLY if share.axis in deadly else kept for share in shares}
    because = {
        axis: f"costs {deadly[axis].value:.2f} of accuracy" if axis in deadly else "survived; kept"
        for axis in rates
    }
    return Prescription(rates, because)


def one_of(diagnoses: Sequence[Diagnosis], model: str | None = None) -> Diagnosis:
    """Return the diagnosis of a model, or the only one.

    Raises:
        ConfigError: there are several and no name, or none of that name.
    """
    by_name = {diagnosis.model: diagnosis for diagnosis in diagnoses}
    if model in by_name:
        return by_name[str(model)]
    if model is not None:
        raise ConfigError(f"no diagnosis of model {model!r}; {nearest(model, by_name)}")
    if len(by_name) != 1:
        known = ", ".join(by_name) or "none: no gate had failed"
        raise ConfigError(f"{len(by_name)} models were diagnosed ({known}); name one with --model")
    return diagnoses[0]
