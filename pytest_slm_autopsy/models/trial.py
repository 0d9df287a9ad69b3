"""A little trial of a model before it answers: can it be read in rows of different lengths?"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Final

import torch

from pytest_slm_autopsy.models.ragged import Ragged

LENGTHS: Final = ((9, 3), (14, 2), (5, 6))
"""Tokens of each row, read at first and then."""
AGREE: Final = 0.05
"""Root mean square difference of logits, in their standard deviations, that is still rounding."""
MARGIN: Final = 2.0
"""How much larger than in the trial the noise may be elsewhere."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came out.

    ``noise`` is how far apart two logits can be at most for another batch to swap them. Rows that
    reach ``window`` tokens are not read together: the model would forget by its own count of them.
    """

    serves: bool
    noise: float
    window: int | None = None


@torch.inference_mode()
def trial(model: Any, pad: int) -> Trial:
    """Read a few random rows alone and together, and compare."""
    rng = Random(0)
    words = model.config.get_text_config().vocab_size
    rows = [[rng.randrange(words) for _ in range(sum(pair))] for pair in LENGTHS]
    device = model.device
    alone = [
        model(input_ids=torch.tensor([row], device=device), use_cache=False).logits[0, -1].float()
        for row in rows
    ]
    try:
        together = _together(model, rows, pad)
    except Exception:  # noqa: BLE001 - a model's own code may say anything to a cache of ours
        return Trial(False, _noise(model, rows, alone))
    scale = torch.stack(alone).std()
    pairs = list(zip(alone, together, strict=True))
    if not max(float((a - b).square().mean().sqrt() / scale) for a, b in pairs) <= AGREE:
        return Trial(False, _noise(model, rows, alone))
    return Trial(True, MARGIN * _apart(pairs), _window(model))


def _together(model: Any, rows: list[list[int]], pad: int) -> list[Any]:
    """The last logits of each row, read in two steps that end at different places."""
    reader = Ragged(model, pad)
    reader.start(rows[0][:0], len(rows))
    heads = [row[:first] for row, (first, _) in zip(rows, LENGTHS, strict=True)]
    reader.logits(heads)
    reader.keep(range(len(rows)), [len(head) for head in heads])
    rest = [row[len(head) :] for row, head in zip(rows, heads, strict=True)]
    logits = reader.logits(rest)
    return [logits[i, len(row) - 1].float() for i, row in enumerate(rest)]


def _noise(model: Any, rows: list[list[int]], alone: list[Any]) -> float:
    """The noise of a model that is asked without a common cache: the rows twice, together."""
    device, shortest = model.device, min(map(len, rows))
    ids = torch.tensor([row[:shortest] for row in rows], device=device)
    logits = model(input_ids=ids, use_cache=False).logits[:, -1].float()
    one = [model(input_ids=row[None], use_cache=False).logits[0, -1].float() for row in ids]
    return MARGIN * _apart(list(zip(one, logits, strict=True)))


def _apart(pairs: list[tuple[Any, Any]]) -> float:
    return 2 * max(float((a - b).abs().max()) for a, b in pairs)


def _window(model: Any) -> int | None:
    """The fewest tokens that any layer looks back; ``None`` where all look back to the start."""
    config = model.config.get_text_config()
    stated = (getattr(config, name, None) for name in ("sliding_window", "attention_chunk_size"))
    return min((window for window in stated if window), default=None)
