"""The nouns: they know a right answer, survive JSON, and put a verdict in one line."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.errors import CaseError
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
    tags=st.lists(words, max_size=2).map(tuple),
    layout=words,
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
findings = st.builds(
    Finding,
    cause=words,
    effect=measurements,
    evidence=st.lists(words, max_size=2).map(tuple),
    against=st.lists(words, max_size=2).map(tuple),
    cure=words,
)

TRUTH = {"total": "9.00", "due": None}


def answered(fields):
    return Prediction(Case("1", "Total: 9.00", TRUTH), "m", "", fields)


def verdict(**changes):
    measurement = Measurement("accuracy gap", 0.25, (0.125, 0.5), 40, model="m", condition="order")
    plain = {"limit": 0.3, "side": "at_most", "outcome": "undecided", "advice": "ask more"}
    return Verdict(**{"measurement": measurement, **plain, **changes})


@given(cases | predictions | measurements | verdicts | findings)
def test_a_record_survives_json(record):
    plain = record.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert type(record).from_dict(plain) == record


def test_a_record_without_its_defaults_is_whole():
    assert Case.from_dict({"id": "1", "text": "t", "truth": {}}) == Case("1", "t", {})
    effect = {"name": "drop", "value": 0.5, "interval": [0.4, 0.6], "n": 10}
    found = Finding.from_dict({"cause": "order", "effect": effect})
    assert found == Finding("order", Measurement("drop", 0.5, (0.4, 0.6), 10))


def test_what_a_measurement_can_still_compute_is_not_written():
    value = Measurement("rate", 0.5, (0.4, 0.6), 10, interval_at=lambda level: (0.0, 1.0))
    assert "interval_at" not in value.to_dict()
    assert Measurement.from_dict(value.to_dict()).interval_at is None


def test_rows_and_answers_of_any_shape_come_back():
    rows = [{"amount": "1.00"}, {"amount": "2.00"}]
    odd = {"items": rows, "total": 9.0, "deep": {"a": [1]}, "flag": True, "none": None}
    prediction = Prediction(Case("1", "t", {"items": rows}), "m", "", odd)
    assert Prediction.from_dict(json.loads(json.dumps(prediction.to_dict()))) == prediction


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"limit": "much"}, "limit of a Verdict: 'much' is not float"),
        ({"limit": True}, "limit of a Verdict: True is not float"),
        ({"side": "above"}, "side of a Verdict: 'above' is not "),
        ({"colour": "red"}, "a Verdict has no 'colour'"),
        ({"measurement": 3}, "measurement of a Verdict: 3 is no Measurement"),
        ({"measurement": {"name": "x"}}, "measurement of a Verdict: a Measurement needs value, "),
        (
            {"measurement": {**verdict().measurement.to_dict(), "interval": [0.1]}},
            "measurement of a Verdict: interval of a Measurement: .* does not hold 2 values",
        ),
        ({"measurement": {**verdict().measurement.to_dict(), "n": None}}, "n of a Measurement"),
    ],
)
def test_what_is_no_record_is_a_sentence(change, sentence):
    with pytest.raises(TypeError, match=sentence):
        Verdict.from_dict({**verdict().to_dict(), **change})
    with pytest.raises(TypeError, match="a Verdict needs limit, side, outcome"):
        Verdict.from_dict({"measurement": verdict().measurement.to_dict()})


@pytest.mark.parametrize(
    "record",
    [
        answered(TRUTH),
        answered(TRUTH).case,
        verdict(),
        verdict().measurement,
        Finding("order", verdict().measurement),
    ],
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


@pytest.mark.parametrize("name", ["id", "text", "record", "condition", "source", "layout"])
@pytest.mark.parametrize("value", [None, 5, b"x", ["a"]])
def test_what_must_be_a_text_and_is_none_is_told(name, value):
    given = {"id": "a", "text": "Total: 1", "truth": {"total": "1"}, name: value}
    with pytest.raises(CaseError, match=f"its {name} is .*; it must be a text"):
        Case(**given)
