"""The smallest part of a shift that still breaks an answer, and the commonest such parts.

Delta debugging (Zeller & Hildebrandt 2002), for many failing trials in the same batches: first
over axes, then over the things that an axis touches, then over severities.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from pytest_slm_autopsy.diagnostics.trials import Examiner, Question, Trial, paired
from pytest_slm_autopsy.records import Measurement

SEVERITIES: Final = (0.25, 0.5)
"""Lower severities that are tried for an axis that names no things, such as another order."""

T = TypeVar("T")
Narrowing = Generator[list[Question], list[bool], T]
"""A search: it yields questions, is sent whether each breaks the answer, returns what is left."""


@dataclass(frozen=True, slots=True)
class MinimalCause:
    """The smallest part of a shift that breaks a record.

    ``things`` maps each axis to what it touches, empty where it does not say. ``severities`` maps
    each axis to the severity that was enough.
    """

    record: str
    things: Mapping[str, tuple[str, ...]]
    severities: Mapping[str, float]

    @property
    def words(self) -> str:
        """Return the cause in words: ``missing: deadline``."""
        return " and ".join(
            f"{axis}: {', '.join(sorted(things))}" if things else axis
            for axis, things in sorted(self.things.items())
        )


@dataclass(frozen=True, slots=True)
class CommonCause:
    """A minimal cause, and the share of all failures that it explains alone."""

    words: str
    share: Measurement
    records: tuple[str, ...]


def minimal_causes(examiner: Examiner, failing: Sequence[Trial]) -> list[MinimalCause]:
    """Return the smallest breaking part of each trial, which fails under its whole shift."""
    searches = [_search(trial, examiner.touched(trial)) for trial in failing]
    found: dict[int, MinimalCause] = {}
    outcomes: dict[int, list[bool]] = {key: [] for key in range(len(failing))}
    while outcomes:
        asked: dict[int, list[Question]] = {}
        for number, told in outcomes.items():
            try:
                asked[number] = searches[number].send(told) if told else next(searches[number])
            except StopIteration as done:
                found[number] = done.value
        every = [question for questions in asked.values() for question in questions]
        wrong = iter(examiner.wrong_fields(every))
        outcomes = {n: [bool(next(wrong)) for _ in questions] for n, questions in asked.items()}
    return [found[number] for number in range(len(failing))]


def commonest(causes: Sequence[MinimalCause], *, level: float = 0.95) -> tuple[CommonCause, ...]:
    """Return the minimal causes by their share of all failures, the commonest first."""
    records = [cause.record for cause in causes]
    found = []
    for words, _ in Counter(cause.words for cause in causes).most_common():
        hits = [int(cause.words == words) for cause in causes]
        share = paired(f"failures of {words} alone", hits, records, level=level)
        those = tuple(cause.record for cause in causes if cause.words == words)
        found.append(CommonCause(words, share, those))
    return tuple(found)


def _search(trial: Trial, touched: Mapping[str, Sequence[str]]) -> Narrowing[MinimalCause]:
    # Of several parts that break alone the first is found; the order is drawn, to favour none.
    draw = random.Random(trial.seed)
    whole = draw.sample([*trial.shift], len(trial.shift))
    axes: list[str] = yield from _ddmin(whole, lambda part: _question(trial, part, {}))
    only = {axis: touched[axis] for axis in axes if touched.get(axis)}
    pairs = [(axis, thing) for axis in only for thing in only[axis]]
    draw.shuffle(pairs)
    if len(pairs) > 1:
        pairs = yield from _ddmin(pairs, lambda part: _question(trial, axes, _grouped(part, only)))
    things = _grouped(pairs, only)
    severities = {axis: trial.shift[axis] for axis in axes}
    for axis in (axis for axis in axes if axis not in things):
        lower = [s for s in SEVERITIES if s < severities[axis]]
        tried = [_question(trial, axes, things, severities | {axis: s}) for s in lower]
        outcomes = (yield tried) if tried else []
        enough = (s for s, broken in zip(lower, outcomes, strict=True) if broken)
        severities[axis] = next(enough, severities[axis])
    named = {axis: tuple(things.get(axis, ())) for axis in axes}
    return MinimalCause(trial.reference.cluster, named, severities)


def _ddmin(parts: list[T], question: Callable[[list[T]], Question]) -> Narrowing[list[T]]:
    """Return a part of ``parts`` that breaks, and of which no single element can be left out."""
    pieces = 2
    while len(parts) > 1:
        size = -(-len(parts) // pieces)
        chunks = [parts[start : start + size] for start in range(0, len(parts), size)]
        rests = [[p for p in parts if p not in chunk] for chunk in chunks] if pieces > 2 else []
        candidates = [*chunks, *rests]
        broken = yield [question(candidate) for candidate in candidates]
        smaller = [c for c, still in zip(candidates, broken, strict=True) if still]
        if smaller:
            least = min(smaller, key=len)
            pieces = 2 if len(least) <= size else max(2, len(chunks) - 1)
            parts = least
        elif pieces < len(parts):
            pieces = min(len(parts), 2 * pieces)
        else:
            break
    return parts


def _grouped(
    pairs: Sequence[tuple[str, str]], only: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Map each axis to its things that are left; an axis with none left keeps an empty list."""
    grouped: dict[str, list[str]] = {axis: [] for axis in only}
    for axis, thing in pairs:
        grouped[axis].append(thing)
    return grouped


def _question(
    trial: Trial,
    axes: Sequence[str],
    only: Mapping[str, Sequence[str]],
    severities: Mapping[str, float] | None = None,
) -> Question:
    given = severities or trial.shift
    kept = {axis: given[axis] for axis in given if axis in axes and only.get(axis, True)}
    return Question(trial, kept, {axis: frozenset(only[axis]) for axis in kept if axis in only})
