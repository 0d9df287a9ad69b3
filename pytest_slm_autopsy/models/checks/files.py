"""Checks of files: is everything there, and can it be read?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.checks.check import Check, missed, passed, skipped
from pytest_slm_autopsy.models.checks.pair import Pair
from pytest_slm_autopsy.models.checks.stored import stored
from pytest_slm_autopsy.models.golden import read_manifest
from pytest_slm_autopsy.models.loading import (
    ADAPTER_WEIGHTS,
    PICKLED,
    find_base,
    first_line,
    pickled,
)
from pytest_slm_autopsy.whole_files import parsed

LONGEST: Final = 4_000
"""Most signs of a pattern of modules."""
# A group that ends in a repeat, and repeats: (a+)+, (.*)*, ((?:x|y+)){2,}.
_NESTED: Final = re.compile(r"[*+}]\??\)+(?:[*+]|\{\d*,)")


def adapter_files(pair: Pair) -> Check:
    """Check that the folder holds a LoRA adapter for a causal model that can be read."""
    name, kind = "adapter_files", pair.stated["peft_type"]
    if kind != "LORA":
        return missed(name, f"the adapter's type is {kind}; only LORA can be tested")
    if wrong := _unsafe(pair.stated):
        return missed(name, wrong)
    task = pair.config.task_type
    if task not in (None, "CAUSAL_LM"):
        return missed(
            name, f"the adapter was trained for {task}, not CAUSAL_LM, so it writes no text; "
            "give an adapter that does"
        )  # fmt: skip
    if pickled(pair.folder):
        return passed(name, f"its weights are {PICKLED}")
    return passed(name, f"{len(pair.tensors)} tensors in {pair.folder}")


def _unsafe(stated: Mapping[str, Any]) -> str:
    """Return why an adapter's config must not be given to peft; empty where it may."""
    if stated.get("megatron_config"):
        return (
            "its config has a megatron_config, for which peft imports the module that "
            "megatron_core names; an adapter must not choose code: take both keys away"
        )
    named = [stated.get(key) for key in ("target_modules", "exclude_modules", "layers_pattern")]
    keys = [stated.get(key) for key in ("rank_pattern", "alpha_pattern")]
    patterns = [*named, *(key for one in keys if isinstance(one, dict) for key in one)]
    for pattern in patterns:
        if isinstance(pattern, str) and (len(pattern) > LONGEST or _NESTED.search(pattern)):
            return (
                f"the pattern {pattern!r:.60} repeats what repeats, or has more than {LONGEST:,} "
                "signs, so that matching it may never end; list the modules by name"
            )
    return ""


def safetensors(pair: Pair) -> Check:
    """Check that the adapter's weights are safetensors: a pickle can run code when it is read."""
    if pickled(pair.folder):
        return missed(
            "safetensors",
            f"{pair.folder} holds its weights as a pickle ({PICKLED}), which can run code when it "
            "is read; save the adapter again with safe_serialization=True",
        )
    return passed("safetensors", ADAPTER_WEIGHTS)


def base_files(pair: Pair) -> Check:
    """Check that config, tokenizer and weights of the base can be read."""
    name, base = "base_files", pair.spec.base
    find_base(pair.spec)
    shown = f"{len(pair.modules)} modules, {len(pair.tokenizer)} tokens"
    # Some tokenizers load even without their files, and are then empty.
    if not pair.tokenizer("Total: 12.00", add_special_tokens=False)["input_ids"]:
        return missed(name, f"no tokenizer can be loaded from {base}: it makes no token of a text")
    if not Path(base).is_dir():
        return passed(name, shown)
    files = sorted(Path(base).glob("*.safetensors"))
    for path in files:
        stored(path)
    if not files:
        return missed(
            name, f"{base} holds no weights in safetensors (*.safetensors); fetch or save it again"
        )
    for index in Path(base).glob("*.safetensors.index.json"):
        if lost := _named(index) - {path.name for path in files}:
            return missed(name, f"{base} lacks {min(lost)}, which {index.name} names; fetch it")
    return passed(name, f"{shown}, weights in safetensors")


def _named(index: Path) -> set[str]:
    """Return the files that an index of weights names.

    Raises:
        ModelError: it is no index.
    """
    try:
        return {*map(str.__str__, parsed(index.read_text(encoding="utf-8"))["weight_map"].values())}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(
            f"{index} is no index of weights ({first_line(error)}); fetch or save it again"
        ) from error


def manifest(pair: Pair) -> Check:
    """Check that training's record can be read."""
    if pair.manifest_path is None:
        return skipped("manifest", "training left none (prompt_manifest.json)")
    golden = read_manifest(pair.manifest_path)
    return passed("manifest", f"version {golden['version']}, {len(golden['prompts'])} prompts")
