"""Blocks of a page that say the same wherever they stand: reference lines, notes, headed sections.

A page is read once, line by line, in the words that receipts, invoices and bank statements of six
languages use. What is not sure to be such a block stays: letterheads, parties without a heading,
rows, totals, and whatever refers to a place or is referred to.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from pytest_slm_autopsy.cases.rewritten.axes.blocks.page_lines import (
    DAY,
    LINE,
    MONEY,
    Block,
    PageLine,
)
from pytest_slm_autopsy.cases.rewritten.axes.blocks.references import names_another, references
from pytest_slm_autopsy.cases.rewritten.axes.blocks.sentences import notes, sections
from pytest_slm_autopsy.cases.rewritten.page import Page
from pytest_slm_autopsy.notation.text import Span, folded

LEAST_LINES: Final = 6
"""Lines of a page that has blocks."""

# Something on the page stands above or below, so that nothing of it may move.
_REFERS: Final = re.compile(
    r"""
    \b(?:above|below|overleaf|hereunder|aforesaid|former|latter
    |carried|brought|c/f|b/f|continued|cont'd|see[ ](?:over|note|page|next|item)
    |siehe|s\.[ ]?[ou]\.|oben|unten|obig\w*|obenstehend\w*|untenstehend\w*|vorstehend\w*
    |umseitig\w*|ubertrag|fortsetzung|obengenannte\w*
    |ci-dessus|ci-dessous|ci-apres|susmentionn\w*|precedent\w*|reporter|au[ ]verso
    |hierboven|hieronder|onderstaand\w*|bovenstaand\w*|zie
    |powyzej|ponizej|powyzsz\w*|ponizsz\w*|przeniesieni\w*
    |arriba|abajo|sopra|sotto|al[ ]dorso)\b
    | ^\s*(?:\*+\)?[ ]|\(?\d\)[ ]|\[\d\])
    """,
    re.VERBOSE | re.MULTILINE,
)

_FOOTNOTE: Final = re.compile(r"[\u2191\u2193\u00b9\u00b2\u00b3\u2020\u2021\u2070-\u209f]")

# What comes next belongs to it, or what came before: it holds the lines around it.
_HOLDS: Final = re.compile(
    r"""
    \b(?:following|follows|hereby|herewith|as[ ]under|attached|said
    |nachstehend\w*|nachfolgend\w*|folgend\w*|genannte\w*|angegebene\w*|aufgefuhrte\w*
    |diese[rsmn]?[ ](?:betrag|summe|posten)\w*|suivant\w*|ci-joint\w*|volgende|vermelde?
    |nastepujac\w*|siguiente\w*|anterior\w*|seguente\w*
    |this[ ](?:amount|sum|item|line|total)|ce[ ](?:montant|total)|dit[ ]bedrag|este[ ]importe)\b
    """,
    re.VERBOSE,
)

_PAGE: Final = re.compile(
    r"\b(?:page|seite|blatt|pagina|pag\.?|strona|str\.|p\.)\s*\d+\b"
    r"(?!\s*(?:of|von|van|de|di|z|/)?\s*1\b)",
)

_NEAR: Final = 120
"""Characters between a line that speaks of what follows and the lines that it may mean."""


class Part(NamedTuple):
    """One printed page: its lines, whether it is the ``first``, and the blocks that may move.

    ``open_below`` is true where lines may be added below the last one, ``settled`` where none of
    them could be of what the page ends in, such as a party or a signature: an amount is the end.
    """

    span: Span
    first: bool
    open_below: bool
    settled: bool
    blocks: tuple[Block, ...]


@lru_cache(maxsize=16)
def parts(page: Page) -> tuple[Part, ...]:
    """Return the printed pages of a text, each with the blocks that may stand elsewhere on it.

    Example:
        >>> from pytest_slm_autopsy.cases.rewritten.rewrites import open_page
        >>> from pytest_slm_autopsy.records import Case
        >>> lines = "ACME", "Bill No: A-7", "Bolts 1.00", "Nuts 2.00", "Sum 3.00", "Thank you all!"
        >>> [part] = parts(open_page(Case("1", chr(10).join(lines), {})))
        >>> [block.kind for block in part.blocks]
        ['reference', 'note']
    """
    lines = [
        PageLine((at.start(), at.end()), at.group().strip(), folded(at.group().strip()).text)
        for at in LINE.finditer(page.text)
    ]
    if len(lines) < LEAST_LINES:
        return ()
    days = sum(len(DAY.findall(line.low)) for line in lines)
    return tuple(
        _part(page, some, some[0] is lines[0], days) for some in _printed(page.text, lines) if some
    )


def _part(page: Page, lines: Sequence[PageLine], first: bool, days: int) -> Part:
    blocks = tuple(sorted(_blocks(page, lines, days)))
    last = lines[-1]
    open_below = not last.text.endswith((":", ",", "-")) and not names_another(last.low)
    notes = {block.span for block in blocks if block.kind == "note"}
    end = max((line for line in lines if not any(map(line.within, notes))), default=last)
    slots = {block.span[1] for block in blocks if block.kind == "section"}
    settled = MONEY.search(end.low) is not None and end.span[1] not in slots
    return Part((lines[0].span[0], last.span[1]), first, open_below, settled, blocks)


def _blocks(page: Page, lines: Sequence[PageLine], days: int) -> Iterator[Block]:
    """Yield blocks that do not overlap and that cut no value."""
    if any(_REFERS.search(line.low) or _FOOTNOTE.search(line.text) for line in lines):
        return
    at = 0
    known = (*sections(page, lines), *references(page, lines, days), *notes(page, lines))
    held = [line.span for line in lines if _HOLDS.search(line.low)]
    starts, ends = [first for first, _ in held], [last for _, last in held]
    for block in sorted(known):
        start, end = block.span
        near = bisect_right(ends, start - _NEAR) != bisect_left(starts, end + _NEAR)
        if not near and start >= at and page.free(start, start) and page.free(end, end):
            yield block
            at = end


def _printed(text: str, lines: Sequence[PageLine]) -> Iterator[Sequence[PageLine]]:
    """Yield the lines between page breaks: lines such as ``Page 1 of 2``, or form feeds."""
    first = at = 0
    for number, line in enumerate(lines):
        fed = text.find("\f", at, line.span[1]) >= 0
        at = line.span[1]
        if fed or _PAGE.search(line.low):
            yield lines[first:number]
            first = number + (not fed)
    yield lines[first:]
