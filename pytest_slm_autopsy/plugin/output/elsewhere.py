"""Verdicts where teams already look: JUnit properties, pytest-html, the step summary of a CI."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from pytest_slm_autopsy.errors import visible

if TYPE_CHECKING:
    from pytest_slm_autopsy.records import Verdict
    from pytest_slm_autopsy.report.data import ReportData

PREFIX: Final = "slm."
STEP_SUMMARY: Final = "GITHUB_STEP_SUMMARY"
"""Environment variable: GitHub shows the Markdown of that file on the page of the run."""


def attach(report: pytest.TestReport, verdicts: Sequence[Verdict], item: pytest.Item) -> None:
    """Attach the verdicts of a test to its report, for JUnit and pytest-html.

    JUnit takes the properties of the last phase, which pytest copies from the item; those of an
    earlier attempt, such as of ``--reruns``, are taken back.
    """
    others = [one for one in item.user_properties if not one[0].startswith(PREFIX)]
    item.user_properties[:] = [*others, *properties(verdicts)]
    report.user_properties[:] = item.user_properties
    if verdicts and item.config.getoption("htmlpath", None):
        from pytest_slm_autopsy.report.gates import gates_html

        extra = _html(gates_html(verdicts))
        vars(report)["extras"] = [*getattr(report, "extras", []), extra]


def properties(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, str]]:
    """Yield the properties of each gate; those of a second gate are called ``slm.2.value``, ..."""
    for number, verdict in enumerate(verdicts, start=1):
        prefix = PREFIX if number == 1 else f"{PREFIX}{number}."
        m = verdict.measurement
        told = {
            "gate": m.name,
            "model": m.model,
            "condition": m.condition,
            "value": f"{m.value:.6g}",
            "interval": f"{m.interval[0]:.6g} {m.interval[1]:.6g}",
            "n": str(m.n),
            "limit": f"{verdict.side} {verdict.limit:g}",
            "outcome": verdict.outcome,
        }
        yield from ((f"{prefix}{name}", visible(value)) for name, value in told.items())


def summary_html(data: ReportData) -> str:
    """Return the gates of the run for the summary of pytest-html; empty without gates."""
    if not data.gates:
        return ""
    from pytest_slm_autopsy.report.gates import gates_html

    return f"<h3>SLM autopsy</h3>{gates_html([gate.verdict for gate in data.gates])}"


def write_step_summary(data: ReportData) -> str:
    """Append the Markdown summary where GitHub Actions asks for it; return the problem, if any."""
    named = os.environ.get(STEP_SUMMARY)
    if not named:
        return ""
    from pytest_slm_autopsy.report.summary import markdown

    try:
        with Path(named).open("a", encoding="utf-8") as file:
            file.write(f"{markdown(data)}\n")
    except OSError as error:
        return f"the step summary cannot be written to {named}: {error.strerror or error}"
    return ""


def _html(content: str) -> dict[str, Any]:
    """Return an extra in the form of pytest-html; as a plain dict it passes between processes."""
    return {
        "name": None,
        "format_type": "html",
        "content": content,
        "mime_type": None,
        "extension": None,
    }
