"""Rewrites of labels: what they say, in which case, and how they are misread."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick, share, weighted
from pytest_slm_autopsy.cases.kinds import kind_of
from pytest_slm_autopsy.cases.labels import misread
from pytest_slm_autopsy.cases.lexicon import Family, lexicon
from pytest_slm_autopsy.cases.lines import Labelled
from pytest_slm_autopsy.cases.locating import Span
from pytest_slm_autopsy.cases.page import Edit, Page, Refused, some
from pytest_slm_autopsy.cases.wording import CASES, LEAST_LETTERS, letters, recased

_WORD: Final = re.compile(rf"[^\W\d_]{{{LEAST_LETTERS},}}")
WORDS_MISREAD: Final = 0.1
"""Share of the words outside of labels that is misread at full severity."""


def synonyms(page: Page, severity: float, choices: Choices) -> Page:
    """Other labels of the same meaning, of lines that state a value that is asked for.

    A meaning that two lines have is left alone: their labels are what tells them apart.
    """
    offers = {label: others for label, others in _offers(page) if others}
    if not offers:
        raise Refused("no label of a value in it has a known synonym; give its field synonyms")
    return page.edited(_renamed(page, some(choices, list(offers), severity), offers, choices))


def case(page: Page, severity: float, choices: Choices) -> Page:
    """Labels in upper case, in lower case, or without their spaces."""
    kinds = dict.fromkeys([weighted(choices, CASES), "upper", "lower"])
    labels = _free(page, [line.label for line in page.labelled])
    for kind in kinds:
        edits = [(*label, recased(page.text[slice(*label)], kind)) for label in labels]
        fit = [
            (start, end, new)
            for start, end, new in edits
            if new != page.text[start:end] and page.silent(new)
        ]
        if fit:
            return page.edited(some(choices, fit, severity))
    raise Refused("it has no label that could stand in another case")


def misspelt(page: Page, severity: float, choices: Choices) -> Page:
    """Labels with one letter misread or lost; and where every value was found, some other words."""
    labels = [
        label
        for label in _free(page, [line.label for line in page.labelled])
        if letters(page.text[slice(*label)]) >= LEAST_LETTERS
    ]
    chosen = set(some(choices, labels, severity)) if labels else set[Span]()
    if page.complete:
        chosen.update(_words(page, labels, severity * WORDS_MISREAD, choices))
    edits = [(*one, misread(page.text[slice(*one)], choices)) for one in sorted(chosen)]
    edits = [edit for edit in edits if page.silent(edit[2])]
    if not edits:
        raise Refused(f"it has no label of {LEAST_LETTERS} letters that may be misread")
    return page.edited(edits)


def _words(page: Page, labels: Sequence[Span], part: float, choices: Choices) -> list[Span]:
    """About so large a part of the words outside of labels and values."""
    words = [match.span() for match in _WORD.finditer(page.text)]
    drawn = {pick(choices, words) for _ in range(share(part, len(words)) if words else 0)}
    starts = [start for start, _ in labels]
    outside = [
        (start, end)
        for start, end in drawn
        if not labels or start >= labels[bisect_right(starts, start) - 1][1] or start < starts[0]
    ]
    return _free(page, outside)


def _free(page: Page, spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if page.free(*span)]


def _renamed(
    page: Page, labels: Sequence[Span], offers: Mapping[Span, Sequence[str]], choices: Choices
) -> list[Edit]:
    """Edits that give each label another name, none of them twice; capitals stay capitals."""
    used: set[str] = set()
    edits = []
    for label in labels:
        left = [other for other in offers[label] if other.casefold() not in used]
        if not left:
            continue
        other = pick(choices, left)
        used.add(other.casefold())
        old = page.text[slice(*label)]
        new = other.upper() if old.isupper() else other.lower() if old.islower() else other
        edits.append((*label, new if page.silent(new) else other))
    return edits


def _offers(page: Page) -> Iterator[tuple[Span, list[str]]]:
    """Label to others of its meaning that the text does not have, in the language it has most."""
    known, low = lexicon(page.schema), page.text.casefold()
    lines = [(line, known.get(_said(page, line), ())) for line in page.labelled]
    times = Counter(meant for _, families in lines for meant in {one.meaning for one in families})
    spoken = Counter(family.language for _, families in lines for family in families)
    for line, families in lines:
        if page.free(*line.value) or not page.free(*line.label):
            continue
        sure = [one for one in families if times[one.meaning] == 1 and _states(page, line, one)]
        if sure:
            family = min(sure, key=lambda one: (not one.field, -spoken[one.language]))
            fresh = (other for other in family.labels if other.casefold() not in low)
            yield line.label, [other for other in fresh if page.silent(other)]


def _said(page: Page, line: Labelled) -> str:
    return page.text[slice(*line.label)].casefold()


def _states(page: Page, line: Labelled, family: Family) -> bool:
    """Whether the line surely states what the family means."""
    if _said(page, line) not in map(str.casefold, family.labels):
        return False
    if not family.field:
        return kind_of(page.text[slice(*line.value)]) in family.kinds
    start, _ = page.spans.get(family.field, (-1, -1))
    return line.value[0] <= start < line.value[1]
