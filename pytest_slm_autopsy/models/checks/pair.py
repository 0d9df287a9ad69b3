"""An adapter and a base as their files describe them: read, not loaded."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from transformers import GenerationConfig

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.checks import construction
from pytest_slm_autopsy.models.checks.construction import Expected
from pytest_slm_autopsy.models.checks.stored import Shape, Stored, stored, unpickled
from pytest_slm_autopsy.models.interface import ModelSpec
from pytest_slm_autopsy.models.loading import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    PICKLED,
    adapter_folder,
    base_folder,
    first_line,
    pickled,
    read_tokenizer,
)
from pytest_slm_autopsy.models.prompts import MANIFEST_NAME, read_manifest

PREFIX = "base_model.model."
"""What peft writes before the name that a module has in the base."""


@dataclass(frozen=True)
class Pair:
    """An adapter and the base it is for; each part is read when it is first asked for."""

    spec: ModelSpec
    given_manifest: Path | None = None

    @cached_property
    def folder(self) -> Path:
        """Return the folder of the adapter's files."""
        return adapter_folder(self.spec.adapter or "")

    @cached_property
    def stated(self) -> dict[str, Any]:
        """Return the adapter's config as it is written."""
        path = self.folder / ADAPTER_CONFIG
        try:
            stated = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ModelError(
                f"{path} is not JSON: {first_line(error)}; save the adapter again"
            ) from error
        if not isinstance(stated, dict) or "peft_type" not in stated:
            raise ModelError(f"{path} states no peft_type, so it is not an adapter's config; "
                             "give the folder that peft's save_pretrained wrote")  # fmt: skip
        return stated

    @cached_property
    def config(self) -> Any:
        """Return the adapter's config as peft reads it."""
        return construction.read_config(str(self.folder))

    @cached_property
    def manifest_path(self) -> Path | None:
        """Return the path of training's record, or ``None``."""
        beside = self.folder / MANIFEST_NAME
        return self.given_manifest or (beside if beside.is_file() else None)

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """Return training's record; empty where it is missing or cannot be read."""
        try:
            return read_manifest(self.manifest_path) if self.manifest_path else {}
        except ModelError:  # the check "manifest" reports it
            return {}

    @cached_property
    def tokenizer(self) -> Any:
        """Return the base's tokenizer."""
        return read_tokenizer(self.spec)

    @cached_property
    def base(self) -> Any:
        """Return the base without weights."""
        return construction.empty_base(self.spec)

    @cached_property
    def own(self) -> dict[str, Shape]:
        """Return the shapes of the base's parameters by name; tied ones have several names."""
        return {
            name: tuple(part.shape)
            for name, part in self.base.named_parameters(remove_duplicate=False)
        }

    @property
    def modules(self) -> set[str]:
        """Return the names of the base's modules that have a weight."""
        return {name.removesuffix(".weight") for name in self.own if name.endswith(".weight")}

    @cached_property
    def parameters(self) -> int:
        """Return the base's number of parameters."""
        return sum(part.numel() for part in self.base.parameters())

    @cached_property
    def stops(self) -> list[int]:
        """Return the tokens at which the base stops writing, as its files say."""
        try:
            stated = GenerationConfig.from_pretrained(
                self.spec.base, revision=self.spec.revision or "main"
            )
        except OSError:
            stated = self.base.config
        found = stated.eos_token_id
        return list(found) if isinstance(found, (list, tuple)) else [] if found is None else [found]

    @cached_property
    def expected(self) -> Expected:
        """Return the tensors that the adapter's config asks for on this base."""
        found = {name: tensor.shape for name, tensor in self.tensors.items()}
        return construction.expected_by_peft(self.base, self.config, found)

    @cached_property
    def tensors(self) -> dict[str, Stored]:
        """Return the adapter's own tensors."""
        if pickled(self.folder):
            return unpickled(self.folder / PICKLED)
        return stored(self.folder / ADAPTER_WEIGHTS)

    @cached_property
    def base_tensors(self) -> dict[str, Stored]:
        """Return the base's tensors, if its files are local."""
        folder = base_folder(self.spec)
        files = sorted(folder.glob("*.safetensors")) if folder else ()
        return {name: tensor for path in files for name, tensor in stored(path).items()}

    def factors(self) -> Iterator[tuple[str, Stored, Stored]]:
        """Yield module, A and B of every adapted matrix whose two factors fit each other."""
        for name, low in self.tensors.items():
            high = self.tensors.get(name.replace("lora_A", "lora_B"))
            if "lora_A" not in name or high is None or not len(high.shape) == 2 == len(low.shape):
                continue
            if high.shape[1] == low.shape[0]:
                yield name.removeprefix(PREFIX).partition(".lora_A")[0], low, high

    @cached_property
    def norms(self) -> dict[str, float]:
        """Return the norms of the base's adapted matrices, if its files are local and unpacked.

        A matrix that holds NaN or infinite numbers has such a norm.
        """
        found = {}
        for module, _, _ in self.factors():
            weight = self.base_tensors.get(f"{module}.weight")
            if weight is not None and weight.floating:
                found[module] = norm(weight.numbers())
        return found


def norm(numbers: Any) -> float:
    """Return the Frobenius norm of an array; it is finite where all its numbers are."""
    square = float(np.vdot(numbers, numbers))
    if not math.isfinite(square) and np.isfinite(numbers).all():
        square = float(np.square(numbers, dtype=np.float64).sum())
    return math.sqrt(square) if square >= 0 else square
