"""Faults to plant in a copy of a healthy adapter and its base; each edits one thing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from pytest_slm_autopsy import ModelSpec
from pytest_slm_autopsy.models import Check, check_files

ADAPTER, CONFIG = "adapter_model.safetensors", "adapter_config.json"
WEIGHTS, MANIFEST = "model.safetensors", "prompt_manifest.json"


@dataclass(frozen=True)
class Place:
    """Where an adapter and its base lie; ``base`` may be replaced by a name."""

    base: Path
    adapter: Path

    def checks(self, *, manifest: Path | None = None, **chosen: Any) -> dict[str, Check]:
        """Every check of files, by name."""
        allow = chosen.pop("allow", ())
        spec = ModelSpec(base=str(self.base), adapter=str(self.adapter), device="cpu", **chosen)
        return {check.name: check for check in check_files(spec, manifest, allow=allow)}

    def faults(self, **chosen: Any) -> dict[str, str]:
        """What failed or warned, with its evidence."""
        found = self.checks(**chosen).values()
        return {one.name: one.evidence for one in found if one.outcome in ("failed", "warned")}


Plant = Callable[[Place], None]


def copied(base: Path, adapter: Path, to: Path) -> Place:
    """A place of one's own, to be spoilt."""
    made = shutil.copytree(base, to / base.name), shutil.copytree(adapter, to / adapter.name)
    return Place(*map(Path, made))


def edit_json(path: Path, **changes: Any) -> None:
    """Change keys of a JSON object; ``None`` takes one away."""
    data = {**json.loads(path.read_text(encoding="utf-8")), **changes}
    kept = {key: value for key, value in data.items() if value is not None}
    path.write_text(json.dumps(kept), encoding="utf-8")


def edit_tensors(path: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    """Change the tensors of a file, names and all."""
    tensors = load_file(path)
    change(tensors)
    whole = {name: tensor.contiguous().clone() for name, tensor in tensors.items()}
    save_file(whole, path, metadata={"format": "pt"})


def adapter_tensors(change: Callable[[dict[str, torch.Tensor]], None]) -> Plant:
    """A fault in the adapter's tensors."""
    return lambda place: edit_tensors(place.adapter / ADAPTER, change)


def base_tensors(change: Callable[[dict[str, torch.Tensor]], None]) -> Plant:
    """A fault in the base's tensors."""
    return lambda place: edit_tensors(place.base / WEIGHTS, change)


def adapter_config(**changes: Any) -> Plant:
    """A fault in the adapter's config."""
    return lambda place: edit_json(place.adapter / CONFIG, **changes)


def manifest(**changes: Any) -> Plant:
    """A fault in training's record, or in what differs from it."""
    return lambda place: edit_json(place.adapter / MANIFEST, **changes)


def written(where: str, text: str) -> Plant:
    """A file with other content; ``where`` is such as ``adapter/adapter_config.json``."""

    def plant(place: Place) -> None:
        part, _, name = where.partition("/")
        (getattr(place, part) / name).write_text(text, encoding="utf-8")

    return plant


def without(where: str) -> Plant:
    """A file that is not there."""

    def plant(place: Place) -> None:
        part, _, name = where.partition("/")
        (getattr(place, part) / name).unlink()

    return plant


def cut_short(where: str) -> Plant:
    """A file whose second half is lost."""

    def plant(place: Place) -> None:
        part, _, name = where.partition("/")
        path = getattr(place, part) / name
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    return plant


def every(*plants: Plant) -> Plant:
    """Several edits that are one fault."""

    def plant(place: Place) -> None:
        for one in plants:
            one(place)

    return plant


def first_b(tensors: dict[str, torch.Tensor]) -> str:
    """The name of the first B matrix."""
    return min(name for name in tensors if "lora_B" in name)


def transpose_b(tensors: dict[str, torch.Tensor]) -> None:
    """One B, turned."""
    tensors[first_b(tensors)] = tensors[first_b(tensors)].T


def nan(tensors: dict[str, torch.Tensor]) -> None:
    """One number that is none."""
    tensors[first_b(tensors)][0, 0] = float("nan")


def zero_b(tensors: dict[str, torch.Tensor]) -> None:
    """An adapter as it is before training."""
    for name, tensor in tensors.items():
        if "lora_B" in name:
            tensor.zero_()


def tiny_b(tensors: dict[str, torch.Tensor]) -> None:
    """An adapter that hardly is."""
    for name in tensors:
        if "lora_B" in name:
            tensors[name] *= 1e-6


def swap_layers(tensors: dict[str, torch.Tensor]) -> None:
    """The tensors of two layers, exchanged."""
    for name in [name for name in tensors if ".layers.0." in name]:
        other = name.replace(".layers.0.", ".layers.1.")
        tensors[name], tensors[other] = tensors[other], tensors[name]


def widen(tensors: dict[str, torch.Tensor]) -> None:
    """The adapter of a base of twice the hidden size."""
    for name, tensor in tensors.items():
        axis = 1 if "lora_A" in name else 0
        tensors[name] = torch.cat([tensor, tensor], axis)


def lose_one(tensors: dict[str, torch.Tensor]) -> None:
    """A tensor less."""
    del tensors[first_b(tensors)]


def add_layer(tensors: dict[str, torch.Tensor]) -> None:
    """A layer that the base has not."""
    for name in [name for name in tensors if ".layers.0." in name]:
        tensors[name.replace(".layers.0.", ".layers.40.")] = tensors[name]


def shaken(tensors: dict[str, torch.Tensor]) -> None:
    """Other weights of the same shapes."""
    name = max(tensors)
    tensors[name] = tensors[name] + 0.01


def infinite_base(tensors: dict[str, torch.Tensor]) -> None:
    """One infinite weight in a module that the adapter is for."""
    name = next(name for name in tensors if name.endswith("q_proj.weight"))
    tensors[name][0, 0] = float("inf")


def pickled(place: Place) -> None:
    """The same weights, as a pickle only."""
    torch.save(load_file(place.adapter / ADAPTER), place.adapter / "adapter_model.bin")
    (place.adapter / ADAPTER).unlink()


def _tokens(place: Place, change: Callable[[dict[str, Any]], None]) -> None:
    path = place.base / "tokenizer.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def token_moved(place: Place) -> None:
    """Two tokens that training's prompts hold have changed places."""

    def swap(data: dict[str, Any]) -> None:
        vocabulary = data["model"]["vocab"]
        vocabulary["e"], vocabulary["a"] = vocabulary["a"], vocabulary["e"]

    _tokens(place, swap)


def token_moved_unseen(place: Place) -> None:
    """Two tokens that no golden prompt holds have changed places."""
    entries = json.loads((place.adapter / MANIFEST).read_text(encoding="utf-8"))["prompts"]
    used = {token for entry in entries for token in entry["ids"]}

    def swap(data: dict[str, Any]) -> None:
        vocabulary = data["model"]["vocab"]
        one, other = [token for token, at in vocabulary.items() if at not in used and at > 300][:2]
        vocabulary[one], vocabulary[other] = vocabulary[other], vocabulary[one]

    _tokens(place, swap)


def token_too_many(place: Place) -> None:
    """A token for which the base has no row."""
    one = {"id": 4000, "content": "<|more|>", "special": True, "single_word": False,
           "lstrip": False, "rstrip": False, "normalized": False}  # fmt: skip
    _tokens(place, lambda data: data["added_tokens"].append(one))


def moved(part: str, name: str) -> Callable[[Place], Place]:
    """The same folder under another name."""

    def plant(place: Place) -> Place:
        folders = {"base": place.base, "adapter": place.adapter}
        folders[part] = folders[part].rename(folders[part].parent / name)
        return Place(**folders)

    return plant
