"""Every regular expression of the package, and how it is used."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import pytest_slm_autopsy
from pytest_slm_autopsy.errors import MissingExtraError

USES = ("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split")
WORK = {
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


def used() -> list[Used]:
    """Return every pattern that stands in a module by itself, once for each of its uses."""
    found: dict[tuple[str, int, str], Used] = {}

    def add(where: str, pattern: re.Pattern[str], uses: Iterable[str]) -> None:
        for use in uses:
            found.setdefault((pattern.pattern, pattern.flags, use), Used(where, pattern, use))

    everything = list(modules())
    sources = {module.__name__: inspect.getsource(module) for module in everything}
    whole = "\n".join(sources.values())
    for module in everything:
        short = module.__name__.removeprefix("pytest_slm_autopsy.")
        for name, value in vars(module).items():
            for pattern in held(value):
                place = sources[module.__name__] if name.startswith("_") else whole
                add(f"{short}.{name}", pattern, uses_of(name, place) or USES[:2])
        for line, text, use in literals(sources[module.__name__]):
            add(f"{short}:{line}", re.compile(text), [use])
    return sorted(found.values(), key=lambda one: (one.where, one.use))


def uses_of(name: str, source: str) -> list[str]:
    """Return the methods by which a source uses a pattern of that name."""
    return sorted({use for use in re.findall(rf"\b{name}\.(\w+)", source) if use in USES})


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
