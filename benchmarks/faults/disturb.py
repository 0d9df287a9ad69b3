"""A piece of work in a process of its own, which meets a fault."""

from __future__ import annotations

import os
import random
import resource
import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pytest_slm_autopsy.errors import SlmAutopsyError

Work = Callable[[Path], str]


@dataclass
class Ended:
    """How a process ended: its signal or exit code, its seconds, what it found, and its error."""

    code: int
    seconds: float
    found: str = ""
    said: str = ""

    @property
    def killed(self) -> bool:
        """Tell whether it was killed."""
        return self.code == -signal.SIGKILL


def run(work: Work, folder: Path, *, kill_after: float | None = None,
        before: Callable[[], None] | None = None) -> Ended:  # fmt: skip
    """Do the work in a copy of this process, which may be killed after some seconds.

    ``before`` is called in the copy first: it plants the fault.
    """
    started = time.perf_counter()
    ends = os.pipe()
    child = os.fork()
    if child == 0:
        _in_the_copy(work, folder, before, ends[1])
    os.close(ends[1])
    told = _Told(ends[0])
    code = None
    while code is None:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            code = os.waitstatus_to_exitcode(status)
        elif kill_after is not None and time.perf_counter() - started >= kill_after:
            os.kill(child, signal.SIGKILL)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        else:
            time.sleep(0.001)
    seconds = time.perf_counter() - started
    text = told.text()
    return Ended(code, seconds, text, "") if code == 0 else Ended(code, seconds, "", text)


class _Told(threading.Thread):
    """Reads what a process tells, as it comes: a pipe holds little."""

    def __init__(self, end: int) -> None:
        super().__init__(daemon=True)
        self._end, self._parts = end, [b""]
        self.start()

    def run(self) -> None:
        """Read to the end."""
        with os.fdopen(self._end, "rb") as file:
            self._parts.append(file.read())

    def text(self) -> str:
        """Return all that was told."""
        self.join(10)
        return b"".join(self._parts).decode(errors="replace")


def _in_the_copy(work: Work, folder: Path, before: Callable[[], None] | None, tell: int) -> None:
    """Run the work; exit with 0, with 1 after a named error, with 2 after any other."""
    code, said = 2, ""
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        if before:
            before()
        said = work(folder)
        code = 0
    except (SlmAutopsyError, OSError) as error:
        code, said = 1, f"{type(error).__name__}: {error}"
    except BaseException:
        said = traceback.format_exc()
        raise
    finally:
        with os.fdopen(tell, "wb") as file:
            file.write(said.encode(errors="replace"))
        os._exit(code)


def full_after(size: int) -> Callable[[], None]:
    """Return a fault: no file can grow beyond ``size`` bytes, as on a disk that is full."""

    def plant() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return plant


def clock_jumps(seed: int) -> Callable[[], None]:
    """Return a fault: the clock jumps by up to a day, forth and back, each time it is read."""

    def plant() -> None:
        draw, real = random.Random(seed), time.time
        time.time = lambda: real() + draw.uniform(-86_400, 86_400)

    return plant
