"""The summary of a run: lines for the terminal, and Markdown for a step of CI."""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

from pytest_slm_autopsy.records import Measurement
from pytest_slm_autopsy.report.data import ConditionRow, JudgedGate, ReportData
from pytest_slm_autopsy.report.selection import (
    gate_counts,
    gates_together,
    shown_rows,
    some_cut_off,
    to_decide,
)
from pytest_slm_autopsy.report.verdict import baseline_lines, smallest_shifts, stories

MOST_LINES = 20
MOST_STORIES = 3

_HEADS = ("model", "condition", "accuracy [interval] n", "sure if wrong", "ECE", "JSON")
_MARKDOWN_HEADS = (
    *("Model", "Condition", "Accuracy [interval]", "Sure when wrong", "ECE", "Valid JSON", "n"),
)
_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]|~#$])")


def lines(data: ReportData, width: int = 80, most: int | None = MOST_LINES) -> Iterator[str]:
    """Yield at most ``most`` lines of at most ``width`` columns; none without recorded numbers.

    With ``most=None`` every row is told.
    """
    head = [line for one in stories(data)[:MOST_STORIES] if one.word
            for line in textwrap.wrap(_printable(one.line), width)]  # fmt: skip
    told = [line for one in data.why for line in textwrap.wrap(f"why: {one.headline}", width)]
    minimal = [f"smallest shift: {shift}, in {share:.0%} of the documents that {model} misreads"
               for model, shift, share in smallest_shifts(data)]  # fmt: skip
    told += [line for one in minimal for line in textwrap.wrap(_printable(one), width)]
    told += [part for line in baseline_lines(data) for part in textwrap.wrap(line, width)]
    told += [f"gates: {gate_counts(data)}"] if data.gates else []
    told += [f"  {more}" for more in (gates_together(data), to_decide(data)) if more]
    if data.rows:
        room = len(data.rows) if most is None else max(most - 1 - len(told) - len(head), 3)
        kept = data.rows if len(data.rows) <= room else shown_rows(data, room - 1)
        left_out = len(data.rows) - len(kept)
        ends = some_cut_off(data)
        heads = (*_HEADS, "cut off") if ends else _HEADS
        table = list(
            _table([heads, *(_cells(row, ends=ends, counted=True) for row in kept)], width)
        )
        more = [f"... {left_out} of {len(data.rows)} rows left out; -v shows all"]
        told = [*table, *(more if left_out else []), *told]
    yield from (cut(_printable(line), width).rstrip() for line in (*head, *told))


def markdown(data: ReportData) -> str:
    """Return verdicts, a table and the count of gates; empty where nothing was recorded."""
    parts = [f"**{_escaped(one.line)}.**  " for one in stories(data)]
    parts += [f"Why: {_escaped(one.headline)}  " for one in data.why]
    if data.rows:
        ends = some_cut_off(data)
        heads = (*_MARKDOWN_HEADS[:-1], *(["Cut off"] if ends else []), _MARKDOWN_HEADS[-1])
        parts += ["", _markdown_row(heads), "|:--|:--|" + "--:|" * (len(heads) - 2)]
        parts += [_markdown_row((*_cells(row, ends=ends), str(row.n))) for row in data.rows]
    parts += [f"- {_escaped(line)}" for line in baseline_lines(data)]
    if data.gates:
        weak = gates_together(data)
        parts += ["", f"Gates: {gate_counts(data)}{f'; {weak}' if weak else ''}."]
        parts += [f"- {_escaped(gate.verdict.line)}" for gate in data.gates if not _passed(gate)]
    return "\n".join([f"### {_escaped(data.title)}", "", *parts, ""]) if parts else ""


def _passed(gate: JudgedGate) -> bool:
    return gate.verdict.outcome == "passed"


def _cells(row: ConditionRow, *, ends: bool, counted: bool = False) -> tuple[str, ...]:
    low, high = row.accuracy.interval
    accuracy = f"{_number(row.accuracy)} [{_number(low)}, {_number(high)}]"
    accuracy += f" {row.n}" if counted else ""
    numbers = [row.confidence_wrong, row.ece, row.valid_json, *([row.cut_off] if ends else [])]
    rest = map(_number, numbers)
    return (row.model, row.condition, accuracy, *rest)


def _number(value: Measurement | float | None) -> str:
    number = value.value if isinstance(value, Measurement) else value
    return "-" if number is None or math.isnan(number) else f"{number:.2f}"


def _table(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yield aligned rows; where they are too wide, the two names are cut, never the numbers."""
    clean = [[_printable(cell) for cell in row] for row in rows]
    wide = [max(map(_columns, column)) for column in zip(*clean, strict=True)]
    names = max(width - sum(wide[2:]) - 2 * (len(wide) - 1), 2)
    wide[0] = min(wide[0], max(names - wide[1], names * 2 // 5))
    wide[1] = min(wide[1], names - wide[0])
    for row in clean:
        fitted = [cut(cell, columns) for cell, columns in zip(row, wide, strict=True)]
        yield "  ".join(
            _padded(cell, columns, right=i > 2)
            for i, (cell, columns) in enumerate(zip(fitted, wide, strict=True))
        )


def _padded(cell: str, columns: int, *, right: bool) -> str:
    space = " " * (columns - _columns(cell))
    return space + cell if right else cell + space


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def cut(text: str, width: int) -> str:
    """Return ``text`` in at most ``width`` columns.

    The middle is cut out, since names differ at their ends.
    """
    if _columns(text) <= width:
        return text
    head, tail, kept = "", "", ".." if width > 4 else ""
    for i in range(len(text)):
        grown = (head + text[i // 2], tail) if i % 2 == 0 else (head, text[-(i + 1) // 2] + tail)
        if _columns(grown[0] + kept + grown[1]) > width:
            break
        head, tail = grown
    return head + kept + tail


def _printable(text: str) -> str:
    """Return one line without control characters: a name must not steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_escaped, cells))} |"


def _escaped(text: str) -> str:
    plain = _printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN_SIGNS.sub(r"\\\1", plain)
