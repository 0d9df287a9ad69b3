"""The figure of accuracy by condition: models side by side, the worst condition first."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pytest_slm_autopsy.report.data import ConditionRow, ReportData
from pytest_slm_autopsy.report.selection import each_once
from pytest_slm_autopsy.report.style import Mark, band, interval, layout, legend, safe, share_axis

Figure = dict[str, Any]


def accuracy_figure(data: ReportData) -> Figure:
    """Return the figure of accuracy by condition, the worst condition first.

    Filled marks are accuracy with its interval, hollow ones mean confidence on wrong answers.
    """
    marks = legend(data)
    names = worst_conditions(data)
    step = 0.7 / max(len(marks), 1)
    traces = []
    for j, mark in enumerate(marks.values()):
        rows = [row for row in data.rows if row.model == mark.model]
        shift = (j - (len(marks) - 1) / 2) * step
        places = [names.index(row.condition) + shift for row in rows]
        traces += [_sureness_trace(mark, rows, places), _accuracy_trace(mark, rows, places)]
    drawn = layout(height=100 + len(names) * (20 * max(len(marks), 1) + 14))
    drawn |= {"showlegend": False, "shapes": [band(i) for i in range(1, len(names), 2)]}
    drawn["xaxis"] = share_axis("accuracy (filled)<br>sure when wrong (hollow)")
    drawn["yaxis"] = {
        "range": [len(names) - 0.5, -0.5],
        "tickvals": list(range(len(names))),
        "ticktext": [_wrapped(name) for name in names],
        "automargin": True,
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
    }
    return {"data": traces, "layout": drawn}


def worst_conditions(data: ReportData) -> list[str]:
    """Return the conditions by the lowest accuracy of any model, the worst first."""
    lowest = {
        name: min(row.accuracy.value for row in data.rows if row.condition == name)
        for name in each_once(row.condition for row in data.rows)
    }
    return sorted(lowest, key=lambda name: lowest[name])


def _wrapped(name: str, columns: int = 18, most: int = 3) -> str:
    lines = textwrap.wrap(name, columns, max_lines=most, placeholder=" …") or [name]
    return "<br>".join(map(safe, lines))


def _accuracy_trace(mark: Mark, rows: Sequence[ConditionRow], places: Sequence[float]) -> Figure:
    values = [row.accuracy for row in rows]
    where = [safe(f"{row.model}, {row.condition}") for row in rows]
    said = [f"{at}<br>accuracy {interval(m)}, n={m.n}" for at, m in zip(where, values, strict=True)]
    return {
        "type": "scatter",
        "x": [m.value for m in values],
        "y": list(places),
        "name": safe(mark.model),
        "mode": "markers",
        "cliponaxis": False,
        "marker": {"color": mark.colour, "symbol": mark.symbol, "size": 9},
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [max(m.interval[1] - m.value, 0) for m in values],
            "arrayminus": [max(m.value - m.interval[0], 0) for m in values],
            "color": mark.colour,
            "thickness": 1.6,
            "width": 4,
        },
        "hovertext": said,
        "hoverinfo": "text",
    }


def _sureness_trace(mark: Mark, rows: Iterable[ConditionRow], places: Sequence[float]) -> Figure:
    known = list(_sure_when_wrong(zip(rows, places, strict=True)))
    where = [safe(f"{row.model}, {row.condition}") for row, _, _ in known]
    return {
        "type": "scatter",
        "x": [sure for _, _, sure in known],
        "y": [place for _, place, _ in known],
        "name": f"{safe(mark.model)}, confidence when wrong",
        "mode": "markers",
        "marker": {
            "color": mark.colour,
            "symbol": f"{mark.symbol}-open",
            "size": 10,
            "line": {"width": 2},
        },
        # A thin line back to a lower accuracy: the longer it is, the surer are wrong answers.
        "error_x": {
            "type": "data",
            "symmetric": False,
            "array": [0] * len(known),
            "arrayminus": [max(sure - row.accuracy.value, 0) for row, _, sure in known],
            "color": mark.colour,
            "thickness": 0.8,
            "width": 0,
        },
        "hovertext": [
            f"{at}<br>mean confidence on wrong answers {sure:.3f}"
            for at, (_, _, sure) in zip(where, known, strict=True)
        ],
        "hoverinfo": "text",
    }


def _sure_when_wrong(
    pairs: Iterable[tuple[ConditionRow, float]],
) -> Iterator[tuple[ConditionRow, float, float]]:
    for row, place in pairs:
        if row.confidence_wrong is not None:
            yield row, place, row.confidence_wrong
