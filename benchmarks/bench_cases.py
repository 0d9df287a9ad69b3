"""Speed and shrinking of cases: ``python benchmarks/bench_cases.py``.

Rates are measured beside each other in one run, so that they can be compared as ratios.
"""

from __future__ import annotations

import random
import sys
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice, takewhile
from statistics import median

from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from pytest_slm_autopsy import AXES, INVOICE, Case, applicable, shifted_invoices, stream_cases

EXAMPLES = 400
PLANTS = 100


@st.composite
def three_integers(draw: st.DrawFn) -> tuple[int, int, int]:
    """The least that a composite strategy can be."""
    return draw(st.integers()), draw(st.integers()), draw(st.integers())


def rate(strategy: st.SearchStrategy[object]) -> float:
    """Examples a second that Hypothesis draws."""

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def draw(example: object) -> None:
        pass

    started = time.perf_counter()
    draw()
    return EXAMPLES / (time.perf_counter() - started)


def bulk_rate(seconds: float = 3.0) -> float:
    """Cases a second of a seeded suite under every axis alone and mixed."""
    stream, started = stream_cases(INVOICE, 10**9, 1), time.perf_counter()
    done = sum(1 for _ in takewhile(lambda _: time.perf_counter() - started < seconds, stream))
    return done / seconds


def streamed_memory(cases: int) -> int:
    """Peak bytes that Python held while so many cases went by."""
    tracemalloc.start()
    deque(islice(stream_cases(INVOICE, 10**9, 1), cases), maxlen=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def plants() -> Iterator[tuple[set[str], Callable[[Case], bool]]]:
    """Causes of failure that a model could have: the axes that a shrunk case should name."""
    rng = random.Random(0)
    axes = applicable(INVOICE)
    for _ in range(PLANTS * 2 // 5):
        yield breaks_on({rng.choice(axes)})
    for _ in range(PLANTS * 2 // 5):
        yield breaks_on(set(rng.sample(axes, 2)))
    for _ in range(PLANTS - 2 * (PLANTS * 2 // 5)):
        yield breaks_on_delimiter_of(rng.choice(INVOICE.names))


def breaks_on(axes: set[str]) -> tuple[set[str], Callable[[Case], bool]]:
    """A model that fails where all of ``axes`` are shifted."""
    return axes, lambda case: axes <= case.shift.keys()


def breaks_on_delimiter_of(name: str) -> tuple[set[str], Callable[[Case], bool]]:
    """A model that fails where one field has another delimiter than a colon."""
    label = INVOICE.labels[name]

    def breaks(case: Case) -> bool:
        return f"{label} = " in case.text or f"{label}    " in case.text

    return {"delimiters"}, breaks


def shrink(breaks: Callable[[Case], bool], seed: int) -> tuple[Case, int]:
    """The case that a user would be shown, and how many cases the model was asked for it."""
    asked = 0

    def count(case: Case) -> bool:
        nonlocal asked
        asked += 1
        return breaks(case)

    chosen = settings(max_examples=5_000, database=None, deadline=None)
    case = find(shifted_invoices(), count, settings=chosen, random=random.Random(seed))
    return case, asked


def main() -> None:
    """Print every figure."""
    bare, ours = rate(three_integers()), rate(shifted_invoices())
    print(f"hypothesis: three integers {bare:.0f}/s, shifted_invoices() {ours:.0f}/s, "
          f"ratio {ours / bare:.2f}")  # fmt: skip
    print(f"bulk suite, one core: {bulk_rate():.0f} cases/s")
    few, many = streamed_memory(1_000), streamed_memory(50_000)
    print(f"streamed, peak of Python's memory: {few / 1e6:.2f} MB for 1,000 cases, "
          f"{many / 1e6:.2f} MB for 50,000")  # fmt: skip
    sizes, exact, calls = [], 0, []
    for number, (axes, breaks) in enumerate(plants()):
        case, asked = shrink(breaks, number)
        sizes.append(len(case.shift))
        calls.append(asked)
        named = case.shift.keys() == axes and set(case.shift.values()) == {0.25}
        exact += named
        if not named:
            print(f"  planted {sorted(axes)}, shown {dict(case.shift)}", file=sys.stderr)
    print(f"shrinking over {PLANTS} planted causes among {len(AXES)} axes: exactly the planted "
          f"axes at the lowest severity {exact}, axes shown median {median(sizes):g}, worst "
          f"{max(sizes)}; cases asked median {median(calls):g}, worst {max(calls)}")  # fmt: skip


if __name__ == "__main__":
    main()
