"""Canaries: the private parts of Hypothesis that a property uses are there, and are no others."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import hypothesis
import pytest
from hypothesis import core, example, given, reporting, seed, settings
from hypothesis import strategies as st

import pytest_slm_autopsy

SETTINGS = "_hypothesis_internal_use_settings"
SEED = "_hypothesis_internal_use_seed"
PUBLIC = {"hypothesis", "hypothesis.strategies", "hypothesis.errors", "hypothesis.database"}
MARK = re.compile(r"_hypothesis\w*|(?:is_)?hypothesis_\w+")


class Part(NamedTuple):
    """A private part: what a property needs of it, and whether ``hypothesis`` gives that."""

    needed: str
    given_by: Callable[[Any], bool]


def drawn(run: Callable[[], None], seen: list[int]) -> list[int]:
    seen.clear()
    run()
    return [*seen]


def numbers(library: Any) -> tuple[Callable[[], None], list[int]]:
    """A test of seven examples, and the list that it writes them to."""
    seen: list[int] = []

    @library.given(st.integers(0, 2**64))
    @settings(max_examples=7, database=None, derandomize=False)
    def test(number: int) -> None:
        seen.append(number)

    return test, seen


def obeys_settings(library: Any) -> bool:
    test, seen = numbers(library)
    chosen = vars(test)[SETTINGS]
    vars(test)[SETTINGS] = settings(parent=chosen, max_examples=3)
    return (chosen.max_examples, len(drawn(test, seen))) == (7, 3)


def obeys_seed(library: Any) -> bool:
    test, seen = numbers(library)
    unseeded = vars(test)[SEED]
    first = drawn(seed(7)(test), seen)
    seeded = vars(test)[SEED]
    vars(test)[SEED] = 8
    other = drawn(test, seen)
    vars(test)[SEED] = 7
    return (unseeded, seeded) == (None, 7) and drawn(test, seen) == first != other


def obeys_forced_seed(library: Any) -> bool:
    before = vars(library.core)["global_force_seed"]
    test, seen = numbers(library)
    found: list[list[int]] = []
    try:
        for forced in (3, 3, 4):
            library.core.global_force_seed = forced
            found.append(drawn(test, seen))
    finally:
        library.core.global_force_seed = before
    return found[0] == found[1] != found[2]


def hands_reports_over(library: Any) -> bool:
    said: list[object] = []
    with library.reporting.with_reporter(said.append):
        library.reporting.report("heard")
    return said == ["heard"]


def marks(library: Any, start: str) -> bool:
    test, _ = numbers(library)
    return any(name.startswith(start) for name in vars(example(1)(test)))


PARTS = {
    SETTINGS: Part("holds the settings of a test, and is read when it runs", obeys_settings),
    SEED: Part("holds the seed of a test or None, and is read when it runs", obeys_seed),
    "hypothesis.core.global_force_seed": Part(
        "holds the seed of --hypothesis-seed or None, and comes before others", obeys_forced_seed
    ),
    "hypothesis.reporting.report": Part("tells the reporter in charge", hands_reports_over),
    "hypothesis.reporting.with_reporter": Part("puts a reporter in charge", hands_reports_over),
    "_hypothesis": Part(
        "begins the names of what decorators leave", lambda library: marks(library, "_hypothesis")
    ),
    "hypothesis_explicit": Part(
        "begins the name of what @example leaves",
        lambda library: marks(library, "hypothesis_explicit"),
    ),
    "is_hypothesis_test": Part(
        "tells a test of @given", lambda library: vars(numbers(library)[0])["is_hypothesis_test"]
    ),
}


@pytest.mark.parametrize("name", PARTS)
def test_the_part_is_there(name: str) -> None:
    assert fault(name, hypothesis) == ""


def test_no_other_private_part_is_used() -> None:
    root = Path(pytest_slm_autopsy.__file__).parent
    used = {part for path in root.rglob("*.py") for part in private_parts(path.read_text("utf-8"))}
    assert used == PARTS.keys(), "name it in PARTS, with what is needed of it"


def without(*names: str) -> Callable[..., Any]:
    """``given`` of a Hypothesis whose tests lack some marks."""

    def decorated(strategy: Any) -> Callable[..., Any]:
        def decorate(test: Callable[..., None]) -> Callable[..., None]:
            made = given(strategy)(test)
            for name in names:
                vars(made).pop(name)
            return made

        return decorate

    return decorated


def newer(**changed: Any) -> Any:
    plain = {"__version__": "99", "given": given, "core": core, "reporting": reporting}
    return SimpleNamespace(**(plain | changed))


@pytest.mark.parametrize(
    ("name", "library"),
    [
        (SETTINGS, newer(given=without(SETTINGS))),
        (SEED, newer(given=without(SEED))),
        ("is_hypothesis_test", newer(given=without("is_hypothesis_test"))),
        ("hypothesis.core.global_force_seed", newer(core=SimpleNamespace())),
        ("hypothesis.core.global_force_seed", newer(core=SimpleNamespace(global_force_seed=1))),
        ("hypothesis.reporting.report", newer(reporting=SimpleNamespace())),
    ],
)
def test_a_part_that_is_gone_or_another_is_named(name: str, library: Any) -> None:
    assert fault(name, library) == (
        f"Hypothesis 99 has no {name} that {PARTS[name].needed}; "
        "see plugin/properties/property.py for what it is used for"
    )


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("from hypothesis.internal.conjecture.data import ConjectureData",
         "hypothesis.internal.conjecture.data.ConjectureData"),
        ("import hypothesis.internal.escalation", "hypothesis.internal.escalation"),
        ("from hypothesis._settings import Phase", "hypothesis._settings.Phase"),
        ("from hypothesis.strategies import _internal\n_internal.core",
         "hypothesis.strategies._internal.core"),
        ("from hypothesis import core\ncore.pytest_shows_exceptiongroups",
         "hypothesis.core.pytest_shows_exceptiongroups"),
        ("from hypothesis import core as c\nvars(c)['running_under_pytest']",
         "hypothesis.core.running_under_pytest"),
        ("from hypothesis import strategies as st\nst._internal",
         "hypothesis.strategies._internal"),
        ("vars(test)['_hypothesis_internal_print_given_args']",
         "_hypothesis_internal_print_given_args"),
        ("test.hypothesis_explicit_examples", "hypothesis_explicit_examples"),
    ],
)  # fmt: skip
def test_a_private_part_is_found(source: str, part: str) -> None:
    assert [*private_parts(source)] == [part]


def test_public_parts_are_not() -> None:
    source = (
        "from hypothesis import given, settings as s, strategies as st\n"
        "from hypothesis.errors import Flaky\ns.default\nst.integers()\nsource = 'hypothesis'\n"
    )
    assert [*private_parts(source)] == []


def fault(name: str, library: Any) -> str:
    """What is wrong with a part of ``library``, or an empty text."""
    part = PARTS[name]
    try:
        if part.given_by(library):
            return ""
    except (AttributeError, KeyError):
        pass
    return (
        f"Hypothesis {library.__version__} has no {name} that {part.needed}; "
        "see plugin/properties/property.py for what it is used for"
    )


def private_parts(source: str) -> Iterator[str]:
    """The names of what is private in Hypothesis and used in a module."""
    nodes = [*ast.walk(ast.parse(source))]
    bound: dict[str, str] = {}
    for node in nodes:
        match node:
            case ast.Import(names=names):
                yield from (one.name for one in names if is_private(one.name))
            case ast.ImportFrom(module=str(module), names=names):
                named = {one.asname or one.name: f"{module}.{one.name}" for one in names}
                bound |= {name: full for name, full in named.items() if is_ours(full)}
                yield from (
                    full for full in named.values() if is_private(full) and not is_module(full)
                )
    for node in nodes:
        match node:
            case (
                ast.Attribute(value=ast.Name(id=owner), attr=name)
                | ast.Subscript(value=ast.Call(args=[ast.Name(id=owner)]),
                                slice=ast.Constant(value=str(name)))
            ) if is_private(full := f"{bound.get(owner, owner)}.{name}"):  # fmt: skip
                yield full
            case ast.Attribute(attr=name) | ast.Constant(value=str(name)) if MARK.fullmatch(name):
                yield name


def is_ours(name: str) -> bool:
    """Whether a dotted name is one of Hypothesis."""
    return name.startswith("hypothesis.")


def is_module(name: str) -> bool:
    """Whether a dotted name is that of a module."""
    return name in sys.modules


def is_private(name: str) -> bool:
    """Whether a dotted name of Hypothesis has an underscore, or stands in no public module."""
    parts = name.split(".")
    starts = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    module = next(filter(is_module, starts), "")
    return is_ours(name) and (module not in PUBLIC or any(part[0] == "_" for part in parts))
