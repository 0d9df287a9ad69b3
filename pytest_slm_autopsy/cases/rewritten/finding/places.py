"""Places of parts of a text, and unions of spans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pytest_slm_autopsy.notation.text import Span

LONGEST_OVERLAPPING: Final = 64
"""Longer values are not looked for within themselves."""
MANY_PARTS: Final = 64
"""From so many parts on, a text is read once for all of them."""
_HEAD: Final = 3


def places(text: str, part: str) -> list[Span]:
    """Return every place of ``part`` in ``text``, within words and overlapping places too."""
    size, step = len(part), 1 if len(part) <= LONGEST_OVERLAPPING else len(part)
    found = []
    at = text.find(part)
    while at >= 0:
        found.append((at, at + size))
        at = text.find(part, at + step)
    return found


def all_places(text: str, parts: Iterable[str]) -> dict[str, list[Span]]:
    """Return the ``places`` of each part that is not empty; many parts by one reading of it."""
    wanted = dict.fromkeys(part for part in parts if part)
    found: dict[str, list[Span]] = {}
    heads: dict[str, set[int]] = {}
    for part in wanted:
        if len(wanted) < MANY_PARTS or not _HEAD <= len(part) <= LONGEST_OVERLAPPING:
            found[part] = places(text, part)
        else:
            found[part] = []
            heads.setdefault(part[:_HEAD], set()).add(len(part))
    if heads:
        for at in range(len(text) - _HEAD + 1):
            for size in heads.get(text[at : at + _HEAD], ()):
                part = text[at : at + size]
                if part in wanted and len(part) == size:
                    found[part].append((at, at + size))
    return found


def union(spans: Iterable[Span]) -> list[Span]:
    """Return spans in order, overlapping ones joined, empty ones left out."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined
