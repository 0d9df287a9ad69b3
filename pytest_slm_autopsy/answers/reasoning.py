"""What a model writes around its answer: reasoning before it, another turn after it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

UNENDED: Final = (
    "the reasoning never ends, so there is no answer: turn it off, or raise max_new_tokens"
)

Span = tuple[int, int]

_NAMES: Final = "think|thinking|thought|thoughts|reason|reasoning|reflection|analysis|scratchpad"
_CHANNEL: Final = r"(?:[^<]|<\|constrain\|>)*<\|message"
_TAG: Final = re.compile(
    rf"""
    (?P<opening><(?:{_NAMES})(?:\s[^<>]*)?(?<!/)> | \[(?:{_NAMES})\] | ◁(?:{_NAMES})▷
      | <\|(?:begin_of_thought|START_THINKING|channel\|>(?:analysis|commentary){_CHANNEL})\|>)
    | (?P<closing></\s*(?:{_NAMES})\s*> | \[/(?:{_NAMES})\] | ◁/(?:{_NAMES})▷
      | <\|(?:end_of_thought|END_THINKING|channel\|>final{_CHANNEL})\|>)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_MARK: Final = re.compile(
    r"""
    <[|\uff5c][^<>|\uff5c\n]{1,40}[|\uff5c]>                # whatever a tokenizer calls special
    | <\|turn> | <turn\|>
    | </?(?:start|end)_of_turn> | </?s> | <eos> | \[/?INST\]
    """,
    re.VERBOSE,
)
_SPEAKER: Final = re.compile(
    r"^[^\S\n]*(?:\#\#\#[^\S\n]*\w+|(?:user|human|assistant|system|model)\b[^\S\n]*(?::|$)"
    r"|Fields:[^\S\n]*\[)",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that begins another turn in plain words."""
_OPENED: Final = re.compile(
    rf"(?:<(?:{_NAMES})>|\[(?:{_NAMES})\]|<\|START_THINKING\|>)\s*\Z", re.IGNORECASE
)


def reasoned(raw: str, objects: Sequence[Span] = ()) -> Span | None:
    """Return the place of the answer beside all reasoning; ``None`` where reasoning never ends.

    It is the last part outside of reasoning that is not blank. Tags within one of the ``objects``
    belong to the answer. What stands before a closing tag without an opening one is reasoning, too,
    if anything follows: the prompt may have opened it.

    Example:
        >>> raw = '<think>12.00?</think>{"total": "99.00"}'
        >>> start, end = reasoned(raw)
        >>> raw[start:end]
        '{"total": "99.00"}'
    """
    parts: list[Span] = []
    start, inside, last = 0, False, len(raw.rstrip())
    for tag in outside(_TAG, raw, objects):
        if tag["opening"] and not inside:
            parts.append((start, tag.start()))
            inside = True
        elif tag["closing"]:
            if not inside and tag.end() < last:
                parts.clear()
            elif not inside:
                parts.append((start, tag.start()))
            start, inside = tag.end(), False
    if not inside:
        parts.append((start, len(raw)))
    full = [(first, last) for first, last in parts if raw[first:last].strip()]
    return full[-1] if full else None if inside else (start, len(raw))


def opens_reasoning(prompt: str) -> bool:
    """Tell whether a prompt ends in an open tag of reasoning, as some chat templates write."""
    return bool(_OPENED.search(prompt))


def closes_reasoning(text: str) -> bool:
    """Tell whether a text ends reasoning that its prompt opened."""
    return any(tag["closing"] for tag in _TAG.finditer(text))


def next_turn(text: str, objects: Sequence[Span] = ()) -> int:
    """Return where a text goes on to another turn, else its length.

    A mark of turns within one of the ``objects`` is a part of the answer. A turn in plain words
    counts behind an object only.
    """
    leading = len(text) - len(text.lstrip())
    marks = [mark.start() for mark in outside(_MARK, text, objects) if mark.start() > leading]
    if objects:
        spoken = _SPEAKER.search(text, objects[0][1])
        marks += [spoken.start()] if spoken else []
    return min(marks, default=len(text))


def outside(
    pattern: re.Pattern[str], text: str, objects: Sequence[Span]
) -> Iterator[re.Match[str]]:
    """Yield the matches that begin outside of all ``objects``, which are in order."""
    starts = [start for start, _ in objects]
    for found in pattern.finditer(text):
        before = bisect_right(starts, found.start())
        if not before or found.start() >= objects[before - 1][1]:
            yield found
