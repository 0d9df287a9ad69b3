"""The hooks of the plugin: for models, sections and findings of your own. See docs/hooks.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_slm_autopsy.models.interface import ModelUnderTest
    from pytest_slm_autopsy.plugin.settings import Settings
    from pytest_slm_autopsy.records import Finding, Prediction
    from pytest_slm_autopsy.report.data import ReportData, Section


@pytest.hookspec(firstresult=True)
def pytest_slm_model(settings: Settings, config: pytest.Config) -> ModelUnderTest | None:
    """Return the model that the fixture ``slm`` gives, or ``None`` to leave it to others.

    The first model counts; without one it is that of ``--slm-base``.
    """


@pytest.hookspec
def pytest_slm_findings(
    model: str, predictions: Sequence[Prediction], config: pytest.Config
) -> Sequence[Finding] | None:
    """Return causes of death that you found in the answers of a model; the report shows them."""


@pytest.hookspec
def pytest_slm_report_sections(data: ReportData, config: pytest.Config) -> Sequence[Section] | None:
    """Return sections of your own for the page, or only look at the data, to log it elsewhere."""
