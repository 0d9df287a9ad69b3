"""Greedy decoding verified against the expected answer.

One forward pass over prompt and expected answer gives the model's first choice at every place.
Where they agree throughout, the expected answer *is* the greedy answer, and nothing is left to
do. Where they part, the agreed tokens stay and plain greedy decoding goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from transformers import GenerationConfig

Rows = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Generated token ids, the log-probability of each, and why generation ended."""

    ids: tuple[int, ...]
    logprobs: tuple[float, ...]
    finish: str


@torch.inference_mode()
def decode(
    model: Any, prompts: Rows, expected: Rows, *, eos: int, pad: int, max_new_tokens: int
) -> list[Decoded]:
    """Greedy answers to ``prompts``; ``expected`` only makes it fast, never changes an answer.

    Args:
        model: a causal language model of transformers, plain or wrapped by peft.
        prompts: token ids of each prompt.
        expected: token ids of each expected answer, end-of-turn token included.
        eos: the end-of-turn token.
        pad: a token to fill rows with.
        max_new_tokens: no answer is longer than this.
    """
    agreed = _verify(model, prompts, [row[:max_new_tokens] for row in expected], pad)
    left = [i for i, row in enumerate(agreed) if not _ended(row, eos, max_new_tokens)]
    if left:
        starts = [[*prompts[i], *agreed[i].ids] for i in left]
        budgets = [max_new_tokens - len(agreed[i].ids) for i in left]
        for i, rest in zip(left, _generate(model, starts, budgets, eos, pad), strict=True):
            ids, logprobs = agreed[i].ids + rest.ids, agreed[i].logprobs + rest.logprobs
            agreed[i] = Decoded(ids, logprobs, rest.finish)
    return [row if row.ids[-1:] == (eos,) else replace(row, finish="length") for row in agreed]


def _ended(row: Decoded, eos: int, max_new_tokens: int) -> bool:
    return row.ids[-1:] == (eos,) or len(row.ids) == max_new_tokens


def _verify(model: Any, prompts: Rows, expected: Rows, pad: int) -> list[Decoded]:
    rows = [[*p, *e] for p, e in zip(prompts, expected, strict=True)]
    first = min(len(prompt) for prompt in prompts) - 1
    ids = _right_padded(rows, pad).to(model.device)
    places = torch.arange(first, ids.shape[1] - 1, device=ids.device)
    logits = model(input_ids=ids, use_cache=False, logits_to_keep=places).logits.float()
    chosen = logits.argmax(-1)
    top = (logits.gather(-1, chosen[..., None])[..., 0] - logits.logsumexp(-1)).cpu()
    same = (chosen == ids[:, first + 1 :]).cpu()
    agreed = []
    for i, (prompt, answer) in enumerate(zip(prompts, expected, strict=True)):
        start = len(prompt) - 1 - first
        equal = same[i, start : start + len(answer)].tolist()
        length = equal.index(False) if False in equal else len(answer)
        logprobs = top[i, start : start + length].tolist()
        agreed.append(Decoded(tuple(answer[:length]), tuple(logprobs), "stop"))
    return agreed


def _right_padded(rows: Rows, pad: int) -> torch.Tensor:
    # A causal model never looks right, so padding there needs no mask.
    width = max(len(row) for row in rows)
    return torch.tensor([[*row, *[pad] * (width - len(row))] for row in rows])


def _generate(model: Any, starts: Rows, budgets: list[int], eos: int, pad: int) -> list[Decoded]:
    width = max(len(row) for row in starts)
    ids = torch.tensor([[*[pad] * (width - len(row)), *row] for row in starts])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in starts])
    with _plain_settings(model):
        made = model.generate(
            input_ids=ids.to(model.device),
            attention_mask=mask.to(model.device),
            max_new_tokens=max(budgets),
            do_sample=False,
            eos_token_id=eos,
            pad_token_id=pad,
            return_dict_in_generate=True,
            output_logits=True,
        )
    tokens = made.sequences[:, width:]
    logits = torch.stack(made.logits, dim=1).float()
    logprobs = logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]
    return [
        _cut(row, probabilities, budget, eos)
        for row, probabilities, budget in zip(
            tokens.tolist(), logprobs.tolist(), budgets, strict=True
        )
    ]


@contextmanager
def _plain_settings(model: Any) -> Iterator[None]:
    """Without the base's own settings: they may hold a repetition penalty, which is not greedy."""
    own = model.generation_config
    model.generation_config = GenerationConfig()
    try:
        yield
    finally:
        model.generation_config = own


def _cut(ids: list[int], logprobs: list[float], budget: int, eos: int) -> Decoded:
    length = min(ids.index(eos) + 1 if eos in ids else len(ids), budget)
    finish = "stop" if ids[length - 1] == eos else "length"
    return Decoded(tuple(ids[:length]), tuple(logprobs[:length]), finish)
