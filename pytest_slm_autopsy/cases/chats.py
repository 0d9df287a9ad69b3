"""Chats of a training file: tell instruction, document and answer apart."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from os.path import commonprefix
from typing import Any, Final

from pytest_slm_autopsy.errors import CaseError, ConfigError
from pytest_slm_autopsy.notation.text import Span, texts_of
from pytest_slm_autopsy.records import DOCUMENT, Turn
from pytest_slm_autopsy.whole_files import parsed

# Key of the turns, key and names of the roles, key of the text.
CHATS: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "messages": ("role", "user", "assistant", "content"),
    "conversations": ("from", "human", "gpt", "value"),
}
_ROLES: Final = {"human": "user", "gpt": "assistant"}
_NAMES: Final = "document|doc|text|input|invoice|content"
_TAG: Final = re.compile(rf"<(?P<opens>{_NAMES})\b[^<>]*>|</(?P<closes>{_NAMES})>", re.IGNORECASE)
_ENDS: Final = re.compile(r"[.:?!>`\"'\u201c\u201e*#=-]\s*$")
_MEANT: Final = re.compile(r"json|fields?\b|keys?\b|```|</?\w+>|\"{3}", re.IGNORECASE)
_BULLET: Final = re.compile(r"(?:(?<![^\S\n])[^\S\n]+)?(?:[-*\u2022]|(?<!\d)\d+[.)])[^\S\n]+")
_SENTENCE: Final = re.compile(r"(?=[^.:?!\n]*\w)[^.:?!\n]*[.:?!]\s+")
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

    ``head`` and ``tail`` count rows that all turns share, ``sentence`` is a beginning that they
    share within a line. ``find`` finds the document in another way.
    """

    head: int = 0
    tail: int = 0
    sentence: str = ""
    find: Callable[[str], Span | None] | None = field(default=None, compare=False)

    def document(self, chat: Chat) -> Span | None:
        """Return where the document stands in a turn; ``None`` where there is none."""
        asked = chat.asked
        if self.find is not None:
            place = self.find(asked)
            return place if place and asked[slice(*place)].strip() else None
        rows = _rows(chat)
        start = sum(len(row.raw) for row in rows[: self.head])
        start += len(_listed(self.sentence, chat))
        end = len(asked) - sum(len(row.raw) for row in rows[len(rows) - self.tail :])
        inside = asked[start:end]
        # The line end before the tail is the instruction's.
        return start, end - (len(inside) - len(inside.rstrip("\r\n")) if self.tail else 0)


def _matched(pattern: re.Pattern[str], text: str) -> Span | None:
    """Return what a user's pattern finds: its group ``document``, or the first, or the whole."""
    found = pattern.search(text)
    group = pattern.groupindex.get("document", min(1, pattern.groups))
    return found.span(group) if found and found[group] is not None else None


def _tagged(text: str) -> Span | None:
    """Return what stands between the last pair of tags: an instruction may speak of them."""
    ends: dict[str, int] = {}
    for tag in reversed(list(_TAG.finditer(text))):
        if tag["closes"]:
            ends[tag["closes"].casefold()] = tag.start()
        elif end := ends.get(tag["opens"].casefold()):
            start = tag.end() + text.startswith("\n", tag.end())
            return start, end - text.endswith("\n", start, end)
    return None


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
        turns = tuple((_ROLES.get(who, who), _words(text)) for who, text in said[: asked + 1])
    except (TypeError, KeyError, ValueError):
        raise CaseError(
            f"{where}: {kind} needs a turn of {user!r} and one of {assistant!r} after it, "
            f"each with {role!r} and {content!r}"
        ) from None
    if between := sorted({who for who, _ in said[asked + 1 : answer]}):
        raise CaseError(
            f"{where}: turns of {', '.join(map(repr, between))} stand between the question and its "
            "answer; give a file in which the answer follows the question"
        )
    try:
        truth = parsed(_words(said[answer][1]), parse_int=str, parse_float=str)
    except (TypeError, KeyError, ValueError):
        raise CaseError(
            f"{where}: the answer of {assistant!r} is not JSON, so no truth; write cases with id, "
            "text and truth where answers are labels or numbers"
        ) from None
    return Chat(turns, truth)


def _words(content: Any) -> str:
    """Return the text of a turn; of a list of parts, their texts."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content)
    return str.__str__(content)


def case_of(chat: Chat, frame: Frame, where: str) -> dict[str, Any]:
    """Return text, truth and turns of the case that a chat is.

    Raises:
        CaseError: the frame's pattern finds no document in the user's turn.
    """
    place = frame.document(chat)
    if place is None:
        what = "tags around a document hold" if frame.find is _tagged else "document pattern finds"
        raise CaseError(
            f"{where}: the {what} nothing in the user's turn; say with --slm-document-pattern what "
            "the document is"
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
        ConfigError: an invalid pattern.
    """
    if pattern is not None:
        try:
            return Frame(find=partial(_matched, re.compile(pattern, re.DOTALL)))
        except re.error as error:
            raise ConfigError(f"invalid document pattern {pattern!r}: {error}") from None
    known = list(chats)
    if not known or len({chat.asked for chat in known}) < 2:
        return Frame()
    if all(_tagged(chat.asked) for chat in known):
        return Frame(find=_tagged)
    constant = _constant(known)
    rows = [_rows(chat) for chat in known]
    head = _instructing(rows[0][: _shared(rows, constant)])
    behind = [each[head:][::-1] for each in rows]
    tail = _shared(behind, constant)
    tail = tail if any(_MEANT.search(row.plain) for row in behind[0][:tail]) else 0
    room = min(map(len, rows)) - 1  # one row at least is the document
    head = min(head, room)
    tail = min(tail, room - head)
    return Frame(head, tail, "" if head else _sentence(known, constant))


@dataclass(frozen=True, slots=True)
class Row:
    """A line, or several that list the fields: as it stands, and without the fields' names."""

    raw: str
    plain: str


def _rows(chat: Chat) -> list[Row]:
    rows: list[Row] = []
    lists = _lists(chat)
    for line in chat.asked.splitlines(keepends=True):
        bare = _BULLET.sub("", line).strip()
        listed = bool(_BULLET.match(line)) and bare.partition(":")[0].strip("`\"'* ") in chat.truth
        if listed and rows and rows[-1].plain == DOCUMENT:
            rows[-1] = Row(rows[-1].raw + line, DOCUMENT)
            continue
        rows.append(Row(line, DOCUMENT if listed else _unlisted(line, lists).rstrip()))
    return rows


def _lists(chat: Chat) -> list[str]:
    """Return the ways in which a line may list the fields of a chat, the longest first."""
    names = list(chat.truth)
    quoted = [", ".join(f"{mark}{name}{mark}" for name in names) for mark in ('"', "'", "`", "")]
    dumped = [
        json.dumps(names, ensure_ascii=ascii, separators=separators)
        for ascii in (True, False)
        for separators in ((", ", ": "), (",", ":"))
    ]
    return sorted(filter(None, {*dumped, *quoted, str(names)}), key=len, reverse=True)


def _unlisted(line: str, lists: Sequence[str]) -> str:
    """Return a line with a mark in place of the list of fields."""
    for each in lists:
        if each in line:
            return line.replace(each, DOCUMENT)
    return line


def _listed(sentence: str, chat: Chat) -> str:
    """Return a shared beginning as it stands in a chat, its own list of fields in it."""
    if DOCUMENT not in sentence:
        return sentence
    filled = (sentence.replace(DOCUMENT, each) for each in _lists(chat))
    return next((one for one in filled if chat.asked.startswith(one)), "")


def _constant(chats: Sequence[Chat]) -> list[re.Pattern[str]]:
    """Return patterns of the values that a field has in every chat; shared lines may state them."""
    values: dict[str, set[str]] = {}
    for chat in chats:
        for name, value in chat.truth.items():
            values.setdefault(name, set()).update(texts_of(value) if value else ())
    alone = [next(iter(known)) for known in values.values() if len(known) == 1]
    return [re.compile(rf"(?<!\w){re.escape(value)}(?!\w)") for value in alone if value.strip()]


def _shared(turns: Sequence[Sequence[Row]], constant: Sequence[re.Pattern[str]]) -> int:
    """Return the number of first rows that all turns share, and that state no true value."""
    count = 0
    for rows in zip(*turns, strict=False):
        plain = rows[0].plain
        if any(row.plain != plain for row in rows[1:]):
            break
        if any(value.search(plain) for value in constant):
            break
        count += 1
    return count


def _instructing(rows: Sequence[Row]) -> int:
    """Return how many of the shared first rows are instruction, not a letterhead behind it.

    The last row that instructs, and what leads on from it: blank lines, a heading with a colon, a
    mark that opens a quotation. A row instructs that is a sentence of three words, or names fields,
    keys or JSON.
    """
    head = max((at for at, row in enumerate(rows, 1) if _instructs(row.plain)), default=0)
    while 0 < head < len(rows) and _leads(rows[head].plain):
        head += 1
    return head


def _leads(line: str) -> bool:
    return not line.strip() or line.rstrip().endswith(":") or bool(_MEANT.search(line))


def _instructs(line: str) -> bool:
    sentence = _ENDS.search(line) and len(line.split()) >= _FEWEST_WORDS
    return bool(DOCUMENT in line or _MEANT.search(line) or sentence)


def _sentence(chats: Sequence[Chat], constant: Sequence[re.Pattern[str]]) -> str:
    """Return the sentences with which the first line of all turns begins."""
    lines = [_unlisted(chat.asked.split("\n", 1)[0], _lists(chat)) for chat in chats]
    prefix = commonprefix(lines)  # noqa: RUF071  letters, not folders
    end = 0
    for sentence in _sentences(prefix):
        short = len(sentence.split()) < _FEWEST_WORDS and not _MEANT.search(sentence)
        if short or any(value.search(sentence) for value in constant):
            break
        end += len(sentence)
    return prefix[:end]


def _sentences(text: str) -> Iterator[str]:
    at = 0
    while found := _SENTENCE.match(text, at):
        yield found.group()
        at = found.end()
