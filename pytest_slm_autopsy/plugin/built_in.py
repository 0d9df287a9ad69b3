"""The built-in suite in a run of pytest: short names, verdicts without code, one error of use."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path
from typing import Final

import pytest

FILE: Final = Path(__file__).parents[1] / "suite" / "test_autopsy.py"
NAME: Final = "autopsy"
BROKEN = pytest.StashKey[str]()
"""The first test of the suite that could not be set up."""


class BuiltIn(pytest.Module):
    """The module of the suite; names of tests that the user's ini file sets do not matter to it."""

    def funcnamefilter(self, name: str) -> bool:
        """Tell whether a function is a test."""
        return name.startswith("test_")


def module(path: Path, parent: pytest.Collector) -> BuiltIn | None:
    """Return the module of the suite under a short name: its file lies deep in site-packages."""
    if path.name != FILE.name or path.resolve() != FILE.resolve():
        return None
    found: BuiltIn = BuiltIn.from_parent(parent, path=path, nodeid=NAME)
    return found


def file(path: Path, parent: pytest.Collector) -> BuiltIn | None:
    """Return the module of the suite where the user's ``python_files`` leave it out."""
    asked = parent.session.isinitpath(path)
    if asked or any(fnmatch(path.name, one) for one in parent.config.getini("python_files")):
        return None
    return module(path, parent)


def is_built_in(item: pytest.Item) -> bool:
    """Tell whether a test is one of the suite."""
    return item.nodeid.startswith(f"{NAME}::") and item.path.name == FILE.name


def note_error(item: pytest.Item, when: str) -> None:
    """Remember that the suite cannot be set up, since no later test would say anything else."""
    if is_built_in(item) and when == "setup":
        item.config.stash.setdefault(BROKEN, item.name)


def skip_after_error(item: pytest.Item) -> None:
    """Skip a test of the suite where an earlier one could not be set up."""
    first = item.config.stash.get(BROKEN, None)
    if first and is_built_in(item):
        pytest.skip(f"see the error at setup of {first}")
