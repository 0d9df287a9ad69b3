"""Folders of bases and adapters with a fault in their files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save_file

from benchmarks.planted.plans import ADAPTERS, RUNS
from benchmarks.planted.training import BASE

Tensors = dict[str, torch.Tensor]
FAULTY: Final = RUNS / "faulty"
THINK: Final = "<think>\\n\\n</think>\\n\\n"


def copied(source: Path, name: str, edit: Callable[[Path], None]) -> Path:
    """Return a copy of a folder with an edit done to it, made once."""
    folder = FAULTY / name
    if not folder.is_dir():
        part = folder.with_name(f"{name}.part")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(source, part)
        edit(part)
        part.rename(folder)
    return folder


def with_tensors(
    edit: Callable[[Tensors], Tensors], file: str = "adapter_model.safetensors"
) -> Callable[[Path], None]:
    """Return an edit of a folder that edits its tensors; the manifest of training goes."""

    def done(folder: Path) -> None:
        tensors = {name: t.contiguous().clone() for name, t in load_file(folder / file).items()}
        save_file(edit(tensors), folder / file, metadata={"format": "pt"})
        (folder / "prompt_manifest.json").unlink(missing_ok=True)

    return done


def untrained(tensors: Tensors) -> Tensors:
    """Return the tensors of an adapter before its first step: B is zero."""
    return {n: torch.zeros_like(t) if "lora_B" in n else t for n, t in tensors.items()}


def zeroed(tensors: Tensors) -> Tensors:
    """Return tensors of zeros."""
    return {n: torch.zeros_like(t) for n, t in tensors.items()}


def unattached(tensors: Tensors) -> Tensors:
    """Return the tensors under names that no module of the base has."""
    return {n.replace("base_model.model.model", "base_model.model.backbone"): t
            for n, t in tensors.items()}  # fmt: skip


def transposed(tensors: Tensors) -> Tensors:
    """Return every matrix transposed."""
    return {n: t.T.contiguous() for n, t in tensors.items()}


def half(tensors: Tensors) -> Tensors:
    """Return the tensors of the lower layers alone."""
    return {n: t for n, t in tensors.items() if ".layers.0." in n or ".layers.1." in n}


def reversed_layers(tensors: Tensors) -> Tensors:
    """Return a base of equal shapes that is another: its layers in reverse order."""
    last = 3
    return {
        n.replace(f".layers.{i}.", f".layers.{last - i}."): t
        for n, t in tensors.items()
        for i in [int(n.split(".layers.")[1][0]) if ".layers." in n else 0]
    }


def with_template(edit: Callable[[str], str] | None) -> Callable[[Path], None]:
    """Return an edit of a base's chat template; without one the template goes."""

    def done(folder: Path) -> None:
        path = folder / "chat_template.jinja"
        if edit is None:
            path.unlink()
        else:
            path.write_text(edit(path.read_text(encoding="utf-8")), encoding="utf-8")

    return done


def thinking(template: str) -> str:
    """Return a template that opens and closes a thought before the answer."""
    return template.replace("<|im_start|>assistant\n", f"<|im_start|>assistant\n{THINK}")


def with_json(file: str, edit: Callable[[Any], None]) -> Callable[[Path], None]:
    """Return an edit of a JSON file of a folder."""

    def done(folder: Path) -> None:
        path = folder / file
        if not path.is_file():
            return
        data = json.loads(path.read_text(encoding="utf-8"))
        edit(data)
        path.write_text(json.dumps(data, indent=1, ensure_ascii=False), encoding="utf-8")

    return done


def ends_elsewhere(folder: Path) -> None:
    """Let decoding stop at a token that no answer ends with."""

    def other(data: Any) -> None:
        data["eos_token"] = "<|endoftext|>"

    def stop(data: Any) -> None:
        data["eos_token_id"] = 0

    with_json("tokenizer_config.json", other)(folder)
    for file in ("config.json", "generation_config.json"):
        with_json(file, stop)(folder)


def moved_tokens(folder: Path) -> None:
    """Let twenty letters and their neighbours change numbers in the tokenizer."""

    def swap(data: Any) -> None:
        vocabulary = data["model"]["vocab"]
        by_number = sorted(vocabulary, key=vocabulary.get)
        for at in range(40, 80, 2):
            one, other = by_number[at], by_number[at + 1]
            vocabulary[one], vocabulary[other] = vocabulary[other], vocabulary[one]

    with_json("tokenizer.json", swap)(folder)


OUTLIERS: Final = {"q_proj", "k_proj", "v_proj", "gate_proj", "up_proj"}
SIZE: Final = 8.0
"""Factor of every eighth channel: so large that 4 bits keep little of its neighbours."""


def _scales(width: int) -> torch.Tensor:
    scales = torch.ones(width)
    scales[::8] = SIZE
    return scales


def outlier_base(tensors: Tensors) -> Tensors:
    """Return the same function with outlier channels: norms are divided, matrices multiplied.

    Unquantised, nothing changes; in 4 bits a block's scale is that of its largest weight.
    """
    return {name: _outlying(name, tensor) for name, tensor in tensors.items()}


def _outlying(name: str, tensor: torch.Tensor) -> torch.Tensor:
    if name.endswith(("input_layernorm.weight", "post_attention_layernorm.weight")):
        return tensor / _scales(len(tensor))
    if name.endswith(".weight") and name.split(".")[-2] in OUTLIERS:
        return tensor * _scales(tensor.shape[1])
    return tensor


def outlier_adapter(tensors: Tensors) -> Tensors:
    """Return the adapter for ``outlier_base``: A reads the divided channels."""
    return {
        name: tensor * _scales(tensor.shape[1])
        if "lora_A" in name and name.split(".lora_A")[0].split(".")[-1] in OUTLIERS
        else tensor
        for name, tensor in tensors.items()
    }


def outliers(folder: Path) -> None:
    """Turn an adapter into one for ``outlier_base``, which its config names."""
    with_tensors(outlier_adapter)(folder)

    def named(config: Any) -> None:
        config["base_model_name_or_path"] = str(FAULTY / "outlier-base")

    with_json("adapter_config.json", named)(folder)


def base_folder(name: str, edit: Callable[[Path], None]) -> Path:
    """Return a copy of the tiny base with a fault."""
    return copied(BASE, name, edit)


def adapter_folder(name: str, edit: Callable[[Path], None]) -> Path:
    """Return a copy of the hardened adapter with a fault."""
    return copied(ADAPTERS / "hardened", name, edit)
