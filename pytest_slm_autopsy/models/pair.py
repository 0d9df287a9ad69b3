"""An adapter and a base as their files tell them: read, not loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from peft import PeftConfig, get_peft_model, get_peft_model_state_dict
from safetensors import SafetensorError, safe_open
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig
from transformers.utils import logging

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.interface import ModelSpec
from pytest_slm_autopsy.models.loading import (
    ADAPTER_WEIGHTS,
    base_folder,
    first_line,
    load_tokenizer,
    unfound,
)
from pytest_slm_autopsy.models.prompts import MANIFEST_NAME, read_manifest

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Pair:
    """An adapter and the base it is to be put on; each part is read when it is first asked for."""

    spec: ModelSpec
    folder: Path
    manifest_path: Path | None = None

    @cached_property
    def config(self) -> Any:
        """The adapter's config, as peft reads it."""
        try:
            return PeftConfig.from_pretrained(str(self.folder))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelError(
                f"the config of adapter {self.folder} cannot be read: {first_line(error)}; "
                "save the adapter again with this version of peft"
            ) from error

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """What training left behind; empty when it left nothing."""
        path = self.manifest_path or self.folder / MANIFEST_NAME
        return read_manifest(path) if self.manifest_path or path.is_file() else {}

    @cached_property
    def tokenizer(self) -> Any:
        """The base's tokenizer."""
        return load_tokenizer(self.spec)

    @cached_property
    def base(self) -> Any:
        """The base without weights."""
        try:
            config = AutoConfig.from_pretrained(
                self.spec.base,
                revision=self.spec.revision,
                trust_remote_code=self.spec.trust_remote_code,
            )
            with torch.device("meta"), _silent():
                return AutoModelForCausalLM.from_config(
                    config, trust_remote_code=self.spec.trust_remote_code
                )
        except (OSError, ValueError) as error:
            raise unfound(self.spec.base, "model", error) from error

    @cached_property
    def modules(self) -> dict[str, Shape]:
        """The base's modules that have a weight, with its shape."""
        return {
            name: tuple(module.weight.shape)
            for name, module in self.base.named_modules()
            if isinstance(getattr(module, "weight", None), torch.Tensor)
        }

    @cached_property
    def parameters(self) -> int:
        """How many numbers the base has."""
        return sum(part.numel() for part in self.base.parameters())

    @cached_property
    def stops(self) -> list[int]:
        """The tokens at which the base stops writing, as its files say."""
        try:
            stated = GenerationConfig.from_pretrained(
                self.spec.base, revision=self.spec.revision or "main"
            )
        except OSError:
            stated = self.base.config
        found = stated.eos_token_id
        return list(found) if isinstance(found, (list, tuple)) else [] if found is None else [found]

    @cached_property
    def expected(self) -> dict[str, Shape]:
        """The tensors that peft would make for this config on this base."""
        modules, parameters = self.modules, self.parameters
        assert modules, parameters  # read before peft changes the base
        with torch.device("meta"), _silent():
            model = get_peft_model(self.base, self.config, low_cpu_mem_usage=True)
        tensors = get_peft_model_state_dict(model, save_embedding_layers=False)
        return {name: tuple(tensor.shape) for name, tensor in tensors.items()}

    @cached_property
    def tensors(self) -> dict[str, Any]:
        """The adapter's own tensors."""
        return dict(_stored(self.folder / ADAPTER_WEIGHTS))

    def factors(self) -> Iterator[tuple[str, Any, Any]]:
        """Module, A and B of every adapted matrix whose two factors fit each other."""
        for name, low in self.tensors.items():
            high = self.tensors.get(name.replace("lora_A", "lora_B"))
            if "lora_A" not in name or high is None or not high.ndim == 2 == low.ndim:
                continue
            if high.shape[1] == low.shape[0]:
                key = name.removeprefix("base_model.model.").partition(".lora_A")[0]
                yield key, low.float(), high.float()

    def adapted(self) -> Iterator[tuple[str, Any]]:
        """The base's weights of the adapted modules, where its files are at hand and unpacked."""
        folder = base_folder(self.spec)
        wanted = {f"{key}.weight" for key, _, _ in self.factors()}
        for path in sorted(folder.glob("*.safetensors")) if folder else ():
            for key, tensor in _stored(path, wanted):
                if tensor.is_floating_point():
                    yield key.removesuffix(".weight"), tensor


def _stored(path: Path, wanted: set[str] | None = None) -> Iterator[tuple[str, Any]]:
    """The tensors of a file, all or those wanted."""
    try:
        with safe_open(path, "pt") as file:
            for key in file.keys():  # noqa: SIM118
                if wanted is None or key in wanted:
                    yield key, file.get_tensor(key)
    except (SafetensorError, OSError, RuntimeError) as error:
        raise ModelError(
            f"{path} is corrupt or cut short ({first_line(error)}); fetch or save it again"
        ) from error


@contextmanager
def _silent() -> Iterator[None]:
    """Without what transformers says of a base without weights."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
