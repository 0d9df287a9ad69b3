"""The public door: its names are sorted and all there, and opening it is cheap."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import pytest_slm_autopsy


def test_the_door_is_in_order() -> None:
    assert list(disorder(pytest_slm_autopsy)) == []


def test_the_door_opens_cheaply(root: Path, heavy: frozenset[str]) -> None:
    assert loaded_after("import pytest_slm_autopsy", root) & heavy == set()


@pytest.mark.parametrize(
    ("public", "shown", "fault"),
    [
        (["b", "a"], ["a", "b"], "sorted"),
        (["a"], ["a", "b"], "b leaks"),
        (["a", "b"], ["a"], "b is hidden"),
        (["_a"], ["_a"], "_a is private"),
        (["a", "c"], ["a", "c"], "c does not resolve"),
    ],
)
def test_disorder_is_seen(public: list[str], shown: list[str], fault: str) -> None:
    door = ModuleType("door")
    names = {"__all__": public, "__dir__": lambda: shown, "a": 1, "b": 2, "_a": 3}
    vars(door).update(names)
    (only,) = disorder(door)
    assert fault in only


def test_a_name_that_a_room_takes_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    door = ModuleType("door")
    vars(door).update({"__all__": ["a"], "__dir__": lambda: ["a"], "a": 1})
    assert list(disorder(door)) == []
    door.__path__ = [str(tmp_path)]
    assert list(disorder(door)) == ["a is the name of a room too: what it gives depends on imports"]


def test_a_costly_door_is_seen(root: Path, heavy: frozenset[str]) -> None:
    assert loaded_after("import numpy", root) & heavy == {"numpy"}


def disorder(door: ModuleType) -> Iterator[str]:
    """What is wrong with the names at ``door``."""
    public, shown = list(door.__all__), dir(door)
    rooms = {room.name for room in pkgutil.iter_modules(getattr(door, "__path__", []))}
    if public != sorted(public):
        yield "__all__ is not sorted"
    yield from (f"{name} leaks: not in __all__" for name in shown if name not in public)
    yield from (f"{name} is hidden: not in dir()" for name in public if name not in shown)
    yield from (f"{name} is private" for name in public if name.startswith("_"))
    yield from (
        f"{name} is the name of a room too: what it gives depends on imports"
        for name in public
        if name in rooms
    )
    yield from (f"{name} does not resolve" for name in public if not hasattr(door, name))


def loaded_after(code: str, root: Path) -> set[str]:
    """Every module that a fresh interpreter holds after ``code``."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())
