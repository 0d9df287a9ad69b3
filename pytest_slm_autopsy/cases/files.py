"""Read and write cases as JSON lines: one object a line, in one of three forms.

- The package's own form: ``Case.to_dict`` and a ``version``. ``id``, ``text`` and ``truth`` are
  needed, the other keys have defaults; docs/cases.md describes each key.
- A chat: ``messages`` with ``role`` and ``content``.
- ShareGPT: ``conversations`` with ``from`` and ``value``.

In a chat the last answer is the truth, as a JSON object. The user's turn before it holds the
document, and the instruction is what all such turns of the file share (``cases.chats``). The model
is asked with the file's own turns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.cases.chats import CHATS, Chat, Frame, case_of, frame_of, read_chat
from pytest_slm_autopsy.cases.drawn.shifts import check_shift
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.notation.text import texts_of
from pytest_slm_autopsy.records import DOCUMENT, Case, legible, unfit_truth
from pytest_slm_autopsy.whole_files import parsed, writable

FILE_VERSION: Final = 1
BOM: Final = b"\xef\xbb\xbf"
_FACTS: Final[Mapping[str, Callable[[], Any]]] = {"shift": dict, "spans": dict, "tags": list}


def write_cases(path: str | Path, cases: Iterable[Case]) -> None:
    """Write cases as JSON lines, one at a time."""
    with Path(path).open("w", encoding="utf-8", newline="\n") as file:
        for case in cases:
            line = {"version": FILE_VERSION, **case.to_dict()}
            file.write(writable(json.dumps(line, ensure_ascii=False)) + "\n")


def read_cases(path: str | Path, *, document_pattern: str | None = None) -> Iterator[Case]:
    """Read JSON lines, one case at a time; the cases before a broken line are read.

    Args:
        path: the file.
        document_pattern: in chats, a regular expression whose group ``document``, or first group,
            is the document in the user's turn. Without it, what all turns share is no document.

    Raises:
        CaseError: the file is missing or empty, a line is broken, or a case lacks a key; the
            text names the line.
        ConfigError: an invalid pattern.
    """
    found, frame = False, read_frame(path, document_pattern)
    for number, line in read_lines(path):
        found = True
        yield read_case(line, f"{path}, line {number}", f"line {number}", frame)
    if not found:
        raise CaseError(f"{path} holds no case; write one JSON object a line")


def read_lines(path: str | Path) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, each with its number, without byte order marks.

    Raises:
        CaseError: the file is missing.
    """
    path = Path(path)
    if not path.is_file():
        raise CaseError(f"no case file at {path}; give the path of a JSON-lines file")
    with path.open("rb") as file:
        for number, raw in enumerate(file, 1):
            line = raw.removeprefix(BOM)  # joined files have marks inside
            if line.strip():
                yield number, line


def unstated(case: Case) -> list[str]:
    """Return the fields whose true value is not in the text as the truth writes it."""
    text = legible(case.text)
    return [
        name
        for name, value in case.truth.items()
        if value is not None and not all(legible(part) in text for part in texts_of(value))
    ]


def read_frame(path: str | Path, document_pattern: str | None = None) -> Frame:
    """Return what the user's turns of a file of chats share; nothing for other files."""
    return frame_of(_chats(path), document_pattern)


def _chats(path: str | Path) -> Iterator[Chat]:
    """Yield the chats of a file; a line that holds none is told when it is read as a case."""
    words = [json.dumps(kind).encode() for kind in CHATS]
    for _, line in read_lines(path):
        if not any(word in line for word in words):  # spares a second reading of other files
            continue
        with suppress(CaseError, ValueError):
            data = parsed(line.decode("utf-8"))
            for kind in CHATS:
                if isinstance(data, dict) and kind in data:
                    chat = read_chat(data, kind, "")
                    if not unfit_truth(chat.truth):
                        yield chat


def read_case(line: bytes, where: str, id: str, frame: Frame = Frame()) -> Case:  # noqa: B008
    """Return the case that ``line`` holds.

    Args:
        line: one line of a file.
        where: file and line, with which an error text begins.
        id: the id of a chat that has none.
        frame: in chats, what stands around the document.

    Raises:
        CaseError: the line does not hold a case.
    """
    try:
        data = parsed(line.decode("utf-8").rstrip())
    except json.JSONDecodeError as error:
        raise CaseError(f"{where} is not JSON: {error.msg} (column {error.colno})") from None
    except UnicodeDecodeError as error:
        raise CaseError(f"{where} is not UTF-8 {_encoded(line, error)}") from None
    except ValueError as error:
        raise CaseError(f"{where} is not JSON that can be read: {error}") from None
    if not isinstance(data, dict):
        raise CaseError(f"{where} is not a JSON object; write one case, in braces, a line")
    version = data.pop("version", FILE_VERSION)
    if version != FILE_VERSION:
        raise CaseError(
            f"{where} has version {version!r:.60} of the case form, and this pytest-slm-autopsy "
            f"reads {FILE_VERSION}; upgrade pytest-slm-autopsy"
        )
    for kind in CHATS:
        if kind in data:
            own = {"id": data["id"]} if "id" in data else {"id": id}
            data = {**own, **case_of(read_chat(data, kind, where), frame, where)}
    _check_case(data, where)
    _check_facts(data, where)
    try:
        return Case.from_dict(data)
    except (TypeError, ValueError, AttributeError) as error:
        raise CaseError(f"{where} is not a case: {error}") from None


def _encoded(line: bytes, error: UnicodeDecodeError) -> str:
    """Return the end of the error about a line that is not UTF-8: its likely encoding, a cure."""
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "but UTF-16; save the file as UTF-8"
    if b"\x00" in line:
        return "nor any text; give a file of JSON lines"
    wrong = line[error.start : error.start + 1].hex()
    return (
        f"but maybe Latin-1 (byte 0x{wrong} in place {error.start + 1}: {error.reason}); save the "
        "file as UTF-8"
    )


def _check_case(data: Mapping[str, Any], where: str) -> None:
    if lacking := [key for key in ("id", "text", "truth") if key not in data]:
        raise CaseError(f"{where} lacks {', '.join(lacking)}; a case needs id, text and truth")
    for key in ("id", "record", "condition", "source", "layout", "text"):
        if not isinstance(data.get(key, ""), str):
            raise CaseError(f"{where}: {key} is not a text; put it in quotes")
    if not isinstance(data["truth"], dict):
        raise CaseError(f"{where}: truth is not an object; write fields and values, in braces")
    if wrong := unfit_truth(data["truth"]):
        raise CaseError(f"{where}: {wrong}")
    turns = data.get("turns", [])
    if not isinstance(turns, list) or (turns and DOCUMENT not in str(turns[-1])):
        raise CaseError(
            f"{where}: the last of turns holds no U+FFFC, which stands for the text: all documents "
            "would get one prompt"
        )


def _check_facts(data: Mapping[str, Any], where: str) -> None:
    """Check shift, spans and tags, if the case has them."""
    shift, spans, tags = (data.get(key, kind()) for key, kind in _FACTS.items())
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise CaseError(f"{where}: tags is not a list of texts; write [] for none")
    if not isinstance(shift, dict) or not all(_is_number(part) for part in shift.values()):
        raise CaseError(f"{where}: shift is not an object of severities; write {{}} for none")
    try:
        check_shift(shift)
    except CaseError as error:
        raise CaseError(f"{where}: {error}") from None
    if not isinstance(spans, dict):
        raise CaseError(f"{where}: spans is not an object; write {{}} for none")
    for name, span in spans.items():
        if not isinstance(span, list) or [type(end) for end in span] != [int, int]:
            raise CaseError(f"{where}: the span of {name!r} is not [start, end] in whole numbers")
        if not 0 <= span[0] <= span[1] <= len(data["text"]):
            raise CaseError(f"{where}: the span of {name!r} reaches beyond the text")


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
