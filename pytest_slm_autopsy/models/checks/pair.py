"""An adapter and a base as their files describe them: read, not loaded."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.checks.outline import (
    Expected,
    Outline,
    plain_base,
    plain_settings,
    plain_tensors,
)
from pytest_slm_autopsy.models.checks.stored import Shape, Stored, stored, unpickled
from pytest_slm_autopsy.models.golden import MANIFEST_NAME, read_manifest
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
from pytest_slm_autopsy.whole_files import parsed

_LOG = logging.getLogger(__name__)
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
            stated = parsed(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelError(
                f"{path} is not JSON: {first_line(error)}; save the adapter again"
            ) from error
        if not isinstance(stated, dict) or "peft_type" not in stated:
            raise ModelError(f"{path} states no peft_type, so it is not an adapter's config; "
                             "give the folder that peft's save_pretrained wrote")  # fmt: skip
        return stated

    @cached_property
    def config(self) -> Any:
        """Return the adapter's config as peft reads it; a plain one is not given to peft."""
        return plain_settings(self.stated) or self.peft_config

    @cached_property
    def peft_config(self) -> Any:
        """Return the adapter's config, read by peft."""
        return _construction().read_config(str(self.folder))

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
        """Return the base without weights, as transformers builds it."""
        return _construction().empty_base(self.spec)

    @cached_property
    def outline(self) -> Outline:
        """Return the base's names and shapes; those of a plain base are read without torch."""
        unusual = self.spec.trust_remote_code
        plain = None if unusual else plain_base(base_folder(self.spec), self.base_tensors)
        return plain or _construction().outline_of(self.base)

    @property
    def own(self) -> dict[str, Shape]:
        """Return the shapes of the base's parameters by name; tied ones have several names."""
        return self.outline.own

    @cached_property
    def modules(self) -> set[str]:
        """Return the names of the base's modules that have a weight."""
        return {name.removesuffix(".weight") for name in self.own if name.endswith(".weight")}

    @cached_property
    def stops(self) -> list[int]:
        """Return the tokens at which the base stops writing, as its files say."""
        folder = base_folder(self.spec)
        stated = _stated(folder / "generation_config.json") if folder else {}
        if stated:
            found = stated.get("eos_token_id")
        else:
            found = _construction().stops_of(self.spec, self.base)
        return list(found) if isinstance(found, list | tuple) else [] if found is None else [found]

    @cached_property
    def expected(self) -> Expected:
        """Return the tensors that the adapter's config asks for on this base.

        A plain adapter that has exactly those of an outline is not given to peft.
        """
        found = {name: tensor.shape for name, tensor in self.tensors.items()}
        settings = plain_settings(self.stated)
        if settings and found and plain_tensors(self.own, settings) == found:
            return Expected(found, {}, found)
        expected: Expected = _construction().expected_by_peft(self.base, self.peft_config, found)
        return expected

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
        _LOG.info("reading the matrices of the base that the adapter is for")
        for module, _, _ in self.factors():
            weight = self.base_tensors.get(f"{module}.weight")
            if weight is not None and weight.floating:
                found[module] = weight.norm()
        return found


def _stated(path: Path) -> Mapping[str, Any]:
    """Return a JSON object of a file; empty where it is not there or is something else."""
    try:
        stated = parsed(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stated if isinstance(stated, dict) else {}


@cache
def _construction() -> Any:
    """Return the module that asks transformers and peft, which take seconds to import."""
    _LOG.info("importing torch, transformers and peft, to build the base without weights")
    from pytest_slm_autopsy.models.checks import construction

    return construction
