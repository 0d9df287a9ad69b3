"""Raw text becomes fields, exactly as it looks, or says why not; it never raises."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.answers.parser import MOST_REPAIRED, Parsed, parse

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
things = st.recursive(scalars, lambda t: st.lists(t) | st.dictionaries(st.text(), t), max_leaves=6)
PIECES = (
    *('{"a": 1}', "{'a'", '{\\"a\\"', "<think>", "</think>", " so ", "[", "]", '"', "{", "}"),
    *("<|im_end|>", "user:\n", "```json\n"),
)
texts = st.dictionaries(st.text(), st.none() | st.text())


@given(texts)
def test_texts_and_nulls_come_through_unchanged(fields):
    assert parse(json.dumps(fields)) == Parsed(fields, "", "strict")


@given(st.from_regex(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", fullmatch=True))
def test_a_number_stays_as_it_was_written(number):
    assert parse(f'{{"total": {number}}}') == Parsed({"total": number})


@given(st.dictionaries(st.text(), things))
def test_every_value_is_text_null_or_rows_of_text(data):
    found = parse(json.dumps(data))
    assert found.problem == ""
    assert found.stage in ("strict", "repaired")  # NaN is no JSON
    assert found.fields.keys() == data.keys()
    for name, value in found.fields.items():
        rows = data[name]
        if isinstance(value, list):
            assert [row.keys() for row in value] == [row.keys() for row in rows]
            assert all(isinstance(cell, str) for row in value for cell in row.values())
        else:
            assert value is None or isinstance(value, str)
    assert [n for n in data if data[n] is None] == [n for n in data if found.fields[n] is None]


@given(
    st.text()
    | st.text('[]{},:"\\0nul t`')
    | st.lists(st.sampled_from(PIECES)).map("".join)
    | things.map(json.dumps)
    | st.tuples(things.map(json.dumps), st.integers(0, 50)).map(lambda cut: cut[0][: cut[1]])
)
def test_there_are_fields_or_a_problem_and_never_both(raw):
    found = parse(raw)
    assert (found.fields is None) == bool(found.problem) == (found.stage == "failed")
    assert "\n" not in found.problem


@given(st.text(st.characters(exclude_characters='{"')))
def test_prose_is_never_made_an_object(prose):
    assert parse(prose).fields is None


@given(
    texts.filter(bool),
    st.text(st.characters(exclude_characters='{"')),
    st.text(),
    st.sampled_from(["", "```", "```json\n"]),
)
def test_an_object_is_found_in_prose_and_fences(fields, before, after, fence):
    raw = f"{before}: {fence}{json.dumps(fields)}{fence[:3]} {after}"
    assert parse(raw) == Parsed(fields, "", "extracted")


@given(texts.filter(bool), st.integers(1, 40))
def test_what_is_cut_off_is_no_strict_answer(fields, lost):
    raw = json.dumps(fields)
    assert parse(raw[:-lost]).stage in ("repaired", "failed")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.50", "1.50"),
        ('"1.50"', "1.50"),
        ("1e400", "1e400"),
        ("9" * 5000, "9" * 5000),
        ("true", "true"),
        ('"\\u00e4\\n"', "ä\n"),
        ('{"net": "ä"}', '{"net": "ä"}'),
        ("[null, [1.50]]", '[null, ["1.50"]]'),
        ('[{"n": 1.50, "of": null}]', [{"n": "1.50", "of": ""}]),
        ("[]", []),
    ],
)
def test_what_a_value_becomes(value, text):
    assert parse(f'{{"total": {value}}}') == Parsed({"total": text})


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        ('{"total": "1"} Done!', {"total": "1"}),
        ('```json\n{"total": 1.50}\n```', {"total": "1.50"}),
        ('\ufeff{"total": "1"}', {"total": "1"}),
        ('{"total": "1"}{"total": "2"}', {"total": "1"}),
        ('Not {}, but {"total": "1"}.', {"total": "1"}),
        ("The answer is {}.", {}),
        ('In {brackets}: {"total": "1"}', {"total": "1"}),
    ],
)
def test_the_first_whole_object_is_extracted(raw, fields):
    assert parse(raw) == Parsed(fields, "", "extracted")


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        ('{"total": "1"', {"total": "1"}),
        ('{"total": 1.50, "due": "2025-0', {"total": "1.50", "due": "2025-0"}),
        ("{'total': '1', 'due': None}", {"total": "1", "due": None}),
        ('{"total": 1,50}', {"total": "1,50"}),
        ('{"total": 1.50,}', {"total": "1.50"}),
        ('{"total": 007, "rate": 1e400,}', {"total": "007", "rate": "1e400"}),
        ('{"total": "1"\n"due": "2"}', {"total": "1", "due": "2"}),
        ("{total: 9.0}", {"total": "9.0"}),
        ("```json\n{total: 9.0}\n```", {"total": "9.0"}),
        ('"total": "9", "due": null}', {"total": "9", "due": None}),
        ('{"total": NaN}', {"total": "NaN"}),
        ('{"total": -Infinity}', {"total": "-Infinity"}),
        ('{"items": [{"n": "1"}], "total": "2', {"items": [{"n": "1"}], "total": "2"}),
    ],
)
def test_a_broken_object_is_repaired(raw, fields):
    assert parse(raw) == Parsed(fields, "", "repaired")


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", "not JSON: Expecting value"),
        ("I cannot help with that.", "not JSON: Expecting value"),
        ("The total is 9: see above.", "not JSON: Expecting value"),
        ("I used {braces} and even {note: this}.", "not JSON: Expecting value"),
        ("{", "not JSON: Expecting property name"),
        ('{"total', "not JSON: Unterminated string"),
        ("[]", "JSON, but a list and not an object"),
        ('[{"total": "1"}, {"total": "2"}]', "JSON, but a list of 2 objects and not one"),
        ('["total"]', "JSON, but a list and not an object"),
        ('"total"', "JSON, but a str and not an object"),
        ("0.0", "JSON, but a str and not an object"),
        ("null", "JSON, but a NoneType and not an object"),
    ],
)
def test_what_is_no_object_says_so(raw, problem):
    found = parse(raw)
    assert (found.fields, found.stage) == (None, "failed")
    assert found.problem.startswith(problem)


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"a":['])
def test_endless_nesting_is_a_problem_like_any_other(opening):
    assert "nested too deeply" in parse(opening * 100_000).problem


def test_no_depth_of_nesting_raises():
    for depth in range(700, 1100):
        parse(f'{{"a": {"[" * depth}{"]" * depth}}}')
        parse(f'{{"a": {"[" * depth}')


@pytest.mark.parametrize(
    "piece", ["x", '{"a":"b",', '{"', "{a:", '{"a": "x" ', "it's '", "[1,", "{'"]
)
def test_no_text_takes_long(piece):
    raw = "{'a': '" + piece * (MOST_REPAIRED // len(piece) - 8)
    started = time.perf_counter()
    parse(raw)
    parse(raw * 10)
    assert time.perf_counter() - started < 5


def test_of_a_key_that_stands_twice_the_last_counts():
    assert parse('{"total": "1", "total": "2"}') == Parsed({"total": "2"})
