"""The commonest bases and adapters, read from configs and headers alone, without torch.

What is told here is what transformers and peft make, to the shape: tests compare the two. Whatever
is unusual in the least is left to them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from pytest_slm_autopsy.models.checks.stored import Shape, Stored
from pytest_slm_autopsy.whole_files import parsed

TYPES: Final = ("llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text", "olmo2",
                "granite", "smollm3")  # fmt: skip
"""Model types whose layers hold seven matrices under these names."""
# Keys of an adapter's config that change neither names nor shapes, whatever they hold.
_FREE: Final = frozenset(
    "peft_type task_type base_model_name_or_path peft_version inference_mode revision auto_mapping "
    "lora_dropout lora_alpha alpha_pattern use_rslora megatron_core qalora_group_size "
    "r rank_pattern target_modules use_dora".split()
)
# Those that are plain at one value beside an empty one.
_PLAIN: Final = {"bias": "none", "init_lora_weights": True}
# Values of a base's config that transformers surely takes.
_KNOWN: Final = {
    "hidden_act": ("silu", "gelu", "gelu_pytorch_tanh"),
    "hidden_activation": ("gelu", "gelu_pytorch_tanh", None),
    "quantization_config": (None,),
    "auto_map": (None,),
}
# Kinds of rotary positions, and the keys that each must have.
_ROPES: Final[Mapping[str, frozenset[str]]] = {
    "default": frozenset(),
    "llama3": frozenset(
        "factor low_freq_factor high_freq_factor original_max_position_embeddings".split()
    ),
}
_LAYER_TYPES: Final = {"full_attention", "sliding_attention"}
_LARGEST: Final = 2**31
_ALL_LINEAR: Final = "all-linear"
_EMBEDDINGS: Final = "model.embed_tokens.weight"
_HEAD: Final = "lm_head.weight"


@dataclass(frozen=True, slots=True)
class Expected:
    """Shapes of tensors by name: those that the config asks for, and those peft may save besides.

    ``besides`` are embeddings: peft saves them where they are targeted or were resized. ``found``
    are the adapter's own, under the names by which peft takes them.
    """

    asked: dict[str, Shape]
    besides: dict[str, Shape]
    found: dict[str, Shape]


@dataclass(frozen=True, slots=True)
class Outline:
    """A base without its weights.

    ``own`` holds the shapes of its parameters by name, where tied ones have several names;
    ``parameters`` is the number of its parameters, and ``rows`` that of its tokens.
    """

    own: dict[str, Shape]
    parameters: int
    rows: int


def plain_settings(stated: Mapping[str, Any]) -> SimpleNamespace | None:
    """Return an adapter's config, if it is a plain LoRA or DoRA of named modules; else ``None``."""
    held = {"r": 8, "lora_alpha": 8, "use_rslora": False, "use_dora": False, "task_type": None,
            "base_model_name_or_path": None, "trainable_token_indices": None,
            "target_modules": None, "rank_pattern": None, **stated}  # fmt: skip
    strange = [
        key
        for key, value in stated.items()
        if key not in _FREE and value and value != _PLAIN.get(key)
    ]
    if strange:
        return None
    ranks = [held["r"], *(held["rank_pattern"] or {}).values()] if _patterns(held) else [None]
    if not all(sound_scale(1, rank) for rank in ranks):
        return None
    if not sound_scale(held["lora_alpha"], 1) or not held["target_modules"]:
        return None
    flags = (held["use_rslora"], held["use_dora"])
    return SimpleNamespace(**held) if {*map(type, flags)} == {bool} else None


def sound_scale(alpha: Any, rank: Any) -> bool:
    """Tell whether alpha and rank of an adapter are numbers that can be divided."""
    fits = type(alpha) in (int, float) and abs(alpha) < _LARGEST  # NaN does not
    return bool(fits and type(rank) is int and 0 < rank < _LARGEST)


def _patterns(held: Mapping[str, Any]) -> bool:
    """Tell whether all names and patterns of modules have their form."""
    targets, pattern = held["target_modules"], held["rank_pattern"] or {}
    if not isinstance(pattern, dict) or not isinstance(targets, str | list):
        return False
    written = [*pattern, *([targets] if isinstance(targets, str) else targets)]
    try:
        return all(re.compile(one) for one in written)
    except (re.error, TypeError):
        return False


def plain_base(folder: Path | None, held: Mapping[str, Stored]) -> Outline | None:
    """Return a base's outline, if it is a plain decoder of a known type; else ``None``.

    Args:
        folder: the base's files.
        held: the tensors of its weights.
    """
    try:
        config = parsed((folder / "config.json").read_text("utf-8")) if folder else {}
        # Each layer has matrices: a config may state more than any loop comes to the end of.
        if not _known(config) or config["num_hidden_layers"] > len(held):
            return None
        asked = dict(_matrices(config))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        return None
    own = {name: tensor.shape for name, tensor in held.items()}
    tied = config["tie_word_embeddings"]
    if tied:
        own[_HEAD] = own.get(_HEAD, own.get(_EMBEDDINGS, ()))
    if {name: shape for name, shape in own.items() if len(shape) > 1} != asked:
        return None
    numbers = sum(math.prod(shape) for name, shape in own.items() if not (tied and name == _HEAD))
    return Outline(own, numbers, config["vocab_size"])


def _known(config: Mapping[str, Any]) -> bool:
    """Tell whether transformers surely builds a model of this config."""
    if config.get("model_type") not in TYPES or type(config.get("tie_word_embeddings")) is not bool:
        return False
    if any(key in config and config[key] not in known for key, known in _KNOWN.items()):
        return False
    if not all(_known_rope(config.get(name)) for name in ("rope_parameters", "rope_scaling")):
        return False
    layers = config.get("layer_types")
    pad = config.get("pad_token_id")
    fits = pad is None or (type(pad) is int and -1 <= pad < config["vocab_size"])
    deep = config["num_hidden_layers"]
    return fits and (layers is None or (len(layers) == deep and {*layers} <= _LAYER_TYPES))


def _known_rope(rope: Any) -> bool:
    """Tell whether positions are of a known kind; they may be stated for each type of layer."""
    if not rope:
        return True
    parts = rope.values() if {*rope} <= _LAYER_TYPES else [rope]
    return all(
        part.get("rope_type") in _ROPES
        and {*part} - {"rope_type", "rope_theta"} == _ROPES[part["rope_type"]]
        for part in parts
    )


def _matrices(config: Mapping[str, Any]) -> Iterator[tuple[str, Shape]]:
    """Yield name and shape of each matrix of a plain decoder."""
    size, inner, heads = (
        config[name] for name in ("hidden_size", "intermediate_size", "num_attention_heads")
    )
    if size % heads or heads % config["num_key_value_heads"]:
        raise ValueError("heads of unequal size")
    head = config.get("head_dim") or size // heads
    keys = config["num_key_value_heads"] * head
    for layer in range(config["num_hidden_layers"]):
        within = f"model.layers.{layer}"
        yield f"{within}.self_attn.q_proj.weight", (heads * head, size)
        yield f"{within}.self_attn.k_proj.weight", (keys, size)
        yield f"{within}.self_attn.v_proj.weight", (keys, size)
        yield f"{within}.self_attn.o_proj.weight", (size, heads * head)
        yield f"{within}.mlp.gate_proj.weight", (inner, size)
        yield f"{within}.mlp.up_proj.weight", (inner, size)
        yield f"{within}.mlp.down_proj.weight", (size, inner)
    for name in (_EMBEDDINGS, _HEAD):
        yield name, (config["vocab_size"], size)


def plain_tensors(own: Mapping[str, Shape], settings: SimpleNamespace) -> dict[str, Shape]:
    """Return the tensors that a plain adapter has on a plain base; none where it is not plain."""
    modules = {name.removesuffix(".weight"): shape for name, shape in own.items()
               if name.endswith(".weight")}  # fmt: skip
    projections = {name for name in modules if name.endswith("_proj")}
    # Whatever else could match: peft would adapt it in its own way, or refuse to.
    others = {*modules, *(part for name in modules for part in _parents(name))} - projections
    others |= {f"{part}.act_fn" for part in others if part.endswith(".mlp")} | {"model.rotary_emb"}
    targets = settings.target_modules
    everything = all_linear(targets)
    chosen = {name for name in projections if everything or _matches(targets, name)}
    if not everything and any(_matches(targets, name) for name in others):
        return {}
    made: dict[str, Shape] = {}
    for name in chosen:
        (high, low), rank = modules[name], _rank(settings, name)
        prefix = f"base_model.model.{name}.lora_"
        made |= {f"{prefix}A.weight": (rank, low), f"{prefix}B.weight": (high, rank)}
        if settings.use_dora:
            made[f"{prefix}magnitude_vector"] = (high,)
    return made


def _parents(name: str) -> Iterator[str]:
    while name := name.rpartition(".")[0]:
        yield name


def _matches(targets: str | list[str], name: str) -> bool:
    if isinstance(targets, str):
        return re.fullmatch(targets, name) is not None
    return any(ends_with(name, target) for target in targets)


def ends_with(module: str, target: str) -> bool:
    """Tell whether peft takes a module for a name among ``target_modules``."""
    return module == target or module.endswith(f".{target}")


def all_linear(targets: Any) -> bool:
    """Tell whether ``target_modules`` leave the choice to peft."""
    return isinstance(targets, str) and targets.lower() == _ALL_LINEAR


def in_pattern(module: str, pattern: str) -> bool:
    """Tell whether peft takes a module for a key of ``rank_pattern``."""
    return re.match(rf"(.*\.)?({pattern})$", module) is not None


def _rank(settings: SimpleNamespace, name: str) -> int:
    for pattern, rank in (settings.rank_pattern or {}).items():
        if in_pattern(name, pattern):
            return int(rank)
    return int(settings.r)
