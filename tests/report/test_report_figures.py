"""The figures hold the numbers that they were given, and no others."""

from __future__ import annotations

from types import ModuleType

import pytest

from pytest_slm_autopsy.report import figures, style
from pytest_slm_autopsy.report.data import Reliability, ReliabilityBin, ReportData

pytest.importorskip("plotly")


def test_one_colour_and_symbol_a_model(make: ModuleType) -> None:
    data = make.report(rows=tuple(make.row(f"model {i}") for i in range(40)))
    marks = style.legend(data).values()
    assert len({(mark.colour, mark.symbol) for mark in marks}) == 40


def test_conditions_keep_their_order(run: ReportData, make: ModuleType) -> None:
    axis = figures.accuracy_figure(run).layout.yaxis
    assert [text.replace("<br>", " ") for text in axis.ticktext] == list(make.CONDITIONS)
    assert axis.range[0] > axis.range[1]


def test_the_interval_is_drawn(make: ModuleType) -> None:
    figure = figures.accuracy_figure(make.report(rows=(make.row(accuracy=0.5),)))
    trace = figure.data[1]
    assert trace.x == (0.5,)
    assert trace.error_x.array[0] == pytest.approx(0.04)
    assert trace.error_x.arrayminus[0] == pytest.approx(0.04)


def test_no_marker_for_a_confidence_not_measured(make: ModuleType) -> None:
    figure = figures.accuracy_figure(make.report(rows=(make.bare_row(),)))
    assert len(figure.data[0].x) == 0


def test_empty_bins_are_left_out(make: ModuleType) -> None:
    figure = figures.reliability_figures(make.report(reliability=(make.curve(),)))["canonical"]
    diagonal, curve = figure.data
    assert (diagonal.x, diagonal.y) == ((0, 1), (0, 1))
    assert curve.x == (0.55, 0.78, 0.97)
    assert list(curve.marker.size) == sorted(curve.marker.size)


def test_a_curve_of_empty_bins(make: ModuleType) -> None:
    nothing = Reliability("narrow", "canonical", (ReliabilityBin(0.5, 0.0, 0),))
    figure = figures.reliability_figures(make.report(reliability=(nothing,)))["canonical"]
    assert len(figure.data[1].x) == 0


def test_a_name_is_no_markup(make: ModuleType) -> None:
    name = '<a href="https://example.org">x</a>'
    figure = figures.accuracy_figure(make.report(rows=(make.row(name, name),)))
    assert "<a" not in figure.to_json().replace("\\u003c", "<")
