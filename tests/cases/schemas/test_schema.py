"""What a document states: records that add up, fields of one's own choice, clear refusals."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.schemas import values
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, ITEMISED_INVOICE, RECEIPT
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field
from pytest_slm_autopsy.cases.strategies import records
from pytest_slm_autopsy.errors import CaseError

RENAMED = {
    "issue_date": "issued",
    "due_date": "due",
    "subtotal": "net",
    "tax": "vat",
    "total": "gross",
}
MINE = INVOICE.select(**RENAMED)
SHAPES = {
    "invoice_number": r"(INV|RE|F|A)[-/]?\d{5}",
    "issue_date": r"202[3-6]-\d\d-\d\d",
    "currency": r"[A-Z]{3}",
    "subtotal": r"\d{2,4}\.\d\d",
    "tax": r"\d+\.\d\d",
    "total": r"\d+\.\d\d",
    "purchase_order": r"(PO|B|ORD)[-/]?\d{6}",
}


def field(name, label=None, **more):
    return Field(name, label or name.title(), values.day, **more)


@given(records())
def test_a_record_states_every_field_in_its_shape(record):
    assert tuple(record) == INVOICE.names
    assert all(value == value.strip() and value for value in record.values())
    assert all(re.fullmatch(shape, record[name]) for name, shape in SHAPES.items())


@pytest.mark.parametrize(
    ("schema", "subtotal", "tax", "total", "issued", "due"),
    [
        (INVOICE, "subtotal", "tax", "total", "issue_date", "due_date"),
        (MINE, "net", "vat", "gross", "issued", "due"),
        (MINE.select(**{name: name[0] for name in MINE.names}), "n", "v", "g", "i", "d"),
    ],
)
def test_a_record_adds_up_under_any_names(schema, subtotal, tax, total, issued, due):
    @given(records(schema=schema))
    def adds_up(record):
        net = Decimal(record[subtotal])
        cent = Decimal("0.01")
        taxes = {str((net * p / 100).quantize(cent, ROUND_HALF_UP)) for p in (0, 7, 19, 20, 21)}
        assert record[tax] in taxes
        assert net + Decimal(record[tax]) == Decimal(record[total])
        days = date.fromisoformat(record[due]) - date.fromisoformat(record[issued])
        assert 7 <= days.days <= 90

    adds_up()


def test_the_same_seed_draws_the_same_record():
    drawn = [INVOICE.draw(SeededChoices(seed)) for seed in ("a", "a", "b")]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_sum_without_its_parts_is_any_amount():
    record = INVOICE.select(total="total", due_date="due").draw(SeededChoices("a"))
    assert re.fullmatch(SHAPES["subtotal"], record["total"])
    assert re.fullmatch(r"202\d-\d\d-\d\d", record["due"])


def test_selected_fields_keep_label_and_option_and_take_the_order_asked():
    chosen = INVOICE.select(vendor="seller", due_date="due")
    assert chosen.names == ("seller", "due")
    assert chosen.labels == {"seller": "Vendor", "due": "Due Date"}
    assert chosen.optional == ("due",)


@pytest.mark.parametrize(
    ("name", "hint"), [("vender", "did you mean 'vendor'?"), ("xyz", "known are: currency, ")]
)
def test_selecting_an_unknown_field_offers_the_known(name, hint):
    with pytest.raises(CaseError, match=f"has no field '{name}'; {re.escape(hint)}"):
        INVOICE.select(**{name: "x"})


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ((field("a"), field("a", "B")), "two fields share the name 'a'"),
        ((field("a", "Date"), field("b", "Date")), "two fields share the label 'Date'"),
        ((), "has no fields"),
    ],
)
def test_a_schema_that_cannot_be_read_is_refused(fields, sentence):
    with pytest.raises(CaseError, match=f"schema 'order'.*{sentence}"):
        DocumentSchema("order", fields)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [({}, "no fields"), ({"vendor": "x", "customer": "x"}, "share the name 'x'")],
)
def test_a_selection_is_a_schema_like_any_other(names, sentence):
    with pytest.raises(CaseError, match=sentence):
        INVOICE.select(**names)


def test_a_field_of_an_unknown_kind_or_without_a_label_is_refused():
    with pytest.raises(CaseError, match="unknown kind 'mony'; did you mean 'money'"):
        field("a", kind="mony")
    with pytest.raises(CaseError, match="field 'a' has no label, so no layout can show it"):
        field("a", " ")


@pytest.mark.parametrize("schema", [ITEMISED_INVOICE, RECEIPT], ids=lambda schema: schema.name)
def test_the_rows_of_a_table_add_up_to_the_total(schema):
    for seed in range(50):
        record = schema.draw(SeededChoices(str(seed)))
        rows = [Decimal(row["amount"]) for row in record["items"]]
        assert all(
            Decimal(row["quantity"]) * Decimal(row["unit_price"]) == Decimal(row["amount"])
            for row in record["items"]
        )
        parts = [record["subtotal"], record["tax"], record.get("rounding", "0.00")]
        assert sum(rows) == Decimal(record["subtotal"])
        assert sum(map(Decimal, parts)) == Decimal(record["total"])


def test_answers_are_verbatim_unless_the_schema_asks_for_plain_values():
    kinds = {field.answer for field in INVOICE.fields}
    assert kinds == {"verbatim"}
    schema = INVOICE.normalised("total")
    assert {field.name for field in schema.fields if field.answer == "normalised"} == {"total"}
    assert {field.answer for field in INVOICE.normalised().fields} == {"normalised"}
    with pytest.raises(CaseError, match="has no field 'totl'; did you mean 'total'"):
        INVOICE.normalised("totl")


@pytest.mark.parametrize("schema", [INVOICE, ITEMISED_INVOICE, RECEIPT], ids=lambda s: s.name)
def test_every_field_has_labels_in_six_languages_and_none_is_two_fields(schema):
    assert set(schema.languages) == {"de", "fr", "nl", "pl", "es"}
    for language in ("en", *schema.languages):
        labels = [label for field in schema.fields for label in field.labels(language)]
        assert len(set(labels)) == len(labels)
