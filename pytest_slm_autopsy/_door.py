"""The public names of a package: each is imported from its module on first use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

TOP = __name__.rpartition(".")[0]
ROOMS = (
    "cases",
    "answers",
    "models",
    "predictions",
    "measures",
    "statistics",
    "assertions",
    "diagnostics",
    "report",
    "notation",
    "plugin",
    "records",
    "errors",
)
"""Rooms with public names, in the order of the reference page."""

HOMES: dict[str, dict[str, str]] = {}
"""Package to its public names, each with the module to import it from."""


def door(
    package: str, names: Mapping[str, str], modules: Sequence[str] = ()
) -> tuple[list[str], Callable[[str], object], Callable[[], list[str]]]:
    """Return ``__all__``, ``__getattr__`` and ``__dir__`` of a package that imports on first use.

    Args:
        package: the package's ``__name__``.
        names: module inside the package to its public names, separated by spaces.
        modules: modules inside the package that are public themselves.
    """
    homes = {name: f"{package}.{module}" for module in names for name in names[module].split()}
    paths = {path.rpartition(".")[2]: f"{package}.{path}" for path in modules}
    HOMES[package] = homes | {name: path.rpartition(".")[0] for name, path in paths.items()}
    public = sorted(HOMES[package])

    def fetch(name: str) -> object:
        if name in homes:
            return getattr(import_module(homes[name]), name)
        if name in paths or name in _inside(package):
            return import_module(paths.get(name, f"{package}.{name}"))
        raise _absence(package, name, by_import=_asked_by_import())

    return public, fetch, lambda: list(public)


def doors() -> dict[str, list[str]]:
    """Map import path to public names, for the top and for each room."""
    paths = [TOP, *(f"{TOP}.{room}" for room in ROOMS)]
    return {path: import_module(path).__all__ for path in paths}


def _inside(package: str) -> set[str]:
    import pkgutil

    return {module.name for module in pkgutil.iter_modules(sys.modules[package].__path__)}


def _asked_by_import() -> bool:
    """Tell whether the name is asked for by ``from package import name``.

    Each way of asking needs its own error: in such an import the interpreter replaces the text of
    an AttributeError, and ``hasattr()`` lets an ImportError through.
    """
    asking = sys._getframe(2)  # above this function and fetch()
    return asking.f_globals.get("__name__") == "importlib._bootstrap"


def _absence(package: str, name: str, *, by_import: bool) -> Exception:
    if not (hint := "" if name.startswith("_") else _hint(package, name)):
        return AttributeError(f"module {package!r} has no attribute {name!r}")
    # The interpreter adds its own suggestion to an AttributeError unless ``name`` is set.
    return ImportError(hint, name=package) if by_import else AttributeError(hint, name=name)


def _hint(package: str, name: str) -> str:
    """Return the import of ``name``, or of the most similar name; else an empty text."""
    from difflib import get_close_matches

    known = doors()
    # Reversed, so that the top comes last and wins over the rooms.
    homes = {public: path for path in reversed(known) for public in known[path]}
    if name in homes:
        return f"{name} is in {homes[name]} now: from {homes[name]} import {name}"
    for near in (dict.fromkeys(known.get(package, ()), package), homes):
        for close in get_close_matches(name, near, n=1):
            return f"{package} has no {name!r}; did you mean: from {near[close]} import {close}"
    return ""
