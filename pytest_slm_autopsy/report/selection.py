"""Selection of what the page and the summary show; nothing is calculated or judged."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from itertools import zip_longest
from typing import Literal, TypeVar

from pytest_slm_autopsy.records import NOTHING_AT_STAKE, Measurement
from pytest_slm_autopsy.report.data import ConditionRow, JudgedGate, ReportData

REFERENCE = "canonical"

Tone = Literal["good", "bad", "warn"]
T = TypeVar("T", bound=Hashable)

_STATES: dict[tuple[str, str], tuple[str, Tone]] = {
    ("passed", "xpassed"): ("passed, failure expected", "warn"),
    ("failed", "xfailed"): ("expected failure", "warn"),
    ("failed", "passed"): ("failed, test passed", "warn"),
}
_PLAIN: dict[str, tuple[str, Tone]] = {
    "passed": ("passed", "good"),
    "failed": ("failed", "bad"),
    "undecided": ("undecided", "warn"),
}


def models(data: ReportData) -> tuple[str, ...]:
    """Return every model of the report, in the order of first mention."""
    rows = [row.model for row in data.rows]
    curves = [curve.model for curve in data.reliability]
    return each_once([*rows, *curves, *(answer.model for answer in data.wrong)])


def each_once(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names, each once, in the given order."""
    return tuple(dict.fromkeys(names))


def rows_of(data: ReportData, model: str) -> tuple[ConditionRow, ...]:
    """Return the rows of one model, in the given order."""
    return tuple(row for row in data.rows if row.model == model)


def reference(rows: Iterable[ConditionRow]) -> ConditionRow:
    """Return the row of the reference cases, or the first row where none is canonical."""
    found = tuple(rows)
    return next((row for row in found if row.condition == REFERENCE), found[0])


def worst_first(rows: Iterable[ConditionRow]) -> list[ConditionRow]:
    """Return the rows by accuracy, the lowest first; a row without a number counts as lowest."""
    return sorted(rows, key=_rank)


def _rank(row: ConditionRow) -> float:
    return -1.0 if math.isnan(row.accuracy.value) else row.accuracy.value


def told_conditions(data: ReportData, model: str, most: int = 3) -> tuple[str, ...]:
    """Return the conditions whose curves are drawn: the reference, then the worst."""
    rows = rows_of(data, model)
    if not rows:
        return ()
    start = reference(rows)
    worst = [row.condition for row in worst_first(rows) if row is not start]
    return (start.condition, *worst[: most - 1])


def some_cut_off(data: ReportData) -> bool:
    """Tell whether any answer did not end."""
    return any(row.cut_off is not None and row.cut_off.value > 0 for row in data.rows)


def gate_state(gate: JudgedGate) -> tuple[str, Tone]:
    """Return the word and the tone of a gate, from its verdict and the outcome of its test."""
    outcome = gate.verdict.outcome
    return _STATES.get((outcome, gate.outcome), _PLAIN[outcome])


def gravest_first(gates: Iterable[JudgedGate]) -> list[JudgedGate]:
    """Return failed gates first, then undecided, then passed ones, each in the given order."""
    order = {"bad": 0, "warn": 1, "good": 2}
    return sorted(gates, key=lambda gate: order[gate_state(gate)[1]])


def wrong_under(data: ReportData, measurement: Measurement) -> bool:
    """Tell whether the page shows a wrong answer to what a gate measured."""
    return any(
        one.model == measurement.model and measurement.condition in ("", one.condition)
        for one in data.wrong
    )


def wrong_counts(data: ReportData) -> dict[tuple[str, str], int]:
    """Return the number of all wrong answers, shown or not, by model and condition."""
    shown = Counter((one.model, one.condition) for one in data.wrong)
    told = {(one.model, one.condition): sum(one.counts.values()) for one in data.kinds}
    return dict(shown) | told


def filters(data: ReportData) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return each filter of wrong answers: its key, its label, and its values."""
    wrong = data.wrong
    found = [
        ("model", "Model", each_once(one.model for one in wrong)),
        ("condition", "Under", each_once(one.condition for one in wrong)),
        ("field", "Field", each_once(name for one in wrong for name in one.kinds)),
        ("kind", "Kind", each_once(one.kind for one in wrong if one.kind)),
    ]
    return [one for one in found if len(one[2]) > 1]


def gate_counts(data: ReportData) -> str:
    """Return ``5 passed, 2 failed (1 expected), 1 undecided``; empty without gates."""
    if not data.gates:
        return ""
    outcomes: list[str] = [gate.verdict.outcome for gate in data.gates]
    expected = sum(gate_state(gate)[0] == "expected failure" for gate in data.gates)
    said = f" ({expected} expected)" if expected else ""
    passed, failed, undecided = map(outcomes.count, ("passed", "failed", "undecided"))
    return f"{passed} passed, {failed} failed{said}, {undecided} undecided"


def gates_together(data: ReportData) -> str:
    """Return a phrase that counts the verdicts too weak to stand among all; empty without any."""
    weak = [gate.verdict.outcome for gate in data.gates if gate.holds is False]
    if not weak:
        return ""
    counts = (f"{weak.count(word)} {word}" for word in ("passed", "failed") if word in weak)
    return f"too weak to stand among {len(data.gates)} gates (Holm): {', '.join(counts)}"


def kind_names(data: ReportData) -> tuple[str, ...]:
    """Return every category of wrong answers that occurs, in the order of first mention."""
    return each_once(name for row in data.kinds for name in row.counts)


def to_decide(data: ReportData) -> str:
    """Return a sentence on what undecided gates need; empty without undecided gates."""
    advice = [g.verdict.advice for g in data.gates if g.verdict.outcome == "undecided"]
    if not advice:
        return ""
    if all(told.startswith(NOTHING_AT_STAKE) for told in advice):
        return "undecided gates had nothing to lose: mend their reference first"
    if file := data.facts.get("cases"):
        return f"undecided gates need more cases: a larger --slm-n, or more in {file}"
    return "undecided gates need more cases: a larger --slm-n, or a larger --slm-budget"


def shown_rows(data: ReportData, most: int) -> tuple[ConditionRow, ...]:
    """Return at most ``most`` rows, in the given order: each model's reference, then its worst."""
    if len(data.rows) <= most:
        return data.rows
    queues = []
    for rows in (rows_of(data, model) for model in models(data)):
        if rows:
            start = reference(rows)
            queues.append([start, *(row for row in worst_first(rows) if row is not start)])
    queues.sort(key=lambda queue: min(map(_rank, queue)))
    pairs = [row for queue in queues for row in queue[:2]]
    ranked = [*pairs, *_in_turn(queue[2:] for queue in queues)]
    kept = {id(row) for row in ranked[:most]}
    return tuple(row for row in data.rows if id(row) in kept)


def _in_turn(queues: Iterable[list[T]]) -> Iterator[T]:
    for layer in zip_longest(*queues):
        yield from (one for one in layer if one is not None)
