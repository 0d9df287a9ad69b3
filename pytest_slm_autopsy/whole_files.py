"""Files that are written whole or not at all, and versioned JSON documents read from them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_slm_autopsy.errors import ConfigError


def write_whole(path: Path, text: str, what: str) -> None:
    """Write ``text`` to ``path``, whole or not at all, and make the folders above it.

    Args:
        path: the file.
        text: its new content, which has a UTF-8 form.
        what: the name of the content in the error, such as ``the report``.

    Raises:
        ConfigError: the file cannot be written.
    """
    with drafted(path, what) as draft:
        draft.write_text(text, encoding="utf-8", newline="\n")


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
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"no {what} at {path}: {error.strerror}; {again}") from None
    except (ValueError, RecursionError) as error:
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
