"""Faults of the machine: ``python -m benchmarks.bench_faults --times 50``.

Each piece of work is killed (SIGKILL) at random moments, then run again: it must end with the
verdicts of a run that nothing disturbed. So must a run after a full disk, and one whose clock
jumps. A read-only place must end with a named error.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.disturb import Ended, clock_jumps, full_after, run
from benchmarks.faults.work import WORK, warm

READ_ONLY = Path("/sys/kernel")
"""A folder in which nobody can write, the superuser included."""


@dataclass
class Count:
    """How many runs met a fault, and how those ended that came after it."""

    fault: str
    work: str
    times: int = 0
    met: int = 0
    same: int = 0
    left_over: int = 0
    unnamed: list[str] = field(default_factory=list)

    @property
    def row(self) -> str:
        """Return a line of the table."""
        return (f"| {self.fault} | {self.work} | {self.times} | {self.met} | {self.same} "
                f"| {len(self.unnamed)} | {self.left_over} |")  # fmt: skip


HEAD = """| fault | in | runs | met it | then the same | errors without a name | left over |
|:--|:--|--:|--:|--:|--:|--:|"""


@contextmanager
def empty(name: str) -> Iterator[Path]:
    """Yield an empty folder."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / name
        folder.mkdir()
        yield folder


def killed(name: str, times: int, seed: int) -> Count:
    """Kill a piece of work at random moments, each time from the beginning."""
    work, draw = warm(name), random.Random(f"{seed}/{name}")
    found = Count("killed", name)
    with empty("calm") as folder:
        calm = run(work, folder)
    for _ in range(times):
        with empty("trial") as folder:
            ended = run(work, folder, kill_after=draw.uniform(0.0, calm.seconds))
            _count(found, ended, run(work, folder), folder, calm, met=ended.killed)
    return found


def planted(
    fault: str, name: str, times: int, plant: Callable[[random.Random], Callable[[], None]],
    seed: int,
) -> Count:  # fmt: skip
    """Do a piece of work under a fault, then without it."""
    work, draw = warm(name), random.Random(f"{seed}/{fault}/{name}")
    found = Count(fault, name)
    with empty("calm") as folder:
        calm = run(work, folder)
    for _ in range(times):
        with empty("trial") as folder:
            ended = run(work, folder, before=plant(draw))
            met = ended.found != calm.found or fault.startswith("clock")
            _count(found, ended, run(work, folder), folder, calm, met=met)
    return found


def _count(
    found: Count, ended: Ended, after: Ended, folder: Path, calm: Ended, *, met: bool
) -> None:
    found.times += 1
    found.met += met
    if ended.code == 2 or after.code != 0:
        found.unnamed.append((ended.said if ended.code == 2 else after.said)[-2000:])
        return
    found.same += after.found == calm.found
    found.left_over += any(path.name.endswith(".tmp") for path in folder.rglob("*"))


def read_only(name: str) -> Count:
    """Do a piece of work where nothing can be written: it goes on without, or names the error."""
    work = warm(name)
    found = Count("read-only place", name, times=1, met=1)
    with empty("calm") as folder:
        folder.rmdir()
        folder.symlink_to(READ_ONLY)
        ended = run(work, folder)
        found.same = int(ended.code in (0, 1))
        found.unnamed = [] if found.same else [ended.said[-2000:]]
        folder.unlink()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--times", type=int, default=50, help="kills of each piece of work")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", nargs="*", default=list(WORK), choices=list(WORK))
    chosen = parser.parse_args()
    print(HEAD)
    faulty: list[str] = []
    few = max(1, chosen.times // 5)

    def say(found: Count) -> None:
        print(found.row, flush=True)
        faulty.extend(found.unnamed)

    for name in chosen.work:
        say(killed(name, chosen.times, chosen.seed))
        full = lambda draw: full_after(int(2 ** draw.uniform(6, 18)))  # noqa: E731
        say(planted("disk full", name, few, full, chosen.seed))
        jumps = lambda draw: clock_jumps(draw.randrange(2**30))  # noqa: E731
        say(planted("clock jumps", name, few, jumps, chosen.seed))
        say(read_only(name))
    for text in faulty:
        print(f"\n{text}")


if __name__ == "__main__":
    main()
