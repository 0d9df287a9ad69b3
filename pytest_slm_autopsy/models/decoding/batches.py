"""Batches of rows to answer together: of like length, and within the free memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar

import psutil
import torch

SHARE: Final = {"cuda": 0.6, "cpu": 0.25}
"""Share of the free memory that a batch may take, by device."""
NO_ROOM: Final = ("out of memory", "can't allocate memory", "not enough memory", "alloc_failed")
TOKENS: Final = {"cuda": 65_536, "cpu": 12_288}
"""Largest number of tokens read at once, by device; a CPU is slower once its caches overflow."""


class Sized(Protocol):
    """A row as far as its memory goes: prompt, expected answer, and most tokens to generate."""

    prompt: list[int]
    expected: list[int]
    most: int


Row = TypeVar("Row", bound=Sized)


class Batches:
    """The batches of one model."""

    def __init__(self, model: Any) -> None:
        config = model.config.get_text_config()
        size: int = model.dtype.itemsize
        heads = _stated(config, "num_attention_heads", 1)
        hidden = _stated(config, "hidden_size", 0)
        of_head = _stated(config, "head_dim", hidden // heads)
        kept = 2 * _stated(config, "num_key_value_heads", heads) * of_head * size
        inner = _stated(config, "intermediate_size", 4 * hidden)
        self._kept = kept * _stated(config, "num_hidden_layers", 1)
        self._passing = size * (8 * hidden + 3 * inner)
        self._logits = _stated(config, "vocab_size", 0) * (size + 8)
        self._size = size
        self._device = model.device

    def of(self, rows: Sequence[Row]) -> Iterator[list[Row]]:
        """Yield the rows in batches, the shortest first."""
        batch: list[Row] = []
        free, tokens = self._free(), TOKENS.get(self._device.type, TOKENS["cpu"])
        for row in sorted(rows, key=_length):
            more = [*batch, row]
            if batch and (self._bytes(more) > free or len(more) * _length(row) > tokens):
                yield batch
                more = [row]
            batch = more
        if batch:
            yield batch

    def _bytes(self, batch: Sequence[Row]) -> int:
        """Return the bytes that a batch takes.

        Every row counts as the longest, since the lengths of a batch are alike.
        """
        width = max(map(_length, batch))
        longest = max(len(row.prompt) + row.most for row in batch)
        places = width - min(len(row.prompt) for row in batch) + 1
        row = longest * self._kept + width * (self._passing + width * self._size)
        return len(batch) * (row + places * self._logits)

    def _free(self) -> int:
        kind = self._device.type
        if kind == "cuda":
            free = torch.cuda.mem_get_info(self._device)[0]
        else:
            free = psutil.virtual_memory().available
        return int(free * SHARE.get(kind, SHARE["cpu"]))


def out_of_memory(error: RuntimeError) -> bool:
    """Tell whether an error of torch says that memory is used up, on a GPU or a CPU."""
    said = str(error).lower()
    return isinstance(error, torch.OutOfMemoryError) or any(sign in said for sign in NO_ROOM)


def _length(row: Sized) -> int:
    return len(row.prompt) + len(row.expected)


def _stated(config: Any, name: str, default: int) -> int:
    value = getattr(config, name, None)
    return value if isinstance(value, int) else default
