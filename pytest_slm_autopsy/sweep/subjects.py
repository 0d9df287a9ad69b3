"""The models of a sweep: how each is made, and what tells whether it is still the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.errors import ConfigError, ModelError
from pytest_slm_autopsy.models.interface import ModelUnderTest, check_model
from pytest_slm_autopsy.models.reached import Wanted, reached
from pytest_slm_autopsy.user_code import imported

SETTINGS: Final = ("quantization", "device", "max_new_tokens", "dtype", "attention", "revision")
SMALL: Final = 1 << 26
"""Bytes up to which a file is known by its content, and not by its size and time alone."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A model of a sweep; ``group`` is the name that the adapters of one base share.

    It has a base, or ``make``: ``path.py:NAME`` or ``package.module:NAME`` of a function without
    arguments that returns a model.
    """

    name: str
    group: str = ""
    base: str = field(default="", repr=False)
    adapter: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    make: str = ""

    def check(self, where: str) -> None:
        """Raise where a setting is none that a model has.

        Raises:
            ConfigError: it is not.
        """
        try:
            self._wanted.spec()
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from None
        except TypeError as error:
            raise ConfigError(f"{where}: a setting is of the wrong kind: {error}") from None

    def load(self) -> ModelUnderTest:
        """Return the model.

        Raises:
            ModelError: it cannot be loaded, or the user's code gives none.
        """
        if not self.make:
            return reached(self._wanted)
        where, _, name = self.make.rpartition(":")
        if not where:
            raise ModelError(f"make is {self.make!r}; it is path.py:NAME or package.module:NAME")
        module = imported(where, "model", ModelError)
        if not callable(getattr(module, name, None)):
            raise ModelError(f"{where} has no function {name!r} that returns a model")
        try:
            model: ModelUnderTest = getattr(module, name)()
        except Exception as error:  # the user's code may raise anything
            raise ModelError(f"{self.make} raised {type(error).__name__}: {error}") from error
        check_model(model)
        return model

    @property
    def key(self) -> str:
        """Return a hash of the settings and the files that decide its answers.

        A large file counts by its size and time: a sweep must not read every base to its end. What
        stands behind an address, or on the hub without a revision, is not known.
        """
        plain = json.dumps([asdict(self), [*_files(self)]], sort_keys=True, default=str)
        return sha256(plain.encode()).hexdigest()[:16]

    @property
    def _wanted(self) -> Wanted:
        return Wanted(self.base, self.adapter, self.settings)


def _files(subject: Subject) -> Iterator[list[Any]]:
    for place in (subject.base, subject.adapter, subject.make.rpartition(":")[0]):
        root = Path(place) if place else None
        if root is None or not root.exists():
            continue
        for path in [root] if root.is_file() else sorted(root.iterdir()):
            if path.is_file():
                yield [path.name, _seen(path)]


def _seen(path: Path) -> Any:
    found = path.stat()
    if found.st_size > SMALL:
        return [found.st_size, found.st_mtime_ns]
    return sha256(path.read_bytes()).hexdigest()
