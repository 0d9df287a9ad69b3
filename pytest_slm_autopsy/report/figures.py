"""From report data to plotly figures; plotly is loaded when the first one is drawn."""

from __future__ import annotations

import textwrap
from typing import Any

from pytest_slm_autopsy.errors import MissingExtraError
from pytest_slm_autopsy.records import Measurement
from pytest_slm_autopsy.report.data import ConditionRow, Reliability, ReportData
from pytest_slm_autopsy.report.selection import each_once
from pytest_slm_autopsy.report.style import QUIET, Mark, band, layout, legend, safe, share_axis


def accuracy_figure(data: ReportData) -> Any:
    """Return the figure of accuracy by condition.

    Filled marks are accuracy with its interval, hollow ones mean confidence on wrong answers.
    """
    go, marks = _graph_objects(), legend(data)
    names = each_once(row.condition for row in data.rows)
    step = 0.7 / max(len(marks), 1)
    figure = go.Figure()
    for j, mark in enumerate(marks.values()):
        rows = [row for row in data.rows if row.model == mark.model]
        shift = (j - (len(marks) - 1) / 2) * step
        places = [names.index(row.condition) + shift for row in rows]
        figure.add_trace(_sureness_trace(go, mark, rows, places))
        figure.add_trace(_accuracy_trace(go, mark, rows, places))
    figure.update_layout(layout(height=100 + len(names) * (20 * max(len(marks), 1) + 14)))
    figure.update_layout(showlegend=True, shapes=[band(i) for i in range(1, len(names), 2)])
    figure.update_xaxes(share_axis("accuracy (filled)<br>sure when wrong (hollow)"))
    figure.update_yaxes(
        range=[len(names) - 0.5, -0.5],
        tickvals=list(range(len(names))),
        ticktext=[_wrapped(name) for name in names],
        automargin=True,
        fixedrange=True,
        showgrid=False,
        zeroline=False,
    )
    return figure


def reliability_figures(data: ReportData) -> dict[str, Any]:
    """Return a reliability diagram for each condition; markers are sized by n."""
    names = each_once(curve.condition for curve in data.reliability)
    return {name: _reliability_figure(data, name) for name in names}


def plotly_js() -> str:
    """Return the source of plotly.js, for a page that needs no network."""
    _graph_objects()
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())


def _graph_objects() -> Any:
    try:
        import plotly.graph_objects as go
    except ImportError as error:
        raise MissingExtraError("plotly", "report") from error
    return go


def _wrapped(name: str, columns: int = 18, most: int = 3) -> str:
    lines = textwrap.wrap(name, columns, max_lines=most, placeholder=" …") or [name]
    return "<br>".join(map(safe, lines))


def _said(measurement: Measurement) -> str:
    low, high = measurement.interval
    return f"{measurement.value:.3f} [{low:.3f}, {high:.3f}]"


def _accuracy_trace(go: Any, mark: Mark, rows: list[ConditionRow], places: list[float]) -> Any:
    values = [row.accuracy for row in rows]
    where = [safe(f"{row.model}, {row.condition}") for row in rows]
    said = [f"{at}<br>accuracy {_said(m)}, n={m.n}" for at, m in zip(where, values, strict=True)]
    return go.Scatter(
        x=[m.value for m in values],
        y=places,
        name=safe(mark.model),
        mode="markers",
        marker={"color": mark.colour, "symbol": mark.symbol, "size": 9},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [max(m.interval[1] - m.value, 0) for m in values],
            "arrayminus": [max(m.value - m.interval[0], 0) for m in values],
            "color": mark.colour,
            "thickness": 1.6,
            "width": 4,
        },
        hovertext=said,
        hoverinfo="text",
    )


def _sureness_trace(go: Any, mark: Mark, rows: list[ConditionRow], places: list[float]) -> Any:
    known = [
        (row, place, row.confidence_wrong)
        for row, place in zip(rows, places, strict=True)
        if row.confidence_wrong is not None
    ]
    where = [safe(f"{row.model}, {row.condition}") for row, _, _ in known]
    return go.Scatter(
        x=[sure for _, _, sure in known],
        y=[place for _, place, _ in known],
        name=f"{safe(mark.model)}, confidence when wrong",
        mode="markers",
        marker={
            "color": mark.colour,
            "symbol": f"{mark.symbol}-open",
            "size": 10,
            "line": {"width": 2},
        },
        # A thin line back to a lower accuracy: the longer it is, the surer are wrong answers.
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [0] * len(known),
            "arrayminus": [max(sure - row.accuracy.value, 0) for row, _, sure in known],
            "color": mark.colour,
            "thickness": 0.8,
            "width": 0,
        },
        hovertext=[
            f"{at}<br>mean confidence on wrong answers {sure:.3f}"
            for at, (_, _, sure) in zip(where, known, strict=True)
        ],
        hoverinfo="text",
    )


def _reliability_figure(data: ReportData, condition: str) -> Any:
    go, marks = _graph_objects(), legend(data)
    curves = [curve for curve in data.reliability if curve.condition == condition]
    largest = max((bin_.n for curve in curves for bin_ in curve.bins), default=1)
    figure = go.Figure(
        go.Scatter(
            x=[0, 1],
            y=[0, 1],
            mode="lines",
            line={"color": QUIET, "dash": "dot", "width": 1},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    for curve in curves:
        figure.add_trace(_curve_trace(go, marks[curve.model], curve, max(largest, 1)))
    figure.update_layout(layout(height=290), showlegend=True)
    figure.update_xaxes(share_axis("confidence"))
    figure.update_yaxes(share_axis("accuracy"))
    return figure


def _curve_trace(go: Any, mark: Mark, curve: Reliability, largest: int) -> Any:
    name, bins = safe(mark.model), [bin_ for bin_ in curve.bins if bin_.n > 0]
    return go.Scatter(
        x=[bin_.confidence for bin_ in bins],
        y=[bin_.accuracy for bin_ in bins],
        name=name,
        mode="lines+markers",
        line={"color": mark.colour, "width": 1.2},
        # The area grows with n, so that the eye weighs a bin as the calibration error does.
        marker={
            "color": mark.colour,
            "symbol": mark.symbol,
            "size": [5 + 13 * (bin_.n / largest) ** 0.5 for bin_ in bins],
            "opacity": 0.85,
            "line": {"width": 0},
        },
        hovertext=[
            f"{name}<br>confidence {bin_.confidence:.3f}, accuracy {bin_.accuracy:.3f}, n={bin_.n}"
            for bin_ in bins
        ],
        hoverinfo="text",
    )
