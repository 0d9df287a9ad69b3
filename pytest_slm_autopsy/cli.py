"""The command ``slm-autopsy``: the built-in suite, and checks and reports that need no pytest."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from itertools import takewhile
from typing import Final

from pytest_slm_autopsy.commands import cases, check, cure, suite, sweep
from pytest_slm_autopsy.errors import PACKAGE, SlmAutopsyError

BROKEN_PIPE: Final = 128 + 13
"""Exit code, in shells, of a command that wrote into a closed pipe: 128 and the signal's number."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return its exit code.

    * 0: all is well, warnings apart;
    * 1: a check fails, or the cases have problems;
    * 2: invalid usage, or a model or file that cannot be read;
    * 141: the reader of the output has stopped, as in ``slm-autopsy ... | head``.
    """
    try:
        try:
            return _run(_parser(), sys.argv[1:] if arguments is None else arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        # Python writes the rest of the buffer at its end, and would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except SlmAutopsyError as error:
        print(f"slm-autopsy: {error}", file=sys.stderr)
        return 2


def _run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Run one command; all that follows the model of ``run`` are arguments of pytest."""
    further: list[str] = []
    if arguments and arguments[0] == "run" and not {"-h", "--help"} & {*arguments}:
        words = list(takewhile(lambda word: not word.startswith("-"), arguments))[:3]
        arguments, further = words, [*arguments[len(words) :]]
    asked = parser.parse_args(arguments)
    asked.further = further
    return int(asked.run(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="slm-autopsy", description="The autopsy of a fine-tuned small language model."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version(PACKAGE)}")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (suite, sweep, check, cases, cure):
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
