"""Sure meanings of labels in a user's own document, and labels that say exactly the same.

Drawn documents use every label that a field may have. In a user's document one label may stand in
another's place only where every reader takes the two for the same: the groups of the label table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from pytest_slm_autopsy.cases.rewritten.page import Page
from pytest_slm_autopsy.cases.schemas.labels import table
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.notation.kinds import kind_of
from pytest_slm_autopsy.notation.lines import Labelled


class Meaning(NamedTuple):
    """Labels that say the same in one language, of a schema's field or of one kind of values."""

    name: str
    language: str
    labels: tuple[str, ...]
    kind: str = ""
    field: str = ""


@lru_cache(maxsize=16)
def meanings(page: Page) -> Mapping[Labelled, Meaning]:
    """Map lines of a page to their sure meanings; lines that may mean several things are left out.

    A label of the schema has the field's meaning before the field's value. A label of the table
    has its meaning before a value of its kind, in the language of the page. Where the language
    cannot be told, no label of the table is sure.
    """
    language = spoken(page)
    found = {}
    for line in page.labelled:
        may = list(_may_mean(page, line))
        own = [one for one in may if one.field]
        general = [one for one in may if not one.field and one.language == language]
        known = general[0] if len(general) == 1 else None
        if own:
            first = min(own, key=lambda one: one.language != language)
            labels = (*first.labels, *(known.labels if known else ()))
            found[line] = first._replace(labels=tuple(dict.fromkeys(labels)))
        elif known:
            found[line] = known
    return found


def sure_meanings(label: str, kind: str) -> list[Meaning]:
    """Return what a label means when a value of ``kind`` follows: one meaning for each language.

    Example:
        >>> [one.name for one in sure_meanings("Grand Total", "money")]
        ['grand total']
    """
    return [one for one in _general().get(label.casefold(), ()) if one.kind == kind]


def _may_mean(page: Page, line: Labelled) -> Iterator[Meaning]:
    low, value = page.said(line), line.value
    for one in _of_schema(page.schema).get(low, ()) if page.schema else ():
        start, _ = page.spans.get(one.field, (-1, -1))
        if value[0] <= start < value[1]:
            yield one
    if low in _general():
        yield from sure_meanings(low, kind_of(page.text[slice(*value)]))


def spoken(page: Page) -> str:
    """Return the language of most labels that have one; empty for fewer than two labels."""
    known = _languages()
    votes = Counter(known.get(page.said(line), "") for line in page.labelled)
    del votes[""]
    first, second = [*votes.most_common(2), ("", 0), ("", 0)][:2]
    return first[0] if first[1] > max(1, second[1]) else ""


@cache
def _general() -> Mapping[str, tuple[Meaning, ...]]:
    groups: dict[tuple[str, str], Meaning] = {}
    for one in table():
        if one.group:
            empty = Meaning(one.group.partition(":")[0], one.language, (), one.kind)
            known = groups.get((one.group, one.language), empty)
            groups[one.group, one.language] = known._replace(labels=(*known.labels, one.text))
    return _by_label(groups.values())


@cache
def _of_schema(schema: DocumentSchema) -> Mapping[str, tuple[Meaning, ...]]:
    return _by_label(
        Meaning(f"field {field.name}", language, field.labels(language), field=field.name)
        for field in schema.fields
        for language in dict.fromkeys(("en", *field.synonyms))
    )


def _by_label(known: Iterable[Meaning]) -> dict[str, tuple[Meaning, ...]]:
    found: dict[str, tuple[Meaning, ...]] = {}
    for one in known:
        for label in one.labels:
            found[label.casefold()] = (*found.get(label.casefold(), ()), one)
    return found


@cache
def _languages() -> Mapping[str, str]:
    """Map labels, in lower case, to the only language that each is of."""
    found: dict[str, set[str]] = {}
    for one in table():
        if one.use != "title":
            found.setdefault(one.text.casefold(), set()).add(one.language)
    return {low: next(iter(codes)) for low, codes in found.items() if len(codes) == 1}
