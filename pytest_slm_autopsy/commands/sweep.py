"""The command ``slm-autopsy sweep``: many models, adapters and suites, on Ray or here."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Declare the command."""
    sweep = commands.add_parser(
        "sweep",
        help="many adapters against the gates, on one machine or a cluster",
        description="Asks every model of a TOML file every suite under every seed, and judges each "
        "against the gates and each adapter against the one before it. Answers are kept as Parquet "
        "by batch: a sweep that was stopped goes on where it was. Writes sweep.html, sweep.txt and "
        "sweep.json. docs/sweep.md shows a file.",
        epilog="Exit code 0: every gate passed; 1: some did not, or a model could not be asked; "
        "2: bad usage.",
    )
    sweep.add_argument("file", metavar="SWEEP.toml", type=Path, help="models, suites, limits")
    where = sweep.add_mutually_exclusive_group()
    where.add_argument(
        "--address", metavar="ADDRESS", help="of a running Ray cluster; without it Ray is started "
        "here, if it is installed",
    )  # fmt: skip
    where.add_argument("--local", action="store_true", help="one process, without Ray")
    sweep.set_defaults(run=_sweep)


def _sweep(asked: argparse.Namespace) -> bool:
    from pytest_slm_autopsy.sweep.grid import read_sweep
    from pytest_slm_autopsy.sweep.run import engine_of, swept
    from pytest_slm_autopsy.sweep.telling import table

    sweep = read_sweep(asked.file)
    engine = engine_of(sweep, "local" if asked.local else "auto", asked.address)
    found = swept(sweep, engine)
    print("\n".join(table(found)))
    print(f"\n{sweep.output / 'sweep.html'}")
    return not all(one.passed for one in found)
