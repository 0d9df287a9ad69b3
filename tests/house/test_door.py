"""The public doors: names are sorted and all there, opening is cheap, and a wrong name is told."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import pytest_slm_autopsy
from pytest_slm_autopsy._door import ROOMS, TOP, doors

MOST_NAMES = 50
DOORS = doors()
AT_HOME = [(room, name) for room in DOORS for name in DOORS[room] if name not in DOORS[TOP]]


@pytest.mark.parametrize("path", DOORS)
def test_a_door_is_in_order(path: str) -> None:
    assert list(disorder(import_module(path))) == []


def test_the_top_is_what_a_test_file_types() -> None:
    assert list(crowd(DOORS[TOP])) == []


def test_the_top_repeats_what_its_rooms_have() -> None:
    homeless = set(DOORS[TOP]) - {name for room in ROOMS for name in DOORS[f"{TOP}.{room}"]}
    assert homeless == {"cure_cases", "diagnose", "gather"}  # their modules stand in no room
    for name in DOORS[TOP]:
        same = {id(getattr(import_module(room), name)) for room in DOORS if name in DOORS[room]}
        assert same == {id(getattr(pytest_slm_autopsy, name))}


def test_all_doors_open_cheaply(root: Path, heavy: frozenset[str]) -> None:
    opened = "from pytest_slm_autopsy._door import doors; doors()"
    assert loaded_after(opened, root) & (heavy | {"scipy", "babel"}) == set()


def test_rooms_and_values_need_no_import_of_their_own(root: Path) -> None:
    used = "import pytest_slm_autopsy as slm; slm.notation.money; slm.values.day; slm.cases.files"
    assert "pytest_slm_autopsy.notation.meaning" in loaded_after(used, root)


@pytest.mark.parametrize(("room", "name"), AT_HOME)
def test_a_name_that_is_in_a_room_is_told_so(room: str, name: str) -> None:
    told = f"{name} is in {room} now: from {room} import {name}"
    with pytest.raises(ImportError) as imported:
        exec(f"from pytest_slm_autopsy import {name}", {})
    with pytest.raises(AttributeError) as asked:
        getattr(pytest_slm_autopsy, name)
    assert str(imported.value) == str(asked.value) == told
    assert not hasattr(pytest_slm_autopsy, name)
    exec(told.partition(": ")[2], {})


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("from pytest_slm_autopsy import asert_accuracy", f"from {TOP} import assert_accuracy"),
        ("from pytest_slm_autopsy import brier", f"from {TOP}.measures import brier_score"),
        ("from pytest_slm_autopsy.measures import brier_scor", "from {door} import brier_score"),
        ("from pytest_slm_autopsy.measures import wilsn", f"from {TOP}.statistics import wilson"),
        ("from pytest_slm_autopsy.measures import assert_accuracy", f"from {TOP} import"),
        ("import pytest_slm_autopsy as slm; slm.ConfgError", f"from {TOP}.errors import"),
        ("import pytest_slm_autopsy as slm; slm.cases.Layuot", f"from {TOP}.cases import Layout"),
    ],
)
def test_a_misspelt_name_is_told_the_nearest(asked: str, meant: str) -> None:
    with pytest.raises((ImportError, AttributeError), match="from pytest_slm_autopsy") as told:
        exec(asked, {})
    assert meant.format(door=f"{TOP}.measures") in str(told.value)


def test_a_name_like_none_gets_the_interpreters_own_error() -> None:
    with pytest.raises(ImportError, match="cannot import name 'xyzzy'"):
        exec("from pytest_slm_autopsy import xyzzy", {})
    with pytest.raises(AttributeError, match=f"module '{TOP}.cases' has no attribute '_layout'"):
        exec("from pytest_slm_autopsy import cases; cases._layout", {})


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


def test_a_crowd_is_seen() -> None:
    names = [f"name_{place:02}" for place in range(MOST_NAMES + 1)]
    assert list(crowd(names[1:])) == []
    assert list(crowd(names)) == ["51 names at the top, at most 50"]


def test_a_name_that_a_module_takes_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    door = ModuleType("door")
    vars(door).update({"__all__": ["a"], "__dir__": lambda: ["a"], "a": 1})
    assert list(disorder(door)) == []
    door.__path__ = [str(tmp_path)]
    assert list(disorder(door)) == [
        "a is the name of a module too: what it gives depends on imports"
    ]
    door.a = ModuleType("a")
    assert list(disorder(door)) == []


def test_a_costly_door_is_seen(root: Path, heavy: frozenset[str]) -> None:
    assert loaded_after("import numpy", root) & heavy == {"numpy"}


def disorder(door: ModuleType) -> Iterator[str]:
    """What is wrong with the names at ``door``."""
    public = list(door.__all__)
    shown = dir(door) if "__dir__" in vars(door) else public  # a plain module shows its imports
    inside = {module.name for module in pkgutil.iter_modules(getattr(door, "__path__", []))}
    if public != sorted(public):
        yield "__all__ is not sorted"
    yield from (f"{name} leaks: not in __all__" for name in shown if name not in public)
    yield from (f"{name} is hidden: not in dir()" for name in public if name not in shown)
    yield from (f"{name} is private" for name in public if name.startswith("_"))
    yield from (
        f"{name} is the name of a module too: what it gives depends on imports"
        for name in public
        if name in inside and not isinstance(getattr(door, name), ModuleType)
    )
    yield from (f"{name} does not resolve" for name in public if not hasattr(door, name))


def crowd(public: list[str]) -> Iterator[str]:
    """What makes the top too long to be read."""
    if len(public) > MOST_NAMES:
        yield f"{len(public)} names at the top, at most {MOST_NAMES}"


def loaded_after(code: str, root: Path) -> set[str]:
    """Every module that a fresh interpreter holds after ``code``."""
    script = f"import sys\n{code}\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())
