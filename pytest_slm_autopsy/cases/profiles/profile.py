"""The formats of production, learnt from unlabelled documents, from which cases are drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pytest_slm_autopsy.cases.drawn.delimiters import CANONICAL
from pytest_slm_autopsy.cases.drawn.habits import Habits, Weights
from pytest_slm_autopsy.cases.drawn.pages import Page
from pytest_slm_autopsy.cases.drawn.shifts import AXES, Mixture
from pytest_slm_autopsy.cases.profiles.line_forms import masked
from pytest_slm_autopsy.cases.profiles.open_forms import restored
from pytest_slm_autopsy.cases.profiles.piles import Pile, Source
from pytest_slm_autopsy.cases.profiles.placement import AS_IN_SCHEMA, NO_TITLE
from pytest_slm_autopsy.cases.profiles.rates import Rate
from pytest_slm_autopsy.cases.profiles.report import report
from pytest_slm_autopsy.cases.profiles.sighted.recognition import needs
from pytest_slm_autopsy.cases.profiles.tally import Tally
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.notation.dates.day_forms import ISO, OTHER_FORM
from pytest_slm_autopsy.notation.figures.money_forms import SAMPLE
from pytest_slm_autopsy.whole_files import parsed, writable

PROFILE_VERSION: Final = 2
FEW: Final = (
    "Fewer than half are recognised: is this the schema of these documents? What follows is said "
    "of the recognised ones alone."
)
# What a canonical document shows too, or what nothing can be drawn from.
_UNDRAWN: Final[Mapping[str, frozenset[str]]] = {
    "delimiter": frozenset({CANONICAL}),
    "date": frozenset({ISO, OTHER_FORM}),
    "money": frozenset({SAMPLE}),
    "language": frozenset({"en"}),
    "case": frozenset({""}),
    "order": frozenset({AS_IN_SCHEMA}),
}


@dataclass(frozen=True)
class FormatProfile:
    """The layouts that a pile of documents uses: rates of the shift axes and of the forms.

    ``documents`` is the number of documents read. ``recognised`` of them show two fields of the
    schema, one a labelled code or amount (less for a small schema); rates are shares of these.
    ``axes`` maps each shift axis to its rate, ``forms`` a kind (``"date"``, ``"delimiter"``,
    ``"label total"``, ...) to the rates of its forms, ``severities`` an axis to severities and
    their numbers of documents. ``notes`` counts what was skipped. ``pages`` are the looks of up to
    a hundred documents as wholes, without a word of theirs. ``str`` gives the report.
    """

    schema: str
    documents: int
    recognised: int
    axes: Mapping[str, Rate] = field(repr=False)
    forms: Mapping[str, Mapping[str, Rate]] = field(repr=False)
    severities: Mapping[str, Mapping[float, int]] = field(repr=False)
    notes: Mapping[str, int] = field(default_factory=dict)
    pages: tuple[Page, ...] = field(default=(), repr=False)

    def __str__(self) -> str:
        head = (
            f"{self.documents} {'document' if self.documents == 1 else 'documents'}, read for the "
            f"schema {self.schema!r}; {self.recognised} recognised"
        )
        notes = [f"{what}: {number}" for what, number in self.notes.items()]
        few = [FEW] if 2 * self.recognised < self.documents else []
        return report([head, *notes, *few], self.axes, self.forms)

    @cached_property
    def habits(self) -> Habits:
        """Return the seen forms that the axes draw from."""
        forms = {kind: self._weights(kind) for kind in self.forms}
        levels = {axis: tuple(seen.items()) for axis, seen in self.severities.items()}
        return Habits({kind: weights for kind, weights in forms.items() if weights}, levels)

    @cached_property
    def mixture(self) -> Mixture:
        """Return the condition for suites: each axis as often as it was seen, in the forms seen."""
        rates = {axis: rate.value for axis, rate in self.axes.items() if axis in AXES}
        return Mixture(rates, habits=self.habits, least=0, pages=self.pages)

    def _weights(self, kind: str) -> Weights:
        seen = self.forms[kind]
        if kind == "missing":
            of = self.axes["missing"].count if "missing" in self.axes else 0
            return tuple(
                (name, min(1000, 1000 * rate.count // (of or 1))) for name, rate in seen.items()
            )
        drawn = [(form, rate) for form, rate in seen.items() if form not in _UNDRAWN.get(kind, ())]
        if kind == "date":
            drawn = _in_an_order(drawn)
        if kind == "title":
            return tuple(("" if form == NO_TITLE else form, rate.count) for form, rate in drawn)
        return tuple((form, rate.times) for form, rate in drawn if rate.times)

    def to_dict(self) -> dict[str, Any]:
        """Return a dict that survives JSON."""
        return {
            "profile_version": PROFILE_VERSION,
            "schema": self.schema,
            "documents": self.documents,
            "recognised": self.recognised,
            "notes": dict(self.notes),
            "axes": {name: rate.to_dict() for name, rate in self.axes.items()},
            "forms": {
                kind: {form: rate.to_dict() for form, rate in seen.items()}
                for kind, seen in self.forms.items()
            },
            "severities": {
                axis: {str(level): number for level, number in levels.items()}
                for axis, levels in self.severities.items()
            },
            "pages": [page.to_dict() for page in self.pages],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FormatProfile:
        """Return the profile that ``to_dict`` wrote.

        Raises:
            CaseError: another version, or no profile.
        """
        version = data.get("profile_version")
        if version != PROFILE_VERSION:
            raise CaseError(
                f"this is version {version!r:.60} of a profile, and this pytest-slm-autopsy reads "
                f"{PROFILE_VERSION}; learn it again from the documents"
            )
        try:
            _check_plain(data)
            return cls(
                data["schema"],
                data["documents"],
                data["recognised"],
                {name: Rate.from_dict(rate) for name, rate in data["axes"].items()},
                {
                    kind: {
                        form: restored(form, Rate.from_dict(rate)) for form, rate in seen.items()
                    }
                    for kind, seen in data["forms"].items()
                },
                {
                    axis: {float(level): int(number) for level, number in levels.items()}
                    for axis, levels in data["severities"].items()
                },
                data["notes"],
                tuple(Page.from_dict(page) for page in data["pages"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise CaseError(f"this is no profile ({error}); learn it again") from None

    def write(self, path: str | Path) -> None:
        """Write the profile as JSON."""
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1)
        Path(path).write_text(writable(text + "\n"), encoding="utf-8")


def _check_plain(data: Mapping[str, Any]) -> None:
    """Raise ``TypeError`` where a plain part of a profile is of the wrong kind."""
    if not isinstance(data["schema"], str):
        raise TypeError("its schema is no name")
    counts = {"documents": data["documents"], "recognised": data["recognised"], **data["notes"]}
    if wrong := next((name for name, one in counts.items() if type(one) is not int), None):
        raise TypeError(f"{wrong!r:.40} is no whole number")


def _in_an_order(drawn: list[tuple[str, Rate]]) -> list[tuple[str, Rate]]:
    """Return the forms that tell day from month; where none does, all orders of the open ones."""
    told = [(form, rate) for form, rate in drawn if not rate.open]
    return told or [(order, rate) for _, rate in drawn for order in rate.open]


def learn_profile(source: Source, *, schema: DocumentSchema = INVOICE) -> FormatProfile:
    """Learn the layouts that the documents of a pile use.

    Args:
        source: a folder of texts, one text file, JSON lines with a ``text`` each, or the texts or
            cases themselves. Files that are not text are skipped and counted.
        schema: the schema whose labels are looked for.

    Raises:
        CaseError: no such path, no document in it, or none that is recognised.

    Example:
        >>> profile = learn_profile(["Tax : 2,50 EUR  Total : 12,50 EUR"] * 9)
        >>> print(profile.axes["delimiters"].value, *profile.forms["money"])
        1.0 1234,50 XXX
    """
    pile = Pile(source)
    tally = Tally(schema)
    for name, text in pile:
        tally.add(name, text)
    if unrecognised := tally.documents - tally.recognised:
        pile.notes["not recognised, left out"] = unrecognised
    notes = dict(sorted(pile.notes.items()))
    if not tally.recognised:
        raise CaseError(_nothing_learnt(pile.where, notes, tally, schema))
    return FormatProfile(
        schema.name,
        tally.documents,
        tally.recognised,
        tally.axes(),
        tally.forms(),
        tally.severities(),
        notes,
        tally.pages(),
    )


def _nothing_learnt(
    where: str, notes: Mapping[str, int], tally: Tally, schema: DocumentSchema
) -> str:
    if not tally.documents:
        told = "; ".join(f"{what}: {number}" for what, number in notes.items())
        return (
            f"there is no document in {where}{f' ({told})' if told else ''}; give texts, or JSON "
            "lines that each have a text under 'text'"
        )
    return (
        f"none of the documents in {where} ({tally.documents}) {needs(schema)}; the first starts "
        f"with {masked(tally.first[:50])!r}. Give their schema, with their labels as synonyms "
        "(schema=; on the command line --schema path.py:NAME)"
    )


def load_profile(path: str | Path, *, schema: DocumentSchema = INVOICE) -> FormatProfile:
    """Return the profile in a JSON file, or learn it from the pile at ``path``.

    Raises:
        CaseError: no such path, a broken profile, or a pile that teaches nothing.
    """
    file = Path(path)
    if file.suffix.lower() != ".json" or not file.is_file():
        return learn_profile(file, schema=schema)
    try:
        data = parsed(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CaseError(f"{file} is no profile: {error}; write one with profile.write") from None
    if not isinstance(data, dict):
        raise CaseError(f"{file} is no profile: it is not a JSON object; write one anew")
    return FormatProfile.from_dict(data)
