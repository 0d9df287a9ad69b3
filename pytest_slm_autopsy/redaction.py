"""Redaction: any record without texts and values, for whatever leaves a run (``--slm-redact``).

It fails closed: a text stays only if the tables below name its field. A new field of a record is
marked until somebody adds it here.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from numbers import Number
from pathlib import Path
from typing import Any, Final, TypeVar

from pytest_slm_autopsy.records import Prediction, legible

T = TypeVar("T")

KEPT: Final = {
    "AttentionShares": ("condition",),
    "Attribution": ("method",),
    "AxisShare": ("axis",),
    "BaselineRow": ("condition",),
    "Case": ("shift", "spans", "condition"),
    "Comparison": ("model", "baseline", "made"),
    "ConditionRow": ("model", "condition"),
    "Confusion": ("model", "asked", "given"),
    "Diagnosis": ("model",),
    "Difference": ("condition", "first", "second"),
    "Dose": ("axis",),
    "DoseCurve": ("axis",),
    "Heads": ("fields",),
    "Joint": ("axes",),
    "JudgedGate": ("test", "outcome"),
    "Measurement": ("model", "condition"),
    "Patched": ("groups",),
    "Prediction": ("model", "stage"),
    "Reliability": ("model", "condition"),
    "ReportData": ("title", "created"),
    "RiskCoverage": ("model", "condition"),
    "Steering": ("condition",),
    "Sureness": ("model", "condition"),
    "Verdict": ("side", "outcome"),
    "Why": ("model",),
    "WrongAnswer": ("model", "condition", "spans", "kinds", "kind"),
    "WrongKinds": ("model", "condition", "counts", "fields"),
}
"""Fields that stay as they are: names of models, conditions, fields, axes, categories and tests."""

TOLD: Final = {
    "Diagnosis": ("headline",),
    "Finding": ("cause", "evidence", "against", "cure"),
    "Grid": ("title", "rows", "columns"),
    "InnerEvidence": ("told", "against", "skipped"),
    "Measurement": ("name",),
    "Ruling": ("cause", "reason"),
    "Verdict": ("advice",),
    "Why": ("headline", "words", "remedy"),
}
"""Sentences of this package with numbers that it measured."""

SAID: Final = {
    "Case": ("tags", "layout"),
    "CommonCause": ("words",),
    "Comparison": ("problem",),
    "NamedMeasurement": ("name",),
    "Prediction": ("finish", "how"),
    "WrongAnswer": ("layout", "minimal"),
}
"""Sentences of this package whose numbers may be a document's."""

STATED: Final = {"Case": ("truth",), "Prediction": ("fields",), "WrongAnswer": ("truth", "answer")}
"""Values by field: names of known fields stay, each value is marked as a whole."""

NAMED: Final = {"AxisShare": ("fields",), "CausalShares": ("turns",), "Steering": ("by_field",)}
"""Texts of which those stay that are known names."""

DROPPED: Final = {"WrongAnswer": ("tokens",), "ReportData": ("sections",)}
"""What would tell a text by the length of its tokens, or was written by others."""

FACTS: Final = frozenset(
    ("seed", "cases", "records", "schema", "profile", "machine", "python", "time", "cases asked",
     "pytest", "torch", "transformers", "peft", "bitsandbytes", "pytest-slm-autopsy")
)  # fmt: skip
"""Facts of a run that stay; those of each model do, too."""

WITHHELD: Final = "[withheld]"
FATES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "kept": KEPT,
    "told": TOLD,
    "said": SAID,
    "stated": STATED,
    "named": NAMED,
    "dropped": DROPPED,
}
_MARK: Final = re.compile(r"#[0-9a-f]{12} \([\d,]+ characters?\)")
_QUOTE: Final = re.compile(r"""(?<!\w)["'`“„«]""")
_LAST_QUOTE: Final = re.compile(r""".*["'`”“»]""", re.DOTALL)
_WORD: Final = re.compile(r"(?<!\w)\d*+[^\W\d]\w*+")
# A count, a share or a p-value as this package prints them: 24, +3, 91%, 0.12, 1e-05.
_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,4}|\d\.\d+)(?:e-?\d+)?%?")


@dataclass(frozen=True, slots=True)
class Redaction:
    """Redacts records with a key: equal values have equal marks under one key, and no other.

    ``names`` are the known names of fields, models, conditions and axes.

    Example:
        >>> from pytest_slm_autopsy import Case
        >>> case = Case("7", "Total: 12.00", {"total": "12.00"})
        >>> Redaction(b"key", frozenset({"total"})).of(case).truth
        {'total': '#71935e5bbd31 (5 characters)'}
    """

    key: bytes
    names: frozenset[str] = frozenset()

    def of(self, record: T) -> T:
        """Return a record, or a list of them, without texts and values."""
        found: T = self._part(record, "")
        return found

    def mark(self, value: Any) -> str:
        """Return the mark of a value; an empty text stays empty, and a mark stays a mark."""
        text = legible(value) if isinstance(value, str) else _plain(value)
        if not text or _MARK.fullmatch(text):
            return str(text)
        digest = hmac.digest(self.key, text.encode("utf-8", "surrogatepass"), "sha256").hex()
        return f"#{digest[:12]} ({len(text):,} character{'s' * (len(text) != 1)})"

    def sentence(self, text: str, *, numbers: bool = False) -> str:
        """Return a sentence of this package without what it quotes.

        A word stays that is a known name, or that the source of this package has.

        Args:
            text: the sentence.
            numbers: keep short numbers; they are measured, and not a document's.
        """
        if text in self.names:
            return text
        kept = [
            part if part.isspace() or self._is_own(part, numbers) else WITHHELD
            for part in re.split(r"(\s+)", self._unquoted(text))
        ]
        return re.sub(rf"{re.escape(WITHHELD)}(\s+{re.escape(WITHHELD)})+", WITHHELD, "".join(kept))

    def _unquoted(self, text: str) -> str:
        """Return a text without what stands from a quote to the last one; names may be quoted."""
        start = 0
        while found := _QUOTE.search(text, start):
            at = found.end()
            name = next((n for n in self.names if text.startswith(f"{n}{found.group()}", at)), None)
            if name is None:
                last = _LAST_QUOTE.match(text, at)
                return f"{text[: at - 1]}{WITHHELD}{text[last.end() :] if last else ''}"
            start = at + len(name) + 1
        return text

    def _is_own(self, part: str, numbers: bool) -> bool:
        """Tell whether a part of a sentence between two spaces is this package's."""
        if WITHHELD in part:
            return not re.search(r"\w", part.replace(WITHHELD, ""))
        if part.strip(".,;:()[]'\"") in self.names:
            return True
        words = _WORD.findall(part)
        rest = _WORD.sub("", part).strip(".,;:!?()[]{}<>=+-/*'\"→&~|_%")
        own = all(word in self.names or word in own_words() for word in words)
        if not words and rest:
            bare = part.strip(".,;:()[]n=")
            return numbers and all(_NUMBER.fullmatch(one) for one in bare.split("/"))
        return own and not any(letter.isdigit() for letter in rest)

    def _part(self, value: Any, fate: str) -> Any:
        if fate == "dropped":
            return type(value)()
        if value is None or isinstance(value, Number):
            return value
        if is_dataclass(value) and not isinstance(value, type):
            return self._record(value)
        if fate == "kept":
            return value
        if isinstance(value, str):
            return self._text(value, fate)
        if isinstance(value, Mapping):
            if fate == "stated":
                return {self._text(name, "named"): self._value(one) for name, one in value.items()}
            return {self._text(name, fate): self._part(one, fate) for name, one in value.items()}
        if isinstance(value, Sequence):
            return (list if isinstance(value, list) else tuple)(
                self._part(one, fate) for one in value
            )
        return self.mark(repr(value))

    def _record(self, record: Any) -> Any:
        fates = fates_of(type(record).__name__)
        data = [one.name for one in fields(record) if one.metadata.get("data", True)]
        parts = {name: self._part(getattr(record, name), fates.get(name, "")) for name in data}
        if isinstance(facts := parts.get("facts"), dict):
            parts["facts"] = dict(map(self._fact, record.facts.items(), facts.values()))
        return replace(record, **parts)

    def _fact(self, fact: tuple[str, str], marked: str) -> tuple[str, str]:
        name, value = fact
        return name, value if name in FACTS or name.startswith("model ") else marked

    def _value(self, value: Any) -> str | None:
        return None if value is None else self.mark(value)

    def _text(self, text: str, fate: str) -> str:
        if fate in ("told", "said"):
            return self.sentence(text, numbers=fate == "told")
        return text if fate == "named" and text in self.names else self.mark(text)


def names_of(predictions: Iterable[Prediction]) -> frozenset[str]:
    """Return the names that predictions use: of models, conditions, axes and asked fields."""
    return frozenset(
        name
        for one in predictions
        for name in (one.model, one.case.condition, *one.case.shift, *one.case.truth)
        if name
    )


@cache
def fates_of(kind: str) -> Mapping[str, str]:
    """Return what becomes of each field of a kind of record; one that is not in it is marked."""
    return {name: fate for fate, table in FATES.items() for name in table.get(kind, ())}


@cache
def own_words() -> frozenset[str]:
    """Return every word that the source of this package has: public, and so nobody's secret."""
    sources = Path(__file__).parent.rglob("*.py")
    return frozenset(
        word for path in sources for word in _WORD.findall(path.read_text(encoding="utf-8"))
    )


def _plain(value: Any) -> str:
    return json.dumps(legible(value), sort_keys=True, ensure_ascii=False, default=repr)
