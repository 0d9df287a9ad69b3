# ruff: noqa: RUF001
"""An index that finds a schema's labels in a line: in any case, without spaces, or misread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import Final

from pytest_slm_autopsy.cases.schemas.labels import READ, table
from pytest_slm_autopsy.cases.schemas.misreads import latin
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field

_UNPRINTED: Final = re.compile(r"[\s.\-'’]")
_HEAD: Final = re.compile(r"[^\W_][^:：=|\t\n]{0,44}?(?=\s{2}|\s[-–#]|\.\.|[:：=|\t]|$)")
_WORD: Final = re.compile(r"[^\s.]+|\.")
_LETTERS: Final = re.compile(r"[^\W\d_]+")
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
    """A label found in a line, from ``start`` to ``end``.

    ``raw`` is the printed text, ``known`` holds the labels that it may be.
    """

    start: int
    end: int
    raw: str
    known: tuple[Known, ...]
    misspelt: bool = False

    @property
    def field(self) -> str:
        """Return the field that the label names."""
        return self.known[0].field


class LabelIndex:
    """An index of the labels of a schema."""

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
        # Remembered: documents of one pile repeat the same texts before a gap.
        self._begins = lru_cache(REMEMBERED)(self._loosely)
        # A misread label is longer if one letter is read as two, and shorter if one is lost.
        self._longest = 2 + max(len(squeezed) + squeezed.count("m") for squeezed in self._squeezed)
        # The first letter and the length of every possible misread label.
        self._forms = {
            (folded[:1], len(folded) + more)
            for folded in map(_folded, self._squeezed)
            for more in (-1, 0, 1)
        }

    def at(self, line: str, low: str, start: int) -> Iterator[Hit]:
        """Yield the labels that stand at ``start``, the longest first; then misread labels.

        ``low`` is the line in lower case; both have the same length.
        """
        for label in self._starts.get(low[start : start + 2], ()):
            end = start + len(label)
            if low.startswith(label, start) and not _goes_on(low, end):
                yield Hit(start, end, line[start:end], self._exact[label])
        yield from self._loose(line, start)

    def anywhere(self, line: str) -> bool:
        """Tell whether a label stands anywhere in the line."""
        low = lower(line)
        return any(
            low.startswith(label, word.start()) and not _goes_on(low, word.start() + len(label))
            for word in re.finditer(r"\b\w", low)
            for label in self._starts.get(low[word.start() : word.start() + 2], ())
        )

    def stems(self, name: str) -> frozenset[str]:
        """Return the first five letters of each long word in a field's labels."""
        labels = [known.label.lower() for alike in self._exact.values() for known in alike
                  if known.field == name]  # fmt: skip
        return frozenset(word[:5] for label in labels for word in label.split() if len(word) > 4)

    def begun(self, text: str, fields: Iterable[str]) -> str:
        """Return the one of ``fields`` with a label that starts with ``text``, or an empty text."""
        start = _squeeze(latin(text).lower())
        asked = set(fields)
        for squeezed, alike in self._squeezed.items():
            if squeezed.startswith(start):
                for known in alike:
                    if known.field in asked:
                        return known.field
        return ""

    def _loose(self, line: str, start: int) -> Iterator[Hit]:
        """Yield labels that are printed without spaces, or with one letter misread or lost."""
        if line[start].lower() not in self._firsts or not (head := _HEAD.match(line, start)):
            return
        for length, alike, misspelt in self._begins(head.group()):
            end = start + length
            yield Hit(start, end, line[start:end], alike, misspelt)

    def _loosely(self, head: str) -> list[tuple[int, tuple[Known, ...], bool]]:
        """Return the labels with which ``head`` may begin: length, labels, whether misread."""
        texts, squeezed = [], ""
        for word in islice(_WORD.finditer(head), MOST_WORDS):
            squeezed += _squeeze(word.group().lower())
            texts.append((word.end(), squeezed))
        exact = [(end, self._squeezed.get(text, ()), False) for end, text in reversed(texts)]
        misread = [
            (end, () if _is_said(head[:end]) else self._misread(text), True)
            for end, text in reversed(texts)
        ]
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


def _is_said(label: str) -> bool:
    """Tell whether all words of a text are words of labels in one language: none is misread."""
    known = [_languages().get(word, frozenset()) for word in _LETTERS.findall(label.lower())]
    return bool(known) and bool(frozenset.intersection(*known))


@cache
def _languages() -> dict[str, frozenset[str]]:
    """Map words of labels to the languages that they stand in."""
    found: dict[str, set[str]] = {}
    for one in table():
        for word in _LETTERS.findall(one.text.lower()):
            found.setdefault(word, set()).add(one.language)
    return {word: frozenset(languages) for word, languages in found.items()}


def lower(line: str) -> str:
    """Return a line in lower case, of the same length as the line."""
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
    """Tell whether the word before ``end`` goes on after it."""
    return low[end : end + 1].isalpha() and low[end - 1].isalpha()


def _squeeze(low: str) -> str:
    return _UNPRINTED.sub("", low)


def _folded(squeezed: str) -> str:
    """Return a text with one letter in place of each group that is easily confused."""
    return squeezed.replace("rn", "m").replace("ri", "n").replace("0", "o").replace("1", "l")


def _shortened(text: str) -> Iterator[str]:
    """Yield the text without each of its letters and digits in turn, except the first."""
    return (text[:at] + text[at + 1 :] for at in range(1, len(text)) if text[at].isalnum())
