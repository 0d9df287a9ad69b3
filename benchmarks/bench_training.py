"""What a step of training costs, as ratios: ``python -m benchmarks.bench_training [CONFIG ...]``.

Each step is forward and backward over one batch of the configuration, in turn: the base packed in 4
bits with the logits of all tokens; unpacked; unpacked with the logits of the answer alone.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median
from typing import Any

from pytest_slm_autopsy.models import load_base, load_tokenizer
from reference_experiment.bases import make_ready
from reference_experiment.config import HERE, Config, read_config
from reference_experiment.data import training_cases
from reference_experiment.training.answer_loss import HIDDEN, answer_loss, answers_only
from reference_experiment.training.examples import collate, encode, turn_end
from reference_experiment.training.train import unpacked, with_lora

STEPS = 3


def main() -> None:
    """Time the configurations that the command line names, or tiny."""
    for name in sys.argv[1:] or ["tiny"]:
        config = read_config(HERE / "configs" / f"{name}.yaml")
        make_ready(config.base.source, config.base.name, config.base_place)
        print(f"{name}, batch of {config.training.batch_size}, median of {STEPS} steps")
        first = None
        for what, make in WAYS.items():
            seconds = median(timed(make(config), batch_of(config), answer=what.endswith("alone")))
            first = first or seconds
            print(f"  {what:<36} {seconds:7.2f} s a step, {first / seconds:4.1f} times as fast")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"peak memory of all: {peak:.1f} GB")


def batch_of(config: Config) -> Any:
    """Return one batch of the narrow adapter's documents."""
    tokenizer, base = load_tokenizer(config.spec()), load_base(config.spec())
    end = turn_end(tokenizer, base.generation_config.eos_token_id)
    cases = training_cases(config, replace(config.adapters["narrow"], steps=1))
    rows = [encode(tokenizer, case, config.training.max_tokens, end) for case in cases]
    return collate(rows, tokenizer.pad_token_id)


def packed(config: Config) -> Any:
    """Return the 4-bit base with fresh LoRA matrices."""
    return with_lora(load_base(config.spec()), config)


def plain(config: Config) -> Any:
    """Return the base as it is trained on a CPU."""
    return with_lora(unpacked(load_base(config.spec())), config)


def timed(model: Any, batch: Any, *, answer: bool) -> list[float]:
    """Return the seconds of each step; the first, which warms up, is left out."""
    model.train()
    return [_step(model, batch, answer=answer) for _ in range(STEPS + 1)][1:]


def _step(model: Any, batch: Any, *, answer: bool) -> float:
    started = time.perf_counter()
    if answer:
        with answers_only(model, batch["labels"]):
            outputs = model(input_ids=batch["input_ids"])
        n = (batch["labels"][:, 1:] != HIDDEN).sum()
        loss = answer_loss(outputs, batch["labels"], num_items_in_batch=n)
    else:
        loss = model(**batch).loss
    loss.backward()
    model.zero_grad()
    return time.perf_counter() - started


WAYS: dict[str, Callable[[Config], Any]] = {
    "packed, logits of all tokens": packed,
    "unpacked, logits of all tokens": plain,
    "unpacked, logits of the answer alone": plain,
}

if __name__ == "__main__":
    main()
