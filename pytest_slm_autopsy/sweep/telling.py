"""A sweep in words: a table for the terminal, and a page."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Final

import jinja2

from pytest_slm_autopsy.errors import visible
from pytest_slm_autopsy.records import Measurement, Verdict
from pytest_slm_autopsy.sweep.judging import Judged

WIDTH: Final = 80
GAP: Final = "accuracy gap"
HEADS: Final = ("model", "suite", "accuracy", "gates", "worst gap", "lost")


def table(found: Sequence[Judged]) -> Iterator[str]:
    """Yield the table of models against gates, then what failed, in lines of 80 columns."""
    rows = [HEADS, *(tuple(map(visible, cells(one))) for one in found)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEADS))]
    spare = WIDTH - sum(widths) - 2 * (len(HEADS) - 1)
    widths[0] = max(12, widths[0] + min(0, spare))
    for row in rows:
        cut = [_cut(cell, width).ljust(width) for cell, width in zip(row, widths, strict=True)]
        yield "  ".join(cut).rstrip()
    for one in found:
        told = list(faults(one))
        if told:
            yield ""
            yield visible(f"{one.model} on {one.suite}")
            for line in map(visible, told):
                yield from textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent="    ")


def cells(one: Judged) -> tuple[str, ...]:
    """Return the row of a model on a suite."""
    if one.problem:
        return (one.model, one.suite, "not asked", "", "", "")
    accuracy = number(one.accuracy) if one.accuracy else ""
    gaps = [verdict.measurement for verdict in one.verdicts if verdict.measurement.name == GAP]
    worst = max(gaps, key=lambda gap: gap.value, default=None)
    lost = f"{one.lost[0].measurement.value:+.2f}" if one.lost else ""
    return (one.model, one.suite, accuracy, gates(one), short(worst), lost)


def gates(one: Judged) -> str:
    """Return how many gates passed, failed and proved nothing: ``12 ok, 3 failed``."""
    counts = Counter[str](verdict.outcome for verdict in one.verdicts)
    told = {"passed": "ok", "failed": "failed", "undecided": "open"}
    return ", ".join(f"{counts[key]} {word}" for key, word in told.items() if counts[key])


def faults(one: Judged) -> Iterator[str]:
    """Yield a sentence for all that is wrong with a model on a suite, the gravest first."""
    if one.problem:
        yield f"could not be asked: {one.problem}"
    if one.failed:
        yield f"{one.failed:,} answers failed, and count as wrong; sweep again to ask them anew"
    for verdict in one.lost:
        if verdict.outcome != "passed":
            yield f"{verdict.short}"
    for outcome in ("failed", "undecided"):
        yield from (verdict.short for verdict in one.verdicts if verdict.outcome == outcome)
    for gate, reason in (one.unjudged or {}).items():
        yield f"not judged: {gate}: {reason}"


def number(measurement: Measurement) -> str:
    """Return a value with its interval."""
    low, high = measurement.interval
    return f"{measurement.value:.2f} [{low:.2f}, {high:.2f}]"


def short(gap: Measurement | None) -> str:
    """Return a condition and what it costs; empty where nothing is lost."""
    return f"{gap.condition} {gap.value:.2f}" if gap and gap.value > 0 else ""


def page(found: Sequence[Judged]) -> str:
    """Return the sweep as one page without scripts: models against gates, and what was lost."""
    text = (files("pytest_slm_autopsy.sweep") / "templates" / "sweep.jinja2").read_text("utf-8")
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    names = list(dict.fromkeys(gate_name(v) for one in found for v in one.verdicts))
    rows = [(one, {gate_name(v): v for v in one.verdicts}) for one in found]
    told = {"rows": rows, "gates": names, "number": number, "faults": faults}
    return template.from_string(text).render(**told)


def gate_name(verdict: Verdict) -> str:
    """Return the name of a gate, with its condition where it has one."""
    m = verdict.measurement
    return f"{m.name}, {m.condition}" if m.name == GAP and m.condition else m.name


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
