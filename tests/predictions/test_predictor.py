"""Cases are asked in batches of like length, and answered in the order they were given."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.errors import ConfigError, ModelError, NoDataError, SlmAutopsyError
from pytest_slm_autopsy.models.interface import Answer
from pytest_slm_autopsy.models.prompts import PromptFormat
from pytest_slm_autopsy.models.scripted import CallableModel, ScriptedModel
from pytest_slm_autopsy.predictions.predictor import predict
from pytest_slm_autopsy.records import Case


class Recorder(ScriptedModel):
    """A perfect model that keeps the batches it was asked."""

    def __init__(self):
        super().__init__(lambda case: PromptFormat().expected(case.truth), name="perfect")
        self.batches = []

    def answer(self, cases):
        self.batches.append([len(case.text) for case in cases])
        return super().answer(cases)


class Fixed:
    """A model that gives these answers, whatever it is asked."""

    name = "fixed"

    def __init__(self, *answers):
        self.answer = lambda cases: list(answers)


def cases_of(lengths):
    return [Case(str(i), "x" * n, {"id": str(i)}) for i, n in enumerate(lengths)]


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 9))
def test_order_is_kept_and_batches_are_of_like_length(lengths, batch_size):
    model, cases = Recorder(), cases_of(lengths)
    predictions = predict(model, cases, batch_size=batch_size)
    assert [p.case for p in predictions] == cases
    assert all(p.correct and p.model == "perfect" for p in predictions)
    assert [n for batch in model.batches for n in batch] == sorted(lengths)
    assert {len(batch) for batch in model.batches[:-1]} <= {batch_size}
    assert 0 < len(model.batches[-1]) <= batch_size


def test_progress_is_told_after_each_batch():
    told = []
    predict(Recorder(), cases_of([1] * 5), batch_size=2, progress=lambda *at: told.append(at))
    assert told == [(2, 5), (4, 5), (5, 5)]


def test_what_the_model_wrote_is_kept():
    answer = Answer('{"id": 0}', (-0.5, -0.25), (4, 9), "length")
    [prediction] = predict(Fixed(answer), cases_of([1]))
    assert (prediction.raw, prediction.finish) == (answer.text, "length")
    assert (prediction.logprobs, prediction.token_ends) == ((-0.5, -0.25), (4, 9))
    assert (prediction.fields, prediction.problem) == ({"id": "0"}, "")


def test_an_answer_that_is_no_json_is_a_prediction_with_a_problem():
    [prediction] = predict(Fixed(Answer("Sorry!")), cases_of([1]))
    assert prediction.fields is None
    assert prediction.problem.startswith("not JSON")
    assert prediction.logprobs is None
    assert not prediction.correct


def test_nothing_to_predict_is_an_error():
    with pytest.raises(NoDataError, match="no cases to predict"):
        predict(Recorder(), [])


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_size_that_cannot_be_meant_is_refused(batch_size):
    with pytest.raises(SlmAutopsyError, match="batch_size"):
        predict(Recorder(), cases_of([1]), batch_size=batch_size)


@pytest.mark.parametrize("answers", [[], [Answer("{}"), Answer("{}")]])
def test_a_model_that_miscounts_is_named(answers):
    with pytest.raises(SlmAutopsyError, match="fixed"):
        predict(Fixed(*answers), cases_of([1]))


@pytest.mark.parametrize("what", [lambda text: {}, "model", object()])
def test_what_is_no_model_is_told_how_to_become_one(what):
    with pytest.raises(ConfigError, match=r"is no model; wrap a function .* CallableModel"):
        predict(what, [Case("1", "", {})])


@pytest.mark.parametrize("found", ['{"a": 1}', 5, ["a"]])
def test_an_extractor_that_returns_no_fields_is_told(found):
    with pytest.raises(ModelError, match="it must return fields by name, or None"):
        predict(CallableModel(lambda text: found), [Case("1", "", {"a": "1"})])


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (None, "answer() of model 'anybody' returned a NoneType; it returns a list"),
        ("{}", "answer() of model 'anybody' returned a str"),
        ({"a": Answer("{}")}, "answer() of model 'anybody' returned a dict"),
        (["{}"], "model 'anybody' gave what is no answer: it is a str; answer() returns Answer("),
        ([None], "no answer: it is a NoneType"),
        ([Answer(None)], "no answer: its text is None; it must be a text"),
        ([Answer(b"{}")], "no answer: its text is b'{}'"),
        ([Answer("{}", finish=None)], "no answer: its finish is None"),
        ([Answer("{}", problem=5)], "no answer: its problem is 5"),
        *(
            ([answer], "no answer: its logprobs are not all numbers, or its token_ends and near")
            for answer in (
                *(Answer("{}", (one,), (2,)) for one in ("a", "-0.5", None, True, [])),
                *(Answer("{}", (-0.1,), (one,)) for one in (float("nan"), 1.5, "2", None)),
                *(Answer("{}", near_ties=one) for one in (None, "1", 0.5)),
            )
        ),
        ([Answer("{}", (-0.1, -0.2), (2,))], "no answer: it has 2 logprobs and 1 token_ends"),
    ],
)
def test_what_is_no_answer_is_told(given, sentence):
    model = Fixed()
    model.name, model.answer = "anybody", lambda cases: given
    with pytest.raises(ModelError, match=re.escape(sentence)):
        predict(model, cases_of([1]))


def test_numbers_of_any_kind_become_plain_ones():
    numbers = np.array([-0.5, -0.25], dtype=np.float32), np.array([4, 9])
    [prediction] = predict(Fixed(Answer("{}", *numbers, near_ties=np.int64(0))), cases_of([1]))
    assert prediction == predict(Fixed(Answer("{}", (-0.5, -0.25), (4, 9))), cases_of([1]))[0]
    assert {*map(type, prediction.logprobs)} == {float}
    assert {*map(type, prediction.token_ends)} == {int}
    json.dumps(prediction.to_dict())
    [prediction] = predict(Fixed(Answer("{}", None, np.array([2]))), cases_of([1]))
    assert prediction.token_ends is None
