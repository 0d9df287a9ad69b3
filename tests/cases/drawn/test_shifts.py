"""The shift axes: each touches its own part of a layout, as much as its severity says."""

from __future__ import annotations

import math
import re
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet
from pytest_slm_autopsy.cases.drawn.layout import Layout, Space, canonical
from pytest_slm_autopsy.cases.drawn.shifts import AXES, Mixture, applicable, check_shift, shifted
from pytest_slm_autopsy.cases.drawn.suites import draw_case
from pytest_slm_autopsy.cases.drawn.writer import write
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, ITEMISED_INVOICE, RECEIPT
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field
from pytest_slm_autopsy.cases.schemas.values import amount, day
from pytest_slm_autopsy.cases.strategies import shifted_invoices
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.notation.dates.days import is_open_day

PLAIN = canonical(INVOICE)
RECORD = INVOICE.draw(SeededChoices("record"))
ORDER = ("order", "missing", "truncated")
# The part of the layout that an axis changes.
OWN = {
    "missing": {"order"}, "order": {"order"}, "truncated": {"order", "tail"},
    "duplicated": {"copies"}, "dates": {"dates"}, "money": {"money"}, "digits": {"wide"},
    "language": {"labels", "language"}, "synonyms": {"labels"}, "case": {"labels"},
    "misspelt": {"labels"}, "homoglyphs": {"labels"}, "unlabelled": {"labels"},
    "delimiters": {"delimiters"}, "below": {"blocks"}, "header": {"blocks"}, "pairs": {"blocks"},
    "columns": {"blocks"}, "distractors": {"lines"}, "boilerplate": {"lines"}, "rules": {"lines"},
    "times": {"times"}, "ocr": {"blocks", "labels"}, "pages": {"lines"},
    "whitespace": {"spaces"}, "encoding": {"line_end", "start", "unicode_form"},
}  # fmt: skip
# Of how many things each severity takes its share, where the layout alone tells.
COUNTED = {"delimiters": 11, "whitespace": 11, "misspelt": 10, "homoglyphs": 11, "language": 11}

seeds = st.integers().map(str)
severities = st.floats(0, 1, exclude_min=True)
axes = st.sampled_from(list(AXES))


def under(shift, seed="1", schema=INVOICE, record=None):
    record = record or schema.draw(SeededChoices("record"))
    return shifted(Sheet(schema, record), shift, SeededChoices(seed))


def changes(layout):
    return {f.name for f in fields(Layout) if getattr(layout, f.name) != getattr(PLAIN, f.name)}


def touched(axis, layout):
    [part] = OWN[axis] - {"language"}
    return len(getattr(layout, part))


def test_every_axis_says_what_it_does_and_how_common_it_is():
    assert OWN.keys() == AXES.keys()
    assert all(axis.name == name and axis.summary for name, axis in AXES.items())
    assert all(0 < axis.rate < 1 for axis in AXES.values())


@given(axes, severities, seeds)
def test_an_axis_changes_its_own_part_and_nothing_else(axis, severity, seed):
    changed = changes(under({axis: severity}, seed))
    assert changed
    assert changed <= OWN[axis]


@given(severities, seeds)
def test_an_axis_touches_the_share_its_severity_says(severity, seed):
    for axis, everything in COUNTED.items():
        assert touched(axis, under({axis: severity}, seed)) == math.ceil(severity * everything)


@given(severities, severities, seeds)
def test_more_severity_never_touches_less(one, other, seed):
    low, high = sorted((one, other))
    for axis in COUNTED:
        assert touched(axis, under({axis: low}, seed)) <= touched(axis, under({axis: high}, seed))


@pytest.mark.parametrize("low", [0.01, 0.25, 0.5, 0.75])
def test_more_severity_displaces_more_fields_on_average(low):
    def displaced(severity):
        layouts = [under({"order": severity}, str(i)) for i in range(200)]
        return sum(a != b for x in layouts for a, b in zip(x.order, PLAIN.order, strict=True))

    assert displaced(low) < displaced(low + 0.25)


@given(severities, seeds)
def test_order_moves_the_first_field_and_keeps_them_all(severity, seed):
    layout = under({"order": severity}, seed)
    assert layout.order[0] != PLAIN.order[0]
    assert sorted(layout.order) == sorted(PLAIN.order)


@given(severities, seeds)
def test_only_optional_fields_go_missing_and_the_rest_stay_in_order(severity, seed):
    for axis in ("missing", "truncated"):
        left = under({axis: severity}, seed).order
        assert set(PLAIN.order) - set(left) <= set(INVOICE.optional)
        assert left == tuple(name for name in PLAIN.order if name in left)


@given(severities, seeds)
def test_a_cut_document_ends_within_a_label_of_what_is_gone(severity, seed):
    layout = under({"truncated": severity}, seed)
    gone = [INVOICE.labels[name] for name in INVOICE.names if name not in layout.order]
    text = write(RECORD, layout, INVOICE).text.splitlines()[-1]
    assert any(label.startswith(text) and label != text for label in gone)


@given(shifted_invoices())
def test_blocks_share_no_field_and_take_only_neighbours(case):
    layout = under(case.shift)
    inside = [name for block in layout.blocks for name in block.names]
    assert len(set(inside)) == len(inside)
    for block in layout.blocks:
        start = layout.order.index(block.names[0])
        assert layout.order[start : start + len(block.names)] == block.names
    assert [name for block in layout.arranged() for name in block.names] == list(layout.order)


@given(severities, seeds)
def test_marks_and_spaces_differ_from_the_canonical(severity, seed):
    assert ": " not in under({"delimiters": severity}, seed).delimiters.values()
    assert Space() not in under({"whitespace": severity}, seed).spaces.values()


@given(severities, seeds, st.sampled_from(["language", "synonyms", "case", "misspelt"]))
def test_no_two_fields_get_one_label(severity, seed, axis):
    labels = {**INVOICE.labels, **under({axis: severity}, seed).labels}
    assert len({label.lower() for label in labels.values()}) == len(labels)


@given(severities, seeds)
def test_only_a_required_value_that_tells_what_it_is_loses_its_label(severity, seed):
    bare = [
        name for name, label in under({"unlabelled": severity}, seed).labels.items() if not label
    ]
    kinds = [INVOICE.by_name[name].kind for name in bare]
    assert bare
    assert len(set(kinds)) == len(kinds)
    assert not set(bare) & set(INVOICE.optional)
    assert not set(kinds) & {"money", "text"}


@given(seeds)
def test_days_that_could_be_months_are_not_printed_where_the_plain_day_is_asked(seed):
    schema = INVOICE.normalised()
    record = {**RECORD, "issue_date": "2025-03-04", "due_date": "2025-03-04"}
    layout = under({"dates": 1.0}, seed, schema, record)
    assert not set(layout.dates.values()) & {"DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY", "D/M/YYYY"}
    sheet = Sheet(schema, record, ambiguous=True)
    drawn = [shifted(sheet, {"dates": 1.0}, SeededChoices(f"{seed} {i}")) for i in range(40)]
    assert any("DD/MM/YYYY" in asked.dates.values() for asked in drawn)


def test_no_shift_changes_nothing():
    assert under({}) == PLAIN


@pytest.mark.parametrize(
    ("shift", "sentence"),
    [
        ({"ordr": 0.5}, r"unknown shift axis 'ordr'; did you mean 'order'\?"),
        ({"xyz": 0.5}, "unknown shift axis 'xyz'; known are: below, boilerplate, "),
        ({"order": 0}, "severity of axis 'order' is 0; it must be above 0 and at most 1"),
        ({"order": 0.5, "missing": 1.5}, "severity of axis 'missing' is 1.5"),
        ({"order": -0.25}, "severity of axis 'order' is -0.25"),
        ({"order": math.nan}, "severity of axis 'order' is nan"),
    ],
)
def test_a_shift_that_cannot_be_meant_is_refused(shift, sentence):
    for check in (check_shift, under):
        with pytest.raises(CaseError, match=sentence):
            check(shift)


@pytest.mark.parametrize(
    ("chosen", "axis", "sentence"),
    [
        ({"total": "total"}, "missing", "it has no optional field; mark one with optional=True"),
        ({"due_date": "due"}, "missing", "all its fields are optional; keep one required"),
        ({"total": "total"}, "order", "it needs two required fields"),
        ({"total": "total", "vendor": "v"}, "columns", "it needs four required fields"),
        ({"total": "total"}, "truncated", "its last field is not optional"),
        ({"vendor": "v"}, "dates", "no required date"),
        ({"vendor": "v"}, "money", "no required field of kind money"),
        ({"vendor": "v"}, "digits", "no field has digits"),
        ({"total": "total"}, "unlabelled", "no required field has a kind that tells what it is"),
    ],
)
def test_an_axis_that_does_not_fit_says_why(chosen, axis, sentence):
    schema = INVOICE.select(**chosen)
    assert axis not in applicable(schema)
    with pytest.raises(
        CaseError, match=rf"axis '{axis}' cannot shift schema 'invoice': {sentence}"
    ):
        under({axis: 1.0}, schema=schema)


def test_axes_that_need_the_same_lines_exclude_each_other():
    schema = INVOICE.select(vendor="a", customer="b", total="c", tax="d")
    with pytest.raises(
        CaseError, match=r"axes below, header, columns exclude each other.* 4 required"
    ):
        under({"below": 1, "header": 1, "columns": 1}, schema=schema)


def test_a_schema_of_ones_own_is_shifted_along_what_fits_it():
    plain = DocumentSchema(
        "own", (Field("a", "Day of Issue", day, kind="date"), Field("b", "Sum", amount))
    )
    assert {"language", "synonyms", "missing", "money"} & set(applicable(plain)) == set()
    for axis in applicable(plain):
        assert under({axis: 1.0}, schema=plain) != canonical(plain)


@pytest.mark.parametrize("schema", [INVOICE, ITEMISED_INVOICE, RECEIPT], ids=lambda s: s.name)
def test_a_mixture_draws_each_axis_as_often_as_its_rate_says(schema):
    choices = SeededChoices("mixture")
    drawn = [Mixture().draw(schema, choices) for _ in range(2000)]
    assert all(drawn)
    for name in ("order", "synonyms", "language", "dates", "rules"):
        seen = sum(name in shift for shift in drawn) / 2000
        assert abs(seen - AXES[name].rate) < 0.05


def test_a_mixture_of_ones_own():
    drawn = Mixture({"order": 1.0, "missing": 0.0}, (0.5,)).draw(INVOICE, SeededChoices("1"))
    assert drawn == {"order": 0.5}
    with pytest.raises(CaseError, match="no axis of the mixture can shift schema 'invoice'"):
        Mixture({"missing": 1.0}).draw(INVOICE.select(total="t"), SeededChoices("1"))


def test_a_dash_never_stands_before_an_amount_below_zero():
    record = {**RECORD, "total": "-12.00"}
    for seed in range(60):
        layout = under({"delimiters": 1.0}, f"dash {seed}", INVOICE, record)
        assert layout.delimiters["total"] != " - "


@pytest.mark.parametrize("missing", [{"missing": 1.0}, {}])
def test_no_other_code_is_printed_where_the_asked_for_code_is_missing(missing):
    texts = [
        write(RECORD, under({**missing, "distractors": 1.0}, f"code {seed}"), INVOICE).text
        for seed in range(40)
    ]
    assert any("Order No: " in text for text in texts) == (not missing)


def test_a_year_of_two_digits_may_be_a_day():
    assert is_open_day("2026-12-24", "DD-MM-YY")
    assert not is_open_day("2045-12-24", "DD-MM-YY")
    assert not is_open_day("2026-12-24", "DD.MM.YY")


def labels_of_distractors(*fields):
    schema = DocumentSchema("note", (*fields, Field("paid", "Paid", amount, kind="money")))
    record = schema.draw(SeededChoices("record"))
    lines = [
        line
        for seed in range(40)
        for line in write(
            record, under({"distractors": 1.0}, f"own {seed}", schema, record), schema
        ).text.splitlines()
    ]
    return {line.split(":")[0] for line in lines} - {*schema.labels.values()}


@pytest.mark.parametrize(
    ("label", "synonyms", "close"),
    [
        ("Delivery Note No", (), {"Delivery Note"}),
        ("Note Number", (), {"Delivery Note"}),
        ("Reference", ("Our DeliveryNote #",), {"Delivery Note"}),
        ("Customer", (), {"Customer No"}),
        ("Day", ("Date",), {"Delivery Date"}),
        ("Deposit Paid", (), {"Deposit"}),
        ("No", (), set()),
    ],
)
def test_no_distractor_is_called_nearly_like_a_field_of_ones_own(label, synonyms, close):
    every = labels_of_distractors(Field("a", "Serial", day))
    own = Field("a", label, day, synonyms={"en": synonyms})
    assert close < every
    assert labels_of_distractors(own) == every - close


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("delivery note", {"DELIVERY NOTE"}),
        ("toy-2", set()),
        ("serial", set()),  # would read as the label above its value
        ("invoice", {"INVOICE"}),
    ],
)
def test_a_page_of_ones_own_schema_is_titled_with_its_name(name, titles):
    schema = DocumentSchema(name, (Field("a", "Serial", day),))
    record = schema.draw(SeededChoices("record"))
    texts = [
        write(record, under({"boilerplate": 1.0}, f"own {seed}", schema, record), schema).text
        for seed in range(60)
    ]
    lines = {line for text in texts for line in text.splitlines()}
    assert "Page 1 of 1" in lines
    assert {line for line in lines if line.replace(" ", "").isalpha() and line.isupper()} == titles


@pytest.mark.parametrize("axis", ["ocr", "below"])
def test_no_dash_comes_to_stand_before_an_amount_at_the_start_of_a_line(axis):
    shift = {"delimiters": 1.0, axis: 1.0}
    for seed in range(300):
        case = draw_case(INVOICE, INVOICE.draw(SeededChoices("r")), shift, SeededChoices(str(seed)))
        assert not re.search(r"^\s*-\s*\d", case.text, re.MULTILINE), case.text
