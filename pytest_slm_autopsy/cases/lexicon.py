"""What a label in a text that nobody drew may mean, and what else says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from pytest_slm_autopsy.cases.further_labels import FURTHER
from pytest_slm_autopsy.cases.labels import LABELS, Synonyms
from pytest_slm_autopsy.cases.schema import DocumentSchema

KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("invoice number", "receipt number", "purchase order"), ("code",)),
    **dict.fromkeys(("date", "sales date", "due date"), ("date",)),
    **dict.fromkeys(("vendor", "customer"), ("company", "person", "text")),
    **dict.fromkeys(("subtotal", "tax", "rounding", "total"), ("money",)),
    "currency": ("currency",),
    "tax rate": ("percentage",),
    "payment terms": ("text",),
}
"""Concept to the kinds of its values; of a concept that is not here, no label is sure."""

# Between lines that state something else they would say more than the concept, or another thing.
_LOADED: Final = frozenset(
    label.casefold()
    for label in (
        "From|Terms|Conditions|Issued By|Bill Date|Your Reference"
        "|GST|GST %|SST|Total GST|GST Amount|GST Payable|Total (incl. GST)|Total (excl. GST)"
        "|Total Inclusive of GST|Total Payable|Amount Payable|Total Due|Amount Due|Balance Due"
        "|Total Amount Due|Total to Pay|Total Amt Payable|Total Sales|Total Rounded"
        "|Netto|Summe|Gesamt|Konditionen|Absender|Empfänger|Auftraggeber|Zahlungsziel|Zahlbetrag"
        "|Zu zahlen|Zu zahlender Betrag|Beträge in|Alle Beträge in|Steuerbetrag in"
        "|Net à payer|Total à payer|Destinataire|Te betalen|Totaal te betalen|Te voldoen"
        "|Do zapłaty|Razem do zapłaty|Suma|PTU|Total a pagar|Forma de pago|Emisor"
        "|Totale da pagare|Destinatario|Emitente|Att betala|Summa|At betale|Beløb i alt"
        "|K úhradě|Celkem k úhradě"
    ).split("|")
)


_PARTIES: Final = (
    "To|From|Name|Ship To|Shipped To|Deliver To|Consignee|Payee|Payer|An|Von|Lieferanschrift"
    "|Lieferadresse|Rechnungsadresse|Adresse de livraison|Afleveradres|Odbiorca|Enviar a"
)


class Family(NamedTuple):
    """Labels of one meaning in one language, of values of some kinds, or of one field's."""

    meaning: str
    language: str
    labels: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    field: str = ""


@cache
def lexicon(schema: DocumentSchema | None) -> Mapping[str, tuple[Family, ...]]:
    """Label, in lower case, to all that it may mean; what the schema says comes first.

    It may stand for a meaning without being among its ``labels``: then it is not sure.
    """
    found: dict[str, tuple[Family, ...]] = {}
    for family in _of_fields(schema) if schema else ():
        for label in family.labels:
            found[label.casefold()] = (*found.get(label.casefold(), ()), family)
    for low, families in _general().items():
        found[low] = (*found.get(low, ()), *families)
    return found


def meaning_of(label: str, kind: str) -> str:
    """The concept that a label before a value of a kind surely means, or nothing.

    Example:
        >>> meaning_of("Grand Total", "money"), meaning_of("Grand Total", "code")
        ('total', '')
    """
    low = label.casefold()
    sure = (
        family.meaning
        for family in _general().get(low, ())
        if kind in family.kinds and low in map(str.casefold, family.labels)
    )
    return next(sure, "")


def names_party(label: str) -> bool:
    """Whether a label begins like that of a seller, a buyer, or somebody else.

    Example:
        >>> names_party("Bill to:"), names_party("Kundennummer")
        (True, False)
    """
    return _party().match(label) is not None


@cache
def _party() -> re.Pattern[str]:
    tables = (_joined(LABELS[concept]) for concept in ("vendor", "customer"))
    labels = {label for table in tables for known in table.values() for label in known}
    each = map(re.escape, sorted(labels | set(_PARTIES.split("|"))))
    return re.compile(rf"(?:{'|'.join(each)})(?!\w)", re.IGNORECASE)


def _of_fields(schema: DocumentSchema) -> Iterator[Family]:
    for field in schema.fields:
        for code in dict.fromkeys(("en", *field.synonyms)):
            yield Family(f"field {field.name}", code, field.labels(code), field=field.name)


@cache
def _general() -> Mapping[str, tuple[Family, ...]]:
    tables = [(concept, _joined(known)) for concept, known in LABELS.items()]
    concepts: dict[str, set[str]] = {}
    for concept, table in tables:
        for label in (label for labels in table.values() for label in labels):
            concepts.setdefault(label.casefold(), set()).add(concept)
    unsure = {low for low, meant in concepts.items() if len(meant) > 1} | _LOADED
    found: dict[str, tuple[Family, ...]] = {}
    for concept, table in tables:
        for language, labels in table.items():
            sure = tuple(label for label in labels if label.casefold() not in unsure)
            family = Family(concept, language, sure, KINDS.get(concept, ()))
            for low in dict.fromkeys(map(str.casefold, labels)):
                found[low] = (*found.get(low, ()), family)
    return found


def _joined(known: Synonyms) -> dict[str, tuple[str, ...]]:
    """All labels of a concept by language, those that are only read behind those that are drawn."""
    further = FURTHER.get(known["en"][0], {})
    return {
        code: tuple(dict.fromkeys((*known.get(code, ()), *further.get(code, ()))))
        for code in dict.fromkeys((*known, *further))
    }
