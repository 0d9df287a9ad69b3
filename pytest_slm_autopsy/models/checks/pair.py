"""An adapter and a base as their files describe them: read, not loaded."""

from __future__ import annotations

import copy
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from peft import PeftConfig, get_peft_model, get_peft_model_state_dict
from safetensors import SafetensorError, safe_open
from transformers import AutoModelForCausalLM, GenerationConfig
from transformers.utils import logging

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.golden import MANIFEST_NAME, read_manifest
from pytest_slm_autopsy.models.interface import ModelSpec
from pytest_slm_autopsy.models.loading import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    PICKLED,
    adapter_folder,
    base_config,
    base_folder,
    first_line,
    pickled,
    read_tokenizer,
    unfound,
)

Shape = tuple[int, ...]


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
        try:
            config = PeftConfig.from_pretrained(str(self.folder))
            if not (isinstance(config.r, int) and isinstance(config.lora_alpha, (int, float))):
                raise TypeError(f"r is {config.r!r} and lora_alpha {config.lora_alpha!r}")
            return config
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelError(
                f"the config of adapter {self.folder} cannot be read: {first_line(error)}; "
                "save the adapter again with this version of peft"
            ) from error

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
        """Return the tokenizer that training used: the adapter's own, or the base's."""
        return read_tokenizer(self.spec)

    @cached_property
    def base(self) -> Any:
        """Return the base without weights."""
        config = base_config(self.spec)
        try:
            with torch.device("meta"), _silent():
                return AutoModelForCausalLM.from_config(
                    config, trust_remote_code=self.spec.trust_remote_code
                )
        except (OSError, ValueError, TypeError, AttributeError, ImportError) as error:
            raise unfound(self.spec.base, "model", error) from error

    @cached_property
    def modules(self) -> dict[str, Shape]:
        """Return the shape of the weight of each of the base's modules that has one."""
        return {
            name: tuple(module.weight.shape)
            for name, module in self.base.named_modules()
            if isinstance(getattr(module, "weight", None), torch.Tensor)
        }

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
    def expected(self) -> tuple[dict[str, Shape], set[str]]:
        """Return the tensors that peft would make, and the names it may save besides.

        ``peft`` lays the adapter's config on this base; the first value maps names to shapes.
        """
        # peft changes both: it adds modules to the base, and the base's name to the config.
        base, config = copy.deepcopy(self.base), copy.deepcopy(self.config)
        try:
            with torch.device("meta"), _silent():
                model = get_peft_model(base, config, low_cpu_mem_usage=True)
                tensors = get_peft_model_state_dict(model, save_embedding_layers=False)
                more = get_peft_model_state_dict(model, save_embedding_layers=True)
        except (ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
            raise ModelError(
                f"peft cannot lay the adapter's config on this base: {first_line(error)}; "
                "save the adapter again, or load the base it was trained on"
            ) from error
        return {name: tuple(tensor.shape) for name, tensor in tensors.items()}, {*more}

    @cached_property
    def tensors(self) -> dict[str, Any]:
        """Return the adapter's own tensors."""
        if not pickled(self.folder):
            return dict(stored(self.folder / ADAPTER_WEIGHTS))
        path = self.folder / PICKLED
        try:
            return dict(torch.load(path, map_location="cpu", weights_only=True))
        except (UnpicklingError, RuntimeError, EOFError, OSError, TypeError, ValueError) as error:
            raise ModelError(f"{path} cannot be read: {first_line(error)}") from error

    def factors(self) -> Iterator[tuple[str, Any, Any]]:
        """Yield module, A and B of every adapted matrix whose two factors fit each other."""
        for name, low in self.tensors.items():
            high = self.tensors.get(name.replace("lora_A", "lora_B"))
            if "lora_A" not in name or high is None or not high.ndim == 2 == low.ndim:
                continue
            if high.shape[1] == low.shape[0]:
                key = name.removeprefix("base_model.model.").partition(".lora_A")[0]
                yield key, low.float(), high.float()

    def adapted(self) -> Iterator[tuple[str, Any]]:
        """Yield the base's weights of the adapted modules, if its files are local and unpacked."""
        folder = base_folder(self.spec)
        wanted = {f"{key}.weight" for key, _, _ in self.factors()}
        for path in sorted(folder.glob("*.safetensors")) if folder else ():
            for key, tensor in stored(path, wanted):
                if tensor.is_floating_point():
                    yield key.removesuffix(".weight"), tensor


def stored(path: Path, wanted: set[str] | None = None) -> Iterator[tuple[str, Any]]:
    """Yield the tensors of a safetensors file: all, or those in ``wanted``.

    Raises:
        ModelError: the file is not a whole safetensors file.
    """
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
    """Silence transformers and peft inside the block: they complain of a base without weights."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.set_verbosity(level)
