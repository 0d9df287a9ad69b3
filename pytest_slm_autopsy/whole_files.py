"""Files that are written whole or not at all; JSON and TOML of others, read without surprises."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.errors import ConfigError

DEEPEST: Final = 100
"""Most levels of lists and objects in JSON: no file of this package has more than ten."""


def parsed(text: str | bytes, **how: Any) -> Any:
    """Return what JSON holds; ``how`` are arguments of ``json.loads``.

    Every file of others is read by this function. ``json.loads`` itself also raises
    ``RecursionError``, and what it takes may be too deep for ``repr`` or a walk through it.

    Raises:
        ValueError: not JSON, not UTF-8, a number of thousands of digits, or nested too deeply.
    """
    return _no_deeper(partial(json.loads, text, **how))


def parsed_toml(text: str) -> dict[str, Any]:
    """Return what TOML holds.

    Raises:
        ValueError: not TOML, a number of thousands of digits, or nested too deeply.
    """
    found: dict[str, Any] = _no_deeper(partial(tomllib.loads, text))
    return found


def _no_deeper(load: Callable[[], Any]) -> Any:
    try:
        found = load()
    except RecursionError:
        raise ValueError(f"it is nested deeper than {DEEPEST} levels") from None
    level = [found]
    for _ in range(DEEPEST):
        level = [*chain.from_iterable(map(_parts, level))]
        if not level:
            return found
    raise ValueError(f"it is nested deeper than {DEEPEST} levels")


def _parts(value: Any) -> Iterable[Any]:
    """Return what a list or an object holds; nothing of any other value."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def writable(text: str) -> str:
    """Return a text as UTF-8 can hold it: half a surrogate pair becomes its escape.

    JSON can carry such halves, and reads the escape of a half alone back as the same.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def write_whole(path: Path, text: str, what: str) -> None:
    """Write ``text`` to ``path``, whole or not at all, and make the folders above it.

    Args:
        path: the file.
        text: its new content, which is made ``writable``.
        what: the name of the content in the error, such as ``the report``.

    Raises:
        ConfigError: the file cannot be written.
    """
    with drafted(path, what) as draft:
        draft.write_text(writable(text), encoding="utf-8", newline="\n")


@contextmanager
def drafted(path: Path, what: str) -> Iterator[Path]:
    """Yield a draft to write, which becomes ``path`` at the end of the block.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield draft
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{what} cannot be written to {path}: {reason}") from error


def read_document(path: Path, *, what: str, key: str, newest: int, again: str) -> dict[str, Any]:
    """Return a JSON document that states its version.

    Args:
        path: the file.
        what: the name of the document in the error, such as ``diagnosis``.
        key: a name that every such document has.
        newest: the newest version that can be read.
        again: how to make the document anew.

    Raises:
        ConfigError: the file cannot be read, holds something else, or is of a newer version.
    """
    try:
        document = parsed(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"no {what} at {path}: {error.strerror}; {again}") from None
    except ValueError as error:
        raise ConfigError(f"{path} is not JSON: {error}; {again}") from None
    version = document.get("version") if isinstance(document, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or key not in document:
        raise ConfigError(f"{path} is no {what}: it states no version; {again}")
    if version > newest:
        raise ConfigError(
            f"{path} has version {version} and this pytest-slm-autopsy reads up to {newest}; "
            "upgrade pytest-slm-autopsy"
        )
    found: dict[str, Any] = document
    return found
