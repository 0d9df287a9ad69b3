"""Main figures against the last release, as ratios in one run: ``python -m benchmarks.ratios``.

Both versions take turns on the same machine, and the best of each counts. A figure that takes 1.25
times as long as before fails the run. Without a release there is nothing to compare, and that is
said.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

TURNS: Final = 3
MOST: Final = 1.25


def measured() -> dict[str, float]:
    """Return the seconds of each figure, with the version that is imported here."""
    from pytest_slm_autopsy import INVOICE, PromptFormat, ScriptedModel, draw_suite, gather, predict
    from pytest_slm_autopsy.models import Answer
    from pytest_slm_autopsy.predictions import Store
    from pytest_slm_autopsy.report import write_report

    found: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        started = time.perf_counter()
        made = work()
        found[name] = time.perf_counter() - started
        return made

    suite = timed("draw 200 records under all conditions", lambda: draw_suite(INVOICE, 200, 1))
    model = ScriptedModel(lambda case: PromptFormat().expected(case.truth), confidence=0.99)
    cases = [case for name in suite for case in suite[name]]
    said = timed("predict", lambda: predict(model, cases))
    data = timed("gather", lambda: gather(said, facts={}))
    answers = {str(i): Answer(one.raw, one.logprobs, one.token_ends) for i, one in enumerate(said)}
    with tempfile.TemporaryDirectory() as folder:
        timed("write the page", lambda: write_report(data, Path(folder) / "page.html"))
        with Store(Path(folder) / "answers.sqlite") as store:
            timed("store write", lambda: store.put(answers))
            timed("store read", lambda: store.get(list(answers)))
    return found


def best(trees: Mapping[str, Path]) -> dict[str, dict[str, float]]:
    """Return the best seconds of each figure, by version; the versions take turns."""
    found: dict[str, dict[str, float]] = {name: {} for name in trees}
    for _ in range(TURNS):
        for name, tree in trees.items():
            environment = {**os.environ, "PYTHONPATH": str(tree)}
            command = [sys.executable, str(Path(__file__).resolve()), "--measure"]
            done = subprocess.run(command, env=environment, cwd=tree, capture_output=True,
                                  text=True, check=True)  # fmt: skip
            for figure, seconds in json.loads(done.stdout).items():
                found[name][figure] = min(seconds, found[name].get(figure, seconds))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--before", help="a commit or tag; the last release by default")
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(measured()))
        return 0
    here = Path(__file__).resolve().parents[1]
    before = chosen.before or _git("tag", "--list", "v*", "--sort=-v:refname").partition("\n")[0]
    if not before:
        print("there is no release yet, so there is nothing to compare with; name a commit: "
              "--before COMMIT")  # fmt: skip
        return 0
    with tempfile.TemporaryDirectory() as place:
        then = Path(place) / "then"
        _git("worktree", "add", "--detach", str(then), before)
        try:
            found = best({"then": then, "now": here})
        finally:
            _git("worktree", "remove", "--force", str(then))
    print(f"| figure | {before} | now | ratio |\n|:--|--:|--:|--:|")
    ratios = {name: found["now"][name] / was for name, was in found["then"].items()}
    for name, ratio in ratios.items():
        print(
            f"| {name} | {found['then'][name]:.3f} s | {found['now'][name]:.3f} s | {ratio:.2f} |"
        )
    return int(max(ratios.values()) > MOST)


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
