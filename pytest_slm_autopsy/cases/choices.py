"""Where every random decision comes from: a number below ``n``, 0 being the plainest.

The same generators then serve seeded suites and Hypothesis, which shrinks towards 0.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Choices(Protocol):
    """A source of decisions."""

    def below(self, n: int) -> int:
        """An integer from 0 to ``n - 1``; ``n`` is at least 1."""
        ...


class SeededChoices:
    """Decisions from a seed; the same on every machine and Python version."""

    def __init__(self, seed: str) -> None:
        self._uniform = random.Random(seed).random

    def below(self, n: int) -> int:
        """An integer from 0 to ``n - 1``."""
        return int(self._uniform() * n)


def pick(choices: Choices, options: Sequence[T]) -> T:
    """One of ``options``, the plainest of which stands first."""
    return options[choices.below(len(options))]


def distinct(choices: Choices, options: Sequence[T], k: int) -> list[T]:
    """``k`` different options, in the order drawn."""
    left = list(options)
    return [left.pop(choices.below(len(left))) for _ in range(k)]
