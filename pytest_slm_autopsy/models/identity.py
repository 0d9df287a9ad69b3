"""Digests of everything that decides a loaded model's answers: files, settings and libraries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from hashlib import file_digest, sha256
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import Any, Final

import torch

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.interface import ModelSpec
from pytest_slm_autopsy.models.loading import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    PICKLED,
    TEMPLATE,
    TOKENIZERS,
    base_folder,
    local_adapter,
)

LIBRARIES: Final = (
    *("pytest-slm-autopsy", "torch", "transformers", "peft", "bitsandbytes", "tokenizers"),
)
_BASE_KINDS: Final = (".safetensors", ".json", ".jinja", ".model", ".txt", ".py")
_ADAPTER_NAMES: Final = (
    *(ADAPTER_CONFIG, ADAPTER_WEIGHTS, PICKLED, *TOKENIZERS, TEMPLATE),
    *("tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"),
)
_AT_ONCE: Final = 1 << 24
"""Numbers of a tensor that are taken to float32 at once."""
_PLACES: Final = {"base", "adapter", "revision", "device"}


class Files:
    """The files a model was loaded from: listed when it is loaded, hashed when asked for.

    A base that was downloaded is known by its name and commit, and is not hashed.
    """

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec
        self._commit = _commit(spec)
        self._seen = _look(spec)
        self._digest = ""

    def digest(self) -> str:
        """Return a hash of the files' names and contents, whatever folder they are in.

        Raises:
            ModelError: the files have changed since they were loaded, or cannot be read.
        """
        if not self._digest:
            told = f"the files of model {self._spec.name}"
            try:
                contents = [(part, path.name, _content(path)) for part, path in _files(self._spec)]
            except OSError as error:
                raise ModelError(f"{told} cannot be read: {error.strerror}") from error
            known = self._commit or any(part == "base" for part, _, _ in contents)
            if not known or _look(self._spec) != self._seen:
                raise ModelError(f"{told} are no more those that were loaded; load it anew")
            self._digest = _hash([self._commit, contents])
        return self._digest


def question_keys(
    files: Files, spec: ModelSpec, facts: Mapping[str, Any], prompts: Sequence[Sequence[int]]
) -> list[str]:
    """Return one digest for each prompt, given as token ids.

    ``facts`` holds, as plain JSON, whatever else decides the answers.

    Raises:
        ModelError: the files have changed since they were loaded, or cannot be read.
    """
    settings = {name: value for name, value in asdict(spec).items() if name not in _PLACES}
    known = _hash([files.digest(), settings, dict(facts), _versions()])
    return [_hash([known, list(ids)]) for ids in prompts]


@torch.no_grad()
def in_memory(model: Any) -> str:
    """Return a hash of a loaded model as it is in memory: its numbers, and how they are used.

    Each tensor counts by two projections onto fixed directions, so that a changed, moved or
    exchanged number shows. It takes one pass over the weights.
    """
    tensors = chain(model.named_parameters(), model.named_buffers())
    numbers = [(name, list(tensor.shape), _projected(tensor)) for name, tensor in tensors]
    uses = [(name, _used(part)) for name, part in model.named_modules()]
    return _hash([numbers, uses])


def _used(part: Any) -> list[str]:
    """Return what decides how a module uses its numbers: adapters, hooks, constants."""
    attributes = "training", "scaling", "_disable_adapters", "_active_adapter"
    constants = {name: value for name, value in vars(part).items() if isinstance(value, float)}
    hooks = len(part._forward_hooks), len(part._forward_pre_hooks)
    return [repr([getattr(part, name, None) for name in attributes]), repr(constants), repr(hooks)]


def _projected(tensor: torch.Tensor) -> list[str]:
    """Return two sums of a tensor's numbers, each number with a weight by its place."""
    if tensor.is_meta or not tensor.numel():
        return []
    rows = tensor.detach().reshape(-1, tensor.shape[-1] if tensor.dim() else 1)
    across = torch.arange(rows.shape[1], device=rows.device, dtype=torch.float32).cos_()
    down = [
        (part.float() @ torch.stack([across, across + 1], 1)).double()
        for part in torch.split(rows, max(1, _AT_ONCE // rows.shape[1]))
    ]
    sums = torch.cat(down)
    places = torch.arange(len(sums), device=sums.device, dtype=torch.float64).cos_() + 2
    return [repr(float(each)) for each in places @ sums]


@cache
def _versions() -> dict[str, str]:
    return {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _hash(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _commit(spec: ModelSpec) -> str:
    """Return the name and commit of a base that was downloaded; empty for the user's own folder."""
    folder = base_folder(spec)
    return "" if folder is None or Path(spec.base).is_dir() else f"{spec.base}@{folder.name}"


def _files(spec: ModelSpec) -> Iterator[tuple[str, Path]]:
    """Yield the files whose contents count, in the order of their names."""
    if Path(spec.base).is_dir():
        for path in sorted(Path(spec.base).iterdir()):
            if path.suffix in _BASE_KINDS and path.is_file():
                yield "base", path
    if folder := local_adapter(spec):
        yield from (("adapter", folder / n) for n in _ADAPTER_NAMES if (folder / n).is_file())


def _look(spec: ModelSpec) -> list[tuple[Path, int, int]]:
    found = ((path, path.stat()) for _, path in _files(spec))
    return [(path, stat.st_size, stat.st_mtime_ns) for path, stat in found]
