"""The pytest11 entry point: a table of contents. Nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from typing import Any

import pytest

from pytest_slm_autopsy.errors import SlmAutopsyError
from pytest_slm_autopsy.plugin import options
from pytest_slm_autopsy.plugin.fixtures import autopsy, slm, slm_cases, slm_settings
from pytest_slm_autopsy.plugin.session import AUTOPSY, Autopsy, summary_lines
from pytest_slm_autopsy.statistics.verdicts import listening

__all__ = ["autopsy", "slm", "slm_cases", "slm_settings"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options and ini keys."""
    options.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Settings are read once; a bad one stops the run before the first test."""
    config.addinivalue_line("markers", options.MARK)
    config.stash[AUTOPSY] = Autopsy(options.read_settings(config), config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """--slm-gate: known failures are gates again."""
    if config.getoption("slm_gate"):
        options.drop_expected_failures(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Every verdict reached in a test is noted under its name."""
    with listening(partial(item.config.stash[AUTOPSY].note, item.nodeid)):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """An error of use is one sentence; a traceback comes with --tb."""
    report = yield
    wanted = item.config.getoption("tbstyle") != "auto"
    if call.excinfo and isinstance(call.excinfo.value, SlmAutopsyError) and not wanted:
        report.longrepr = f"{type(call.excinfo.value).__name__}: {call.excinfo.value}"
    item.config.stash[AUTOPSY].saw(report)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """An xdist worker ends: take over what it found."""
    if found := getattr(node, "workeroutput", {}).get("slm_autopsy"):
        node.config.stash[AUTOPSY].merge(found)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """An xdist worker hands over what it found."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["slm_autopsy"] = session.config.stash[AUTOPSY].export()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The result of the autopsy, at the end of the run."""
    autopsy = terminalreporter.config.stash[AUTOPSY]
    for number, line in enumerate(summary_lines(autopsy, terminalreporter._tw.fullwidth)):
        if number == 0:
            terminalreporter.section("SLM autopsy")
        terminalreporter.write_line(line)
