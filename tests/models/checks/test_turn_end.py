"""Decoding stops where the chat template ends an answer, or the check says so."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pytest_slm_autopsy import ModelSpec, ScriptedModel, load_model, predict
from pytest_slm_autopsy.models import Answer, check_health
from pytest_slm_autopsy.models.checks.pair import Pair
from pytest_slm_autopsy.models.checks.prompts import special_tokens
from tests.models import plants
from tests.models.plants import copied

TURN = "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}%END%{% endfor %}"
OPENING = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
IM_END, END_OF_TEXT = 2, 0


@pytest.fixture
def place(healthy, tmp_path):
    return copied(healthy["llama"].base, healthy["llama"].adapter, tmp_path)


def set_up(place, *, template="<|im_end|>\n", eos="<|im_end|>", stops=(IM_END,)):
    """What an answer ends with by the template, by the tokenizer, and by the base's files."""
    text = template if "{%" in template else TURN.replace("%END%", template)
    (place.base / "chat_template.jinja").write_text(text + OPENING)
    plants.edit_json(place.base / "tokenizer_config.json", eos_token=eos)
    stated = {"eos_token_id": list(stops) or None}
    plants.edit_json(place.base / "generation_config.json", **stated)
    plants.edit_json(place.base / "config.json", **stated)
    return special_tokens(Pair(ModelSpec(str(place.base), str(place.adapter), device="cpu")))


LAST_ONLY = TURN.replace("%END%", "{% if not loop.last %}<|im_end|>\n{% endif %}")


@pytest.mark.parametrize(
    "made",
    [
        {},
        {"template": "<|im_end|>"},
        {"template": " <|im_end|>"},
        {"template": "\n<|im_end|>\n<|endoftext|>"},
        {"eos": "<|endoftext|>", "stops": (IM_END, END_OF_TEXT)},
        {"eos": "<|endoftext|>"},
        {"eos": None},
        {"stops": ()},
        {"template": LAST_ONLY},
        {"template": "\n"},
        {"template": "{{ raise_exception('roles must alternate') }}"},
    ],
)
def test_an_end_at_which_decoding_stops(place, made):
    assert set_up(place, **made).outcome == "passed"


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (
            {"eos": "<|endoftext|>", "stops": (END_OF_TEXT,)},
            "token 2 ('<|im_end|>') by the chat template, and decoding stops at 0",
        ),
        ({"eos": "<|endoftext|>", "stops": ()}, "every answer would run on to the limit"),
        ({"template": "<|endoftext|>"}, "token 0 ('<|endoftext|>') by the chat template"),
        ({"eos": None, "stops": (END_OF_TEXT,)}, "decoding stops at 0 ('<|endoftext|>')"),
        ({"eos": None, "stops": ()}, "decoding stops at no token"),
        ({"template": "<end_of_turn>\n"}, "'<end_of_turn>', which is no token of its own"),
        ({"template": "[/ANSWER]"}, "'[/ANSWER]', which is no token of its own"),
        ({"template": "\n", "eos": None, "stops": ()}, "name an end of turn"),
    ],
)
def test_an_end_at_which_it_does_not(place, made, words):
    check = set_up(place, **made)
    assert check.outcome == "failed"
    assert words in check.evidence


def test_an_end_that_only_the_tokenizer_knows_is_a_warning(place):
    check = set_up(place, stops=(END_OF_TEXT,))
    assert check.outcome == "warned"
    assert "name 2 as eos_token_id in generation_config.json, too" in check.evidence


class RunsOn(ScriptedModel):
    """Answers rightly, and then goes on until it is cut off."""

    def answer(self, cases):
        said = super().answer(cases)
        return [self.cut(one) for one in said]

    def cut(self, answer: Answer) -> Answer:
        more = "<|im_end|>\n<|im_start|>user\nagain" * 3
        extra = len(more)
        ends = tuple(range(1, len(answer.text) + extra + 1))
        logprobs = (-0.01,) * len(answer.text) + (-3.0,) * extra
        return replace(
            answer, text=answer.text + more, logprobs=logprobs, token_ends=ends, finish="length"
        )


def write(case):
    return json.dumps({"read": case.text, **case.truth})


def test_answers_that_run_on_are_unhealthy_and_as_sure_as_what_they_say(golden_cases):
    from pytest_slm_autopsy.measures import confidence

    model = RunsOn(write)
    failed = [check for check in check_health(model, golden_cases) if check.outcome == "failed"]
    assert [check.name for check in failed] == ["answers_end"]
    assert "run on to the limit" in failed[0].evidence
    for one in predict(model, golden_cases):
        assert one.fields["read"] == one.case.text
        assert confidence(one) > 0.98


def test_one_answer_that_ends_is_enough(golden_cases):
    model = RunsOn(write)
    first = golden_cases[0].text.split()[-1]
    model.cut = lambda answer: answer if first in answer.text else RunsOn.cut(model, answer)
    assert {check.outcome for check in check_health(model, golden_cases)} == {"passed"}


def test_a_base_that_stops_elsewhere_is_refused_before_it_is_asked(place):
    from pytest_slm_autopsy.errors import ModelError

    set_up(place, eos="<|endoftext|>", stops=(END_OF_TEXT,))
    spec = ModelSpec(str(place.base), str(place.adapter), device="cpu", quantization="none")
    with pytest.raises(ModelError, match="run on to the limit"):
        load_model(spec, allow=("tokenizer", "chat_template", "prompts", "base_weights"))
