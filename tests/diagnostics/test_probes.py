"""Each probe finds the change that was planted, and costs nothing where none was."""

from __future__ import annotations

import math

import pytest

from pytest_slm_autopsy import Case, Prediction, PromptFormat, ScriptedModel
from pytest_slm_autopsy.diagnostics import (
    context_length,
    determinism,
    latency,
    order_bias,
    prompts,
    quantisation,
    sampling,
)
from pytest_slm_autopsy.errors import NoDataError
from tests.diagnostics.planted import asked, dying, suite_of

CASES = suite_of(16).reference


def values(measurements):
    return {one.name: one.value for one in measurements}


def test_quantisation_costs_by_slice():
    whole, damaged = dying(lambda case: False), dying(lambda case: int(case.record[-1]) % 2 == 0)
    found = values(quantisation(lambda form: asked(whole if form == "none" else damaged), CASES))
    assert found["cost of nf4, all"] == found["cost of fp4, all"] == 0.5
    assert "cost of nf4, other languages" not in found


def test_another_prompt_costs_what_it_breaks():
    def dies(case):
        return not case.turns or case.turns[0][1] == "You are a helpful assistant."

    found = values(prompts(asked(dying(dies)), CASES))
    assert found.pop("cost of another system prompt") == 1.0
    assert set(found.values()) == {0.0}
    assert {"cost of no system prompt", "cost of two examples before"} <= {*found}


def test_an_example_before_is_never_the_document_itself():
    seen = []

    def dies(case):
        seen.append(case)
        return False

    prompts(asked(dying(dies)), CASES)
    shots = [case for case in seen if len(case.turns) > 2]
    assert shots
    assert not any(case.text in turn for case in shots for _, turn in case.turns[:-1])


def test_longer_documents():
    longest = max(len(case.text) for case in CASES)
    found = values(context_length(asked(dying(lambda case: len(case.text) > 2.5 * longest)), CASES))
    assert found == {"cost of 2 times as long": 0.0, "cost of 4 times as long": 1.0}


@pytest.mark.parametrize(("text", "wins"), [("a: 1\nb: 2", 1.0), ("b: 2\na: 1", 0.0)])
def test_the_first_candidate_wins(text, wins):
    case = Case("1", text, {"a": "1", "b": "2"})
    assert order_bias([Prediction(case, "m", "", {"a": "1", "b": "1"})]).value == wins


def test_no_swapped_answer_has_no_bias():
    case = Case("1", "a: 1", {"a": "1"})
    with pytest.raises(NoDataError, match="no candidate can be seen to win"):
        order_bias([Prediction(case, "m", "", {"a": "1"})])


def test_a_model_that_answers_otherwise_each_time():
    times = iter(range(1000))
    model = ScriptedModel(lambda case: PromptFormat().expected({"x": str(next(times))}))
    assert determinism(asked(model), CASES).value == 1.0
    assert determinism(asked(dying(lambda case: False)), CASES).value == 0.0


def test_the_chance_of_the_greedy_answer():
    case = Case("1", "a: 1", {"a": "1"})
    sure = [Prediction(case, "m", "", None, logprobs=(math.log(0.5), 0.0))] * 4
    assert sampling(sure).value == pytest.approx(0.5)
    with pytest.raises(NoDataError, match="gives no probabilities"):
        sampling([Prediction(case, "m", "", None)])


def test_latency_has_four_figures_in_order():
    found = latency(asked(dying(lambda case: False)), CASES)
    assert [one.name for one in found] == [
        "seconds alone, p50", "seconds alone, p99",
        "seconds with 8 at once, p50", "seconds with 8 at once, p99",
    ]  # fmt: skip
    assert all(one.interval[0] <= one.value <= one.interval[1] for one in found)
    assert found[0].value <= found[1].value


@pytest.mark.parametrize("probe", [prompts, context_length, latency, determinism])
def test_no_cases_are_an_error(probe):
    with pytest.raises(NoDataError, match="no cases to probe with"):
        probe(asked(dying(lambda case: False)), [])
