"""Where the numbers of a run come from: model, cases, command, versions, machine."""

from __future__ import annotations

import os
import platform
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Final

import pytest

from pytest_slm_autopsy.plugin.options import OPTIONS

if TYPE_CHECKING:
    from pytest_slm_autopsy.models.interface import ModelSpec
    from pytest_slm_autopsy.plugin.settings import Settings

LIBRARIES: Final = ("pytest", "torch", "transformers", "peft", "bitsandbytes")
_SECRET: Final = re.compile(
    r"""
    (?<=://)[^/?\#\s]+@             # http://user:password@host; a password may hold an @
    | (?<=[?&])(?P<name>[\w.-]+)=[^&\#\s'"]+   # ?key=secret: no value of a query is shown
    """,
    re.VERBOSE,
)


def facts(settings: Settings, config: pytest.Config | None) -> dict[str, str]:
    """Return names and values for the foot of the page; an address loses its password."""
    return {**dict(_cases(settings)), **dict(_machine()), **dict(_run(config))}


def described(spec: object) -> str:
    """Return base, adapter, quantisation and prompt of a loaded model; empty for any other."""
    from pytest_slm_autopsy.models.interface import ModelSpec

    if not isinstance(spec, ModelSpec):
        return ""
    return discreet("; ".join(f"{name} {value}" for name, value in _parts(spec)))


def discreet(text: str) -> str:
    """Return ``text`` without the passwords and the query values of the addresses in it."""
    return _SECRET.sub(lambda found: f"{found['name']}=***" if found["name"] else "***@", text)


def _parts(spec: ModelSpec) -> Iterator[tuple[str, str]]:
    yield "base", spec.base
    if spec.adapter is not None:
        yield "adapter", spec.adapter
    yield "quantisation", spec.quantization
    yield "device", spec.device
    yield "prompt", sha256(repr(spec.prompt).encode()).hexdigest()[:12]
    yield "key", spec.key


def _cases(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the source of the suite: a file of documents, or records drawn by seed and profile."""
    yield "seed", str(settings.seed)
    if settings.cases is not None:
        yield "cases", settings.cases.name
        return
    yield "records", str(settings.n)
    for name in ("schema", "profile"):
        if (given := getattr(settings, name)) is not None:
            yield name, getattr(given, "name", given)


def _machine() -> Iterator[tuple[str, str]]:
    yield "machine", f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    yield "python", platform.python_version()
    for name in LIBRARIES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def _run(config: pytest.Config | None) -> Iterator[tuple[str, str]]:
    """Yield what differs from run to run, although the answers are the same."""
    yield "time", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if given := getattr(config, "invocation_params", None):
        yield "command", shlex.join(["pytest", *map(discreet, map(str, given.args))])


def warn_of_another_ini_file(config: pytest.Config) -> None:
    """Warn once where pytest reads another ini file than that with the ``slm_*`` keys."""
    said = "" if hasattr(config, "workerinput") else other_ini_file(config)
    if said:
        config.issue_config_time_warning(pytest.PytestConfigWarning(said), stacklevel=2)


def other_ini_file(config: pytest.Config) -> str:
    """Return a warning where another folder's ini file is read than that of the folder at hand.

    An option and its value that a space separates, such as ``--slm-base /models/base``, look to
    pytest like a path of tests while it looks for its ini file.
    """
    here, taken = config.invocation_params.dir, config.inipath
    if taken is None or taken.parent == here:
        return ""
    if any(config.getini(f"slm_{option.name}") for option in OPTIONS):
        return ""
    for name in ("pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "pytest.toml"):
        try:
            text = (here / name).read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if re.search(r"^\s*slm_\w+\s*=", text, re.MULTILINE):
            return (
                f"pytest reads {taken}, and not {here / name}, which has the slm_* keys; write "
                "options with an equals sign, --slm-base=FOLDER, since pytest takes a folder "
                f"behind a space for one of tests; or give --rootdir={here} -c {name}"
            )
    return ""
