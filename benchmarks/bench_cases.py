"""Speed and shrinking of cases: ``python benchmarks/bench_cases.py [drawing] [shrinking] ...``.

Without the name of a part it prints all. Rates are measured beside each other in one run, so that
they can be compared as ratios.
"""

from __future__ import annotations

import random
import re
import resource
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations, islice
from pathlib import Path
from statistics import median

from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from pytest_slm_autopsy import (
    INVOICE,
    Case,
    draw_suite,
    read_cases,
    rewrite_suite,
    shifted_invoices,
)
from pytest_slm_autopsy.cases import applicable, default_conditions, learn_profile, stream_cases
from pytest_slm_autopsy.cases.drawn.axes.marks import CODE_DELIMITERS
from pytest_slm_autopsy.cases.drawn.shifts import sharing
from pytest_slm_autopsy.cases.strategies import SEVERITIES

EXAMPLES = 400
PLANTS = 100
MILLION = 1_000_000
REAL = Path(__file__).parents[1] / "tests" / "cases" / "rewritten" / "real_documents.jsonl"


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


def rates(rounds: int = 5) -> list[tuple[float, float]]:
    """Examples a second, bare and ours by turns, so that both meet the same machine."""
    return [(rate(three_integers()), rate(shifted_invoices())) for _ in range(rounds)]


def stream(cases: int) -> tuple[float, float]:
    """Seconds that so many cases of a seeded suite took to go by, and the process's peak in MB."""
    started = time.perf_counter()
    deque(islice(stream_cases(INVOICE, cases, 1), cases), maxlen=0)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return time.perf_counter() - started, peak


@dataclass(frozen=True)
class Plant:
    """A model's planted cause of failure: the axes a shrunk case should name, and the lines."""

    axes: frozenset[str]
    breaks: Callable[[Case], bool]
    changed: str = ""


def plants(seed: int = 0) -> list[Plant]:
    """Every axis alone, one field's delimiter for every field, and pairs of axes: a hundred."""
    axes = applicable(INVOICE)
    pairs = [pair for pair in combinations(axes, 2) if sharing(INVOICE, list(pair)) == [*pair]]
    alone = [_breaks_on(axis) for axis in axes]
    fields = [_breaks_on_delimiter_of(name) for name in INVOICE.names]
    left = PLANTS - len(alone) - len(fields)
    return [
        *alone,
        *fields,
        *(_breaks_on(*pair) for pair in random.Random(seed).sample(pairs, left)),
    ]


def _breaks_on(*axes: str) -> Plant:
    """A model that fails where all of ``axes`` are shifted."""
    planted = frozenset(axes)
    return Plant(planted, lambda case: planted <= case.shift.keys())


def _breaks_on_delimiter_of(name: str) -> Plant:
    """A model that fails where one field has another delimiter than a colon and a space."""
    label = INVOICE.labels[name]
    marks = "|".join(re.escape(mark) for mark, _ in CODE_DELIMITERS)

    def breaks(case: Case) -> bool:
        value = re.escape(str(case.truth[name]))
        return re.search(f"^{label}({marks}){value}$", case.text, re.MULTILINE) is not None

    return Plant(frozenset({"delimiters"}), breaks, label)


def shrink(plant: Plant, seed: int) -> tuple[Case, int]:
    """The case that a user would be shown, and how many cases the model was asked for it."""
    asked = 0

    def count(case: Case) -> bool:
        nonlocal asked
        asked += 1
        return plant.breaks(case)

    chosen = settings(max_examples=5_000, database=None, deadline=None)
    case = find(shifted_invoices(), count, settings=chosen, random=random.Random(seed))
    return case, asked


def names_exactly(case: Case, plant: Plant) -> bool:
    """Whether a shrunk case shows the planted axes at their mildest, and nothing else."""
    mildest = case.shift == dict.fromkeys(plant.axes, SEVERITIES[0])
    if not plant.changed:
        return mildest
    other = [line for line in case.text.splitlines() if not re.match(r"[\w ]*\w: ", line)]
    return mildest and len(other) == 1 and other[0].startswith(plant.changed)


def documents(count: int, size: int) -> list[Case]:
    """Invoices that are all different, each followed by lines of a real one, cut to ``size``."""
    real = [case.text for case in read_cases(REAL)]
    drawn = draw_suite(INVOICE.normalised(), count, size).production
    texts = [f"{case.text}\n\n{real[n % len(real)]}"[:size] for n, case in enumerate(drawn)]
    return [
        replace(case, text=text.rpartition("\n")[0], spans={})
        for case, text in zip(drawn, texts, strict=True)
    ]


def rewriting(count: int = 300, rounds: int = 5) -> None:
    """Print how many rewrites a second of processor time makes, from text to suite."""
    many = {size: documents(count, size) for size in (1_000, 2_000, 3_000)}
    found: dict[int, list[float]] = {size: [] for size in many}
    for _ in range(rounds):
        for size, cases in many.items():
            started = time.process_time()
            suite = rewrite_suite(cases, 1)
            made = sum(len(suite[name]) for name in suite) - count
            found[size].append(made / (time.process_time() - started))
    for size, rates in found.items():
        print(f"rewriting, one core, documents of {size:,} characters: rewrites/s by turns "
              + ", ".join(f"{one:.0f}" for one in rates) + f"; median {median(rates):.0f}"
              )  # fmt: skip


def drawing() -> None:
    """Print how fast cases are drawn."""
    drawn = rates()
    print("hypothesis, examples/s, by turns: "
          + ", ".join(f"{ours:.0f} of {bare:.0f}" for bare, ours in drawn)
          + f"; median ratio to three integers {median(ours / bare for bare, ours in drawn):.2f}"
          )  # fmt: skip
    few = stream(10_000)
    many = stream(MILLION)
    print(f"bulk suite, one core: {MILLION / many[0]:.0f} cases/s over {MILLION:,} cases; peak "
          f"{few[1]:.0f} MB after 10,000, {many[1]:.0f} MB after all")  # fmt: skip


def suites(records: int = 400, rounds: int = 9) -> None:
    """Print how many cases a second of processor time draws: streamed, gathered, production's."""
    production = {"production": default_conditions(INVOICE)["production"]}
    ways: dict[str, Callable[[], object]] = {
        "stream_cases": lambda: deque(stream_cases(INVOICE, records, 1), maxlen=0),
        "draw_suite": lambda: draw_suite(INVOICE, records, 1),
        "production alone": lambda: draw_suite(INVOICE, 5 * records, 1, production),
    }
    counts = [records * len(default_conditions(INVOICE))] * 2 + [5 * records]
    found: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for (way, draw), count in zip(ways.items(), counts, strict=True):
            started = time.process_time()
            draw()
            found[way].append(count / (time.process_time() - started))
    for way, rates in found.items():
        print(f"{way}, one core, cases/s: median {median(rates):,.0f}, best {max(rates):,.0f} of "
              f"{rounds} rounds")  # fmt: skip


def shrinking() -> None:
    """Print what becomes of planted causes."""
    shrink_all(plants())


def profiling(count: int = 10_000) -> None:
    """Print how long it takes to learn the formats of a pile of drawn documents."""
    conditions = {"production": default_conditions(INVOICE)["production"]}
    texts = [case.text for case in draw_suite(INVOICE, count, 5, conditions)["production"]]
    started = time.perf_counter()
    learn_profile(texts)
    seconds = time.perf_counter() - started
    mean = sum(map(len, texts)) // count
    print(f"profiling, one core: {count:,} documents of {mean} characters on average in "
          f"{seconds:.1f} s")  # fmt: skip


PARTS = {part.__name__: part for part in (drawing, suites, profiling, rewriting, shrinking)}


def main(names: list[str]) -> None:
    """Print every figure of the parts."""
    for name in names or PARTS:
        PARTS[name]()


def shrink_all(planted: list[Plant]) -> None:
    """Print what is shown for each planted cause that is not named exactly, and the counts."""
    sizes, asked, exact, started = [], [], 0, time.perf_counter()
    for number, plant in enumerate(planted):
        case, calls = shrink(plant, number)
        sizes.append(len(case.shift))
        asked.append(calls)
        if names_exactly(case, plant):
            exact += 1
        else:
            print(f"  planted {sorted(plant.axes)}, shown {dict(case.shift)}\n{case.text}")
    seconds = (time.perf_counter() - started) / len(planted)
    print(f"shrinking, {len(planted)} planted causes among {len(applicable(INVOICE))} axes: "
          f"{exact} shown exactly at the lowest severity\n  axes shown: median "
          f"{median(sizes):g}, worst {max(sizes)}; cases asked: median {median(asked):g}, worst "
          f"{max(asked)}; {seconds:.2f} s a cause")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
