"""What a model writes around its answer: reasoning before it, another turn after it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

UNENDED: Final = (
    "the reasoning never ends, so there is no answer: turn it off, or raise max_new_tokens"
)

_NAMES: Final = "think|thinking|thought|thoughts|reason|reasoning|reflection|analysis|scratchpad"
_TAG: Final = re.compile(
    rf"""
    (?P<opening><(?:{_NAMES})(?:\s[^<>]*)?> | \[(?:{_NAMES})\] | ◁(?:{_NAMES})▷
      | <\|(?:begin_of_thought|START_THINKING|channel\|>(?:analysis|commentary)[^<]*<\|message)\|>)
    | (?P<closing></(?:{_NAMES})\s*> | \[/(?:{_NAMES})\] | ◁/(?:{_NAMES})▷
      | <\|(?:end_of_thought|END_THINKING|channel\|>final[^<]*<\|message)\|>)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_TURN: Final = re.compile(
    r"""
    <\|(?:im_end|im_start|eot_id|eom_id|start_header_id|end|endoftext|end_of_text|return
        |user|assistant|system|end_of_turn|START_OF_TURN_TOKEN|END_OF_TURN_TOKEN)\|>
    | </?(?:start|end)_of_turn> | </?s> | <eos> | \[/?INST\]
    """,
    re.VERBOSE,
)


def reasoned(raw: str) -> tuple[int, int] | None:
    """Return start and end of ``raw`` without its reasoning, or ``None`` where that never ends.

    Example:
        >>> raw = '<think>12.00?</think>{"total": "99.00"}'
        >>> start, end = reasoned(raw)
        >>> raw[start:end]
        '{"total": "99.00"}'
    """
    start = 0
    open_since: int | None = None
    for tag in _TAG.finditer(raw):
        if tag["closing"]:
            start, open_since = tag.end(), None
        elif open_since is None:
            open_since = tag.start()
    if open_since is None:
        return start, len(raw)
    return (start, open_since) if raw[start:open_since].strip() else None


def turn_end(text: str, inside: Iterable[tuple[int, int]] = ()) -> int:
    """Return where a text goes on to another turn, else its length.

    A mark of turns within one of the places ``inside`` is a part of the answer.
    """
    places = list(inside)
    leading = len(text) - len(text.lstrip())
    marks = (mark.start() for mark in _TURN.finditer(text) if mark.start() > leading)
    outside = (at for at in marks if not any(start <= at < end for start, end in places))
    return next(outside, len(text))
