"""Factories for report data: small where a test needs one thing, and one that looks like a run."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from pytest_slm_autopsy.records import Measurement, Verdict
from pytest_slm_autopsy.report.data import (
    ConditionRow,
    JudgedGate,
    Reliability,
    ReliabilityBin,
    ReportData,
    WrongAnswer,
)

CONDITIONS = ("canonical", "labels", "order", "delimiters", "dates", "labels + order + delimiters")
ACCURACY = {
    "narrow": (0.99, 0.31, 0.88, 0.52, 0.44, 0.04),
    "hardened": (0.985, 0.96, 0.98, 0.955, 0.94, 0.91),
    "base": (0.42, 0.40, 0.41, 0.35, 0.37, 0.30),
}
SURE_WHEN_WRONG = {"narrow": 0.97, "hardened": 0.55, "base": 0.61}


def measured(value: float, name: str = "accuracy", half: float = 0.04) -> Measurement:
    """A measurement with an interval about its value."""
    return Measurement(name, value, (max(value - half, 0.0), min(value + half, 1.0)), 200)


def row(model: str = "narrow", condition: str = "canonical", accuracy: float = 0.9) -> ConditionRow:
    """A row with every number measured."""
    return ConditionRow(
        model=model,
        condition=condition,
        n=200,
        accuracy=measured(accuracy),
        field_accuracy=measured(min(accuracy + 0.05, 1.0)),
        valid_json=measured(0.995),
        confidence_right=0.98,
        confidence_wrong=SURE_WHEN_WRONG.get(model, 0.8) - 0.1 * (accuracy - 0.3) ** 2,
        ece=measured(abs(0.97 - accuracy)),
    )


def bare_row(model: str = "narrow", condition: str = "canonical") -> ConditionRow:
    """A row of a model that gives no probabilities."""
    sure = measured(0.5)
    return ConditionRow(model, condition, 200, sure, sure, sure, None, None, None)


def curve(
    model: str = "narrow", condition: str = "canonical", accuracy: float = 0.9
) -> Reliability:
    """A curve whose second bin is empty."""
    bins = [
        ReliabilityBin(0.55, 0.6 * accuracy, 12),
        ReliabilityBin(0.65, 0.0, 0),
        ReliabilityBin(0.78, 0.8 * accuracy, 40),
        ReliabilityBin(0.97, accuracy, 148),
    ]
    return Reliability(model, condition, tuple(bins))


DOCUMENT = (
    "Rechnung  Nr.:\tRE-2024-0113   \n  Date of issue \u00b7 13/02/2024\n\n"
    "M\u00fcller & S\u00f6hne GmbH\nTotal due\u00a0(EUR):    1.204,50\nVAT-ID: DE123456789\n"
)
TRUTH = {
    "invoice_number": "RE-2024-0113",
    "date": "2024-02-13",
    "vendor": "M\u00fcller & S\u00f6hne GmbH",
    "total": "1204.50",
    "due_date": None,
}


def wrong(model: str = "narrow", condition: str = "labels", case: str = "0017") -> WrongAnswer:
    """A wrong answer: one field differs, one is missing, one too many."""
    answer = {**TRUTH, "date": "2024-13-02", "total": "1.204,50", "currency": "EUR"}
    del answer["due_date"]
    raw = '{"invoice_number": "RE-2024-0113", "date": "2024-13-02"}'
    return WrongAnswer(model, condition, case, DOCUMENT, TRUTH, answer, raw, 0.97)


def verdict(outcome: str = "passed", value: float = 0.9, condition: str = "canonical") -> Verdict:
    """A verdict on accuracy."""
    low, high = value - 0.04, min(value + 0.04, 1.0)
    measurement = Measurement("accuracy", value, (low, high), 200, 0.95, "narrow", condition)
    advice = "about 340 cases would decide" if outcome == "undecided" else ""
    return Verdict(measurement, 0.9, "at_least", outcome, advice)  # type: ignore[arg-type]


def report(**parts: object) -> ReportData:
    """Report data that is empty but for ``parts``."""
    empty: dict[str, object] = {"title": "Autopsy", "created": "2024-05-01 12:00", "facts": {}}
    for name in ("rows", "reliability", "wrong", "gates"):
        empty[name] = ()
    return ReportData(**{**empty, **parts})  # type: ignore[arg-type]


def gates() -> tuple[JudgedGate, ...]:
    """A gate of every state."""
    at = "tests/test_autopsy.py::test_"
    return (
        JudgedGate(f"{at}canonical", "passed", verdict("passed", 0.99)),
        JudgedGate(f"{at}labels[narrow]", "failed", verdict("failed", 0.31, "labels")),
        JudgedGate(f"{at}all_axes[narrow]", "xfailed", verdict("failed", 0.04, "all axes")),
        JudgedGate(f"{at}order[narrow]", "failed", verdict("undecided", 0.88, "order")),
        JudgedGate(f"{at}dates[hardened]", "xpassed", verdict("passed", 0.94, "dates")),
        JudgedGate(f"{at}dies[narrow]", "passed", verdict("failed", 0.31, "labels")),
    )


@pytest.fixture
def make() -> ModuleType:
    """The factories of this file."""
    return sys.modules[__name__]


@pytest.fixture
def run() -> ReportData:
    """Three models under six conditions, with every kind of gate and of wrong answer."""
    pairs = [(model, i) for model in ACCURACY for i in range(len(CONDITIONS))]
    unparsed = WrongAnswer(
        "base", "order", "0031", DOCUMENT, TRUTH, None, "Sure! Here it is:", None
    )
    return report(
        title="Autopsy of Qwen2.5-1.5B on invoices",
        facts={"seed": "42", "suite": "sha256:9f3c1ab2", "device": "cpu", "plotly": "7.1.0"},
        rows=tuple(row(m, CONDITIONS[i], ACCURACY[m][i]) for m, i in pairs),
        reliability=tuple(curve(m, CONDITIONS[i], ACCURACY[m][i]) for m, i in pairs),
        wrong=(wrong(), wrong(case="0018"), wrong("hardened", "dates", "0090"), unparsed),
        gates=gates(),
    )
