"""Piles of documents: a folder of texts, one text, JSON lines with a ``text`` each, or a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case
from pytest_slm_autopsy.whole_files import parsed

Source = str | Path | Iterable[str] | Iterable[Case]
"""A path, or the documents themselves."""

JSON_LINES: Final = (".jsonl", ".ndjson")
_MAGIC: Final = (
    b"%PDF",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"II*\0",
)
_WIDE: Final = (b"\xff\xfe", b"\xfe\xff")
_HEAD: Final = 8192
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\f\x1b"))
RECODED: Final = "not UTF-8, read as Windows-1252"


class Pile:
    """Documents with their names; ``notes`` counts what was skipped while they were read."""

    def __init__(self, source: Source) -> None:
        self.notes: Counter[str] = Counter()
        self._source = source
        self.where = str(source) if isinstance(source, str | Path) else "the given texts"

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield name and text, one document at a time.

        Raises:
            CaseError: no such path, or something that is neither text nor case.
        """
        if not isinstance(self._source, str | Path):
            yield from self._given(self._source)
            return
        path = Path(self._source)
        if not path.exists():
            raise CaseError(
                f"there is no file or folder at {str(path)[:200]!r}; give a folder of texts, "
                "a text file, JSON lines, or a list of texts"
            )
        files = sorted(_visible(path)) if path.is_dir() else [path]
        for file in files:
            yield from self._read(file, str(file.relative_to(path)) if path.is_dir() else path.name)

    def _given(self, texts: Iterable[str] | Iterable[Case]) -> Iterator[tuple[str, str]]:
        for number, one in enumerate(texts, 1):
            if isinstance(one, Case):
                yield from self._kept(one.id, one.text)
            elif isinstance(one, str):
                yield from self._kept(f"text {number}", one)
            else:
                raise CaseError(
                    f"text {number} of the pile is a {type(one).__name__}; give texts or cases"
                )

    def _read(self, file: Path, name: str) -> Iterator[tuple[str, str]]:
        try:
            if file.suffix.lower() in JSON_LINES:
                with file.open("rb") as lines:
                    for number, line in enumerate(lines, 1):
                        yield from self._line(line, f"{name}:{number}")
                return
            data = file.read_bytes()
        except OSError:
            self.notes["unreadable, skipped"] += 1
            return
        if _is_binary(data):
            self.notes["binary, skipped"] += 1
        else:
            yield from self._kept(name, self._decoded(data))

    def _line(self, line: bytes, name: str) -> Iterator[tuple[str, str]]:
        if not line.strip():
            return
        try:
            data = parsed(self._decoded(line))
        except ValueError:
            self.notes["a line that is not JSON, skipped"] += 1
            return
        text = data.get("text") if isinstance(data, dict) else None
        if isinstance(text, str):
            yield from self._kept(name, text)
        else:
            self.notes["a JSON line without a text under 'text', skipped"] += 1

    def _kept(self, name: str, text: str) -> Iterator[tuple[str, str]]:
        if text.strip("\ufeff \t\r\n"):
            yield name, text
        else:
            self.notes["empty, skipped"] += 1

    def _decoded(self, data: bytes) -> str:
        if data.startswith(_WIDE):
            return data.decode("utf-16", errors="replace")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            self.notes[RECODED] += 1
            return data.decode("cp1252", errors="replace")


def _visible(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder and its folders, without names that start with a dot."""
    for path in folder.rglob("*"):
        names = path.relative_to(folder).parts
        if path.is_file() and not any(name.startswith(".") for name in names):
            yield path


def _is_binary(data: bytes) -> bool:
    head = data[:_HEAD]
    if head.startswith(_WIDE):
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.startswith(_MAGIC) or b"\0" in head or controls > len(head) // 10
