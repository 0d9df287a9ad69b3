"""Every option, ini key and mark; read once into frozen settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

MARK: Final = "slm: asks a language model; with --slm-gate its xfail marks are dropped"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line and the ini file say."""

    base: str | None = None
    adapter: str | None = None
    quantization: str = "nf4"
    device: str = "auto"
    seed: int = 42
    n: int = 128
    report: Path | None = None
    gate: bool = False


@dataclass(frozen=True, slots=True)
class _Option:
    name: str
    kind: type
    default: Any
    help: str
    choices: tuple[str, ...] | None = None


OPTIONS: Final = (
    _Option("base", str, None, "base model: a folder or a hub name"),
    _Option("adapter", str, None, "LoRA adapter folder; without one the base answers alone"),
    _Option("quantization", str, "nf4", "nf4 (4-bit) or none; default nf4", ("nf4", "none")),
    _Option("device", str, "auto", "auto, cpu, cuda or cuda:N; default auto"),
    _Option("seed", int, 42, "seed of the cases; default 42"),
    _Option("n", int, 128, "records in the suite, each written under every shift; default 128"),
    _Option("report", Path, None, "write the autopsy report, one HTML page, to this path"),
)


def add_options(parser: pytest.Parser) -> None:
    """Declare each option and its ini key, ``--slm-x`` and ``slm_x``."""
    group = parser.getgroup("slm-autopsy", "autopsy of a small language model")
    for option in OPTIONS:
        group.addoption(
            f"--slm-{option.name}",
            dest=f"slm_{option.name}",
            type=option.kind,
            choices=option.choices,
            default=None,
            metavar=option.name.upper(),
            help=option.help,
        )
        parser.addini(f"slm_{option.name}", option.help, default=None)
    group.addoption(
        "--slm-gate",
        dest="slm_gate",
        action="store_true",
        help="run tests marked slm as plain gates: known failures (xfail) turn red",
    )


def read_settings(config: pytest.Config) -> Settings:
    """Command line over ini key over default.

    Raises:
        pytest.UsageError: an ini value that is not of its kind, or a number below its least.
    """
    values = {option.name: _value(config, option) for option in OPTIONS}
    if values["n"] < 1:
        raise pytest.UsageError(f"slm_n is {values['n']}; a suite needs at least 1 record")
    return Settings(**values, gate=config.getoption("slm_gate"))


def drop_expected_failures(items: list[pytest.Item]) -> None:
    """Take the xfail marks off every test marked ``slm``."""
    for item in items:
        if item.get_closest_marker("slm"):
            for node in item.listchain():
                node.own_markers[:] = [mark for mark in node.own_markers if mark.name != "xfail"]


def _value(config: pytest.Config, option: _Option) -> Any:
    given = config.getoption(f"slm_{option.name}")
    if given is not None:
        return given
    text = config.getini(f"slm_{option.name}")
    if not text:
        return option.default
    try:
        value = option.kind(text)
    except ValueError:
        raise pytest.UsageError(
            f"ini key slm_{option.name} is {text!r}; it must be {option.help}"
        ) from None
    if option.choices and value not in option.choices:
        raise pytest.UsageError(
            f"ini key slm_{option.name} is {text!r}; choose from {', '.join(option.choices)}"
        )
    return value
