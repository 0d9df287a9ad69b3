"""Does a model survive? One word from its gates, and the numbers behind it; nothing is judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pytest_slm_autopsy.report.data import ConditionRow, JudgedGate, ReportData
from pytest_slm_autopsy.report.selection import (
    REFERENCE,
    models,
    reference,
    rows_of,
    worst_first,
)

Word = Literal[
    "survives", "passes its gates", "does not survive", "was never alive", "is not proven", ""
]


@dataclass(frozen=True, slots=True)
class Story:
    """One model: the word of its gates, its reference, and its worst condition.

    ``word`` is empty where no gate judged the model. ``worst`` is the reference itself where no
    condition is lower.
    """

    model: str
    word: Word
    start: ConditionRow
    worst: ConditionRow

    @property
    def lost(self) -> float:
        """Return the accuracy lost from the reference to the worst condition."""
        return self.start.accuracy.value - self.worst.accuracy.value

    @property
    def line(self) -> str:
        """Return ``narrow does not survive: 1.00 on canonical (n=128), 0.00 under missing``."""
        head = f"{self.model} {self.word}" if self.word else self.model
        start, worst = self.start, self.worst
        said = f"{head}: {start.accuracy.value:.2f} on {start.condition} (n={start.n})"
        if worst is start:
            return said
        return f"{said}, {worst.accuracy.value:.2f} under {worst.condition} (n={worst.n})"


def stories(data: ReportData) -> tuple[Story, ...]:
    """Return the story of each model that was asked, the one with the most to tell first.

    A model that fails on its reference already, such as a base alone beside its adapter, has the
    least to tell.
    """
    told = [_story(data, model) for model in models(data) if rows_of(data, model)]
    return tuple(sorted(told, key=lambda one: (one.word == "was never alive", -one.lost)))


def _story(data: ReportData, model: str) -> Story:
    rows = rows_of(data, model)
    start = reference(rows)
    lowest = worst_first(rows)[0]
    worst = lowest if lowest.accuracy.value < start.accuracy.value else start
    return Story(model, _word(data, model), start, worst)


def _word(data: ReportData, model: str) -> Word:
    gates = [gate for gate in data.gates if gate.verdict.measurement.model == model]
    if any(map(_failed_on_reference, gates)):
        return "was never alive"
    outcomes = {gate.verdict.outcome for gate in gates}
    if "failed" in outcomes:
        return "does not survive"
    if "undecided" in outcomes:
        return "is not proven"
    shifted = any(gate.verdict.measurement.condition != REFERENCE for gate in gates)
    return "survives" if shifted else "passes its gates" if gates else ""


def _failed_on_reference(gate: JudgedGate) -> bool:
    m = gate.verdict.measurement
    accuracy = m.name == "exact match" and m.condition == REFERENCE
    return accuracy and gate.verdict.outcome == "failed"


def smallest_shifts(data: ReportData) -> Iterable[tuple[str, str, float]]:
    """Yield each diagnosed model, the smallest shift that breaks it most often, and how often."""
    for one in data.why:
        if one.minimal:
            name, found = one.minimal[0].name, one.minimal[0].measurement
            yield one.model, name, found.value
