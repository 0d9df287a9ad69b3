"""Tensors of files: their shapes at once, their numbers when asked for; without torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import numpy as np
from safetensors import SafetensorError, safe_open

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.loading import first_line
from pytest_slm_autopsy.whole_files import parsed

Shape = tuple[int, ...]
FLOATS: Final[Mapping[str, Any]] = {"F16": np.float16, "F32": np.float32, "F64": np.float64}


BLOCK: Final = 1 << 18
"""Numbers that are read at once where a tensor is only summed up: they stay in the cache."""


MOST_SIDES: Final = 32
LONGEST: Final = 2**40
"""Longest side of a tensor: an empty one may state any shape, and numpy refuses longer ones."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor of a file: its shape, whether it holds floating numbers, and how to read it.

    ``read`` returns the numbers as they are kept, and ``take`` turns them into floats.
    """

    shape: Shape
    floating: bool
    read: Callable[[], Any]
    take: Callable[[Any], Any] = lambda kept: kept

    def numbers(self) -> Any:
        """Return the numbers as an array of float32, or float64 where they are that."""
        found = self.take(self.read())
        return found if found.dtype == np.float64 else found.astype(np.float32, copy=False)

    def norm(self) -> float:
        """Return the Frobenius norm; it is finite where all numbers are."""
        kept, square = self.read().reshape(-1), 0.0
        for start in range(0, len(kept), BLOCK):
            part = self.take(kept[start : start + BLOCK]).astype(np.float32, copy=False)
            one = float(np.vdot(part, part))
            if not math.isfinite(one) and np.isfinite(part).all():
                one = float(np.square(part, dtype=np.float64).sum())
            square += one
        return math.sqrt(square) if square >= 0 else square


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
            header = parsed(raw.read(length))
        return {name: _stored(path, name, header[name], 8 + length) for name in names}
    except (SafetensorError, OSError, RuntimeError, ValueError, TypeError, KeyError) as error:
        raise ModelError(
            f"{path} is corrupt or cut short ({first_line(error)}); fetch or save it again"
        ) from error


def _stored(path: Path, name: str, stated: Mapping[str, Any], start: int) -> Stored:
    shape, dtype = tuple(stated["shape"]), stated["dtype"]
    first, end = stated["data_offsets"]
    if len(shape) > MOST_SIDES or any(side > LONGEST for side in shape):
        raise ValueError(f"{name!r:.60} has a shape that no tensor has")
    floating = dtype.startswith(("F", "BF"))
    place = start + first
    if first == end:
        return Stored(shape, floating, lambda: np.zeros(shape, np.float32))
    if dtype == "BF16":
        return Stored(shape, True, lambda: np.memmap(path, "<u2", "r", place, shape), _lengthened)
    if dtype in FLOATS:
        return Stored(shape, True, lambda: np.memmap(path, FLOATS[dtype], "r", place, shape))

    def read() -> Any:
        with safe_open(path, "pt") as file:  # torch knows kinds that numpy does not
            return file.get_tensor(name).float().numpy()

    return Stored(shape, floating, read)


def _lengthened(upper: Any) -> Any:
    """Return bfloat16 as float32, of which it is the upper half; numpy has no name for it."""
    return (upper.astype(np.uint32) << 16).view(np.float32)


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
