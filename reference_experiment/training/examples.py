"""From cases to batches: prompt and answer as token ids, the loss on the answer."""

from __future__ import annotations

from typing import Any

import torch

from pytest_slm_autopsy import Case, PromptFormat
from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.models import render
from reference_experiment.training.answer_loss import HIDDEN

PROMPT = PromptFormat()


def turn_end(tokenizer: Any, stops: int | list[int]) -> list[int]:
    """Return the token ids with which the chat template ends an answer, up to the one that stops.

    Raises:
        ConfigError: none of them stops the base, so that each answer would run on.
    """
    stops = [stops] if isinstance(stops, int) else stops
    turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "ANSWER"}]
    after = tokenizer.apply_chat_template(turns, tokenize=False).rpartition("ANSWER")[2]
    ids = tokenizer(after, add_special_tokens=False)["input_ids"]
    if ends := [place for place, token in enumerate(ids) if token in stops]:
        return list(ids[: ends[0] + 1])
    raise ConfigError(
        f"the chat template ends an answer with {after!r:.60}, which is none of the base's end "
        f"tokens {stops}; add it to eos_token_id in generation_config.json"
    )


def encode(tokenizer: Any, case: Case, max_tokens: int, end: list[int]) -> dict[str, list[int]]:
    """Return the token ids of prompt and answer, and labels that hide the prompt from the loss."""
    prompt, answer = tokenizer(
        [render(tokenizer, PROMPT.messages(case)), PROMPT.expected(case.truth)],
        add_special_tokens=False,
    )["input_ids"]
    ids = [*prompt, *answer, *end]
    if len(ids) > max_tokens:
        raise ConfigError(
            f"a training document needs {len(ids)} tokens; raise training.max_tokens ({max_tokens})"
        )
    return {"input_ids": ids, "labels": [HIDDEN] * len(prompt) + ids[len(prompt) :]}


def collate(batch: list[dict[str, list[int]]], pad: int) -> dict[str, torch.Tensor]:
    """Return right-padded tensors; a causal model needs no mask for padding on the right."""
    width = max(len(row["input_ids"]) for row in batch)
    filler = {"input_ids": pad, "labels": HIDDEN}
    return {
        key: torch.tensor([row[key] + [fill] * (width - len(row[key])) for row in batch])
        for key, fill in filler.items()
    }
