"""Faster ways to ask a model, each compared with the plain way, and dropped where they differ.

On a CPU a 4-bit base is unpacked once, and the adapter is merged into it. Everywhere, decoding
reads a prompt in pieces, and a beginning that prompts share only once.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import psutil
import torch

from pytest_slm_autopsy.models.checks.check import Check, missed, passed, skipped
from pytest_slm_autopsy.models.checks.health import logprobs
from pytest_slm_autopsy.models.decoding.decoder import Decoder
from pytest_slm_autopsy.models.loading import first_line

ROOM: Final = 0.8
"""Share of the free memory that plain matrices may take."""
LIKELY: Final = 5.0
"""Distance in log-probability from the likeliest token within which tokens are compared."""
AGREE: Final = 0.05
"""Largest difference of a log-probability that counts as rounding in shorter numbers."""
EXACT: Final = 0.01
"""Largest difference of a log-probability that counts as rounding in float32."""
SAME: Final = 1e-4
"""Largest difference of a log-probability of the same weights, in whatever numbers."""
FEW: Final = 6
"""Tokens that are decoded to compare."""
_IMPOSSIBLE: Final = (NotImplementedError, ValueError, RuntimeError, TypeError, AttributeError)


def moved(before: Any, after: Any) -> float:
    """Return how far log-probabilities are apart, of shape (tokens, vocabulary).

    Only tokens near the likeliest of their place are compared: for unlikely tokens any rounding
    shows. It is infinite where one of these is no number.
    """
    higher = before.maximum(after)
    if bool(higher.isnan().any()):
        return math.inf
    likely = higher > higher.amax(-1, keepdim=True) - LIKELY
    return float((before - after)[likely].abs().max())


def bound(model: Any) -> float:
    """Return the largest difference that is rounding in the model's numbers."""
    return EXACT if model.dtype == torch.float32 else AGREE


def unpacked(load: Callable[[], Any], ids: Sequence[int]) -> tuple[Any, list[Check]]:
    """Return a base whose 4-bit matrices are plain ones, where it lies on a CPU that holds them.

    It stays as it is loaded on a GPU, without 4-bit matrices, with too little memory, and where the
    plain matrices give other probabilities.
    """
    base = load().eval()
    if not _worth_unpacking(base):
        return base, []
    name = "unpacking_agrees"
    with _exact(base):
        before = logprobs(base, ids)
    with _quiet("transformers.integrations.bitsandbytes"):
        base = base.dequantize(dtype=torch.float32).eval()
    change = moved(before, logprobs(base, ids))
    if change <= AGREE:
        return base, [passed(name, f"log-probabilities agree within {change:.1g}")]
    del base
    told = f"unpacking moves log-probabilities by up to {change:.2g}, so the base stays packed"
    return load().eval(), [missed(name, told)]


def merged(put_on: Callable[[], Any], ids: Sequence[int]) -> tuple[Any, list[Check]]:
    """Return a model with its adapter merged, where it lies on a CPU unpacked.

    The adapter stays beside the base where peft cannot merge it, and where the merge gives other
    probabilities; the model is then put together once more, since merging changes it.
    """
    model, name = put_on(), "merge_agrees"
    if model.device.type != "cpu" or packed(model):
        return model, []
    before, most = logprobs(model, ids), bound(model)
    try:
        model = model.merge_and_unload().eval()
        change = moved(before, logprobs(model, ids))
    except _IMPOSSIBLE as error:
        told = f"peft cannot merge it ({first_line(error)}), so it answers beside the base"
        del model
        return put_on(), [skipped(name, told)]
    if change <= most:
        return model, [passed(name, f"log-probabilities agree within {change:.1g}")]
    del model
    told = (
        f"merging moves log-probabilities by up to {change:.2g}, so the adapter answers beside "
        "the base; do not serve it merged"
    )
    return put_on(), [missed(name, told)]


def decoded(decoder: Decoder, prompts: Sequence[Sequence[int]]) -> Check:
    """Check that reading in pieces gives the probabilities of one pass over the whole.

    Otherwise the decoder leaves each row alone to the model's own ``generate``.
    """
    name, model = "decoding_agrees", decoder.model
    short = Decoder(model, stops=(), pad=decoder.pad, max_new_tokens=FEW)
    short.trial = decoder.trial
    if not decoder.trial.serves:
        return skipped(name, "the model does not take rows of unlike lengths; it generates")
    change = max(
        _apart(model, prompt, row.ids, row.logprobs)
        for prompt, row in zip(prompts, short.decode(prompts, [[]] * len(prompts)), strict=True)
    )
    if change <= bound(model):
        return passed(name, f"log-probabilities agree within {change:.1g}")
    decoder.trial = replace(decoder.trial, serves=False, alone=0)
    return missed(
        name,
        f"reading a prompt in pieces moves log-probabilities by up to {change:.2g}, so each case "
        "is generated alone, slowly",
    )


def _apart(model: Any, prompt: Sequence[int], ids: Sequence[int], found: Sequence[float]) -> float:
    """Return how far the decoded tokens' log-probabilities are from those of one plain pass."""
    if not ids:
        return math.inf
    whole = logprobs(model, [*prompt, *ids])[len(prompt) - 1 : -1]
    plain = whole.gather(-1, torch.tensor(ids, device=whole.device)[:, None])[:, 0].tolist()
    change = max(abs(one - other) for one, other in zip(plain, found, strict=True))
    return change if math.isfinite(change) else math.inf


def packed(model: Any) -> bool:
    """Tell whether any matrix of a model is held in 4 bits."""
    return next(_packed_parts(model), None) is not None


def _worth_unpacking(base: Any) -> bool:
    if base.device.type != "cpu" or not packed(base):
        return False
    numbers = sum(math.prod(module.weight.quant_state.shape) for module in _packed_parts(base))
    return bool(4 * numbers <= ROOM * psutil.virtual_memory().available)


def _packed_parts(model: Any) -> Iterator[Any]:
    return (m for m in model.modules() if getattr(getattr(m, "weight", None), "quant_state", None))


@contextmanager
def _exact(model: Any) -> Iterator[None]:
    """Let 4-bit matrices answer as they are kept inside the block.

    On some CPUs bitsandbytes rounds and rearranges them for good when they are first asked outside
    of training.
    """
    parts = [*_packed_parts(model)]
    for part in parts:
        part.training = True
    try:
        yield
    finally:
        for part in parts:
            part.training = False


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Silence the warnings of one logger inside the block."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
