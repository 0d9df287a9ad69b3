"""The nouns of the package: what every room takes and gives. Plain, frozen, to and from dicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self
from unicodedata import normalize

from pytest_slm_autopsy.codec import NO_DATA, decode, encode

__all__ = ["Case", "Finding", "Measurement", "Prediction", "Verdict"]

Value = str | Sequence[Mapping[str, str]] | None
"""A text, the rows of a table, or ``None`` for what the document does not state."""

Fields = Mapping[str, Value]
"""Field name to value."""

SPACES: Final = "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"
"""Every kind of space but the plain one; all look alike."""
_PLAIN: Final = dict.fromkeys(map(ord, SPACES), " ")

AMBIGUOUS: Final = "ambiguous"
"""The tag of a case that has no answer that is surely right."""

Outcome = Literal["passed", "failed", "undecided"]

Side = Literal["at_most", "at_least"]

Interval = tuple[float, float]

Stage = Literal["strict", "extracted", "repaired", "failed"]
"""How an answer was read: as JSON, cut out of prose or fences, repaired, or not at all."""


def legible(value: Any) -> Any:
    """A value as it looks: accents composed (NFC), every kind of space a plain one.

    What a reader cannot tell apart is the same answer.
    """
    if isinstance(value, str):
        return value if value.isascii() else normalize("NFC", value).translate(_PLAIN)
    if isinstance(value, Sequence):
        return [{key: legible(row[key]) for key in row} for row in value]
    return value


class Record:
    """What every noun can do: become a dict that survives JSON, and come back from it."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a dict that survives JSON."""
        plain: dict[str, Any] = encode(self)
        return plain

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the record that ``to_dict`` wrote; keys that have a default may be missing.

        Raises:
            TypeError: a key is missing or unknown, or a value does not fit.
        """
        return decode(cls, data)


@dataclass(frozen=True, slots=True)
class Case(Record):
    """One document put to the model, with the answer that is right.

    Cases drawn from one record share ``record``: that is how a shifted case finds its twin.
    ``shift`` maps each shifted axis to its severity (0 to 1); a reference case has none.
    ``condition`` is the name under which cases are counted together.
    ``spans`` says where each value stands in ``text`` (start, end; characters).
    ``source`` says where the case comes from, ``layout`` what of its look is not canonical, in
    words, where that is known.
    A case whose ``tags`` hold ``AMBIGUOUS`` is counted in no measure.
    """

    id: str
    text: str
    truth: Fields
    record: str = ""
    shift: Mapping[str, float] = field(default_factory=dict)
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    condition: str = "canonical"
    source: str = ""
    tags: tuple[str, ...] = ()
    layout: str = ""

    @property
    def cluster(self) -> str:
        """What it shares with its twins: its record, or itself where it names none."""
        return self.record or self.id


@dataclass(frozen=True, slots=True)
class Prediction(Record):
    """What the model wrote for a case.

    ``fields`` is ``None`` when the text could not be parsed, and ``problem`` then says why.
    ``logprobs`` are natural logarithms, one a generated token; token i ends at character
    ``token_ends[i]`` of ``raw``. Both are ``None`` for a model that gives no probabilities.
    ``stage`` says how the text was read, ``how`` the answer was come by; ``near_ties`` counts the
    tokens that another batch might choose otherwise.
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

    @property
    def correct(self) -> bool:
        """Whether the answer states the truth: the same keys, the same values, as they look."""
        if self.fields == self.case.truth:
            return True
        if self.fields is None or self.fields.keys() != self.case.truth.keys():
            return False
        return all(
            legible(self.fields[name]) == legible(self.case.truth[name]) for name in self.fields
        )


@dataclass(frozen=True, slots=True)
class Measurement(Record):
    """A number, the interval that holds it at its confidence level, and how many cases made it.

    ``bounds`` are the least and the greatest value that the number can take. ``interval_at`` gives
    the interval at another confidence level: the whole line where the data, or the resamples drawn
    from them, say nothing at that level. It is no data, so it is neither compared nor written.
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


@dataclass(frozen=True, slots=True)
class Verdict(Record):
    """A measurement judged against its limit.

    ``p_value`` is the smallest error rate at which the measurement would still be told from its
    limit, on the side where it stands; ``None`` where only one interval is known.
    """

    measurement: Measurement
    limit: float
    side: Side
    outcome: Outcome
    advice: str = ""
    p_value: float | None = None

    @property
    def line(self) -> str:
        """What, value, interval, n, limit, outcome, in one line."""
        m = self.measurement
        where = ", ".join(part for part in (m.model, m.condition) if part)
        return (
            f"{self.outcome}: {m.name}{f' ({where})' if where else ''} = {m.value:.3f} "
            f"[{m.interval[0]:.3f}, {m.interval[1]:.3f}], n={m.n}, "
            f"limit {self.side.replace('_', ' ')} {self.limit:g}"
            f"{f'; {self.advice}' if self.advice else ''}"
        )


@dataclass(frozen=True, slots=True)
class Finding(Record):
    """A cause of death: how large its effect is, and what speaks for and against it.

    ``evidence`` and ``against`` are sentences; ``cure`` says what to do about it.
    """

    cause: str
    effect: Measurement
    evidence: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    cure: str = ""
