"""Tensors of files: their shapes at once, their numbers when asked for; without torch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import numpy as np
from safetensors import SafetensorError, safe_open

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.loading import first_line

Shape = tuple[int, ...]
FLOATS: Final[Mapping[str, Any]] = {"F16": np.float16, "F32": np.float32, "F64": np.float64}


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor of a file: its shape, whether it holds floating numbers, and how to read it."""

    shape: Shape
    floating: bool
    read: Callable[[], Any]

    def numbers(self) -> Any:
        """Return the numbers as an array of float32, or float64 where they are that."""
        found = self.read()
        return found if found.dtype == np.float64 else found.astype(np.float32, copy=False)


def stored(path: Path) -> dict[str, Stored]:
    """Return the tensors of a safetensors file by name, from its header.

    Raises:
        ModelError: the file is not a whole safetensors file.
    """
    try:
        with safe_open(path, "np") as file:
            names = [*file.keys()]
        with path.open("rb") as raw:
            length = int.from_bytes(raw.read(8), "little")
            header = json.loads(raw.read(length))
    except (SafetensorError, OSError, RuntimeError, ValueError) as error:
        raise ModelError(
            f"{path} is corrupt or cut short ({first_line(error)}); fetch or save it again"
        ) from error
    return {name: _stored(path, name, header[name], 8 + length) for name in names}


def _stored(path: Path, name: str, stated: Mapping[str, Any], start: int) -> Stored:
    shape, dtype = tuple(stated["shape"]), stated["dtype"]
    first, end = stated["data_offsets"]

    def read() -> Any:
        if first == end:
            return np.zeros(shape, np.float32)
        if dtype == "BF16":
            # The upper half of a float32, which numpy has no name for.
            upper = np.memmap(path, "<u2", "r", start + first, shape)
            return (upper.astype(np.uint32) << 16).view(np.float32)
        if dtype in FLOATS:
            return np.memmap(path, FLOATS[dtype], "r", start + first, shape)
        with safe_open(path, "pt") as file:
            return file.get_tensor(name).float().numpy()

    return Stored(shape, dtype.startswith(("F", "BF")), read)


def unpickled(path: Path) -> dict[str, Stored]:
    """Return the tensors of a pickle by name; no code of the file is run.

    Raises:
        ModelError: the file is not a whole pickle of tensors only.
    """
    import torch  # late: safetensors need none of it

    try:
        held = dict(torch.load(path, map_location="cpu", weights_only=True))
        return {
            name: Stored(
                tuple(tensor.shape),
                tensor.is_floating_point(),
                lambda tensor=tensor: tensor.detach().float().numpy(),  # type: ignore[misc]
            )
            for name, tensor in held.items()
        }
    except (
        *(UnpicklingError, RuntimeError, EOFError, OSError),
        *(TypeError, ValueError, AttributeError),
    ) as error:
        raise ModelError(f"{path} cannot be read: {first_line(error)}") from error
