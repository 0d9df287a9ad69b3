"""Raw text becomes fields, exactly as it looks, or says why not; it never raises."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.predictions.parse import parse

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
things = st.recursive(scalars, lambda t: st.lists(t) | st.dictionaries(st.text(), t), max_leaves=6)


@given(st.dictionaries(st.text(), st.none() | st.text()))
def test_texts_and_nulls_come_through_unchanged(fields):
    assert parse(json.dumps(fields)) == (fields, "")


@given(st.from_regex(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", fullmatch=True))
def test_a_number_stays_as_it_was_written(number):
    assert parse(f'{{"total": {number}}}') == ({"total": number}, "")


@given(st.dictionaries(st.text(), things))
def test_every_value_is_text_null_or_rows_of_text(data):
    fields, problem = parse(json.dumps(data))
    assert problem == ""
    assert fields.keys() == data.keys()
    for name, value in fields.items():
        rows = data[name]
        if isinstance(value, list):
            assert [row.keys() for row in value] == [row.keys() for row in rows]
            assert all(isinstance(cell, str) for row in value for cell in row.values())
        else:
            assert value is None or isinstance(value, str)
    assert [name for name in data if data[name] is None] == [n for n in fields if fields[n] is None]


@given(st.text() | st.text('[]{},:"\\0nul t') | things.map(json.dumps))
def test_there_are_fields_or_a_problem_and_never_both(raw):
    fields, problem = parse(raw)
    assert (fields is None) == bool(problem)
    assert "\n" not in problem


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.50", "1.50"),
        ('"1.50"', "1.50"),
        ("1e400", "1e400"),
        ("9" * 5000, "9" * 5000),
        ("true", "true"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ('"\\u00e4\\n"', "ä\n"),
        ('{"net": "ä"}', '{"net": "ä"}'),
        ("[null, [1.50]]", '[null, ["1.50"]]'),
        ('[{"n": 1.50, "of": null}]', [{"n": "1.50", "of": ""}]),
        ("[]", []),
    ],
)
def test_what_a_value_becomes(value, text):
    assert parse(f'{{"total": {value}}}') == ({"total": text}, "")


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", "not JSON: Expecting value"),
        ("I cannot help with that.", "not JSON: Expecting value"),
        ("{'total': '1'}", "not JSON: Expecting property name"),
        ('{"total": "1"', "not JSON: Expecting ',' delimiter"),
        ('{"total": "1"} Done!', "not JSON: Extra data"),
        ('```json\n{"total": "1"}\n```', "not JSON: Expecting value"),
        ('{"total": 1,50}', "not JSON: Expecting property name"),
        ("[]", "JSON, but a list and not an object"),
        ('"total"', "JSON, but a str and not an object"),
        ("null", "JSON, but a NoneType and not an object"),
    ],
)
def test_what_is_no_object_says_so(raw, problem):
    fields, why = parse(raw)
    assert fields is None
    assert why.startswith(problem)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_endless_nesting_is_a_problem_like_any_other(opening):
    assert parse(opening * 100_000)[1].startswith("not JSON: maximum recursion depth")


def test_no_depth_of_nesting_raises():
    for depth in range(700, 1100):
        parse(f'{{"a": {"[" * depth}{"]" * depth}}}')
