"""Stages that run only where something they depend on has changed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from pytest_slm_autopsy.errors import ConfigError
from reference_experiment.config import HERE, Config

PACKAGE = Path(str(files("pytest_slm_autopsy")))


@dataclass(frozen=True)
class Stage:
    """One stage: files it reads and makes, its action, and the modules and rooms that decide it."""

    inputs: Sequence[Path]
    outputs: Sequence[Path]
    action: Callable[[], None]
    code: Sequence[str] = ()


def run(name: str, stages: Mapping[str, Stage], config: Config) -> None:
    """Run a stage, or skip it where nothing has changed; the stages after it are then out of date.

    Raises:
        ConfigError: a stage before it was not run, or not since an earlier stage ran again.
    """
    stage, names = stages[name], list(stages)
    place = names.index(name)
    for before in names[:place]:
        if not _stamp(before, config).is_file():
            raise ConfigError(f"stage {name} needs stage {before}; run that first")
    digest = _digest(stage, config)
    if _stamped(name, config) == digest and _made(stage):
        print(f"{name}: skipped, its inputs have not changed")
        return
    for late in names[place:]:
        _stamp(late, config).unlink(missing_ok=True)
    print(f"{name}: running", flush=True)
    started = time.monotonic()
    stage.action()
    if os.environ.get("RANK", "0") != "0":  # of several processes the first one writes
        return
    stamp = _stamp(name, config)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    part = stamp.with_suffix(".part")
    part.write_text(digest + "\n")
    part.replace(stamp)
    print(f"{name}: done in {time.monotonic() - started:.0f} s", flush=True)


def _stamp(name: str, config: Config) -> Path:
    return config.runs / "stamps" / name


def _stamped(name: str, config: Config) -> str:
    stamp = _stamp(name, config)
    return stamp.read_text().strip() if stamp.is_file() else ""


def _made(stage: Stage) -> bool:
    return all(path.exists() for path in stage.outputs)


def _digest(stage: Stage, config: Config) -> str:
    total = sha256(config.identity)
    code = [*(_source(name) for name in stage.code), PACKAGE]
    for path in (*code, *stage.inputs):
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and file.suffix not in (".md", ".pyc"):  # no result depends on these
                total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()


def _source(name: str) -> Path:
    """Return the file of a module, or the folder of a room."""
    return HERE / name if (HERE / name).is_dir() else HERE / f"{name}.py"
