"""The data of a report: one versioned JSON document, from which page and summary are drawn."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.records import Measurement, Verdict, data_fields

REPORT_VERSION = 1


@dataclass(frozen=True, slots=True)
class ConditionRow:
    """The numbers of one model under one condition; ``None`` where a number was not measured."""

    model: str
    condition: str
    n: int
    accuracy: Measurement
    field_accuracy: Measurement | None
    valid_json: Measurement
    confidence_right: float | None
    confidence_wrong: float | None
    ece: Measurement | None


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Predictions of like confidence: mean confidence, share of right answers, and number."""

    confidence: float
    accuracy: float
    n: int


@dataclass(frozen=True, slots=True)
class Reliability:
    """The reliability curve of one model under one condition."""

    model: str
    condition: str
    bins: tuple[ReliabilityBin, ...]


@dataclass(frozen=True, slots=True)
class WrongKinds:
    """The wrong answers of one model under one condition, counted by category and by field.

    ``fields`` holds the number of wrong answers in each field, the most first.
    """

    model: str
    condition: str
    counts: Mapping[str, int]
    fields: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """A wrong prediction with its case; ``answer`` is ``None`` where it could not be parsed."""

    model: str
    condition: str
    case: str
    document: str
    truth: Mapping[str, str | None]
    answer: Mapping[str, str | None] | None
    raw: str
    confidence: float | None


@dataclass(frozen=True, slots=True)
class JudgedGate:
    """A verdict, the test that asked for it, and the outcome of that test.

    ``holds`` tells whether the verdict stands when all gates of the run are judged together. It is
    ``None`` for an undecided verdict.
    """

    test: str
    outcome: str
    verdict: Verdict
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything that a run recorded."""

    title: str
    created: str
    facts: Mapping[str, str]
    rows: tuple[ConditionRow, ...]
    reliability: tuple[Reliability, ...]
    wrong: tuple[WrongAnswer, ...]
    gates: tuple[JudgedGate, ...]
    kinds: tuple[WrongKinds, ...] = ()

    def to_json(self) -> str:
        """Return the document as valid JSON; a number that is not finite becomes null."""
        return json.dumps({"version": REPORT_VERSION, **_plain(self)}, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> ReportData:
        """Return the data that ``to_json`` wrote.

        Raises:
            ConfigError: ``text`` is something else, or was written by a newer version.
        """
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"the report is not valid JSON ({error}); run again") from error
        _check_version(document)
        try:
            data: ReportData = _decode(cls, document)
        except (TypeError, RecursionError) as error:
            raise ConfigError(f"the report cannot be read: {error}; run again") from error
        return data


def _check_version(document: object) -> None:
    version = document.get("version") if isinstance(document, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ConfigError("this is no report of pytest-slm-autopsy: it states no version")
    if version > REPORT_VERSION:
        raise ConfigError(
            f"the report has version {version} and this pytest-slm-autopsy reads up to "
            f"{REPORT_VERSION}; upgrade pytest-slm-autopsy"
        )


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {part.name: _plain(getattr(value, part.name)) for part in data_fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode(kind: Any, value: Any) -> Any:
    """Return ``value`` as the annotated ``kind``.

    Raises:
        TypeError: the value does not fit; the text says which part.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if is_dataclass(kind):
        return _decode_record(kind, value)
    if origin in (Union, UnionType):
        return None if value is None else _decode(inner[0], value)
    if origin is tuple and isinstance(value, list):
        return _decode_tuple(inner, value)
    if origin is Mapping and isinstance(value, dict):
        return {name: _decode(inner[1], part) for name, part in value.items()}
    if origin is Literal and value in inner:
        return value
    if kind is float and value is None:
        return math.nan
    if kind is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if kind in (int, str) and type(value) is kind:
        return value
    raise TypeError(f"{value!r:.60} is not {getattr(kind, '__name__', kind)}")


def _decode_tuple(inner: tuple[Any, ...], value: list[Any]) -> tuple[Any, ...]:
    kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
    if len(kinds) != len(value):
        raise TypeError(f"{value!r:.60} does not hold {len(kinds)} values")
    return tuple(_decode(kind, part) for kind, part in zip(kinds, value, strict=True))


def _decode_record(kind: Any, value: Any) -> Any:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r:.60} is no {kind.__name__}")
    known = {name: hint for name, hint in _hints(kind).items() if name in value}
    try:
        return kind(**{name: _decode(hint, value[name]) for name, hint in known.items()})
    except TypeError as error:
        raise TypeError(f"{kind.__name__}: {error}") from error
