"""How long checks take: of files alone, and with a model of 1.5 billion parameters loaded.

    python -m benchmarks.bench_checks [--turns 5] [--large] [--quantization nf4]

``slm-autopsy check`` runs as a command, by turns with one bare import of torch. With ``--large``, a
base of the shape of Qwen2.5-1.5B with random weights and an adapter for it are made in a temporary
folder (3.1 GB), checked, and loaded, each in a process of its own whose peak memory is told.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

EXPERIMENT = Path(__file__).parents[1] / "reference_experiment"
SHAPE = {
    "vocab_size": 151_936,
    "hidden_size": 1_536,
    "intermediate_size": 8_960,
    "num_hidden_layers": 28,
    "num_attention_heads": 12,
    "num_key_value_heads": 2,
    "max_position_embeddings": 32_768,
    "tie_word_embeddings": True,
    "bos_token_id": None,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
CHECK = (sys.executable, "-m", "pytest_slm_autopsy.cli", "check")


def run(*command: str) -> tuple[float, float, float]:
    """Return seconds, those of a processor, and peak gigabytes of a command that must succeed."""
    before = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        # Waited for by hand: the system tells the peak memory of each child then.
        child = subprocess.Popen(command, stdout=said, stderr=said)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode()
    if child.returncode:
        sys.exit(f"{' '.join(command)} ends with {child.returncode}:\n{text}")
    busy = used.ru_utime + used.ru_stime
    return time.perf_counter() - before, busy, used.ru_maxrss / 1024**2


def small(turns: int) -> None:
    """Time the check of the committed adapter against bare imports, by turns."""
    pair = ("--base", str(EXPERIMENT / "base"))
    pair += ("--adapter", str(EXPERIMENT / "adapters" / "narrow"))
    commands = {
        "slm-autopsy check, plain": (*CHECK, *pair),
        "slm-autopsy check, given to transformers and peft": (*CHECK, *pair, "--trust-remote-code"),
        **{
            statement: (sys.executable, "-c", statement)
            for statement in ("from transformers import Qwen2Tokenizer", "import torch, peft")
        },
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    busies: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(turns + 1):
        for name, command in commands.items():
            seconds, busy, _ = run(*command)
            if turn:  # the first one warms the caches
                times[name].append(seconds)
                busies[name].append(busy)
    print(f"\n| what | seconds, median of {turns} | least to most | of a processor |")
    print("|---|---|---|---|")
    for name, found in times.items():
        middle, busy = statistics.median(found), statistics.median(busies[name])
        print(f"| {name} | {middle:.2f} | {min(found):.2f} to {max(found):.2f} | {busy:.2f} |")


def make(folder: Path) -> None:
    """Write a random base of the shape of Qwen2.5-1.5B and an adapter for it."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, Qwen2Config

    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    model = AutoModelForCausalLM.from_config(Qwen2Config(**SHAPE))
    model.save_pretrained(folder / "base")
    for path in (EXPERIMENT / "base").glob("*token*.json"):
        shutil.copy(path, folder / "base")
    shutil.copy(EXPERIMENT / "base" / "chat_template.jinja", folder / "base")
    config = LoraConfig(
        r=16, target_modules="all-linear", task_type="CAUSAL_LM", init_lora_weights=False
    )
    get_peft_model(model, config).save_pretrained(folder / "adapter")
    path = folder / "adapter" / "adapter_config.json"
    stated = json.loads(path.read_text()) | {"base_model_name_or_path": str(folder / "base")}
    path.write_text(json.dumps(stated))


def large(quantization: str) -> None:
    """Time and weigh the checks of a large model: of its files, and loaded."""
    with tempfile.TemporaryDirectory() as place:
        run(sys.executable, "-m", "benchmarks.bench_checks", "--make", place)
        pair = ("--base", f"{place}/base", "--adapter", f"{place}/adapter")
        pair += ("--quantization", quantization, "--device", "cpu")
        rows = {"files alone": (*CHECK, *pair), "loaded, and all checks": (*CHECK, *pair, "--load")}
        print(
            f"\n1.5B-shaped, {quantization}\n\n| what | seconds | peak memory, GB |\n|---|---|---|"
        )
        for name, command in rows.items():
            seconds, busy, peak = run(*command)
            print(f"| {name} | {seconds:.1f} | {busy:.1f} | {peak:.1f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="the model of 1.5 billion, too")
    parser.add_argument("--quantization", default="nf4")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.make:
        return make(chosen.make)
    packages = ("torch", "transformers", "peft", "bitsandbytes")
    print(", ".join(f"{name} {version(name)}" for name in packages), f"{os.cpu_count()} cores")
    small(chosen.turns)
    if chosen.large:
        large(chosen.quantization)
    return None


if __name__ == "__main__":
    main()
