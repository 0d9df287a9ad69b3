"""Guesses of the next tokens, copied from the expected answer, the prompt and the output.

A guess costs little and changes nothing: the model's own choice decides. Answers copy values from
the document, keys from the expected answer, and loops from themselves. So the next tokens mostly
occur earlier, after the same few tokens as now.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

LENGTH: Final = 12
"""Length of a guess in tokens; longer ones are mostly refused, shorter ones need more passes."""
CONTEXT: Final = 4
"""Length of the longest n-gram that is looked up, in tokens."""


class Drafts:
    """The guesses for one row: n-gram look-up in the expected answer, the prompt and the output.

    Example:
        >>> drafts = Drafts(prompt=[7, 8, 9, 10], expected=[1, 2, 3, 4, 5])
        >>> drafts.add([1, 6, 3])  # the second token was not the expected one
        >>> drafts.next()
        [4, 5]
        >>> drafts.add([4, 8])
        >>> drafts.next(2)
        [9, 10]
    """

    def __init__(self, prompt: Sequence[int], expected: Sequence[int]) -> None:
        self._text: list[int] = []
        self._expected = list(expected)
        self._reached = 0  # place in the expected answer that the output has reached
        self._guessed: int | None = 0  # place in the expected answer of the last guess
        self._seen: dict[tuple[int, ...], int] = {}
        self._places: dict[tuple[int, ...], list[int]] = {}
        for end in range(1, len(self._expected)):
            for key in _before(self._expected, end):
                self._places.setdefault(key, []).append(end)
        self._append(prompt)

    def add(self, tokens: Sequence[int]) -> None:
        """Take note of the tokens that the model chose."""
        if self._guessed is not None:
            pairs = zip(tokens, self._expected[self._guessed :], strict=False)
            if agreed := sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs)):
                # The first token that differs stands for the expected one at its place.
                self._reached = self._guessed + min(agreed + 1, len(tokens))
        self._append(tokens)

    def next(self, length: int = LENGTH) -> list[int]:
        """Return at most ``length`` tokens that may come next.

        None are returned where the last tokens occur nowhere before.
        """
        self._guessed = None
        for key in _before(self._text, len(self._text)):
            if places := self._places.get(key):
                at = next((at for at in places if at >= self._reached), places[-1])
                self._guessed = at
                return self._expected[at : at + length]
            if (at := self._seen.get(key, 0)) > 0:
                period = len(self._text) - at  # a copy that reaches the end starts over: a loop
                return [self._text[at + i % period] for i in range(length)]
        return []

    def _append(self, tokens: Sequence[int]) -> None:
        start = len(self._text)
        self._text += tokens
        for end in range(max(1, start), len(self._text)):
            for key in _before(self._text, end):
                self._seen[key] = end


def _before(text: Sequence[int], end: int) -> list[tuple[int, ...]]:
    """Return the runs of tokens that end before ``end``, the longest first."""
    return [tuple(text[end - n : end]) for n in range(min(CONTEXT, end), 0, -1)]
