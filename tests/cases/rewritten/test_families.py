"""Labels that tell each other apart keep their names, with and without a schema."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.rewritten.page import Refused
from pytest_slm_autopsy.cases.rewritten.rewrites import rewrite
from pytest_slm_autopsy.cases.schemas import values
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field
from pytest_slm_autopsy.records import Case

SEEDS = 60


def rewrites(text, truth, schema):
    """Every rewrite of the labels that is not refused."""
    for seed in range(SEEDS):
        try:
            choices = SeededChoices(str(seed))
            yield rewrite(Case("1", text, truth), {"synonyms": 1.0}, choices, schema=schema).text
        except Refused:
            continue


# A page, its truth, and labels that must stay: what each is called tells it from another.
KEPT = {
    "total and grand total": (
        "Total: 9.00\nGrand Total: 9.00",
        {"total": "9.00"},
        ["Total:", "Grand Total:"],
    ),
    "three totals without marks": (
        "Total Amount 9.00\nRounding 0.05\nNett Total 9.05",
        {"total": "9.05", "subtotal": "9.00"},
        ["Total Amount 9.00", "Nett Total 9.05"],
    ),
    "rounded beside": (
        "TOTAL : 33.92\nTOTAL ROUNDED : 33.90",
        {"total": "33.90"},
        ["TOTAL :", "TOTAL ROUNDED :"],
    ),
    "the other one stands alone on its line": (
        "Total: 9.00\nTotal Payable\n9.05\n",
        {"total": "9.05", "subtotal": "9.00"},
        ["Total:", "Total Payable"],
    ),
    "the other one in the foot of a table": (
        "Bolts   3   9.00\n   Grand total       9.00\n\nTotal Amount: 9.05",
        {"total": "9.05"},
        ["Grand total ", "Total Amount:"],
    ),
    "German": (
        "Summe: 9,00\nGesamtsumme: 9,50\nWährung: EUR",
        {"total": "9,50", "subtotal": "9,00"},
        ["Summe:", "Gesamtsumme:"],
    ),
    "German gross and net": (
        "Bruttobetrag: 11,90\nBruttosumme: 11,95\nWährung: EUR",
        {"total": "11,90"},
        ["Bruttobetrag:", "Bruttosumme:"],
    ),
    "French": (
        "Total: 345,00\nTotal TTC: 345,10\nDevise: EUR",
        {"total": "345,00"},
        ["Total:", "Total TTC:"],
    ),
    "Polish": (
        "Razem: 9,00\nDo zapłaty: 9,50\nWaluta: PLN",
        {"total": "9,00"},
        ["Razem:"],
    ),
    "Dutch": (
        "Totaal: 9,00\nTotaal te betalen: 9,50\nValuta: EUR",
        {"total": "9,00"},
        ["Totaal:", "Totaal te betalen:"],
    ),
    "two days of one name": (
        "Due Date: 2025-01-02\nDate due: 2025-01-03",
        {"due_date": "2025-01-02"},
        ["Due Date:", "Date due:"],
    ),
    "a day that tells nothing": (
        "Date: 2025-01-02\nDelivery Date: 2025-01-03",
        {"issue_date": "2025-01-02"},
        ["Date:", "Delivery Date:"],
    ),
    "bill to and ship to": (
        "Bill To: Beta Ltd\nShip To: Gamma Ltd",
        {"customer": "Beta Ltd"},
        ["Bill To:", "Ship To:"],
    ),
    "sold to, with a ship to on a line of its own": (
        "Sold To: Beta Ltd\nSHIP TO\nGamma Ltd\nRoad 1",
        {"customer": "Beta Ltd"},
        ["Sold To:", "SHIP TO"],
    ),
    "tax and another tax": (
        "VAT: 1.00\nImport tax 2.00\nCurrency: EUR",
        {"tax": "1.00"},
        ["VAT:", "Import tax"],
    ),
    "gross in a table's heading": (
        "Item   Net   Gross total\nBolts  9.00  9.50\n\nTotal: 9.50",
        {"total": "9.50"},
        ["Gross total", "Total:"],
    ),
}


@pytest.mark.parametrize("schema", [None, INVOICE], ids=["alone", "schema"])
@pytest.mark.parametrize("case", KEPT.values(), ids=KEPT)
def test_labels_that_tell_each_other_apart_stay(case, schema):
    text, truth, labels = case
    for after in rewrites(text, truth, schema):
        assert [label for label in labels if label not in after] == []


def test_a_schema_never_says_less_or_more_beside_another_day():
    text = "Invoice Date: 2025-01-02\nDue Date: 2025-02-02"
    truth = {"issue_date": "2025-01-02", "due_date": "2025-02-02"}
    seen = {line.partition(":")[0] for after in rewrites(text, truth, INVOICE)
            for line in after.split("\n")}  # fmt: skip
    assert len(seen) > 3
    assert not seen & {"Date", "Day", "Due", "Dated", "Billing"}


def test_beside_a_total_a_subtotal_is_only_spelt_otherwise():
    text, truth = "Subtotal: 8.00\nTotal: 9.00", {"subtotal": "8.00", "total": "9.00"}
    for after in rewrites(text, truth, INVOICE):
        first, second = (line.partition(":")[0] for line in after.split("\n"))
        assert first in {"Subtotal", "Sub Total", "Sub-Total"}
        assert second == "Total"


def test_a_field_that_claims_one_of_two_labels_changes_nothing():
    fields = (
        Field("paid", "Total", values.amount, kind="money", synonyms={"en": ("Net Total",)}),
        Field("sold", "Ship To", values.company, kind="company", synonyms={"en": ("Client",)}),
    )
    text = "Total: 9.00\nGrand Total: 9.50\nShip To: Beta Ltd\nBill To: Gamma Ltd"
    schema = DocumentSchema("own", fields)
    assert list(rewrites(text, {"paid": "9.00", "sold": "Beta Ltd"}, schema)) == []


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Total: 9.02\nRounding: 0.02\nAmount Due: 9.00\nThank you", "Total Due"),
        ("Grand total: 9.02\nCurrency: EUR\nAmount Due: 9.00", "Total Due"),
        ("Total: 9,02\nDevise: EUR\nNet à payer: 9,00", "Total à payer"),
        ("Gesamtsumme: 9,02\nWährung: EUR\nZu zahlen: 9,00", "Zahlbetrag"),
    ],
)
def test_a_label_takes_no_name_of_its_neighbour(text, label):
    truth = {"due": "9.00" if "." in text else "9,00"}
    assert not any(label in after for after in rewrites(text, truth, None))


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("Total Amount: 9.00\nInvoice No: A-7", {"total": "9.00"}),
        ("Bruttosumme: 9,00\nNettobetrag: 8,00", {"total": "9,00", "subtotal": "8,00"}),
        ("Order Date: 2025-01-02\nDelivery Date: 2025-02-02", {"day": "2025-01-02"}),
        ("Invoice No: A-7\nOrder No: B-7", {"invoice_number": "A-7"}),
    ],
)
def test_a_label_that_nothing_can_be_taken_for_still_changes(text, truth):
    assert any(after != text for after in rewrites(text, truth, None))
