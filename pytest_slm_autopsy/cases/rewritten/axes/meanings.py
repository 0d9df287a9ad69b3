"""Sure meanings of labels in a user's own document, and labels that say exactly the same.

Drawn documents use every label that a field may have. In a user's document one label may stand in
another's place only where every reader takes the two for the same: the groups of the label table.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache, lru_cache
from typing import Final, NamedTuple

from pytest_slm_autopsy.cases.rewritten.page import Page
from pytest_slm_autopsy.cases.schemas.labels import table
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.notation.figures.currencies import is_currency
from pytest_slm_autopsy.notation.kinds import kind_of
from pytest_slm_autopsy.notation.lines import Labelled
from pytest_slm_autopsy.notation.text import Span

_PLAIN_KINDS: Final = frozenset(
    ("money", "date", "company", "address", "person", "currency", "percentage", "text", "items")
)
"""Kinds of the table; every other kind is one of codes."""
# A day, an account or a balance may be that of the line above; an invoice has one number.
_INDEPENDENT: Final = frozenset(
    "invoice number,receipt number,date,sales date,due date,vendor,customer,currency,subtotal,tax"
    ",tax rate,total,rounding,purchase order,payment terms,order number,customer number"
    ",delivery date,order date,delivery and service date,lines".split(",")
)
_FAR: Final = 120
"""Characters between the start of a label and its value, at most."""
_TELLING: Final = 5000
"""Characters of a page that tell its language."""
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
# The last cell of a text: after a wide gap, a value with a digit, or nothing.
_CELL_END: Final = re.compile(
    r"(?:^\s*+|\s{2}|\t|(?<!\S)(?=\S*?\d)\S++\s)"
    r"(?P<label>[^\W\d_][^\s\d:=|]*(?:[ ][^\s\d:=|]+){0,6})$"
)
# Words that documents of one language have, and those of the others have not.
_COMMON: Final = {
    "en": "the and for with your thank please this are you not our quantity price",
    "de": "der die das und für mit ihre bitte nicht wir den dem menge",
    "fr": "les des une est vous votre pour avec nous merci prix quantité désignation sur aux",
    "nl": "het een uw wij voor met bedankt prijs omschrijving niet van",
    "pl": "nie dla oraz się jest cena ilość nazwa wartość dziękujemy zapłaty brutto kwota",
    "es": "los las una por para con gracias precio cantidad descripción importe del su nosotros",
    "it": "gli della per con grazie prezzo quantità descrizione importo del che non",
    "pt": "uma não obrigado preço quantidade descrição valor por com dos",
    "sv": "och för att inte tack pris antal belopp beskrivning",
    "da": "og for til ikke tak pris antal beløb beskrivelse",
    "cs": "pro není děkujeme cena množství popis celkem částka",
}


class Meaning(NamedTuple):
    """Labels that say the same in one language, of a schema's field or of one kind of values."""

    name: str
    language: str
    labels: tuple[str, ...]
    kind: str = ""
    field: str = ""
    concept: str = ""

    @property
    def independent(self) -> bool:
        """Tell whether a line of this meaning is about the document, whatever is above it."""
        return bool(self.field) or self.concept in _INDEPENDENT


@lru_cache(maxsize=16)
def meanings(page: Page) -> Mapping[Labelled, Meaning]:
    """Map lines of a page to their sure meanings; lines that may mean several things are left out.

    A label of the schema has the field's meaning before the field's value. A label of the table
    has its meaning before a value of its kind, in the language of the page. Where the language
    cannot be told, no label of the table is sure.
    """
    return dict(_meant(page, page.labelled))


def asked(page: Page) -> Mapping[Labelled, Meaning]:
    """Map the labels of asked values to their sure meanings, wherever the labels stand.

    A label stands before its value with a mark, a currency, or only a space between, or on a line
    of its own above it.
    """
    direct = dict(_meant(page, (one for one in page.labelled if not page.free(*one.value))))
    known = {line.value[0] for line in direct}
    found = (_labelled(page, span) for span in page.spans.values())
    return direct | dict(_meant(page, (one for one in found if one and one.value[0] not in known)))


def _meant(page: Page, lines: Iterable[Labelled]) -> Iterator[tuple[Labelled, Meaning]]:
    language = spoken_in(page)
    for line in lines:
        may = list(_may_mean(page, line))
        own = [one for one in may if one.field]
        general = [one for one in may if not one.field and one.language == language]
        known = general[0] if len(general) == 1 else None
        if own:
            first = min(own, key=lambda one: one.language != language)
            labels = (*first.labels, *(known.labels if known else ()))
            yield line, first._replace(labels=tuple(dict.fromkeys(labels)))
        elif known:
            yield line, known


def _labelled(page: Page, value: Span) -> Labelled | None:
    """Return the label that stands before a value on its line, or alone on the line above."""
    start = page.text.rfind("\n", 0, value[0]) + 1
    before = page.text[max(start, value[0] - _FAR) : value[0]]
    if before.strip():
        label = _known_label(before)
        at = value[0] - len(before)
    else:
        end = start - 1
        start = page.text.rfind("\n", 0, max(end, 0)) + 1
        line = page.text[start : max(end, start)]
        label, at = (_known_label(line) if len(line) < _FAR else None), start
        if label and line[: label[0]].strip():
            return None
    if not label:
        return None
    place = (at + label[0], at + label[1])
    return Labelled(start, place, (place[1], value[0]), value) if page.free(*place) else None


def _known_label(text: str) -> Span | None:
    """Return the place of the label that ends a text, from the start of its cell to its mark."""
    bare = _unmarked(text)
    words, _, last = bare.rpartition(" ")
    if words.strip() and is_currency(last.strip("()")):
        bare = _unmarked(words)
    match = _CELL_END.search(bare)
    if not match or match["label"].casefold().rstrip(".") not in _every_label():
        return None
    return match.span("label")


def _unmarked(text: str) -> str:
    """Return a text without the marks and spaces at its end."""
    bare = text.rstrip(" \t\u00a0:=|#+-")
    return bare.rstrip(". ") if bare.endswith("..") else bare


def sure_meanings(label: str, kind: str) -> list[Meaning]:
    """Return what a label means when a value of ``kind`` follows: one meaning for each language.

    Example:
        >>> [one.name for one in sure_meanings("Grand Total", "money")]
        ['grand total']
    """
    kind = kind if kind in _PLAIN_KINDS else "code"
    return [one for one in _general().get(label.casefold().rstrip("."), ()) if one.kind == kind]


def _may_mean(page: Page, line: Labelled) -> Iterator[Meaning]:
    low, value = page.said(line), line.value
    for one in _of_schema(page.schema).get(low.rstrip("."), ()) if page.schema else ():
        start, _ = page.spans.get(one.field, (-1, -1))
        if value[0] <= start < value[1]:
            yield one
    yield from sure_meanings(low, kind_of(page.text[slice(*value)]))


@lru_cache(maxsize=16)
def spoken_in(page: Page) -> str:
    """Return the language of a page, or an empty text where it cannot be told.

    Most labels of one language decide, at least two; else most words that only labels of one
    language have, at least two and twice as many as of any other language.
    """
    known = _languages()
    votes = Counter(known.get(page.said(line), "") for line in page.labelled)
    del votes[""]
    first, second = [*votes.most_common(2), ("", 0), ("", 0)][:2]
    if first[1] > max(1, second[1]):
        return first[0]
    of_words = _words()
    seen = set(_WORD.findall(page.text[:_TELLING].casefold()))
    counts = Counter(of_words[word] for word in seen if word in of_words)
    most, next_ = [*counts.most_common(2), ("", 0), ("", 0)][:2]
    agrees = not first[1] or first[0] == most[0]
    return most[0] if most[1] >= max(2, 2 * next_[1]) and agrees else ""


@cache
def _general() -> Mapping[str, tuple[Meaning, ...]]:
    groups: dict[tuple[str, str], Meaning] = {}
    for one in table():
        if one.group:
            name = one.group.partition(":")[0]
            empty = Meaning(name, one.language, (), one.kind, concept=one.concept)
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
            low = label.casefold().rstrip(".")
            if one not in found.get(low, ()):
                found[low] = (*found.get(low, ()), one)
    return found


@cache
def _languages() -> Mapping[str, str]:
    """Map labels, in lower case, to the only language that each is of."""
    found: dict[str, set[str]] = {}
    for one in table():
        if one.use != "title":
            found.setdefault(one.text.casefold(), set()).add(one.language)
    return {low: next(iter(codes)) for low, codes in found.items() if len(codes) == 1}


@cache
def _words() -> Mapping[str, str]:
    """Map words of labels, in lower case, to the only language whose labels have them."""
    found: dict[str, set[str]] = {}
    for one in table():
        for word in _WORD.findall(one.text.casefold()):
            found.setdefault(word, set()).add(one.language)
    for language, words in _COMMON.items():
        for word in words.split():
            found.setdefault(word, set()).add(language)
    return {word: next(iter(codes)) for word, codes in found.items() if len(codes) == 1}


@cache
def _every_label() -> Set[str]:
    return _general().keys()
