"""Optional fields are removed from real documents with their labels, or not at all."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.rewritten.page import Refused
from pytest_slm_autopsy.cases.rewritten.rewrites import rewrite
from pytest_slm_autopsy.cases.rewritten.suite import rewrite_suite
from pytest_slm_autopsy.cases.schemas import values
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field
from pytest_slm_autopsy.records import Case

SCHEMA = DocumentSchema(
    "mine",
    (
        Field("number", "No", values.code(("A",), 2), kind="code"),
        Field("due", "Due", values.day, kind="date", optional=True),
        Field("order", "Order", values.code(("B",), 2), kind="code", optional=True),
        Field("total", "Total", values.amount, kind="money"),
    ),
)
TRUTH = {"number": "A-1", "due": "2025-04-04", "order": None, "total": "9.00"}


def without(text, truth=TRUTH, severity=1.0):
    case = Case("1", text, truth)
    return rewrite(case, {"missing": severity}, SeededChoices("1"), schema=SCHEMA)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("No: A-1\nDue Date: 04.04.2025\nTotal: 9.00", "No: A-1\nTotal: 9.00"),
        ("No: A-1\nDue Date   04.04.2025\nTotal      9.00", "No: A-1\nTotal      9.00"),
        ("No: A-1\nBy   Card\nDue  04.04.2025\nTotal: 9.00", "No: A-1\nBy   Card\nTotal: 9.00"),
        ("No: A-1\nFällig am:\n4. April 2025\nTotal: 9.00", "No: A-1\nTotal: 9.00"),
        ("No: A-1\nDUE 04/04/2025 10:15 AM\nTotal: 9.00", "No: A-1\nTotal: 9.00"),
        ("A-1   Due: 04.04.2025   Ref 7\n9.00", "A-1                     Ref 7\n9.00"),
        ("No: A-1   Due: 04.04.2025\nTotal: 9.00", "No: A-1\nTotal: 9.00"),
        ("N    Due         S\nA-1  04.04.2025  9.00", "N                S\nA-1              9.00"),
        ("No: A-1\nDue: 04.04.2025\nPay by April 4, 2025\nTotal: 9.00", "No: A-1\nTotal: 9.00"),
        ("No: A-1\r\nDue: 04.04.2025\r\nTotal: 9.00", "No: A-1\r\nTotal: 9.00"),
        ("No: A-1\nTotal: 9.00\nDue: 04.04.2025", "No: A-1\nTotal: 9.00"),
    ],
)  # fmt: skip
def test_a_field_goes_with_its_label(text, left):
    after = without(text)
    assert after.text.rstrip("\n") == left
    assert after.truth == {**TRUTH, "due": None}
    assert "due" not in after.spans
    assert {after.text[slice(*after.spans[name])] for name in after.spans} == {"A-1", "9.00"}


@pytest.mark.parametrize(
    "text",
    [
        "No: A-1\nPlease pay by 04.04.2025 at the latest\nTotal: 9.00",
        "No: A-1\nDue: 04.04.2025\nIf not paid on 04.04.2025, 5 % are due\nTotal: 9.00",
        "No: A-1\n04.04.2025 11:50\nTotal: 9.00",
        "No: A-1\nDay         Sum\n04.04.2025  1.00\n05.04.2025  8.00\nTotal: 9.00",
        "Due No: A-1 04.04.2025 Total: 9.00",
        "No: A-1\nPeriod:   04.04.2025   28.04.2025\nTotal: 9.00",
        "No: A-1\nDue 04.04.2025   11.90\nTotal: 9.00",
        "No: A-1\nDue:\n04.04.2025\n05.04.2025\nTotal: 9.00",
        "No: A-1          Day due\nGermany          04.04.2025\nTotal: 9.00",
        "No: A-1\n                 Due\nGermany          04.04.2025\nTotal: 9.00",
        "No: A-1\n                 Due Date\nBlue Ltd         04.04.2025\nTotal: 9.00",
        "No: A-1\n                     Due\nLeeds            04.04.2025\nTotal: 9.00",
    ],
)
def test_a_field_that_does_not_stand_alone_with_its_label_stays(text):
    with pytest.raises(Refused, match="no optional field stands in it with a label"):
        without(text)


def test_what_is_optional_is_told_by_the_schema_or_by_the_other_documents():
    text = "No: A-1\nDue Date: 04.04.2025\nTotal: 9.00"
    with pytest.raises(Refused, match=r"mark one with optional=True in its schema, or give doc"):
        rewrite(Case("1", text, {"due": "2025-04-04"}), {"missing": 1.0}, SeededChoices("1"))
    full, bare = (Case(str(n), text, {"due": due}) for n, due in enumerate(("2025-04-04", None)))
    suite = rewrite_suite([full, bare], 1, {"missing": {"missing": 1.0}})
    assert [case.truth for case in suite["missing"]] == [{"due": None}]
    assert [refusal.record for refusal in suite.refused] == ["1"]


def test_severity_is_the_share_of_the_optional_fields():
    text = "No: A-1\nDue: 04.04.2025\nOrder: B-22\nTotal: 9.00"
    truth = {**TRUTH, "order": "B-22"}
    assert without(text, truth).text == "No: A-1\nTotal: 9.00"
    half = [
        rewrite(Case("1", text, truth), {"missing": 0.4}, SeededChoices(str(n)), schema=SCHEMA)
        for n in range(40)
    ]
    assert {tuple(n for n, v in one.truth.items() if v is None) for one in half} >= {
        ("due",), ("order",)
    }  # fmt: skip


def test_a_table_beside_it_keeps_the_field():
    text = "No: A-1\nBolts  2  Due: 04.04.2025\nTotal: 9.00"
    rows = [{"what": "Bolts", "often": "2"}]
    after = without(text, {**TRUTH, "rows": rows})
    assert after.truth["rows"] == rows
    assert "Bolts  2" in after.text


@pytest.mark.parametrize(
    "text",
    [
        "Vendor: Blue Ltd\n1 Low Rd\nTotal: 9.00",
        "Vendor:\nBlue Ltd\n1 Low Rd\n\nTotal: 9.00",
        "Total: 9.00\nNine euros only\nVendor: Blue Ltd\nLeeds",
    ],
)
def test_no_party_goes_without_its_address_and_no_amount_without_its_words(text):
    fields = (
        Field("vendor", "Vendor", values.company, kind="company", optional=True),
        Field("total", "Total", values.amount, kind="money", optional=True),
    )
    case = Case("1", text, {"vendor": "Blue Ltd", "total": "9.00"})
    for seed in map(str, range(8)):
        try:
            after = rewrite(
                case, {"missing": 1.0}, SeededChoices(seed), schema=DocumentSchema("x", fields)
            )
        except Refused:
            continue
        assert "Blue Ltd" in after.text
        assert "Nine euros" not in text or "9.00" in after.text


@pytest.mark.parametrize(
    ("field", "kind", "label", "value", "left"),
    [
        ("total", "money", "Total", "9.00", "Total Payable: 9.05"),
        ("total", "money", "TOTAL ROUNDED", "9.00", "TOTAL 8.98"),
        ("total", "money", "Total TTC", "9,00", "Net à payer : 9,05"),
        ("total", "money", "TOTAL SALES", "9.00", "TOTAL QTY: 3 8.99"),
        ("net", "money", "Nettobetrag", "9,00", "Zwischensumme: 8,00"),
        ("date", "date", "Date", "04.04.2025", "MOT EXPIRY\nDate: 05.04.2026"),
        ("date", "date", "Effective Date", "04.04.2025", "Signed\nDATE 06.04.2025"),
        ("date", "date", "Datum", "04.04.2025", "zu Rechnung\nRechnungsdatum: 05.03.2025"),
        ("invoice_date", "date", "Rechnungsdatum", "04.04.2025", "Datum: 05.03.2025"),
        ("account", "code", "Account No", "DE-7788", "Payee\nAccount No: DE-9911"),
        ("customer", "text", "Name", "Blue", "Seller\nName: Green"),
    ],
)
def test_a_field_stays_where_what_is_left_could_be_taken_for_it(field, kind, label, value, left):
    fields = (Field(field, label, values.code(("A",), 2), kind=kind, optional=True),)
    schema, truth = DocumentSchema("x", fields), {field: value}
    alone = Case("1", f"Shop\n{label}: {value}\n\nThanks", truth)
    beside = Case("2", f"Shop\n{label}: {value}\n\n{left}", truth)
    after = rewrite(alone, {"missing": 1.0}, SeededChoices("1"), schema=schema)
    assert after.truth == {field: None}
    with pytest.raises(Refused, match="no optional field stands in it"):
        rewrite(beside, {"missing": 1.0}, SeededChoices("1"), schema=schema)


@pytest.mark.parametrize(
    ("label", "value", "left"),
    [
        ("Total", "9.00", "Net: 8.00\nVAT: 1.00\nRounding 0.01\nCash 10.00"),
        ("Net", "9.00", "VAT 1.00\nTotal: 10.00"),
        ("Net pay", "9.00", "Gross pay: 10.00"),
        ("Date", "04.04.2025", "Due date: 05.04.2025\nDate   Item\n1   Bread"),
        ("Due date", "04.04.2025", "Date: 05.03.2025\nDate of delivery: 06.03.2025"),
    ],
)
def test_a_field_goes_though_its_neighbours_are_left(label, value, left):
    name, kind = label.casefold().replace(" ", "_"), "money" if "." in value[:2] else "date"
    fields = (Field(name, label, values.amount, kind=kind, optional=True),)
    case = Case("1", f"Shop\n{label}: {value}\n{left}", {name: value})
    after = rewrite(case, {"missing": 1.0}, SeededChoices("1"), schema=DocumentSchema("x", fields))
    assert after.text == f"Shop\n{left}"
