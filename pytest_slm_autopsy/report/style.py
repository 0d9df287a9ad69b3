"""The style of figures: a colour and a symbol for each model, on the page and in every figure."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import Any, Final

from pytest_slm_autopsy.records import Measurement
from pytest_slm_autopsy.report.data import ReportData
from pytest_slm_autopsy.report.selection import models

# After Okabe and Ito, without the two colours too pale on white. Each has a contrast of 3:1 both
# on white and on near black.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#c2679a", "#7f7f7f", "#a6761d", "#8a5fd0")
_SYMBOLS = (
    ("circle", "●"),
    ("square", "■"),
    ("diamond", "◆"),
    ("triangle-up", "▲"),
    ("triangle-down", "▼"),
    ("star", "★"),
)
QUIET = "#808080"
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of a model: its colour, its plotly symbol, and the same symbol as text."""

    model: str
    colour: str
    symbol: str
    glyph: str


def legend(data: ReportData) -> dict[str, Mark]:
    """Return the mark of each model, in the order of first mention."""
    marks = {}
    for i, model in enumerate(models(data)):
        symbol, glyph = _SYMBOLS[i % len(_SYMBOLS)]
        marks[model] = Mark(model, _COLOURS[i % len(_COLOURS)], symbol, glyph)
    return marks


def safe(text: str) -> str:
    """Return escaped text: plotly would read tags and links in every label."""
    return html.escape(text.encode("utf-8", "replace").decode("utf-8"))


def interval(measurement: Measurement) -> str:
    """Return a value with its interval, for a label."""
    low, high = measurement.interval
    return f"{measurement.value:.3f} [{low:.3f}, {high:.3f}]"


def band(i: int) -> dict[str, Any]:
    """Return a faint stripe behind condition ``i``."""
    return {
        "type": "rect",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": i - 0.5,
        "y1": i + 0.5,
        "fillcolor": "rgba(128, 128, 128, 0.09)",
        "line": {"width": 0},
        "layer": "below",
    }


def layout(height: int) -> dict[str, Any]:
    """Return the layout of a figure; its background is transparent, for a light or a dark page."""
    return {
        "height": height,
        "margin": {"l": 48, "r": 12, "t": 8, "b": 56},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": _FONT, "size": 12, "color": QUIET},
        "dragmode": False,
        "hovermode": "closest",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    }


def share_axis(title: str) -> dict[str, Any]:
    """Return an axis from 0 to 1 that ignores a scrolling finger."""
    return axis(title) | {
        "range": [-0.03, 1.03],
        "tickvals": [0, 0.25, 0.5, 0.75, 1],
        "ticktext": ["0", "0.25", "0.5", "0.75", "1"],
    }


SUREST: Final = 0.9999
"""The confidence at the right end of a stretched axis."""


def stretched(confidence: float) -> float:
    """Return the place of a confidence on an axis that gives 0.9, 0.99 and 0.999 equal steps."""
    return -math.log10(1 - min(max(confidence, 0.0), SUREST))


def stretched_axis(title: str) -> dict[str, Any]:
    """Return the axis of ``stretched``."""
    ticks = (0, 0.5, 0.9, 0.99, 0.999, SUREST)
    return axis(title) | {
        "range": [-0.1, 4.1],
        "tickvals": [stretched(one) for one in ticks],
        "ticktext": [f"{one:g}" for one in ticks],
    }


def axis(title: str) -> dict[str, Any]:
    """Return an axis that ignores a scrolling finger."""
    return {
        "title": {"text": title, "standoff": 8},
        "gridcolor": "rgba(128, 128, 128, 0.25)",
        "fixedrange": True,
        "zeroline": False,
    }
