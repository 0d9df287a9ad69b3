"""One pass gives text, spans, truth and what is open, however the record's prints were made."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet
from pytest_slm_autopsy.cases.drawn.layout import Block, Layout, canonical
from pytest_slm_autopsy.cases.drawn.prints import Prints
from pytest_slm_autopsy.cases.drawn.shifts import Mixture, planned, shifted
from pytest_slm_autopsy.cases.drawn.suites import draw_suite, fill
from pytest_slm_autopsy.cases.drawn.writer import write
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, ITEMISED_INVOICE, RECEIPT
from pytest_slm_autopsy.notation.figures.money_forms import MoneyForm

SCHEMAS = [
    schema.normalised() if plain else schema
    for schema in (INVOICE, ITEMISED_INVOICE, RECEIPT)
    for plain in (False, True)
]
schemas, seeds = st.sampled_from(SCHEMAS), st.integers(0, 2**32).map(str)


def drawn(schema, seed):
    """A record, a layout of it, and its canonical prints."""
    choices = SeededChoices(seed)
    record = schema.draw(choices)
    sheet = Sheet(schema, record, ambiguous=True)
    layout = shifted(sheet, Mixture().draw(schema, choices), choices)
    return record, layout, Prints(record, canonical(schema), schema)


@given(schemas, seeds)
def test_prints_that_are_shared_make_the_same_document(schema, seed):
    record, layout, plain = drawn(schema, seed)
    assert write(record, layout, schema, plain) == write(record, layout, schema)
    assert write(record, canonical(schema), schema, plain) == write(
        record, canonical(schema), schema
    )


@given(schemas, seeds)
def test_the_truth_is_what_is_printed_or_nothing(schema, seed):
    record, layout, plain = drawn(schema, seed)
    document = write(record, layout, schema, plain)
    assert tuple(document.truth) == schema.names
    assert {name for name, value in document.truth.items() if value is not None} == {*layout.order}
    assert document.spans.keys() == {*layout.order}
    if schema.fields[0].answer == "normalised":
        assert all(document.truth[name] == record[name] for name in layout.order)


@pytest.mark.parametrize(
    ("parts", "ambiguous"),
    [
        ({}, ()),
        ({"dates": {"issue_date": "DD/MM/YYYY"}}, ("issue_date",)),
        ({"dates": {"issue_date": "DD.MM.YYYY"}}, ()),
        ({"dates": {"issue_date": "DD/MM/YYYY"}, "order": ("total",)}, ()),
        ({"money": {"total": MoneyForm("de", grouped=True, whole=True)}}, ("total",)),
        ({"money": {"total": MoneyForm("de", grouped=True)}}, ()),
    ],
)
def test_a_document_names_the_values_that_its_print_leaves_open(parts, ambiguous):
    record = {**INVOICE.draw(SeededChoices("1")), "issue_date": "2025-03-04", "total": "1234.00"}
    layout = canonical(INVOICE).but(**parts)
    assert write(record, layout, INVOICE.normalised()).ambiguous == ambiguous
    assert write(record, layout, INVOICE).ambiguous == ()


def test_what_is_not_printed_need_not_be_there():
    record = {"total": "9.00"}
    document = write(record, Layout(("total",)), INVOICE.select(vendor="vendor", total="total"))
    assert (document.text, document.truth) == ("Total: 9.00", {"vendor": None, "total": "9.00"})


def test_the_prints_of_a_record_do_not_change_with_its_layouts():
    record = RECEIPT.draw(SeededChoices("1"))
    plain = Prints(record, canonical(RECEIPT), RECEIPT)
    before = [dict(plain.values), dict(plain.lines), dict(plain.answers)]
    for shift in ({"money": 1.0}, {"synonyms": 1.0}, {"missing": 1.0}, {"whitespace": 1.0}):
        sheet = Sheet(RECEIPT, record, plain=plain)
        fill(sheet, shift, SeededChoices("2"))
    assert [plain.values, plain.lines, plain.answers] == before


@given(seeds)
def test_a_layout_with_other_parts_is_what_replace_makes(seed):
    _, layout, _ = drawn(INVOICE, seed)
    parts = {"order": ("total",), "blocks": (Block("below", ("total",)),)}
    assert layout.but(**parts) == replace(layout, **parts)
    assert layout.but() == layout


def test_a_part_that_no_layout_has_is_refused():
    with pytest.raises(TypeError, match="a layout has no ordr"):
        canonical(INVOICE).but(ordr=())


def test_cases_that_are_shifted_alike_share_a_plan_and_no_shift():
    first, second = draw_suite(INVOICE, 2, 7, {"turned": {"order": 0.5, "missing": 1.0}})["turned"]
    assert planned(INVOICE, {"order": 0.5}) is planned(INVOICE, {"order": 0.5})
    assert first.shift == second.shift == {"missing": 1.0, "order": 0.5}
    assert list(first.shift) == ["missing", "order"]
    assert first.shift is not second.shift
