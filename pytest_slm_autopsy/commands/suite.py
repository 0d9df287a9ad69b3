"""The commands ``run`` and ``init`` of ``slm-autopsy``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pytest_slm_autopsy.suite.init import begin, told
from pytest_slm_autopsy.suite.run import run


def add(commands: Any) -> None:
    """Declare the commands."""
    one = commands.add_parser(
        "run",
        help="the whole autopsy of a model, without a line of test code",
        usage="slm-autopsy run [BASE [ADAPTER]] [options of pytest, --slm-* among them]",
        description="Runs the built-in suite: set-up, prompts, accuracy, every shift axis, "
        "confidence, answers by heart, answers that do not end. Writes autopsy.html and "
        "autopsy.json. Without BASE the model is that of the ini file, or the fixture slm of your "
        "conftest.py. Options: pytest --help, under slm-autopsy.",
        epilog="Exit code 0: every gate passed; 1: some failed; 2: interrupted; 4: bad usage.",
    )
    one.add_argument("base", nargs="?", help="folder, hub name, or a server's address")
    one.add_argument("adapter", nargs="?", help="folder or hub name; the model's name on a server")
    one.set_defaults(run=lambda asked: run(asked.base, asked.adapter, asked.further))
    two = commands.add_parser(
        "init",
        help="the first files of a repository that guards a model",
        description="Writes test_shift.py, slm-limits.toml, pytest.ini where there is no ini file, "
        "and a job for GitHub Actions and for GitLab. Never overwrites a file.",
        epilog="Exit code 0: done; 2: bad usage.",
    )
    two.add_argument("base", nargs="?", help="the base; without one, an extractor to replace")
    two.add_argument("adapter", nargs="?", help="the adapter")
    two.add_argument("--folder", type=Path, default=Path(), help="default: the working folder")
    two.set_defaults(run=_init)


def _init(asked: argparse.Namespace) -> int:
    print(told(begin(asked.folder, asked.base, asked.adapter)))
    return 0
