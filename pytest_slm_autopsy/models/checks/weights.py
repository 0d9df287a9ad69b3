"""Checks of weights: are they those of training, are they finite, do they change anything?"""

from __future__ import annotations

import logging
import math
from statistics import median
from typing import Final

import numpy as np

from pytest_slm_autopsy.models.checks.check import NO_MANIFEST, Check, missed, passed, same, skipped
from pytest_slm_autopsy.models.checks.pair import Pair
from pytest_slm_autopsy.models.golden import deciding, weights_digest
from pytest_slm_autopsy.models.loading import base_folder, pickled

_LOG = logging.getLogger(__name__)
NEGLIGIBLE: Final = 1e-5
"""Largest relative norm, over all modules, at which an adapter counts as changing nothing."""


def adapter_config(pair: Pair) -> Check:
    """Check that the adapter's settings are those of training."""
    name, then = "adapter_config", pair.manifest.get("adapter_config")
    if not isinstance(then, dict):
        return skipped(name, NO_MANIFEST)
    now = deciding(pair.stated)
    changed = [key for key in sorted({*then, *now}) if then.get(key) != now.get(key)]
    if changed:
        key = changed[0]
        more = f" (and {', '.join(changed[1:])})" if changed[1:] else ""
        return missed(
            name,
            f"{key} was {then.get(key)!r:.60} in training and is {now.get(key)!r:.60} now{more}; "
            "take adapter_config.json as training wrote it",
        )
    return passed(name, f"{len(now)} settings, as in training")


def base_weights(pair: Pair) -> Check:
    """Check that the base is the one that training loaded."""
    name, golden = "base_weights", pair.manifest.get("base_weights")
    folder = base_folder(pair.spec)
    if not golden:
        return skipped(name, NO_MANIFEST)
    if folder is None:
        return skipped(name, "the base's files are not at hand")
    _LOG.info("hashing the weights of the base")
    return same(name, golden, weights_digest(folder), "load the weights that training loaded")


def adapter_weights(pair: Pair) -> Check:
    """Check that the adapter is the one that training saved."""
    name, golden = "adapter_weights", pair.manifest.get("adapter_weights")
    if not golden:
        return skipped(name, NO_MANIFEST)
    if pickled(pair.folder):
        return skipped(name, "the record is of safetensors, and the weights are a pickle")
    return same(name, golden, weights_digest(pair.folder), "save the adapter as it was trained")


def weights_finite(pair: Pair) -> Check:
    """Check that no weight is NaN or infinite."""
    own = (
        name
        for name, tensor in pair.tensors.items()
        if tensor.floating and not np.isfinite(tensor.numbers()).all()
    )
    base = (f"{module}.weight" for module, size in pair.norms.items() if not math.isfinite(size))
    for name in (*own, *base):
        return missed("weights_finite", f"{name} holds NaN or infinite numbers; train again")
    return passed("weights_finite", "all numbers are finite")


def adapter_norm(pair: Pair) -> Check:
    """Check that ``|BA| / |W|``, in Frobenius norms, is more than negligible in some module."""
    name = "adapter_norm"
    rank = max(1, pair.config.r)
    scale = pair.config.lora_alpha / (rank**0.5 if pair.config.use_rslora else rank)
    relative = []
    for module, low, high in pair.factors():
        a, b = low.numbers(), high.numbers()
        square = float(((b.T @ b) * (a @ a.T)).sum())
        relative.append(scale * max(0.0, square) ** 0.5 / (pair.norms.get(module) or 1.0))
    if not relative:
        return skipped(name, "the adapter has no pair of LoRA matrices")
    if not max(relative) > NEGLIGIBLE:
        return missed(
            name,
            f"its change is at most {max(relative):.1g} of the base in every module, so it is the "
            "base alone; train it, or save the trained one",
        )
    still = sum(change == 0 for change in relative)
    note = f"; {still} of {len(relative)} modules are not changed" if still else ""
    return passed(name, f"changes a module by {median(relative):.1%} of its norm (median){note}")
