"""Values of a TOML table, each checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pytest_slm_autopsy.errors import ConfigError, nearest


def known_only(given: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    """Raise where a table has a key that is not ``known``."""
    known = list(known)
    if unknown := next((key for key in given if key not in known), None):
        raise ConfigError(f"{where} has no key {unknown!r}; {nearest(unknown, known)}")


def text(given: Mapping[str, Any], key: str, default: str, where: str) -> str:
    """Return a text; an empty one is an error."""
    value = given.get(key, default)
    if not isinstance(value, str) or (key in given and not value.strip()):
        raise ConfigError(f"{key} of {where} is {value!r}; it is a text in quotes")
    return value


def texts(given: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    """Return a list of texts, at least one, each once."""
    value = given[key]
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ConfigError(f"{key} of {where} is {value!r}; it is a list of texts, at least one")
    return tuple(dict.fromkeys(value))


def whole(given: Mapping[str, Any], key: str, default: int, where: str, least: int) -> int:
    """Return a whole number of at least ``least``."""
    value = given.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigError(f"{key} of {where} is {value!r}; it is a whole number of {least} or more")
    return value
