"""The strategies draw what is asked, refuse what cannot be, and shrink to the plainest case."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import example, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from pytest_slm_autopsy.cases.drawn.shifts import AXES
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, RECEIPT
from pytest_slm_autopsy.cases.strategies import (
    SEVERITIES,
    documents,
    invoices,
    layouts,
    shifted_invoices,
    shifts,
)
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case

MILDEST = SEVERITIES[0]
FOUR = ("missing", "order", "delimiters", "whitespace")
PLAINEST = {
    "invoice_number": "INV-10000",
    "issue_date": "2023-01-01",
    "due_date": "2023-01-31",
    "vendor": "Miller Supplies Ltd",
    "customer": "Miller Supplies Ltd",
    "currency": "EUR",
    "subtotal": "10.00",
    "tax": "2.00",
    "total": "12.00",
    "purchase_order": "PO-100000",
    "payment_terms": "30 days net",
}


def smallest(strategy, breaks):
    """The case a user is shown when their model fails where ``breaks`` says."""
    return find(
        strategy,
        breaks,
        settings=settings(database=None, max_examples=2000, deadline=None),
        random=random.Random(0),
    )


def is_plainest(case):
    stated = {name: value for name, value in case.truth.items() if value is not None}
    return stated.items() <= PLAINEST.items()


@pytest.mark.parametrize("axis", AXES)
def test_a_broken_axis_shrinks_to_itself_at_its_mildest_on_the_plainest_record(axis):
    case = smallest(shifted_invoices(), lambda case: axis in case.shift)
    assert case.shift == {axis: MILDEST}
    assert is_plainest(case) or axis in ("dates", "money", "digits")


@pytest.mark.parametrize("listed", [["order", "delimiters"], FOUR])
def test_of_few_axes_that_are_all_drawn_only_the_guilty_one_stays(listed):
    case = smallest(shifted_invoices(axes=listed), lambda case: "delimiters" in case.shift)
    assert case.shift == {"delimiters": MILDEST}


@pytest.mark.parametrize(
    "pair", [("order", "delimiters"), ("missing", "encoding"), ("header", "columns")]
)
def test_two_axes_that_break_together_shrink_to_the_two(pair):
    case = smallest(shifted_invoices(), lambda case: {*pair} <= case.shift.keys())
    assert case.shift == dict.fromkeys(pair, MILDEST)


@pytest.mark.parametrize("name", ["invoice_number", "due_date", "total"])
def test_one_mark_of_one_field_shrinks_to_that_line(name):
    """A model that breaks on a tab before this field's value, and on nothing else."""
    label = INVOICE.labels[name]
    breaks = re.compile(f"^{label}\t", re.MULTILINE).search
    case = smallest(shifted_invoices(axes=FOUR), lambda case: breaks(case.text))
    assert case.shift == {"delimiters": MILDEST}
    twin = smallest(invoices(), lambda case: True)
    assert case.text == twin.text.replace(f"{label}: ", f"{label}\t")


def test_a_model_that_always_breaks_is_shown_the_plainest_invoice():
    assert is_plainest(smallest(invoices(), lambda case: True))


def test_a_broken_value_shrinks_to_the_plainest_record_around_it():
    case = smallest(invoices(), lambda case: case.truth["currency"] == "SEK")
    assert case.truth["currency"] == "SEK"
    assert sum(case.truth[name] != value for name, value in PLAINEST.items()) == 1


@given(invoices())
def test_invoices_are_canonical(case):
    assert (case.shift, case.condition, case.source) == ({}, "canonical", "hypothesis")
    assert case.layout == ""
    assert case.text.startswith("Invoice Number: ")
    assert None not in case.truth.values()


@given(shifted_invoices())
def test_a_drawn_case_says_in_words_what_is_not_canonical(case):
    assert case.source == "hypothesis"
    assert case.layout


@given(shifted_invoices(axes=["order", "missing"], max_severity=0.5))
def test_axes_and_severity_are_kept_to(case):
    assert case.shift
    assert case.shift.keys() <= {"order", "missing"}
    assert set(case.shift.values()) <= {severity / 2 for severity in SEVERITIES}


@given(shifted_invoices())
def test_the_repr_of_a_case_is_code_that_rebuilds_it(case):
    assert eval(repr(case), {"Case": Case}) == case


@given(documents(RECEIPT, shift=shifts(axes=["order", "dates"])))
@example(Case("mine", "Total: 1.00", {"total": "1.00"}))
def test_an_example_of_ones_own_stands_beside_the_drawn(case):
    assert case.text


@given(layouts(shift=st.just({"below": 1.0})))
def test_layouts_under_a_shift_of_ones_own(layout):
    assert {block.kind for block in layout.blocks} == {"below"}


def test_ambiguous_prints_are_drawn_only_when_asked_for_and_then_tagged():
    schema = INVOICE.normalised()

    def ambiguous(case):
        return "ambiguous" in case.tags

    case = smallest(shifted_invoices(schema=schema, axes=["dates"], ambiguous=True), ambiguous)
    assert case.tags == ("ambiguous",)
    with pytest.raises(NoSuchExample):
        smallest(shifted_invoices(schema=schema, axes=["dates"]), ambiguous)


@given(shifts(min_axes=3))
def test_shifts_name_at_least_as_many_axes_as_asked(shift):
    assert len(shift) >= 3
    assert shift.keys() <= AXES.keys()


@given(shifted_invoices())
def test_the_same_axes_are_one_condition(case):
    assert case.condition == " + ".join(name for name in AXES if name in case.shift)


@given(documents(INVOICE.select(vendor="seller"), shift=st.just({"delimiters": 1.0})))
def test_documents_of_a_schema_and_shift_of_ones_own(case):
    assert tuple(case.truth) == ("seller",)
    assert case.shift == {"delimiters": 1.0}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"axes": ["ordr"]}, "did you mean 'order'"),
        ({"max_severity": 0}, "is 0; it must be above 0"),
        ({"max_severity": 1.5}, "is 1.5; it must be above 0 and at most 1"),
        ({"axes": []}, "there are 0 axes to draw from"),
        ({"axes": ["order"], "min_axes": 2}, "min_axes=2, but there are 1 axes"),
        ({"min_axes": -1}, "min_axes=-1"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_once(wrong, sentence):
    with pytest.raises(CaseError, match=sentence):
        shifts(**wrong)


def test_a_schema_without_optional_fields_is_shifted_by_the_other_axes():
    strategy = shifted_invoices(schema=INVOICE.select(vendor="seller", total="sum"))

    @given(strategy)
    def never_missing(case):
        assert "missing" not in case.shift

    never_missing()
