"""Verdicts as a small HTML table with a drawing of each interval, for reports of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_slm_autopsy.records import Verdict
from pytest_slm_autopsy.report.page import environment

TONES: Final = {"passed": "#17693e", "failed": "#a8231c", "undecided": "#7d5200"}


def gates_html(verdicts: Sequence[Verdict]) -> str:
    """Return a table of verdicts as HTML with its own style; every name in it is escaped."""
    return environment().get_template("gates.jinja2").render(verdicts=verdicts, tones=TONES)
