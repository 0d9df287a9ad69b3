"""One forward pass over rows of different lengths: a cache whose slots are positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from inspect import signature
from typing import Any, Final, cast

import torch
from transformers.cache_utils import Cache, DynamicLayer

SPARE: Final = 64
"""Slots that are made at once when the last is taken."""
CHUNK: Final = 1 << 24
"""Largest number of logits that are copied to float32 at once."""


class SlotCache(Cache):
    """Keys and values of many rows; those of a token are in the slot of its position.

    Rows may have different lengths. The leftovers of a refused guess are overwritten before any
    token looks at their slots, so the cache is never cropped or moved.
    """

    def __init__(self) -> None:
        self.slots: Any = None
        super().__init__(layer_class_to_replicate=cast(Any, partial(_SlotLayer, self)))

    def keep(self, rows: Any) -> None:
        """Keep only these rows, given as indices of shape (n,); a row may be repeated."""
        for layer in cast(list[Any], self.layers):
            layer.keys, layer.values = layer.keys[rows], layer.values[rows]


class _SlotLayer(DynamicLayer):
    def __init__(self, cache: SlotCache) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._cache = cache

    def update(self, key_states: Any, value_states: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
        slots = self._cache.slots
        width = int(slots.max()) + 1
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
            self.keys, self.values = key_states[:, :, :0], value_states[:, :, :0]
        self.keys = _written(self.keys, key_states, slots, width)
        self.values = _written(self.values, value_states, slots, width)
        return self.keys[:, :, :width], self.values[:, :, :width]


def _written(kept: Any, new: Any, slots: Any, width: int) -> Any:
    """Return ``kept``, of shape (rows, heads, slots, size), with ``new`` in its slots."""
    if kept.shape[2] == 0 and new.shape[2] == width:
        return new
    if kept.shape[2] < width:
        more = kept.new_zeros(*kept.shape[:2], width + SPARE - kept.shape[2], kept.shape[3])
        kept = torch.cat([kept, more], dim=2)
    rows = torch.arange(len(new), device=new.device)[:, None]
    kept[rows, :, slots] = new.transpose(1, 2)
    return kept


@dataclass(frozen=True, slots=True)
class Choices:
    """The model's first choice after each place of one row, its log-probability, and its lead.

    The lead is the distance to the second best logit.
    """

    tokens: list[int]
    logprobs: list[float]
    leads: list[float]

    def part(self, start: int, end: int) -> Choices:
        """Return the choices from ``start`` to before ``end``."""
        return Choices(self.tokens[start:end], self.logprobs[start:end], self.leads[start:end])


@dataclass
class Ragged:
    """A model, and the tokens it has read of each row so far.

    ``longest`` is the length in tokens that no row reaches.
    """

    model: Any
    pad: int
    cache: SlotCache | None = field(default_factory=SlotCache)
    read: list[int] = field(default_factory=list)
    longest: int = 1 << 62

    @torch.inference_mode()
    def start(self, prefix: Sequence[int], rows: int) -> None:
        """Read the common prefix of all rows, once."""
        if prefix and self.cache is not None:
            self.read = [0]
            self.logits([prefix], len(prefix) - 1)
            self.cache.keep(torch.zeros(rows, dtype=torch.long, device=self.model.device))
        self.read = [len(prefix)] * rows

    @torch.inference_mode()
    def step(self, new: Sequence[Sequence[int]], known: Sequence[int]) -> list[Choices]:
        """Read new tokens of each row, and return the choices after them.

        ``known`` is the number of new tokens of each row that are not guesses. Choices are returned
        from the last of these on.
        """
        first = min(known) - 1
        found = choices_of(self.logits(new, first))
        return [
            row.part(count - 1 - first, len(tokens) - first)
            for row, tokens, count in zip(found, new, known, strict=True)
        ]

    def keep(self, rows: Sequence[int], read: Sequence[int]) -> None:
        """Keep only these rows, and count the first ``read`` tokens of each as read."""
        if self.cache is not None and len(rows) < len(self.read):
            self.cache.keep(torch.tensor(list(rows), device=self.model.device))
        self.read = list(read)

    @torch.inference_mode()
    def logits(self, new: Sequence[Sequence[int]], first: int = 0) -> Any:
        """Return the logits after the new tokens, of shape (rows, places, vocabulary).

        The places begin at ``first``.
        """
        device, width = self.model.device, max(map(len, new))
        ids = torch.tensor([[*row, *[self.pad] * (width - len(row))] for row in new], device=device)
        read = torch.tensor(self.read, device=device)
        given: dict[str, Any] = {"use_cache": False}
        if self.cache is not None:
            slots = read[:, None] + torch.arange(width, device=device)
            self.cache.slots = slots
            given = {"use_cache": True, "past_key_values": self.cache}
            # Padding must not reach a position beyond the context, nor one from which on the
            # model reads all positions otherwise.
            most = min(self.longest, context_of(self.model) or self.longest)
            given["position_ids"] = slots.clamp(max=most - 1)
            if any(self.read):
                given["attention_mask"] = _mask(slots, self.model.dtype)
        if first and "logits_to_keep" in accepted(self.model):
            given["logits_to_keep"] = torch.arange(first, width, device=device)
            first = 0
        return self.model(input_ids=ids, **given).logits[:, first:]


def _mask(slots: Any, dtype: Any) -> Any:
    """Return an additive mask of shape (rows, 1, tokens, slots).

    A token sees the slots up to its own.
    """
    every = torch.arange(int(slots.max()) + 1, device=slots.device)
    hidden = every > slots[:, None, :, None]
    return torch.zeros(hidden.shape, dtype=dtype, device=slots.device).masked_fill_(
        hidden, torch.finfo(dtype).min
    )


def choices_of(logits: Any) -> list[Choices]:
    """Return the choices of each row, from logits of shape (rows, places, vocabulary)."""
    found: list[Any] = []
    for part in logits.split(max(1, CHUNK // logits[0].numel())):
        exact = part.float()
        chosen, two = exact.argmax(-1), exact.topk(2).values
        best = exact.gather(-1, chosen[..., None])[..., 0] - exact.logsumexp(-1)
        found += zip(
            chosen.tolist(), best.tolist(), (two[..., 0] - two[..., 1]).tolist(), strict=True
        )
    return [Choices(*row) for row in found]


def accepted(model: Any) -> set[str]:
    """Return the parameter names of a model's forward pass; below an adapter, of the base's."""
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    return set(signature(base.forward).parameters)


def context_of(model: Any) -> int | None:
    """Return the length of a model's context in tokens, or ``None`` if its config states none."""
    stated = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return stated if isinstance(stated, int) and stated > 0 else None
