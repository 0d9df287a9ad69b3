"""Sources of random decisions: every decision is a number below ``n``, and 0 is the plainest.

So the same generators serve seeded suites and Hypothesis, which shrinks towards 0.
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Protocol, TypeVar

T = TypeVar("T")


class Choices(Protocol):
    """A source of decisions."""

    def below(self, n: int) -> int:
        """Draw an integer from 0 to ``n - 1``; ``n`` is at least 1."""
        ...

    def subset(self, options: Sequence[str], k: int) -> list[str]:
        """Draw ``k`` different options, in any order.

        While Hypothesis shrinks, it may return fewer than ``k``, but at least one.
        """
        ...

    def apart(self, name: str) -> Choices:
        """Return the source of the decisions about one thing, such as an axis."""
        ...


class SeededChoices:
    """Decisions from a seed; the same on every machine and Python version."""

    def __init__(self, seed: str) -> None:
        self._uniform = random.Random(seed).random

    def below(self, n: int) -> int:
        """Draw an integer from 0 to ``n - 1``."""
        return int(self._uniform() * n)

    def subset(self, options: Sequence[str], k: int) -> list[str]:
        """Draw ``k`` different options; return them in the order drawn."""
        left = list(options)
        return [left.pop(self.below(len(left))) for _ in range(k)]

    def apart(self, name: str) -> SeededChoices:
        """Return this source: one stream serves all things."""
        return self


def pick(choices: Choices, options: Sequence[T]) -> T:
    """Draw one of ``options``; the first one is the plainest."""
    return options[choices.below(len(options))]


def weighted(choices: Choices, options: Sequence[tuple[T, int]]) -> T:
    """Draw an option from pairs of option and weight.

    Weights are whole numbers; the chance of an option is its share of their sum.
    """
    place = choices.below(sum(map(itemgetter(1), options)))
    for option, weight in options:
        place -= weight
        if place < 0:
            return option
    raise AssertionError("weights are whole numbers above 0")


def share(severity: float, n: int) -> int:
    """Return the number of things that ``severity`` touches: its share of ``n``, at least one."""
    return min(n, max(1, math.ceil(severity * n)))


def happens(choices: Choices, thousandths: float) -> bool:
    """Decide an event that happens ``thousandths`` times in a thousand; no is plainer."""
    return choices.below(1000) >= 1000 - thousandths


def reordered(choices: Choices, things: Sequence[T], moves: int) -> list[T]:
    """Return ``things`` after so many exchanges (``moves``); the first thing always moves."""
    order = list(things)
    for place in range(min(len(order) - 1, moves)):
        least = 1 if place == 0 else 0
        other = place + least + choices.below(len(order) - place - least)
        order[place], order[other] = order[other], order[place]
    return order


class SteadyChoices:
    """Decisions by name: each stays the same whatever else is decided, or left out.

    So a document can be written under fewer axes of a shift, and what stays of the shift is what it
    was. ``only`` maps an axis to the things that it may touch; ``touched`` notes what each axis did
    touch, in the order drawn.

    Example:
        >>> names = ["due", "order", "note"]
        >>> SteadyChoices("1", {"missing": ["note"]}).apart("missing").subset(names, 3)
        ['note']
    """

    def __init__(self, seed: str, only: Mapping[str, Collection[str]] | None = None) -> None:
        self.touched: dict[str, list[str]] = {}
        self._only = only if only is not None else {}
        self._path: tuple[str, ...] = (seed,)
        self._stream = SeededChoices(seed)

    def below(self, n: int) -> int:
        """Draw an integer from 0 to ``n - 1``."""
        return self._stream.below(n)

    def subset(self, options: Sequence[str], k: int) -> list[str]:
        """Draw ``k`` different options, fewer where ``only`` holds fewer, perhaps none."""
        path = "/".join(self._path)
        ranked = sorted(options, key=lambda option: random.Random(f"{path}/{option}").random())
        axis = self._path[1] if len(self._path) == 2 else ""
        drawn = [one for one in ranked[:k] if one in self._only.get(axis, options)]
        if axis:
            self.touched.setdefault(axis, []).extend(drawn)
        return drawn

    def apart(self, name: str) -> SteadyChoices:
        """Return the source of the decisions about one thing."""
        other = SteadyChoices("/".join((*self._path, name)), self._only)
        other._path, other.touched = (*self._path, name), self.touched
        return other
