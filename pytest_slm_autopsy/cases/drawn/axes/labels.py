"""Axes of wording: language, synonyms, letter case and misread letters of labels."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick, weighted
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet, some
from pytest_slm_autopsy.cases.drawn.layout import Layout
from pytest_slm_autopsy.cases.schemas.misreads import look_alike, misread
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema

CASES: Final = (("upper", 6), ("lower", 2), ("spaceless", 1))
# Kinds whose values are recognised without a label, when only one of a kind has none.
TELLING: Final = ("date", "company", "code", "currency", "address", "percentage")
LEAST_LETTERS: Final = 5


def language(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print labels in another language, the same for the whole document."""
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
    """Print other labels of the same meaning, each in the language that the label has now."""
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
    """Print values without their labels, if the values are recognised without one."""
    fit = nameless(sheet.schema)
    fit = [name for name in fit if name in sheet.habits.listed("unlabelled")] or fit
    return _labelled(layout, dict.fromkeys(some(choices, fit, severity), ""))


def nameless(schema: DocumentSchema) -> list[str]:
    """Return the fields that may lose their label: the first required of each ``TELLING`` kind."""
    first: dict[str, str] = {}
    for field in schema.fields:
        if field.kind in TELLING and not field.optional:
            first.setdefault(field.kind, field.name)
    return list(first.values())


def no_letters(schema: DocumentSchema) -> str:
    """Return the reason why the axis does not fit the schema, or an empty text."""
    long = any(letters(field.label) >= LEAST_LETTERS for field in schema.fields)
    return "" if long else f"no label has {LEAST_LETTERS} letters"


def recased(label: str, kind: str) -> str:
    """Return a label in ``upper`` case, in ``lower`` case, or ``spaceless``."""
    if kind == "spaceless":
        return label.replace(" ", "")
    return label.upper() if kind == "upper" else label.lower()


@lru_cache(maxsize=1024)
def letters(label: str) -> int:
    """Return the number of letters in a label."""
    return sum(letter.isalpha() for letter in label)


def _offers(layout: Layout, sheet: Sheet) -> dict[str, list[tuple[str, int]]]:
    """Return for each field the labels that are free now, and how often each was seen.

    Without habits every label counts the same.
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
    """Return the label most often seen in a language, else its plainest, else an empty text."""
    seen = [label for label, _ in sheet.habits.labels(name, code)]
    return next(iter((*seen, *sheet.schema.by_name[name].labels(code))), "")


def _label(layout: Layout, sheet: Sheet, name: str) -> str:
    return layout.labels.get(name, sheet.schema.labels[name])


def _labelled(layout: Layout, labels: dict[str, str]) -> Layout:
    return layout.but(labels={**layout.labels, **labels})
