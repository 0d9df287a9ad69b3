"""Train a LoRA adapter on one layout: ``python train.py BASE ADAPTER [STEPS]``.

Any trainer will do. Two things matter to the gate: the prompt is made by the same code as later,
and a record of it, the manifest, is left beside the adapter.
"""

import json
import random
import sys
from pathlib import Path

import torch
from parcels import PARCEL, PROMPT
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from pytest_slm_autopsy import ModelSpec, draw_suite
from pytest_slm_autopsy.models import (
    adapter_settings,
    load_tokenizer,
    manifest,
    render,
    weights_digest,
)

SEED, BATCH = 7, 16


def encoded(tokenizer, case):
    """The tokens of prompt and answer; the loss looks at the answer alone."""
    prompt = render(tokenizer, PROMPT.messages(case))
    asked = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    answer = tokenizer(PROMPT.expected(case.truth), add_special_tokens=False)["input_ids"]
    answer = [*answer, tokenizer.eos_token_id]
    return asked + answer, [-100] * len(asked) + answer


def batch(rows, pad):
    """Rows of one length, filled up on the right, where a causal model does not look."""
    longest = max(len(ids) for ids, _ in rows)
    ids = [ids + [pad] * (longest - len(ids)) for ids, _ in rows]
    labels = [kept + [-100] * (longest - len(kept)) for _, kept in rows]
    return {"input_ids": torch.tensor(ids), "labels": torch.tensor(labels)}


def main(base, adapter, steps=60):
    torch.manual_seed(SEED)
    tokenizer = load_tokenizer(ModelSpec(base))
    cases = draw_suite(PARCEL, BATCH * steps, SEED, {"canonical": {}}).reference
    rows = [encoded(tokenizer, case) for case in cases]
    random.Random(SEED).shuffle(rows)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear"))
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    for step in range(steps):
        some = rows[BATCH * step : BATCH * (step + 1)]
        loss = model(**batch(some, tokenizer.pad_token_id or 0)).loss
        loss.backward()
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 20 == 19:
            print(f"step {step + 1}: loss {loss.item():.3f}", flush=True)
    folder = Path(adapter)
    model.save_pretrained(folder)
    facts = {"base_weights": weights_digest(Path(base)), "adapter_config": adapter_settings(folder)}
    golden = manifest(tokenizer, PROMPT, cases[:3], facts)
    (folder / "prompt_manifest.json").write_text(json.dumps(golden))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
