"""Train the tiny base on the general task: ``python -m reference_experiment.pretrain``.

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
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

from reference_experiment.general_task import Style, Task, draw_task

HERE: Final = Path(__file__).parent
SPECIAL_TOKENS: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CHAT_TEMPLATE: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# The first letter of a word stands alone, so that "Vendor" and "vendor" share their tail;
# digits stand alone, so that numbers are copied digit by digit.
WORD_PATTERN: Final = r"\p{N}|(?<!\p{L})\p{L}|\p{L}+|\s+|[^\s\p{L}\p{N}]+"
EVALUATIONS: Final = {
    "canonical": Style(),
    "order": Style(shuffled=True),
    "delimiters": Style(mixed_delimiters=True),
    "white space": Style(irregular_space=True),
    "missing keys": Style(missing=True),
    "all": Style(shuffled=True, mixed_delimiters=True, irregular_space=True, missing=True),
}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the weights; stages are (last step, least keys, most keys)."""

    seed: int = 42
    steps: int = 10_000
    decay_from: int = 6_000
    batch: int = 32
    stages: tuple[tuple[int, int, int], ...] = ((600, 2, 3), (1_400, 2, 5), (100_000, 3, 9))
    vocabulary: int = 768
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    intermediate: int = 384
    muon_lr: float = 0.02
    adam_lr: float = 3e-3
    precision: str = "bfloat16"

    def keys_at(self, step: int) -> range:
        """How many keys a document has at this step of the curriculum."""
        low, high = next((low, high) for last, low, high in self.stages if step < last)
        return range(low, high + 1)

    def lr_factor(self, step: int) -> float:
        """Warm up over 100 steps, hold, then fall linearly to a fiftieth."""
        decay = (self.steps - step) / max(1, self.steps - self.decay_from)
        return min(1.0, (step + 1) / 100, max(0.02, decay))


class Muon(torch.optim.Optimizer):
    """Momentum orthogonalised by Newton-Schulz in float32 (Jordan et al., 2024)."""

    def __init__(self, parameters: list[torch.nn.Parameter], lr: float) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": 0.95})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Move every matrix by its orthogonalised, Nesterov-averaged gradient."""
        for group in self.param_groups:
            for matrix in group["params"]:
                state = self.state[matrix]
                buffer = state.setdefault("buffer", torch.zeros_like(matrix))
                buffer.lerp_(matrix.grad, 1 - group["momentum"])
                update = orthogonal(matrix.grad.lerp(buffer, group["momentum"]))
                scale = max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
                matrix.add_(update, alpha=-group["lr"] * scale)


def orthogonal(gradient: torch.Tensor) -> torch.Tensor:
    """The nearest matrix with singular values near one, by five Newton-Schulz steps."""
    matrix = gradient.T if gradient.shape[0] > gradient.shape[1] else gradient
    matrix = matrix / (matrix.norm() + 1e-7)
    for _ in range(5):
        square = matrix @ matrix.T
        matrix = 3.4445 * matrix + (-4.7750 * square + 2.0315 * square @ square) @ matrix
    return matrix.T if gradient.shape[0] > gradient.shape[1] else matrix


def train_tokenizer(recipe: Recipe) -> PreTrainedTokenizerFast:
    """Byte-level BPE over documents of the general task, with Qwen's special tokens."""
    rng = random.Random(f"tokenizer {recipe.seed}")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(  # type: ignore[assignment]
        [
            pre_tokenizers.Split(Regex(WORD_PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()  # type: ignore[assignment]
    trainer = trainers.BpeTrainer(
        vocab_size=recipe.vocabulary,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = ("".join(task_texts(draw_task(rng, range(3, 10)))) for _ in range(8_000))
    tokenizer.train_from_iterator(texts, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    fast.chat_template = CHAT_TEMPLATE
    return fast


def task_messages(document: str, keys: tuple[str, ...]) -> list[dict[str, str]]:
    """The chat that asks for ``keys``; they come first, so that the prefix is constant."""
    return [
        {"role": "system", "content": "Extract the fields as JSON."},
        {"role": "user", "content": f"Fields: {', '.join(keys)}\n\n{document}"},
    ]


def task_texts(task: Task) -> tuple[str, str]:
    """Prompt and answer as plain text, as the chat template renders them."""
    chat = "".join(
        f"<|im_start|>{message['role']}\n{message['content']}<|im_end|>\n"
        for message in task_messages(task.document, task.keys)
    )
    answer = json.dumps(task.answer, ensure_ascii=False, separators=(",", ":"))
    return f"{chat}<|im_start|>assistant\n", f"{answer}<|im_end|>"


def build_model(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> Qwen2ForCausalLM:
    """A fresh Qwen2 with tied embeddings."""
    torch.manual_seed(recipe.seed)
    return Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=len(tokenizer),
            hidden_size=recipe.hidden,
            intermediate_size=recipe.intermediate,
            num_hidden_layers=recipe.layers,
            num_attention_heads=recipe.heads,
            num_key_value_heads=recipe.heads // 2,
            max_position_embeddings=2048,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )


def encode(tokenizer: PreTrainedTokenizerFast, tasks: list[Task]) -> list[tuple[list[int], int]]:
    """Token ids of prompt and answer, and where the answer starts."""
    texts = [text for task in tasks for text in task_texts(task)]
    ids = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return [(ids[i] + ids[i + 1], len(ids[i])) for i in range(0, len(ids), 2)]


def collate(rows: list[tuple[list[int], int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Right-padded ids and labels; a causal model needs no mask for padding on the right."""
    width = -(-max(len(ids) for ids, _ in rows) // 64) * 64
    ids = torch.full((len(rows), width), pad)
    labels = torch.full((len(rows), width), -100)
    for i, (row, start) in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        labels[i, start - 1 : len(row) - 1] = torch.tensor(row[start:])
    return ids, labels


def batches(
    recipe: Recipe, tokenizer: PreTrainedTokenizerFast, first: int
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Batches from step ``first`` on; pools of eight, bucketed by length, seeded by their place."""
    for pool in range(first // 8, recipe.steps // 8 + 1):
        rng = random.Random(f"pretrain {recipe.seed} {pool}")
        tasks = [draw_task(rng, recipe.keys_at(pool * 8)) for _ in range(recipe.batch * 8)]
        rows = sorted(encode(tokenizer, tasks), key=lambda row: len(row[0]))
        order = rng.sample(range(8), 8)
        for place in order:
            yield collate(rows[place * recipe.batch :][: recipe.batch], tokenizer.pad_token_id)


def answer_loss(
    trunk: Any, model: Qwen2ForCausalLM, ids: torch.Tensor, labels: torch.Tensor, precision: str
) -> torch.Tensor:
    """Mean cross-entropy over the answer tokens only."""
    with torch.autocast("cpu", getattr(torch, precision), enabled=precision != "float32"):
        hidden = trunk(input_ids=ids, use_cache=False).last_hidden_state
        wanted = labels != -100
        logits = model.lm_head(hidden[wanted])
    return torch.nn.functional.cross_entropy(logits.float(), labels[wanted])


@torch.no_grad()
def exact_match(
    model: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerFast, tasks: list[Task], batch: int = 64
) -> float:
    """Share of tasks whose every answer token is the model's first choice.

    Teacher-forced arg-max equal to the answer throughout is greedy decoding equal to the answer.
    """
    rows = sorted(encode(tokenizer, tasks), key=lambda row: len(row[0]))
    right = 0
    for i in range(0, len(rows), batch):
        ids, labels = collate(rows[i : i + batch], tokenizer.pad_token_id)
        chosen = model(input_ids=ids, use_cache=False).logits.argmax(-1)
        right += int(((chosen == labels) | (labels == -100)).all(1).sum())
    return right / len(rows)


def scores(
    model: Qwen2ForCausalLM, tokenizer: PreTrainedTokenizerFast, cases: int, seed: str
) -> dict[str, float]:
    """Exact match on held-out words, canonical and under each of the base's own shifts."""
    result = {}
    for name, style in EVALUATIONS.items():
        rng = random.Random(f"{seed} {name}")
        tasks = [draw_task(rng, range(3, 10), style, held_out=True) for _ in range(cases)]
        result[name] = exact_match(model, tokenizer, tasks)
    return result


def train(recipe: Recipe, folder: Path, *, compiled: bool) -> None:
    """Train to the last step, checkpointing every 250 steps; resumes where it stopped."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = train_tokenizer(recipe)
    model = build_model(recipe, tokenizer)
    matrices = [p for n, p in model.named_parameters() if p.ndim == 2 and "embed" not in n]
    rest = [p for n, p in model.named_parameters() if p.ndim != 2 or "embed" in n]
    optimizers = [
        Muon(matrices, recipe.muon_lr),
        torch.optim.AdamW(rest, recipe.adam_lr, betas=(0.9, 0.95), weight_decay=0.0),
    ]
    checkpoint = folder / "checkpoint.pt"
    step = 0
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(saved["model"])
        for optimizer, state in zip(optimizers, saved["optimizers"], strict=True):
            optimizer.load_state_dict(state)
        step = saved["step"]
    torch._dynamo.config.recompile_limit = 32  # one graph a bucket width
    trunk = torch.compile(model.model, dynamic=False) if compiled else model.model
    started, first = time.monotonic(), step
    for ids, labels in batches(recipe, tokenizer, step):
        for optimizer, lr in zip(optimizers, (recipe.muon_lr, recipe.adam_lr), strict=True):
            optimizer.param_groups[0]["lr"] = lr * recipe.lr_factor(step)
        loss = answer_loss(trunk, model, ids, labels, recipe.precision)
        loss.backward()  # type: ignore[no-untyped-call]
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        step += 1
        if step % 50 == 0:
            pace = (time.monotonic() - started) / (step - first)
            print(f"step {step} loss {loss.item():.4f} {pace:.3f} s/step", flush=True)
        if step % 248 == 0 or step >= recipe.steps:
            state = {"model": model.state_dict(), "step": step}
            state["optimizers"] = [optimizer.state_dict() for optimizer in optimizers]
            torch.save(state, checkpoint.with_suffix(".part"))
            checkpoint.with_suffix(".part").rename(checkpoint)
        if step % 496 == 0:
            probe = scores(model, tokenizer, 64, "probe")
            print(f"step {step} exact match {probe}", flush=True)
        if step >= recipe.steps:
            break


def export(recipe: Recipe, folder: Path, base: Path) -> None:
    """Write weights, tokenizer, template and scores of the trained base."""
    tokenizer = train_tokenizer(recipe)
    model = build_model(recipe, tokenizer)
    saved = torch.load(folder / "checkpoint.pt", weights_only=True)
    model.load_state_dict(saved["model"])
    model.save_pretrained(base)
    tokenizer.save_pretrained(base)
    facts = {
        "recipe": asdict(recipe),
        "steps": saved["step"],
        "parameters": sum(p.numel() for p in model.parameters()),
        "exact_match": scores(model, tokenizer, 512, "final"),
    }
    (base / "pretraining.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(json.dumps(facts, indent=2))


def main() -> None:
    """Read the command line, train, export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=Recipe.steps)
    parser.add_argument("--decay-from", type=int, default=Recipe.decay_from)
    parser.add_argument("--precision", default=Recipe.precision, choices=("bfloat16", "float32"))
    parser.add_argument("--folder", type=Path, default=HERE / "runs" / "pretrain")
    parser.add_argument("--base", type=Path, default=HERE / "base")
    parser.add_argument("--compile", action="store_true", help="a third faster; needs a C++ compiler")
    parser.add_argument("--export", action="store_true", help="export the last checkpoint and stop")
    options = parser.parse_args()
    recipe = replace(
        Recipe(), steps=options.steps, decay_from=options.decay_from, precision=options.precision
    )
    if not options.export:
        train(recipe, options.folder, compiled=options.compile)
    export(recipe, options.folder, options.base)


if __name__ == "__main__":
    main()
