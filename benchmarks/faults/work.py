"""What is disturbed: each piece of work goes on from what it finds in its folder.

Each returns, as plain data, what a user would look at: the verdicts, the page, the weights.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy import INVOICE, PromptFormat, ScriptedModel, Suite, draw_suite, gather
from pytest_slm_autopsy import predict as asked
from pytest_slm_autopsy.models import Answer
from pytest_slm_autopsy.predictions import Store, keep, read_baseline, write_baseline
from pytest_slm_autopsy.records import Case, Prediction
from pytest_slm_autopsy.report import write_report
from pytest_slm_autopsy.suite.limits import Limits
from pytest_slm_autopsy.sweep import local
from pytest_slm_autopsy.sweep.grid import Asked, Sweep
from pytest_slm_autopsy.sweep.judging import judge_suite
from pytest_slm_autopsy.sweep.run import swept
from pytest_slm_autopsy.sweep.subjects import Subject
from pytest_slm_autopsy.whole_files import write_whole

Work = Callable[[Path], Any]
CONDITIONS: Final = ("order", "missing", "production")
PAGES: Final = ("page.html", "page.json")
PAUSE: Final = 0.01
"""Seconds that the scripted model takes for a batch, so that a kill finds it at work."""


class Brittle(ScriptedModel):
    """Wrong under ``order``; its answers may be kept."""

    def __init__(self) -> None:
        super().__init__(self._write, name="brittle")

    @staticmethod
    def _write(case: Case) -> str:
        truth = dict.fromkeys(case.truth) if case.condition == "order" else case.truth
        return PromptFormat().expected(truth)

    def question_keys(self, cases: list[Case]) -> list[str]:
        """Return a digest of each question."""
        return [sha256(f"{case.condition}\n{case.text}".encode()).hexdigest() for case in cases]

    def answer(self, cases: list[Case]) -> list[Answer]:
        """Answer after a pause."""
        time.sleep(PAUSE)
        return super().answer(cases)


def brittle() -> Brittle:
    """Return the model, for a sweep."""
    return Brittle()


@cache
def suite() -> Suite:
    """Return the cases of all work."""
    return draw_suite(INVOICE, 200, 7)


@cache
def predictions() -> tuple[Prediction, ...]:
    """Return answers to all cases, for work that only writes."""
    model = ScriptedModel(Brittle._write, name="brittle")
    return tuple(asked(model, _cases()))


def _cases() -> list[Case]:
    return [case for name in ("canonical", *CONDITIONS) for case in suite()[name]]


def prediction(folder: Path) -> Any:
    """Ask all cases with a store, and judge the answers."""
    with Store(folder / "answers.sqlite") as store:
        found = asked(Brittle(), _cases(), store=store)
    return judge_suite("brittle", "suite", found, Limits()).to_dict()


def store(folder: Path) -> Any:
    """Keep a hundred batches of answers; return how many of each batch are there before, and all.

    A batch that is there in part would be a fault.
    """
    batches = [
        {f"{batch}/{one}": Answer(f"{batch} {one} " * 200) for one in range(32)}
        for batch in range(100)
    ]
    with Store(folder / "answers.sqlite") as kept:
        torn = sum(len(kept.peek(list(batch))) not in (0, 32) for batch in batches)
        for batch in batches:
            if not kept.peek(list(batch)):
                kept.put(batch)
        whole = [kept.peek(list(batch)) == batch for batch in batches]
        return {"torn": torn, "whole": sum(whole), "problem": kept.problem}


def report(folder: Path) -> Any:
    """Write page and JSON; return a hash of each."""
    data = gather(predictions(), facts={})
    write_report(data, folder / "page.html")
    write_whole(folder / "page.json", data.to_json(), "the report")
    return {name: sha256((folder / name).read_bytes()).hexdigest() for name in PAGES}


def baseline(folder: Path) -> Any:
    """Read the baseline, if there is one, and save it anew, twenty times; return its outcomes."""
    path = folder / "slm-baseline.json"
    for _ in range(20):
        before = read_baseline(path) if path.exists() else None
        write_baseline(path, keep(predictions(), before=before))
    document = json.loads(path.read_text())
    return {model: one["conditions"] for model, one in document["latest"].items()}


def sweep(folder: Path) -> Any:
    """Sweep two models over a suite; return the verdicts, and how many answers are there."""
    where = f"{Path(__file__).resolve()}:brittle"
    subjects = tuple(Subject(name, make=where) for name in ("first", "second"))
    whole = Sweep(subjects, (Asked("s", "invoice", n=200, conditions=CONDITIONS),), folder,
                  batch=32)  # fmt: skip
    return [one.to_dict() for one in swept(whole, local.answered)]


def training(folder: Path) -> Any:
    """Train eight steps with a checkpoint every second; return the adapter's sums, to a digit."""
    from safetensors.torch import load_file

    from pytest_slm_autopsy.cases import write_cases
    from reference_experiment.config import HERE, AdapterPlan, read_config
    from reference_experiment.data import training_cases
    from reference_experiment.training.train import train_adapter

    config = read_config(HERE / "configs" / "tiny.yaml")
    plan = AdapterPlan(steps=8, layouts="one")
    training = replace(config.training, batch_size=4, checkpoint_every=2, warmup_steps=1)
    small = replace(config, adapters={"narrow": plan}, training=training, root=folder)
    documents = folder / "narrow.jsonl"
    write_cases(documents, training_cases(small, plan))
    weights = load_file(train_adapter(small, "narrow", documents) / "adapter_model.safetensors")
    return {name: round(float(one.double().abs().sum()), 2) for name, one in weights.items()}


WORK: Mapping[str, Work] = {
    "prediction": prediction,
    "store write": store,
    "report write": report,
    "baseline write": baseline,
    "sweep": sweep,
    "training": training,
}


def once(work: Work, folder: Path) -> str:
    """Do a piece of work, and return what it found as JSON."""
    return json.dumps(work(folder), sort_keys=True, default=str)


def warm(name: str) -> Callable[[Path], str]:
    """Import and draw what a piece of work needs, so that a copy of this process begins at once."""
    if name == "training":
        import reference_experiment.training.train as _  # noqa: F401
    else:
        predictions()
    return partial(once, WORK[name])
