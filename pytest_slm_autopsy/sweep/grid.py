"""The grid of a sweep: bases with their adapters, suites and seeds, as a TOML file states them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, Final

from pytest_slm_autopsy.errors import ConfigError, nearest
from pytest_slm_autopsy.models.interface import is_address
from pytest_slm_autopsy.suite.limits import Limits
from pytest_slm_autopsy.sweep.subjects import SETTINGS, Subject
from pytest_slm_autopsy.sweep.toml import known_only, text, texts, whole
from pytest_slm_autopsy.whole_files import parsed_toml

TOP: Final = ("seeds", "batch", "output", "models", "suites", "limits", "workers", "margin")
SUITE: Final = ("schema", "cases", "n", "conditions", "document_pattern")
N: Final = 128


@dataclass(frozen=True, slots=True)
class Asked:
    """A suite of a sweep: drawn from a schema, or rewritten from a file of cases.

    ``conditions`` are those that are asked beside the reference; all where it is empty.
    """

    name: str
    schema: str = ""
    cases: str = ""
    n: int = N
    conditions: tuple[str, ...] = ()
    document_pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Workers:
    """How many workers hold a model each, and what each of them needs.

    ``memory`` is in bytes; 0 leaves it to the engine.
    """

    count: int = 1
    cpus: float = 1.0
    gpus: float = 0.0
    memory: int = 0


@dataclass(frozen=True, slots=True)
class Sweep:
    """A sweep: every subject is asked every suite under every seed.

    ``batch`` is the number of cases that are asked, written and counted together. ``margin`` is the
    accuracy that an adapter may lose against the one before it.
    """

    subjects: tuple[Subject, ...]
    suites: tuple[Asked, ...]
    output: Path
    seeds: tuple[int, ...] = (1,)
    batch: int = 256
    limits: Limits = field(default_factory=Limits)
    workers: Workers = field(default_factory=Workers)
    margin: float = 0.05

    @property
    def cells(self) -> Iterator[tuple[Subject, Asked, int]]:
        """Yield every subject with every suite and seed, one model after the other."""
        for subject in self.subjects:
            for suite in self.suites:
                for seed in self.seeds:
                    yield subject, suite, seed

    @property
    def rows(self) -> Iterator[tuple[Subject, str, Asked, tuple[int, ...]]]:
        """Yield what is judged together: a subject, a name, a suite, and its seeds.

        Each seed draws documents of its own. Documents of a file are the same ones under every
        seed, rewritten otherwise: they would be counted twice, so each seed is judged by itself.
        """
        for subject in self.subjects:
            for suite in self.suites:
                if not suite.cases or len(self.seeds) == 1:
                    yield subject, suite.name, suite, self.seeds
                    continue
                for seed in self.seeds:
                    yield subject, f"{suite.name}, seed {seed}", suite, (seed,)


def read_sweep(path: Path) -> Sweep:
    """Return the sweep of a TOML file; folders in it are meant from the file's own.

    Raises:
        ConfigError: the file cannot be read, or states no sweep; the sentence says where.
    """
    try:
        given = parsed_toml(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path} cannot be read ({reason}); docs/sweep.md shows one") from None
    except ValueError as error:
        raise ConfigError(f"{path.name} is no TOML: {error}") from None
    try:
        return _sweep(given, path)
    except ConfigError as error:
        raise ConfigError(f"{path.name}: {error}") from None


def _sweep(given: Mapping[str, Any], path: Path) -> Sweep:
    known_only(given, TOP, "the sweep")
    here = path.resolve().parent
    subjects = tuple(_subjects(_table(given, "models"), here))
    suites = tuple(_suite(name, one, here) for name, one in _table(given, "suites").items())
    names = [subject.name for subject in subjects]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"two models are called {double!r}; give each a name of its own")
    seeds = given.get("seeds", [1])
    if not isinstance(seeds, list) or not seeds:
        raise ConfigError(f"seeds is {seeds!r}; it is a list of whole numbers, such as [1, 2]")
    margin = given.get("margin", 0.05)
    if isinstance(margin, bool) or not isinstance(margin, int | float) or not 0 < margin < 1:
        raise ConfigError(f"margin is {margin!r}; it is a share between 0 and 1")
    return Sweep(
        subjects,
        suites,
        here / text(given, "output", path.stem, "the sweep"),
        tuple(dict.fromkeys(whole({"seeds": seed}, "seeds", 1, "the sweep", 0) for seed in seeds)),
        whole(given, "batch", 256, "the sweep", 1),
        _limits(given.get("limits", {}), here),
        _workers(given.get("workers", {})),
        float(margin),
    )


def _table(given: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = given.get(key)
    if not isinstance(found, Mapping) or not found:
        raise ConfigError(f"it names no {key}, so there is nothing to do; add [{key}.NAME]")
    for name, one in found.items():
        if not isinstance(one, Mapping):
            raise ConfigError(f"{key}.{name} is {one!r}; it is a table: [{key}.{name}]")
    return found


def _subjects(models: Mapping[str, Any], here: Path) -> Iterator[Subject]:
    for name, given in models.items():
        where = f"models.{name}"
        known_only(given, ("base", "make", "adapters", *SETTINGS), where)
        if ("base" in given) == ("make" in given):
            raise ConfigError(f"{where} needs either base or make: who is to be asked?")
        if "make" in given:
            known_only(given, ("make",), f"{where}, which is made by code,")
            yield from _made(name, given["make"], here)
            continue
        settings = {key: given[key] for key in SETTINGS if key in given}
        base = _placed(text(given, "base", "", where), here)
        for label, adapter in _adapters(given.get("adapters"), where, served=is_address(base)):
            placed = adapter and _placed(adapter, here)
            subject = Subject(f"{name}/{label}" if label else name, name, base, placed, settings)
            subject.check(where)
            yield subject


def _made(name: str, given: Any, here: Path) -> Iterator[Subject]:
    """Yield the model of a function, or of each of a table of functions: one base's versions."""
    where = f"models.{name}"
    if isinstance(given, Mapping):
        for label in given:
            place = _placed(text(given, label, "", f"{where}.make"), here)
            yield Subject(f"{name}/{label}", name, make=place)
    else:
        yield Subject(name, make=_placed(text({"make": given}, "make", "", where), here))


def _adapters(given: Any, where: str, *, served: bool) -> Iterator[tuple[str, str | None]]:
    if given is None:
        yield "", None
    elif isinstance(given, Mapping):
        yield from ((name, text(given, name, "", f"{where}.adapters")) for name in given)
    else:
        places = texts({"adapters": given}, "adapters", where)
        yield from ((one if served else PurePath(one).name, one) for one in places)


def _placed(place: str, here: Path) -> str:
    """Return a folder or file as a path from the root; any other name as it is."""
    file, colon, name = place.rpartition(":")
    if colon and file.endswith(".py"):
        return f"{here / file}:{name}"
    return str(here / place) if (here / place).exists() else place


def _suite(name: str, given: Mapping[str, Any], here: Path) -> Asked:
    where = f"suites.{name}"
    known_only(given, SUITE, where)
    schema, cases = text(given, "schema", "", where), text(given, "cases", "", where)
    if not schema and not cases:
        raise ConfigError(f"{where} needs schema, cases, or both: what is to be asked?")
    if cases and not (here / cases).exists():
        raise ConfigError(f"{where}: there is no file {str(here / cases)!r} of cases")
    pattern = text(given, "document_pattern", "", where) or None
    n = whole(given, "n", N, where, 1)
    conditions = texts(given, "conditions", where) if "conditions" in given else ()
    file = str(here / cases) if cases else ""
    return Asked(name, _placed(schema, here), file, n, conditions, pattern)


def _limits(given: Any, here: Path) -> Limits:
    if isinstance(given, str):
        return Limits.read(here / given)
    if not isinstance(given, Mapping):
        raise ConfigError(f"limits is {given!r}; it is a table, or the name of a TOML file")
    return Limits.of(given)


def _workers(given: Any) -> Workers:
    if not isinstance(given, Mapping):
        raise ConfigError(f"workers is {given!r}; it is a table: [workers]")
    known_only(given, ("count", "cpus", "gpus", "memory"), "workers")
    shares = {}
    for key, default in (("cpus", 1.0), ("gpus", 0.0)):
        value = given.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ConfigError(f"workers.{key} is {value!r}; it is a number of 0 or more")
        shares[key] = float(value)
    memory = given.get("memory", "0")
    return Workers(whole(given, "count", 1, "workers", 1), **shares, memory=_bytes(memory))


_UNITS: Final = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def _bytes(given: Any) -> int:
    number, _, unit = str(given).partition(" ")
    try:
        return int(float(number) * (_UNITS[unit] if unit else 1))
    except (ValueError, KeyError, OverflowError):
        hint = nearest(unit, _UNITS) if unit else "such as 4 GB"
        raise ConfigError(f"workers.memory is {given!r}; it is a size, {hint}") from None
