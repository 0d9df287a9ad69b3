"""A record and a layout make a text, and every value stands where its span says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.drawn.layout import Block, Layout, Line, Space, canonical
from pytest_slm_autopsy.cases.drawn.writer import write
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE
from pytest_slm_autopsy.cases.strategies import records

SCHEMA = INVOICE.select(invoice_number="id", vendor="seller", total="sum")
RECORD = {"id": "INV-10000", "seller": "Miller Tools Ltd", "sum": "12.00"}

few = st.integers(0, 3)
spaces = st.builds(Space, above=few, indent=few, inside=few, trailing=few)
names = st.sampled_from(SCHEMA.names)
layouts = st.builds(
    Layout,
    order=st.lists(names, unique=True).map(tuple),
    delimiters=st.dictionaries(names, st.text(max_size=3)),
    spaces=st.dictionaries(names, spaces),
)


def test_the_canonical_layout_is_label_colon_value():
    document = write(RECORD, canonical(SCHEMA), SCHEMA)
    assert document.text == "Invoice Number: INV-10000\nVendor: Miller Tools Ltd\nTotal: 12.00"
    assert document.spans == {"id": (16, 25), "seller": (34, 50), "sum": (58, 63)}


def test_a_layout_decides_order_marks_and_white_space():
    spaces = {"id": Space(2, 1, 3, 1), "sum": Space()}
    layout = Layout(("sum", "id"), delimiters={"sum": " = "}, spaces=spaces)
    assert write(RECORD, layout, SCHEMA).text == "Total = 12.00\n\n\n Invoice Number:    INV-10000 "


@given(records(schema=SCHEMA), layouts)
def test_every_span_holds_its_value(record, layout):
    document = write(record, layout, SCHEMA)
    assert tuple(document.spans) == layout.order
    for name, (start, end) in document.spans.items():
        assert document.text[start:end] == record[name]


@given(records(schema=SCHEMA), layouts)
def test_a_text_holds_nothing_but_labels_marks_values_and_space(record, layout):
    left = write(record, layout, SCHEMA).text
    for name in layout.order:
        line = SCHEMA.labels[name] + layout.delimiters.get(name, ": ")
        space = layout.spaces.get(name, Space())
        line += " " * space.inside + record[name]
        assert left.count(line) == 1
        left = left.replace(line, "")
    assert not left.strip(" \n")


def laid_out(**parts):
    return write(RECORD, Layout(SCHEMA.names, **parts), SCHEMA).text.split("\n")


def test_blocks_decide_what_shares_a_line():
    assert laid_out(blocks=(Block("below", ("seller",)),)) == [
        "Invoice Number: INV-10000", "Vendor:", "Miller Tools Ltd", "Total: 12.00",
    ]  # fmt: skip
    assert laid_out(blocks=(Block("pairs", ("id", "seller"), 3),)) == [
        "Invoice Number: INV-10000   Vendor: Miller Tools Ltd", "Total: 12.00",
    ]  # fmt: skip
    assert laid_out(blocks=(Block("header", ("id", "seller", "sum"), 3),)) == [
        "Invoice Number   Vendor             Total",
        "INV-10000        Miller Tools Ltd   12.00",
    ]
    assert laid_out(blocks=(Block("columns", SCHEMA.names, 3),)) == [
        "Invoice Number: INV-10000   Total: 12.00", "Vendor: Miller Tools Ltd",
    ]  # fmt: skip


def test_lines_copies_and_a_cut_end_stand_where_they_should():
    lines = (Line(0, "INVOICE"), Line(2, "-----"), Line(99, "Thank you!"))
    whole = [
        "INVOICE", "Invoice Number: INV-10000", "Vendor: Miller Tools Ltd", "-----", "Total: 12.00",
        "Total: 12.00",
    ]  # fmt: skip
    assert laid_out(lines=lines, copies=("sum",)) == [*whole, "Thank you!"]
    assert laid_out(lines=lines, copies=("sum",), tail=("seller", 4)) == [*whole, "Vend"]


def test_a_document_breaks_off_in_a_label_of_its_own_language():
    assert laid_out(labels={"sum": "Gesamt"}, tail=("sum", 99))[-1] == "Gesam"


def test_a_value_below_no_label_stands_alone():
    assert laid_out(labels={"seller": ""}, blocks=(Block("below", ("seller",)),))[1:] == [
        "Miller Tools Ltd", "Total: 12.00",
    ]  # fmt: skip


def test_labels_change_language_or_go():
    assert laid_out(labels={"id": "Rechnungsnr.", "seller": ""})[:2] == [
        "Rechnungsnr.: INV-10000", "Miller Tools Ltd",
    ]  # fmt: skip
