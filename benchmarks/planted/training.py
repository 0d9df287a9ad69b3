"""Short trainings of tiny adapters: a QLoRA step on the 4-bit values, held as plain matrices."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch.nn.functional import cross_entropy

from pytest_slm_autopsy import Case, ModelSpec
from pytest_slm_autopsy.models import load_base, load_tokenizer, manifest, weights_digest
from reference_experiment.config import HERE
from reference_experiment.training.examples import PROMPT, collate, encode
from reference_experiment.training.train import publish

BASE: Final = HERE / "base"
NAME: Final = "reference_experiment/base"
BATCH: Final = 32
RATE: Final = 2e-3
WARMUP: Final = 10
LONGEST: Final = 4096


def train(
    cases: Sequence[Case],
    folder: Path,
    *,
    seed: int,
    after: Path | None = None,
    on: Path = BASE,
) -> Path:
    """Train an adapter, a batch of 32 cases a step and each case once, and return its folder.

    The weights are those of the 4-bit base, unpacked: the same numbers, at twice the pace on a CPU.
    With ``after`` a trained adapter goes on learning, instead of a fresh one; ``on`` is the base.
    """
    spec = ModelSpec(base=str(on), device="cpu")
    tokenizer = load_tokenizer(spec)
    rows = [encode(tokenizer, case, LONGEST, [tokenizer.eos_token_id]) for case in cases]
    steps = len(rows) // BATCH
    torch.manual_seed(seed)
    base = load_base(spec).dequantize(dtype=torch.float32)
    if after is None:
        lora = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
        model: Any = get_peft_model(base, lora)
    else:
        model = PeftModel.from_pretrained(base, str(after), is_trainable=True)
    model.train()
    learnt = [weights for weights in model.parameters() if weights.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=RATE, weight_decay=0.0)
    pace = torch.optim.lr_scheduler.SequentialLR(
        optimizer,
        [
            torch.optim.lr_scheduler.LinearLR(optimizer, 1 / WARMUP, total_iters=WARMUP),
            torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(1, steps - WARMUP)),
        ],
        [WARMUP],
    )
    for step, batch in enumerate(_batches(rows), start=1):
        loss = _loss(model, collate(batch, tokenizer.pad_token_id))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learnt, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        pace.step()
        if step % 50 == 0 or step == steps:
            print(f"  {folder.name}: step {step} of {steps}, loss {loss.item():.4f}", flush=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    facts = {
        "prompt": asdict(PROMPT),
        "base": NAME,
        "base_weights": weights_digest(BASE),
        "quantization": "nf4",
        "seed": seed,
    }
    publish(model, manifest(tokenizer, PROMPT, list(cases[:3]), facts), folder)
    _name_base(folder)
    return folder


def _batches(rows: Sequence[dict[str, list[int]]]) -> Iterator[list[dict[str, list[int]]]]:
    for start in range(0, len(rows) - BATCH + 1, BATCH):
        yield list(rows[start : start + BATCH])


def _loss(model: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """Return the loss on the answers; logits are taken at their tokens only."""
    transformer = model.get_base_model()
    hidden = transformer.model(input_ids=batch["input_ids"]).last_hidden_state
    labels = batch["labels"][:, 1:]
    asked = labels != -100
    return cross_entropy(transformer.lm_head(hidden[:, :-1][asked]), labels[asked])


def _name_base(folder: Path) -> None:
    """Write the base's place relative to the project, so that a copy elsewhere says the same."""
    path = folder / "adapter_config.json"
    config = json.loads(path.read_text())
    config["base_model_name_or_path"] = NAME
    path.write_text(json.dumps(config, indent=2) + "\n")
