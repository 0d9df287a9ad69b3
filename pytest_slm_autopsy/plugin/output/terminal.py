"""Output to the user: errors of use in one sentence, the summary, and the path of the page."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_slm_autopsy.errors import SlmAutopsyError, visible
from pytest_slm_autopsy.plugin import baselines
from pytest_slm_autopsy.plugin.built_in import is_built_in, note_error
from pytest_slm_autopsy.plugin.extensions import extended
from pytest_slm_autopsy.plugin.memory.storage import shown
from pytest_slm_autopsy.plugin.output.elsewhere import attach, summary_html, write_step_summary
from pytest_slm_autopsy.plugin.output.files import write_all
from pytest_slm_autopsy.plugin.privacy import unread, worded
from pytest_slm_autopsy.plugin.session import AUTOPSY, WIRE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_slm_autopsy.records import Prediction
    from pytest_slm_autopsy.report.data import ReportData

MOST_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a run: its data, and the page or the reason why it is missing."""

    data: ReportData
    files: tuple[Path, ...] = ()
    problem: str = ""


RESULT = pytest.StashKey[Result]()


def tell_verdicts(
    report: pytest.TestReport, call: pytest.CallInfo[None], item: pytest.Item
) -> None:
    """Shorten the report of a test, and attach its verdicts for the reports of others."""
    shorten(report, call, item)
    if report.when == "call" or (report.when == "setup" and not report.passed):
        attach(report, item.config.stash[AUTOPSY].verdicts_of(item.nodeid), item)


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
    short = getattr(error, "short", None)
    if short and call.excinfo and is_built_in(item) and not shown:
        report.longrepr = call.excinfo.getrepr(style="value")
    crash = getattr(report.longrepr, "reprcrash", None)
    if short and crash:
        crash.message = short  # with the number first, the short summary has room for it


def summarize_html(prefix: list[str], config: pytest.Config) -> None:
    """Add the gates of the run to the summary of pytest-html."""
    if result := config.stash.get(RESULT, None):
        prefix.append(summary_html(result.data))


def close(session: pytest.Session) -> None:
    """Sum up after the last test, write what is wanted, and compare with the baseline."""
    config, autopsy = session.config, session.config.stash[AUTOPSY]
    problem = _diagnosed(session)
    autopsy.keeping.close()
    if hasattr(config, "workerinput"):
        config.workeroutput[WIRE] = autopsy.autopsies.hand_over()  # type: ignore[attr-defined]
        return
    try:
        data = autopsy.report()
    except SlmAutopsyError as error:  # a failed summary must not cost the results of the tests
        print(f"no autopsy report: {worded(error, autopsy.settings)}", file=sys.stderr)
        return
    if data is None:
        baselines.refuse_silence(session)
        return
    told = autopsy.redacted(autopsy.predictions())
    data, failed = _extended(data, told, session)
    data = _with_baseline(replace(data, partial=_stopped(session)), session)
    files, problems = write_all(autopsy.settings.report, data, told)
    diagnosis = autopsy.settings.diagnose
    files += [diagnosis] if diagnosis and not problem and not data.partial else []
    problems += [write_step_summary(data), problem, failed, _saved(data, session)]
    result = Result(data, tuple(files), " ".join(filter(None, problems)))
    config.stash[RESULT] = result
    if result.problem and not config.pluginmanager.hasplugin("terminalreporter"):
        print(visible(result.problem), file=sys.stderr)


def _extended(
    data: ReportData, predictions: Sequence[Prediction], session: pytest.Session
) -> tuple[ReportData, str]:
    """Return the data with what hooks of others add, and the problem of a hook that failed."""
    config = session.config
    try:
        more = extended(data, predictions, config)
        redact = config.stash[AUTOPSY].settings.redact
        return (replace(more, sections=unread(more.sections)) if redact else more), ""
    except SlmAutopsyError as error:
        return data, worded(error, config.stash[AUTOPSY].settings)


def _with_baseline(data: ReportData, session: pytest.Session) -> ReportData:
    """Compare with the baseline, if one is named; a loss turns a green run red."""
    autopsy = session.config.stash[AUTOPSY]
    path = autopsy.settings.compare
    if path is None:
        return data
    found = baselines.compare(path, autopsy.predictions())
    if baselines.failed(found, autopsy.settings.undecided) and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    return replace(data, baselines=autopsy.redacted(tuple(found)))


def _saved(data: ReportData, session: pytest.Session) -> str:
    """Save the baseline of a whole run, and return the problem, if there is one."""
    autopsy = session.config.stash[AUTOPSY]
    path = autopsy.settings.save_baseline
    if path is None:
        return ""
    if data.partial:
        return "no baseline saved: the run was not finished; run it again"
    return baselines.save(path, autopsy.predictions(), data, autopsy.models_described())


def _stopped(session: pytest.Session) -> bool:
    """Tell whether the run ended before its last test."""
    stopped = bool(session.shouldstop or session.shouldfail)
    return stopped or session.exitstatus == pytest.ExitCode.INTERRUPTED


def _diagnosed(session: pytest.Session) -> str:
    """Diagnose failed gates where --slm-diagnose asks for it, and return the problem, if any."""
    autopsy = session.config.stash[AUTOPSY]
    path = autopsy.settings.diagnose
    if path is None or session.exitstatus == pytest.ExitCode.INTERRUPTED:
        return ""
    try:
        autopsy.diagnose_failures()
    except SlmAutopsyError as error:  # a failed diagnosis must not cost the results of the tests
        return f"no diagnosis: {worded(error, autopsy.settings)}"
    except KeyboardInterrupt:  # nor must whoever does not want to wait for it
        return "no diagnosis: it was interrupted; run again for it"
    if hasattr(autopsy.config, "workerinput") or not autopsy.asked:
        return ""
    return autopsy.autopsies.write(path, autopsy.redacted)


def summarize(terminal: pytest.TerminalReporter) -> None:
    """Show the result of the autopsy; nothing where no model was asked."""
    result = terminal.config.stash.get(RESULT, None)
    if result is None:
        return
    from pytest_slm_autopsy.report.summary import MOST_LINES, cut, lines

    terminal.write_sep("=", "SLM autopsy")
    width = terminal.config.get_terminal_writer().fullwidth
    width = min(width, MOST_COLUMNS)
    stored = terminal.config.stash[AUTOPSY].keeping.lines(width)
    verbose = terminal.config.get_verbosity() > 0
    most = None if verbose else MOST_LINES - len(result.files) - len(stored)
    terminal.write_line("\n".join([*lines(result.data, width, most), *map(visible, stored)]))
    pages = [path for path in result.files if path.suffix == ".html"]
    for page in pages:
        terminal.write_sep("-", f"autopsy report: {visible(shown(page, terminal.config))}")
    if others := [path.name for path in result.files if path not in pages]:
        terminal.write_line(cut(f"written too: {', '.join(others)}", width))
    if result.problem:
        terminal.write_line(visible(result.problem), red=True)
