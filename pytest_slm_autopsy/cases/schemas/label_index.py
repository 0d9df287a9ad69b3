# ruff: noqa: RUF001
"""Finds the labels of a schema in a line of text: in any case, without spaces, misread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from pytest_slm_autopsy.cases.schemas.labels import READ
from pytest_slm_autopsy.cases.schemas.misreads import latin
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field

_UNPRINTED: Final = re.compile(r"[\s.\-'’]")
_HEAD: Final = re.compile(r"[^\W_][^:：=|\t\n]{0,44}?(?=\s{2}|\s[-–#]|\.\.|[:：=|\t]|$)")
_WORD: Final = re.compile(r"[^\s.]+|\.")
_DIGITS: Final = re.compile(r"\d.*\d")
LEAST_LETTERS: Final = 5
MOST_WORDS: Final = 8
REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Known:
    """A label of a field; ``rank`` 0 is the plainest of its language."""

    field: str
    language: str
    label: str
    rank: int


@dataclass(frozen=True, slots=True)
class Hit:
    """A label in a line, from ``start`` to ``end``: how it is printed, and all that it may be."""

    start: int
    end: int
    raw: str
    known: tuple[Known, ...]
    misspelt: bool = False

    @property
    def field(self) -> str:
        """The field it labels."""
        return self.known[0].field


class LabelIndex:
    """The labels of a schema."""

    def __init__(self, schema: DocumentSchema) -> None:
        self._exact: dict[str, tuple[Known, ...]] = {}
        self._squeezed: dict[str, tuple[Known, ...]] = {}
        self._close: dict[str, tuple[Known, ...]] = {}
        for known in _every(schema.fields):
            low = known.label.lower()
            self._exact[low] = (*self._exact.get(low, ()), known)
        for low, alike in self._exact.items():
            squeezed = _squeeze(low)
            self._squeezed[squeezed] = (*self._squeezed.get(squeezed, ()), *alike)
            if sum(map(str.isalpha, low)) >= LEAST_LETTERS:
                for close in {_folded(squeezed), *_shortened(_folded(squeezed))}:
                    self._close.setdefault(close, alike)
        self._starts: dict[str, list[str]] = {}
        for low in sorted(self._exact, key=len, reverse=True):
            self._starts.setdefault(low[:2], []).append(low)
        self._firsts = {squeezed[:1] for squeezed in self._squeezed}
        # What stands before a gap is a label, or is not, in one document after the other.
        self._begins = lru_cache(REMEMBERED)(self._loosely)
        # Two letters may be read for one, and one be lost.
        self._longest = 2 + max(len(squeezed) + squeezed.count("m") for squeezed in self._squeezed)
        # First letter and length of all that a misread label may be.
        self._forms = {
            (folded[:1], len(folded) + more)
            for folded in map(_folded, self._squeezed)
            for more in (-1, 0, 1)
        }

    def at(self, line: str, low: str, start: int) -> Iterator[Hit]:
        """Labels that stand at ``start``, the longest first; then misread ones.

        ``low`` is the line in lower case, as long as the line.
        """
        for label in self._starts.get(low[start : start + 2], ()):
            end = start + len(label)
            if low.startswith(label, start) and not _goes_on(low, end):
                yield Hit(start, end, line[start:end], self._exact[label])
        yield from self._loose(line, start)

    def anywhere(self, line: str) -> bool:
        """Whether a word of the line begins a label."""
        low = lower(line)
        return any(
            low.startswith(label, word.start()) and not _goes_on(low, word.start() + len(label))
            for word in re.finditer(r"\b\w", low)
            for label in self._starts.get(low[word.start() : word.start() + 2], ())
        )

    def stems(self, name: str) -> frozenset[str]:
        """The beginnings of the long words of a field's labels."""
        labels = [known.label.lower() for alike in self._exact.values() for known in alike
                  if known.field == name]  # fmt: skip
        return frozenset(word[:5] for label in labels for word in label.split() if len(word) > 4)

    def begun(self, text: str, fields: Iterable[str]) -> str:
        """The one of ``fields`` whose label ``text`` begins, and perhaps ends; or nothing."""
        start = _squeeze(latin(text).lower())
        asked = set(fields)
        for squeezed, alike in self._squeezed.items():
            if squeezed.startswith(start):
                for known in alike:
                    if known.field in asked:
                        return known.field
        return ""

    def _loose(self, line: str, start: int) -> Iterator[Hit]:
        """Labels without their spaces, or with a letter misread or lost."""
        if line[start].lower() not in self._firsts or not (head := _HEAD.match(line, start)):
            return
        for length, alike, misspelt in self._begins(head.group()):
            end = start + length
            yield Hit(start, end, line[start:end], alike, misspelt)

    def _loosely(self, head: str) -> list[tuple[int, tuple[Known, ...], bool]]:
        """What a text may begin with: how long it is, all that it may be, whether it is misread."""
        texts, squeezed = [], ""
        for word in islice(_WORD.finditer(head), MOST_WORDS):
            squeezed += _squeeze(word.group().lower())
            texts.append((word.end(), squeezed))
        exact = [(end, self._squeezed.get(text, ()), False) for end, text in reversed(texts)]
        misread = [(end, self._misread(text), True) for end, text in reversed(texts)]
        return [(end, alike, misspelt) for end, alike, misspelt in (*exact, *misread) if alike]

    def _misread(self, squeezed: str) -> tuple[Known, ...]:
        if not LEAST_LETTERS <= len(squeezed) + 1 <= self._longest or _DIGITS.search(squeezed):
            return ()
        folded = _folded(squeezed)
        if (folded[:1], len(folded)) not in self._forms:
            return ()
        for close in (folded, *_shortened(folded)):
            alike = self._close.get(close, ())
            if alike and alike[0].label[0].lower() == squeezed[0]:
                return alike
        return ()


def lower(line: str) -> str:
    """A line in lower case, each character in its place."""
    low = line.lower()
    return low if len(low) == len(line) else "".join(c.lower()[:1] for c in line)


def _every(fields: Iterable[Field]) -> Iterator[Known]:
    for field in fields:
        plainest = next(iter(field.labels("en")), field.label)
        further = READ.get((field.synonyms.get("en") or (plainest,))[0], {})
        for language in dict.fromkeys(("en", *field.synonyms, *further)):
            labels = (*field.labels(language), *further.get(language, ()))
            for rank, label in enumerate(dict.fromkeys(labels)):
                yield Known(field.name, language, label, rank)


def _goes_on(low: str, end: int) -> bool:
    """Whether the word goes on after ``end``."""
    return low[end : end + 1].isalpha() and low[end - 1].isalpha()


def _squeeze(low: str) -> str:
    return _UNPRINTED.sub("", low)


def _folded(squeezed: str) -> str:
    """Letters that are read for each other made one."""
    return squeezed.replace("rn", "m").replace("ri", "n").replace("0", "o").replace("1", "l")


def _shortened(text: str) -> Iterator[str]:
    """The text without one of its letters or digits, never the first."""
    return (text[:at] + text[at + 1 :] for at in range(1, len(text)) if text[at].isalnum())
