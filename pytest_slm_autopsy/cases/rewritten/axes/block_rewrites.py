"""The rewrite of order: lines, blocks, sections and columns change places."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, reordered, share
from pytest_slm_autopsy.cases.rewritten.axes.blocks.page_lines import Block
from pytest_slm_autopsy.cases.rewritten.axes.blocks.parts import Part, parts
from pytest_slm_autopsy.cases.rewritten.axes.blocks.tables import Table, tables
from pytest_slm_autopsy.cases.rewritten.axes.meanings import meanings
from pytest_slm_autopsy.cases.rewritten.page import Edit, Page, Refused, some
from pytest_slm_autopsy.notation.lines import Labelled
from pytest_slm_autopsy.notation.text import Span

_GAP: Final = 2
"""Spaces behind each column."""
_SPACE: Final = re.compile(r"\s*+")
NOT_SURE: Final = (
    "no two neighbouring lines have labels of sure meaning, and no block surely says the same "
    "elsewhere; give its schema"
)


def order(page: Page, severity: float, choices: Choices) -> Page:
    """Let lines of label and value change places within their block, and blocks within their page.

    Reference lines go to the head or the foot of the page, notes from the foot to the head, and
    sections with a heading change places. What is moved line by line is no block that moves. The
    columns of a table change places with their headings.
    """
    runs = _runs(page)
    moves = _moves(page, runs)
    if not runs and not moves and not tables(page):
        raise Refused(NOT_SURE)
    if runs:
        page = page.rearranged(list(_swapped(page, runs, severity, choices)))
    if moves:
        chosen = some(choices, moves, severity)
        page = page.rearranged(list(_moved(page, chosen, severity, choices)))
    found = tables(page)
    return _columns(page, some(choices, found, severity), severity, choices) if found else page


def _swapped(
    page: Page, runs: Sequence[list[Span]], severity: float, choices: Choices
) -> Iterator[Span]:
    """Yield slices of the page with the lines of some runs in another order."""
    at = 0
    for run in some(choices, runs, severity):
        for slot, line in zip(run, reordered(choices, run, share(severity, len(run))), strict=True):
            yield at, slot[0]
            yield line
            at = slot[1]
    yield at, len(page.text)


def _columns(page: Page, chosen: Sequence[Table], severity: float, choices: Choices) -> Page:
    """Let the columns of tables change places, each with its heading."""
    pads: list[Edit] = []
    slices: list[Span] = []
    at = grown = 0
    for table in chosen:
        ends = [*table.cuts, max(end - start for start, end in table.lines)]
        columns = list(pairwise((0, *(end + _GAP * n for n, end in enumerate(ends, 1)))))
        new = reordered(choices, columns, share(severity, len(columns)))
        for start, end in table.lines:
            last = ends[-1] - (end - start) + _GAP
            pads += ((start + cut, start + cut, " " * _GAP) for cut in table.cuts)
            pads.append((end, end, " " * last))
            slices.append((at, start + grown))
            slices += ((start + grown + left, start + grown + right) for left, right in new)
            at = start + grown + columns[-1][1]
            grown += _GAP * len(table.cuts) + last
    padded = page.edited(pads)
    return padded.rearranged([*slices, (at, len(padded.text))])


Move = tuple[Part, tuple[Block, ...]]
"""A printed page, and what moves on it: one block, or sections that change places."""


def _moves(page: Page, runs: Sequence[Sequence[Span]]) -> list[Move]:
    """Return the moves that are possible beside those of lines."""
    starts, ends = [run[0][0] for run in runs], [run[-1][1] for run in runs]
    found: list[Move] = []
    for part in parts(page):
        free = [
            block
            for block in part.blocks
            if bisect_right(ends, block.span[0]) == bisect_left(starts, block.span[1])
        ]
        sections = tuple(block for block in free if block.kind == "section")
        single = (block for block in free if block.kind != "section" and _places(part, block))
        found += [(part, (block,)) for block in single]
        if len(sections) > 1:
            found.append((part, sections))
    return found


def _places(part: Part, block: Block) -> list[str]:
    """Return the ends of the page to which a block may go."""
    head = part.first and part.span[0] != block.span[0]
    foot = part.span[1] != block.span[1] and part.open_below
    if block.kind == "note":
        return ["head"] if head else []
    foot = foot and (part.settled or block.kind != "detail")
    return ["foot"] * foot + ["head"] * head


def _moved(page: Page, moves: Sequence[Move], severity: float, choices: Choices) -> Iterator[Span]:
    """Yield slices of the page after some moves."""
    at = 0
    of_part: dict[Part, list[tuple[Block, ...]]] = {}
    for part, blocks in moves:
        of_part.setdefault(part, []).append(blocks)
    for part, here in of_part.items():
        yield at, part.span[0]
        yield from _arranged(page, part, here, severity, choices)
        at = part.span[1]
    yield at, len(page.text)


def _arranged(
    page: Page,
    part: Part,
    moves: Sequence[tuple[Block, ...]],
    severity: float,
    choices: Choices,
) -> Iterator[Span]:
    """Yield the pieces of one printed page in their new order, with the gaps between them."""
    moving = sorted({block.span for blocks in moves for block in blocks})
    pieces, gaps = _pieces(page, part, moving)
    head: list[Span] = []
    foot: list[Span] = []
    place = {piece: piece for piece in pieces}
    for blocks in moves:
        spans = [block.span for block in blocks]
        if len(spans) > 1:
            place |= dict(
                zip(spans, reordered(choices, spans, share(severity, len(spans))), strict=True)
            )
            continue
        options = _places(part, blocks[0])
        to_head = options[choices.below(len(options))] == "head"
        (head if to_head else foot).extend(spans)
    gone = {*head, *foot}
    new = [*head, *(place[piece] for piece in pieces if piece not in gone), *foot]
    yield from _with_gaps(page, pieces, gaps, new)


def _pieces(page: Page, part: Part, moving: Sequence[Span]) -> tuple[list[Span], list[Span]]:
    """Return the pieces between which a page is cut, and the white space between them."""
    pieces: list[Span] = []
    at, end = part.span
    for start, last in moving:
        if at < start:
            pieces.append((at, _stripped(page.text, at, start)))
        pieces.append((start, last))
        at = _next_line(page.text, last, end)
    if at < end:
        pieces.append((at, end))
    gaps = [(one[1], other[0]) for one, other in pairwise(pieces)]
    return pieces, gaps


def _with_gaps(
    page: Page, pieces: Sequence[Span], gaps: Sequence[Span], new: Sequence[Span]
) -> Iterator[Span]:
    """Yield pieces in a new order; where a block is gone, the wider of the gaps around it stays."""
    after = list(gaps)
    at = {piece: number for number, piece in enumerate(new)}
    for number in range(1, len(after)):
        gone = at[pieces[number]] != at[pieces[number - 1]] + 1
        if gone and _blank(page, after[number]) > _blank(page, after[number - 1]):
            after[number - 1], after[number] = after[number], after[number - 1]
    owned = dict(zip(pieces, after, strict=False))
    left = owned.pop(new[-1], None)
    for piece in new:
        yield piece
        if piece is not new[-1]:
            gap = owned.get(piece, left)
            if gap:
                yield gap


def _blank(page: Page, gap: Span) -> int:
    return page.text.count("\n", *gap)


def _stripped(text: str, start: int, end: int) -> int:
    """Return the end of what stands between two places, without the white space after it."""
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _next_line(text: str, at: int, end: int) -> int:
    """Return the start of the next line that is not blank."""
    space = _SPACE.match(text, at, end)
    last = space.end() if space else at
    return end if last >= end else text.rfind("\n", at, last) + 1


def _runs(page: Page) -> list[list[Span]]:
    """Return runs of lines that may change places: two or more of one block, under each other.

    A line whose meaning is not sure may belong to the line above it, so both stay. Where two lines
    have one meaning, lines may belong together in groups, so all of these stay.
    """
    known = meanings(page)
    times = Counter(one.name for one in known.values())
    sure = {
        line
        for line, one in known.items()
        if times[one.name] == 1 and one.kind != "text" and one.independent
    }
    labels = {line.label[0] for line in sure}
    runs: list[list[Labelled]] = [[]]
    last = None
    for line in page.labelled:
        movable = line in sure and _movable(page, line, labels)
        if not (movable and last and _neighbours(page, last, line)):
            runs.append([])
        last = line if movable else None
        if last:
            runs[-1].append(line)
    return [[_slot(line) for line in run] for run in runs if len(run) > 1]


def _slot(line: Labelled) -> Span:
    """Return the place of a line without its trailing space."""
    return line.start, line.value[1]


def _movable(page: Page, line: Labelled, labels: Container[int]) -> bool:
    """Tell whether a line may move.

    No value crosses its ends, it is not a row of a table, and the next line has a sure meaning.
    """
    start, end = _slot(line)
    if page.of_table(start, end) or not (page.free(start, start) and page.free(end, end)):
        return False
    space = _SPACE.match(page.text, end)
    if not space or space.end() == len(page.text):
        return True
    lines, _, indent = space.group().rpartition("\n")
    return len(indent) <= line.column and (space.end() in labels or "\n" in lines)


def _neighbours(page: Page, one: Labelled, other: Labelled) -> bool:
    between = page.text[one.value[1] : other.start]
    alone = between.isspace() and between.count("\n") == 1 and one.column == other.column
    return alone and page.free(one.value[1], other.start)
