"""Axes of wording: what labels say, in which language and case, and how they are misread."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick, weighted
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet, some
from pytest_slm_autopsy.cases.drawn.layout import Layout
from pytest_slm_autopsy.cases.schemas.misreads import look_alike, misread
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema

CASES: Final = (("upper", 6), ("lower", 2), ("spaceless", 1))
# A value of these kinds tells what it is, when it is the only one without a label.
TELLING: Final = ("date", "company", "code", "currency", "address", "percentage")
LEAST_LETTERS: Final = 5


def language(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print labels in another language."""
    seen = sheet.habits.of("language")
    code = weighted(choices, seen) if seen else pick(choices, sheet.schema.languages)
    chosen = some(choices, layout.order, severity)
    labels: dict[str, str] = {}
    for name in chosen:
        label = _in_language(sheet, name, code)
        if label and label not in labels.values():
            labels[name] = label
    return _labelled(layout.but(language=code), labels)


def synonyms(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print other labels of the same meaning, in the language they have."""
    offers = _offers(layout, sheet)
    fit = [name for name, others in offers.items() if others]
    if not fit:
        return layout
    chosen = some(choices, fit, severity)
    labels: dict[str, str] = {}
    for name in chosen:
        label = weighted(choices.apart(name), offers[name])
        if label not in labels.values():
            labels[name] = label
    return _labelled(layout, labels)


def case(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print labels in upper case, in lower case, or without their spaces."""
    kind = weighted(choices, sheet.habits.of("case") or CASES)
    labels = {name: _label(layout, sheet, name) for name in layout.order}
    if kind == "spaceless" and all(" " not in label for label in labels.values()):
        kind = "upper"
    others = {name: recased(label, kind) for name, label in labels.items()}
    fit = [name for name in layout.order if others[name] != labels[name]]
    return _labelled(layout, {name: others[name] for name in some(choices, fit, severity)})


def misspelt(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print labels with one letter misread or lost, as optical recognition does."""
    labels = {name: _label(layout, sheet, name) for name in layout.order}
    fit = [name for name, label in labels.items() if letters(label) >= LEAST_LETTERS]
    chosen = some(choices, fit, severity)
    return _labelled(layout, {name: misread(labels[name], choices.apart(name)) for name in chosen})


def homoglyphs(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print labels in letters of another alphabet that look the same."""
    labels = {name: _label(layout, sheet, name) for name in layout.order}
    others = {name: look_alike(label) for name, label in labels.items()}
    fit = [name for name in layout.order if others[name] != labels[name]]
    return _labelled(layout, {name: others[name] for name in some(choices, fit, severity)})


def unlabelled(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print values without their labels, where they tell what they are."""
    fit = nameless(sheet.schema)
    fit = [name for name in fit if name in sheet.habits.listed("unlabelled")] or fit
    return _labelled(layout, dict.fromkeys(some(choices, fit, severity), ""))


def nameless(schema: DocumentSchema) -> list[str]:
    """Required fields of a telling kind, one of each kind: the rest keeps its labels."""
    first: dict[str, str] = {}
    for field in schema.fields:
        if field.kind in TELLING and not field.optional:
            first.setdefault(field.kind, field.name)
    return list(first.values())


def no_letters(schema: DocumentSchema) -> str:
    """Why no label can be misspelt, or nothing."""
    long = any(letters(field.label) >= LEAST_LETTERS for field in schema.fields)
    return "" if long else f"no label has {LEAST_LETTERS} letters"


def recased(label: str, kind: str) -> str:
    """A label in ``upper`` or ``lower`` case, or ``spaceless``."""
    if kind == "spaceless":
        return label.replace(" ", "")
    return label.upper() if kind == "upper" else label.lower()


@lru_cache(maxsize=1024)
def letters(label: str) -> int:
    """How many letters a label has."""
    return sum(letter.isalpha() for letter in label)


def _offers(layout: Layout, sheet: Sheet) -> dict[str, list[tuple[str, int]]]:
    """Return for each field the labels that no field has now, and how often each was seen.

    Without habits all count alike.
    """
    taken = {_label(layout, sheet, name) for name in layout.order}
    offers: dict[str, list[tuple[str, int]]] = {}
    for name in layout.order:
        language = layout.language if name in layout.labels else "en"
        if sheet.habits.forms:
            seen = sheet.habits.labels(name, language)
        else:
            seen = tuple((label, 1) for label in sheet.schema.by_name[name].labels(language))
        offers[name] = [(label, times) for label, times in seen if label not in taken]
    return offers


def _in_language(sheet: Sheet, name: str, code: str) -> str:
    """The label of a language that was seen most, or its plainest; empty where none is known."""
    seen = [label for label, _ in sheet.habits.labels(name, code)]
    return next(iter((*seen, *sheet.schema.by_name[name].labels(code))), "")


def _label(layout: Layout, sheet: Sheet, name: str) -> str:
    return layout.labels.get(name, sheet.schema.labels[name])


def _labelled(layout: Layout, labels: dict[str, str]) -> Layout:
    return layout.but(labels={**layout.labels, **labels})
