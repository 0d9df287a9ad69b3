"""Measure the plugin: what loading it costs others, its overhead, and the page of many answers.

``python -m benchmarks.bench_plugin``: some three minutes on two cores.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pytest_slm_autopsy import INVOICE, PromptFormat, ScriptedModel, draw_suite, predict
from pytest_slm_autopsy.gathering.document import gather
from pytest_slm_autopsy.predictions import keep, write_baseline
from pytest_slm_autopsy.report import write_report

RUNS = 20
SECONDS_A_CASE = 0.05
"""A quick model on a CPU: the tiny base takes 0.02 s, a model of 270 million parameters 0.5 s."""

SUITE = """
from pytest_slm_autopsy import ScriptedModel, assert_accuracy, assert_accuracy_gap
import pytest, time
from pytest_slm_autopsy import PromptFormat

@pytest.fixture(scope="session")
def slm():
    def write(case):
        time.sleep({seconds})
        wrong = case.condition != "canonical" and int(case.record[-4:]) % 2
        return PromptFormat().expected(dict.fromkeys(case.truth) if wrong else case.truth)
    return ScriptedModel(write, name="slow")

def test_reference(slm, slm_cases, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=0.5)

@pytest.mark.parametrize("name", ["order", "missing", "case", "production"])
def test_shift(slm, slm_cases, autopsy, name):
    reference = autopsy.predict(slm, slm_cases.reference)
    assert_accuracy_gap(
        reference=reference, shifted=autopsy.predict(slm, slm_cases[name]), at_most=0.9
    )
"""


def main() -> None:
    """Print a table of figures and aims."""
    print("| what | figure | aim |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        bare, loaded = start_up(Path(folder))
        print(f"| loading the plugin where no model is asked, median of {RUNS} runs "
              f"| {1000 * (loaded - bare):+.0f} ms to {1000 * bare:.0f} ms | 30 ms |")  # fmt: skip
        total, model = overhead(Path(folder))
        print(f"| plugin and page beside a model of {SECONDS_A_CASE} s a case, 1,000 cases "
              f"| {100 * (total - model) / model:.1f} % of {model:.0f} s | 5 % |")  # fmt: skip
        seconds, size, gathered = page_of(10_000, Path(folder))
        print(f"| page of 10,000 predictions | {gathered + seconds:.1f} s ({gathered:.1f} s of it "
              f"numbers), {size / 1e6:.2f} MB | 5 s, 3 MB |")  # fmt: skip
        saved, kept = baseline_of(10_000, Path(folder))
        print(f"| baseline of 10,000 predictions | {saved:.2f} s, {kept / 1e3:.0f} kB | - |")


def start_up(folder: Path) -> tuple[float, float]:
    """Return the median seconds of pytest without and with the plugin, taken in turn."""
    (folder / "test_it.py").write_text("def test_it(): pass\n")
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    plugin = ("-p", "pytest_slm_autopsy.plugin.hooks")
    times: dict[tuple[str, ...], list[float]] = {(): [], plugin: []}
    for _ in range(RUNS):
        for flags, taken in times.items():
            command = [sys.executable, "-m", "pytest", "-q", "test_it.py", *flags]
            start = time.perf_counter()
            subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)
            taken.append(time.perf_counter() - start)
    return statistics.median(times[()]), statistics.median(times[plugin])


def overhead(folder: Path) -> tuple[float, float]:
    """Return the seconds of a run of 1,000 cases with the page, and those of its model alone."""
    (folder / "test_suite.py").write_text(SUITE.format(seconds=SECONDS_A_CASE))
    command = [sys.executable, "-m", "pytest", "-q", "test_suite.py", "--slm-n=200"]
    start = time.perf_counter()
    subprocess.run([*command, "--slm-report=page.html"], cwd=folder, check=False,
                   capture_output=True)  # fmt: skip
    total = time.perf_counter() - start
    idle = (folder / "test_it.py", [sys.executable, "-m", "pytest", "-q", "test_it.py"])
    start = time.perf_counter()
    subprocess.run(idle[1], cwd=folder, check=False, capture_output=True)
    return total - (time.perf_counter() - start), 1_000 * SECONDS_A_CASE


def page_of(n: int, folder: Path) -> tuple[float, int, float]:
    """Return the seconds to write a page, its bytes, and the seconds of its numbers."""
    suite = draw_suite(INVOICE, n // 10, 5)
    names = [*suite][:10]
    rnd = random.Random(5)

    def write(case):
        wrong = case.condition != "canonical" and rnd.random() < 0.4
        truth = {name: None if wrong and rnd.random() < 0.3 else value
                 for name, value in case.truth.items()}  # fmt: skip
        return PromptFormat().expected(truth)

    model = ScriptedModel(write, name="some")
    asked = [one for name in names for one in predict(model, suite[name])]
    start = time.perf_counter()
    data = gather(asked, facts={"seed": "5"})
    gathered = time.perf_counter() - start
    start = time.perf_counter()
    write_report(data, folder / "page.html")
    return time.perf_counter() - start, (folder / "page.html").stat().st_size, gathered


def baseline_of(n: int, folder: Path) -> tuple[float, int]:
    """Return the seconds to keep a baseline, and its bytes."""
    suite = draw_suite(INVOICE, n // 10, 6)
    model = ScriptedModel(lambda case: PromptFormat().expected(case.truth), name="some")
    asked = [one for name in [*suite][:10] for one in predict(model, suite[name])]
    start = time.perf_counter()
    write_baseline(folder / "baseline.json", keep(asked))
    return time.perf_counter() - start, (folder / "baseline.json").stat().st_size


if __name__ == "__main__":
    main()
