"""Every regular expression of the package: ``python -m benchmarks.bench_patterns``.

Each is used as the package uses it, on 2,000 and 16,000 characters of repeated pieces. Printed are
those that take much longer than eight times as long for eight times the text: some ten minutes.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from time import process_time
from timeit import Timer
from typing import Any, Final, NamedTuple

import pytest_slm_autopsy
from pytest_slm_autopsy.errors import MissingExtraError

REPEATED: Final = (
    *("a", "a ", " ", "\t", "\n ", "1", "1'", "1.", ".", "a.", "a:", "a@", "A", "("),
    *("{", '{"', '"', '\\"', "'", "<", "<think>", "-", ",", "_"),
)
SMALL: Final = 2_000
TIMES: Final = 8
BOUNDED: Final = {
    "cases.rewritten.axes.blocks.parts._REFERS": "a single line: no line breaks",
    "notation.figures.spelled._BEFORE": "the last characters before a unit",
    **dict.fromkeys(
        (f"notation.parties.{name}" for name in ("_PERSON", "_POSTAL", "_STREET")),
        "a name or an address of at most 300 characters",
    ),
}
"""Patterns that see no long text of repeated pieces, and what they see."""
MADE: Final[Mapping[str, Iterable[tuple[Any, ...]]]] = {
    "cases.chats._constant": (),  # values as they are written, as whole words
    "cases.rewritten.axes.families._compiled": (),  # single words
    "cases.rewritten.finding.loose_words._pattern": [
        (value, kind)
        for value in ("Acme S.A.S. & Co", "a a a a", "a.a.a.a.", "1 1, 1 1", "AB-12/34", "(((")
        for kind in ("text", "code", "address")
    ],
    "notation.dates.day_shapes._shape": (),  # each of them stands in the module
    "notation.figures.currencies._nouns": [(frozenset({"EUR", "USD", "GBP"}),)],
    "notation.figures.spelled._unit_pattern": [(("kg", "l", "h", "kWh", "m"),)],
}
"""Functions that compile a pattern from their arguments, and arguments to try; no others may.

Those of the forms of answers are tried whole, by ``tests/hostile/test_growth.py``.
"""
TRIVIAL: Final = 2e-4
"""Seconds below which a growth says nothing."""
USES: Final = ("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split")
WORK: Final[Mapping[str, Any]] = {
    "finditer": lambda pattern, text: sum(1 for _ in pattern.finditer(text)),
    "sub": lambda pattern, text: pattern.sub("", text),
    "subn": lambda pattern, text: pattern.subn("", text),
}


class Used(NamedTuple):
    """A pattern, where it stands, and a method by which it is used there."""

    where: str
    pattern: re.Pattern[str]
    use: str

    def __call__(self, text: str) -> None:
        """Use it on a text."""
        WORK.get(self.use, lambda p, t: getattr(p, self.use)(t))(self.pattern, text)


def modules() -> Iterator[object]:
    """Yield every module of the package whose extras are installed."""
    for info in pkgutil.walk_packages(pytest_slm_autopsy.__path__, "pytest_slm_autopsy."):
        try:
            yield importlib.import_module(info.name)
        except MissingExtraError:
            continue


def held(value: object, depth: int = 2) -> Iterator[re.Pattern[str]]:
    """Yield the patterns of a value, and of what it contains."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, Mapping):
        yield from held([*value.values()], depth - 1)
    elif depth and isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from held(one, depth - 1)


def made(module: Any) -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield the patterns that the functions of a module return, each with its function's name."""
    short = module.__name__.removeprefix("pytest_slm_autopsy.")
    for name, function in vars(module).items():
        whole = inspect.unwrap(function) if callable(function) else None
        if not inspect.isfunction(whole) or whole.__module__ != module.__name__:
            continue
        if "re.Pattern" in str(whole.__annotations__.get("return", "")):
            arguments = MADE[f"{short}.{name}"] if inspect.signature(whole).parameters else [()]
            yield from ((name, one) for given in arguments for one in held(function(*given)))


def used() -> list[Used]:
    """Return every pattern of the package, once for each of its uses."""
    found: dict[tuple[str, int, str], Used] = {}

    def add(where: str, pattern: re.Pattern[str], uses: Iterable[str]) -> None:
        for use in uses:
            found.setdefault((pattern.pattern, pattern.flags, use), Used(where, pattern, use))

    everything = list(modules())
    sources = {module.__name__: inspect.getsource(module) for module in everything}
    whole = "\n".join(sources.values())
    for module in everything:
        short = module.__name__.removeprefix("pytest_slm_autopsy.")
        alone = [(name, one) for name, value in vars(module).items() for one in held(value)]
        for patterns, otherwise in ((alone, USES[:2]), (made(module), USES[2:4])):
            for name, pattern in patterns:
                place = sources[module.__name__] if name.startswith("_") else whole
                add(f"{short}.{name}", pattern, uses_of(name, place) or otherwise)
        for line, text, use in literals(sources[module.__name__]):
            add(f"{short}:{line}", re.compile(text), [use])
    return sorted(found.values(), key=lambda one: (one.where, one.use))


def uses_of(name: str, source: str) -> list[str]:
    """Return the methods by which a source uses a pattern of that name."""
    called = rf"\b{name}(?:\(\))?\.(\w+)"
    return sorted({use for use in re.findall(called, source) if use in USES})


def literals(source: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, pattern and use of each call such as ``re.sub("a+", ...)``."""
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.func.attr in USES
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.lineno, node.args[0].value, node.func.attr


def seconds(one: Used, text: str) -> float:
    """Return how long a use takes, of this process alone; the lesser of two."""
    return min(Timer(lambda: one(text), timer=process_time).repeat(2, number=1))


def main() -> int:
    every = [one for one in used() if one.where not in BOUNDED]
    print(f"{len(every)} uses of patterns", flush=True)
    grown = 0
    for one in every:
        for unit in REPEATED:
            text = unit * (SMALL // len(unit))
            small = seconds(one, text + "\x00")
            if small < TRIVIAL:
                continue
            large = seconds(one, text * TIMES + "\x00")
            if large > 3 * TIMES * small:
                grown += 1
                print(f"{one.where} {one.use} {unit!r}: {small:.4f} s, {large:.4f} s", flush=True)
    print(f"{grown} of them grow faster than their text")
    return int(grown > 0)


if __name__ == "__main__":
    sys.exit(main())
