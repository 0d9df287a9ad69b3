"""The questions of a sweep, in batches that are the same in every run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import chain, islice
from typing import TypeVar

from pytest_slm_autopsy.cases.drawn.shifts import Mixture, Shift
from pytest_slm_autopsy.cases.drawn.suites import cases_digest, default_conditions, stream_cases
from pytest_slm_autopsy.cases.rewritten.suite import read_suite
from pytest_slm_autopsy.cases.schemas.registry import schema_named
from pytest_slm_autopsy.errors import ConfigError, nearest
from pytest_slm_autopsy.records import CANONICAL, Case
from pytest_slm_autopsy.sweep.grid import Asked, Sweep
from pytest_slm_autopsy.sweep.subjects import Subject

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch:
    """Cases that one model is asked together; the key is equal for the same model and cases."""

    subject: Subject
    suite: str
    seed: int
    number: int
    key: str
    cases: tuple[Case, ...] = field(repr=False)

    @property
    def place(self) -> Place:
        """Return where its answers stand."""
        return Place(self.subject.name, self.suite, self.seed, self.number, self.key)


@dataclass(frozen=True, slots=True)
class Place:
    """The place of the answers to a batch."""

    model: str
    suite: str
    seed: int
    number: int
    key: str


class Questions:
    """The batches of a sweep. Cases are drawn as they are needed, and not kept.

    ``places`` holds, in order, the place of every batch, and with it what a finished sweep has.
    """

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        keys = {subject.name: subject.key for subject in sweep.subjects}
        digests = {
            (suite.name, seed): [
                cases_digest(part) for part in in_parts(_cases(suite, seed), sweep.batch)
            ]
            for suite in sweep.suites
            for seed in sweep.seeds
        }
        self.places = [
            Place(subject.name, suite.name, seed, number, _joined(keys[subject.name], digest))
            for subject, suite, seed in sweep.cells
            for number, digest in enumerate(digests[suite.name, seed])
        ]

    def batches(self, done: Collection[Place]) -> Iterator[Batch]:
        """Yield the batches that are not ``done``, those of one model after the other."""
        left = by_cell(place for place in self.places if place not in done)
        for subject, suite, seed in self._sweep.cells:
            wanted = {p.number: p for p in left.get((subject.name, suite.name, seed), [])}
            parts = in_parts(_cases(suite, seed), self._sweep.batch) if wanted else []
            for number, cases in enumerate(parts):
                if number in wanted:
                    yield Batch(subject, suite.name, seed, number, wanted[number].key, cases)


def by_cell(places: Iterable[Place]) -> dict[tuple[str, str, int], list[Place]]:
    """Return places by model, suite and seed, in order."""
    found: dict[tuple[str, str, int], list[Place]] = {}
    for place in places:
        found.setdefault((place.model, place.suite, place.seed), []).append(place)
    return found


def _joined(model: str, cases: str) -> str:
    return sha256(f"{model} {cases}".encode()).hexdigest()[:16]


def in_parts(things: Iterable[T], size: int) -> Iterator[tuple[T, ...]]:
    """Yield things in parts of ``size``; the last may be smaller."""
    each = iter(things)
    while part := tuple(islice(each, size)):
        yield part


def _cases(suite: Asked, seed: int) -> Iterator[Case]:
    schema = schema_named(suite.schema) if suite.schema else None
    if suite.cases:
        pattern = suite.document_pattern
        found = read_suite(suite.cases, suite.n, seed, document_pattern=pattern, schema=schema)
        names = _wanted(suite, found.conditions)
        return chain.from_iterable(found[name] for name in names)
    assert schema is not None  # a suite without cases has a schema
    conditions: dict[str, Shift | Mixture] = default_conditions(schema)
    names = _wanted(suite, conditions)
    return stream_cases(schema, suite.n, seed, {name: conditions[name] for name in names})


def _wanted(suite: Asked, known: Collection[str]) -> list[str]:
    if unknown := next((name for name in suite.conditions if name not in known), None):
        raise ConfigError(f"suites.{suite.name} has no condition {unknown!r}; "
                          f"{nearest(unknown, known)}")  # fmt: skip
    chosen = {CANONICAL, *suite.conditions} if suite.conditions else set(known)
    return [name for name in known if name in chosen]
