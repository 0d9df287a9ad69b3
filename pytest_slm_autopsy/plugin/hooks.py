"""The pytest11 entry point: a table of contents. It imports nothing heavy."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from pytest_slm_autopsy.plugin import built_in, conditions, hookspecs, options, privacy, settings
from pytest_slm_autopsy.plugin.fixtures import (
    autopsy,
    slm,
    slm_cases,
    slm_limits,
    slm_settings,
    slm_training,
)
from pytest_slm_autopsy.plugin.output import provenance, terminal
from pytest_slm_autopsy.plugin.session import AUTOPSY, WIRE, Autopsy

__all__ = ["autopsy", "slm", "slm_cases", "slm_limits", "slm_settings", "slm_training"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and ini keys."""
    options.add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks for others."""
    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings once; a bad one stops the run before the first test."""
    config.addinivalue_line("markers", options.MARK)
    config.stash[AUTOPSY] = privacy.guarded(Autopsy(settings.read_settings(config), config))
    provenance.warn_of_another_ini_file(config)
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(config.stash[AUTOPSY], "slm_autopsy_session")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes ``slm_condition`` once for each condition."""
    conditions.parametrize(metafunc, metafunc.config.stash[AUTOPSY].settings)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    """Collect the built-in suite whatever the user's files of tests are called."""
    return built_in.file(file_path, parent)


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Module | None:
    """Collect the built-in suite under a short name."""
    return built_in.module(module_path, parent)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Note verdicts under the name of their test; with --slm-gate its xfail does not count."""
    with item.config.stash[AUTOPSY].watching(item), settings.gating(item):
        return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Judge a test that is run again by its last attempt; report a broken set-up once."""
    built_in.skip_after_error(item)
    item.config.stash[AUTOPSY].begin_attempt(item)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Shorten an error of use to one sentence; a worker of xdist sends its findings along."""
    report = yield
    terminal.tell_verdicts(report, call, item)
    if hasattr(item.config, "workerinput"):
        vars(report)[WIRE] = item.config.stash[AUTOPSY].hand_over()
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the report, with a terminal or without."""
    terminal.close(session)


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_summary(prefix: list[str], session: pytest.Session) -> None:
    """Show the gates in the summary of pytest-html."""
    terminal.summarize_html(prefix, session.config)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the result of the autopsy at the end of the run."""
    terminal.summarize(terminalreporter)
