"""From report data to plotly figures, as plain data that the page hands to plotly.js."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from pytest_slm_autopsy.report.accuracy_figure import Figure, accuracy_figure
from pytest_slm_autopsy.report.data import ReportData, RiskCoverage, Why
from pytest_slm_autopsy.report.selection import told_conditions
from pytest_slm_autopsy.report.style import (
    QUIET,
    axis,
    interval,
    layout,
    legend,
    safe,
    share_axis,
    stretched,
    stretched_axis,
)

DASHES: Final = ("solid", "dash", "dot", "dashdot")
MOST_DOSES: Final = 6


def figures(data: ReportData) -> dict[str, Figure]:
    """Return every figure of the page by the id of its place."""
    found = {"figure-accuracy": accuracy_figure(data)} if data.rows else {}
    for number, model in enumerate(legend(data)):
        kept = told_conditions(data, model)
        found |= {
            f"figure-reliability-{number}": reliability_figure(data, model, kept),
            f"figure-risk-{number}": risk_figure(data, model, kept),
            f"figure-sureness-{number}": sureness_figure(data, model),
        }
    found |= {
        f"figure-dose-{number}": dose_figure(why)
        for number, why in enumerate(data.why)
        if why.doses
    }
    return {name: figure for name, figure in found.items() if figure["data"]}


def reliability_figure(data: ReportData, model: str, conditions: Sequence[str]) -> Figure:
    """Return accuracy by confidence under some conditions, on an axis that shows high confidence.

    On the dotted line a model is as often right as it is sure; markers are sized by n.
    """
    curves = [one for one in data.reliability if one.model == model and one.condition in conditions]
    largest = max((bin_.n for curve in curves for bin_ in curve.bins), default=1)
    ideal = [step / 100 for step in range(100)] + [0.995, 0.999, 0.9999]
    traces = [
        {
            "type": "scatter",
            "x": [stretched(one) for one in ideal],
            "y": ideal,
            "mode": "lines",
            "line": {"color": QUIET, "dash": "dot", "width": 1},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]
    for dash, curve in zip(DASHES, curves, strict=False):
        bins = [bin_ for bin_ in curve.bins if bin_.n > 0]
        said = [f"confidence {b.confidence:.3f}, accuracy {b.accuracy:.3f}, n={b.n}" for b in bins]
        line = {
            "x": [stretched(bin_.confidence) for bin_ in bins],
            "y": [bin_.accuracy for bin_ in bins],
            # The area grows with n, so that the eye weighs a bin as the calibration error does.
            "size": [6 + 12 * (bin_.n / max(largest, 1)) ** 0.5 for bin_ in bins],
        }
        traces.append(_line(curve.condition, dash, line, said))
    drawn = layout(height=300) | {"xaxis": stretched_axis("confidence"), "showlegend": True}
    drawn["yaxis"] = share_axis("accuracy")
    return {"data": traces if curves else [], "layout": drawn}


def risk_figure(data: ReportData, model: str, conditions: Sequence[str]) -> Figure:
    """Return the share of wrong answers among the surest, by the share of answers kept."""
    curves: list[RiskCoverage] = [
        one for one in data.risks if one.model == model and one.condition in conditions
    ]
    traces = []
    for dash, curve in zip(DASHES, curves, strict=False):
        points = zip(curve.coverage, curve.risk, strict=True)
        said = [f"the surest {kept:.0%}: {risk:.3f} wrong" for kept, risk in points]
        line = {"x": list(curve.coverage), "y": list(curve.risk), "size": 4}
        traces.append(_line(curve.condition, dash, line, said))
    drawn = layout(height=300) | {"showlegend": True, "xaxis": share_axis("answers kept")}
    drawn["yaxis"] = share_axis("wrong among them")
    return {"data": traces, "layout": drawn}


def sureness_figure(data: ReportData, model: str) -> Figure:
    """Return right and wrong answers of all conditions, counted by confidence."""
    counts = [one for one in data.sureness if one.model == model]
    if not counts:
        return {"data": [], "layout": {}}
    names = ranges(counts[0].edges)
    traces = [
        {
            "type": "bar",
            "name": name,
            "x": names,
            "y": [sum(numbers) for numbers in zip(*sides, strict=True)],
            "marker": {"color": colour, "pattern": {"shape": shape}},
            "hovertemplate": f"%{{x}}: %{{y}} {name}<extra></extra>",
        }
        for name, colour, shape, sides in (
            ("right", "#0072b2", "", [one.right for one in counts]),
            ("wrong", "#d55e00", "/", [one.wrong for one in counts]),
        )
    ]
    drawn = layout(height=300) | {"barmode": "stack", "showlegend": True}
    drawn["xaxis"] = axis("confidence") | {"type": "category", "automargin": True}
    drawn["yaxis"] = axis("answers")
    return {"data": traces, "layout": drawn}


def ranges(edges: Sequence[float]) -> list[str]:
    """Return the names of the ranges between edges: ``<0.5``, ``0.5-0.8``, ..., ``>=0.999``."""
    between = [f"{low:g}-{high:g}" for low, high in itertools.pairwise(edges)]
    return [f"<{edges[0]:g}", *between, f">={edges[-1]:g}"]


def dose_figure(why: Why) -> Figure:
    """Return accuracy by the severity of one axis alone, for the axes that cost most."""
    worst = sorted(why.doses, key=lambda dose: dose.accuracy[-1].value)[:MOST_DOSES]
    traces = []
    for place, dose in enumerate(worst):
        said = [
            f"{at:g}: {interval(m)}" for at, m in zip(dose.severities, dose.accuracy, strict=True)
        ]
        line = {
            "x": list(dose.severities),
            "y": [m.value for m in dose.accuracy],
            "size": 7,
        }
        traces.append(_line(dose.axis, DASHES[place % len(DASHES)], line, said, place))
    drawn = layout(height=320) | {"showlegend": True, "xaxis": axis("severity of the axis")}
    drawn["yaxis"] = share_axis("accuracy")
    return {"data": traces, "layout": drawn}


_LINES: Final = ("#0072b2", "#d55e00", "#009e73", "#c2679a", "#7f7f7f", "#a6761d")
_SYMBOLS: Final = ("circle", "square", "diamond", "triangle-up", "triangle-down", "star")


def _line(
    name: str, dash: str, points: Figure, said: Sequence[str], place: int | None = None
) -> Figure:
    number = DASHES.index(dash) if place is None else place
    return {
        "type": "scatter",
        "x": points["x"],
        "y": points["y"],
        "name": safe(name),
        "mode": "lines+markers",
        "cliponaxis": False,
        "line": {"color": _LINES[number], "dash": dash, "width": 1.5},
        "marker": {
            "color": _LINES[number],
            "symbol": _SYMBOLS[number],
            "size": points["size"],
            "opacity": 0.85,
            "line": {"width": 0},
        },
        "hovertext": [f"{safe(name)}<br>{one}" for one in said],
        "hoverinfo": "text",
    }
