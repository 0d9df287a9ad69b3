"""A short trial of a model before it answers: can it read rows of different lengths together?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import torch

from pytest_slm_autopsy.models.decoding.ragged import Ragged

STANDARD: Final = ("sliding_window", "attention_chunk_size")
OWN_KIND: Final = ("window_size", "attention_window", "local_attention")
LENGTHS: Final = ((9, 3), (14, 2), (5, 6))
"""Tokens of each row that are read in the first and in the second step."""
AGREE: Final = 0.05
"""Largest difference of logits that counts as rounding: a root mean square, in their standard
deviations."""
ENDLESS: Final = 1 << 62
MARGIN: Final = 2.0
"""Factor by which the noise elsewhere may exceed that of the trial."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of a trial.

    ``serves`` tells whether rows of different lengths can be read together. ``noise`` is the
    largest distance of two logits that another batch may swap. Rows that reach ``window`` tokens
    are not read together, because there the model's own sliding window comes into play. From
    ``alone`` tokens on, a row's numbers may depend on the lengths of the others, so it is answered
    alone.
    """

    serves: bool
    noise: float
    window: int = ENDLESS
    alone: int = ENDLESS


@torch.inference_mode()
def trial(model: Any, pad: int) -> Trial:
    """Return the result of reading a few random rows alone and together."""
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
        return Trial(False, _noise(model, rows, alone), alone=_alone(model))
    scale = torch.stack(alone).std()
    pairs = list(zip(alone, together, strict=True))
    if not max(float((a - b).square().mean().sqrt() / scale) for a, b in pairs) <= AGREE:
        return Trial(False, _noise(model, rows, alone), alone=_alone(model))
    return Trial(True, _apart(pairs), _window(model), _alone(model))


def _together(model: Any, rows: list[list[int]], pad: int) -> list[Any]:
    """Return the last logits of each row, read together in two steps of different lengths."""
    reader = Ragged(model, pad)
    reader.start(rows[0][:0], len(rows))
    heads = [row[:first] for row, (first, _) in zip(rows, LENGTHS, strict=True)]
    reader.logits(heads)
    reader.keep(range(len(rows)), [len(head) for head in heads])
    rest = [row[len(head) :] for row, head in zip(rows, heads, strict=True)]
    logits = reader.logits(rest)
    return [logits[i, len(row) - 1].float() for i, row in enumerate(rest)]


def _noise(model: Any, rows: list[list[int]], alone: list[Any]) -> float:
    """Return the noise between a row alone and in a batch, for a model without the common cache."""
    device, shortest = model.device, min(map(len, rows))
    ids = torch.tensor([row[:shortest] for row in rows], device=device)
    logits = model(input_ids=ids, use_cache=False).logits[:, -1].float()
    one = [model(input_ids=row[None], use_cache=False).logits[0, -1].float() for row in ids]
    return _apart(list(zip(one, logits, strict=True)))


def _apart(pairs: list[tuple[Any, Any]]) -> float:
    """Return the measured noise with its margin: at least that of rounding, and 0 for NaN."""
    measured = max(float((a - b).abs().max()) for a, b in pairs)
    largest = max(float(a.abs().max()) for a, _ in pairs)
    found = max(2 * MARGIN * measured, 4 * torch.finfo(torch.float32).eps * largest)
    return found if math.isfinite(found) else 0.0


def _window(model: Any) -> int:
    """Return the fewest tokens that a layer with a standard sliding window looks back."""
    config = model.config.get_text_config()
    stated = (getattr(config, name, None) for name in STANDARD)
    return min((window for window in stated if window), default=ENDLESS)


def _alone(model: Any) -> int:
    """Return the number of tokens from which on a model does things that a short trial cannot show.

    Such are windows of its own kind, and positions that are read otherwise once any row is long.
    """
    config = model.config.get_text_config()
    stated = config.to_dict()
    limits = [
        value
        for name, value in stated.items()
        if any(part in name for part in OWN_KIND) and name not in STANDARD
        and isinstance(value, int) and not isinstance(value, bool) and value > 0
    ]  # fmt: skip
    rope = stated.get("rope_parameters") or {}
    for one in [rope, *(part for part in rope.values() if isinstance(part, dict))]:
        if one.get("rope_type") in ("longrope", "dynamic"):
            known = one.get("original_max_position_embeddings")
            known = known or stated.get("original_max_position_embeddings")
            limits.append(known or stated.get("max_position_embeddings") or 1)
    return min(limits, default=ENDLESS)
