"""What plugins of others add to a report: findings in the answers, and sections of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

import pytest

from pytest_slm_autopsy.errors import ConfigError, strangers

if TYPE_CHECKING:
    from pytest_slm_autopsy.records import Finding, Prediction
    from pytest_slm_autopsy.report.data import ReportData, Section


T = TypeVar("T")


def extended(
    data: ReportData, predictions: Sequence[Prediction], config: pytest.Config
) -> ReportData:
    """Return the report data with the findings and sections that hooks return.

    Raises:
        ConfigError: a hook returns something else.
    """
    from pytest_slm_autopsy.records import Finding
    from pytest_slm_autopsy.report.data import Section

    sections = []
    for model in dict.fromkeys(one.model for one in predictions):
        own = [one for one in predictions if one.model == model]
        told = config.hook.pytest_slm_findings(model=model, predictions=own, config=config)
        if found := _checked(told, Finding, "pytest_slm_findings"):
            sections.append(_section(model, found))
    data = replace(data, sections=(*data.sections, *sections))
    told = config.hook.pytest_slm_report_sections(data=data, config=config)
    more = _checked(told, Section, "pytest_slm_report_sections")
    return replace(data, sections=(*data.sections, *more))


def _checked(told: Iterable[Iterable[T] | None], kind: type[T], hook: str) -> list[T]:
    found = list(chain.from_iterable(one or () for one in told))
    if others := strangers(found, kind):
        raise ConfigError(f"{hook} returned {others}; return a list of {kind.__name__}")
    return found


def _section(model: str, findings: Iterable[Finding]) -> Section:
    from pytest_slm_autopsy.report.data import Section

    rows = [
        (
            one.cause,
            f"{one.effect.value:.2f} [{one.effect.interval[0]:.2f}, {one.effect.interval[1]:.2f}]",
            " ".join(one.evidence),
            one.cure,
        )
        for one in findings
    ]
    return Section(
        f"Findings of other plugins: {model}",
        columns=("Cause", "Effect", "Evidence", "What to do"),
        rows=tuple(rows),
    )
