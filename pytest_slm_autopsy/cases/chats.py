"""Chats of a training file: what is the instruction, what is the document, what is the answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os.path import commonprefix
from typing import Any, Final

from pytest_slm_autopsy.errors import CaseError, ConfigError
from pytest_slm_autopsy.notation.text import texts_of
from pytest_slm_autopsy.records import DOCUMENT, Turn

# Key of the turns, key and names of the roles, key of the text.
CHATS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "messages": ("role", "user", "assistant", "content"),
    "conversations": ("from", "human", "gpt", "value"),
}
_ROLES: Final = {"human": "user", "gpt": "assistant"}
_TAGS: Final = re.compile(
    r"<(document|doc|text|input|invoice|content)>\n?(?P<document>.*?)\n?</\1>",
    re.DOTALL | re.IGNORECASE,
)
_SENTENCE: Final = re.compile(r"[^.:?!\n]*\w[^.:?!\n]*[.:?!]\s+")
_FEWEST_WORDS: Final = 3
"""Words that a sentence has at least: less are a label, such as ``Invoice number:``."""


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat: its turns up to the user's last one, and the answer to it."""

    turns: tuple[Turn, ...]
    truth: Mapping[str, Any]

    @property
    def asked(self) -> str:
        """Return the user's last turn: instruction and document."""
        return self.turns[-1][1]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the document in each user's turn of a file.

    ``head`` and ``tail`` count lines that all turns share, ``sentence`` is a beginning that they
    share within a line. With a ``pattern`` its group ``document``, or the first group, or the whole
    match is the document.
    """

    head: int = 0
    tail: int = 0
    sentence: str = ""
    pattern: re.Pattern[str] | None = field(default=None, compare=False)

    def document(self, asked: str) -> tuple[int, int] | None:
        """Return where the document stands in a turn; ``None`` where the pattern finds none."""
        if self.pattern is not None:
            found = self.pattern.search(asked)
            if not found:
                return None
            names = found.re.groupindex
            return found.span("document" if "document" in names else min(1, found.re.groups))
        lines = asked.splitlines(keepends=True)
        start = len("".join(lines[: self.head])) + len(self.sentence)
        end = len(asked) - len("".join(lines[len(lines) - self.tail :]))
        inside = asked[start:end]
        # The line end before the tail is the instruction's.
        return start, end - (len(inside) - len(inside.rstrip("\n")) if self.tail else 0)


def read_chat(data: Mapping[str, Any], kind: str, where: str) -> Chat:
    """Return the chat of a line, by the key that holds its turns.

    Raises:
        CaseError: turns of another form, or an answer that is not JSON.
    """
    role, user, assistant, content = CHATS[kind]
    try:
        said = [(str(turn[role]), turn[content]) for turn in data[kind]]
        answer = max(at for at, (who, _) in enumerate(said) if who == assistant)
        asked = max(at for at, (who, _) in enumerate(said[:answer]) if who == user)
        turns = tuple((_ROLES.get(who, who), str.__str__(text)) for who, text in said[: asked + 1])
    except (TypeError, KeyError, ValueError):
        raise CaseError(
            f"{where}: {kind} needs a turn of {user!r} and one of {assistant!r} after it, "
            f"each with {role!r} and {content!r}"
        ) from None
    try:
        truth = json.loads(said[answer][1], parse_int=str, parse_float=str)
    except (TypeError, json.JSONDecodeError, RecursionError):
        raise CaseError(f"{where}: the answer of {assistant!r} is not JSON, so no truth") from None
    return Chat(turns, truth)


def case_of(chat: Chat, frame: Frame, where: str) -> dict[str, Any]:
    """Return text, truth and turns of the case that a chat is.

    Raises:
        CaseError: the frame's pattern finds no document in the user's turn.
    """
    place = frame.document(chat.asked)
    if place is None:
        assert frame.pattern is not None
        raise CaseError(
            f"{where}: the document pattern {frame.pattern.pattern!r} finds nothing in the user's "
            "turn; mend it (--slm-document-pattern)"
        )
    start, end = place
    around = f"{chat.asked[:start]}{DOCUMENT}{chat.asked[end:]}"
    turns = [*chat.turns[:-1], (chat.turns[-1][0], around)]
    return {"text": chat.asked[start:end], "truth": chat.truth, "turns": turns}


def frame_of(chats: Iterable[Chat], pattern: str | None = None) -> Frame:
    """Return what all user's turns of a file share around the document.

    A pattern decides, then tags such as ``<document>``. Else the instruction is what every turn
    begins and ends with: whole lines without a true value in them, or a sentence. A list of the
    asked fields may differ. Turns that are all alike, as a single one is, have no instruction that
    could be told.

    Raises:
        ConfigError: the pattern is none.
    """
    if pattern is not None:
        try:
            return Frame(pattern=re.compile(pattern, re.DOTALL))
        except re.error as error:
            raise ConfigError(f"the document pattern {pattern!r} is none: {error}") from None
    known = list(chats)
    if not known or len({chat.asked for chat in known}) < 2:
        return Frame()
    if all(_TAGS.search(chat.asked) for chat in known):
        return Frame(pattern=_TAGS)
    lines = [_lines(chat) for chat in known]
    head = _shared(lines)
    tail = _shared([rows[head:][::-1] for rows in lines])
    room = min(map(len, lines)) - 1  # one line at least is the document
    head = min(head, room)
    tail = min(tail, room - head)
    sentence = "" if head else _sentence(known)
    return Frame(head, tail, sentence)


Row = tuple[str, bool]
"""A line without the fields' names, and whether it states a true value."""


def _lines(chat: Chat) -> list[Row]:
    values = [part for value in chat.truth.values() if value for part in texts_of(value)]
    names = list(chat.truth)
    lists = [json.dumps(names), json.dumps(names, separators=(",", ":")), ", ".join(names)]
    rows = []
    for line in chat.asked.splitlines():
        plain = line.rstrip()
        for each in sorted(filter(None, lists), key=len, reverse=True):
            plain = plain.replace(each, DOCUMENT)
        rows.append((plain, any(value in line for value in values if len(value) > 1)))
    return rows


def _shared(turns: Sequence[Sequence[Row]]) -> int:
    """Return the number of first rows that all turns share, and that state no true value."""
    count = 0
    for rows in zip(*turns, strict=False):
        if len({line for line, _ in rows}) > 1 or any(stated for _, stated in rows):
            break
        count += 1
    return count


def _sentence(chats: Sequence[Chat]) -> str:
    """Return the sentences with which the first line of all turns begins."""
    lines = [chat.asked.split("\n", 1)[0] for chat in chats]
    prefix = commonprefix(lines)  # noqa: RUF071  letters, not folders
    end = 0
    for sentence in _sentences(prefix):
        if len(sentence.split()) < _FEWEST_WORDS:
            break
        end += len(sentence)
    return prefix[:end]


def _sentences(text: str) -> Iterator[str]:
    at = 0
    while found := _SENTENCE.match(text, at):
        yield found.group()
        at = found.end()
