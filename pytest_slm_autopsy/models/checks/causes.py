"""Causes of a tensor that does not fit, told from the adapter's tensors, its config and the base.

Each cause is decided by evidence: which side of a matrix differs, in which modules, and how.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Final

import numpy as np

from pytest_slm_autopsy.models.checks.outline import in_pattern
from pytest_slm_autopsy.models.checks.pair import PREFIX, Pair
from pytest_slm_autopsy.models.checks.stored import Shape, Stored

_FACTOR: Final = re.compile(r"\.lora_(embedding_)?([AB])(\.weight)?$")
_LAYER: Final = re.compile(r"\.(\d+)\.")
_EMBEDDINGS: Final = re.compile(r"(^|\.)(embed_tokens|lm_head|wte|embed_in|embed_out)(\.|$)")
# What a way of saving that is not peft's leaves in a name, and that way.
_WRAPPINGS: Final[Mapping[str, str]] = {
    "_orig_mod.": "torch.compile",
    "_fsdp_wrapped_module.": "FSDP",
    ".module.": "DistributedDataParallel",
    ".base_layer.weight": "the model's state_dict()",
    ".modules_to_save.": "the model's state_dict()",
    ".original_module.": "the model's state_dict()",
}
# An adapter's own name inside a tensor's, which peft takes out when it saves.
_OWN_NAME: Final = re.compile(r"\.lora_(?:embedding_)?[AB]\.(?!weight$|bias$)([^.]+)")
# The end of a tensor's name that only a setting of the config makes, and how to set it.
_SETTINGS: Final[Mapping[str, str]] = {
    "lora_magnitude_vector": '"use_dora": true',
    "lora_B.bias": '"lora_bias": true',
    "trainable_tokens_delta": '"trainable_token_indices" with the tokens that were trained',
    ".bias": '"bias": "lora_only" or "all"',
}
_METHODS: Final = re.compile(r"\.(hada_|lokr_|vera_|ia3_|oft_|boft_|hra_|vblora_|randlora_|miss_)")
_RESIZED: Final = (
    "the embeddings were resized in training; give the base as it was trained: resize its "
    "embeddings to {rows} rows and save it with its tokenizer"
)
_CLOSE: Final = 2.0**-7
"""Relative difference of two numbers that one of them being bfloat16 explains."""


class Causes:
    """Causes of what does not fit between an adapter's tensors and its base."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.found = pair.expected.found

    def of_shape(self, name: str, asked: Shape) -> str:
        """Return why a tensor has another shape than the config asks for on this base."""
        found = self.found[name]
        if 0 in found:
            return (
                "it is empty, as DeepSpeed ZeRO-3 saves what it has not gathered; set "
                "stage3_gather_16bit_weights_on_model_save to true and save the adapter again"
            )
        if len(found) == 1 < len(asked):
            return (
                "it is one flat piece, as FSDP saves what it has not gathered; save the adapter "
                "again from a FULL_STATE_DICT"
            )
        if len(found) != len(asked):
            return "its config and its weights are not of one training; save the adapter again"
        apart = [side for side, size in enumerate(asked) if found[side] != size]
        if apart == [self._rank_side(name, asked)]:
            return self._of_rank(name)
        if found == asked[::-1]:
            return "it is transposed, so peft did not save it; save the adapter with peft"
        if name.endswith("trainable_tokens_delta") and found[1:] == asked[1:]:
            return (
                f"the config's trainable_token_indices name {asked[0]} tokens and {found[0]} were "
                "trained; restore the list of training"
            )
        if len(apart) == 1 and _EMBEDDINGS.search(name) and asked[apart[0]] in self._rows:
            return _RESIZED.format(rows=found[apart[0]])
        return (
            "the adapter was trained on a base of another size; load the base of training"
            f"{f' ({named})' if (named := self.pair.config.base_model_name_or_path) else ''}"
        )

    def _rank_side(self, name: str, asked: Shape) -> int | None:
        factor = _FACTOR.search(name)
        return "AB".index(factor[2]) if factor and len(asked) == 2 else None

    @cached_property
    def ranks(self) -> dict[str, tuple[int, int]]:
        """Return the rank of each adapted module, found and asked for, where A and B agree."""
        seen: dict[str, set[tuple[int, int]]] = {}
        for name, asked in self.pair.expected.asked.items():
            side, found = self._rank_side(name, asked), self.found.get(name)
            if side is not None and found is not None and len(found) == 2:
                module = _module(name)
                seen.setdefault(module, set()).add((found[side], asked[side]))
        return {module: next(iter(ranks)) for module, ranks in seen.items() if len(ranks) == 1}

    def _of_rank(self, name: str) -> str:
        """Return why a rank is another: ``r`` or ``rank_pattern`` was edited, or one is lost."""
        module = _module(name)
        if module not in self.ranks:
            return "A and B are of different ranks, so they are not of one training; save it again"
        if self._in_rank_pattern(module):
            return (
                f"the config's rank_pattern was edited: {module} was trained with rank "
                f"{self.ranks[module][0]}; restore the config of training"
            )
        # The rank of experts is counted in one matrix for all of them.
        counts = Counter(
            found * self.pair.config.r // asked
            for name, (found, asked) in self.ranks.items()
            if not self._in_rank_pattern(name)
        )
        if len(counts) == 1:
            return (
                f"the config's r was edited: every module was trained with rank {min(counts)}; "
                f'write "r": {min(counts)}, and lora_alpha as in training'
            )
        told = ", ".join(f"{rank} in {count} modules" for rank, count in counts.most_common())
        lost = "rank_pattern was lost"
        if self.pair.config.r not in counts:
            lost = "r was edited, and its rank_pattern lost"
        return f"the config's {lost}: the ranks are {told}; restore the config of training"

    def _in_rank_pattern(self, module: str) -> bool:
        return any(in_pattern(module, key) for key in self.pair.config.rank_pattern or {})

    @cached_property
    def _embeddings(self) -> dict[str, Shape]:
        return {own: shape for own, shape in self.pair.own.items() if _EMBEDDINGS.search(own)}

    @property
    def _rows(self) -> set[int]:
        return {shape[0] for shape in self._embeddings.values()}

    def of_tokens(self) -> str:
        """Return why trained tokens have no row in the base, or an empty text if all have."""
        stated = self.pair.config.trainable_token_indices or []
        lists = stated.values() if isinstance(stated, dict) else [stated]
        tokens = [token for part in lists for token in part]
        if not tokens:
            return ""
        if min(tokens) < 0:
            return f"the config trains token {min(tokens)}, which is none; restore that of training"
        highest, rows = max(tokens), max(self._rows, default=0)
        if highest < rows or not rows:
            return ""
        told = _RESIZED.format(rows=f"{highest + 1} or more")
        return f"the config trains token {highest}, and this base has {rows} rows: {told}"

    def of_unexpected(self, names: Collection[str], lacking: Collection[str]) -> str:
        """Return why the adapter holds tensors that its config does not ask for on this base."""
        first = min(names)
        if way := self._way_of_saving(first):
            return f"{way}; save the adapter with save_pretrained of the peft model itself"
        if not first.startswith(PREFIX) and lacking:
            return f"peft's names begin with {PREFIX}; save the adapter with peft"
        if method := _METHODS.search(first):
            return f"{method[1]} is of another method than LoRA; restore the config of training"
        for end, setting in _SETTINGS.items():
            if first.endswith((end, f"{end}.weight")):
                return f"its config lost what made it; write {setting} into adapter_config.json"
        own = first.removeprefix(PREFIX)
        if own in self.pair.own:
            return self._of_whole_modules(names)
        return self._of_module(_FACTOR.sub("", own).removesuffix(".base_layer.weight"))

    def _way_of_saving(self, name: str) -> str:
        """Return the way that saved a tensor under such a name, if it is not peft's."""
        if own := _OWN_NAME.search(name):
            return f"the adapter's own name ({own[1]}) is in it, so it is of a raw state_dict()"
        for wrapping, way in _WRAPPINGS.items():
            if wrapping == ".base_layer.weight" and _EMBEDDINGS.search(name):
                continue  # peft saves those of adapted embeddings, too
            if wrapping in f".{name}" and not any(wrapping in f".{own}" for own in self.pair.own):
                return f"{wrapping.strip('.')} in it is of {way}"
        return ""

    def _of_whole_modules(self, names: Collection[str]) -> str:
        """Return the cause of weights that are the base's own: ``modules_to_save`` was lost."""
        own = {name.removeprefix(PREFIX).replace(".base_layer.", ".") for name in names}
        saved = {name.removesuffix(".weight") for name in own & self.pair.own.keys()}
        short = {module.rpartition(".")[2] for module in saved}
        # peft takes every module whose name ends so.
        meant = {module for module in self.pair.modules if module.endswith((*short,))}
        told = ", ".join(f'"{module}"' for module in sorted(short if meant == saved else saved))
        return (
            "a module trained whole is named in modules_to_save, which was lost; write "
            f'"modules_to_save": [{told}] into adapter_config.json'
        )

    def _of_module(self, module: str) -> str:
        """Return why a module was trained that the config does not name for this base."""
        if module in self.pair.modules:
            return (
                f"the config does not choose {module} (target_modules, layers_to_transform, "
                "exclude_modules); restore the config of training"
            )
        depth, layer = _depth(self.pair.own), _LAYER.search(f".{module}.")
        if layer and depth and int(layer[1]) >= depth:
            return f"it was trained on a base of more layers than the {depth} of this one; load it"
        return (
            "this base has no such module; its config and its weights are not of one training, "
            "or the adapter was trained on another architecture"
        )

    def of_lacking(self, names: Collection[str]) -> str:
        """Return why the adapter lacks tensors that its config asks for on this base."""
        for end, setting in _SETTINGS.items():
            if all(name.endswith((end, f"{end}.weight")) for name in names):
                return f"its config was edited: it was not trained with {setting.split(' with')[0]}"
        held, modules = set(map(_module, self.found)), set(map(_module, names))
        if layers := _depth(held):
            above = all((at := _LAYER.search(name)) and int(at[1]) >= layers for name in names)
            if above:
                return (
                    f"it has {layers} layers, so it was trained on a base of fewer layers, or its "
                    "layers_to_transform was lost; load that base, or restore the config"
                )
        kinds = {module.rpartition(".")[2] for module in modules}
        if not kinds & {module.rpartition(".")[2] for module in held}:
            return (
                f"it holds nothing for {', '.join(sorted(kinds))}, which its config names "
                "(target_modules, modules_to_save); restore the config of training"
            )
        return "the file is not whole, or of another training than its config; save it again"

    def of_embeddings(self, name: str) -> str:
        """Return why embeddings in the file are not the base's, or an empty text if they are.

        Rows at the end may differ: they are of tokens that were added.
        """
        own = name.removeprefix(PREFIX).replace(".base_layer.", ".")
        base = self.pair.base_tensors.get(own) or self._tied(own)
        if base is None or not base.floating:
            return ""
        ours, theirs = self.pair.tensors[name].numbers(), base.numbers()
        if ours.shape != theirs.shape:
            return ""
        bound = _CLOSE * np.maximum(abs(ours), abs(theirs))
        rows = np.flatnonzero((abs(ours - theirs) > bound).any(axis=tuple(range(1, ours.ndim))))
        if not len(rows) or (rows[0] > 0 and len(rows) == len(ours) - rows[0]):
            return ""
        return (
            f"{len(rows)} of its {len(ours)} rows are not the base's, and its config does not "
            f"name it; {self._of_whole_modules([name])}; or load the base it was trained on"
        )

    def _tied(self, own: str) -> Stored | None:
        """Return the stored tensor that a tied parameter shares, under its other name."""
        asked = self.pair.own.get(own)
        same = [name for name, shape in self._embeddings.items() if shape == asked]
        return next((held for name in same if (held := self.pair.base_tensors.get(name))), None)


def _module(name: str) -> str:
    """Return the module that a tensor is for, or of."""
    return _FACTOR.sub("", name).removesuffix(".weight").removeprefix(PREFIX)


def _depth(names: Iterable[str]) -> int:
    """Return the number of layers that names speak of."""
    found = [int(layer[1]) for name in names if (layer := _LAYER.search(name))]
    return max(found, default=-1) + 1


def written(shape: Shape) -> str:
    """Return a shape as a user reads it."""
    return " x ".join(map(str, shape)) if len(shape) > 1 else str(list(shape))
