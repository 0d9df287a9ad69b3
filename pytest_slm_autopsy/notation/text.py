"""Texts without differences that do not count: case, accents, wide letters, kinds of dashes.

The one table of spaces, dashes, apostrophes and wide digits; every other room asks here.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from pytest_slm_autopsy.records import SPACES, Value, legible

Span = tuple[int, int]
"""Start and end of a part of a text, in characters."""

SPACE: Final = f" {SPACES}"
"""Spaces that may stand within a number, and between it and its currency."""
DASHES: Final = "-\u2212\u2013\u2014\u2010\u2011\u2012"
"""Dashes that may be a minus sign."""
APOSTROPHES: Final = "'\u2018\u2019\u00b4`"

# Thai, Lao, Myanmar, Khmer, kana and Han: scripts that put no space between words.
_UNSPACED: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
_SAME: Final = str.maketrans(
    dict.fromkeys(APOSTROPHES, "'")
    | dict.fromkeys(DASHES, "-")
    | {"\u0131": "i", "\u0142": "l", "\u00f8": "o"}
)
_WIDE: Final[dict[int, str]] = {0xFF01 + n: chr(0x21 + n) for n in range(94)} | {
    0x3000: " ", 0x066A: "%", 0x066B: ".", 0x066C: ",",  # of wide letters, and of Arabic numbers
}  # fmt: skip
_UNPLAIN: Final = re.compile(r"[\u3000\uff01-\uff5e\u066a-\u066c]|(?![0-9])\d")
_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_JOINS: Final = (".", ",", "'", ":", "-", "\u2013")


class Folded(NamedTuple):
    """A text made for comparison, and for each of its characters the place in the original text."""

    text: str
    starts: tuple[int, ...] | None

    def span(self, start: int, end: int) -> Span | None:
        """Return the place of a part in the original text; ``None`` where it would cut a character.

        An accent that is a character of its own belongs to the letter before it.
        """
        if self.starts is None:
            return start, end
        first = bisect_left(self.starts, start + 1) - 1
        last = bisect_left(self.starts, end)
        whole = self.starts[first] == start and self.starts[last] == end
        return (first, bisect_left(self.starts, end + 1) - 1) if whole else None


@lru_cache(maxsize=8)
def folded(text: str) -> Folded:
    """Return a text without case, accents, and kinds of apostrophes, dashes and widths.

    Example:
        >>> folded("STRASSE").text == folded("Straße").text
        True
    """
    if text.isascii():
        return Folded(text.casefold().replace("`", "'"), None)
    # Only the letters that are not ASCII are looked up: most texts have few.
    plain = _NOT_ASCII.sub(lambda letter: _letter(letter.group()), text)
    plain = plain.casefold().replace("`", "'")
    sizes = [1] * len(text)
    for other in _NOT_ASCII.finditer(text):
        sizes[other.start()] = len(_letter(other.group()))
    if sizes.count(1) == len(sizes):
        return Folded(plain, None)
    return Folded(plain, tuple(accumulate(sizes, initial=0)))


@lru_cache(maxsize=4096)
def _letter(letter: str) -> str:
    parts = unicodedata.normalize("NFKD", letter.translate(_SAME)).casefold()
    plain = "".join(part for part in parts if not unicodedata.category(part).startswith("Mn"))
    return plain.translate(_SAME)


@lru_cache(maxsize=8)
def plain_forms(text: str) -> str:
    """Return a text with wide letters and all digits as plain ones; no character moves.

    Example:
        >>> plain_forms("\uff14\uff17\uff13\uff0c\uff10\uff10")
        '473,00'
    """
    if text.isascii() or not _UNPLAIN.search(text):
        return text
    plain = {ord(letter): _WIDE.get(ord(letter), letter) for letter in set(text)}
    plain |= {ord(d): str(unicodedata.decimal(d)) for d in set(text) if d.isdecimal()}
    changed = {number: letter for number, letter in plain.items() if chr(number) != letter}
    return text.translate(changed) if changed else text


def goes_on(letter: str) -> bool:
    """Tell whether a letter continues a word; none does in scripts without spaces between words."""
    if letter.isascii():
        return letter.isalnum()
    if _UNSPACED.match(letter):
        return False
    return letter.isalnum() or unicodedata.category(letter).startswith("M")


def stands(text: str, span: Span, kind: str = "") -> bool:
    """Tell whether a part of a text stands alone, not inside a longer word or number.

    A currency may touch a number, as in ``EUR5``.
    """
    start, end = span
    first, last = text[start], text[end - 1]
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if kind == "currency":
        return not (before[-1:].isalpha() and goes_on(before[-1:])) and not (
            last.isalpha() and after[:1].isalpha() and goes_on(after[:1])
        )
    if unicodedata.category(after[:1] or " ").startswith("M"):
        return False
    if (first.isalnum() and goes_on(before[-1:])) or (last.isalnum() and goes_on(after[:1])):
        return False
    if first.isdigit() and before[:1].isdigit() and before[1:] in _JOINS:
        return False
    joined = (after[1:].isdigit() and after[0] in _JOINS) or after.lstrip()[:1] in tuple("%\uff05‰")
    return not (last.isdigit() and joined)


def ends_in_mark(text: str) -> bool:
    """Tell whether the last letter of a text has an accent."""
    return bool(unicodedata.combining(unicodedata.normalize("NFD", text[-1:])[-1:] or " "))


def texts_of(value: Value) -> list[str]:
    """Return the texts of a value that say something: itself, or the cells of its rows."""
    cells = [value or ""] if value is None or isinstance(value, str) else _cells(value)
    return [text for text in cells if text.strip()]


def _cells(rows: Iterable[Mapping[str, str]]) -> list[str]:
    return [cell for row in rows for cell in row.values()]


def lines_with(text: str, parts: Iterable[str]) -> list[Span]:
    """Return the lines of a text that hold one of ``parts``, each once and in order."""
    return sorted({line for part in parts for line in lines_at(text, starts_of(text, part))})


def lines_at(text: str, places: Iterable[int]) -> Iterator[Span]:
    """Yield the lines of a text that hold one of ``places``, which are in order; each line once."""
    end = 0
    for at in places:
        if at >= end:
            end = text.find("\n", at)
            end = len(text) if end < 0 else end
            yield text.rfind("\n", 0, at) + 1, end


def starts_of(text: str, part: str) -> Iterator[int]:
    """Yield every place where ``part`` starts in a text, overlapping ones too."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def collapsed(text: str) -> str:
    """Return a text without case, as it looks, its white space collapsed.

    Example:
        >>> collapsed("Total:   7 EUR")
        'total: 7 eur'
    """
    return " ".join(legible(text).casefold().split())


@lru_cache(1 << 16)
def compared(text: str) -> str:
    """Return a text without case and kinds of letters (NFKC), its white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def same_text(one: str, other: str) -> bool:
    """Tell whether two texts differ in nothing but case, white space and kinds of letters."""
    return one == other or compared(one) == compared(other)
