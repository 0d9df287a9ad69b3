"""The shift axes: each touches its own part of a layout, as much as its severity says."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.layout import CANONICAL_DELIMITER, Layout, Space, canonical
from pytest_slm_autopsy.cases.schema import INVOICE, DocumentSchema, Field
from pytest_slm_autopsy.cases.shifts import AXES, check_shift, shifted
from pytest_slm_autopsy.cases.strategies import shifts
from pytest_slm_autopsy.cases.values import day
from pytest_slm_autopsy.errors import CaseError

PLAIN = canonical(INVOICE)
FIELDS, OPTIONAL = len(INVOICE.names), len(INVOICE.optional)
OWN = {"missing": "order", "order": "order", "delimiters": "delimiters", "whitespace": "spaces"}

seeds = st.integers().map(str)
severities = st.floats(0, 1, exclude_min=True)
axes = st.sampled_from(list(AXES))


def under(shift, seed="1", schema=INVOICE):
    return shifted(canonical(schema), schema, shift, SeededChoices(seed))


def touched(axis, layout):
    """How many fields an axis changed, seen from the layout alone."""
    if axis == "order":
        return sum(a != b for a, b in zip(layout.order, PLAIN.order, strict=True))
    if axis == "missing":
        return FIELDS - len(layout.order)
    return len(getattr(layout, OWN[axis]))


def test_the_axes_are_applied_in_this_order():
    assert list(AXES) == ["missing", "order", "delimiters", "whitespace"]
    assert all(axis.name == name and axis.summary for name, axis in AXES.items())


@given(shifts(), seeds)
def test_a_shifted_layout_is_never_canonical(shift, seed):
    assert under(shift, seed) != PLAIN


@given(axes, severities, seeds)
def test_an_axis_leaves_the_rest_alone(axis, severity, seed):
    layout = under({axis: severity}, seed)
    for part in {"order", "delimiters", "spaces"} - {OWN[axis]}:
        assert getattr(layout, part) == getattr(PLAIN, part)


@given(severities, seeds)
def test_an_axis_touches_the_share_its_severity_says(severity, seed):
    for axis, everything in (("missing", OPTIONAL), ("delimiters", FIELDS), ("whitespace", FIELDS)):
        assert touched(axis, under({axis: severity}, seed)) == math.ceil(severity * everything)


@given(severities, severities, seeds)
def test_more_severity_never_touches_less(one, other, seed):
    low, high = sorted((one, other))
    for axis in ("missing", "delimiters", "whitespace"):
        assert touched(axis, under({axis: low}, seed)) <= touched(axis, under({axis: high}, seed))


@pytest.mark.parametrize("low", [0.01, 0.25, 0.5, 0.75])
def test_more_severity_displaces_more_fields_on_average(low):
    def displaced(severity):
        return sum(touched("order", under({"order": severity}, str(i))) for i in range(200))

    assert displaced(low) < displaced(low + 0.25)


@given(severities, seeds)
def test_order_moves_the_first_field_and_keeps_them_all(severity, seed):
    layout = under({"order": severity}, seed)
    assert layout.order[0] != PLAIN.order[0]
    assert sorted(layout.order) == sorted(PLAIN.order)


@given(severities, seeds)
def test_only_optional_fields_go_missing_and_the_rest_stay_in_order(severity, seed):
    left = under({"missing": severity}, seed).order
    assert set(PLAIN.order) - set(left) <= set(INVOICE.optional)
    assert left == tuple(name for name in PLAIN.order if name in left)


@given(severities, seeds)
def test_marks_and_spaces_differ_from_the_canonical(severity, seed):
    marks = under({"delimiters": severity}, seed).delimiters.values()
    assert marks
    assert CANONICAL_DELIMITER not in marks
    spaces = under({"whitespace": severity}, seed).spaces.values()
    assert spaces
    assert Space() not in spaces


@given(shifts(min_axes=2), seeds)
def test_what_is_missing_is_neither_marked_nor_spaced(shift, seed):
    assume("missing" in shift)
    layout = under(shift, seed)
    assert {*layout.delimiters, *layout.spaces} <= set(layout.order)


def test_no_shift_changes_nothing():
    layout = Layout(("total",), {"total": " = "})
    assert shifted(layout, INVOICE, {}, SeededChoices("1")) == layout


@pytest.mark.parametrize(
    ("shift", "sentence"),
    [
        ({"ordr": 0.5}, r"unknown shift axis 'ordr'; did you mean 'order'\?"),
        ({"xyz": 0.5}, "unknown shift axis 'xyz'; known are: delimiters, missing, order"),
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


def test_a_schema_without_optional_fields_cannot_miss_any():
    with pytest.raises(CaseError, match=r"schema 'invoice' has no optional field.*optional=True"):
        under({"missing": 1.0}, schema=INVOICE.select(total="total"))


def test_a_schema_of_one_field_cannot_change_its_order():
    one = DocumentSchema("one", (Field("a", "A", day),))
    try:
        layout = under({"order": 1.0}, schema=one)
    except CaseError:
        return
    assert layout != canonical(one)
