"""Verdicts as a small HTML table with a drawing of each interval, for reports of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Final

from jinja2 import Environment, PackageLoader

from pytest_slm_autopsy.records import Verdict

TONES: Final = {"passed": "#17693e", "failed": "#a8231c", "undecided": "#7d5200"}


@dataclass(frozen=True, slots=True)
class Bar:
    """The places of an interval, a value and a limit on a line from 0 to 100."""

    low: float
    high: float
    value: float
    limit: float


def gates_html(verdicts: Sequence[Verdict]) -> str:
    """Return a table of verdicts as HTML with its own style; every name in it is escaped."""
    environment = Environment(
        loader=PackageLoader("pytest_slm_autopsy.report"), autoescape=True, trim_blocks=True
    )
    return environment.get_template("gates.jinja2").render(rows=list(_rows(verdicts)), tones=TONES)


def _rows(verdicts: Sequence[Verdict]) -> Iterator[tuple[Verdict, Bar]]:
    for verdict in verdicts:
        m = verdict.measurement
        numbers = (*m.interval, m.value, verdict.limit)
        finite = [one for one in numbers if isfinite(one)]
        least, most = min(0.0, *finite), max(1.0, *finite)
        places = [100 * (min(max(one, least), most) - least) / (most - least) for one in numbers]
        yield verdict, Bar(*places)
