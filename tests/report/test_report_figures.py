"""The figures hold the numbers that they were given, and no others."""

from __future__ import annotations

import json
from dataclasses import replace
from types import ModuleType

import pytest

from pytest_slm_autopsy.report import figures, selection, style
from pytest_slm_autopsy.report.data import (
    Reliability,
    ReliabilityBin,
    ReportData,
    RiskCoverage,
    Sureness,
)


def test_one_colour_and_symbol_a_model(make: ModuleType) -> None:
    data = make.report(rows=tuple(make.row(f"model {i}") for i in range(40)))
    marks = style.legend(data).values()
    assert len({(mark.colour, mark.symbol) for mark in marks}) == 40


def test_the_worst_condition_comes_first(run: ReportData) -> None:
    axis = figures.accuracy_figure(run)["layout"]["yaxis"]
    told = [text.replace("<br>", " ") for text in axis["ticktext"]]
    assert told[0] == "labels + order + delimiters"
    assert told[-1] == "canonical"
    assert axis["range"][0] > axis["range"][1]


def test_the_interval_is_drawn(make: ModuleType) -> None:
    trace = figures.accuracy_figure(make.report(rows=(make.row(accuracy=0.5),)))["data"][1]
    assert trace["x"] == [0.5]
    assert trace["error_x"]["array"][0] == pytest.approx(0.04)
    assert trace["error_x"]["arrayminus"][0] == pytest.approx(0.04)


def test_no_marker_for_a_confidence_not_measured(make: ModuleType) -> None:
    figure = figures.accuracy_figure(make.report(rows=(make.bare_row(),)))
    assert figure["data"][0]["x"] == []


def test_empty_bins_are_left_out_and_high_confidence_has_room(make: ModuleType) -> None:
    data = make.report(rows=(make.row(),), reliability=(make.curve(),))
    ideal, curve = figures.reliability_figure(data, "narrow", ["canonical"])["data"]
    assert ideal["y"][50] == 0.5
    assert curve["x"] == [style.stretched(one) for one in (0.55, 0.78, 0.97)]
    assert curve["marker"]["size"] == sorted(curve["marker"]["size"])
    steps = [style.stretched(one) for one in (0.9, 0.99, 0.999)]
    assert steps == pytest.approx([1.0, 2.0, 3.0])


def test_a_curve_of_empty_bins(make: ModuleType) -> None:
    nothing = Reliability("narrow", "canonical", (ReliabilityBin(0.5, 0.0, 0),))
    data = make.report(reliability=(nothing,))
    assert figures.reliability_figure(data, "narrow", ["canonical"])["data"][1]["x"] == []


def test_right_and_wrong_answers_are_counted_by_confidence(make: ModuleType) -> None:
    counts = [Sureness("narrow", name, (0.5, 0.9), (0, 1, 2), (3, 0, 4)) for name in ("a", "b")]
    right, wrong = figures.sureness_figure(make.report(sureness=tuple(counts)), "narrow")["data"]
    assert right["x"] == ["<0.5", "0.5-0.9", ">=0.9"]
    assert (right["y"], wrong["y"]) == ([0, 2, 4], [6, 0, 8])


def test_curves_of_the_reference_and_the_worst_conditions_only(run: ReportData) -> None:
    risks = [RiskCoverage(r.model, r.condition, (0.5, 1.0), (0.0, 0.1)) for r in run.rows]
    data = replace(run, risks=tuple(risks))
    kept = selection.told_conditions(data, "narrow")
    traces = figures.risk_figure(data, "narrow", kept)["data"]
    assert [trace["name"] for trace in traces] == [
        *["canonical", "labels", "labels + order + delimiters"],
    ]


def test_a_name_is_no_markup(make: ModuleType) -> None:
    name = '<a href="https://example.org">x</a>'
    data = make.report(rows=(make.row(name, name),), reliability=(make.curve(name, name),))
    assert "<a" not in json.dumps(figures.figures(data))


def test_plotly_takes_every_figure(run: ReportData) -> None:
    """The page draws plain data: the library that knows the form says whether it is sound."""
    plotly = pytest.importorskip("plotly.graph_objects")
    risks = tuple(RiskCoverage(r.model, r.condition, (0.5, 1.0), (0.0, 0.1)) for r in run.rows)
    sure = tuple(Sureness(r.model, r.condition, (0.5,), (1, 2), (3, 4)) for r in run.rows)
    found = figures.figures(replace(run, risks=risks, sureness=sure))
    assert {name.rpartition("-")[0] for name in found} == {
        *["figure", "figure-reliability", "figure-risk", "figure-sureness"],
    }
    for figure in found.values():
        plotly.Figure(figure)
