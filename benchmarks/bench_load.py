"""A served model at load: ``python -m benchmarks.bench_load`` asks a faulty server 10,000 cases.

The server meets requests with 429, 500, resets, stalls, halves of answers, garbage and restarts,
and log-probabilities that come and go. Every case must end answered rightly or named as failed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.faulty_server import REFUSED, RESTARTS
from pytest_slm_autopsy import Case, ServedModel, predict
from pytest_slm_autopsy.models import ServedSpec
from pytest_slm_autopsy.predictions import Store

PART = 1_000


@dataclass
class Load:
    """What came of a load: cases, and resident megabytes after each part of a thousand."""

    answered: int = 0
    failed: int = 0
    wrong: int = 0
    silent: int = 0
    seconds: float = 0.0
    megabytes: tuple[float, ...] = ()
    told: dict[str, int] | None = None


@contextmanager
def serving(seed: int) -> Iterator[str]:
    """Start the faulty server in a process of its own, and yield its address."""
    command = [sys.executable, "-m", "benchmarks.faulty_server", str(seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one:
        assert one.stdout is not None
        yield one.stdout.readline().strip()
        one.kill()


def load(cases: int, seed: int, folder: Path, *, concurrency: int = 16) -> Load:
    """Ask so many cases, a thousand at a time, with a store, and count how each ends."""
    found = Load()
    sizes = []
    with serving(seed) as url, Store(folder / "answers.sqlite") as store:
        spec = ServedSpec(concurrency=concurrency, timeout=5.0)
        model = ServedModel(url, "m", spec=spec)
        started = time.perf_counter()
        for start in range(0, cases, PART):
            numbers = range(start, min(cases, start + PART))
            asked = [Case(str(i), f"Total: {i}.50\n", {"total": f"{i}.50"}) for i in numbers]
            said = predict(model, asked, store=store)
            assert [one.case for one in said] == asked
            found.failed += sum(one.finish == "error" for one in said)
            found.answered += sum(one.correct for one in said)
            found.wrong += sum(not one.correct and one.finish != "error" for one in said)
            found.silent += sum(one.correct and one.logprobs is None for one in said)
            sizes.append(resident())
        found.seconds = time.perf_counter() - started
        with urllib.request.urlopen(f"{url}/models", timeout=10) as reply:
            found.told = json.load(reply)
    found.megabytes = tuple(sizes)
    return found


def resident() -> float:
    """Return the resident megabytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = load(chosen.cases, chosen.seed, Path(folder))
    told = found.told or {}
    fates = ("answered", "429", "500", "refused", "reset", "half", "garbage", "stall")
    print(f"| fate of a request, of {told['asked']:,} | times |\n|:--|--:|")
    print("\n".join(f"| {fate} | {told.get(fate, 0):,} |" for fate in fates))
    print(f"\n| end of a case, of {chosen.cases:,} | cases |\n|:--|--:|")
    print(f"| answered rightly | {found.answered:,} |")
    print(
        f"| named as failed (refused for good: {REFUSED:.1%} of the documents) | {found.failed} |"
    )
    print(f"| answered, but wrongly | {found.wrong} |")
    lost = chosen.cases - found.answered - found.failed - found.wrong
    print(f"| lost, or counted twice | {lost} |")
    print(f"\nwithout log-probabilities: {found.silent:,}; a restart every {RESTARTS:,} requests")
    print(f"most requests for one case: {told['most']}; {found.seconds:.0f} s")
    print("resident MB by thousand:", ", ".join(f"{size:.0f}" for size in found.megabytes))


if __name__ == "__main__":
    main()
