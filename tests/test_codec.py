"""The codec follows the fields of a dataclass, whatever they hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import pytest

from pytest_slm_autopsy.codec import NO_DATA, decode, encode


@dataclass(frozen=True)
class Leaf:
    size: float
    colour: Literal["red", "green"] = "green"


@dataclass(frozen=True)
class Tree:
    name: str
    leaves: tuple[Leaf, ...] = ()
    by_place: Mapping[str, Leaf] = field(default_factory=dict)
    largest: Leaf | None = None
    span: tuple[int, int] = (0, 0)
    alive: bool | None = None
    any_text: str | list[str] | None = None
    grow: Callable[[], None] | None = field(default=None, compare=False, metadata=NO_DATA)


@dataclass(frozen=True)
class Rings:
    widths: tuple[float, ...] = ()
    years: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


FULL = Tree(
    "oak", (Leaf(1.5), Leaf(2, "red")), {"top": Leaf(3.0)}, Leaf(3.0), (1, 2), True, ["a"], print
)
PLAIN: dict[str, Any] = {
    "name": "oak",
    "leaves": [{"size": 1.5, "colour": "green"}, {"size": 2, "colour": "red"}],
    "by_place": {"top": {"size": 3.0, "colour": "green"}},
    "largest": {"size": 3.0, "colour": "green"},
    "span": [1, 2],
    "alive": True,
    "any_text": ["a"],
}


def test_records_become_dicts_and_tuples_lists_and_back():
    assert encode(FULL) == PLAIN
    assert decode(Tree, PLAIN) == FULL
    assert encode(Tree("elm", by_place=MappingProxyType({}))) == encode(Tree("elm"))


def test_a_number_that_is_not_finite_may_be_null():
    assert math.isnan(decode(Leaf, {"size": None}).size)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": 3}, "name of a Tree: 3 is not str"),
        ({"leaves": {}}, r"leaves of a Tree: \{\} is not tuple"),
        ({"leaves": [{"size": "big"}]}, "leaves of a Tree: size of a Leaf: 'big' is not float"),
        ({"by_place": {"top": None}}, "by_place of a Tree: None is no Leaf"),
        ({"largest": {"size": 1, "colour": "blue"}}, "largest of a Tree: colour of a Leaf: 'blue'"),
        ({"span": [1, None]}, "span of a Tree: None is not int"),
        ({"span": [1, 2, 3]}, r"span of a Tree: \[1, 2, 3\] does not hold 2 values"),
        ({"alive": 1}, "alive of a Tree: 1 is not bool"),
        ({"grow": None}, "a Tree has no 'grow'"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(change, sentence):
    with pytest.raises(TypeError, match=f"^{sentence}"):
        decode(Tree, {**PLAIN, **change})


@pytest.mark.parametrize("plain", [None, [], "oak"])
def test_what_is_no_object_is_no_record(plain):
    with pytest.raises(TypeError, match="is no Tree"):
        decode(Tree, plain)
    with pytest.raises(TypeError, match="a Tree needs name"):
        decode(Tree, {})


@pytest.mark.parametrize(
    ("name", "values", "wrong"),
    [
        ("widths", [0.5, 1, -2.5], [True, "1", []]),
        ("years", [1990, 1991], [True, None, "1990"]),
        ("names", ["oak", ""], [1, None, ["oak"]]),
    ],
)
def test_many_plain_values_are_looked_at_each(name, values, wrong):
    assert getattr(decode(Rings, {name: values}), name) == tuple(values)
    for one in wrong:
        with pytest.raises(TypeError, match=f"^{name} of a Rings: .* is not "):
            decode(Rings, {name: [*values, one]})
    assert math.isnan(decode(Rings, {"widths": [1.5, None]}).widths[1])
