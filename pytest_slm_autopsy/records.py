"""The records of the package: case, prediction, measurement, verdict, finding; all frozen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, Literal, Self
from unicodedata import normalize

from pytest_slm_autopsy.codec import NO_DATA, decode, encode
from pytest_slm_autopsy.errors import CaseError

__all__ = ["Case", "Finding", "Measurement", "Prediction", "Ruling", "Verdict"]

Value = str | Sequence[Mapping[str, str]] | None
"""A text, the rows of a table, or ``None`` for a field that the document does not state."""

Fields = Mapping[str, Value]
"""Field name to value."""

SPACES: Final = "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"
"""Every kind of space except the plain one; all look alike."""
_PLAIN: Final = dict.fromkeys(map(ord, SPACES), " ")

CANONICAL: Final = "canonical"
"""The condition of documents that nothing has shifted."""

AMBIGUOUS: Final = "ambiguous"
"""The tag of a case without a single answer that is surely right."""

DOCUMENT: Final = "\ufffc"
"""What stands for the document in the turns of a case."""

Turn = tuple[str, str]
"""A turn of a chat: its role and its words."""

NOTHING_AT_STAKE: Final = "it proves nothing"
"""Beginning of the advice on a gap that could not be lost: more cases would not help."""

Outcome = Literal["passed", "failed", "undecided"]

Side = Literal["at_most", "at_least"]

Interval = tuple[float, float]

Stage = Literal["strict", "extracted", "repaired", "failed"]
"""The reading of an answer: as JSON, cut out of prose or fences, repaired, or impossible."""


def legible(value: Any) -> Any:
    """Return a value as a reader sees it: accents composed (NFC), every space a plain one.

    Two values that look the same are the same answer.
    """
    if isinstance(value, str):
        return value if value.isascii() else normalize("NFC", value).translate(_PLAIN)
    if isinstance(value, Sequence):
        return [{key: legible(row[key]) for key in row} for row in value]
    return value


def _is_table(value: object) -> bool:
    return isinstance(value, list | tuple) and all(
        isinstance(row, Mapping) and all(isinstance(cell, str) for cell in row.values())
        for row in value
    )


def unfit_truth(truth: object) -> str:
    """Return what is wrong with a truth, and what to do; empty where it is one."""
    if not isinstance(truth, Mapping):
        return f"the truth is a {type(truth).__name__}; map each field to its value"
    for name, value in truth.items():
        if not (value is None or isinstance(value, str) or _is_table(value)):
            return f"the truth of {name!r} {_unfit(value)}"
    return ""


def _unfit(value: object) -> str:
    """Return what is wrong with the value of a field, and what to do."""
    kind = type(value).__name__
    if isinstance(value, Mapping):
        return "is an object; give each of its parts a field of its own, such as 'address.street'"
    if isinstance(value, list | tuple):
        return "is a list of other things than rows; a list holds objects of texts"
    return f"is a {kind}, {value!r:.40}; quote it: values are compared as they are written"


def _shown(value: Any) -> str:
    """Return a value as one short line, nested values as their own lines say it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_shown(part)}" for name, part in value.items())
    return f"{value:.6g}" if isinstance(value, float) else f"{value}"


class Record:
    """The base of every record: conversion to and from a dict that survives JSON."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a dict that survives JSON."""
        plain: dict[str, Any] = encode(self)
        return plain

    def _repr_html_(self) -> str:
        """Return a table of the fields, for a notebook."""
        rows = "".join(
            f"<tr><th style='text-align: left'>{escape(name)}</th>"
            f"<td style='text-align: left'>{escape(_shown(value))}</td></tr>"
            for name, value in self.to_dict().items()
        )
        return f"<table><caption>{escape(type(self).__name__)}</caption>{rows}</table>"

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the record that ``to_dict`` wrote; keys with a default may be missing.

        Raises:
            TypeError: a key is missing or unknown, or a value does not fit.
        """
        return decode(cls, data)


_TEXTS: Final = ("id", "text", "record", "condition", "source", "layout")


@dataclass(frozen=True, slots=True)
class Case(Record):
    """One document for the model, with the right answer.

    Cases drawn from one record share ``record``: so a shifted case finds its twin.
    ``shift`` maps each shifted axis to its severity (0 to 1); a reference case has none.
    Cases with the same ``condition`` are counted together.
    ``spans`` maps each field to the start and end of its value in ``text``, in characters.
    ``source`` is the origin of the case. ``layout`` describes its differences from the canonical
    layout in words, if they are known.
    ``turns`` are the chat that asks for the answer, where a file brought its own: role and words,
    with ``DOCUMENT`` for the text.
    No measure counts a case whose ``tags`` hold ``AMBIGUOUS``.

    Raises:
        CaseError: an id, a text or a name that is no text, or a truth that is neither text,
            ``None``, nor a list of rows.
    """

    id: str
    text: str
    truth: Fields
    record: str = ""
    shift: Mapping[str, float] = field(default_factory=dict)
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    condition: str = CANONICAL
    source: str = ""
    tags: tuple[str, ...] = ()
    layout: str = ""
    turns: tuple[Turn, ...] = ()

    def __post_init__(self) -> None:
        for name in _TEXTS:
            if not isinstance(value := getattr(self, name), str):
                raise CaseError(f"case {self.id!r}: its {name} is {value!r:.40}; it must be a text")
        if wrong := unfit_truth(self.truth):
            raise CaseError(f"case {self.id!r}: {wrong}")

    @property
    def cluster(self) -> str:
        """Return the name that twins share: ``record``, or ``id`` if the case has no record."""
        return self.record or self.id


@dataclass(frozen=True, slots=True)
class Prediction(Record):
    """The answer of a model to a case.

    ``raw`` is the text that the model wrote. ``fields`` is ``None`` if the text could not be
    parsed; ``problem`` then holds the reason.
    ``logprobs`` are natural logarithms, one a generated token; token i ends at character
    ``token_ends[i]`` of ``raw``. Both are ``None`` for a model that gives no probabilities.
    ``stage`` tells how the text was read, and ``span`` where in ``raw`` the answer stands, if it is
    not the whole text. ``how`` tells how the answer was made. ``near_ties``
    counts the tokens that could differ in another batch.
    """

    case: Case
    model: str
    raw: str
    fields: Fields | None
    problem: str = ""
    logprobs: tuple[float, ...] | None = None
    token_ends: tuple[int, ...] | None = None
    finish: str = "stop"
    stage: Stage = "strict"
    near_ties: int = 0
    how: str = ""
    span: tuple[int, int] | None = None

    @property
    def correct(self) -> bool:
        """Tell whether the answer is the truth: the same keys, and values that look the same."""
        if self.fields == self.case.truth:
            return True
        if self.fields is None or self.fields.keys() != self.case.truth.keys():
            return False
        return all(
            legible(self.fields[name]) == legible(self.case.truth[name]) for name in self.fields
        )


@dataclass(frozen=True, slots=True)
class Measurement(Record):
    """A number, its interval at a confidence level, and the number of cases behind it.

    ``bounds`` are the least and the greatest possible value of the number. ``interval_at`` returns
    the interval at another confidence level; from minus to plus infinity if the data, or their
    resamples, resolve nothing at that level. ``interval_with`` returns the interval that so many
    times the cases would give if the value stayed the same. Both are functions: neither compared
    nor written.
    """

    name: str
    value: float
    interval: Interval
    n: int
    confidence_level: float = 0.95
    model: str = ""
    condition: str = ""
    bounds: Interval = (0.0, 1.0)
    interval_at: Callable[[float], Interval] | None = field(
        default=None, repr=False, compare=False, metadata=NO_DATA
    )
    interval_with: Callable[[float], Interval] | None = field(
        default=None, repr=False, compare=False, metadata=NO_DATA
    )


@dataclass(frozen=True, slots=True)
class Verdict(Record):
    """A measurement judged against its limit.

    ``p_value`` is the smallest error rate at which the interval still lies entirely on one side of
    the limit; ``None`` if only one interval is known.
    """

    measurement: Measurement
    limit: float
    side: Side
    outcome: Outcome
    advice: str = ""
    p_value: float | None = None

    @property
    def line(self) -> str:
        """Return outcome, name, value, interval, n and limit in one line."""
        m = self.measurement
        where = ", ".join(part for part in (m.model, m.condition) if part)
        return (
            f"{self.outcome}: {m.name}{f' ({where})' if where else ''} = {m.value:.3f} "
            f"[{m.interval[0]:.3f}, {m.interval[1]:.3f}], n={m.n}, "
            f"limit {self.side.replace('_', ' ')} {self.limit:g}"
            f"{f'; {self.advice}' if self.advice else ''}"
        )

    @property
    def short(self) -> str:
        """Return value, limit and name first: the line may be cut at its end.

        Example: ``0.88 > 0.10 accuracy gap, narrow, order [0.79, 0.95] n=128``.
        """
        m = self.measurement
        sign = "?" if self.outcome == "undecided" else _SIGNS[self.side, self.outcome]
        low, high = m.interval
        named = ", ".join(part for part in (m.name, m.condition, m.model) if part)
        told = f"{m.value:.2f} {sign} {self.limit:g} {named} [{low:.2f}, {high:.2f}] n={m.n}"
        return f"{told}; undecided: {self.advice}" if self.outcome == "undecided" else told


_SIGNS: Final = {
    ("at_most", "failed"): ">",
    ("at_most", "passed"): "<=",
    ("at_least", "failed"): "<",
    ("at_least", "passed"): ">=",
}


@dataclass(frozen=True, slots=True)
class Finding(Record):
    """A cause of death, with its effect, its evidence and its cure.

    ``evidence`` and ``against`` are sentences for and against the cause. ``cure`` is the advice.
    """

    cause: str
    effect: Measurement
    evidence: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Ruling(Record):
    """A cause that is not named: ruled out by evidence, or left open for lack of it."""

    cause: str
    reason: str
    ruled_out: bool
