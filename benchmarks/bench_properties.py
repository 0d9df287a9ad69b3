"""What a property over a slow model costs, and in how many batches its failure is shrunk.

    python -m benchmarks.bench_properties [--plants 100]

Time: the tiny base with the hardened adapter; 200 examples of a property that holds, against the
same 200 cases predicted in batches, and against plain ``@given`` with single calls; by turns, each
with a seed of its own. Batches: the planted causes of ``bench_cases``, until Hypothesis has shrunk.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from statistics import median

from hypothesis import HealthCheck, given, seed, settings

from benchmarks.bench_cases import Plant, names_exactly, plants
from pytest_slm_autopsy import (
    ModelSpec,
    PromptFormat,
    ScriptedModel,
    load_model,
    predict,
    shift_property,
    shifted_invoices,
)

EXPERIMENT = Path(__file__).parents[1] / "reference_experiment"
HARDENED = ModelSpec(
    str(EXPERIMENT / "base"), str(EXPERIMENT / "adapters" / "hardened"), max_new_tokens=320
)
EXAMPLES, TURNS, SEED = 200, 3, 2_000
AXES = ["order", "missing", "delimiters", "whitespace"]
QUIET = {"database": None, "deadline": None, "suppress_health_check": list(HealthCheck)}


class Asking:
    """As much of an autopsy as a property asks for; counts the batches."""

    config = None

    def __init__(self) -> None:
        self.batches: list[int] = []

    def ask(self, model, cases):
        self.batches.append(len(cases))
        return predict(model, cases)


def turn(model, number: int) -> tuple[float, float, float]:
    """Seconds of a property, of its cases in batches, and of plain given."""
    drawn = []

    @seed(number)
    @settings(max_examples=EXAMPLES, **QUIET)
    @shift_property(cases=shifted_invoices(axes=AXES))
    def batched(prediction):
        drawn.append(prediction.case)

    @seed(number)
    @settings(max_examples=EXAMPLES, **QUIET)
    @given(case=shifted_invoices(axes=AXES))
    def plain(case):
        predict(model, [case])

    started = time.perf_counter()
    batched(slm=model, autopsy=Asking())
    property_seconds = time.perf_counter() - started
    started = time.perf_counter()
    predict(model, list({repr(case): case for case in drawn}.values()))
    in_batches = time.perf_counter() - started
    started = time.perf_counter()
    plain()
    return property_seconds, in_batches, time.perf_counter() - started


def shrink(plant: Plant, number: int) -> tuple[list[int], bool]:
    """The sizes of the batches until a planted cause is shrunk, and whether it is named exactly."""
    right = PromptFormat().expected
    model = ScriptedModel(lambda case: "{}" if plant.breaks(case) else right(case.truth))
    asking, shown = Asking(), []

    @seed(number)
    @settings(max_examples=500, **QUIET)
    @shift_property(cases=shifted_invoices())
    def holds(prediction):
        if plant.breaks(prediction.case):
            shown.append(prediction.case)
            raise AssertionError

    try:
        holds(slm=model, autopsy=asking)
    except AssertionError:
        return asking.batches, names_exactly(shown[-1], plant)
    return asking.batches, False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plants", type=int, default=100)
    chosen = parser.parse_args()
    model = load_model(HARDENED)
    for number in range(TURNS):
        ours, batches, single = turn(model, SEED + number)
        print(f"property of {EXAMPLES} examples: {ours:.2f} s; the same cases in batches "
              f"{batches:.2f} s, ratio {ours / batches:.2f}; plain @given {single:.2f} s, "
              f"{single / ours:.1f} times the property", flush=True)  # fmt: skip
    if chosen.plants:
        asked = [shrink(plant, i) for i, plant in enumerate(plants()[: chosen.plants])]
        shrunk = [(sizes, exact) for sizes, exact in asked if len(sizes) > 1]
        # The first batch is what is drawn before anything fails.
        rounds = [len(sizes) - 1 for sizes, _ in shrunk]
        cases = [sum(sizes[1:]) for sizes, _ in shrunk]
        print(f"shrinking {len(shrunk)} of {len(asked)} planted causes, the rest not met in 500 "
              f"examples: batches median {median(rounds):g}, worst "
              f"{max(rounds)}; cases median {median(cases):g}, worst {max(cases)}; "
              f"{sum(exact for _, exact in shrunk)} named exactly")  # fmt: skip


if __name__ == "__main__":
    main()
