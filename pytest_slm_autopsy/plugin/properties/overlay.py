"""An example database as it was, with what one run changes; kept only if the run counts."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis.database import ExampleDatabase


class Overlay(ExampleDatabase):
    """Reads ``base`` and remembers changes; ``commit`` makes them."""

    def __init__(self, base: ExampleDatabase) -> None:
        super().__init__()
        self._base = base
        self._saved: dict[bytes, dict[bytes, bool]] = {}

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """What the base holds, as this run changed it."""
        changed = self._saved.get(key, {})
        kept = [value for value in self._base.fetch(key) if changed.get(value, True)]
        return [*kept, *(v for v, there in changed.items() if there and v not in kept)]

    def save(self, key: bytes, value: bytes) -> None:
        """Add, for now."""
        self._saved.setdefault(key, {})[value] = True

    def delete(self, key: bytes, value: bytes) -> None:
        """Take away, for now."""
        self._saved.setdefault(key, {})[value] = False

    def commit(self) -> None:
        """Make the changes."""
        for key, changed in self._saved.items():
            for value, there in changed.items():
                (self._base.save if there else self._base.delete)(key, value)
