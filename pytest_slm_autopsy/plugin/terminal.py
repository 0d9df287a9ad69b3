"""What the user is told: errors of use in one sentence, the summary, and where the page is."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_slm_autopsy.errors import SlmAutopsyError
from pytest_slm_autopsy.plugin.session import AUTOPSY

if TYPE_CHECKING:
    from pytest_slm_autopsy.report.data import ReportData

MOST_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Result:
    """A run that has ended: what was found, and the page or the reason why there is none."""

    data: ReportData
    page: Path | None = None
    problem: str = ""


RESULT = pytest.StashKey[Result]()


def shorten(report: pytest.TestReport, call: pytest.CallInfo[None], config: pytest.Config) -> None:
    """An error of use is one sentence, unless --tb asks for a traceback; of a gate, its verdict."""
    error = call.excinfo.value if call.excinfo else None
    shown = config.getoption("tbstyle", "auto") not in ("auto", "no")
    if isinstance(error, SlmAutopsyError) and not shown:
        report.longrepr = f"{type(error).__name__}: {error}"
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash and hasattr(error, "verdict"):  # the short summary has room for the verdict alone
        crash.message = str(error)


def close(config: pytest.Config) -> None:
    """The last test has ended: sum up, and write the page if one is wanted."""
    config.stash[AUTOPSY].keeping.close()
    if hasattr(config, "workerinput"):
        return
    try:
        data = config.stash[AUTOPSY].report()
    except SlmAutopsyError as error:  # finished tests are not lost to what cannot be summed up
        print(f"no autopsy report: {error}", file=sys.stderr)
        return
    if data is None:
        return
    result = _with_page(data, config.stash[AUTOPSY].settings.report)
    config.stash[RESULT] = result
    if result.problem and not config.pluginmanager.hasplugin("terminalreporter"):
        print(result.problem, file=sys.stderr)


def summarize(terminal: pytest.TerminalReporter) -> None:
    """The result of the autopsy; nothing where no model was asked."""
    result = terminal.config.stash.get(RESULT, None)
    if result is None:
        return
    from pytest_slm_autopsy.report.summary import MOST_LINES, lines

    terminal.write_sep("=", "SLM autopsy")
    width = terminal.config.get_terminal_writer().fullwidth
    width = min(width, MOST_COLUMNS)
    stored = terminal.config.stash[AUTOPSY].keeping.lines(width)
    most = MOST_LINES - bool(result.page) - len(stored)  # they take lines, too
    terminal.write_line("\n".join([*lines(result.data, width, most), *stored]))
    if result.page:
        terminal.write_sep("-", f"autopsy report: {result.page}")
    if result.problem:
        terminal.write_line(result.problem, red=True)


def _with_page(data: ReportData, path: Path | None) -> Result:
    if path is None:
        return Result(data)
    from pytest_slm_autopsy.report.page import write_report

    try:
        write_report(data, path)
    except SlmAutopsyError as error:
        return Result(data, problem=f"{type(error).__name__}: {error}")
    return Result(data, path)
