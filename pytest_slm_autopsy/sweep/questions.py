"""The questions of a sweep, in batches that are the same in every run and on every machine."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from itertools import chain, count, islice, takewhile

from pytest_slm_autopsy.cases.drawn.suites import (
    Conditions,
    cases_digest,
    default_conditions,
    stream_cases,
)
from pytest_slm_autopsy.cases.rewritten.suite import read_suite
from pytest_slm_autopsy.cases.schemas.registry import schema_named
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import ConfigError, nearest
from pytest_slm_autopsy.records import CANONICAL, Case
from pytest_slm_autopsy.sweep.grid import Asked, Sweep
from pytest_slm_autopsy.sweep.subjects import Subject


@dataclass(frozen=True, slots=True)
class Place:
    """The place of the answers to a batch; the key is equal for the same model and cases."""

    model: str
    suite: str
    seed: int
    number: int
    key: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Cases that one model is asked together.

    Those of a schema are named here, and drawn by who asks them; ``given`` are those of a file.
    """

    place: Place
    subject: Subject
    suite: Asked
    size: int
    digest: str
    given: tuple[Case, ...] = field(default=(), repr=False)

    def cases(self) -> tuple[Case, ...]:
        """Return the cases.

        Raises:
            ConfigError: they are not those of the process that began the sweep.
        """
        if self.given:
            return self.given
        found = _part(self.suite, self.place.seed, self.place.number, self.size)
        if cases_digest(found) != self.digest:
            raise ConfigError(
                f"suites.{self.suite.name} has other cases here than where the sweep began; give "
                "every machine the same version of the package and of the schema, and let it be"
            )
        return found


class Questions:
    """The batches of a sweep. Cases are drawn as they are needed, and not kept.

    ``places`` holds, in order, the place of every batch, and with it what a finished sweep has.
    """

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        for remembered in (_drawn, _rewritten):  # files may have changed since an earlier sweep
            remembered.cache_clear()
        keys = {subject.name: subject.key for subject in sweep.subjects}
        self._digests = {
            (suite.name, seed): [*map(cases_digest, _parts(suite, seed, sweep.batch))]
            for suite in sweep.suites
            for seed in sweep.seeds
        }
        self.places = [
            Place(subject.name, suite.name, seed, number, _joined(keys[subject.name], digest))
            for subject, suite, seed in sweep.cells
            for number, digest in enumerate(self._digests[suite.name, seed])
        ]

    def batches(self, done: Collection[Place]) -> Iterator[Batch]:
        """Yield the batches that are not ``done``, those of one model after the other."""
        left = by_cell(place for place in self.places if place not in done)
        for subject, suite, seed in self._sweep.cells:
            digests, size = self._digests[suite.name, seed], self._sweep.batch
            for place in left.get((subject.name, suite.name, seed), []):
                given = _part(suite, seed, place.number, size) if suite.cases else ()
                yield Batch(place, subject, suite, size, digests[place.number], given)


def by_cell(places: Iterable[Place]) -> dict[tuple[str, str, int], list[Place]]:
    """Return places by model, suite and seed, in order."""
    found: dict[tuple[str, str, int], list[Place]] = {}
    for place in places:
        found.setdefault((place.model, place.suite, place.seed), []).append(place)
    return found


def _joined(model: str, cases: str) -> str:
    return sha256(f"{model} {cases}".encode()).hexdigest()[:16]


def _parts(suite: Asked, seed: int, size: int) -> Iterator[tuple[Case, ...]]:
    """Yield the cases of a suite in parts of ``size``; the last may be smaller."""
    return takewhile(len, (_part(suite, seed, number, size) for number in count()))


def _part(suite: Asked, seed: int, number: int, size: int) -> tuple[Case, ...]:
    """Return one part of the cases of a suite, without those before it; empty beyond the last."""
    start = number * size
    if suite.cases:
        return _rewritten(suite, seed)[start : start + size]
    schema, conditions = _drawn(suite)
    record, over = divmod(start, len(conditions))
    cases = stream_cases(schema, suite.n, seed, conditions, first=record)
    return tuple(islice(cases, over, over + size))


@lru_cache(maxsize=1)
def _drawn(suite: Asked) -> tuple[DocumentSchema, Conditions]:
    """Return the schema that a suite is drawn from, and its conditions."""
    schema = schema_named(suite.schema)
    known = default_conditions(schema)
    return schema, {name: known[name] for name in _wanted(suite, known)}


@lru_cache(maxsize=1)
def _rewritten(suite: Asked, seed: int) -> tuple[Case, ...]:
    """Return the cases that are rewritten from a file; its batches follow on each other."""
    schema = schema_named(suite.schema) if suite.schema else None
    pattern = suite.document_pattern
    found = read_suite(suite.cases, suite.n, seed, document_pattern=pattern, schema=schema)
    return tuple(chain.from_iterable(found[name] for name in _wanted(suite, found.conditions)))


def _wanted(suite: Asked, known: Collection[str]) -> list[str]:
    if unknown := next((name for name in suite.conditions if name not in known), None):
        raise ConfigError(f"suites.{suite.name} has no condition {unknown!r}; "
                          f"{nearest(unknown, known)}")  # fmt: skip
    chosen = {CANONICAL, *suite.conditions} if suite.conditions else set(known)
    return [name for name in known if name in chosen]
