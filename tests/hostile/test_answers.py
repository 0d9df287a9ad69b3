"""Hostile answers: every text of a model is fields or a problem, and soon."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_slm_autopsy import (
    PromptFormat,
    ScriptedModel,
    assert_accuracy,
    assert_calibrated,
    draw_suite,
    gather,
    predict,
)
from pytest_slm_autopsy.answers.forms import JsonAnswer, LabelAnswer, NumberAnswer
from pytest_slm_autopsy.answers.parser import Parsed
from pytest_slm_autopsy.answers.reasoning import closes_reasoning, opens_reasoning
from pytest_slm_autopsy.cases import INVOICE
from pytest_slm_autopsy.diagnostics.inside.tokens import answer_places
from pytest_slm_autopsy.diagnostics.probes import sampling
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.models.served.wire import read_answer
from pytest_slm_autopsy.records import Case, Prediction
from pytest_slm_autopsy.report import write_report
from tests.hostile.inputs import (
    DEEP,
    HOW,
    HUGE,
    LONG_NUMBER,
    TEXTS,
    cut_or_flipped,
    hostile,
    values,
)

FEW = settings(max_examples=60, **HOW)
MANY = settings(max_examples=2_000, **HOW)

FORMS = {
    "json": JsonAnswer(),
    "label": LabelAnswer(("invoice", "reminder", "a")),
    "number": NumberAnswer(),
}
SOUND = {"id": "A-1", "total": 12.5, "rows": [{"a": "b"}], "due": None}
SNIPPETS = (
    *('{"id": "A', "-1", '"}', "}", "{", "[", "]", '"', "'", "\\", '\\"', ":", ",", "null", "\n"),
    *("```json\n", "```", "<think>", "</think>", "<|im_end|>", "<|channel|>analysis<|message|>"),
    *("### Input", "user:", "invoice", "not a reminder", "1.234,50", "-1e999", "NaN", "\u201c"),
    *("{'id': 1}", '{"id": 1}', '{"id": {"id": ', "// no", "\x00", "\ud800", "\u202e", " ", "\t"),
)
ANSWERS = st.one_of(
    st.lists(st.sampled_from(SNIPPETS) | TEXTS, max_size=14).map("".join),
    hostile(SOUND).map(lambda data: data.decode("utf-8", "replace")),
    values().map(json.dumps),
    DEEP.map(bytes.decode),
    cut_or_flipped(json.dumps(SOUND).encode()).map(lambda data: data.decode("latin-1")),
    st.just(LONG_NUMBER.decode()),
)
COMPLETION = {
    "model": "tiny",
    "choices": [
        {
            "finish_reason": "stop",
            "message": {"content": "ab"},
            "logprobs": {"content": [{"token": "ab", "logprob": -0.1, "bytes": [97, 98]}]},
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1},
}


def check(form, raw):
    found = form.read(raw)
    assert isinstance(found, Parsed)
    assert (found.fields is None) == bool(found.problem)
    assert len(found.problem) < 300
    if found.span is not None:
        start, end = found.span
        assert 0 <= start <= end <= len(raw)
    for name, value in (found.fields or {}).items():
        assert isinstance(name, str)
        assert value is None or isinstance(value, str | list)
    opens_reasoning(raw)
    closes_reasoning(raw)
    for start, end in answer_places(raw).values():
        assert 0 <= start <= end <= len(raw)


@pytest.mark.parametrize("name", FORMS)
def test_any_answer_is_fields_or_a_problem(name):
    FEW(given(ANSWERS)(lambda raw: check(FORMS[name], raw)))()


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMS)
def test_many_answers_are_fields_or_a_problem(name):
    MANY(given(ANSWERS)(lambda raw: check(FORMS[name], raw)))()


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    "raw",
    ["[" * 100_000, '{"a":' * 100_000, "{'a':" * 1_500, '{"id": ' + "9" * 100_000 + "}",
     '{"a": "' + "\\" * 9_999, "<think>" * 20_000, "<|channel|>analysis" * 5_000],
    ids=["lists", "objects", "single quotes", "digits", "backslashes", "thoughts", "channels"],
)  # fmt: skip
def test_a_hostile_answer_is_fields_or_a_problem(name, raw):
    check(FORMS[name], raw)


@FEW
@given(hostile(COMPLETION))
def test_what_a_server_sends_is_an_answer_or_a_value_error(data):
    try:
        sent = json.loads(data)
    except (ValueError, RecursionError):
        return
    try:
        answer = read_answer(sent)
    except ValueError:
        return
    assert isinstance(answer.text, str)
    assert isinstance(answer.finish, str)
    assert answer.logprobs is None or len(answer.logprobs) == len(answer.token_ends)


def test_numbers_without_end_from_a_server_are_no_probabilities():
    row = {"token": "ab", "logprob": HUGE, "bytes": [HUGE]}
    choice = {"finish_reason": "stop", "text": "ab", "logprobs": {"content": [row]}}
    assert read_answer({"choices": [choice]}).logprobs is None


@pytest.mark.parametrize("logprob", [1000.0, 1e308, 0.5, float("nan"), float("inf")])
def test_a_logarithm_of_no_probability_costs_what_needs_it_and_no_more(tmp_path, logprob):
    suite = draw_suite(INVOICE, 8, 1, {"canonical": {}, "order": {"order": 1.0}})
    model = ScriptedModel(lambda case: "{}" if case.shift else PromptFormat().expected(case.truth))
    said = [replace(one, logprobs=(logprob,), token_ends=(2,)) for one in predict(model, [
        case for name in suite for case in suite[name]])]  # fmt: skip
    write_report(gather(said, facts={}), tmp_path / "page.html")
    assert assert_accuracy(said[:8], at_least=0.5).outcome == "passed"
    for needs_it in (sampling, partial(assert_calibrated, at_most=0.1)):
        with pytest.raises(NoDataError, match="natural logarithms"):
            needs_it(said)


def test_rounding_above_a_probability_of_one_adds_up_to_no_error():
    rounded = (float(np.log(np.float32(1.0000001))),) * 20
    case = Case("a", "Total: 1", {"total": "1"})
    assert sampling([Prediction(case, "m", "{}", {"total": "1"}, logprobs=rounded)]).value == 1.0
