# ruff: noqa: RUF001
"""What fields are called in print: synonyms in six languages, and how labels get misread.

The first label of a language is its plainest. Counted on receipts, invoices and the templates of
200 vendors; ``docs/shifts.md`` says which documents.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick
from pytest_slm_autopsy.notation.languages import LANGUAGES

Synonyms = Mapping[str, tuple[str, ...]]
"""Language code to the labels of one field, the plainest first."""

_TABLE: Final = """
invoice number
en Invoice Number|Invoice No|Invoice No.|Inv No|Document No|Doc No|Invoice #|Bill No|Tax Invoice No
de Rechnungsnummer|Rechnungsnr.|Rechnung Nr.|Beleg-Nr.
fr Numéro de facture|Facture n°|N° de facture|Facture no
nl Factuurnummer|Factuurnr.|Factuur nr.
pl Numer faktury|Faktura nr|Nr faktury
es Número de factura|Factura n.º|N.º de factura
receipt number
en Receipt Number|Receipt No|Receipt #|Bill No|Cash Bill No|Slip No|Ticket No|Doc No|Trans #
de Bon-Nr.|Belegnummer|Quittung Nr.
fr Ticket n°|Numéro de ticket|Reçu n°
nl Bonnummer|Bonnr.
pl Numer paragonu|Paragon nr
es Número de recibo|Recibo n.º|Ticket n.º
date
en Invoice Date|Date|Bill Date|Inv Date|Date of Issue
de Rechnungsdatum|Datum|Ausstellungsdatum
fr Date de facture|Date facture|Date|Date d'émission
nl Factuurdatum|Datum
pl Data wystawienia|Data faktury|Data
es Fecha de factura|Fecha|Fecha de emisión
sales date
en Date|Sales Date|Bill Date|Receipt Date|Biz Date
de Datum|Kaufdatum|Belegdatum
fr Date|Date d'achat
nl Datum|Aankoopdatum
pl Data|Data sprzedaży
es Fecha|Fecha de compra
due date
en Due Date|Payment Due|Pay By|Payable By
de Fälligkeitsdatum|Fällig am|Zahlbar bis
fr Date d'échéance|Échéance|Date limite de paiement
nl Vervaldatum|Te betalen voor
pl Termin płatności|Płatne do
es Fecha de vencimiento|Vencimiento
vendor
en Vendor|Seller|Sold By|Supplier|From
de Verkäufer|Lieferant|Rechnungssteller
fr Vendeur|Fournisseur|Émetteur
nl Verkoper|Leverancier
pl Sprzedawca|Dostawca
es Vendedor|Proveedor|Emisor
customer
en Customer|Bill To|Client|Buyer|Billed To|Sold To
de Kunde|Käufer|Rechnungsempfänger
fr Client|Acheteur|Facturé à
nl Klant|Koper|Factuuradres
pl Nabywca|Klient|Odbiorca
es Cliente|Comprador|Facturar a
address
en Address|Store Address
de Anschrift|Adresse
fr Adresse
nl Adres
pl Adres
es Dirección|Domicilio
currency
en Currency|Currency Code
de Währung
fr Devise|Monnaie
nl Valuta|Munteenheid
pl Waluta
es Moneda|Divisa
subtotal
en Subtotal|Sub Total|Net Amount|Total excl. Tax|Total before Tax
de Zwischensumme|Nettobetrag|Netto
fr Sous-total|Total HT|Montant HT
nl Subtotaal|Totaal excl. btw
pl Suma netto|Wartość netto
es Subtotal|Base imponible
tax
en Tax|VAT|Total Tax|GST|Total GST|Sales Tax
de MwSt.|USt.|Umsatzsteuer|Mehrwertsteuer
fr TVA|Montant TVA|Total TVA
nl Btw|Btw-bedrag
pl VAT|Kwota VAT|Podatek VAT
es IVA|Cuota IVA
tax rate
en Tax Rate|VAT %|GST %
de Steuersatz|MwSt.-Satz
fr Taux TVA|Taux de TVA
nl Btw-tarief|Btw %
pl Stawka VAT
es Tipo de IVA|IVA %
total
en Total|Grand Total|Total Amount|Total Payable|Amount Payable|Final Total|Total (incl. GST)
de Gesamtbetrag|Rechnungsbetrag|Gesamtsumme|Summe
fr Total TTC|Montant TTC|Total à payer
nl Totaal|Totaalbedrag|Te betalen
pl Razem|Do zapłaty|Suma brutto
es Total|Importe total|Total a pagar
rounding
en Rounding|Rounding Adj|Round Adj.
de Rundung
fr Arrondi
nl Afronding
pl Zaokrąglenie
es Redondeo
items
en Items|Goods|Description of Goods
de Positionen|Artikel
fr Articles|Lignes
nl Artikelen|Regels
pl Pozycje|Towary
es Artículos|Conceptos
purchase order
en Purchase Order|PO Number|P.O. No.|Order Reference|Your Order
de Bestellnummer|Bestell-Nr.|Ihre Bestellung
fr Bon de commande|N° de commande|Commande n°
nl Bestelnummer|Inkooporder
pl Numer zamówienia|Zamówienie nr
es Orden de compra|N.º de pedido|Pedido
payment terms
en Payment Terms|Terms|Terms of Payment|Conditions
de Zahlungsbedingungen|Zahlungsbed.|Konditionen
fr Conditions de paiement|Modalités de paiement
nl Betalingsvoorwaarden|Betalingscondities
pl Warunki płatności
es Condiciones de pago|Forma de pago
"""


def read_table(
    table: str, languages: tuple[str, ...] = LANGUAGES
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Concept to language to labels, from lines of ``code label|label``."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    concept = ""
    for line in table.strip().splitlines():
        code, _, labels = line.partition(" ")
        if code in languages:
            known = found[concept].get(code, ())
            found[concept][code] = (*known, *labels.split("|"))
        else:
            concept = line
            found[concept] = {}
    return found


LABELS: Final[Mapping[str, Synonyms]] = read_table(_TABLE)
"""Concept ("invoice number", "due date", ...) to its labels."""

# What optical character recognition takes for something else, and a careful reader still sees.
CONFUSIONS: Final = (
    ("o", "0"), ("O", "0"), ("i", "1"), ("l", "1"), ("I", "l"), ("m", "rn"), ("rn", "m"),
    ("e", "c"), ("a", "o"), ("u", "v"), ("S", "5"), ("B", "8"), ("t", "f"), ("n", "ri"),
)  # fmt: skip
# Letters of other alphabets that look the same.
HOMOGLYPHS: Final = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")


def misread(label: str, choices: Choices) -> str:
    """``label`` with one letter misread or lost; never its first one."""
    spots = [
        (at, seen, taken)
        for seen, taken in CONFUSIONS
        if (at := label.find(seen, 1)) > 0
    ]  # fmt: skip
    if spots and (choices.below(4) or not any(map(str.isalpha, label[1:]))):
        at, seen, taken = pick(choices, spots)
        return label[:at] + taken + label[at + len(seen) :]
    at = pick(choices, [at for at in range(1, len(label)) if label[at].isalpha()])
    return label[:at] + label[at + 1 :]


def look_alike(label: str) -> str:
    """``label`` with every letter that has a twin in another alphabet replaced by it."""
    return label.translate(HOMOGLYPHS)
