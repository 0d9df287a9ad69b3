"""A record and a layout make a text, and every value stands where its span says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.layout import Layout, Space, canonical, write
from pytest_slm_autopsy.cases.schema import INVOICE
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
    layout = Layout(("sum", "id"), {"sum": " = "}, {"id": Space(2, 1, 3, 1), "sum": Space()})
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
