"""Growth with the number of cases: ``python -m benchmarks.bench_scale`` prints the tables.

Each size runs in a process of its own, whose peak memory is told. A sweep asks in batches and
judges model by model; report, store and baseline are written from all predictions at once.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

SIZES: Final = (1_000, 10_000, 100_000)
CONDITIONS: Final = ("order", "missing", "production")
EACH: Final = 1 + len(CONDITIONS)


def scripted() -> Any:
    """Return a model that takes no time, for a sweep."""
    from pytest_slm_autopsy import PromptFormat, ScriptedModel

    def write(case: Any) -> str:
        truth = dict.fromkeys(case.truth) if case.condition == "order" else case.truth
        return PromptFormat().expected(truth)

    return ScriptedModel(write, name="scripted", confidence=0.99)


def sweep_of(cases: int, folder: Path, *, tiny: bool = False) -> Any:
    """Return a sweep of one model over so many cases."""
    from pytest_slm_autopsy.sweep.grid import Asked, Sweep
    from pytest_slm_autopsy.sweep.subjects import Subject

    if tiny:
        from reference_experiment.config import HERE

        adapter = str(HERE / "adapters" / "hardened")
        form = {"device": "cpu", "max_new_tokens": 160}
        subject = Subject("tiny", "tiny", str(HERE / "base"), adapter, form)
        schema = "reference_experiment.data:SCHEMA"
    else:
        subject, schema = (
            Subject("scripted", make=f"{Path(__file__).resolve()}:scripted"),
            "invoice",
        )
    suite = Asked("s", schema, n=cases // EACH, conditions=CONDITIONS)
    return Sweep((subject,), (suite,), folder)


def swept(cases: int, folder: Path, *, workers: int = 0, tiny: bool = False) -> dict[str, float]:
    """Sweep one model over so many cases; ``workers`` of Ray, or in this process with 0."""
    from pytest_slm_autopsy.sweep import local
    from pytest_slm_autopsy.sweep.grid import Workers
    from pytest_slm_autopsy.sweep.run import swept as run

    sweep = sweep_of(cases, folder, tiny=tiny)
    engine: Callable[..., Any] = local.answered
    if workers:
        from pytest_slm_autopsy.sweep import ray

        engine = partial(ray.answered, workers=Workers(workers, cpus=0.5))
    started = time.perf_counter()
    run(sweep, engine)
    return {"seconds": time.perf_counter() - started}


def begun(cases: int, folder: Path) -> dict[str, float]:
    """Do what the process that began a sweep does alone, whoever asks: name, write and judge."""
    from pytest_slm_autopsy.predictions import keep
    from pytest_slm_autopsy.sweep import local
    from pytest_slm_autopsy.sweep.asking import Asker
    from pytest_slm_autopsy.sweep.judging import judge_suite
    from pytest_slm_autopsy.sweep.questions import Questions
    from pytest_slm_autopsy.sweep.results import Results

    sweep, found = sweep_of(cases, folder), {}
    started = time.perf_counter()
    questions, results = Questions(sweep), Results(folder)
    found["name the cases"] = time.perf_counter() - started
    asker, found["write answers"] = Asker(), 0.0
    for batch in questions.batches(()):
        one = local.answered_by(asker, batch)
        started = time.perf_counter()
        results.keep(one.place, one.file)
        found["write answers"] += time.perf_counter() - started
    started = time.perf_counter()
    outlines = list(results.outlines(questions.places))
    judge_suite("scripted", "s", outlines, sweep.limits)
    keep(outlines)
    found["judge"] = time.perf_counter() - started
    found["MB of answers"] = sum(one.stat().st_size for one in folder.rglob("*.parquet")) / 1e6
    return found


def written(cases: int, folder: Path) -> dict[str, float]:
    """Write report, store and baseline of so many predictions."""
    from pytest_slm_autopsy import INVOICE, draw_suite, gather, predict
    from pytest_slm_autopsy.models import Answer
    from pytest_slm_autopsy.predictions import Store, keep, read_baseline, write_baseline
    from pytest_slm_autopsy.report import write_report

    names = {"canonical": {}, "order": {"order": 1.0}, "missing": {"missing": 1.0}}
    suite = draw_suite(INVOICE, cases // 3, 1, names)
    said = predict(scripted(), [case for name in suite for case in suite[name]])
    answers = {f"{i:064}": Answer(one.raw, one.logprobs, one.token_ends)
               for i, one in enumerate(said)}  # fmt: skip
    found: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        made = work()
        found[name] = time.perf_counter() - started
        return made

    page, kept = folder / "page.html", folder / "baseline.json"
    data = timed("gather", lambda: gather(said, facts={}))
    timed("page", lambda: write_report(data, page))
    found["page MB"] = page.stat().st_size / 1e6
    timed("baseline write", lambda: write_baseline(kept, keep(said)))
    timed("baseline read", lambda: read_baseline(kept))
    found["baseline MB"] = kept.stat().st_size / 1e6
    with Store(folder / "a.sqlite") as store:
        timed("store write", lambda: store.put(answers))
    with Store(folder / "a.sqlite") as store:
        few = list(answers)[:10_000]
        timed("store read of 10,000", lambda: store.get(few))
    return found


def alone(what: str, cases: int, **how: Any) -> dict[str, float]:
    """Run one measurement in a process of its own, and return its numbers and its peak memory."""
    command = [sys.executable, "-m", "benchmarks.bench_scale", "--alone",
               json.dumps([what, cases, how])]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _alone(what: str, cases: int, how: Mapping[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = {"swept": swept, "begun": begun, "written": written}[what]
        found = work(cases, Path(folder), **how)
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps(found | {"MB": kilobytes / 1e3}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--tiny-sizes", type=int, nargs="*", default=[200, 2_000])
    chosen = parser.parse_args()
    if chosen.alone:
        what, cases, how = json.loads(chosen.alone)
        _alone(what, cases, how)
        return
    print("| sweep | workers | cases | seconds | cases/s | peak MB |\n|:--|--:|--:|--:|--:|--:|")
    for tiny, sizes in ((False, chosen.sizes), (True, chosen.tiny_sizes)):
        for workers in (0, 1, 2):
            for cases in sizes:
                found = alone("swept", cases, workers=workers, tiny=tiny)
                name, who = ("tiny" if tiny else "scripted"), (workers or "in process")
                speed = f"{found['seconds']:.1f} | {cases / found['seconds']:,.0f}"
                print(f"| {name} | {who} | {cases:,} | {speed} | {found['MB']:.0f} |", flush=True)
    for what in ("begun", "written"):
        rows = {cases: alone(what, cases) for cases in chosen.sizes}
        print("\n| what |", " | ".join(f"{n:,}" for n in rows), "|\n|:--|" + "--:|" * len(rows))
        for name in next(iter(rows.values())):
            print(f"| {name} |", " | ".join(f"{row[name]:.2f}" for row in rows.values()), "|")


if __name__ == "__main__":
    main()
