"""A sweep from its file to its report: what is there is not asked again."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pytest_slm_autopsy.errors import ConfigError, MissingExtraError
from pytest_slm_autopsy.predictions.baseline import Baseline, keep
from pytest_slm_autopsy.records import Prediction
from pytest_slm_autopsy.sweep import local
from pytest_slm_autopsy.sweep.grid import Sweep
from pytest_slm_autopsy.sweep.judging import Judged, against, judge_suite
from pytest_slm_autopsy.sweep.questions import Batch, Place, Questions, by_cell
from pytest_slm_autopsy.sweep.results import Results
from pytest_slm_autopsy.sweep.telling import page, table
from pytest_slm_autopsy.whole_files import write_whole

if TYPE_CHECKING:
    from pytest_slm_autopsy.sweep.local import Answered

VERSION: Final = 1
ANSWERS: Final = "answers"

Engine = Callable[[Iterable[Batch]], Iterator["Answered"]]
"""What answers batches: this process, or Ray."""


@dataclass
class Progress:
    """Progress on one line of standard error, where that is a terminal; else a line now and then.

    ``total`` counts batches, ``before`` those of earlier runs, ``new`` those of this one.
    """

    total: int
    before: int
    new: int = 0
    began: float = field(default_factory=time.monotonic)

    def step(self, place: Place) -> None:
        """Count one batch, and say so."""
        self.new += 1
        done = self.before + self.new
        left = (time.monotonic() - self.began) / self.new * (self.total - done)
        told = f"  {done:,}/{self.total:,} batches, {left / 60:.0f} min left: {place.model}"
        if sys.stderr.isatty():
            end = "\n" if done == self.total else ""
            print(f"\r{told[:79]:<79}", end=end, file=sys.stderr, flush=True)
        elif done == self.total or done % max(1, self.total // 10) == 0:
            print(told[:79], file=sys.stderr, flush=True)


def swept(sweep: Sweep, engine: Engine) -> list[Judged]:
    """Ask what was not asked yet, and return each model on each suite, judged.

    Answers, table, page and verdicts are written below the sweep's folder.

    Raises:
        ConfigError: the folder cannot be written.
    """
    questions = Questions(sweep)
    results = Results(sweep.output / ANSWERS)
    results.tidy(questions.places)
    done = results.done(questions.places)
    problems = dict[str, str]()
    progress = Progress(len(questions.places), len(done))
    if done:
        print(
            f"  {len(done):,} of {progress.total:,} batches were answered before", file=sys.stderr
        )
    for one in engine(questions.batches(done)) if len(done) < progress.total else ():
        if one.problem:
            problems[one.place.model] = one.problem
        else:
            results.keep(one.place, one.file)
        progress.step(one.place)
    found = list(_judged(sweep, questions, results, problems))
    _write(sweep.output, found)
    return found


def engine_of(sweep: Sweep, where: str, address: str | None) -> Engine:
    """Return what answers: ``ray``, ``local``, or ``auto``, which is Ray where it is installed.

    Raises:
        MissingExtraError: Ray is asked for, and not installed.
        ConfigError: an address is given, and the sweep is to be local.
    """
    if where == "local":
        if address:
            raise ConfigError("--address names a cluster, and --local asks for none; give one")
        return local.answered
    try:
        from pytest_slm_autopsy.sweep import ray
    except MissingExtraError:
        if where == "ray" or address or sweep.workers.count > 1:
            raise
        return local.answered
    return lambda batches: ray.answered(batches, sweep.workers, address)


def _judged(
    sweep: Sweep, questions: Questions, results: Results, problems: dict[str, str]
) -> Iterator[Judged]:
    """Judge model by model, so that the answers of one alone are in memory."""
    before: dict[tuple[str, str], Baseline] = {}
    cells = by_cell(questions.places)
    for subject, name, suite, seeds in sweep.rows:
        places = [one for seed in seeds for one in cells[subject.name, suite.name, seed]]
        if problem := problems.get(subject.name):
            yield Judged(subject.name, name, problem=problem)
            continue
        answers = list(results.outlines(places))
        found = judge_suite(subject.name, name, answers, sweep.limits)
        key = subject.group, name
        if subject.group and key in before:
            found = against(found, answers, before[key], sweep.margin)
        before[key] = keep(answers)
        yield replace(found, failed=results.failed(places))


def _write(folder: Path, found: Sequence[Judged]) -> None:
    document = {"version": VERSION, "judged": [one.to_dict() for one in found]}
    write_whole(folder / "sweep.json", json.dumps(document, indent=1) + "\n", "the verdicts")
    write_whole(folder / "sweep.txt", "\n".join(table(found)) + "\n", "the table")
    write_whole(folder / "sweep.html", page(found), "the page")


def predictions(sweep: Sweep) -> Iterator[Prediction]:
    """Yield all answers of a finished sweep, in the order of its cells.

    Raises:
        ConfigError: the sweep has not ended.
    """
    questions = Questions(sweep)
    yield from Results(sweep.output / ANSWERS).read(questions.places)
