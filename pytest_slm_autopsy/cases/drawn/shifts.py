"""The table of shift axes: named, graded changes of a layout that keep the meaning.

A shift maps axis names to severities above 0 and up to 1. At severity ``s`` an axis touches about
the share ``s`` of the things in its reach, and at least one: so it always changes the document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, happens, pick, weighted
from pytest_slm_autopsy.cases.drawn.axes import labels, marks, places, scans, surroundings, values
from pytest_slm_autopsy.cases.drawn.axes.axis import Axis, Sheet
from pytest_slm_autopsy.cases.drawn.habits import NO_HABITS, Habits
from pytest_slm_autopsy.cases.drawn.layout import Layout, canonical
from pytest_slm_autopsy.cases.drawn.pages import Page
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError, few_digits, nearest

Shift = Mapping[str, float]
Reason = Callable[[DocumentSchema], str]


def _needs(fit: Callable[[DocumentSchema], object], reason: str) -> Reason:
    return lambda schema: "" if fit(schema) else reason


def _no_optional(schema: DocumentSchema) -> str:
    if not schema.optional:
        return "it has no optional field; mark one with optional=True"
    lasting = len(schema.names) > len(schema.optional)
    return "" if lasting else "all its fields are optional; keep one required"


_TWO = _needs(lambda s: len(s.names) - len(s.optional) > 1, "it needs two required fields")
_FOUR = _needs(lambda s: len(s.names) - len(s.optional) > 3, "it needs four required fields")
_LAST = _needs(places.trailing, "its last field is not optional")
_LANGUAGES = _needs(
    lambda s: s.languages, "no language has labels for all its fields; give them synonyms"
)
_SYNONYMS = _needs(
    lambda s: any(len(field.labels("en")) > 1 for field in s.fields),
    "no field has a second English label; give them synonyms",
)
_NAMELESS = _needs(labels.nameless, "no required field has a kind that tells what it is")
_DATES = _needs(
    lambda s: any(not f.optional for f in s.fields if f.kind == "date"), "no required date"
)
_MONEY = _needs(
    lambda s: any(not f.optional for f in s.fields if f.kind in ("money", "items")),
    "no required field of kind money",
)
_DIGITS = _needs(lambda s: s.of_kind("code", "date", "money", "percentage"), "no field has digits")

# The rate is the share of real documents that show the shift, counted on till receipts, invoices
# and the templates of 200 vendors.
_AXES: Final = (
    Axis("missing", "optional fields are not in the document", places.missing, 0.6, _no_optional),
    Axis("truncated", "the document breaks off in a label", places.truncated, 0.02, _LAST),
    Axis("order", "fields stand in another order", places.order, 0.4, _TWO),
    Axis("duplicated", "fields are printed twice", places.duplicated, 0.1),
    Axis("dates", "days in other forms, month names", values.dates, 0.7, _DATES),
    Axis("times", "a time of day beside the date", values.times, 0.3, _DATES),
    Axis("money", "other marks, currencies, minus signs", values.money, 0.5, _MONEY),
    Axis("digits", "full-width digits", values.digits, 0.005, _DIGITS),
    Axis("language", "labels in another language", labels.language, 0.25, _LANGUAGES),
    Axis("synonyms", "other labels of the same meaning", labels.synonyms, 0.7, _SYNONYMS),
    Axis("case", "labels in upper or lower case, or without spaces", labels.case, 0.4),
    Axis("misspelt", "labels misread by a letter", labels.misspelt, 0.05, labels.no_letters),
    Axis("homoglyphs", "labels in look-alike letters", labels.homoglyphs, 0.005,
         labels.no_letters),
    Axis("unlabelled", "values without labels that tell what they are", labels.unlabelled, 0.3,
         _NAMELESS),
    Axis("delimiters", "other marks between label and value, mixed", marks.delimiters, 0.7),
    Axis("below", "values on the line below their labels", places.below, 0.15, takes=1),
    Axis("header", "a row of labels above a row of values", places.header, 0.08, _TWO, takes=2),
    Axis("pairs", "several fields on one row", places.pairs, 0.4, _TWO, takes=2),
    Axis("columns", "two stacks of fields side by side", places.columns, 0.2, _FOUR, takes=4),
    Axis("ocr", "labels broken by a scan, columns read one by one", scans.ocr, 0.15, _TWO, takes=2),
    Axis("distractors", "labelled values that nobody asked for", surroundings.distractors, 0.5,
         surroundings.no_distractor),
    Axis("boilerplate", "letterhead above, notes below", surroundings.boilerplate, 0.6),
    Axis("rules", "lines of dashes, dots or stars", marks.rules, 0.1),
    Axis("pages", "page breaks: numbers, headings again, totals carried over", scans.pages, 0.05,
         _TWO),
    Axis("whitespace", "indents, runs, other spaces, blank lines", marks.whitespace, 0.4),
    Axis("encoding", "Windows line ends, byte order mark, loose accents", values.encoding, 0.02),
)  # fmt: skip
AXES: Final[Mapping[str, Axis]] = {axis.name: axis for axis in _AXES}
"""Name to axis, in the order of application: leave out fields, then move them, then mark them."""


@dataclass(frozen=True)
class Mixture:
    """A recipe that draws a new shift for every case.

    ``rates`` maps an axis to its chance. Each of ``severities`` has the same chance, unless
    ``habits`` hold severities that were seen. A drawn shift has at least ``least`` axes: 0 or 1.
    With ``pages``, suites draw each document like one of them, as a whole.
    """

    rates: Mapping[str, float] = field(
        default_factory=lambda: {axis.name: axis.rate for axis in _AXES}
    )
    severities: tuple[float, ...] = (0.25, 0.5, 1.0)
    habits: Habits = NO_HABITS
    least: int = 1
    pages: tuple[Page, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for name, rate in self.rates.items():
            check_shift({name: 1.0})
            if not 0 <= rate <= 1:
                raise CaseError(
                    f"the rate of axis {name!r} is {few_digits(rate)}; it must be from 0 to 1"
                )
        if not self.severities:
            raise CaseError("a mixture needs at least one severity")
        for severity in self.severities:
            check_shift({next(iter(AXES)): severity})

    def draw(self, schema: DocumentSchema, choices: Choices) -> dict[str, float]:
        """Draw one shift that fits ``schema``."""
        fit = [name for name in applicable(schema) if name in self.rates]
        if self.least and not fit:
            raise CaseError(f"no axis of the mixture can shift schema {schema.name!r}")
        chosen = [name for name in fit if happens(choices, 1000 * self.rates[name])]
        if self.least and not chosen:
            chosen = [pick(choices, fit)]
        return {name: self._severity(name, choices) for name in sharing(schema, chosen)}

    def _severity(self, name: str, choices: Choices) -> float:
        seen = self.habits.severities.get(name)
        return weighted(choices, seen) if seen else pick(choices, self.severities)


def applicable(schema: DocumentSchema) -> list[str]:
    """Return the axes that can shift a document of ``schema``."""
    return [name for name, reason in _reasons(schema).items() if not reason]


@lru_cache(maxsize=128)
def _reasons(schema: DocumentSchema) -> Mapping[str, str]:
    """Map each axis to the reason why it does not fit ``schema``, or to an empty text.

    Cached, because every drawn case asks.
    """
    return {axis.name: axis.unfit(schema) for axis in _AXES}


def check_shift(shift: Shift) -> None:
    """Raise ``CaseError`` for an unknown axis or a severity outside 0 to 1."""
    for name, severity in shift.items():
        if name not in AXES:
            raise CaseError(f"unknown shift axis {name!r}; {nearest(name, AXES)}")
        if not 0 < severity <= 1:
            raise CaseError(
                f"severity of axis {name!r} is {few_digits(severity)}; "
                "it must be above 0 and at most 1"
            )


@dataclass(frozen=True)
class Plan:
    """The axes that a shift applies to documents of one schema, in the table's order.

    ``shift`` is the shift in that order. ``steps`` pairs each axis with the severity of its
    application. ``start`` is the canonical layout.
    """

    shift: Mapping[str, float]
    steps: tuple[tuple[Axis, float], ...]
    start: Layout

    def layout(self, sheet: Sheet, choices: Choices) -> Layout:
        """Return the canonical layout under every axis."""
        layout = self.start
        for axis, severity in self.steps:
            before, own = layout, choices.apart(axis.name)
            layout = axis.apply(layout, sheet, severity, own)
            if sheet.habits.forms and layout == before:  # no seen form fits this record
                layout = axis.apply(layout, replace(sheet, habits=NO_HABITS), severity, own)
        # Labels alone in another language are an axis; among others, a document has one language.
        mixed = len(self.steps) > 1 and layout.language != "en"
        return layout.but(translated=True) if mixed else layout


def planned(schema: DocumentSchema, shift: Shift) -> Plan:
    """Return the plan of a shift; cached, so documents under the same shift share one plan.

    Raises:
        CaseError: an axis that is unknown or does not fit the schema, or axes that exclude
            each other because the document has too few fields for both.
    """
    return _planned(schema, tuple(shift.items()))


@lru_cache(maxsize=256)
def _planned(schema: DocumentSchema, severities: tuple[tuple[str, float], ...]) -> Plan:
    shift = dict(severities)
    check_shift(shift)
    axes = [axis for axis in _AXES if axis.name in shift]
    check_fit(schema, axes)
    parts = max(1, sum(axis.takes > 0 for axis in axes))
    steps = ((axis, shift[axis.name] / (parts if axis.takes else 1)) for axis in axes)
    ordered = {axis.name: shift[axis.name] for axis in axes}
    return Plan(ordered, tuple(steps), _start(schema))


@lru_cache(maxsize=128)
def _start(schema: DocumentSchema) -> Layout:
    """Return the canonical layout of ``schema``: every plan begins with it."""
    return canonical(schema)


def shifted(sheet: Sheet, shift: Shift, choices: Choices) -> Layout:
    """Return the canonical layout under every axis of ``shift``.

    Raises:
        CaseError: for the same reasons as ``planned``.
    """
    return planned(sheet.schema, shift).layout(sheet, choices)


def check_fit(schema: DocumentSchema, axes: Iterable[Axis]) -> None:
    """Raise ``CaseError`` for axes that cannot shift this schema, alone or together."""
    taking: list[Axis] = []
    reasons = _reasons(schema)
    for axis in axes:
        if reason := reasons[axis.name]:
            raise CaseError(
                f"axis {axis.name!r} cannot shift schema {schema.name!r}: {reason}; "
                f"or leave {axis.name!r} out"
            )
        if axis.takes:
            taking.append(axis)
    if len(taking) > 1 and _taken(taking) > _lines(schema):
        names = ", ".join(axis.name for axis in taking)
        raise CaseError(
            f"axes {names} exclude each other: each needs lines of its own, and schema "
            f"{schema.name!r} has {_lines(schema)} required fields; leave one out"
        )


def sharing(schema: DocumentSchema, names: list[str]) -> list[str]:
    """Return ``names`` without the axes for which earlier axes leave too few lines."""
    kept: list[str] = []
    taking: list[Axis] = []
    for name in names:
        axis = AXES[name]
        if axis.takes:
            if taking and _taken([*taking, axis]) > _lines(schema):
                continue
            taking.append(axis)
        kept.append(name)
    return kept


def _taken(axes: list[Axis]) -> int:
    # One more each: an axis may leave a single field unused between two blocks.
    return sum(axis.takes + 1 for axis in axes)


def _lines(schema: DocumentSchema) -> int:
    return sum(not field.optional and field.kind != "items" for field in schema.fields)
