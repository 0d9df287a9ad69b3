"""Where every random decision comes from: a number below ``n``, 0 being the plainest.

The same generators then serve seeded suites and Hypothesis, which shrinks towards 0.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from operator import itemgetter
from typing import Protocol, TypeVar

T = TypeVar("T")


class Choices(Protocol):
    """A source of decisions."""

    def below(self, n: int) -> int:
        """An integer from 0 to ``n - 1``; ``n`` is at least 1."""
        ...

    def subset(self, options: Sequence[str], k: int) -> list[str]:
        """``k`` different options, in any order; fewer, but not none, where fewer is plainer."""
        ...

    def apart(self, name: str) -> Choices:
        """The source of the decisions about one thing, such as an axis."""
        ...


class SeededChoices:
    """Decisions from a seed; the same on every machine and Python version."""

    def __init__(self, seed: str) -> None:
        self._uniform = random.Random(seed).random

    def below(self, n: int) -> int:
        """An integer from 0 to ``n - 1``."""
        return int(self._uniform() * n)

    def subset(self, options: Sequence[str], k: int) -> list[str]:
        """``k`` different options, in the order drawn."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(k)]

    def apart(self, name: str) -> SeededChoices:
        """The same stream."""
        return self


def pick(choices: Choices, options: Sequence[T]) -> T:
    """One of ``options``, the plainest of which stands first."""
    return options[choices.below(len(options))]


def weighted(choices: Choices, options: Sequence[tuple[T, int]]) -> T:
    """One of ``(option, weight)``, as often as its whole weight says."""
    place = choices.below(sum(map(itemgetter(1), options)))
    for option, weight in options:
        place -= weight
        if place < 0:
            return option
    raise AssertionError("weights are whole numbers above 0")


def share(severity: float, n: int) -> int:
    """How many of ``n`` things a severity touches: its share of them, and at least one."""
    return min(n, max(1, math.ceil(severity * n)))


def happens(choices: Choices, thousandths: float) -> bool:
    """Decide whether something happens that happens so often in a thousand; no is plainer."""
    return choices.below(1000) >= 1000 - thousandths


def reordered(choices: Choices, things: Sequence[T], moves: int) -> list[T]:
    """Return ``things`` in another order, after so many exchanges; the first one always moves."""
    order = list(things)
    for place in range(min(len(order) - 1, moves)):
        least = 1 if place == 0 else 0
        other = place + least + choices.below(len(order) - place - least)
        order[place], order[other] = order[other], order[place]
    return order
