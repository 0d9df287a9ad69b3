"""Checks that ask the model: does the adapter act, is the model alive?"""

from __future__ import annotations

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM

from pytest_slm_autopsy import Case, ModelSpec, ScriptedModel, load_model
from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models import check_health
from pytest_slm_autopsy.models.checks.health import adapter_acts
from tests.models import plants
from tests.models.plants import adapter_tensors, copied

FAMILIES = ("qwen", "llama", "gemma")
IDS = [1, 85, 91, 361, 71, 79, 201, 420]


@pytest.fixture(params=FAMILIES)
def place(healthy, request):
    return healthy[request.param]


def put_on(place):
    base = AutoModelForCausalLM.from_pretrained(place.base, dtype=torch.float32)
    return PeftModel.from_pretrained(base, str(place.adapter)).eval()


def outcomes(checks):
    return {check.name: check.outcome for check in checks}


def test_a_healthy_adapter_acts(place):
    assert adapter_acts(put_on(place), IDS).outcome == "passed"


def test_an_adapter_that_does_not_act(place):
    model = put_on(place)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.zeros_(weight)
    found = adapter_acts(model, IDS)
    assert (found.name, found.outcome) == ("adapter_acts", "failed")
    assert "are the base's to the last bit" in found.evidence


def test_outputs_that_are_no_numbers(place):
    model = put_on(place)
    for name, weight in model.named_parameters():
        if name.endswith("norm.weight"):
            torch.nn.init.constant_(weight, float("nan"))
    assert "outputs are NaN" in adapter_acts(model, IDS).evidence


@pytest.mark.parametrize("family", FAMILIES)
def test_a_loaded_model_holds_every_check(loaded, family):
    assert {check.outcome for check in loaded[family].checks} == {"passed"}
    asked = [check.name for check in loaded[family].checks][-4:]
    assert asked == ["unpacking_agrees", "adapter_acts", "merge_agrees", "decoding_agrees"]


def test_loading_stops_at_an_adapter_that_does_not_act(healthy, tmp_path):
    place = copied(healthy["llama"].base, healthy["llama"].adapter, tmp_path)
    adapter_tensors(plants.zero_b)(place)
    spec = ModelSpec(base=str(place.base), adapter=str(place.adapter), device="cpu")
    with pytest.raises(ModelError, match="fails the check adapter_norm"):
        load_model(spec)
    allowed = ("adapter_norm", "adapter_weights")
    with (
        pytest.warns(UserWarning, match="check adapter_norm allowed"),
        pytest.raises(ModelError, match="fails the check adapter_acts"),
    ):
        load_model(spec, allow=allowed)


# A fresh model's first answers.

CASES = [Case(str(n), f"Total: {n}", {"total": str(n)}) for n in range(4)]


def total(case):
    return f'{{"total":"{case.text[7:]}"}}'


WRITERS = {
    "healthy": (total, {}),
    "wrong but alive": (lambda case: f'{{"total":"{len(case.text) * hash(case.text)}"}}', {}),
    "no JSON": (
        lambda case: f"The total is {case.text[7:]}.",
        {"answers_parse": "none of 4 answers can be read, such as 'The total is 0.': not JSON"},
    ),
    "JSON that is no object": (
        lambda case: case.text[7:] or "[]",
        {"answers_parse": "none of 4 answers can be read, such as '0': JSON, but a str"},
    ),
    "the first answer whatever is asked": (
        lambda case: total(case) if case.text[7:] not in ("", "0") else '{"total":"0"}',
        {"input_matters": "an empty page gets the same answer as a document, "},
    ),
    "one answer to every document": (
        lambda case: '{"total":"5"}' if case.text else "{}",
        {"answers_differ": 'all 4 documents get the answer \'{"total":"5"}\''},
    ),
    "one answer to everything": (
        lambda case: "{}",
        {"answers_differ": "all 4 documents", "input_matters": "an empty page gets the same"},
    ),
    "nothing": (
        lambda case: "",
        {"answers_differ": "", "answers_parse": "none of 4", "input_matters": ""},
    ),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_the_health_of_a_fresh_model(kind):
    write, expected = WRITERS[kind]
    checks = check_health(ScriptedModel(write), CASES)
    assert [check.name for check in checks] == [
        "answers_differ",
        "answers_parse",
        "answers_end",
        "input_matters",
    ]
    failed = {check.name: check.evidence for check in checks if check.outcome == "failed"}
    assert set(failed) == set(expected)
    for name, words in expected.items():
        assert words in failed[name]


def test_one_case_is_enough_to_ask(committed, loaded, golden_cases):
    assert set(outcomes(check_health(ScriptedModel(total), CASES[:1])).values()) == {"passed"}


def test_the_narrow_adapter_is_alive(loaded, golden_cases):
    assert set(outcomes(check_health(loaded["qwen"], golden_cases)).values()) == {"passed"}


def test_an_untrained_adapter_is_not(loaded, golden_cases):
    checks = check_health(loaded["llama"], golden_cases[:2])
    assert outcomes(checks)["answers_parse"] == "failed"
