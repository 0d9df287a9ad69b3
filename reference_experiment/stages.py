"""Run a stage unless nothing it depends on has changed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from pytest_slm_autopsy import ConfigError
from reference_experiment.config import HERE, Config


@dataclass(frozen=True)
class Stage:
    """The files a stage reads and makes, what it does, and the modules that decide how."""

    inputs: Sequence[Path]
    outputs: Sequence[Path]
    action: Callable[[], None]
    code: Sequence[str] = ()


def run(name: str, stage: Stage, config: Config) -> None:
    """Run ``stage``, or say that it is skipped.

    Raises:
        ConfigError: an input that an earlier stage should have made is missing.
    """
    stamp = config.runs / "stamps" / f"{name}.json"
    if missing := [
        path for path in stage.inputs if path.is_relative_to(config.root) and not path.exists()
    ]:
        raise ConfigError(f"stage {name} needs {missing[0]}; run the stages before it first")
    digest = _digest(stage, config)
    if stamp.is_file() and json.loads(stamp.read_text()) == digest and _made(stage):
        print(f"{name}: skipped, its inputs have not changed")
        return
    print(f"{name}: running", flush=True)
    started = time.monotonic()
    stage.action()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(json.dumps(digest))
    print(f"{name}: done in {time.monotonic() - started:.0f} s", flush=True)


def _made(stage: Stage) -> bool:
    return all(path.exists() for path in stage.outputs)


def _digest(stage: Stage, config: Config) -> str:
    plain = {**asdict(config), "root": ""}  # where it stands changes no result
    total = sha256(json.dumps(plain, sort_keys=True).encode())
    total.update(version("pytest-slm-autopsy").encode())
    for path in (*(HERE / f"{module}.py" for module in stage.code), *stage.inputs):
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in files:
            if file.is_file() and file.suffix != ".md":  # a model card decides nothing
                total.update(file.name.encode() + file.read_bytes())
    return total.hexdigest()
