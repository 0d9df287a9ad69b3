"""The nouns: they know a right answer, survive JSON, and put a verdict in one line."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.records import Case, Finding, Measurement, Prediction, Verdict

words = st.text(max_size=8)
numbers = st.integers(0, 99)
fields = st.dictionaries(words, st.none() | words, max_size=3)
measurements = st.builds(
    Measurement,
    name=words,
    value=st.floats(-1, 1),
    interval=st.tuples(st.floats(-1, 1), st.floats(-1, 1)),
    n=numbers,
)
cases = st.builds(
    Case,
    id=words,
    text=st.text(),
    truth=fields,
    record=words,
    shift=st.dictionaries(words, st.floats(0, 1), max_size=3),
    spans=st.dictionaries(words, st.tuples(numbers, numbers), max_size=3),
    condition=words,
)
predictions = st.builds(
    Prediction,
    case=cases,
    model=words,
    raw=st.text(),
    fields=st.none() | fields,
    logprobs=st.none() | st.lists(st.floats(-9, 0)).map(tuple),
    token_ends=st.none() | st.lists(numbers).map(tuple),
)
verdicts = st.builds(
    Verdict,
    measurement=measurements,
    limit=st.floats(0, 1),
    side=st.sampled_from(["at_most", "at_least"]),
    outcome=st.sampled_from(["passed", "failed", "undecided"]),
)

TRUTH = {"total": "9.00", "due": None}


def answered(fields):
    return Prediction(Case("1", "Total: 9.00", TRUTH), "m", "", fields)


def verdict(**changes):
    measurement = Measurement("accuracy gap", 0.25, (0.125, 0.5), 40, model="m", condition="order")
    plain = {"limit": 0.3, "side": "at_most", "outcome": "undecided", "advice": "ask more"}
    return Verdict(**{"measurement": measurement, **plain, **changes})


@given(cases | predictions | measurements | verdicts)
def test_a_record_survives_json(record):
    assert type(record).from_dict(json.loads(json.dumps(record.to_dict()))) == record


def test_a_finding_becomes_a_dict():
    found = Finding("order", Measurement("drop", 0.5, (0.4, 0.6), 10), "half of them")
    written = json.loads(json.dumps(found.to_dict()))
    assert (written["cause"], written["effect"]["value"]) == ("order", 0.5)


@pytest.mark.parametrize(
    "record", [answered(TRUTH), answered(TRUTH).case, verdict(), verdict().measurement]
)
def test_a_record_cannot_be_changed(record):
    with pytest.raises(FrozenInstanceError):
        setattr(record, next(iter(record.to_dict())), "other")


@pytest.mark.parametrize(
    ("fields", "correct"),
    [
        (TRUTH, True),
        ({"due": None, "total": "9.00"}, True),
        ({"total": "9.0", "due": None}, False),
        ({"total": "9.00", "due": ""}, False),
        ({"total": "9.00"}, False),
        ({**TRUTH, "tax": None}, False),
        ({}, False),
        (None, False),
    ],
)
def test_only_the_same_keys_with_the_same_values_are_right(fields, correct):
    assert answered(fields).correct is correct


def test_a_verdict_is_one_line():
    assert verdict().line == (
        "undecided: accuracy gap (m, order) = 0.250 [0.125, 0.500], n=40, "
        "limit at most 0.3; ask more"
    )


def test_a_verdict_without_model_and_advice_leaves_nothing_behind():
    measurement = Measurement("exact match", 1, (0.9, 1), 40)
    plain = verdict(measurement=measurement, side="at_least", outcome="passed", advice="")
    assert plain.line == "passed: exact match = 1.000 [0.900, 1.000], n=40, limit at least 0.3"


@pytest.mark.parametrize(
    ("printed", "answered_with"),
    [("1\u202f234,50", "1 234,50"), ("Jose\u0301", "José"), ("a\u00a0b", "a b"), (None, None)],
)
def test_what_looks_the_same_is_the_same_answer(printed, answered_with):
    case = Case("1", "t", {"x": printed})
    assert Prediction(case, "m", "", {"x": answered_with}).correct
    assert not Prediction(case, "m", "", {"x": "else"}).correct


def test_the_rows_of_a_table_are_right_together():
    rows = [{"amount": "1\u00a0000"}, {"amount": "2"}]
    case = Case("1", "t", {"items": rows})
    assert Prediction(case, "m", "", {"items": [{"amount": "1 000"}, {"amount": "2"}]}).correct
    assert not Prediction(case, "m", "", {"items": rows[:1]}).correct
    assert not Prediction(case, "m", "", {"items": "1 000"}).correct
