"""Checks of names: is the base the one that was trained on, does a name say another size?"""

from __future__ import annotations

import os
import re
from typing import Final

from pytest_slm_autopsy.models.checks import weights
from pytest_slm_autopsy.models.checks.check import Check, missed, passed
from pytest_slm_autopsy.models.checks.pair import Pair

_SIZED: Final = re.compile(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)\s?b(?![a-z0-9])", re.IGNORECASE)
# A model of 1.54 billion parameters may be called 1.5B; one of 1.9 billion may not.
_LIKE: Final = (0.8, 1.25)
# The end of a name that says how the same weights are packed, word by word.
_PACKED: Final = re.compile(
    r"""
    [-_.] (?:
      (?:unsloth[-_])? bnb                                # X-unsloth-bnb-4bit
      | awq | gptq | gguf | hqq | eetq | aqlm | exl[23] | mlx | autoround
      | [2-8][-_]?bits? | u?int[2-8] | nf4                # X-4bit, X-GPTQ-Int4
      | (?:nv|mx)?fp[48] (?:[-_]dynamic)?                 # X-FP8-dynamic
      | (?:quantized[-_.])? w\d+a\d+                      # X-quantized.w8a8
      | (?:gs?|group)(?:32|64|128) | (?:32|64|128)g       # X-4bit-128g
      | i?q[2-8] (?:_[01ksmlx]+)*                         # X-Q4_K_M
      | b?f(?:p|loat)?(?:16|32)                           # X-bf16
    ) $
    """,
    re.VERBOSE | re.IGNORECASE,
)


def base_name(pair: Pair) -> Check:
    """Check that the base is the one that the adapter's config names."""
    named, loaded = str(pair.config.base_model_name_or_path or ""), pair.spec.base
    if not named:
        return missed(
            "base_name", "the adapter's config names no base; write base_model_name_or_path into it"
        )
    if _plain_names(named) & _plain_names(loaded):
        return passed("base_name", f"{named} named, {loaded} loaded")
    if weights.base_weights(pair).outcome == "passed":
        return passed("base_name", f"{named} named, {loaded} loaded, of the same weights")
    return missed("base_name", f"it was trained on {named}, and {loaded} is loaded; load {named}")


def size_named(pair: Pair) -> Check:
    """Check that no name of adapter or base says another size than the base has."""
    size = pair.outline.parameters / 1e9
    named = str(pair.config.base_model_name_or_path or "")
    for name in map(short_name, (pair.spec.adapter or "", named, pair.spec.base)):
        for said in map(float, _SIZED.findall(name)):
            if not said * _LIKE[0] <= size <= said * _LIKE[1]:
                return missed(
                    "size_named",
                    f"{name!r} says {said:g}B, and the base has {size:.2g} billion parameters",
                )
    return passed("size_named", f"{size:.2g} billion parameters")


def short_name(name: str) -> str:
    """Return the model's own name from a hub name, a folder, or a place in a download cache."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    for part in parts:
        if part.startswith("models--"):  # models--org--name/snapshots/commit
            return part.rpartition("--")[2]
    # ModelScope's cache writes three underscores for a dot.
    return parts[-1].replace("___", ".") if parts else ""


def _plain_names(name: str) -> set[str]:
    """Return the model's own name without how it is packed; of a link, also where it leads."""
    # A text that can be no path raises nothing here.
    there = os.path.exists(name)  # noqa: PTH110
    places = {name, os.path.realpath(name)} if there else {name}
    return {_unpacked(short_name(place)).lower() for place in places} - {""}


def _unpacked(name: str) -> str:
    while (shorter := _PACKED.sub("", name)) not in (name, ""):
        name = shorter
    return name
