"""The evidence of an autopsy: everything that was asked and measured, before anyone judges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from pytest_slm_autopsy.diagnostics.axes import CausalShares, Dose, Joint
from pytest_slm_autopsy.diagnostics.edits import Unnoticed
from pytest_slm_autopsy.diagnostics.minimal import CommonCause, MinimalCause, commonest
from pytest_slm_autopsy.measures.counted import Counted
from pytest_slm_autopsy.records import Case, Prediction


class Checked(Protocol):
    """A check of the files or the loaded model: its name, outcome and evidence."""

    @property
    def name(self) -> str:
        """Return the name of the check."""
        ...

    @property
    def outcome(self) -> str:
        """Return ``passed``, ``failed``, ``warned``, ``allowed`` or ``skipped``."""
        ...

    @property
    def evidence(self) -> str:
        """Return what was seen."""
        ...


@dataclass(frozen=True)
class Evidence:
    """What is known of a model; ``None`` where it could not be had, and ``lacking`` says why.

    Args:
        reference: predictions of cases distributed like training.
        shifted: predictions of the shifted twins.
        checks: checks of files and of the loaded model.
        training: cases that the model was trained on.
        shares: the share of each axis in the loss.
        minimal: the smallest breaking part of each failing shift.
        joints: what axes cost only together.
        doses: accuracy against severity, of the costliest axes.
        edits: edits of documents, and the share of documents on which each went unnoticed.
        unquantised: predictions of the same cases without quantisation.
        base: predictions of the same cases by the base alone.
        lacking: what could not be had, and the reason.
        limit: the loss of accuracy that is tolerated.
    """

    reference: Counted
    shifted: Counted
    checks: Sequence[Checked] | None = None
    training: Sequence[Case] | None = None
    shares: CausalShares | None = None
    minimal: Sequence[MinimalCause] = ()
    joints: Sequence[Joint] = ()
    doses: Sequence[Dose] = ()
    edits: Sequence[Unnoticed] | None = None
    unquantised: Sequence[Prediction] | None = None
    base: Sequence[Prediction] | None = None
    lacking: Mapping[str, str] = field(default_factory=dict)
    limit: float = 0.1

    @cached_property
    def everything(self) -> Counted:
        """Return all predictions, of reference and shifted cases."""
        return Counted([*self.reference, *self.shifted])

    @cached_property
    def wrong(self) -> list[Prediction]:
        """Return the wrong predictions; a cause is weighed by the share of these it explains."""
        return [p for p in self.everything if not p.correct]

    @cached_property
    def commonest(self) -> tuple[CommonCause, ...]:
        """Return the smallest breaking parts, the commonest first; none where nothing failed."""
        return commonest(self.minimal) if self.minimal else ()

    @cached_property
    def dead(self) -> frozenset[str]:
        """Return the records that are answered wrong without any shift."""
        return frozenset(p.case.cluster for p in self.reference if not p.correct)

    def pairs(self, others: Sequence[Prediction] | None) -> Iterator[tuple[Prediction, Prediction]]:
        """Yield each prediction with that of another model for the same case."""
        known = {(p.case.id, p.case.condition): p for p in others or ()}
        for prediction in self.everything:
            if other := known.get((prediction.case.id, prediction.case.condition)):
                yield prediction, other
