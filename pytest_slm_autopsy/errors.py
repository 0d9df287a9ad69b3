"""Errors of use and set-up, in one tree; a model that answers badly fails a gate instead.

SlmAutopsyError
├── ConfigError          an invalid option, ini key, config file or argument
├── MissingExtraError    a package of an optional extra is not installed
├── CaseError            cases or predictions that cannot be read or used
├── ModelError           a model that cannot be loaded or asked
└── NoDataError          a measure of nothing

GateFailure              an AssertionError: a gate failed; in assertions/affirmation.py
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
    """An invalid option, ini key, config file or argument."""


class MissingExtraError(SlmAutopsyError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed; run: pip install 'pytest-slm-autopsy[{extra}]'"
        )


class CaseError(SlmAutopsyError):
    """Cases or predictions that cannot be read or used."""


class ModelError(SlmAutopsyError):
    """A model that cannot be loaded or asked."""


class NoDataError(SlmAutopsyError):
    """A measure of nothing: no data is an error, not a pass."""


def strangers(given: Iterable[object], *kinds: type) -> str:
    """Return the names of the types in ``given`` that are not in ``kinds``, joined by "and".

    The text is empty where every type fits.
    """
    names = {type(one).__name__ for one in given} - {kind.__name__ for kind in kinds}
    return " and ".join(sorted(names))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for a misspelt ``word``, or the list of the ``known`` names."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(names)}"
