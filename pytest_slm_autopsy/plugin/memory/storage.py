"""The store of answers of a run, opened for the first model that can use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from pytest_slm_autopsy.models.interface import ModelUnderTest
    from pytest_slm_autopsy.plugin.settings import Settings
    from pytest_slm_autopsy.predictions.store import Store

FOLDER: Final = "slm-autopsy"
FILE: Final = "answers.sqlite"
NO_STORE: Final = "store: not used, since it keeps the texts of answers (--slm-redact)"


class Keeping:
    """The store of a run, and how many answers this process and its workers found and kept."""

    def __init__(self, settings: Settings, config: pytest.Config | None) -> None:
        self._place = "off" if settings.redact else settings.store
        self._config = config
        self._store: Store | None = None
        self._handed = Counter[str]()
        self._tally = Counter[str]()
        self._path = ""
        self._problems: dict[str, None] = {}
        if settings.redact and settings.store != "off":
            self._problems[NO_STORE] = None

    def store_for(self, model: ModelUnderTest) -> Store | None:
        """Return the store, or ``None`` where it is off or ``model`` cannot use it."""
        from pytest_slm_autopsy.models.interface import storable

        if self._store is None and storable(model):
            self._store = self._found()
        return self._store

    def hand_over(self) -> dict[str, Any]:
        """Return the tally since the last call, for the main process; empty without a change."""
        store = self._store
        if store is None:
            return {}
        before = self._handed
        self._handed = Counter(read=store.hits, asked=store.misses, kept=store.kept)
        problems = [*store.notes, *([store.problem] if store.problem else [])]
        if before == self._handed and not problems:
            return {}
        tally = self._handed - before
        return {"tally": tally, "path": str(store.path), "problems": problems}

    def take_over(self, told: Mapping[str, Any]) -> None:
        """Add the tally that a worker handed over."""
        if told:
            self._tally.update(told["tally"])
            self._path = told["path"]
            self._problems |= dict.fromkeys(told["problems"])

    def lines(self, width: int) -> list[str]:
        """Return a line on the answers read and kept, and a sentence on each problem."""
        from pytest_slm_autopsy.report.summary import cut

        self.take_over(self.hand_over())
        read, kept = self._tally["read"], self._tally["kept"]
        if not read and not kept:
            return list(self._problems)
        line = f"store: {read:,} answers read, {kept:,} new ("
        path = cut(shown(Path(self._path), self._config), width - len(line) - 1)
        return [f"{line}{path})", *self._problems]

    def close(self) -> None:
        """Close the store."""
        if self._store is not None:
            self._store.close()

    def _found(self) -> Store | None:
        from pytest_slm_autopsy.predictions.store import Store

        if self._place == "off":
            return None
        if self._place != "cache":
            return Store(self._place)
        cache = getattr(self._config, "cache", None)  # none outside of pytest
        if cache is None:
            return None
        try:
            return Store(cache.mkdir(FOLDER) / FILE)
        except OSError as error:
            store = Store(FILE)
            store.problem = (
                "the run went on without the store: pytest's cache folder cannot be made "
                f"({error.strerror})"
            )
            return store


def shown(path: Path, config: pytest.Config | None) -> str:
    """Return a path relative to where pytest started, or to the root, if it lies below."""
    for folder in (config.invocation_params.dir, config.rootpath) if config else ():
        if path.is_relative_to(folder):
            return str(path.relative_to(folder))
    return str(path)
