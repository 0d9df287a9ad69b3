"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
