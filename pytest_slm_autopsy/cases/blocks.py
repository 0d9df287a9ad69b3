"""A source of decisions that reads blocks of bytes, which Hypothesis draws and shrinks best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

# Bytes of a block: for decisions that are made once, and for each field (or other option).
SHARED: Final = 12
EACH: Final = 7


class BlockChoices:
    """Decisions read from a block of bytes; beyond its end every decision is the plainest.

    One block holds every decision about one axis, or about one record. Hypothesis draws a block
    as fast as one small number, and deletes an axis with everything that belongs to it.
    The decisions about each field have a fixed place in the block: so none of them moves when
    Hypothesis makes another one plainer.
    """

    def __init__(
        self, block: bytes, names: Sequence[str] = (), apart: Mapping[str, bytes] | None = None
    ) -> None:
        self._block, self._at, self._names, self._apart = block, 0, names, apart or {}
        self._parts: dict[str, bytes] = {}

    def below(self, n: int) -> int:
        """Read an integer from 0 to ``n - 1``."""
        size = 1 if n <= 128 else 2 if n <= 2**14 else 4
        part = self._block[self._at : self._at + size].ljust(size, b"\0")
        self._at += size
        return int.from_bytes(part, "big") * n >> 8 * size

    def subset(self, options: Sequence[str], k: int) -> list[str]:
        """Read ``k`` of the options; fewer when their bytes are 0, but at least one."""
        # One byte an option, 0 means out: Hypothesis can drop one option and leave the others.
        for at, name in enumerate(options):
            start = SHARED + EACH * (self._names.index(name) if name in self._names else at)
            self._parts[name] = self._block[start : start + EACH].ljust(EACH, b"\0")
        first = sorted(options, key=lambda name: self._parts[name][0], reverse=True)[:k]
        return [name for name in first if self._parts[name][0]] or [options[0]]

    def apart(self, name: str) -> BlockChoices:
        """Return the decisions about one axis, or about one option of the last subset."""
        if name in self._apart:
            return BlockChoices(self._apart[name], self._names)
        return BlockChoices(self._parts[name][1:])
