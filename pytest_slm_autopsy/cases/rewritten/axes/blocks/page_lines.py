"""Lines of a page, and blocks of whole lines."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from pytest_slm_autopsy.cases.rewritten.page import Page
from pytest_slm_autopsy.notation.text import Span

LINE: Final = re.compile(r"(?:(?<=\n)|(?<=\A)|(?<=\ufeff))[^\S\n]*[^\s\ufeff](?:[^\n]*\S)?")

DAY: Final = re.compile(
    r"\d{1,4}[./-](?:\d{1,2}|[a-z]{3,9})[./-]\d{2,4}|\d{1,2} [a-z]{3,9} \d{2,4}"
)

MONEY: Final = re.compile(r"\d[.,]\d\d(?!\d)")

WORD: Final = re.compile(r"[^\W\d_]+")


class Block(NamedTuple):
    """A block of whole lines, from the start of its first to the end of its last.

    ``kind`` is ``reference``, ``detail``, ``note``, or ``section``. A detail is a reference that
    may be of somebody else, such as a date; a section begins with a heading.
    """

    span: Span
    kind: str


class PageLine(NamedTuple):
    """A line that is not blank: its place, its text without the space around, and that folded."""

    span: Span
    text: str
    low: str

    def within(self, span: Span) -> bool:
        """Tell whether the line stands between two places."""
        return span[0] <= self.span[0] and self.span[1] <= span[1]


def joined(page: Page, above: PageLine, below: PageLine) -> bool:
    """Tell whether no blank line stands between two lines."""
    return page.text.count("\n", above.span[1], below.span[0]) < 2
