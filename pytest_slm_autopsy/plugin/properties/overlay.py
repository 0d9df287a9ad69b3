"""An overlay on an example database: the changes of one run, written only if the run counts."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis.database import ExampleDatabase


class Overlay(ExampleDatabase):
    """A database that reads ``base`` and remembers changes; ``commit`` writes them."""

    def __init__(self, base: ExampleDatabase) -> None:
        super().__init__()
        self._base = base
        self._saved: dict[bytes, dict[bytes, bool]] = {}

    def fetch(self, key: bytes) -> Iterable[bytes]:
        """Return the values of the base, with the changes of this run."""
        changed = self._saved.get(key, {})
        kept = [value for value in self._base.fetch(key) if changed.get(value, True)]
        return [*kept, *(v for v, there in changed.items() if there and v not in kept)]

    def save(self, key: bytes, value: bytes) -> None:
        """Remember an added value."""
        self._saved.setdefault(key, {})[value] = True

    def delete(self, key: bytes, value: bytes) -> None:
        """Remember a deleted value."""
        self._saved.setdefault(key, {})[value] = False

    def commit(self) -> None:
        """Write the remembered changes to the base."""
        for key, changed in self._saved.items():
            for value, there in changed.items():
                (self._base.save if there else self._base.delete)(key, value)
