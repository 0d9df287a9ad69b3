"""Runs of the built-in suite in this process; what they import is imported once, outside."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.conftest import Run

MODEL = """
import math
import pytest
from pytest_slm_autopsy import PromptFormat, ScriptedModel

DEADLY = {deadly}

def write(case):
    if case.condition in DEADLY:
        return PromptFormat().expected(dict.fromkeys(case.truth, case.id))
    return PromptFormat().expected(case.truth)

@pytest.fixture(scope="session")
def slm():
    return ScriptedModel(write, name="toy", confidence=0.9999)
"""


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("CI", "BUILD_NUMBER", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repository(pytester: pytest.Pytester) -> Path:
    """A repository with an ini file and no model yet."""
    pytester.makeini("[pytest]\n")
    return pytester.path


@pytest.fixture
def run(pytester: pytest.Pytester, repository: Path) -> Run:
    """Call it with the arguments of pytest."""
    return Run(pytester)


@pytest.fixture
def toy(pytester: pytest.Pytester, repository: Path):
    """Write a conftest whose model is right but under the conditions that are deadly to it."""

    def toy(*deadly: str) -> None:
        pytester.makeconftest(MODEL.format(deadly=deadly))

    return toy
