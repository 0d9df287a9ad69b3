"""Decisions read from blocks of bytes, as Hypothesis draws and shrinks them best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

# Bytes of a block for what is decided once, and for each field (or other thing to choose from).
SHARED: Final = 12
EACH: Final = 7


class BlockChoices:
    """Decisions read from a block of bytes; the plainest where it ends.

    One block holds all that is decided about an axis, or a record: Hypothesis draws it as fast as
    one small number, and deletes an axis with everything that belongs to it. What is decided about
    each field has a place of its own, so that no decision moves when another is made plainer.
    """

    def __init__(
        self, block: bytes, names: Sequence[str] = (), apart: Mapping[str, bytes] | None = None
    ) -> None:
        self._block, self._at, self._names, self._apart = block, 0, names, apart or {}
        self._parts: dict[str, bytes] = {}

    def below(self, n: int) -> int:
        """An integer from 0 to ``n - 1``."""
        size = 1 if n <= 128 else 2 if n <= 2**14 else 4
        part = self._block[self._at : self._at + size].ljust(size, b"\0")
        self._at += size
        return int.from_bytes(part, "big") * n >> 8 * size

    def subset(self, options: Sequence[str], k: int) -> list[str]:
        """``k`` of the options, or fewer where their bytes are 0; one at least."""
        # A byte for each option, 0 for out: each can be left out without touching the others.
        for at, name in enumerate(options):
            start = SHARED + EACH * (self._names.index(name) if name in self._names else at)
            self._parts[name] = self._block[start : start + EACH].ljust(EACH, b"\0")
        first = sorted(options, key=lambda name: self._parts[name][0], reverse=True)[:k]
        return [name for name in first if self._parts[name][0]] or [options[0]]

    def apart(self, name: str) -> BlockChoices:
        """The decisions about one axis, or one thing of the last subset."""
        if name in self._apart:
            return BlockChoices(self._apart[name], self._names)
        return BlockChoices(self._parts[name][1:])
