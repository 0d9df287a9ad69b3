"""The settings of a run: options and ini keys, read once and checked before the first test."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from pytest_slm_autopsy.plugin.options import OPTIONS, Option

if TYPE_CHECKING:
    from pytest_slm_autopsy.statistics.listeners import Undecided
    from pytest_slm_autopsy.suite.limits import Limits


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
    save_baseline: Path | None = None
    compare: Path | None = None
    redact: bool = False


def read_settings(config: pytest.Config) -> Settings:
    """Return the settings: the command line wins over the ini file, and that over the default.

    An empty text stands for the default.

    Raises:
        pytest.UsageError: an invalid value; the sentence says where it was given.
    """
    values = {option.name: _value(config, option) for option in OPTIONS}
    _check_paths(values)
    if isinstance(values["limits"], Path):
        values["limits"] = _read_limits(values["limits"])
    values |= _records(config, values["n"], values["budget"])
    _check_pairs(values)
    return Settings(**values, gate=config.getoption("slm_gate"), redact=_redact(config))


def _redact(config: pytest.Config) -> bool:
    """Tell whether texts stay out; the command line cannot take back what the ini file asks for."""
    try:
        return bool(config.getoption("slm_redact") or config.getini("slm_redact"))
    except (TypeError, ValueError, pytest.UsageError) as error:
        raise pytest.UsageError(f"ini key slm_redact must be true or false ({error})") from None


def _check_paths(values: Mapping[str, Any]) -> None:
    for name in ("cases", "training"):
        if values[name] and not values[name].is_file():
            raise pytest.UsageError(
                f"slm_{name} is {str(values[name])!r}, no file; name a file of JSON lines"
            )
    for name, files in (
        ("report", values["report"]),
        *((name, [values[name]]) for name in ("diagnose", "compare", "save_baseline")),
    ):
        if folder := next((one for one in files if one and one.is_dir()), None):
            raise pytest.UsageError(f"slm_{name} is {str(folder)!r}, a folder; name a file in it")


def _check_pairs(values: Mapping[str, Any]) -> None:
    if values["budget"] and (values["compare"] or values["save_baseline"]):
        raise pytest.UsageError(
            "slm_budget and a baseline are both given; under a budget each run asks other cases, "
            "and a baseline compares the same: give one"
        )
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


def _value(config: pytest.Config, option: Option) -> Any:
    where, text = option.flag, config.getoption(f"slm_{option.name}", None)
    if text is None:
        where, text = f"ini key slm_{option.name}", _ini_text(config, option)
    if not text:
        return option.default
    if not re.fullmatch(option.pattern, text, re.DOTALL):
        raise pytest.UsageError(f"{where} is {text!r}; it must be {option.rule}")
    try:
        value = option.kind(text)
    except ValueError as error:
        raise pytest.UsageError(f"{where} is {text!r}; {error}") from None
    # A test may change the working folder before the file is written.
    # The usual baseline is found from every folder of the repository.
    here = config.rootpath if text == option.alone else config.invocation_params.dir
    if isinstance(value, tuple) and all(isinstance(one, Path) for one in value):
        return tuple(here / one for one in value)
    return here / value if isinstance(value, Path) else value


def _ini_text(config: pytest.Config, option: Option) -> str:
    key = f"slm_{option.name}"
    try:
        value = config.getini(key)
    except (TypeError, ValueError, pytest.UsageError) as error:
        raise pytest.UsageError(f"ini key {key} must be {option.rule} ({error})") from None
    return "" if value is None else str(value)
