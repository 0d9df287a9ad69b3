"""``--slm-redact``: failures, output and warnings of tests without texts and values.

The words of an error may hold anything, so they stay only where this package wrote them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from secrets import token_bytes
from traceback import walk_tb
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import pytest

from pytest_slm_autopsy.errors import ConfigError, MissingExtraError, NoDataError, SlmAutopsyError

if TYPE_CHECKING:
    from pytest_slm_autopsy.plugin.settings import Settings
    from pytest_slm_autopsy.redaction import Redaction
    from pytest_slm_autopsy.report.data import ReportData, Section

KEY: Final = "slm_redact_key"
"""The name under which a worker of xdist is given the key of the run."""
WITHHELD: Final = "withheld by --slm-redact"
FACT: Final = "left out (--slm-redact): equal marks are equal values, in this run only"
OWN_WORDS: Final = (ConfigError, MissingExtraError, NoDataError)
"""Errors whose text is this package's, unless another error caused them."""
DEEPEST: Final = 4


class Safe(str):
    """A text that is known to hold no text and no value of a case."""

    __slots__ = ()


class Withheld(Exception):
    """What is shown of an error whose words are withheld."""


Withheld.__module__ = "builtins"  # then a traceback shows the name alone


def key_of(config: pytest.Config | None) -> bytes:
    """Return the key of the run: drawn anew, or in a worker that of the main process."""
    given: str = getattr(config, "workerinput", {}).get(KEY, "")
    return bytes.fromhex(given) or token_bytes(16)


def page_of(data: ReportData) -> ReportData:
    """Return redacted report data that say so."""
    return replace(data, redacted=True, facts={**data.facts, "texts and values": FACT})


def unread(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Return one sentence instead of the sections of other plugins, which may hold any text."""
    from pytest_slm_autopsy.report.data import Section

    said = f"{len(sections)} of them {WITHHELD}, which cannot tell what they hold."
    return (Section("Sections of other plugins", text=(said,)),) if sections else ()


def worded(error: Exception, settings: Settings) -> str:
    """Return the text of an error of use; with --slm-redact only what this package wrote."""
    if not settings.redact:
        return str(error)
    if not isinstance(error, OWN_WORDS) or error.__cause__ is not None:
        return f"its text {WITHHELD}"
    from pytest_slm_autopsy.redaction import Redaction

    lines = str(error).splitlines()
    return "\n".join(map(Redaction(b"").sentence, lines))


class Redacting(Protocol):
    """What the hooks need of a session."""

    settings: Settings
    config: pytest.Config | None
    key: bytes

    def redaction(self, names: Iterable[str] = ()) -> Redaction:
        """Return the redaction of the run, which knows ``names``, too."""
        ...


Session = TypeVar("Session", bound=Redacting)


def guarded(autopsy: Session) -> Session:
    """Register the hooks that redact, in a run that asks for it, and return the session."""
    if autopsy.settings.redact and autopsy.config:
        autopsy.config.pluginmanager.register(Privacy(autopsy), "slm_autopsy_privacy")
    return autopsy


class Privacy:
    """Hooks around those of everybody else, so that no report leaves with a text in it."""

    def __init__(self, autopsy: Redacting) -> None:
        self._autopsy = autopsy
        self._root = autopsy.config.rootpath if autopsy.config else Path()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give a worker of xdist the key, so that equal values have equal marks in all of them."""
        node.workerinput[KEY] = self._autopsy.key.hex()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Withhold the words of a test's failure, and whatever it printed."""
        _forget_hypothesis(item)
        report = yield
        self._withhold(report, call.excinfo)
        if call.excinfo is not None and call.excinfo.errisinstance(pytest.xfail.Exception):
            vars(report)["wasxfail"] = f"reason: {WITHHELD}"
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Withhold the words of an error of collection."""
        report = yield
        self._withhold(report, getattr(vars(report).get("call"), "excinfo", None))
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: Any) -> None:
        """Withhold the words of a warning; a gate's are a line of numbers."""
        kind = warning_message.category
        if kind.__name__ != "UndecidedGate":
            warning_message.message = UserWarning(WITHHELD)

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(
        self, excrepr: Any, excinfo: pytest.ExceptionInfo[BaseException]
    ) -> None:
        """Withhold the words and the variables of an error of a plugin."""
        told = "\n".join(_told(excinfo.value, self._root))
        vars(excrepr).update(chain=[], sections=[("internal error", told, "-")])
        if traceback := vars(excrepr).get("reprtraceback"):
            vars(traceback).update(reprentries=[], extraline=None)
        if place := vars(excrepr).get("reprcrash"):
            place.message = f"{excinfo.typename}: {WITHHELD}"

    def _withhold(
        self,
        report: pytest.TestReport | pytest.CollectReport,
        excinfo: pytest.ExceptionInfo[BaseException] | None,
    ) -> None:
        report.sections = [
            (name, f"{len(text):,} characters {WITHHELD}") for name, text in report.sections
        ]
        if isinstance(report.longrepr, tuple):
            report.longrepr = (*report.longrepr[:2], f"Skipped: reason {WITHHELD}")
        elif excinfo is not None and report.longrepr is not None:
            report.longrepr = self._shown(excinfo)
        elif report.longrepr is not None and "[XPASS" not in str(report.longrepr)[:6]:
            report.longrepr = f"failure {WITHHELD}"

    def _shown(self, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
        error = excinfo.value
        if isinstance(error, SlmAutopsyError):
            return f"{type(error).__name__}: {worded(error, self._autopsy.settings)}"
        gate = self._gate(error)
        told = gate or Withheld("\n".join(_told(error, self._root)))
        try:
            raise told
        except type(told) as raised:
            shown: Any = pytest.ExceptionInfo.from_exception(raised).getrepr(style="value")
        entry = excinfo.traceback[-1] if excinfo.traceback else None
        if entry is not None and (crash := getattr(shown, "reprcrash", None)):
            crash.path, crash.lineno = str(entry.path), entry.lineno + 1
            crash.message = getattr(gate, "short", f"{type(error).__name__}: {WITHHELD}")
        return shown

    def _gate(self, error: BaseException) -> Exception | None:
        """Return a failed gate anew, its cases marked; ``None`` for any other error."""
        if not (hasattr(error, "verdict") and hasattr(error, "worst")):
            return None
        from pytest_slm_autopsy.assertions.affirmation import GateFailure
        from pytest_slm_autopsy.redaction import names_of

        if not isinstance(error, GateFailure):
            return None
        redaction = self._autopsy.redaction(names_of(error.worst))
        note = "\n".join(map(redaction.sentence, error.note.splitlines()))
        return GateFailure(redaction.of(error.verdict), redaction.of(error.worst[:3]), note)


def _told(error: BaseException | None, root: Path, depth: int = 0) -> Iterator[str]:
    """Yield the kind of an error and its places below ``root``, of its causes too."""
    if error is None or depth > DEEPEST:
        return
    yield f"{type(error).__name__}: its text {WITHHELD}"
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, Safe):
            yield note
    for frame, line in walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(root) and "<" not in path.name:
            yield f"  {path.relative_to(root)}:{line} in {frame.f_code.co_name}"
    for part in getattr(error, "exceptions", (error.__cause__,)):
        yield from _told(part, root, depth + 1)


def _forget_hypothesis(item: pytest.Item) -> None:
    """Forget what Hypothesis would show of its examples: they are cases."""
    for name in [name for name in vars(item) if name.lstrip("_").startswith("hypothesis")]:
        delattr(item, name)
