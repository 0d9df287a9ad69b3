"""What plugins of others add to a report: findings in the answers, and sections of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

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
        ConfigError: a hook raises, or returns something else.
    """
    from pytest_slm_autopsy.records import Finding
    from pytest_slm_autopsy.report.data import Section

    sections = []
    for model in dict.fromkeys(one.model for one in predictions):
        own = [one for one in predictions if one.model == model]
        found = _told(config, "pytest_slm_findings", Finding, model=model, predictions=own)
        if found:
            sections.append(_section(model, found))
    data = replace(data, sections=(*data.sections, *sections))
    more = _told(config, "pytest_slm_report_sections", Section, data=data)
    return replace(data, sections=(*data.sections, *more))


def _told(config: pytest.Config, hook: str, kind: type[T], **given: Any) -> list[T]:
    """Return what all implementations of a hook return, in one list."""
    try:
        told = getattr(config.hook, hook)(config=config, **given)
        found = list(chain.from_iterable(one or () for one in told))
    except Exception as error:  # the user's code may raise anything
        raise ConfigError(
            f"the hook {hook} raised {type(error).__name__}: {error}; the report is without it"
        ) from error
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
