"""The data of a report: one versioned JSON document, from which page and summary are drawn."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_slm_autopsy.codec import decode, encode
from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.records import Finding, Measurement, Ruling, Verdict
from pytest_slm_autopsy.whole_files import parsed

REPORT_VERSION = 3


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
    cut_off: Measurement | None = None


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
    """A wrong prediction with its case; ``answer`` is ``None`` where it could not be parsed.

    ``spans`` are the places of true values in the document, ``tokens`` the end and probability of
    each token of ``raw``. ``kinds`` maps each wrong field to its kind, ``kind`` is the gravest.
    ``layout`` says how the document differs, ``minimal`` the smallest shift that breaks the answer.
    """

    model: str
    condition: str
    case: str
    document: str
    truth: Mapping[str, str | None]
    answer: Mapping[str, str | None] | None
    raw: str
    confidence: float | None
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    tokens: tuple[tuple[int, float], ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    layout: str = ""
    minimal: str = ""


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """The share of wrong answers among the surest, at each share of kept cases."""

    model: str
    condition: str
    coverage: tuple[float, ...]
    risk: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sureness:
    """Right and wrong answers counted by confidence: below the first edge, between, above."""

    model: str
    condition: str
    edges: tuple[float, ...]
    right: tuple[int, ...]
    wrong: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Wrong fields of one model by the field whose true value they were given."""

    model: str
    asked: tuple[str, ...]
    given: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The accuracy that the second model loses against the first under one condition."""

    condition: str
    first: str
    second: str
    lost: Measurement


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
class BaselineRow:
    """One condition against a baseline, or all together (``condition`` is empty).

    ``flipped`` counts the cases that are worse, and those that are better; ``worse`` and ``better``
    name the first of them.
    """

    condition: str
    verdict: Verdict
    p_value: float
    worse: tuple[str, ...] = ()
    better: tuple[str, ...] = ()
    flipped: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A model against one day of its baseline; ``problem`` says why it could not be compared."""

    model: str
    baseline: str = ""
    made: str = ""
    rows: tuple[BaselineRow, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class NamedMeasurement:
    """A name, and its number: an axis and its cost, a minimal cause and its share."""

    name: str
    measurement: Measurement


@dataclass(frozen=True, slots=True)
class DoseCurve:
    """The accuracy at each severity of one axis."""

    axis: str
    severities: tuple[float, ...]
    accuracy: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Numbers by row and column, such as what patching a layer at a group of tokens brings back."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Why:
    """The diagnosis of one model: why it loses accuracy, or that it does not.

    ``words`` tell each finding's cause in words. ``remedy`` says what to do, if anything.
    """

    model: str
    headline: str
    reference: Measurement
    shifted: Measurement
    findings: tuple[Finding, ...]
    rulings: tuple[Ruling, ...]
    shares: tuple[NamedMeasurement, ...] = ()
    minimal: tuple[NamedMeasurement, ...] = ()
    doses: tuple[DoseCurve, ...] = ()
    asked: int = 0
    grids: tuple[Grid, ...] = ()
    words: tuple[str, ...] = ()
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of somebody else's: paragraphs of plain text, and a table below them."""

    title: str
    text: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ReportData:
    """Everything that a run recorded; ``redacted`` without texts and values."""

    title: str
    created: str
    facts: Mapping[str, str]
    rows: tuple[ConditionRow, ...]
    reliability: tuple[Reliability, ...]
    wrong: tuple[WrongAnswer, ...]
    gates: tuple[JudgedGate, ...]
    kinds: tuple[WrongKinds, ...] = ()
    why: tuple[Why, ...] = ()
    sections: tuple[Section, ...] = ()
    partial: bool = False
    risks: tuple[RiskCoverage, ...] = ()
    sureness: tuple[Sureness, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    differences: tuple[Difference, ...] = ()
    baselines: tuple[Comparison, ...] = ()
    distances: tuple[NamedMeasurement, ...] = ()
    redacted: bool = False

    def to_json(self) -> str:
        """Return the document as valid JSON; a number that is not finite becomes null."""
        document = {"version": REPORT_VERSION, **_finite(encode(self))}
        return json.dumps(document, indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> ReportData:
        """Return the data that ``to_json`` wrote.

        Raises:
            ConfigError: ``text`` is something else, or was written by a newer version.
        """
        try:
            document = parsed(text)
        except ValueError as error:
            raise ConfigError(f"the report is not valid JSON ({error}); run again") from error
        _check_version(document)
        try:
            del document["version"]
            return decode(cls, document)
        except (TypeError, RecursionError) as error:
            raise ConfigError(f"the report cannot be read: {error}; run again") from error


def _check_version(document: object) -> None:
    version = document.get("version") if isinstance(document, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ConfigError("this is no report of pytest-slm-autopsy: it states no version")
    if version > REPORT_VERSION:
        raise ConfigError(
            f"the report has version {version} and this pytest-slm-autopsy reads up to "
            f"{REPORT_VERSION}; upgrade pytest-slm-autopsy"
        )


def _finite(value: Any) -> Any:
    """Replace every number that is not finite by ``None``, which JSON has."""
    if isinstance(value, dict):
        return {str(name): _finite(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
