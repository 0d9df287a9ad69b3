"""Where values stand in a text, of what kind they are, and the schema that they seem to have."""

from __future__ import annotations

import runpy

import pytest
from hypothesis import given

from pytest_slm_autopsy.cases.builtin import INVOICE, RECEIPT
from pytest_slm_autopsy.cases.inferring import infer_schema, schema_code
from pytest_slm_autopsy.cases.kinds import kind_of, kinds_of, plain_amount
from pytest_slm_autopsy.cases.locating import locate, union
from pytest_slm_autopsy.cases.strategies import shifted_invoices
from pytest_slm_autopsy.cases.suites import draw_suite
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case


@pytest.mark.parametrize(
    ("text", "value", "how", "stands"),
    [
        ("Total: 9.00", "9.00", "exact", ["9.00"]),
        ("9.00 and 9.00", "9.00", "exact", ["9.00", "9.00"]),
        ("Total: 1,473.00", "473.00", "absent", []),
        ("Total: 473.005", "473.00", "absent", []),
        ("Total: -473.00", "473.00", "absent", []),
        ("Total: 473,00-", "-473.00", "normalised", ["473,00-"]),
        ("Total: (1,473.00)", "-1473.00", "normalised", ["(1,473.00)"]),
        ("Summe 1.473,50 EUR", "1473.50", "normalised", ["1.473,50"]),
        ("Summe 1 473,50", "1473.50", "normalised", ["1 473,50"]),
        ("Summe 1\u202f473,5", "1473.5", "absent", []),
        ("Summe 1473,50", "1473.5", "normalised", ["1473,50"]),
        ("Betrag 12'000", "12000.00", "normalised", ["12'000"]),
        ("Tax: 0,00", "0.00", "normalised", ["0,00"]),
        ("on 05.03.2018", "2018-03-05", "normalised", ["05.03.2018"]),
        ("le 5 mars 2018", "2018-03-05", "normalised", ["5 mars 2018"]),
        ("MARCH 5, 2018", "2018-03-05", "normalised", ["MARCH 5, 2018"]),
        ("105.03.2018", "2018-03-05", "absent", []),
        ("at 19 %", "19%", "normalised", ["19 %"]),
        ("in €", "EUR", "normalised", ["€"]),
        ("ACME  Trading\nLTD", "Acme Trading Ltd", "normalised", ["ACME  Trading\nLTD"]),
        ("IBAN DE89 3704 0044", "DE8937040044", "normalised", ["DE89 3704 0044"]),
        ("No. RE2018/7", "RE2018-7", "normalised", ["RE2018/7"]),
        ("Cafe\u0301 Noir", "Caf\u00e9 Noir", "normalised", ["Cafe\u0301 Noir"]),
        ("GHV12345", "12345", "absent", []),
        ("No. NW-1031", "3", "absent", []),
        ("NW-1031", "NW", "exact", ["NW"]),
        ("Total: EUR10", "EUR", "exact", ["EUR"]),
        ("\u8acb\u6c42\u66f8A7\u3067\u3059", "A7", "exact", ["A7"]),
        ("Total: (473.00)", "473.00", "absent", []),
        ("Total: 473.00-", "473.00", "absent", []),
        ("Total: 473.00 CR", "473.00", "absent", []),
        ("Total: - 473.00", "473.00", "absent", []),
        ("Total: -€473.00", "473.00", "absent", []),
        ("Total - 473.00", "473.00", "exact", ["473.00"]),
        ("Total (net 473.00)", "473.00", "exact", ["473.00"]),
        ("473.00 - discount", "473.00", "exact", ["473.00"]),
        ("12345 of GHV12345", "12345", "exact", ["12345"]),
        ("nothing", "Acme", "absent", []),
        ("nothing", None, "null", []),
        ("nothing", "", "null", []),
        ("nothing", [], "null", []),
        ("Bolts 5.00", [{"what": "Bolts", "sum": "5.00"}], "exact", ["Bolts", "5.00"]),
        ("BOLTS 5,00", [{"what": "Bolts", "sum": "5.00"}], "normalised", ["BOLTS", "5,00"]),
        ("Bolts 5.00", [{"what": "Bolts", "sum": "6.00"}], "absent", ["Bolts"]),
    ],
)
def test_a_value_is_found_as_it_is_or_as_it_may_be_printed(text, value, how, stands):
    found = locate(text, value)
    assert (found.how, [text[start:end] for start, end in found.spans]) == (how, stands)


@given(shifted_invoices())
def test_what_was_drawn_is_found_where_it_was_written(case):
    for name, value in case.truth.items():
        if value is not None:
            found = locate(case.text, value, INVOICE.by_name[name].kind)
            assert found.how in ("exact", "normalised")
            assert any(start <= case.spans[name][0] < end for start, end in found.spans)


@given(shifted_invoices(schema=INVOICE.normalised(), axes=["dates", "money", "whitespace"]))
def test_plain_values_are_found_in_every_form_that_is_drawn(case):
    for name, value in case.truth.items():
        if value is not None:
            found = locate(case.text, value, INVOICE.by_name[name].kind)
            assert case.spans[name] in found.spans, (name, value)


def test_spans_that_overlap_are_one():
    assert union([(5, 9), (0, 2), (8, 12), (2, 3), (4, 4)]) == [(0, 2), (2, 3), (5, 12)]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2025-03-31", "date"), ("31.03.25", "date"), ("31. März 2025", "date"),
        ("March 3, 2025", "date"), ("1234.50", "money"), ("-7,5", "money"), ("$1,234", "money"),
        ("ABC123", "code"),
        ("19%", "percentage"), ("EUR", "currency"), ("€", "currency"), ("471102", "code"),
        ("RE-20171118/506", "code"), ("DE123456789", "code"), ("Bei Spiel GmbH", "company"),
        ("12 High Street, 10115 Leeds", "address"), ("Anna Miller", "person"),
        ("payable at once", "text"), ("", "text"), ([{"a": "b"}], "items"),
    ],
)  # fmt: skip
def test_the_kind_of_a_value(value, kind):
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1,234.50", "1234.50"), ("1.234,50 €", "1234.50"), ("1 234,50", "1234.50"),
        ("EUR 7", "7.00"), ("(7.5)", "-7.50"), ("7-", "-7.00"), ("−7.00", "-7.00"),  # noqa: RUF001
        ("1'234'567.00", "1234567.00"), ("1,234,567", "1234567.00"), ("3.3333", "3.3333"),
        ("1.234", None), ("12,34,5", None), ("7 of 8", None), ("A7", None), ("", None),
    ],
)  # fmt: skip
def test_an_amount_in_any_print(text, plain):
    assert plain_amount(text) == plain


def test_a_field_has_the_kind_of_most_of_its_values():
    truths = [
        {"tax": "0", "total": "100", "id": "77", "name": "A GmbH", "due": None},
        {"tax": "7.50", "total": "200", "id": "78", "name": "B GmbH", "due": None},
        {"tax": "8.50", "total": "300", "id": "79", "name": "Somebody", "due": None},
    ]
    cases = [Case(str(n), "", truth) for n, truth in enumerate(truths)]
    assert kinds_of(cases) == {
        "tax": "money", "total": "money", "id": "code", "name": "company", "due": "text",
    }  # fmt: skip


def test_the_schema_of_drawn_invoices_is_found_again():
    cases = draw_suite(INVOICE, 60, 3).reference
    found = infer_schema(cases, "invoice")
    assert found.names == INVOICE.names
    assert found.labels == INVOICE.labels
    alike = [name for name in found.names if found.by_name[name].kind == INVOICE.by_name[name].kind]
    assert set(found.names) - set(alike) <= {"customer", "payment_terms"}
    assert found.optional == ()


@pytest.mark.parametrize("schema", [INVOICE, RECEIPT])
def test_the_printed_schema_is_code_that_draws_suites(schema, tmp_path):
    cases = draw_suite(schema, 9, 3, {"missing": {"missing": 1.0}})["missing"]
    found = infer_schema(cases, "mine")
    code = schema_code(found, cases)
    assert max(map(len, code.splitlines())) <= 80
    (tmp_path / "schema.py").write_text(code, encoding="utf-8")
    pasted = runpy.run_path(str(tmp_path / "schema.py"))["SCHEMA"]
    assert (pasted.names, pasted.labels) == (found.names, found.labels)
    assert [field.kind for field in pasted.fields] == [field.kind for field in found.fields]
    assert set(pasted.optional) == set(found.optional) > set()
    assert len(draw_suite(pasted, 3, 1).reference) == 3


def test_labels_are_guessed_and_never_shared():
    texts = ("Sum due: 5.00\nNo 8", "Sum due ..... 6.00\nNo 9", "7.00 in all\nNo 7")
    cases = [
        Case(text, text, {"total": sum, "paid": sum, "id": text[-1]})
        for text, sum in zip(texts, ("5.00", "6.00", "7.00"), strict=True)
    ]
    found = infer_schema(cases)
    assert found.labels == {"total": "Sum due", "paid": "Paid", "id": "No"}


def test_a_truth_without_fields_has_no_schema():
    with pytest.raises(CaseError, match="has no fields"):
        infer_schema([Case("1", "text", {})])
