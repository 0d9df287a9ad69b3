"""Every option, ini key and mark, read once into frozen settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pytest

from pytest_slm_autopsy.plugin.output.files import paths

if TYPE_CHECKING:
    from pytest_slm_autopsy.statistics.verdicts import Undecided
    from pytest_slm_autopsy.suite.limits import Limits

MARK: Final = "slm: asks a language model; with --slm-gate its xfail marks do not count"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run, from the command line and the ini file; see ``pytest --help``."""

    base: str | None = field(default=None, repr=False)  # an address may hold a password
    adapter: str | None = None
    quantization: str = "nf4"
    device: str = "auto"
    seed: int = 42
    n: int = 128
    report: tuple[Path, ...] = ()
    gate: bool = False
    allow: tuple[str, ...] = ()
    health: bool = True
    undecided: Undecided = "fail"
    budget: int | None = None
    store: Path | Literal["cache", "off"] = "cache"
    cases: Path | None = None
    document_pattern: str | None = None
    profile: Path | None = None
    diagnose: Path | None = None
    schema: str | None = None
    limits: Limits | None = None
    training: Path | None = None


@dataclass(frozen=True, slots=True)
class _Option:
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
    _Option("base", str, None, "base model: a folder, a hub name, or a server's address "
            "(http://host/v1)"),
    _Option("adapter", str, None, "LoRA adapter folder, without one the base answers alone; the "
            "model's name on a server"),
    _Option(
        "quantization",
        str,
        "nf4",
        "nf4 or fp4 (4-bit), int8 or none; default nf4",
        pattern="nf4|fp4|int8|none",
        rule="nf4, fp4, int8 or none",
    ),
    _Option(
        "device",
        str,
        "auto",
        "auto, cpu, cuda, cuda:N, or shard (spread over all GPUs); default auto",
        pattern=r"auto|cpu|cuda(:\d+)?|shard",
        rule="auto, cpu, cuda, cuda:N or shard",
    ),
    _Option(
        "seed", int, 42, "seed of the cases; default 42", pattern=r"-?\d+", rule="a whole number"
    ),
    _Option(
        "n",
        int,
        128,
        "records in the suite, each written under every shift; default 128; of --slm-cases at "
        "most so many are drawn",
        pattern=r"0*[1-9]\d*",
        rule="a whole number, at least 1",
    ),
    _Option(
        "undecided",
        str,
        "fail",
        "fail, warn or pass: what becomes of a gate that proves nothing; default fail",
        pattern="fail|warn|pass",
        rule="fail, warn or pass",
    ),
    _Option(
        "budget",
        int,
        None,
        "instead of --slm-n: at most so many records, each gate asking only until it is proven",
        pattern=r"0*[1-9]\d*",
        rule="a whole number, at least 1",
    ),
    _Option(
        "cases",
        Path,
        None,
        "your own documents, a file of JSON lines, rewritten instead of drawn ones",
    ),
    _Option(
        "document_pattern",
        _expression,
        None,
        "in --slm-cases of chats: a regular expression whose first group is the document; default: "
        "what the user's turns do not share",
    ),
    _Option(
        "schema",
        str,
        None,
        "schema of the documents: invoice, itemised, receipt, or your own as path.py:NAME or "
        "package.module:NAME; default invoice, and of --slm-cases the one that they show",
    ),
    _Option(
        "training",
        Path,
        None,
        "file of the training data, JSON lines: no case may be among them",
        on_command_line=False,
    ),
    _Option(
        "limits",
        _limits,
        None,
        "limits of the built-in suite: a TOML file, or lines such as gap = 0.2",
    ),
    _Option("report", paths, (), "files to write, separated by commas: .html is the page, .json "
            "its data, .md a summary, .parquet all predictions"),
    _Option("diagnose", Path, None, "where a gate failed, say why: causes in the summary and the "
            "page, and the diagnosis as JSON in this file, for slm-autopsy cure"),
    _Option(
        "store",
        _store,
        "cache",
        "file in which answers are kept, so that a model is asked once, or off; default: one in "
        "pytest's cache folder",
    ),
    _Option(
        "profile",
        Path,
        None,
        "documents of production (a folder of texts, or JSON lines), or their saved profile: the "
        "formats that slm_cases.production is drawn in",
    ),
    _Option(
        "allow",
        _allowed,
        (),
        "checks of the model whose failure is accepted, such as base_name,size_named",
    ),
    _Option(
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
                metavar=option.name.upper().partition("_")[2] or option.name.upper(),
                help=option.help,
            )
        # A whole number may stand without quotes in TOML.
        kind: Literal["int", "string"] = "int" if option.kind is int else "string"
        parser.addini(f"slm_{option.name}", option.help, type=kind, default=None)
    group.addoption(
        "--slm-gate",
        dest="slm_gate",
        action="store_true",
        help="run tests marked slm as plain gates: known failures (xfail) turn red",
    )


def read_settings(config: pytest.Config) -> Settings:
    """Return the settings: the command line wins over the ini file, and that over the default.

    An empty text stands for the default.

    Raises:
        pytest.UsageError: an invalid value; the sentence says where it was given.
    """
    values = {option.name: _value(config, option) for option in OPTIONS}
    _check_paths(values)
    _check_pairs(values)
    if isinstance(values["limits"], Path):
        values["limits"] = _read_limits(values["limits"])
    values |= _records(config, values["n"], values["budget"])
    return Settings(**values, gate=config.getoption("slm_gate"))


def _check_paths(values: Mapping[str, Any]) -> None:
    for name in ("cases", "training"):
        if values[name] and not values[name].is_file():
            raise pytest.UsageError(
                f"slm_{name} is {str(values[name])!r}, no file; name a file of JSON lines"
            )
    for name, files in (("report", values["report"]), ("diagnose", [values["diagnose"]])):
        if folder := next((one for one in files if one and one.is_dir()), None):
            raise pytest.UsageError(f"slm_{name} is {str(folder)!r}, a folder; name a file in it")


def _check_pairs(values: Mapping[str, Any]) -> None:
    if values["cases"] and values["profile"]:
        raise pytest.UsageError(
            "slm_cases and slm_profile are both given; the one takes documents as they are, the "
            "other draws documents like them: give one"
        )


def _records(config: pytest.Config, n: int, budget: int | None) -> dict[str, int | None]:
    """Return n and budget, of which the one on the command line counts; a budget is also the n."""
    if budget is None:
        return {}
    given_n, given_budget = (
        2 * bool(config.getoption(f"slm_{name}")) or bool(config.getini(f"slm_{name}"))
        for name in ("n", "budget")
    )
    if given_n == given_budget:
        raise pytest.UsageError(
            "slm_n and slm_budget are both given; n records are all asked, of a budget only as "
            "many as each gate needs: give one"
        )
    return {"budget": None} if given_n > given_budget else {"n": budget}


def _read_limits(path: Path) -> Limits:
    from pytest_slm_autopsy.errors import ConfigError
    from pytest_slm_autopsy.suite.limits import Limits

    try:
        return Limits.read(path)
    except ConfigError as error:
        raise pytest.UsageError(f"slm_limits: {error}") from None


@contextmanager
def gating(item: pytest.Item) -> Iterator[None]:
    """Ignore xfail inside the block, with --slm-gate and where ``item`` is marked ``slm``."""
    option = item.config.option
    before = getattr(option, "runxfail", False)
    option.runxfail = before or (option.slm_gate and item.get_closest_marker("slm") is not None)
    try:
        yield
    finally:
        option.runxfail = before


def _value(config: pytest.Config, option: _Option) -> Any:
    where, text = option.flag, config.getoption(f"slm_{option.name}", None)
    if text is None:
        where, text = f"ini key slm_{option.name}", _ini_text(config, option)
    if not text:
        return option.default
    if not re.fullmatch(option.pattern, text):
        raise pytest.UsageError(f"{where} is {text!r}; it must be {option.rule}")
    try:
        value = option.kind(text)
    except ValueError as error:
        raise pytest.UsageError(f"{where} is {text!r}; {error}") from None
    # A test may change the working folder before the file is written.
    here = config.invocation_params.dir
    if isinstance(value, tuple) and all(isinstance(one, Path) for one in value):
        return tuple(here / one for one in value)
    return here / value if isinstance(value, Path) else value


def _ini_text(config: pytest.Config, option: _Option) -> str:
    key = f"slm_{option.name}"
    try:
        value = config.getini(key)
    except (TypeError, ValueError, pytest.UsageError) as error:
        raise pytest.UsageError(f"ini key {key} must be {option.rule} ({error})") from None
    return "" if value is None else str(value)
