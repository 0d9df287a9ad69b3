"""What real servers give of Gemma 3 270M: ``python -m benchmarks.bench_served --convert FILE``.

Each server answers few-shot invoices twice, and is compared with itself and with the loaded model.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from pytest_slm_autopsy import ModelSpec, Prediction, ServedModel, load_model, predict
from pytest_slm_autopsy.models import ServedSpec
from tests.models.served.far_and_near import differences
from tests.models.served.few_shots import few_shots
from tests.models.served.gemma import ALONE, SERVER, Gemma, unpacked
from tests.models.served.real_server import serving

LONGEST = 16
TRANSFORMERS = "import sys; from transformers.cli.transformers import main; sys.exit(main())"
FOUR = (*ALONE[2:], "--parallel", "4", "--no-kv-unified")


def commands(gemma: Gemma, exact: Gemma | None) -> dict[str, tuple[list[str], int]]:
    """Return for each way to serve the model its command, and the requests at once."""
    hugging = [sys.executable, "-c", TRANSFORMERS, "serve", str(gemma.base), "--device=cpu"]
    ways = {
        "`transformers serve`, float32": ([*hugging, "--dtype=float32"], 1),
        "`llama-server`, Q4_K_M": (gemma.command("--ctx-size", "1024", *ALONE), 1),
        "with its cache and checkpoints": (gemma.command("--ctx-size", "1024"), 1),
        "four at once": (gemma.command("--ctx-size", "4096", *FOUR), 4),
    }
    if exact is not None:
        plain = exact.command("--ctx-size", "1024", *ALONE)
        ways["float32 weights"] = (plain, 1)
        ways["and without flash attention"] = ([*plain, "--flash-attn", "off"], 1)
    return ways


def compare(said: Sequence[Sequence[Prediction]], near: Sequence[Prediction]) -> str:
    """Return a row: against the loaded model, and against the same server a second time."""
    first, second = said
    apart, again = differences(first, near), differences(first, second)
    cells = [_same(first, near)]
    if apart:
        cells += [f"{statistics.median(apart):.4f}", f"{statistics.quantiles(apart, n=20)[-1]:.3f}"]
        cells += [f"{max(apart):.3f}", str(len(apart))]
    else:
        cells += ["none given", "", "", ""]
    return " | ".join([*cells, _same(first, second), f"{max(again):.3f}" if again else ""])


def _same(some: Sequence[Prediction], others: Sequence[Prediction]) -> str:
    same = sum(one.raw == other.raw for one, other in zip(some, others, strict=True))
    return f"{same} of {len(some)}"


def converted(gemma: Gemma, script: Path) -> Gemma:
    """Return the model with a GGUF file of the unpacked weights, as numbers of 32 bits."""
    made = gemma.gguf.with_name("exact.gguf")
    if not made.is_file():
        command = [sys.executable, str(script), str(gemma.base), "--outtype", "f32"]
        subprocess.run([*command, "--outfile", str(made)], check=True, capture_output=True)
    return replace(gemma, gguf=made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("build/gemma"))
    parser.add_argument("--convert", type=Path, help="llama.cpp's convert_hf_to_gguf.py")
    parser.add_argument("--cases", type=int, default=12)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    gemma = unpacked(chosen.folder.resolve())
    exact = converted(gemma, chosen.convert) if chosen.convert else None
    cases = few_shots(chosen.cases)
    spec = ModelSpec(str(gemma.base), quantization="none", device="cpu", max_new_tokens=LONGEST)
    near = predict(load_model(spec), cases)
    told = subprocess.run([SERVER, "--version"], capture_output=True, text=True, check=True)
    built = (told.stderr + told.stdout).split()[1]
    print(f"transformers {version('transformers')}, llama.cpp {built}, {len(cases)} cases\n")
    print("| server | answers as loaded | median | 95% | largest | tokens | again | largest |")
    print("|---|---|---|---|---|---|---|---|")
    for name, (command, at_once) in commands(gemma, exact).items():
        with (
            tempfile.TemporaryDirectory() as place,
            serving(command, Path(place, "log"), HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1") as url,
        ):
            asked = str(gemma.base) if "transformers" in name else "gemma"
            settings = ServedSpec(max_new_tokens=LONGEST, concurrency=at_once)
            said = [predict(ServedModel(url, asked, spec=settings), cases) for _ in range(2)]
        print(f"| {name} | {compare(said, near)} |", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
