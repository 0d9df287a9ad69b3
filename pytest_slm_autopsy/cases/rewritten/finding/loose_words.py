"""Names, addresses and codes in other letters: case, accents, spaces, dots and commas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from pytest_slm_autopsy.notation.dates.days import day_starts, whole_day
from pytest_slm_autopsy.notation.text import Span, ends_in_mark, folded, stands

_PIECES: Final = re.compile(r"\d+|[^\W\d_]+|[^\w\s]|_|\s+")
_LOOSE_MARKS: Final = " \t\n\r\f\v\u00a0.,;:'()-/"
LEAST_LETTERS: Final = 5
LEAST_LOOSE: Final = 8
"""Letters of a value whose words may be glued."""
LONGEST_ABBREVIATION: Final = 4
_DECIMALS: Final = re.compile(r"(?<![\w.])\d+(?:\.\d{3})*\.\d{1,2}(?![\w.])")


def loose_places(text: str, value: str, kind: str) -> Iterator[Span]:
    """Yield places in another case, with other spaces or accents; of a code with other marks."""
    pattern, held_by_all, coded = _pattern(value, kind)
    held = folded(text)
    if held_by_all not in held.text:
        return
    marked = ends_in_mark(value)
    for match in pattern.finditer(held.text):
        span = held.span(*match.span())
        if not span or (ends_in_mark(text[max(0, span[1] - 2) : span[1]]) and not marked):
            continue
        if stands(text, span) and not (_no_code if coded else _other_word)(text, span, value):
            yield _with_last_mark(text, span, value)


def _with_last_mark(text: str, span: Span, value: str) -> Span:
    """Return a place with the mark that the value ends with, such as the dot of ``Inc.``."""
    ends = not value[-1].isalnum() and text.startswith(value[-1], span[1])
    return span[0], span[1] + ends


def _no_code(text: str, span: Span, value: str) -> bool:
    """Tell whether a place that looks like a code is an amount or a day, or starts with one."""
    part = text[slice(*span)]
    amount = not any(map(str.isalpha, value)) and _DECIMALS.search(part)
    return bool(amount or span[0] in day_starts(text) or whole_day(part))


def _other_word(text: str, span: Span, value: str) -> bool:
    """Tell whether a short value in capitals, such as ``IT``, stands there in small letters."""
    short = len(value) <= 3 and value.isalpha() and value.isupper()
    return short and not text[slice(*span)].isupper()


@lru_cache(maxsize=4096)
def _pattern(value: str, kind: str) -> tuple[re.Pattern[str], str, bool]:
    """Return a regular expression, a text that its matches hold, and whether the value is a code.

    The expression finds the value in folded text.
    """
    plain = folded(value).text
    letters = [letter for letter in plain if letter.isalnum()]
    numeric = sum(map(str.isdigit, letters)) * 2 >= len(letters)
    coded = kind in ("code", "identifier") or (numeric and kind != "address")
    if len(letters) >= LEAST_LETTERS and coded:
        code = [letter for letter in plain if letter not in " ./-"]
        return re.compile("[ ./-]?".join(map(re.escape, code))), code[0], True
    pieces = _PIECES.findall(plain)
    if not any(piece[0].isalnum() for piece in pieces):
        return re.compile(re.escape(plain)), plain, False
    return re.compile(_in_any_marks(pieces, len(letters))), _longest(pieces), False


def _in_any_marks(pieces: Sequence[str], letters: int) -> str:
    """Return an expression of words and numbers with any dots, commas and spaces between.

    Numbers stay apart, and so do the words of a short value. An abbreviation may have its dots.
    """
    words = [at for at, piece in enumerate(pieces) if piece[0].isalnum()]
    parts = [_spelt(pieces[words[0]])]
    for before, at in pairwise(words):
        between = "".join(pieces[before + 1 : at])
        kept = "".join(mark for mark in between if mark not in _LOOSE_MARKS)
        apart = pieces[before].isdigit() and pieces[at].isdigit()
        least = "+" if apart or (between and letters < LEAST_LOOSE) else "*"
        gap = rf"[\s.,;:'()/-]{least}" if apart else rf"[\s.,;:'()-]{least}"
        if not between:
            gap = r"[\s.-]?"
        if between in ("", ".") and len(pieces[before]) == len(pieces[at]) == 1:
            gap = r"\.?\s?"  # of an abbreviation: S.A.S.
        if kept:
            gap = rf"\s*{re.escape(kept)}\s*"
        parts += [gap, _spelt(pieces[at])]
    return "".join(parts)


def _spelt(word: str) -> str:
    """Return the expression of a word; a short one may be an abbreviation with dots: ``S.A.S``."""
    short = 1 < len(word) <= LONGEST_ABBREVIATION and word.isalpha()
    return r"\.?".join(map(re.escape, word)) if short else re.escape(word)


def _longest(pieces: Sequence[str]) -> str:
    """Return a piece that every match holds as it is: the longest."""
    longest = max(pieces, key=len)
    return longest if len(longest) > LONGEST_ABBREVIATION or longest.isdigit() else longest[0]
