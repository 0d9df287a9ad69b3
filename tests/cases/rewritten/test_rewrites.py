"""Rewrites of texts that exist: something changes, no value does, and what cannot is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.drawn.shifts import AXES
from pytest_slm_autopsy.cases.files import read_cases
from pytest_slm_autopsy.cases.rewritten.axes.line_rewrites import NOTES
from pytest_slm_autopsy.cases.rewritten.page import Refused
from pytest_slm_autopsy.cases.rewritten.rewrites import REWRITES, open_page, rewrite
from pytest_slm_autopsy.cases.rewritten.suite import rewrite_suite
from pytest_slm_autopsy.cases.schemas import values
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, ITEMISED_INVOICE
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field
from pytest_slm_autopsy.cases.strategies import shifted_invoices
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case
from tests.cases.rewritten.order_reader import order_faults
from tests.cases.rewritten.rewrite_reader import (
    in_order,
    out_of_place,
    relabelled,
    text,
    violations,
)

REAL = Path(__file__).with_name("real_documents.jsonl")
TOTALS = {"net": "100.00", "tax": "20.00", "total": "120.00"}
TOTALS_TEXT = "ACME Ltd\n\nNet: 100.00\nTax: 20.00\nTotal: 120.00\n\nThank you"
# Axes that need no day and no optional field.
STEADY = set(REWRITES) - {"missing", "times"}
seeds = st.integers(0, 2**32)
severities = st.sampled_from((0.05, 0.25, 0.5, 1.0))


def rewritten(text, truth, shift, seed=1, **named):
    return rewrite(Case("1", text, truth, **named), shift, SeededChoices(str(seed)))


def lines(text):
    return [line.strip() for line in text.split("\n") if line.strip()]


@pytest.fixture(scope="module")
def real():
    return list(read_cases(REAL))


@pytest.mark.parametrize(("first", "end"), [(0, 30), pytest.param(30, 240, marks=pytest.mark.slow)])
def test_no_rewrite_of_a_real_document_changes_what_it_says(real, first, end):
    checked = 0
    for seed in range(first, end):
        suite = rewrite_suite(real, seed)
        twins = {case.record: case for case in suite.reference}
        for condition in set(suite) - {"canonical"}:
            for case in suite[condition]:
                before = twins[case.record]
                assert violations(before, case) + relabelled(before, case) == [], (case.id, seed)
                assert condition != "order" or order_faults(before, case) == [], case.text
                checked += 1
    assert checked > 84 * (end - first)


def test_most_values_of_real_documents_are_found(real):
    suite = rewrite_suite(real, 1, {"whitespace": {"whitespace": 1.0}})
    stated = [name for case in real for name, value in case.truth.items() if value is not None]
    found = [name for case in suite.reference for name in case.spans]
    assert len(found) >= 0.9 * len(stated)


@given(shifted_invoices(), st.sampled_from(sorted(REWRITES)), severities, seeds)
def test_no_rewrite_of_a_drawn_invoice_moves_a_value(case, axis, severity, seed):
    try:
        after = rewrite(case, {axis: severity}, SeededChoices(str(seed)), schema=INVOICE)
    except Refused:
        return
    assert after.text != case.text
    assert (after.shift, after.condition, after.id) == ({axis: severity}, axis, case.id)
    assert violations(case, after) == []


@given(shifted_invoices(schema=ITEMISED_INVOICE), seeds)
def test_no_mixture_of_rewrites_moves_a_value_or_a_row(case, seed):
    suite = rewrite_suite([case], seed)
    for condition in suite:
        [after] = suite[condition]
        assert violations(suite.reference[0], after) == []
        cells = [cell for row in case.truth["items"] for cell in row.values()]
        cells = [cell for cell in cells if case.text.count(cell) == 1]
        assert sorted(cells, key=after.text.find) == sorted(cells, key=case.text.find)


@given(shifted_invoices(), seeds, st.sampled_from(sorted(set(REWRITES) - {"order"})))
def test_only_the_axis_order_changes_the_order(case, seed, axis):
    try:
        after = rewrite(case, {axis: 1.0}, SeededChoices(str(seed)))
    except Refused:
        return
    assert in_order(after, case.spans) == in_order(case, case.spans)


def test_the_reader_sees_another_label_and_another_owner():
    before = Case("1", "Seller\nTotal: 9.00\nBorn: 1", {"t": "9.00"}, spans={"t": (14, 18)})
    other = Case("1", "Seller\nDiscount: 9.00\nBorn: 1", {"t": "9.00"}, spans={"t": (17, 21)})
    moved = Case("1", "Seller\nBorn: 1\nTotal: 9.00", {"t": "9.00"}, spans={"t": (22, 26)})
    assert relabelled(before, other)
    assert out_of_place(before, moved)
    assert (
        relabelled(before, before)
        == out_of_place(before, before)
        == relabelled(before, moved)
        == []
    )


def test_the_reader_sees_a_planted_violation():
    before = Case("1", "Total: 9.00", {"total": "9.00"}, spans={"total": (7, 11)})
    planted = {
        "Total: 9.01": {"total": (7, 11)},
        "Total : 9.00": {"total": (7, 11)},
        "Total: 9.00\n9.00": {"total": (7, 11)},
        "Total: 9,00": {},
    }
    for changed, spans in planted.items():
        assert violations(before, Case("1", changed, before.truth, spans=spans))
    assert violations(before, before) == []


def test_axes_have_the_names_of_those_of_drawn_cases():
    assert set(REWRITES) <= set(AXES)


def test_lines_of_one_block_change_places():
    after = rewritten(TOTALS_TEXT, TOTALS, {"order": 1.0})
    assert sorted(lines(after.text)) == sorted(lines(TOTALS_TEXT))
    assert lines(after.text)[1] != "Net: 100.00"
    assert (lines(after.text)[0], lines(after.text)[-1]) == ("ACME Ltd", "Thank you")
    assert {name: text(after, name) for name in TOTALS} == TOTALS


@pytest.mark.parametrize(
    "text",
    [
        "Net: 100.00\n\nTax: 20.00\n\nTotal: 120.00",
        "Net: 100.00\nwithout tax\nTax: 20.00\nas of law\nTotal: 120.00",
        "Totals: of 100.00 net\nand 20.00 tax\n  and 120.00 in all",
        "100.00\n20.00\n120.00",
        "Street: Road 1\nFor: 100.00\n\n        20.00\nTotal: 120.00",
        "Net: 100.00\n                         Tax: 20.00\nTotal: 120.00",
        "Total: 120.00\nReference: 7\n     Kind: paper",
    ],
)
def test_lines_that_belong_together_or_stand_alone_stay(text):
    with pytest.raises(Refused, match="no two neighbouring lines"):
        rewritten(text, TOTALS, {"order": 1.0})


def test_rows_of_a_table_stay_in_their_order():
    rows = [{"what": "Total", "amount": "5.00"}, {"what": "Subtotal", "amount": "7.00"}]
    text = "Total: 5.00\nSubtotal: 7.00\n\nNet: 12.00\nTax: 14.40"
    truth = {"items": rows, "net": "12.00", "tax": "14.40"}
    for seed in range(20):
        after = rewritten(text, truth, {"order": 1.0}, seed)
        assert lines(after.text)[:2] == lines(text)[:2]
        assert lines(after.text)[2:] == lines(text)[:1:-1]


def test_delimiters_become_others_and_columns_a_mark():
    after = rewritten("Net: 100.00\nTax      20.00", TOTALS | {"total": None}, {"delimiters": 1.0})
    first, second = lines(after.text)
    assert re.fullmatch(r"Net\W+100\.00", first)
    assert re.fullmatch(r"Tax\W+20\.00", second)
    assert "Net: " not in after.text
    assert not re.search(r"Tax {6}20", after.text)


@pytest.mark.parametrize("amount", ["-120.00", "120.00", "€120.00", "EUR 120.00"])
def test_no_dash_before_an_amount(amount):
    for seed in range(300):
        after = rewritten(f"Total: {amount}", {"total": amount}, {"delimiters": 1.0}, seed)
        assert " - " not in after.text


def test_no_space_joins_a_label_that_ends_in_a_digit_and_an_amount():
    for seed in range(300):
        after = rewritten("Zone 1: 200.00", {"zone": "200.00"}, {"delimiters": 1.0}, seed)
        assert not re.search(r"1(\s+|[:=])200", after.text)


def test_a_label_does_not_go_on_into_a_value():
    for seed in range(300):
        after = rewritten("Tax: Exempt\nDose B: 6 mg", {}, {"delimiters": 1.0}, seed).text
        assert "Tax Exempt" not in after
        assert "Dose B 6" not in after


@pytest.mark.parametrize("axis", ["delimiters", "whitespace"])
@pytest.mark.parametrize(
    "text",
    [
        "Description  Debit       Credit\nRent:        50.00\nSalary:                  900.00",
        "Description  Debit       Credit\n\nRent:        50.00\nSalary:                  900.00",
        "             2024    2023\nGoodwill     5,000\nPatents              7,000",
        "Rent:        50.00\nSalary:                  900.00\nFee:         1.00",
    ],
)
def test_values_stay_in_columns_that_may_mean_something(text, axis):
    truth = {"rent": "50.00", "salary": "900.00", "goodwill": "5,000", "patents": "7,000"}
    for seed in range(30):
        try:
            after = rewritten(text, truth, {axis: 1.0}, seed).text
        except Refused:
            assert axis == "delimiters"
            continue
        assert axis == "whitespace"
        changed = after.split("\n")
        assert [line.rstrip() for line in changed] == text.split("\n")


def test_columns_of_a_plain_list_may_change():
    text = "Net        100.00\nTax         20.00\nTotal:     120.00"
    assert len(set(lines(rewritten(text, TOTALS, {"delimiters": 1.0}).text)) - set(lines(text))) > 1


@pytest.mark.parametrize(
    "text",
    [
        *("www.shop.example/track?id=JD77", "mailto:info@x.example", "C:\\Users", "std::vector"),
        *("Age >= 18", "Limit <= 5.0", "Result != negative", "x := 5", "Bolts | 3 | 5.00"),
    ],
)
def test_links_tables_and_operators_are_no_label_and_value(text):
    with pytest.raises(Refused, match="no line has a mark"):
        rewritten(text, {"code": "JD77"}, {"delimiters": 1.0})


def test_two_columns_are_no_label_and_value():
    with pytest.raises(Refused, match="no line has a mark"):
        rewritten("Anna Miller      Phone 555 23", {"name": "Anna Miller"}, {"delimiters": 1.0})


def test_headings_and_times_are_no_labels():
    with pytest.raises(Refused, match="no line has a mark"):
        rewritten("Seller:\nACME\nat 10:30\nsee http://a.b/", {"name": "ACME"}, {"delimiters": 1})


def test_white_space_is_only_added():
    after = rewritten(TOTALS_TEXT, TOTALS, {"whitespace": 1.0})
    assert after.text.split() == TOTALS_TEXT.split()
    assert len(after.text) > len(TOTALS_TEXT)


def test_columns_of_a_table_stay_under_their_heads():
    text = "What       Price     Sum\nBolts       5.00    5.00"
    after = rewritten(text, {"sum": "5.00"}, {"whitespace": 1.0})
    assert [line.rstrip() for line in after.text.split("\n")] == text.split("\n")


def test_synonyms_mean_the_same_in_the_language_of_the_document():
    text = "Rechnungsnummer: A-7\nFällig am: 2025-03-31\nNAME: x"
    truth = {"id": "A-7", "day": "2025-03-31", "name": "x"}
    seen = set()
    for seed in range(60):
        after = rewritten(text, truth, {"synonyms": 1.0}, seed).text
        first, second, third = (line.partition(":")[0] for line in after.split("\n"))
        assert third == "NAME"
        seen |= {first, second}
    assert {"Rechnungsnr.", "Re.-Nr.", "Fälligkeitsdatum"} <= seen
    assert not seen & {"Rechnungsnummer", "Fällig am", "Invoice No", "Due Date", "Vervaldatum"}


@pytest.mark.parametrize(
    "text",
    [
        "Supplier: 2025-02-01",
        "Supplier: ACME Ltd",
        "Invoice Number: 12.50",
        "Conditions: New",
        "From: Berlin",
        "Date: 2025-02-01",
        "Address: Road 1, Leeds",
        "Final Total: 12.50",
        "Netto: 12.50",
        "Total: kg",
        "Client: Dupont SA",
        "Numéro client: 7\nTotal: 12.50",
        "Total: 12.50",
        "IVA: 12.50",
        "Sales Tax: 12.50",
        "Net: 12.50",
        "Due Date: 2025-03-31",
    ],
)
def test_a_label_that_may_mean_something_else_keeps_its_name(text):
    value = text.rpartition(": ")[2]
    with pytest.raises(Refused, match="no label of a value in it has a known synonym"):
        rewritten(f"{text}\nOther: 1", {"asked": value}, {"synonyms": 1.0})


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("Quotation\nTotal: 100.00\nDue Date: 2025-03-31\nOrder No: 7", "vat|tax|invoice|pay|bill"),
        ("Gesamtbetrag: 100,00\nWährung: EUR\nzzgl. MwSt.", "brutto|inkl|rechnung"),
        ("Totaal: 100,00\nFactuurdatum: 2025-03-31\nexclusief btw", "incl|excl|betalen"),
        ("Subtotal: 100.00\nDiscount: -10.00\nGST: 9.00\nPO No: 7", "net|taxable|vat|tax"),
        ("Steuer: 9,00\nZwischensumme: 5,00", "mwst|ust\\.|umsatz|netto"),
    ],
)
def test_another_label_says_no_more_than_the_one_before(text, never):
    truth = dict(line.split(": ") for line in text.split("\n") if ": " in line)
    for seed in range(60):
        after = rewritten(text, truth, {"synonyms": 1.0}, seed).text
        for before, now in zip(text.split("\n"), after.split("\n"), strict=True):
            assert now == before or not re.search(never, now, re.IGNORECASE)


@pytest.mark.parametrize(
    "text",
    [
        "Grand Total: 9.00\nTotal: 8.00",
        "VAT: 1.00\nVAT: 2.00",
        "VAT: 1.00\nTotal VAT: 2.00",
        "Invoice No: A-1\nInv No: B-2",
        "Total: 100.00\nTotal incl. VAT: 120.00",
        "Total: 100.00\nTip: 20.00\nFinal Total: 120.00",
        "Tax: 3.00\nFood Tax: 1.50",
        "VAT 7%: 3.00\nVAT: 12.50",
        "Due Date: 2025-01-02\nDate due: 2025-01-03",
    ],
)
def test_two_lines_of_one_meaning_keep_the_names_that_tell_them_apart(text):
    truth = dict(line.split(": ") for line in text.split("\n"))
    with pytest.raises(Refused, match="no label of a value in it has a known synonym"):
        rewritten(f"{text}\nCurrency of it: EUR", truth, {"synonyms": 1.0})


def test_no_two_fields_get_one_label():
    labels = {"first": ("First", ("One", "Both")), "second": ("Second", ("Two", "both"))}
    fields = tuple(
        Field(name, label, values.amount, kind="money", synonyms={"en": others})
        for name, (label, others) in labels.items()
    )
    case = Case("1", "First: 5.00\nSecond: 6.00", {"first": "5.00", "second": "6.00"})
    for seed in range(60):
        schema, choices = DocumentSchema("own", fields), SeededChoices(str(seed))
        after = rewrite(case, {"synonyms": 1.0}, choices, schema=schema).text
        first, second = (line.partition(":")[0] for line in after.split("\n"))
        assert first.casefold() != second.casefold()


def test_no_label_gets_a_name_that_the_text_uses_already():
    text = "Subtotal: 5.00\nPO No: 7\nTax: 1\n\nThe SUB TOTAL is without discount."
    for seed in range(30):
        after = rewritten(text, {"net": "5.00"}, {"synonyms": 1.0}, seed).text
        assert after.startswith("Sub-Total: ")


def test_a_label_of_something_else_keeps_its_name():
    with pytest.raises(Refused, match="no label of a value in it has a known synonym"):
        rewritten("Due Date: 1.1.2024\nPaid: 5.00", {"paid": "5.00"}, {"synonyms": 1.0})


def test_a_schema_brings_synonyms_of_its_own():
    field = Field("paid", "Paid", values.amount, kind="money", synonyms={"en": ("Settled",)})
    case = Case("1", "PAID: 5.00", {"paid": "5.00"})
    schema = DocumentSchema("own", (field,))
    after = rewrite(case, {"synonyms": 1.0}, SeededChoices("1"), schema=schema)
    assert after.text == "SETTLED: 5.00"


def test_a_schema_adds_synonyms_and_takes_none_away():
    texts = {"en": ("Note No", "Drop Date")}
    fields = (
        Field("number", "Delivery Note No", values.code(("LS",), 4), kind="code", synonyms=texts),
        Field("day", "Delivery Date", values.day, kind="date", synonyms=texts),
    )
    text = "Delivery Note No: LS-7\nDelivery Date: 2025-03-31\nOrder Date: 2025-03-30"
    case, seen = Case("1", text, {"number": "LS-7", "day": "2025-03-31"}), set()
    for seed in range(60):
        after = rewrite(
            case, {"synonyms": 1.0}, SeededChoices(str(seed)), schema=DocumentSchema("n", fields)
        )
        seen |= {line.partition(":")[0] for line in after.text.split("\n")}
    assert {"Note No", "Drop Date", "Date of Delivery"} <= seen


def test_labels_are_misread_by_a_letter_and_values_are_not():
    text = "Invoice Total: Invoice 7"
    for seed in range(50):
        after = rewritten(text, {"id": "Invoice 7"}, {"misspelt": 1.0}, seed).text
        assert after.endswith(": Invoice 7")
        assert not after.startswith("Invoice Total")


@pytest.mark.parametrize("text", ["Dose (mg): 500", "XVIII: 300", "Sum II: 1\nSum III: 2"])
def test_no_unit_and_no_numeral_is_misread(text):
    for seed in range(60):
        with pytest.raises(Refused, match="no label with a word of 5 letters"):
            rewritten(text, {"n": "elsewhere"}, {"misspelt": 1.0}, seed)


def without_a_letter(label):
    return {label} | {label[:at] + label[at + 1 :] for at in range(len(label))}


@pytest.mark.parametrize("pair", ["Employer Employee", "Insurer Insured", "Payers Payees"])
def test_labels_that_are_nearly_alike_stay_apart(pair):
    first, second = pair.split()
    for seed in range(200):
        try:
            after = rewritten(f"{first}: 1\n{second}: 2", {"n": "?"}, {"misspelt": 1.0}, seed).text
        except Refused:
            continue
        one, two = (line.partition(":")[0] for line in after.split("\n"))
        assert one == first or not without_a_letter(one) & without_a_letter(second)
        assert two == second or not without_a_letter(two) & without_a_letter(first)


def test_no_label_is_misread_as_another():
    text = "Section II: 300\nSection III: 400\nPhase A: 1\nPhase B: 2"
    for seed in range(200):
        after = rewritten(text, {"n": "elsewhere"}, {"misspelt": 1.0}, seed).text
        numerals = [line.partition(":")[0].split()[1] for line in after.split("\n")]
        assert numerals == ["II", "III", "A", "B"]


@pytest.mark.parametrize(
    "text",
    [
        *("Power (mW): 7", "Amount mEUR: 7", "Tarif 1 2 Monate: 7", "İşlem: 7", "Dose [mg]: 7"),
        *("Rate Mb/s: 7", "Power MW: 7", "Sample A: 5\nSample a: 7", "P: 1\np: 2"),
    ],
)
def test_no_case_that_would_say_something_else(text):
    for seed in range(30):
        with pytest.raises(Refused, match="no label that could stand in another case"):
            rewritten(text, {}, {"case": 1.0}, seed)


def test_other_words_are_misread_only_where_every_value_was_found():
    text = "Sum: 5.00\n" + "plain words of running text " * 9
    with pytest.raises(Refused, match="no label with a word of 5 letters"):
        rewritten(text, {"sum": "5.00", "name": "elsewhere"}, {"misspelt": 1.0})
    assert rewritten(text, {"sum": "5.00"}, {"misspelt": 1.0}).text.startswith("Sum: 5.00\n")


def test_boilerplate_states_nothing():
    for seed in range(50):
        after = rewritten(TOTALS_TEXT, TOTALS, {"boilerplate": 1.0}, seed).text
        added = after.replace(TOTALS_TEXT, "")
        assert TOTALS_TEXT in after
        assert added
        assert not re.search(r"\d", added)


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("grazie prezzo quantità descrizione", "it"),
        ("obrigado preço quantidade descrição", "pt"),
        ("och inte tack belopp beskrivning", "sv"),
        ("ikke tak beløb beskrivelse", "da"),
        ("není děkujeme množství popis", "cs"),
        ("kiitos hinta", ""),
    ],
)
def test_boilerplate_is_in_the_language_of_the_page_or_in_none(words, language):
    heads, feet = NOTES[language]
    for seed in range(20):
        added = rewritten(words, {}, {"boilerplate": 1.0}, seed).text.split("\n")
        assert added.pop(0) in heads
        assert added.pop(0) == words
        assert added
        assert set(added) <= set(feet)
    assert language or not any(map(str.isalnum, "".join(heads + feet)))


@pytest.mark.parametrize("last", ["Received by:", "Unterschrift :\n\n", "Getekend =", "Nom :"])
def test_no_note_stands_below_a_label_that_waits_for_its_value(last):
    for seed in range(20):
        text = f"{TOTALS_TEXT}\n{last}"
        assert rewritten(text, TOTALS, {"boilerplate": 1.0}, seed).text.endswith(text)


@pytest.mark.parametrize("value", ["For your records", "FOR YOUR RECORDS", "records"])
def test_a_line_that_holds_a_value_in_any_case_is_not_added(value):
    for seed in range(50):
        after = rewritten(TOTALS_TEXT, {"note": value}, {"boilerplate": 1.0}, seed).text
        assert value.casefold() not in after.casefold()


def test_of_many_values_none_is_added_either():
    rows = [{"what": f"Part {n}", "sum": f"{n}.50"} for n in range(99)]
    text = "\n".join(f"Part {n}   {n}.50" for n in range(99))
    for seed in range(30):
        truth = {"items": rows, "note": "For your RECORDS"}
        after = rewritten(text, truth, {"boilerplate": 1.0}, seed).text
        assert "for your records" not in after.casefold()


def test_a_value_that_is_a_label_too_stays_in_both_places():
    after = rewritten("Sort: Net\nNet: 100.00", {"sort": "Net"}, {"case": 1.0})
    assert after.text == "SORT: Net\nNet: 100.00"


def test_lines_that_are_alike_cannot_change_places():
    with pytest.raises(Refused, match="no two neighbouring lines"):
        rewritten("Net: 100.00\nNet: 100.00", {}, {"order": 1.0})


@pytest.mark.parametrize(
    "text",
    [
        "Seller: ACME Ltd\nAddress: Road 1\nBuyer: Beta Ltd\nAddress: Road 2",
        "Ship to: Leeds\nPhone: 1\nBill to: York\nFax: 2",
        "Patient: MILLER, ANNA\nDOB: 1990-01-02\nGuarantor: MILLER, JOHN\nBorn: 1960-01-02",
        "Contact: Jan de Vries\nTelefoon: 1\nChauffeur: Piet van Dijk\nMobiel: 2",
        "Invoice No: A-1\nDated: 2025-01-02\nDelivery Note: B-2\nDate: 2025-01-03",
        "Opening balance: 5.00\nAs of: 2025-01-02\nClosing balance: 7.00\nDate: 2025-01-03",
        "Rate A: 7%\nVAT: 1.00\nRate B: 19%\nTax: 2.00",
        "Rate: 7%\nVAT: 1.00\nRate: 19%\nVAT: 2.00",
        "VAT: 1.00\nVAT: 2.00",
        "Glucose: 5.1\nRange: 4-6\nSodium: 140\nReference: 135-145",
        "Outbound: AB12\nDate: 2025-01-02\nReturn: AB13\nDay: 2025-01-09",
        "Subtotal: 100.00\nDiscount: 10%\nShipping: 5.00\nTotal: 95.00",
        "Expéditeur: Dupont\nTél: 1\nDestinataire: Durand\nPortable: 2",
        "Begünstigter: Maier\nIBAN: DE1\nZahler: Huber\nKonto: 2",
        "Subject: stairs\nand cellar: urgent\nRoom: 7",
        "Invoice No: A-1\nPO Number: 77\nDated: 2025-01-02",
        "Net: 100.00\nVAT: 20.00\nRate: 20%\nTotal: 120.00",
        "Invoice No: A-1\nPayment Terms: net 30 days, otherwise a\nlate fee: 2% per month",
        "Invoice Date: 2025-01-02\nPayment Terms: 14 days from the above date",
        "Item: Paper\nNet: 1.00\nTax: 2.00\n\nItem: Pens\nNet: 3.00\nTax: 4.00",
    ],
)
def test_a_line_that_may_belong_to_the_one_above_stays_below_it(text):
    for seed in range(20):
        with pytest.raises(Refused, match="no two neighbouring lines have labels of sure meaning"):
            rewritten(text, {}, {"order": 1.0}, seed)


def test_lines_of_sure_meaning_change_places_between_those_of_none():
    first = "Seller: Acme\nInvoice No: 1\nCurrency: EUR"
    text = f"{first}\n\nBuyer: Beta\nTax: 3.00\nTotal: 4.00"
    after = lines(rewritten(text, {}, {"order": 1.0}).text)
    assert after == [
        *("Seller: Acme", "Currency: EUR", "Invoice No: 1"),
        *("Buyer: Beta", "Total: 4.00", "Tax: 3.00"),
    ]


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        ((7, 9, ""), "the value '120.00' would be cut"),
        ((9, 9, " "), "the value '120.00' would be cut"),
        ((0, 0, "120.00 "), "the value '120.00' would stand there more or less often"),
    ],
)
def test_a_page_refuses_what_touches_a_value(edit, sentence):
    page = open_page(Case("1", "Total: 120.00", {"total": "120.00"}))
    with pytest.raises(Refused, match=sentence):
        page.edited([edit])
    assert page.edited([(0, 5, "Sum")]).spans == {"total": (5, 11)}


def test_a_value_that_stands_ten_times_stands_ten_times():
    text = "\n".join(f"Line {letter}: 7 of 7" for letter in "abcde")
    before = Case("1", text, {"n": "7"}, spans={"n": (8, 9)})
    for seed in range(50):
        for axis in STEADY - {"synonyms", "order", "misspelt", "case"}:
            after = rewrite(before, {axis: 1.0}, SeededChoices(str(seed)))
            assert violations(before, after) == []


@pytest.mark.parametrize("value", ["7", "e", "-", "A", "0", ":", "T", "l"])
def test_a_value_of_one_character_is_kept_wherever_it_stands(value):
    text = "Total - Amount: 7e0\nInvoice Label: A\nPlease pay the Total: 10"
    for seed in range(20):
        for axis in REWRITES:
            before = Case("1", text, {"one": value})
            try:
                after = rewrite(before, {axis: 1.0}, SeededChoices(str(seed)))
            except Refused:
                continue
            assert after.text != text
            assert after.text.count(value) == text.count(value)


def test_values_that_overlap_are_kept_as_one():
    truth = {"street": "Harbour Road 12", "address": "Road 12, Leeds", "number": "12"}
    text = "Address: Harbour Road 12, Leeds\nTotal Amount: 5"
    before = Case(
        "1", text, truth, spans={"street": (9, 24), "address": (17, 31), "number": (22, 24)}
    )
    for seed in range(30):
        for axis in STEADY - {"synonyms", "order"}:
            after = rewrite(before, {axis: 1.0}, SeededChoices(str(seed)))
            assert violations(before, after) == []
            assert "Harbour Road 12, Leeds" in after.text


def test_a_value_over_two_lines_holds_them_together():
    truth = {"address": "Road 12\nCity: Leeds", "total": "5.00"}
    text = "Street: Road 12\nCity: Leeds\nNet: 4.00\nTax: 1.00\nTotal: 5.00"
    for seed in range(30):
        after = rewritten(text, truth, {"order": 1.0}, seed)
        assert "Road 12\nCity: Leeds" in after.text


def test_null_values_protect_nothing_and_hinder_nothing():
    after = rewritten("Net: 100.00\nTax: 20.00", {"due": None, "items": []}, {"order": 1.0})
    assert after.text == "Tax: 20.00\nNet: 100.00"
    assert after.spans == {}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_and_a_byte_order_mark_stay(end):
    text = "\ufeff" + TOTALS_TEXT.replace("\n", end)
    for axis in STEADY:
        after = rewritten(text, TOTALS, {axis: 1.0}).text
        assert after.startswith("\ufeff")
        assert after.count("\ufeff") == 1
        assert after.count("\n") == after.count(end)


@pytest.mark.parametrize(
    ("shift", "sentence"),
    [
        ({"dates": 1.0}, "cannot be rewritten along the axis 'dates'; .*"),
        ({"ordr": 1.0}, "along the axis 'ordr'; did you mean 'order'?"),
        ({"order": 2.0}, "severity of axis 'order' is 2; it must be above 0 and at most 1"),
        ({"order": 0}, "severity of axis 'order' is 0;"),
    ],
)
def test_an_axis_that_cannot_be_meant(shift, sentence):
    with pytest.raises(CaseError, match=sentence) as caught:
        rewritten(TOTALS_TEXT, TOTALS, shift)
    assert not isinstance(caught.value, Refused)


@pytest.mark.parametrize("text", ["", " \n ", "no structure at all"])
@pytest.mark.parametrize(
    "axis", sorted(set(REWRITES) - {"boilerplate", "whitespace", "misspelt", "ocr"})
)
def test_a_text_without_structure_is_refused(text, axis):
    with pytest.raises(Refused):
        rewritten(text, {}, {axis: 1.0})


@pytest.mark.parametrize("severity", [0.1, 1.0])
def test_a_text_without_long_words_cannot_be_misspelt(severity):
    with pytest.raises(Refused, match="no label with a word of 5 letters"):
        rewritten("9 owed", {"sum": "9"}, {"misspelt": severity})


@pytest.mark.parametrize(
    "text",
    [
        "Total: 7\n" * 15_000,
        "A" * 500_000,
        "a " * 250_000,
        " " * 500_000,
        "Total" + " " * 500_000 + "7",
        "Total: a" + ("  b" * 115_000),
        "." * 500_000,
        "a:" * 250_000,
        "A" * 500_000 + ": 7",
    ],
    ids=["lines", "letters", "words", "spaces", "gap", "columns", "dots", "colons", "label"],
)
def test_an_enormous_document_takes_no_more_than_its_length(text):
    truth = {"total": "7"}
    for axis in REWRITES:
        try:
            after = rewritten(text, truth, {axis: 1.0})
        except Refused:
            continue
        assert after.text.count("7") == text.count("7")
