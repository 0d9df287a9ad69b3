"""What went wrong in use or set-up. A model that answers badly is a failure, not an error.

SlmAutopsyError
├── ConfigError          an option, ini key or config file that cannot be meant
├── MissingExtraError    a package of an extra is not installed
├── CaseError            cases that cannot be read or used
├── ModelError           a model that cannot be loaded or asked
└── NoDataError          a measure was asked about nothing

GateFailure              an AssertionError: the model did not hold; in assertions/affirmation.py
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CaseError",
    "ConfigError",
    "MissingExtraError",
    "ModelError",
    "NoDataError",
    "SlmAutopsyError",
    "nearest",
]


class SlmAutopsyError(Exception):
    """Base of all errors of use; its text says what is wrong, where, and what to do."""


class ConfigError(SlmAutopsyError):
    """An option, ini key or config file that cannot be meant."""


class MissingExtraError(SlmAutopsyError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; run: pip install 'pytest-slm-autopsy[{extra}]'"
        )


class CaseError(SlmAutopsyError):
    """Cases that cannot be read or used."""


class ModelError(SlmAutopsyError):
    """A model that cannot be loaded or asked."""


class NoDataError(SlmAutopsyError):
    """A measure was asked about nothing: no data is an error, not a pass."""


def strangers(given: Iterable[object], *kinds: type) -> str:
    """The names of the types that should not be there, joined for a sentence; empty if all fit."""
    names = {type(one).__name__ for one in given} - {kind.__name__ for kind in kinds}
    return " and ".join(sorted(names))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for a misspelt word, or the list of what is known."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(names)}"
