"""Does a model survive? One word from its gates, and the numbers behind it; nothing is judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from pytest_slm_autopsy.report.data import ConditionRow, JudgedGate, ReportData, Why
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
        """Return ``narrow does not survive: 1.00 on canonical, 0.00 under missing (n=128)``."""
        head = f"{self.model} {self.word}" if self.word else self.model
        start, worst = self.start, self.worst
        said = f"{head}: {start.accuracy.value:.2f} on {start.condition}"
        if worst is start:
            return f"{said} (n={start.n})"
        n = "" if worst.n == start.n else f" (n={start.n})"
        return f"{said}{n}, {worst.accuracy.value:.2f} under {worst.condition} (n={worst.n})"


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
    # A number of the user's own may name no model; it then speaks of all.
    gates = [gate for gate in data.gates if gate.verdict.measurement.model in (model, "")]
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


IN_WORDS: Final = {
    "unreadable": "cannot be read",
    "extra key": "state a field that was not asked for",
    "hallucinated": "state a value that the document does not have",
    "swapped": "give the value of another field",
    "other value": "give a value that is no field's",
    "near miss": "miss a value by a few letters",
    "truncated": "break off within a value",
    "omitted": "leave out a value that the document has",
    "other form": "give a value in another form",
    "other case or spacing": "give a value in another case or spacing",
}
"""What an answer of each kind does."""


@dataclass(frozen=True, slots=True)
class FirstScreen:
    """What somebody in a hurry reads: the verdict, what kills the model, why, and what to do."""

    story: Story
    kills: tuple[str, ...]
    reasons: tuple[str, ...]
    remedy: str


def first_screen(data: ReportData) -> FirstScreen | None:
    """Return the first screen of the page; ``None`` where no model was asked."""
    told = stories(data)
    if not told:
        return None
    story = told[0]
    why = next((one for one in data.why if one.model == story.model), None)
    reasons = list(_causes(why)) if why else []
    remedy = why.remedy if why else ""
    return FirstScreen(
        story,
        tuple(_kills(data, story)),
        tuple(reasons[:3] or _signs(data, story)),
        remedy or _advice(data, story, diagnosed=why is not None),
    )


def _causes(why: Why) -> Iterable[str]:
    words = why.words or [one.cause for one in why.findings]
    for cause, finding in zip(words, why.findings, strict=False):
        yield f"{cause} ({finding.effect.value:.0%} of the loss)"


def _kills(data: ReportData, story: Story) -> Iterable[str]:
    for row in worst_first(rows_of(data, story.model))[:3]:
        lost = story.start.accuracy.value - row.accuracy.value
        if row is not story.start and lost > 0:
            low, high = row.accuracy.interval
            yield f"{row.condition}: {row.accuracy.value:.2f} [{low:.2f}, {high:.2f}], n={row.n}"


def _signs(data: ReportData, story: Story) -> Iterable[str]:
    """Yield what the wrong answers under the worst condition have in common."""
    worst = story.worst
    kinds = next(
        (k for k in data.kinds if (k.model, k.condition) == (story.model, worst.condition)), None
    )
    if kinds is None:
        yield "no wrong answer under the worst condition"
        return
    kind, count = max(kinds.counts.items(), key=lambda pair: pair[1])
    said = IN_WORDS.get(kind, f"are of the kind {kind!r}")
    yield f"{count} of {sum(kinds.counts.values())} wrong answers under {worst.condition} {said}"
    if kinds.fields:
        field, times = next(iter(kinds.fields.items()))
        yield f"most often wrong: {field}, {times} times"
    if worst.confidence_wrong is not None:
        yield f"wrong answers are {worst.confidence_wrong:.2f} sure on average"


def _advice(data: ReportData, story: Story, *, diagnosed: bool) -> str:
    if story.word == "survives":
        return "Keep it so: save these answers as a baseline, and compare the next model with them."
    if story.word == "was never alive":
        return "Mend the reference first: the model has not learnt its task."
    if story.word == "is not proven":
        return "Ask more cases: a larger --slm-n, or --slm-budget."
    if diagnosed:
        return "No single cause is proven: see the evidence below."
    if story.worst is story.start:
        return "Ask it shifted documents too: slm_cases.production, or one axis."
    return "Run again with --slm-diagnose=why.json: it names the causes, and the data that heal."


def baseline_lines(data: ReportData) -> Iterable[str]:
    """Yield a line for each comparison with a baseline."""
    for one in data.baselines:
        name = f"baseline: {one.model}" if one.model else "baseline"
        if one.problem:
            yield f"{name}: not compared: {one.problem}"
            continue
        whole, *parts = one.rows
        m = whole.verdict.measurement
        worst = max(parts, key=lambda row: row.verdict.measurement.value, default=whole)
        worse, better = whole.flipped
        other = f" ({one.baseline})" if one.baseline not in ("", one.model) else ""
        under = f", most under {worst.condition}" if worst.verdict.measurement.value > 0 else ""
        yield (
            f"{name} {whole.verdict.outcome}: {m.value:+.3f} [{m.interval[0]:+.3f}, "
            f"{m.interval[1]:+.3f}] lost since {one.made}{other}{under}; {worse:,} worse, "
            f"{better:,} better, p = {whole.p_value:.2g}"
        )
