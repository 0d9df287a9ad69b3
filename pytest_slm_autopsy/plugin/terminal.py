"""Output to the user: errors of use in one sentence, the summary, and the path of the page."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_slm_autopsy.errors import SlmAutopsyError
from pytest_slm_autopsy.plugin.built_in import is_built_in, note_error
from pytest_slm_autopsy.plugin.session import AUTOPSY, WIRE, Autopsy

if TYPE_CHECKING:
    from pytest_slm_autopsy.report.data import ReportData

MOST_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a run: its data, and the page or the reason why it is missing."""

    data: ReportData
    page: Path | None = None
    problem: str = ""


RESULT = pytest.StashKey[Result]()


def shorten(report: pytest.TestReport, call: pytest.CallInfo[None], item: pytest.Item) -> None:
    """Shorten the report of an error of use to one sentence, of a failed gate to its verdict.

    Where --tb asks for a traceback, it stays. A test of the built-in suite never shows its code,
    which the user did not write.
    """
    error = call.excinfo.value if call.excinfo else None
    shown = item.config.getoption("tbstyle", "auto") not in ("auto", "no")
    if isinstance(error, SlmAutopsyError):
        note_error(item, call.when)
        if not shown:
            report.longrepr = f"{type(error).__name__}: {error}"
    if not hasattr(error, "verdict"):
        return
    if call.excinfo and is_built_in(item) and not shown:
        report.longrepr = call.excinfo.getrepr(style="value")
    if crash := getattr(report.longrepr, "reprcrash", None):
        crash.message = error.short  # without the class name, the short summary has room


def close(config: pytest.Config) -> None:
    """Sum up after the last test, and write the page if one is wanted."""
    autopsy = config.stash[AUTOPSY]
    problem = _diagnosed(autopsy)
    autopsy.keeping.close()
    if hasattr(config, "workerinput"):
        config.workeroutput[WIRE] = autopsy.autopsies.hand_over()  # type: ignore[attr-defined]
        return
    try:
        data = autopsy.report()
    except SlmAutopsyError as error:  # a failed summary must not cost the results of the tests
        print(f"no autopsy report: {error}", file=sys.stderr)
        return
    if data is None:
        return
    result = _with_page(data, autopsy.settings.report)
    result = replace(result, problem=" ".join(filter(None, (result.problem, problem))))
    config.stash[RESULT] = result
    if result.problem and not config.pluginmanager.hasplugin("terminalreporter"):
        print(result.problem, file=sys.stderr)


def _diagnosed(autopsy: Autopsy) -> str:
    """Diagnose failed gates where --slm-diagnose asks for it, and return the problem, if any."""
    path = autopsy.settings.diagnose
    if path is None:
        return ""
    try:
        autopsy.diagnose_failures()
    except SlmAutopsyError as error:  # a failed diagnosis must not cost the results of the tests
        return f"no diagnosis: {error}"
    if hasattr(autopsy.config, "workerinput") or not autopsy.asked:
        return ""
    return autopsy.autopsies.write(path)


def summarize(terminal: pytest.TerminalReporter) -> None:
    """Show the result of the autopsy; nothing where no model was asked."""
    result = terminal.config.stash.get(RESULT, None)
    if result is None:
        return
    from pytest_slm_autopsy.report.summary import MOST_LINES, lines

    terminal.write_sep("=", "SLM autopsy")
    width = terminal.config.get_terminal_writer().fullwidth
    width = min(width, MOST_COLUMNS)
    stored = terminal.config.stash[AUTOPSY].keeping.lines(width)
    most = MOST_LINES - bool(result.page) - len(stored)
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
