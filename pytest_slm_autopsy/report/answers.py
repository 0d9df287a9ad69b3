"""A wrong answer in runs of text: spaces that mislead, true values, and sureness of tokens."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Final, NamedTuple

from pytest_slm_autopsy.report.data import WrongAnswer

# Odd: white space other than plain spaces, and signs without width, which can reverse the text.
_ODD = r"[^\S \n\t]|[\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
_SPACE = re.compile(
    rf"(?P<line>\n)|(?P<tab>\t)|(?P<spaces>^ +| +$| {{2,}})|(?P<odd>{_ODD})", re.MULTILINE
)
SHADES: Final = (0.5, 0.9, 0.99)
"""Probabilities below which a token is marked, the least sure most of all."""


ALIKE: Final = 0.5
LONGEST: Final = 200
"""Characters of a value that is compared letter by letter."""


class Run(NamedTuple):
    """A run of text, its kind (text, line, tab, spaces, odd), and its class and title, if any."""

    kind: str
    text: str
    style: str = ""
    title: str = ""


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield a text as runs of ``(kind, text)``; misleading white space has runs of its own."""
    at = 0
    for found in _SPACE.finditer(text):
        if found.start() > at:
            yield "text", text[at : found.start()]
        yield found.lastgroup or "text", found.group()
        at = found.end()
    if at < len(text):
        yield "text", text[at:]


def plain_runs(text: str) -> Iterator[Run]:
    """Yield a text as runs without style."""
    return (Run(kind, run) for kind, run in pieces(text))


def document_runs(answer: WrongAnswer) -> Iterator[Run]:
    """Yield the document as runs; a true value is marked, more strongly where it was misread."""
    places = [
        Place(start, end, "value misread" if name in answer.kinds else "value", name)
        for name, (start, end) in answer.spans.items()
    ]
    return _styled(answer.document, sorted(places))


def difference_runs(answer: str, truth: str | None) -> Iterator[Run]:
    """Yield an answered value as runs; what the truth does not have there is marked.

    Values that share less than half are other values, and nothing in them is marked.
    """
    matcher = SequenceMatcher(None, truth or "", answer, autojunk=False)
    if truth is None or len(answer) > LONGEST or matcher.ratio() < ALIKE:
        return plain_runs(answer)
    places = [
        Place(start, end, "changed", "not in the truth")
        for kind, _, _, start, end in matcher.get_opcodes()
        if kind in ("replace", "insert")
    ]
    return _styled(answer, places)


def answer_runs(answer: WrongAnswer) -> Iterator[Run]:
    """Yield what the model wrote as runs; tokens that it was not sure of are shaded."""
    return _styled(answer.raw, list(_shaded(answer.tokens)))


class Place(NamedTuple):
    """A part of a text with a style and a title."""

    start: int
    end: int
    style: str
    title: str


def _styled(text: str, places: Sequence[Place]) -> Iterator[Run]:
    """Yield a text as runs, cut at the ends of places; of places that overlap the first counts."""
    ahead, at = deque(places), 0
    for kind, run in pieces(text):
        end = at + len(run)
        while at < end:
            while ahead and (ahead[0].end <= at or ahead[0].start >= ahead[0].end):
                ahead.popleft()
            inside = bool(ahead) and ahead[0].start <= at
            stop = min(end, (ahead[0].end if inside else ahead[0].start) if ahead else end)
            part = run[len(run) - (end - at) : len(run) - (end - stop)]
            style, title = (ahead[0].style, ahead[0].title) if inside else ("", "")
            yield Run(kind, part, style, title)
            at = stop


def _shaded(tokens: Sequence[tuple[int, float]]) -> Iterator[Place]:
    """Yield each run of tokens of one shade, with their least probability."""
    start = 0
    for shade, group in groupby(tokens, lambda token: sum(token[1] < one for one in SHADES)):
        run = list(group)
        end = run[-1][0]
        if shade:
            least = min(chance for _, chance in run)
            yield Place(start, end, f"unsure-{shade}", f"probability {least:.2f}")
        start = end
