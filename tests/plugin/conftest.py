"""A toy run: one scripted model, three conditions, and every ending a test can have."""

from __future__ import annotations

from pathlib import Path

# pytester forgets what an inner run imported first; imported here, it is imported once.
import hypothesis  # noqa: F401
import pytest

import pytest_slm_autopsy.assertions.accuracy
import pytest_slm_autopsy.assertions.calibration
import pytest_slm_autopsy.assertions.collapse
import pytest_slm_autopsy.cases.drawn.suites
import pytest_slm_autopsy.cases.rewritten.suite
import pytest_slm_autopsy.gathering.document
import pytest_slm_autopsy.models.scripted
import pytest_slm_autopsy.predictions.predictor
import pytest_slm_autopsy.report.page
import pytest_slm_autopsy.report.summary  # noqa: F401
from pytest_slm_autopsy.plugin.output import provenance
from pytest_slm_autopsy.plugin.output.terminal import RESULT
from pytest_slm_autopsy.plugin.session import AUTOPSY
from pytest_slm_autopsy.plugin.settings import Settings
from pytest_slm_autopsy.report.data import ReportData


@pytest.fixture(autouse=True)
def nobody_is_ci(monkeypatch):
    """In CI pytest does not cut the lines of its short summary; ours are looked at."""
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)


MODEL = """
import pytest
from pytest_slm_autopsy import PromptFormat, ScriptedModel

def write(case):
    right = PromptFormat().expected(case.truth)
    third = int(case.record[-4:]) % 3 == 0
    return {"canonical": right, "order": right if third else "{}"}.get(case.condition, "well")

@pytest.fixture(scope="session")
def slm():
    return ScriptedModel(write, name="toy")
"""

TESTS = """
import pytest
from pytest_slm_autopsy import assert_accuracy, assert_accuracy_gap

def test_reference(slm, slm_cases, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=0.5)

@pytest.mark.slm
@pytest.mark.xfail(strict=True, reason="it learnt positions")
def test_order(slm, slm_cases, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.conditions["order"]), at_least=0.9)

def test_gap(slm, slm_cases, autopsy):
    reference = autopsy.predict(slm, slm_cases.reference)
    shifted = autopsy.predict(slm, slm_cases.production)
    assert_accuracy_gap(reference=reference, shifted=shifted, at_most=0.2)

def test_without_a_model():
    pass
"""


class Run:
    """Runs pytest in this process and keeps what the plugin found."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.settings: Settings | None = None
        self.data: ReportData | None = None
        self._pytester = pytester

    def __call__(self, *args: str | Path) -> pytest.RunResult:
        """One inner run; an interrupt inside it is an exit code."""
        self.settings = self.data = None
        return self._pytester.runpytest_inprocess(*args, plugins=[self], no_reraise_ctrlc=True)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """The inner run ends."""
        if AUTOPSY in config.stash:
            self.settings = config.stash[AUTOPSY].settings
        if RESULT in config.stash:
            self.data = config.stash[RESULT].data

    @property
    def gates(self) -> dict[str, tuple[str, str]]:
        """Test to its verdict and to what pytest said of it."""
        found = self.data.gates if self.data else ()
        return {g.test.partition("::")[2]: (g.verdict.outcome, g.outcome) for g in found}

    @property
    def rows(self) -> list[tuple[str, str, int, float]]:
        """Model, condition, cases and accuracy, in order."""
        found = self.data.rows if self.data else ()
        return [(row.model, row.condition, row.n, row.accuracy.value) for row in found]


@pytest.fixture(autouse=True)
def _same_run_same_facts(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Time and command are the facts that differ between equal runs; few tests look at them."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    if not request.node.get_closest_marker("real_facts"):
        monkeypatch.setattr(provenance, "_run", lambda config: iter(()))


@pytest.fixture(autouse=True)
def _eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Call it with the arguments of pytest."""
    pytester.makeini("[pytest]\nslm_n = 12\n")
    return Run(pytester)


@pytest.fixture
def model(pytester: pytest.Pytester, run: Run) -> None:
    """A scripted model overrides ``slm``: right as trained, lost elsewhere."""
    pytester.makeconftest(MODEL)


@pytest.fixture
def toy(pytester: pytest.Pytester, model: None) -> None:
    """The toy run: two tests pass, one fails, one is expected to."""
    pytester.makepyfile(test_toy=TESTS)
