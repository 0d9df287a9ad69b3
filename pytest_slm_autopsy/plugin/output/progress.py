"""Progress of a model on the terminal, and nowhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest

from pytest_slm_autopsy.errors import visible

# KEEP saves the cursor and BACK restores it, so it stays in the line of dots. They also switch
# wrapping off and on, so a line that is too long is cut.
KEEP, BACK, CLEAR = "\x1b7\x1b[?7l", "\x1b[?7h\x1b8", "\x1b[K"


AT_ONCE = 0.2
"""Seconds within which answers come from a store, and say nothing of the model's speed."""


@contextmanager
def progress(
    config: pytest.Config | None, model: str, total: int
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

    pace = Pace(time.monotonic())

    def show(done: int, total: int) -> None:
        pace_told = pace.told(done, total, time.monotonic())
        write(f"  {done:,}/{total:,} cases{pace_told}: {visible(model)}")

    show(0, total)
    try:
        yield show
    finally:
        write("")


class Pace:
    """The speed of an ask, from the moment that it left the stored answers behind."""

    def __init__(self, start: float) -> None:
        self._begun = self._start = start
        self._before = 0

    def told(self, done: int, total: int, now: float) -> str:
        """Return cases per second and the time left, as ``, 8.3/s, 0:42 left``."""
        if now - self._begun < AT_ONCE:
            self._before, self._start = done, now
        if done <= self._before or now <= self._start:
            return ""
        rate = (done - self._before) / (now - self._start)
        minutes, seconds = divmod(round((total - done) / rate), 60)
        return f", {rate:.1f}/s, {minutes}:{seconds:02} left"


def _on_a_terminal(config: pytest.Config | None) -> bool:
    """Tell whether stderr leads to a terminal; while pytest captures it, it is a file."""
    with uncaptured(config):
        return sys.__stderr__ is not None and sys.__stderr__.isatty()


def uncaptured(config: pytest.Config | None) -> AbstractContextManager[None]:
    """Return a block inside which printed text goes where pytest's own output goes."""
    capture = config.pluginmanager.getplugin("capturemanager") if config else None
    return capture.global_and_fixture_disabled() if capture else nullcontext()
