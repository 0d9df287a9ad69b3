"""A sweep that is killed: ``python -m benchmarks.bench_sweep`` asks four models 20,000 cases each.

On a Ray of two workers. First undisturbed; then it is killed twice (SIGKILL), after a random number
of batches, and begun again. Verdicts must be the same, and every answer there once.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from pytest_slm_autopsy.sweep.grid import read_sweep
from pytest_slm_autopsy.sweep.run import predictions

MODELS = '''
"""Four versions of a model that reads by rules; each reads another axis wrong."""
from pytest_slm_autopsy import PromptFormat, ScriptedModel

WRITE = PromptFormat().expected


def version(deadly):
    def write(case):
        return WRITE(dict.fromkeys(case.truth) if case.condition == deadly else case.truth)

    return lambda: ScriptedModel(write, name="rules")


v1, v2, v3, v4 = map(version, ("", "order", "missing", "production"))
'''
SWEEP = """
batch = 256
output = "{output}"
[models.rules.make]
v1 = "models.py:v1"
v2 = "models.py:v2"
v3 = "models.py:v3"
v4 = "models.py:v4"
[suites.invoices]
schema = "invoice"
n = {n}
conditions = ["order", "missing", "production"]
[workers]
count = 2
cpus = 0.5
"""


def command(file: Path) -> list[str]:
    """Return the command of a sweep."""
    return [sys.executable, "-m", "pytest_slm_autopsy.cli", "sweep", str(file)]


def whole(file: Path) -> float:
    """Sweep to the end, and return its seconds."""
    started = time.perf_counter()
    done = subprocess.run(command(file), capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return time.perf_counter() - started


def there(answers: Path) -> int:
    """Return how many batches are answered."""
    return len(list(answers.rglob("*.parquet")))


def killed(file: Path, answers: Path, batches: int) -> bool:
    """Sweep, and kill it as soon as so many batches are answered; tell whether it met it."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command(file), stdout=quiet, stderr=quiet) as one:
        while one.poll() is None:
            if there(answers) >= batches:
                one.send_signal(signal.SIGKILL)
                return True
            time.sleep(0.01)
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=20_000, help="of each model")
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    draw = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "models.py").write_text(MODELS)
        files = {name: folder / f"{name}.toml" for name in ("calm", "killed")}
        for name, file in files.items():
            file.write_text(SWEEP.format(output=name, n=chosen.cases // 4))
        calm = whole(files["calm"])
        print(f"undisturbed: {4 * chosen.cases:,} answers in {calm:.0f} s", flush=True)
        answers = folder / "killed" / "answers"
        total = there(folder / "calm" / "answers")
        for batches in sorted(draw.sample(range(1, total), chosen.kills)):
            met = killed(files["killed"], answers, batches)
            print(f"killed: {met}, with {there(answers):,} of {total:,} batches there", flush=True)
        print(f"begun again: {whole(files['killed']):.0f} s")
        told = [json.loads((folder / name / "sweep.json").read_text()) for name in files]
        print(f"verdicts are the same: {told[0] == told[1]}")
        times = Counter(
            (one.model, one.case.id) for one in predictions(read_sweep(files["killed"]))
        )
        print(f"answers: {len(times):,}, at most {max(times.values())} a case and model")


if __name__ == "__main__":
    main()
