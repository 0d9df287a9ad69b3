"""What labels of a text that nobody drew surely mean, and which say exactly the same.

Where ``labels`` has all that a field may be called when we draw it, this has only what can be put
in another's place in a stranger's document, so that nobody would read it otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Final, NamedTuple

from pytest_slm_autopsy.cases.rewritten.lines import Labelled
from pytest_slm_autopsy.cases.rewritten.page import Page
from pytest_slm_autopsy.cases.schemas.further_labels import FURTHER
from pytest_slm_autopsy.cases.schemas.labels import LABELS
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.notation.kinds import kind_of

# Concept, kind of its values, language, and labels that say the same, no more and no less.
_TABLE: Final = """
invoice number;code;en;Invoice Number|Invoice No|Invoice No.|Inv No|Inv. No.|Invoice #|Invoice Nr
invoice number;code;de;Rechnungsnummer|Rechnungsnr.|Rechnung Nr.|Rechnungs-Nr.|Re.-Nr.
invoice number;code;fr;Numéro de facture|Facture n°|N° de facture|Numéro facture|N° facture
invoice number;code;nl;Factuurnummer|Factuurnr.|Factuur nr.
invoice number;code;pl;Numer faktury|Faktura nr|Nr faktury
invoice number;code;es;Número de factura|Factura n.º|N.º de factura|Nº de factura
invoice number;code;it;Numero fattura|Fattura n.|Nr. fattura
receipt number;code;en;Receipt Number|Receipt No|Receipt No.|Receipt #
receipt number;code;de;Bon-Nr.|Bonnummer
receipt number;code;fr;Numéro de ticket|Ticket n°
receipt number;code;nl;Bonnummer|Bonnr.
receipt number;code;pl;Numer paragonu|Paragon nr
purchase order;code;en;Purchase Order No|PO Number|PO No|PO No.|P.O. No.|PO #
purchase order;code;de;Bestellnummer|Bestell-Nr.|Bestellnr.
purchase order;code;fr;N° de commande|Commande n°|Numéro de commande
purchase order;code;nl;Bestelnummer|Bestelnr.
purchase order;code;pl;Numer zamówienia|Zamówienie nr
purchase order;code;es;N.º de pedido|Número de pedido
order number;code;en;Order Number|Order No|Order No.
order;code;de;Bestellung
customer number;code;en;Customer Number|Customer No|Customer No.
customer number;code;de;Kundennummer|Kundennr.|Kunden-Nr.
customer number;code;fr;Numéro client|N° client
customer number;code;nl;Klantnummer|Klantnr.
invoice date;date;en;Invoice Date|Inv Date|Date of Invoice
invoice date;date;de;Rechnungsdatum|Rechnungs-Datum
invoice date;date;fr;Date de facture|Date facture|Date de la facture
invoice date;date;nl;Factuurdatum
invoice date;date;pl;Data faktury
invoice date;date;es;Fecha de factura|Fecha factura
invoice date;date;it;Data fattura|Data della fattura
due date;date;en;Due Date|Date Due
due date;date;de;Fälligkeitsdatum|Fällig am
due date;date;fr;Date d'échéance|Échéance
due date;date;nl;Vervaldatum|Vervaldag
due date;date;pl;Termin płatności|Termin zapłaty
due date;date;es;Fecha de vencimiento|Fecha vencimiento
due date;date;it;Data di scadenza|Data scadenza
pay by;date;en;Pay By|Payable By
pay by;date;de;Zahlbar bis|Zahlbar bis zum
delivery date;date;en;Delivery Date|Date of Delivery
delivery date;date;de;Lieferdatum|Liefertag
delivery and service date;date;de;Liefer- und Leistungsdatum|Liefer-/Leistungsdatum
order date;date;en;Order Date|Date of Order
order date;date;de;Bestelldatum|Auftragsdatum
currency;currency;en;Currency|Currency Code
currency;currency;de;Währung|Währungscode
currency;currency;fr;Devise|Monnaie
currency;currency;nl;Valuta|Munteenheid
currency;currency;pl;Waluta|Kod waluty
currency;currency;es;Moneda|Divisa
currency;currency;it;Valuta|Divisa
subtotal;money;en;Subtotal|Sub Total|Sub-Total
subtotal;money;fr;Sous-total|Sous total
subtotal;money;nl;Subtotaal|Sub-totaal
subtotal;money;de;Zwischensumme|Zw.-Summe
lines;money;de;Positionssumme|Summe der Positionen
net;money;en;Net
net;money;en;Net Amount
net;money;de;Nettobetrag|Nettosumme|Summe netto
net;money;fr;Total HT|Montant HT|Total hors taxes|Montant hors taxes
net;money;pl;Suma netto|Razem netto
before vat;money;en;Total excl. VAT|Amount excl. VAT
before vat;money;de;Rechnungssumme ohne USt.|Rechnungssumme Netto (excl. USt.)
tax;money;en;Tax|Tax Amount
tax;money;de;Steuerbetrag|Steuer
vat;money;en;VAT|VAT Amount
vat;money;de;MwSt.|USt.|Umsatzsteuer|Mehrwertsteuer|MwSt-Betrag|USt.-Betrag|Umsatzsteuerbetrag
vat;money;fr;TVA|Montant TVA|T.V.A.
vat;money;nl;Btw|Btw-bedrag
vat;money;pl;Kwota VAT|Podatek VAT
vat;money;es;IVA|Cuota IVA|Importe IVA
vat;money;it;IVA|Importo IVA
gst;money;en;GST|GST Amount
total;money;en;Total|Total Amount
grand total;money;en;Grand Total
total;money;de;Gesamtbetrag|Gesamtsumme
total;money;nl;Totaal|Totaalbedrag
total;money;es;Total|Importe total
total;money;it;Totale|Importo totale
gross;money;de;Bruttobetrag|Bruttosumme
gross;money;fr;Total TTC|Montant TTC|Total T.T.C.
invoice total;money;de;Rechnungsbetrag|Rechnungssumme
due;money;en;Amount Due|Total Due
due;money;de;Zahlbetrag|Zu zahlen|Zu zahlender Betrag
due;money;fr;Net à payer|Total à payer
due;money;nl;Te betalen
due;money;pl;Do zapłaty
rounding;money;en;Rounding|Rounding Adj|Round Adj.
tax rate;percentage;en;VAT Rate|VAT %
tax rate;percentage;fr;Taux TVA|Taux de TVA
payment terms;text;en;Payment Terms|Terms of Payment
payment terms;text;de;Zahlungsbedingungen|Zahlungsbed.|Zahlungsbedingung
payment terms;text;fr;Conditions de paiement|Modalités de paiement
payment terms;text;nl;Betalingsvoorwaarden|Betalingscondities
"""


class Meaning(NamedTuple):
    """Labels that say the same in one language; of a field of a schema, or of one kind of value."""

    name: str
    language: str
    labels: tuple[str, ...]
    kind: str = ""
    field: str = ""


@lru_cache(maxsize=16)
def meanings(page: Page) -> Mapping[Labelled, Meaning]:
    """What the lines of a page surely state; those that may mean several things are left out.

    A line whose label the schema knows states what it knows, where the value is the field's. The
    table's labels count before a value of their kind, in the language that the labels of the page
    speak; where that cannot be told, none is sure.
    """
    spoken = _spoken(page)
    found = {}
    for line in page.labelled:
        may = list(_may_mean(page, line))
        own = [one for one in may if one.field]
        general = [one for one in may if not one.field and one.language == spoken]
        known = general[0] if len(general) == 1 else None
        if own:
            first = min(own, key=lambda one: one.language != spoken)
            labels = (*first.labels, *(known.labels if known else ()))
            found[line] = first._replace(labels=tuple(dict.fromkeys(labels)))
        elif known:
            found[line] = known
    return found


def sure_meanings(label: str, kind: str) -> list[Meaning]:
    """What a label before a value of a kind surely means, in each language that it is of.

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


def _spoken(page: Page) -> str:
    """The language of most labels that are of one language only, of two at least; or nothing."""
    known = _languages()
    votes = Counter(known.get(page.said(line), "") for line in page.labelled)
    del votes[""]
    first, second = [*votes.most_common(2), ("", 0), ("", 0)][:2]
    return first[0] if first[1] > max(1, second[1]) else ""


@cache
def _general() -> Mapping[str, tuple[Meaning, ...]]:
    rows = (line.split(";") for line in _TABLE.strip().splitlines())
    return _by_label(
        Meaning(name, language, tuple(labels.split("|")), kind)
        for name, kind, language, labels in rows
    )


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
    """Label, in lower case, to the only language that it is of."""
    found: dict[str, set[str]] = {}
    for table in (*LABELS.values(), *FURTHER.values()):
        for language, labels in table.items():
            for label in labels:
                found.setdefault(label.casefold(), set()).add(language)
    for low, known in _general().items():
        found.setdefault(low, set()).update(one.language for one in known)
    return {low: next(iter(codes)) for low, codes in found.items() if len(codes) == 1}
