"""Lines of a label and a value, in any text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence, Set
from typing import Final, NamedTuple

from pytest_slm_autopsy.notation.figures.currencies import mark_pattern
from pytest_slm_autopsy.notation.text import Span

_LABELLED: Final = re.compile(
    r"""
    ^\ufeff?(?P<line>)[^\S\n]*+
    # a label of up to seven words, with dots within but no leader: Inv. No
    (?P<label>
        [^\W\d_][^\s:=|.]*+ (?:\.(?!\.)[^\s:=|.]*+)*+
        (?:[ ](?!\.\.)[^\s:=|]++){0,6}
    )
    (?P<mark>
        [^\S\n]*+
        (?:
            (?<!\d):(?![/=:\\])           # a colon, not of https:// or a::b
            | :(?![\d/=:\\])              # behind a digit, not of a time: 10:15
            | (?<![<>!:=~])=(?!=)          # an equals sign, not of code: a == b
            | \| | \.{3,}+                 # a bar, a leader
        )
        [^\S\n]*+
        | (?P<gap>[^\S\n]{2,}+ | \t)      # nothing but a wide gap
    )
    (?P<value>\S++(?:[^\S\n\t]\S++)*+)   # a value without a wide gap in it
    [^\S\n]*+$
    """,
    re.MULTILINE | re.VERBOSE,
)
_BEFORE: Final = re.compile(
    rf"""
    # the last words of a line
    (?P<label>[^\W\d_][^\s\d:=|]{{0,40}}(?:[ ][^\s\d:=|]{{1,40}}){{0,6}}?)
    # and nothing after them but marks and a currency
    \s*[:=|#.]*\s*(?:{mark_pattern()}[ ]?)?$
    """,
    re.VERBOSE,
)
_DIGIT: Final = re.compile(r"\d")
_LINK: Final = re.compile(r"[@?&]|^(?:www\.|mailto$)|/\S*/", re.IGNORECASE)
# What a mark without any space may part: TOTAL:9.00, DATE:1/2/25, Kundennummer:2, INV NO:A-7.
_AMOUNT_OR_DAY: Final = re.compile(
    r"\D{0,4}?\d[\d.,'\u00a0\u202f ]*[.,]\d\d(?!\d)|\d{1,4}([./-])\d{1,2}\1\d{1,4}(?!\d)"
)
_NATURAL: Final = re.compile(r"[^\W\d_a-zß-ÿ][^\W\d_A-ZÀ-Þ]{3,}\.?")
_GLUED_AGAIN: Final = re.compile(r"\S*?[^\W\d_][:=]\S")
LONGEST_LABEL: Final = 80
"""Characters of a label."""
_ANY_LINE: Final = re.compile(r"^\ufeff?(?P<line>)[^\S\n]*+(?P<content>[^\n]*)", re.MULTILINE)
_GAP: Final = re.compile(r"\s{2}|\t")
COLUMNS: Final = re.compile(r"\S(?:[^\S\n]{2,}|\t)\S")
"""A wide gap within a line."""


class Labelled(NamedTuple):
    """One line with one label and one value: its start, and the places of label, mark and value.

    ``tabular`` is true where the column of the value may mean something.
    """

    start: int
    label: Span
    mark: Span
    value: Span
    tabular: bool = False

    @property
    def column(self) -> int:
        """Return the number of characters before the label."""
        return self.label[0] - self.start

    def moved(self, bounds: list[int], shifts: list[int]) -> Labelled:
        """Return the line in an edited text; what is put before the value belongs to the mark."""
        by = shifts[bisect_right(bounds, self.start)]
        label, mark, value = (shifts[bisect_right(bounds, s[0])] for s in self[1:4])
        behind = shifts[bisect_right(bounds, self.label[1])]
        end = shifts[bisect_left(bounds, self.value[1])]
        return Labelled(
            self.start + by,
            (self.label[0] + label, self.label[1] + behind),
            (self.mark[0] + mark, self.mark[1] + value),
            (self.value[0] + value, self.value[1] + end),
            self.tabular,
        )


def labelled_lines(text: str, free: Callable[[int, int], bool]) -> list[Labelled]:
    """Return the lines of a label and a value, from top to bottom.

    ``free`` tells whether a part of the text holds no known value. A wide gap counts as a mark only
    before a known value or a digit.
    """
    found = list(_lines(text, free))
    if not any(_GAP.search(text, *line.mark) for line in found):
        return found
    tabular = {
        line.start
        for columns, wide in _blocks(text, found)
        if columns or not _is_list(wide, text)
        for line in wide
    }
    return [line._replace(tabular=line.start in tabular) for line in found]


def _lines(text: str, free: Callable[[int, int], bool]) -> Iterator[Labelled]:
    for match in _LABELLED.finditer(text):
        if len(match["label"]) > LONGEST_LABEL or _LINK.search(match["label"]):
            continue
        if "|" in match["mark"] and "|" in match["value"]:
            continue
        if match["mark"] in ":=" and not _parts(match, free):
            continue
        if not match["gap"] or _counts(match, free):
            spans = (match.span("label"), match.span("mark"), match.span("value"))
            yield Labelled(match.start("line"), *spans)


def _parts(match: re.Match[str], free: Callable[[int, int], bool]) -> bool:
    """Tell whether a mark without any space parts a label from a value.

    Identifiers have such marks within: ``de:kosit:standard``, ``ABCD:xetr``, ``xs:date``,
    ``localhost:8080``, ``a=b``.
    """
    words, value = match["label"].split(), match["value"]
    if _GLUED_AGAIN.match(value) or not free(*match.span("label")):
        return False
    # A small letter behind the mark, a small word before it, one word in capitals: a code.
    alone = words[-1].isupper() and not match["label"].isupper() and value[0].isalpha()
    if (words[-1].islower() or value[0].islower() or alone) and not _AMOUNT_OR_DAY.match(value):
        return False
    if len(words) > 1 or _AMOUNT_OR_DAY.match(value):
        return True
    if value[0].isdigit() and _NATURAL.fullmatch(words[0]):
        return True
    start = match.start("value")
    return not words[0].isupper() and not free(start, start + 1)


def _counts(match: re.Match[str], free: Callable[[int, int], bool]) -> bool:
    """Tell whether a label stands before a wide gap, and a value behind the gap."""
    if _DIGIT.search(match["label"]) or not free(*match.span("label")):
        return False
    return not free(*match.span("value")) or _DIGIT.search(match["value"]) is not None


def _blocks(text: str, found: Sequence[Labelled]) -> Iterator[tuple[bool, list[Labelled]]]:
    """Yield for each block between blank lines whether it has columns, and its wide lines."""
    known = {line.start: line for line in found}
    wide: list[Labelled] = []
    indents: set[int] = set()
    columns = above = False
    for match in _ANY_LINE.finditer(text):
        if not match["content"]:
            yield columns or _beside(wide, indents, text), wide
            wide, columns, indents = [], above, set()
            continue
        line = known.get(match.start("line"))
        above = line is None and COLUMNS.search(match["content"]) is not None
        columns = columns or above
        if line and _GAP.search(text, *line.mark):
            wide.append(line)
        elif line is None:
            indents.add(match.start("content") - match.start("line"))
    yield columns or _beside(wide, indents, text), wide


def _beside(wide: Sequence[Labelled], indents: Set[int], text: str) -> bool:
    """Tell whether a line begins below or above what stands behind a gap: two columns of lines."""
    gaps = (line for line in wide if text[slice(*line.mark)].isspace())
    return any(line.value[0] - line.start in indents for line in gaps)


def _is_list(wide: Sequence[Labelled], text: str) -> bool:
    """Tell whether all values begin in one column, end in one column, or follow the same gap."""
    starts, ends, gaps = (
        {line.value[0] - line.start for line in wide},
        {line.value[1] - line.start for line in wide},
        {text[slice(*line.mark)] for line in wide},
    )
    return min(len(starts), len(ends), len(gaps)) <= 1


def label_and_value(line: str) -> Labelled | None:
    """Return the one label and value that a line states, by a mark or a wide gap."""
    return next(_lines(line, lambda start, end: True), None)


def label_before(text: str, span: Span) -> str:
    """Return the words before a value on its line that look like its label, or an empty text.

    Example:
        >>> label_before("Page 1   Invoice No.: A-7", (22, 25))
        'Invoice No.'
    """
    line = text[max(text.rfind("\n", 0, span[0]) + 1, span[0] - 200) : span[0]]
    match = _BEFORE.search(line)
    label = match["label"] if match else ""
    return label.rstrip(".") if label.endswith("..") else label
