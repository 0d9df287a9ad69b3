"""Encode records as plain values such as JSON has, and decode them, by their dataclass fields."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from numbers import Real
from types import NoneType, UnionType
from typing import (
    Any,
    Final,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

T = TypeVar("T")

_SURE: Final[Mapping[Any, set[type]]] = {float: {float, int}, int: {int}, str: {str}}
"""Types whose values surely fit; an answer has hundreds of numbers, too many to look at each."""

NO_DATA: Final[Mapping[str, bool]] = {"data": False}
"""The metadata of a field that is neither written nor read."""


def encode(value: Any) -> Any:
    """Return ``value`` with records as dicts and tuples as lists, at every depth."""
    if is_dataclass(value):
        return {name: encode(getattr(value, name)) for name in _parts(value.__class__)}
    if isinstance(value, Mapping):
        return {name: encode(part) for name, part in value.items()}
    return [encode(part) for part in value] if isinstance(value, (tuple, list)) else value


def decode(kind: type[T], plain: Any) -> T:
    """Return the record of ``kind`` that was encoded as ``plain``.

    Keys of fields that have a default may be missing.

    Raises:
        TypeError: a key is missing or unknown, or a value does not fit; the text names it.
    """
    record: T = _record(kind, plain)
    return record


class _Part(NamedTuple):
    """A field that holds data: ``kind`` is its annotation, ``needed`` says it has no default."""

    kind: Any
    needed: bool


@cache
def _parts(kind: Any) -> dict[str, _Part]:
    """Map name to field, for the fields of a dataclass that hold data."""
    kinds = get_type_hints(kind)
    return {
        part.name: _Part(kinds[part.name], part.default is part.default_factory is MISSING)
        for part in fields(kind)
        if part.metadata.get("data", True)
    }


def _record(kind: Any, plain: Any) -> Any:
    if not isinstance(plain, Mapping):
        raise TypeError(f"{plain!r:.60} is no {kind.__name__}")
    parts = _parts(kind)
    if unknown := [name for name in plain if name not in parts]:
        raise TypeError(f"a {kind.__name__} has no {unknown[0]!r:.60}")
    if missing := [name for name, part in parts.items() if part.needed and name not in plain]:
        raise TypeError(f"a {kind.__name__} needs {', '.join(missing)}")
    return kind(**{name: _field(kind, name, value) for name, value in plain.items()})


def _field(kind: Any, name: str, plain: Any) -> Any:
    try:
        return _decoded(_parts(kind)[name].kind, plain)
    except TypeError as error:
        raise TypeError(f"{name} of a {kind.__name__}: {error}") from error


def _decoded(kind: Any, plain: Any) -> Any:
    """Return the value of the annotated ``kind`` that was encoded as ``plain``."""
    origin, inner = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return _record(kind, plain)
    if origin in (Union, UnionType):
        return _of_one(tuple(one for one in inner if one is not NoneType), plain)
    if origin is tuple and isinstance(plain, (list, tuple)):
        return _of_tuple(inner, plain)
    if hasattr(kind, "_fields") and isinstance(plain, (list, tuple)):
        return _of_named(kind, plain)
    if origin is Mapping and isinstance(plain, Mapping):
        return {name: _decoded(inner[1], part) for name, part in plain.items()}
    if not _fits(kind, plain):
        raise TypeError(f"{plain!r:.60} is not {getattr(kind, '__name__', kind)}")
    return math.nan if kind is float and plain is None else plain


def _of_one(kinds: tuple[Any, ...], plain: Any) -> Any:
    """Return a decoded value, or ``None``; a value that may be of several kinds stays as it is."""
    return plain if plain is None or len(kinds) > 1 else _decoded(kinds[0], plain)


def _of_tuple(kinds: tuple[Any, ...], plain: Any) -> tuple[Any, ...]:
    if kinds[-1] is Ellipsis:
        if {*map(type, plain)} <= _SURE.get(kinds[0], set()):
            return tuple(plain)
        return tuple(_decoded(kinds[0], part) for part in plain)
    if len(kinds) != len(plain):
        raise TypeError(f"{plain!r:.60} does not hold {len(kinds)} values")
    return tuple(_decoded(kind, part) for kind, part in zip(kinds, plain, strict=True))


def _of_named(kind: Any, plain: Any) -> Any:
    """Return a ``NamedTuple``; its last values may be missing where they have a default."""
    kinds = get_type_hints(kind)
    if len(plain) > len(kind._fields):
        raise TypeError(f"{plain!r:.60} holds more than a {kind.__name__}")
    pairs = zip(kind._fields, plain, strict=False)
    return kind(*(_decoded(kinds[name], part) for name, part in pairs))


def _fits(kind: Any, plain: Any) -> bool:
    """Tell whether a simple value is of ``kind``.

    ``None`` stands for a number that is not finite: JSON does not have such numbers.
    """
    if get_origin(kind) is Literal:
        return plain in get_args(kind)
    if kind in (int, float):
        whole = isinstance(plain, Real) and not isinstance(plain, bool)
        return whole or (kind is float and plain is None)
    return isinstance(plain, get_origin(kind) or kind)
