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
import re
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires
from typing import Final
from unicodedata import category

__all__ = [
    "CaseError",
    "ConfigError",
    "MissingExtraError",
    "ModelError",
    "NoDataError",
    "SlmAutopsyError",
    "nearest",
]


PACKAGE: Final = "pytest-slm-autopsy"
CPU: Final = (
    "without a GPU first: pip install torch --index-url https://download.pytorch.org/whl/cpu"
)


class SlmAutopsyError(Exception):
    """Base of all errors of use; its text says what is wrong, where, and what to do.

    The text may repeat a file or a name, so what could steer a terminal is made visible in it.
    """

    def __init__(self, *said: object) -> None:
        super().__init__(*(visible(one) if isinstance(one, str) else one for one in said))


class ConfigError(SlmAutopsyError):
    """An invalid option, ini key, config file or argument."""


class MissingExtraError(SlmAutopsyError):
    """A package of an optional extra is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        self.package, self.extra = package, extra
        wanted = " ".join(map(repr, _requirements(extra))) or repr(f"{PACKAGE}[{extra}]")
        cpu = f" ({CPU})" if extra == "hf" else ""
        super().__init__(f"{package} is not installed; run: pip install {wanted}{cpu}")

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str]]:
        """Return the parts to rebuild the error from: it passes between processes."""
        return type(self), (self.package, self.extra)


def _requirements(extra: str) -> list[str]:
    """Return what an extra requires, by names that pip finds wherever this package came from."""
    try:
        stated = requires(PACKAGE) or []
    except PackageNotFoundError:
        return []
    mark = re.compile(rf"""extra == ['"]{re.escape(extra)}['"]""")
    return [one.partition(";")[0].strip() for one in stated if mark.search(one)]


class CaseError(SlmAutopsyError):
    """Cases or predictions that cannot be read or used."""


class ModelError(SlmAutopsyError):
    """A model that cannot be loaded or asked."""


class NoDataError(SlmAutopsyError):
    """A measure of nothing: no data is an error, not a pass."""


def visible(text: str) -> str:
    r"""Return ``text`` with escapes for what is not printed: a document must not steer a terminal.

    These are control characters, marks that turn the direction of writing, signs without width, and
    halves of surrogate pairs. Line ends, tabs and all spaces stay.

    Example:
        >>> visible("\x1b[2Jred\u202e")
        '\\x1b[2Jred\\u202e'
    """
    if text.isprintable():
        return text
    return "".join(
        sign
        if sign.isprintable() or sign in "\n\t" or category(sign) == "Zs"
        else sign.encode("unicode_escape").decode()
        for sign in text
    )


def strangers(given: Iterable[object], *kinds: type) -> str:
    """Return the names of the types in ``given`` that are not in ``kinds``, joined by "and".

    The text is empty where every type fits.
    """
    names = {type(one).__name__ for one in given} - {kind.__name__ for kind in kinds}
    return " and ".join(sorted(names))


def few_digits(number: float) -> str:
    """Return a number in few digits; a file may state a whole one that no float can hold."""
    return f"{number!r:.24}" if isinstance(number, int) else f"{number:g}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for a misspelt ``word``, or the list of the ``known`` names."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(names)}"
