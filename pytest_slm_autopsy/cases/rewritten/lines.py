"""Lines of a label and a value, in a text that nobody drew."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

from pytest_slm_autopsy.cases.rewritten.location import Span

# A label of up to seven words, the mark after it, and a value without a column gap.
_LABELLED: Final = re.compile(
    r"^\ufeff?(?P<line>)[^\S\n]*+"
    r"(?P<label>[^\W\d_][^\s:=|.]*+(?:\.(?!\.)[^\s:=|.]*+)*+"
    r"(?: (?!\.\.)[^\s:=|]++){0,6})"
    r"(?P<mark>[^\S\n]*+(?:(?<!\d):(?![/=:\\])|:(?![\d/=:\\])|(?<![<>!:=~])=(?!=)|\||\.{3,}+)[^\S\n]*+"
    r"|(?P<gap>[^\S\n]{2,}+|\t))"
    r"(?P<value>\S++(?:[^\S\n\t]\S++)*+)[^\S\n]*+$",
    re.MULTILINE,
)
# The last words of a line, and nothing after them but marks and a currency.
_BEFORE: Final = re.compile(
    r"(?P<label>[^\W\d_][^\s\d:=|]{0,40}(?: [^\s\d:=|]{1,40}){0,6}?)"
    r"\s*[:=|#.]*\s*(?:[A-Z]{3} ?|[€$£¥] ?)?$"
)
_DIGIT: Final = re.compile(r"\d")
_LINK: Final = re.compile(r"[@?&]|^(?:www\.|mailto$)|/\S*/", re.IGNORECASE)
MOST_LETTERS: Final = 80
"""Of a label."""
_ANY_LINE: Final = re.compile(r"^\ufeff?(?P<line>)[^\S\n]*+(?P<content>[^\n]*)", re.MULTILINE)
_GAP: Final = re.compile(r"\s{2}|\t")
COLUMNS: Final = re.compile(r"\S(?:[^\S\n]{2,}|\t)\S")
"""A wide gap within a line."""


class Labelled(NamedTuple):
    """A line of one label and one value: where it starts, both, and the mark between.

    ``tabular`` says that the column in which the value stands may mean something.
    """

    start: int
    label: Span
    mark: Span
    value: Span
    tabular: bool = False

    @property
    def column(self) -> int:
        """How far the label is indented."""
        return self.label[0] - self.start

    def moved(self, bounds: list[int], shifts: list[int]) -> Labelled:
        """The line in the new text; what is put before the value goes to the mark."""
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
    """The lines of a label and a value, from top to bottom.

    A wide gap only counts before a value that is known, by ``free``, or a digit.
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
        if len(match["label"]) > MOST_LETTERS or _LINK.search(match["label"]):
            continue
        if "|" in match["mark"] and "|" in match["value"]:
            continue
        if not match["gap"] or _counts(match, free):
            spans = (match.span("label"), match.span("mark"), match.span("value"))
            yield Labelled(match.start("line"), *spans)


def _counts(match: re.Match[str], free: Callable[[int, int], bool]) -> bool:
    """Whether a label stands before a wide gap, and a value behind it."""
    if _DIGIT.search(match["label"]) or not free(*match.span("label")):
        return False
    return not free(*match.span("value")) or _DIGIT.search(match["value"]) is not None


def _blocks(text: str, found: Sequence[Labelled]) -> Iterator[tuple[bool, list[Labelled]]]:
    """Of the lines between blank ones, whether one in or above them has columns; the wide ones."""
    known = {line.start: line for line in found}
    wide: list[Labelled] = []
    columns = above = False
    for match in _ANY_LINE.finditer(text):
        if not match["content"]:
            yield columns, wide
            wide, columns = [], above
            continue
        line = known.get(match.start("line"))
        above = line is None and COLUMNS.search(match["content"]) is not None
        columns = columns or above
        if line and _GAP.search(text, *line.mark):
            wide.append(line)
    yield columns, wide


def _is_list(wide: Sequence[Labelled], text: str) -> bool:
    """Whether all values begin in one column, or end in one, or stand behind the same gap."""
    starts, ends, gaps = (
        {line.value[0] - line.start for line in wide},
        {line.value[1] - line.start for line in wide},
        {text[slice(*line.mark)] for line in wide},
    )
    return min(len(starts), len(ends), len(gaps)) <= 1


def label_before(text: str, span: Span) -> str:
    """What stands before a value on its line and looks like its label, or nothing.

    Example:
        >>> label_before("Page 1   Invoice No.: A-7", (22, 25))
        'Invoice No.'
    """
    line = text[max(text.rfind("\n", 0, span[0]) + 1, span[0] - 200) : span[0]]
    match = _BEFORE.search(line)
    label = match["label"] if match else ""
    return label.rstrip(".") if label.endswith("..") else label
