"""Labels that are read in documents, and drawn only where a profile saw them.

By the plainest English label of the field. Six more languages, and what the shift axes leave out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_slm_autopsy.cases.schemas.labels import Synonyms, read_table
from pytest_slm_autopsy.notation.languages import LANGUAGES

_TABLE: Final = """
Invoice Number
en Invoice Nr|Invoice ID|Invoice Num|Inv. No.|Inv #|Bill #|Bill Number|Invoice Reference
de Rechnungs-Nr.|Rechnung-Nr.|Rechnungs-Nummer|Re.-Nr.|Belegnummer|Rechnung Nummer
fr Numéro facture|Facture numéro|N° facture|Référence facture
nl Factuurnr|Factuur nummer
pl Faktura VAT nr|Numer dokumentu
es Factura nº|Nº factura|Nº de factura|Factura número|Núm. factura
it Numero fattura|Fattura n.|Fattura nr.|N. fattura|Nr. fattura|Numero documento
pt Número da fatura|Fatura n.º|Fatura nº|N.º da fatura
sv Fakturanummer|Fakturanr|Faktura nr
da Fakturanummer|Fakturanr|Faktura nr
cs Číslo faktury|Faktura č.|Faktura číslo
Receipt Number
en Invoice No|Inv No|Invoice #|Cash Inv No|Bill #|Tax Invoice No|Document No|Check #|Receipt ID
it Scontrino n.|Numero scontrino|Documento n.
Invoice Date
en Issue Date|Issued On|Date of Invoice|Tax Date|Date Issued
de Rechnungs-Datum|Belegdatum
fr Date de la facture|Émise le
it Data fattura|Data|Data emissione|Data di emissione
pt Data da fatura|Data|Data de emissão
sv Fakturadatum|Datum
da Fakturadato|Dato
cs Datum vystavení|Vystaveno
Date
en Invoice Date|Inv Date|Transaction Date|Purchase Date
it Data
pt Data
sv Datum
da Dato
cs Datum
Due Date
en Payment Due Date|Due By|Payable Until
de Fälligkeit|Zahlungsziel|Zahlbar bis zum|Fällig bis
fr À payer avant le|Payable avant le
nl Vervaldag
pl Termin zapłaty
es Fecha vencimiento|Fecha límite
it Scadenza|Data scadenza|Data di scadenza
pt Data de vencimento|Vencimento
sv Förfallodatum|Förfallodag
da Forfaldsdato|Betalingsdato
cs Datum splatnosti|Splatnost
Vendor
en Vendor Name|Supplier Name|Seller Name|Issued By
de Rechnungsersteller|Absender
fr Prestataire
pl Wystawca
it Fornitore|Venditore|Cedente
pt Fornecedor|Vendedor|Emitente
sv Säljare|Leverantör
da Sælger|Leverandør
cs Dodavatel|Prodávající
Customer
en Customer Name|Client Name|Invoice To|Invoiced To
de Käufer/Leistungsempfänger|Leistungsempfänger|Empfänger|Auftraggeber
fr Destinataire|Facturer à|Adressé à
nl Afnemer|Debiteur
it Cliente|Destinatario|Acquirente|Intestatario
pt Cliente|Comprador
sv Kund|Köpare|Faktureras till
da Kunde|Køber
cs Odběratel|Zákazník|Kupující
Currency
de Rechnungswährung|Beträge in|Alle Beträge in
it Valuta|Divisa
pt Moeda
sv Valuta
da Valuta
cs Měna
Subtotal
en Sub-Total|Net Total|Total Net|Taxable Amount|Total excl. VAT|Total (excl. GST)|Amount excl. VAT
de Summe netto|Nettosumme|Rechnungssumme ohne USt.|Rechnungssumme Netto (excl. USt.)|Gesamt netto
fr Total hors taxes|Montant hors taxes|Base HT|Total net HT
nl Subtotaal excl. btw
pl Netto|Razem netto
es Importe neto|Total neto
it Imponibile|Totale imponibile|Subtotale
pt Subtotal|Base tributável|Total líquido
sv Delsumma|Netto|Summa exkl. moms
da Subtotal|I alt ekskl. moms
cs Základ daně|Mezisoučet|Celkem bez DPH
Tax
en VAT Amount|Tax Amount|Total VAT|GST Amount|GST Payable|SST
de Steuerbetrag|Steuerbetrag in|Umsatzsteuerbetrag|MwSt-Betrag|USt.-Betrag|zzgl. MwSt.|zzgl. USt.
fr T.V.A.|Montant de la TVA
nl Totaal btw
pl Kwota podatku|PTU
es Importe IVA|Total IVA|I.V.A.
it IVA|Importo IVA|Totale IVA|Imposta
pt IVA|Total IVA|Valor do IVA
sv Moms|Momsbelopp
da Moms|Momsbeløb
cs DPH|Výše DPH
Total
en Invoice Total|Total Due|Amount Due|Balance Due|Total incl. VAT|Total incl. Tax|Total Sales
en Nett Total|Total Rounded|Total Amt|Total Amount Due|Total to Pay|Total Amt Payable
en Total Inclusive of GST
de Bruttosumme|Bruttobetrag|Endbetrag|Endsumme|Zahlbetrag|Rechnungssumme Brutto (inkl. USt.)
de Rechnungssumme|Zu zahlen|Zu zahlender Betrag|Gesamt|Gesamt brutto
fr Total|Net à payer|Montant total|Total T.T.C.|Total général
nl Totaal incl. btw|Totaal te betalen|Te voldoen
pl Razem do zapłaty|Wartość brutto|Suma
es Total factura|Total con IVA
it Totale|Totale fattura|Totale documento|Totale da pagare|Importo totale
pt Total|Total a pagar|Valor total|Total da fatura
sv Att betala|Summa|Totalt|Totalbelopp
da I alt|Total|At betale|Beløb i alt|Total inkl. moms
cs Celkem|Celkem k úhradě|K úhradě|Celková částka
Purchase Order
en PO No|PO No.|PO #|P.O. Number|P.O. #|Customer PO|Your Reference|Purchase Order No
de Bestellung|Bestellnr.|Bestell-Nummer|Ihr Auftrag
fr Référence commande
nl Bestelnr.|Uw referentie
it Ordine n.|Ordine d'acquisto|N. ordine
pt Ordem de compra|Encomenda
sv Inköpsorder|Er referens
da Rekvisition|Indkøbsordre
cs Číslo objednávky|Objednávka
Payment Terms
de Zahlungsbedingung|Zahlungskonditionen
it Condizioni di pagamento|Termini di pagamento
pt Condições de pagamento
sv Betalningsvillkor
da Betalingsbetingelser
cs Platební podmínky
"""
READ_LANGUAGES: Final = (*LANGUAGES, "it", "pt", "sv", "da", "cs")

FURTHER: Final[Mapping[str, Synonyms]] = read_table(_TABLE, READ_LANGUAGES)
"""Plainest English label of a field to what else it is called."""

# Between the number and the day in a title: Rechnung Nr. 4711 vom 1.2.2025.
DATED: Final = {
    "vom": "de", "du": "fr", "dated": "en", "of": "en", "van": "nl", "z dnia": "pl",
    "de fecha": "es", "del": "it",
}  # fmt: skip
