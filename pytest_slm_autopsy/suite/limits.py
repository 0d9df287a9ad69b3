"""The limits of the built-in suite: defaults, a TOML file or TOML lines, each number checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, Self

from pytest_slm_autopsy.errors import ConfigError, nearest
from pytest_slm_autopsy.records import CANONICAL
from pytest_slm_autopsy.whole_files import parsed_toml

UNLIMITED: Final = float("inf")


def _share(default: float, meaning: str) -> Any:
    return field(default=default, metadata={"most": 1.0, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of the built-in suite; ``docs/suite.md`` argues each default.

    All but ``latency`` are shares from 0 to 1. ``gaps`` maps a condition to a limit of its own.
    ``conditions`` are those that are judged; all that the suite has where it is empty.

    Example:
        >>> Limits.parse("gap = 0.2").gap_of("order")
        0.2
    """

    accuracy: float = _share(0.90, "at least: right documents among the reference cases")
    valid_json: float = _share(0.95, "at least: answers that are one JSON object")
    gap: float = _share(0.10, "at most: accuracy lost to one condition")
    calibration_error: float = _share(0.10, "at most: distance of confidence and accuracy")
    confident_errors: float = _share(0.10, "at most: shifted cases answered wrongly and surely")
    confidence: float = _share(0.90, "from which an answer counts as sure")
    collapse: float = _share(0.10, "at most: each sign of answers given by heart")
    cut_off: float = _share(0.05, "at most: answers that do not end")
    leakage: float = _share(0.0, "at most: reference cases that training gives away")
    latency: float | None = field(
        default=None, metadata={"most": UNLIMITED, "meaning": "at most: median seconds an answer"}
    )
    conditions: tuple[str, ...] = ()
    gaps: Mapping[str, float] = field(default_factory=dict)

    def gap_of(self, condition: str) -> float:
        """Return the limit of the accuracy lost to a condition."""
        return self.gaps.get(condition, self.gap)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the limits that lines of TOML state.

        Raises:
            ConfigError: not TOML, an unknown name, a value that is no limit, or limits that
                contradict each other.
        """
        try:
            given = parsed_toml(text)
        except ValueError as error:
            raise ConfigError(
                f"limits are lines of TOML such as 'gap = 0.10'; this is none: {error}"
            ) from None
        return cls.of(given)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """Return the limits that a table of TOML states.

        Raises:
            ConfigError: an unknown name, a value that is no limit, or limits that contradict each
                other.
        """
        known = {one.name for one in fields(cls)}
        if unknown := next((name for name in given if name not in known), None):
            raise ConfigError(f"there is no limit {unknown!r}; {nearest(unknown, known)}")
        values: dict[str, Any] = {name: _value(cls, name, one) for name, one in given.items()}
        limits = replace(cls(), **values)
        if wrong := _contradiction(limits):
            raise ConfigError(wrong)
        return limits

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the limits of a TOML file.

        Raises:
            ConfigError: no such file, or as ``parse``; the sentence names the file.
        """
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{path} cannot be read ({getattr(error, 'strerror', None) or error}); name a file "
                "of limits: slm-autopsy init writes one"
            ) from None
        try:
            return cls.parse(text)
        except ConfigError as error:
            raise ConfigError(f"{path.name}: {error}") from None


def _value(cls: type[Limits], name: str, value: object) -> object:
    if name == "conditions":
        return _conditions(value)
    if name == "gaps":
        if not isinstance(value, Mapping):
            raise ConfigError("gaps is a table of condition and limit: [gaps], then order = 0.2")
        return {key: _number(f"gaps.{key}", one, 1.0) for key, one in value.items()}
    most = next(one.metadata["most"] for one in fields(cls) if one.name == name)
    return _number(name, value, most)


def _conditions(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise ConfigError("conditions is a list of names, such as ['order', 'production']")
    if not value:
        raise ConfigError("conditions is empty, and nothing judged proves nothing; leave it out")
    if CANONICAL in value:
        raise ConfigError(
            f"conditions names {CANONICAL!r}, from which every gap is measured; leave it out"
        )
    return tuple(dict.fromkeys(value))


def _number(name: str, value: object, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"the limit {name} is {value!r:.60}; it must be a number")
    value = _float(value)
    if not (0 <= value <= most and math.isfinite(value)):
        upper = f"a share from 0 to {most:g}" if most < UNLIMITED else "0 or more"
        raise ConfigError(f"the limit {name} is {value:g}; it must be {upper}")
    return value


def _float(value: float) -> float:
    """Return a number as a float; a whole number that is too large for one is infinite."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _contradiction(limits: Limits) -> str:
    """Return why two limits contradict each other; empty where none do."""
    named = {"gap": limits.gap} | {f"gaps.{name}": gap for name, gap in limits.gaps.items()}
    for name, gap in named.items():
        if gap > 0 and gap >= limits.accuracy:
            return (
                f"{name} = {gap:g} lets a model lose all that accuracy = {limits.accuracy:g} asks "
                "for, so it could never fail; lower it"
            )
    if limits.conditions:
        idle = [name for name in limits.gaps if name not in limits.conditions]
        if idle:
            return (
                f"gaps.{idle[0]} limits a condition that conditions leaves out; add it there, or "
                "drop its limit"
            )
    return ""
