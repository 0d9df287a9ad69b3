"""Progress of a model on the terminal, and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest

# KEEP saves the cursor and BACK restores it, so it stays in the line of dots. They also switch
# wrapping off and on, so a line that is too long is cut.
KEEP, BACK, CLEAR = "\x1b7\x1b[?7l", "\x1b[?7h\x1b8", "\x1b[K"


@contextmanager
def progress(
    config: pytest.Config, model: str, total: int
) -> Iterator[Callable[[int, int], None] | None]:
    """Yield a function to call with (done, all), and clear its line at the end.

    It is ``None`` in a worker, and where stderr is not a terminal.
    """
    if hasattr(config, "workerinput") or not _on_a_terminal(config):
        yield None
        return

    def write(text: str) -> None:
        with uncaptured(config):
            print(f"{KEEP}{text}{CLEAR}{BACK}", end="", file=sys.__stderr__, flush=True)

    def show(done: int, total: int) -> None:
        write(f"  {done}/{total} cases: {model}")

    show(0, total)
    try:
        yield show
    finally:
        write("")


def _on_a_terminal(config: pytest.Config) -> bool:
    """Tell whether stderr leads to a terminal; while pytest captures it, it is a file."""
    with uncaptured(config):
        return sys.__stderr__ is not None and sys.__stderr__.isatty()


def uncaptured(config: pytest.Config) -> AbstractContextManager[None]:
    """Return a block inside which printed text goes where pytest's own output goes."""
    capture = config.pluginmanager.getplugin("capturemanager")
    return capture.global_and_fixture_disabled() if capture else nullcontext()
