"""The experiment, stage by stage: ``python -m reference_experiment experiment``.

A stage whose inputs did not change since it last ran is skipped.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

from pytest_slm_autopsy import SlmAutopsyError
from pytest_slm_autopsy.errors import ConfigError
from reference_experiment.config import DEFAULT, HERE, Config, read_config
from reference_experiment.pipeline import STAGES, stages
from reference_experiment.stages import run

BESIDE = {
    "seeds": ("studies.seeds", "over_seeds"),
    "scaling": ("studies.scaling", "scaled"),
    "holding": ("studies.scaling", "held"),
    "dial": ("telling.dial", "show"),
    "publish": ("telling.committed", "publish"),
    "rebuild": ("telling.committed", "rebuild"),
}
"""What runs beside the stages: its module, and its function there."""


def suite(config: Config) -> int:
    """Run the autopsy as tests on the adapters just trained, and return pytest's exit code.

    What the tests expect was found on the tiny model. For another one the built-in suite is named,
    which expects nothing.
    """
    if config.name != DEFAULT:
        print("suite: the limits as tests, on each adapter:")
        for name in config.adapters:
            print(f"  slm-autopsy run {config.base_place} {config.adapter(name)} \\\n    "
                  "--slm-schema=reference_experiment/data.py:SCHEMA "
                  "--slm-limits=reference_experiment/limits.toml")  # fmt: skip
        return 0
    import pytest

    print("suite: pytest reference_experiment", flush=True)
    adapters = config.runs / "adapters"
    options = {"adapters": adapters, "slm-base": config.base_place, "slm-seed": config.seed}
    arguments = [f"--{name}={value}" for name, value in options.items()]
    return int(pytest.main([str(HERE), *arguments, "-q"]))


def main() -> int:
    """Run the stage that the command line names, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m reference_experiment", description=__doc__)
    parser.add_argument("stage", choices=("experiment", *STAGES, "suite", *BESIDE))
    parser.add_argument("--config", type=Path, default=HERE / "configs" / "tiny.yaml")
    parser.add_argument("--seed", type=int, help="instead of the configuration's")
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FILE",
        help="with train: JSON lines of your own, with messages or conversations",
    )
    parser.add_argument("--tb", action="store_true", help="show tracebacks")
    options = parser.parse_args()
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        config = read_config(options.config, seed=options.seed)
        return _run(config, options.stage, options.data)
    except (SlmAutopsyError, OSError) as error:
        if options.tb:
            raise
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nstopped; run the same command to go on from the last checkpoint", file=sys.stderr)
        return 130


def _run(config: Config, stage: str, data: Path | None = None) -> int:
    if stage != "train" and os.environ.get("WORLD_SIZE", "1") != "1":
        raise ConfigError(f"{stage} runs in one process; launch nothing but train in several")
    if data is not None:
        if stage != "train":
            raise ConfigError(f"--data goes with train, not with {stage}; leave it out")
        from reference_experiment.training.own_data import train_on

        train_on(config, data)
        return 0
    if stage == "suite":
        return suite(config)
    if stage in BESIDE:
        room, action = BESIDE[stage]
        getattr(import_module(f"reference_experiment.{room}"), action)(config)
        return 0
    for name in STAGES if stage == "experiment" else (stage,):
        run(name, stages(config), config)
    if stage != "experiment":
        return 0
    code = suite(config)
    print(f"report: {config.runs / 'report.html'}")
    return code


if __name__ == "__main__":
    sys.exit(main())
