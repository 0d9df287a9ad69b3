"""The nouns of the package: what every room takes and gives. Plain, frozen, to and from dicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Fields = Mapping[str, str | None]
"""Field name to value; ``None`` means that the document does not state the field."""

Outcome = Literal["passed", "failed", "undecided"]


@dataclass(frozen=True, slots=True)
class Case:
    """One document put to the model, with the answer that is right.

    Cases drawn from one record share ``record``: that is how a shifted case finds its twin.
    ``shift`` maps each shifted axis to its severity (0 to 1); a reference case has none.
    ``condition`` is the name under which cases are counted together.
    ``spans`` says where each value stands in ``text`` (start, end; characters).
    """

    id: str
    text: str
    truth: Fields
    record: str = ""
    shift: Mapping[str, float] = field(default_factory=dict)
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    condition: str = "canonical"
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """A dict that survives JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Case:
        """The case that ``to_dict`` wrote."""
        spans = {name: (start, end) for name, (start, end) in data.get("spans", {}).items()}
        return cls(**{**data, "spans": spans})


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the model wrote for a case.

    ``fields`` is ``None`` when the text could not be parsed, and ``problem`` then says why.
    ``logprobs`` are natural logarithms, one a generated token; token i ends at character
    ``token_ends[i]`` of ``raw``. Both are ``None`` for a model that gives no probabilities.
    """

    case: Case
    model: str
    raw: str
    fields: Fields | None
    problem: str = ""
    logprobs: tuple[float, ...] | None = None
    token_ends: tuple[int, ...] | None = None
    finish: str = "stop"

    @property
    def correct(self) -> bool:
        """Whether the answer states exactly the truth: the same keys, the same values."""
        return self.fields is not None and dict(self.fields) == dict(self.case.truth)

    def to_dict(self) -> dict[str, Any]:
        """A dict that survives JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Prediction:
        """The prediction that ``to_dict`` wrote."""
        plain = {**data, "case": Case.from_dict(data["case"])}
        for name in ("logprobs", "token_ends"):
            plain[name] = None if plain[name] is None else tuple(plain[name])
        return cls(**plain)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number, the interval that holds it at its confidence level, and how many cases made it."""

    name: str
    value: float
    interval: tuple[float, float]
    n: int
    confidence_level: float = 0.95
    model: str = ""
    condition: str = ""

    def to_dict(self) -> dict[str, Any]:
        """A dict that survives JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Measurement:
        """The measurement that ``to_dict`` wrote."""
        low, high = data["interval"]
        return cls(**{**data, "interval": (low, high)})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A measurement judged against its limit."""

    measurement: Measurement
    limit: float
    side: Literal["at_most", "at_least"]
    outcome: Outcome
    advice: str = ""

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

    def to_dict(self) -> dict[str, Any]:
        """A dict that survives JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Verdict:
        """The verdict that ``to_dict`` wrote."""
        return cls(**{**data, "measurement": Measurement.from_dict(data["measurement"])})


@dataclass(frozen=True, slots=True)
class Finding:
    """A cause of death: what was found, how large its effect is, and the evidence."""

    cause: str
    effect: Measurement
    evidence: str = ""

    def to_dict(self) -> dict[str, Any]:
        """A dict that survives JSON."""
        return asdict(self)
