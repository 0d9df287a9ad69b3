"""Who may import whom, read from the source: late and type-only imports count too."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Set
from graphlib import CycleError, TopologicalSorter

import pytest

PACKAGE = "pytest_slm_autopsy"
PLAIN = frozenset({"records", "errors", "whole_files"})
SCHEMAS = PLAIN | {"notation", "cases.choices"}
DRAWN = SCHEMAS | {"cases.schemas"}
ASKED = PLAIN | {"answers", "models.interface", "models.prompts", "models.golden"}
LOADING = ASKED | {"models.loading", "models.quiet"}
MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "_door": frozenset(),
    "errors": frozenset(),
    "whole_files": frozenset({"errors"}),
    "codec": frozenset(),
    "records": frozenset({"codec", "errors"}),
    "notation": PLAIN,
    "answers": PLAIN,
    "statistics": PLAIN,
    "cases.choices": PLAIN,
    "cases.blocks": PLAIN,
    "cases.schemas": SCHEMAS,
    "cases.drawn": DRAWN,
    "cases.chats": PLAIN | {"notation"},
    "cases.files": DRAWN | {"cases.chats", "cases.drawn"},
    "cases.profiles": DRAWN | {"cases.drawn", "statistics.intervals"},
    "cases.rewritten": DRAWN | {"cases.drawn", "cases.files"},
    "cases.augmentation": DRAWN | {"cases.drawn", "cases.rewritten"},
    "cases.strategies": DRAWN | {"cases.blocks", "cases.drawn", "cases.profiles"},
    "models.prompts": PLAIN | {"answers"},
    "models.golden": PLAIN | {"models.prompts"},
    "models.interface": PLAIN | {"models.prompts"},
    "models.tokenizers": PLAIN,
    "models.quiet": frozenset(),
    "models.loading": PLAIN | {"models.interface", "models.quiet", "models.tokenizers"},
    "models.inside": PLAIN,
    "models.loaded_inside": LOADING | {"models.inside", "models.prompts", "models.shortcuts"},
    "models.training_files": PLAIN | {"models.prompts"},
    "models.scripted": PLAIN | {"answers", "models.interface"},
    "models.identity": LOADING,
    "models.decoding": PLAIN,
    "models.checks": LOADING,
    "models.served": LOADING,
    "models.served.model": LOADING | {"models.served", "models.checks.check"},
    "models.served.prompt_count": ASKED | {"models.checks.check"},
    "models.served.doubts": ASKED | {"models.served.wire", "models.checks.check"},
    "models.shortcuts": LOADING | {"models.checks", "models.decoding"},
    "models.adapter": LOADING
    | {"models.checks", "models.decoding", "models.identity", "models.shortcuts"}
    | {"models.inside", "models.loaded_inside"},
    "models.several": LOADING | {"models.adapter", "models.checks", "models.shortcuts"},
    "report": PLAIN | {"codec"},
    "predictions": PLAIN | {"answers", "codec", "models.interface"},
    "measures": PLAIN | {"notation", "statistics"},
    "measures.inputs": PLAIN | {"notation", "statistics"},
    "assertions": PLAIN | {"measures", "statistics", "predictions.baseline"},
    "diagnostics": PLAIN
    | {"notation", "statistics", "measures", "predictions", "cases.choices", "cases.drawn"}
    | {"models.interface", "models.inside"},
    "examination": PLAIN
    | {"cases", "diagnostics", "predictions", "models.interface", "models.inside"},
    "training": PLAIN | {"cases", "diagnostics", "measures"},
    "gathering": PLAIN | {"measures", "statistics", "diagnostics", "report.data", "cases"},
}
"""The longest known prefix of a module is its room, and has the rule for it."""

ALL_BUT_PLUGIN = {"sweep", "suite", "commands", "cli"}
ROOMS = {*MAY_IMPORT, *ALL_BUT_PLUGIN, "plugin"}


def test_rooms_import_only_what_the_table_allows(package: dict[str, str]) -> None:
    assert list(trespasses(package)) == []


def test_no_import_cycle(package: dict[str, str], experiment: dict[str, str]) -> None:
    assert import_cycle(package | experiment) == []


def test_doors_load_only_the_standard_library(package: dict[str, str]) -> None:
    doors = [package[name] for name in (f"{PACKAGE}._door", *packages(package))]
    assert {name for door in doors for name in loaded(door)} <= sys.stdlib_module_names | {PACKAGE}


def test_the_experiment_enters_by_a_door(
    experiment: dict[str, str], doors: dict[str, list[str]]
) -> None:
    assert list(back_entries(experiment, doors)) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("records", f"import {PACKAGE}.notation.text"),
        ("notation.days", f"from {PACKAGE}.cases.schemas import labels"),
        ("notation.days", f"from {PACKAGE} import models"),
        ("cases.schemas.schema", f"from {PACKAGE}.cases.drawn.layout import Layout"),
        ("cases.drawn.layout", f"from {PACKAGE}.measures.accuracy import exact_match"),
        ("cases.drawn.layout", f"from {PACKAGE}.cases.profiles import rates"),
        ("cases.drawn.layout", f"from {PACKAGE} import measures"),
        ("cases.drawn.layout", f"from {PACKAGE} import cases"),
        ("cases.drawn.layout", f"from {PACKAGE} import Suite"),
        ("cases.drawn.layout", f"import {PACKAGE}"),
        ("cases.drawn.layout", "from . import schema"),
        ("cases.drawn.layout", "import reference_experiment.config"),
        ("cases.files", f"from {PACKAGE}.cases.rewritten.page import Page"),
        ("cases.profiles.tally", f"from {PACKAGE}.cases.rewritten.page import Page"),
        ("cases.profiles.rates", f"from {PACKAGE}.statistics.verdicts import judge"),
        ("cases.rewritten.page", f"from {PACKAGE}.cases.profiles.sighted.cells import Cell"),
        ("cases.utils", "import json"),
        ("models.prompts", f"from {PACKAGE}.models.interface import Answer"),
        ("models.decoding.rows", f"from {PACKAGE}.models.loading import load_base"),
        ("models.checks.pair", f"from {PACKAGE}.models.adapter import load_model"),
        ("models.served.wire", f"from {PACKAGE}.models.checks.check import Check"),
        ("measures.accuracy", f"from {PACKAGE}.measures.inputs.ngrams import pool"),
        ("measures.inputs.ngrams", f"from {PACKAGE}.measures.counted import counted"),
        ("gathering", f"from {PACKAGE}.plugin.session import Autopsy"),
        ("gathering", f"from {PACKAGE}.report.page import render"),
        ("cli", f"from {PACKAGE}.plugin.session import Autopsy"),
        ("measures.accuracy", f"def late():\n    from {PACKAGE}.report import data"),
        ("measures.accuracy", f"if TYPE_CHECKING:\n    import {PACKAGE}.models.interface"),
        ("measures.accuracy", f"importlib.import_module('{PACKAGE}.plugin.options')"),
        ("predictions.store", f"from {PACKAGE}.models.adapter import load_base"),
        ("diagnostics.causes", f"from {PACKAGE}.assertions import assert_accuracy"),
        ("measures.accuracy", f"from {PACKAGE}._door import door"),
        ("_door", f"from {PACKAGE}.errors import nearest"),
        ("utils", "import json"),
    ],
)
def test_a_trespass_is_seen(module: str, source: str) -> None:
    assert len(list(trespasses({f"{PACKAGE}.{module}": source}))) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("cases.drawn.layout", f"from {PACKAGE}.cases.schemas import schema"),
        ("cases.drawn.axes.marks", f"from {PACKAGE}.cases.drawn.layout import Layout"),
        ("cases.drawn.layout", f"from {PACKAGE}.records import Case"),
        ("models.checks.pair", f"from {PACKAGE}.models.loading import load_base"),
        ("assertions.inputs", f"from {PACKAGE}.measures.inputs.leakage import find_leaks"),
        ("cli", f"from {PACKAGE}.cases.rewritten.validation import validate_cases"),
        ("predictions.store", f"from {PACKAGE}.models import interface"),
        ("plugin.hooks", f"from {PACKAGE}.report.page import render"),
        ("measures.accuracy", "import numpy as np"),
    ],
)
def test_what_is_allowed_passes(module: str, source: str) -> None:
    assert list(trespasses({f"{PACKAGE}.{module}": source})) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("measures", f"from {PACKAGE}.measures.accuracy import exact_match"),
        ("measures", f"from {PACKAGE}._door import doors"),
        ("plugin", f"from {PACKAGE}.plugin.session import Autopsy"),
        ("", f"from {PACKAGE}.records import Case"),
        ("assertions.accuracy", f"from {PACKAGE}.measures import exact_match"),
        ("plugin.hooks", f"from {PACKAGE}.measures import exact_match"),
        ("cli", f"from {PACKAGE}.plugin import Settings"),
    ],
)
def test_a_misused_door_is_seen(module: str, source: str) -> None:
    names = ["", ".measures", ".measures.accuracy", ".plugin", ".plugin.options"]
    modules = {PACKAGE + name: f"from {PACKAGE}._door import door" for name in ("", ".measures")}
    modules = {f"{PACKAGE}{name}": "" for name in names} | modules
    assert list(trespasses(modules)) == []
    assert len(list(trespasses(modules | {f"{PACKAGE}.{module}".strip("."): source}))) == 1


@pytest.mark.parametrize(
    "closing", ["from p import a", "if TYPE_CHECKING:\n    import p.a", "def f():\n    import p.a"]
)
def test_a_cycle_is_seen(closing: str) -> None:
    modules = {"p": "", "p.a": "from p.b import x", "p.b": "import p.c", "p.c": closing}
    assert set(import_cycle(modules)) == {"p.a", "p.b", "p.c"}


def test_a_heavy_door_is_seen() -> None:
    light = "if TYPE_CHECKING:\n    import numpy\ndef late():\n    import torch\n"
    assert loaded(light + "import json") == {"json"}
    assert loaded(light + "try:\n    import scipy.stats\nfinally: ...") == {"scipy"}


@pytest.mark.parametrize(
    "source",
    [
        f"from {PACKAGE}.cases.drawn.suites import Suite",
        f"from {PACKAGE} import cases",
        f"from {PACKAGE} import Mixture",
        f"from {PACKAGE} import _door",
        f"from {PACKAGE}.cases import drawn",
        f"from {PACKAGE}._door import doors",
        f"import {PACKAGE}.records",
        f"import {PACKAGE}",
    ],
)
def test_a_back_entry_is_seen(source: str) -> None:
    doors = {PACKAGE: ["Suite"], f"{PACKAGE}.cases": ["Mixture", "Suite"]}
    assert len(list(back_entries({"reference_experiment.data": source}, doors))) == 1


@pytest.mark.parametrize("door", [PACKAGE, f"{PACKAGE}.cases"])
def test_an_entry_by_a_door_passes(door: str) -> None:
    modules = {"reference_experiment.data": f"from {door} import Suite"}
    assert list(back_entries(modules, {door: ["Suite"]})) == []


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module, or name of a module, that is imported anywhere in ``tree``."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                yield from (f"{'.' * level}{module or ''}.{alias.name}" for alias in names)
            case ast.Call(
                func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def loaded(source: str) -> set[str]:
    """Top-level names of what a module imports when it is imported: nothing late or type-only."""
    late = (ast.FunctionDef, ast.AsyncFunctionDef)
    body = [
        node
        for node in ast.parse(source).body
        if not isinstance(node, late)
        and not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
    ]
    return {name.partition(".")[0] for name in imported(ast.Module(body, []))}


def trespasses(modules: Mapping[str, str]) -> Iterator[str]:
    """Imports that the table does not allow, modules that it does not know, and doors misused.

    A package imports nothing of ours but the means to open its door. A module imports from the
    module that has a name: a door would hide where it is, and cycles with it.
    """
    doors = packages(modules)
    for module, source in modules.items():
        ours = [
            name
            for name in imported(ast.parse(source))
            if name.startswith((PACKAGE, "reference_experiment", "."))
        ]
        room = room_of(module.removeprefix(f"{PACKAGE}."))
        if module in doors:
            wrong = [name for name in ours if name != f"{PACKAGE}._door.door"]
        elif not room:
            yield f"{module}: no such room"
            continue
        else:
            wrong = [name for name in ours if not allowed(room, name.removeprefix(f"{PACKAGE}."))]
            wrong += [name for name in set(ours) - {*modules, *wrong} if parent(name) in doors]
        yield from (f"{module} imports {name}" for name in wrong)


def packages(modules: Mapping[str, str]) -> set[str]:
    """The modules that have modules inside: doors, or empty."""
    parts = [module.split(".") for module in modules]
    inner = {".".join(names[:length]) for names in parts for length in range(1, len(names))}
    return inner & set(modules)


def parent(name: str) -> str:
    """A dotted name without its last part."""
    return name.rpartition(".")[0]


def allowed(room: str, name: str) -> bool:
    """Whether a module of ``room`` may import ``name``: its own room, or one of the table."""
    there = room_of(name)
    if room == "plugin":
        return True
    if room in ALL_BUT_PLUGIN:
        return there not in ("", "plugin")
    return bool(there) and (there == room or within(name, MAY_IMPORT[room]))


def room_of(name: str) -> str:
    """The longest known prefix of a dotted name, or an empty string."""
    parts = name.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in ROOMS), "")


def within(name: str, rooms: Set[str]) -> bool:
    """Whether ``name`` is one of ``rooms`` or inside one."""
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def import_cycle(modules: Mapping[str, str]) -> list[str]:
    """The modules of one import cycle, or none."""
    graph = {
        module: {home(name, modules) for name in imported(ast.parse(source))} - {""}
        for module, source in modules.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def home(name: str, modules: Mapping[str, str]) -> str:
    """The module of ours that ``name`` is or lives in, or an empty string."""
    return next((module for module in (name, parent(name)) if module in modules), "")


def back_entries(modules: Mapping[str, str], doors: Mapping[str, list[str]]) -> Iterator[str]:
    """Imports from the package that are not of a public name, by the door that has it."""
    for module, source in modules.items():
        for name in imported(ast.parse(source)):
            door, _, public = name.rpartition(".")
            if name.partition(".")[0] == PACKAGE and public not in doors.get(door, ()):
                yield f"{module} imports {name}"
