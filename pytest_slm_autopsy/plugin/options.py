"""Every option, ini key and mark of the plugin, with the rule that its text must keep."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pytest

from pytest_slm_autopsy.plugin.output.files import paths

if TYPE_CHECKING:
    from pytest_slm_autopsy.suite.limits import Limits

FILE: Final = "slm-baseline.json"
_JSON: Final = r".+\.json"
_JSON_RULE: Final = (
    "a file *.json; without = pytest takes its next argument for the file: write --slm-...=FILE"
)
REDACT: Final = (
    "keep texts and values out of whatever the run writes: files, reports and the terminal"
)
MARK: Final = "slm: asks a language model; with --slm-gate its xfail marks do not count"


@dataclass(frozen=True, slots=True)
class Option:
    """An option: its text must match ``pattern``, which ``rule`` says in words.

    An option of a repository rather than of a run, such as its training data, has no ``flag``.
    """

    name: str
    kind: Callable[[str], Any]
    default: Any
    help: str
    pattern: str = ".*"
    rule: str = "text"
    on_command_line: bool = True
    alone: str | None = None
    """What the option means without a value; ``None`` where it needs one."""

    @property
    def flag(self) -> str:
        """Return the option as it stands on a command line."""
        return f"--slm-{self.name.replace('_', '-')}"


def _expression(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return text


def _allowed(text: str) -> tuple[str, ...]:
    from pytest_slm_autopsy.errors import ConfigError
    from pytest_slm_autopsy.models.checks.check import allowing

    names = tuple(re.split(r"[,\s]+", text.strip()))
    try:
        allowing((), names)
    except ConfigError as error:
        raise ValueError(error) from None
    return names


def _store(text: str) -> Path | str:
    return text if text in ("cache", "off") else Path(text)


def _limits(text: str) -> Path | Limits:
    """Return the limits that lines of TOML state, or the path of a file of them."""
    if "=" not in text:
        return Path(text)
    from pytest_slm_autopsy.errors import ConfigError
    from pytest_slm_autopsy.suite.limits import Limits

    try:
        return Limits.parse(text)
    except ConfigError as error:
        raise ValueError(error) from None


OPTIONS: Final = (
    Option("base", str, None, "base model: a folder, a hub name, or a server's address "
            "(http://host/v1)"),
    Option("adapter", str, None, "LoRA adapter folder, without one the base answers alone; the "
            "model's name on a server"),
    Option(
        "quantization",
        str,
        "nf4",
        "nf4 or fp4 (4-bit), int8 or none; default nf4",
        pattern="nf4|fp4|int8|none",
        rule="nf4, fp4, int8 or none",
    ),
    Option(
        "device",
        str,
        "auto",
        "auto, cpu, cuda, cuda:N, or shard (spread over all GPUs); default auto",
        pattern=r"auto|cpu|cuda(:\d+)?|shard",
        rule="auto, cpu, cuda, cuda:N or shard",
    ),
    Option(
        "seed", int, 42, "seed of the cases; default 42", pattern=r"-?\d+", rule="a whole number"
    ),
    Option(
        "n",
        int,
        128,
        "records in the suite, each written under every shift; default 128; of --slm-cases at "
        "most so many are drawn",
        pattern=r"0*[1-9]\d*",
        rule="a whole number, at least 1",
    ),
    Option(
        "undecided",
        str,
        "fail",
        "fail, warn or pass: what becomes of a gate that proves nothing; default fail",
        pattern="fail|warn|pass",
        rule="fail, warn or pass",
    ),
    Option(
        "budget",
        int,
        None,
        "instead of --slm-n: at most so many records, each gate asking only until it is proven",
        pattern=r"0*[1-9]\d*",
        rule="a whole number, at least 1",
    ),
    Option(
        "cases",
        Path,
        None,
        "your own documents, a file of JSON lines, rewritten instead of drawn ones",
    ),
    Option(
        "document_pattern",
        _expression,
        None,
        "in --slm-cases of chats: a regular expression whose first group is the document; default: "
        "what the user's turns do not share",
    ),
    Option(
        "schema",
        str,
        None,
        "schema of the documents: invoice, itemised, receipt, or your own as path.py:NAME or "
        "package.module:NAME; default invoice, and of --slm-cases the one that they show",
    ),
    Option(
        "training",
        Path,
        None,
        "file of the training data, JSON lines: no case may be among them",
        on_command_line=False,
    ),
    Option(
        "limits",
        _limits,
        None,
        "limits of the built-in suite: a TOML file, or lines such as gap = 0.2",
    ),
    Option("report", paths, (), "files to write, separated by commas: .html is the page, .json "
            "its data, .md a summary, .parquet all predictions"),
    Option("diagnose", Path, None, "where a gate failed, say why: causes in the summary and the "
            "page, and the diagnosis as JSON in this file, for slm-autopsy cure"),
    Option(
        "save_baseline",
        Path,
        None,
        f"keep which cases were answered rightly, in a small file to commit; default {FILE}",
        alone=FILE,
        pattern=_JSON,
        rule=_JSON_RULE,
    ),
    Option(
        "compare",
        Path,
        None,
        f"compare with such a file: the run fails where accuracy is lost; default {FILE}",
        alone=FILE,
        pattern=_JSON,
        rule=_JSON_RULE,
    ),
    Option(
        "store",
        _store,
        "cache",
        "file in which answers are kept, so that a model is asked once, or off; default: one in "
        "pytest's cache folder",
    ),
    Option(
        "profile",
        Path,
        None,
        "documents of production (a folder of texts, or JSON lines), or their saved profile: the "
        "formats that slm_cases.production is drawn in",
    ),
    Option(
        "allow",
        _allowed,
        (),
        "checks of the model whose failure is accepted, such as base_name,size_named",
    ),
    Option(
        "health",
        "on".__eq__,
        True,
        "on or off: ask a fresh model a handful of cases first; default on",
        pattern="on|off",
        rule="on or off",
    ),
)  # fmt: skip


def add_options(parser: pytest.Parser) -> None:
    """Declare each option and its ini key, ``--slm-x`` and ``slm_x``."""
    group = parser.getgroup("slm-autopsy", "slm-autopsy: autopsy of a small language model")
    for option in OPTIONS:
        if option.on_command_line:
            group.addoption(
                option.flag,
                dest=f"slm_{option.name}",
                default=None,
                nargs=None if option.alone is None else "?",
                const=option.alone,
                metavar=option.name.upper().partition("_")[2] or option.name.upper(),
                help=option.help,
            )
        # A whole number may stand without quotes in TOML.
        kind: Literal["int", "string"] = "int" if option.kind is int else "string"
        parser.addini(f"slm_{option.name}", option.help, type=kind, default=None)
    group.addoption(
        "--slm-redact",
        dest="slm_redact",
        action="store_true",
        help=REDACT,
    )
    parser.addini("slm_redact", REDACT, type="bool", default=False)
    group.addoption(
        "--slm-gate",
        dest="slm_gate",
        action="store_true",
        help="run tests marked slm as plain gates: known failures (xfail) turn red",
    )
