"""Train the tiny base on the general task: ``python -m reference_experiment.pretraining.train``.

A Qwen2 of under a million parameters learns to read keys from documents whose order, delimiters and
white space vary. Muon on the matrices, AdamW on the rest, loss on the answer only.
The run resumes from its last checkpoint; ``--export`` writes the base folder and its scores.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import torch
from transformers import Qwen2ForCausalLM, Qwen2Tokenizer

from reference_experiment.pretraining.general_task import Style, Task, draw_task
from reference_experiment.pretraining.model import Recipe, build_model, task_texts, train_tokenizer
from reference_experiment.pretraining.muon import Muon

HERE: Final = Path(__file__).parents[1]
CHECKPOINT_EVERY: Final = 248  # a multiple of eight: a resumed run begins with a whole pool
EVALUATIONS: Final = {
    "canonical": Style(),
    "order": Style(shuffled=True),
    "delimiters": Style(mixed_delimiters=True),
    "white space": Style(irregular_space=True),
    "missing keys": Style(missing=True),
    "all": Style(shuffled=True, mixed_delimiters=True, irregular_space=True, missing=True),
}


def encode(tokenizer: Qwen2Tokenizer, tasks: list[Task]) -> list[tuple[list[int], int]]:
    """Return the token ids of prompt and answer, and the place where the answer starts."""
    texts = [text for task in tasks for text in task_texts(task)]
    ids = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return [(ids[i] + ids[i + 1], len(ids[i])) for i in range(0, len(ids), 2)]


def collate(rows: list[tuple[list[int], int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return right-padded ids and labels; a causal model needs no mask for padding on the right."""
    width = -(-max(len(ids) for ids, _ in rows) // 64) * 64
    ids = torch.full((len(rows), width), pad)
    labels = torch.full((len(rows), width), -100)
    for i, (row, start) in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        labels[i, start - 1 : len(row) - 1] = torch.tensor(row[start:])
    return ids, labels


def batches(
    recipe: Recipe, tokenizer: Qwen2Tokenizer, first: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield the batches from step ``first`` on.

    Eight batches form a pool, which is seeded by its place and bucketed by length.
    """
    for pool in range(first // 8, recipe.steps // 8 + 1):
        rng = random.Random(f"pretrain {recipe.seed} {pool}")
        count = recipe.keys_at(pool * 8)
        tasks = [draw_task(rng, count) for _ in range(recipe.batch * 8)]
        rows = sorted(encode(tokenizer, tasks), key=lambda row: len(row[0]))
        order = rng.sample(range(8), 8)
        for place in order:
            yield collate(rows[place * recipe.batch :][: recipe.batch], tokenizer.pad_token_id)


def answer_loss(
    trunk: Any, model: Qwen2ForCausalLM, ids: torch.Tensor, labels: torch.Tensor, precision: str
) -> torch.Tensor:
    """Return the mean cross-entropy over the answer tokens only."""
    with torch.autocast("cpu", getattr(torch, precision), enabled=precision != "float32"):
        hidden = trunk(input_ids=ids, use_cache=False).last_hidden_state
        wanted = labels != -100
        logits = model.lm_head(hidden[wanted])
    return torch.nn.functional.cross_entropy(logits.float(), labels[wanted])


@torch.no_grad()
def exact_match(
    model: Qwen2ForCausalLM, tokenizer: Qwen2Tokenizer, tasks: list[Task], batch: int = 64
) -> float:
    """Return the share of tasks whose every answer token is the model's first choice.

    Where the teacher-forced first choices equal the answer throughout, so does greedy decoding.
    """
    rows = sorted(encode(tokenizer, tasks), key=lambda row: len(row[0]))
    right = 0
    for i in range(0, len(rows), batch):
        ids, labels = collate(rows[i : i + batch], tokenizer.pad_token_id)
        chosen = model(input_ids=ids, use_cache=False).logits.argmax(-1)
        right += int(((chosen == labels) | (labels == -100)).all(1).sum())
    return right / len(rows)


def scores(
    model: Qwen2ForCausalLM, tokenizer: Qwen2Tokenizer, cases: int, seed: str
) -> dict[str, float]:
    """Return exact match on held-out words, canonical and under each of the base's own shifts."""
    result = {}
    for name, style in EVALUATIONS.items():
        rng = random.Random(f"{seed} {name}")
        tasks = [draw_task(rng, range(3, 9), style, held_out=True) for _ in range(cases)]
        result[name] = exact_match(model, tokenizer, tasks)
    return result


def train(recipe: Recipe, folder: Path, *, compiled: bool) -> None:
    """Train to the last step, from the checkpoint in ``folder`` if there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_flush_denormal(True)  # sharp attention underflows, and a CPU crawls on denormals
    tokenizer = train_tokenizer(recipe)
    model = build_model(recipe, tokenizer)
    optimizers = build_optimizers(model, recipe)
    step = first = restore(folder, model, optimizers)
    torch._dynamo.config.recompile_limit = 32  # one graph a bucket width
    trunk = torch.compile(model.model, dynamic=False) if compiled else model.model
    started = time.monotonic()
    for ids, labels in batches(recipe, tokenizer, step):
        if step >= recipe.steps:
            break
        loss = answer_loss(trunk, model, ids, labels, recipe.precision)
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer, lr in zip(optimizers, (recipe.muon_lr, recipe.adam_lr), strict=True):
            optimizer.param_groups[0]["lr"] = lr * recipe.lr_factor(step)
            optimizer.step()
            optimizer.zero_grad()
        step += 1
        if step % 50 == 0:
            pace = (time.monotonic() - started) / (step - first)
            print(f"step {step} loss {loss.item():.4f} {pace:.3f} s/step", flush=True)
        if step % CHECKPOINT_EVERY == 0 or step == recipe.steps:
            save(folder, model, optimizers, step)
        if step % (2 * CHECKPOINT_EVERY) == 0:
            print(f"step {step} exact match {scores(model, tokenizer, 64, 'probe')}", flush=True)


def build_optimizers(model: Qwen2ForCausalLM, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Return Muon for the matrices, and AdamW for embeddings, norms and biases."""
    named = list(model.named_parameters())
    matrices = [p for name, p in named if p.ndim == 2 and "embed" not in name]
    rest = [p for name, p in named if p.ndim != 2 or "embed" in name]
    adam = torch.optim.AdamW(rest, recipe.adam_lr, betas=(0.9, 0.95), weight_decay=0.0)
    return [Muon(matrices, recipe.muon_lr, recipe.muon_decay), adam]


def save(folder: Path, model: Any, optimizers: list[torch.optim.Optimizer], step: int) -> None:
    """Write the checkpoint whole, or leave the last one."""
    state = {"model": model.state_dict(), "step": step}
    state["optimizers"] = [optimizer.state_dict() for optimizer in optimizers]
    part = folder / "checkpoint.part"
    torch.save(state, part)
    part.replace(folder / "checkpoint.pt")


def restore(folder: Path, model: Any, optimizers: list[torch.optim.Optimizer]) -> int:
    """Load the checkpoint, if there is one, and return the steps done."""
    path = folder / "checkpoint.pt"
    if not path.exists():
        return 0
    saved = torch.load(path, weights_only=True)
    model.load_state_dict(saved["model"])
    for optimizer, state in zip(optimizers, saved["optimizers"], strict=False):
        optimizer.load_state_dict(state)
    return int(saved["step"])


def export(recipe: Recipe, folder: Path, base: Path) -> None:
    """Write weights, tokenizer, template and scores of the trained base."""
    tokenizer = train_tokenizer(recipe)
    model = build_model(recipe, tokenizer)
    steps = restore(folder, model, [])
    model.save_pretrained(base)
    tokenizer.save_pretrained(base)
    facts = {
        "recipe": asdict(recipe),
        "steps": steps,
        "parameters": sum(p.numel() for p in model.parameters()),
        "exact_match": scores(model, tokenizer, 512, "final"),
    }
    (base / "pretraining.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(json.dumps(facts, indent=2))


def main() -> None:
    """Read the command line, train, and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=HERE / "runs" / "pretrain")
    parser.add_argument("--base", type=Path, default=HERE / "base")
    parser.add_argument(
        "--compile", action="store_true", help="a third faster; needs a C++ compiler"
    )
    parser.add_argument("--export", action="store_true", help="export the last checkpoint and stop")
    options = parser.parse_args()
    recipe = Recipe()
    if not options.export:
        train(recipe, options.folder, compiled=options.compile)
    export(recipe, options.folder, options.base)


if __name__ == "__main__":
    main()
