"""Prompts and pipelines are compared with training's, and the first difference is named."""

from __future__ import annotations

import json
from functools import partial

import pytest
import torch

from pytest_slm_autopsy import (
    PromptFormat,
    ServedModel,
    assert_pipelines_match,
    assert_prompts_match,
)
from pytest_slm_autopsy.errors import ConfigError, ModelError
from pytest_slm_autopsy.models import render
from tests.models.plants import MANIFEST

FAMILIES = ("qwen", "llama", "gemma")
SYSTEM, USER = PromptFormat().system, PromptFormat().user


@pytest.fixture(scope="module")
def record(committed):
    """Where the record of the narrow adapter lies."""
    return committed["narrow"].adapter / MANIFEST


@pytest.fixture(scope="module")
def tokenizer(loaded):
    return loaded["qwen"].tokenizer


class Serving:
    """An inference path: text and token ids of a case."""

    def __init__(self, tokenizer, write=None, encode=None):
        self.write = write or (lambda case: render(tokenizer, PromptFormat().messages(case)))
        self.encode = encode or (
            lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
        )

    def prompts(self, cases):
        """As a model makes them."""
        texts = [self.write(case) for case in cases]
        return [(text, self.encode(text)) for text in texts]


def messages(case, system=SYSTEM):
    return PromptFormat(system=system).messages(case)


def plain(tokenizer, case):
    return "\n".join(message["content"] for message in messages(case))


def twice(tokenizer, case):
    inner = render(tokenizer, messages(case))
    return render(tokenizer, [{"role": "user", "content": inner}])


def twice_with_system(tokenizer, case):
    inner = render(tokenizer, messages(case))
    return render(tokenizer, [messages(case)[0], {"role": "user", "content": inner}])


def other_system(tokenizer, case):
    return render(tokenizer, messages(case, "You are a helpful assistant."))


def no_system(tokenizer, case):
    return render(tokenizer, messages(case, ""))


def no_opening(tokenizer, case):
    return tokenizer.apply_chat_template(messages(case), tokenize=False)


def other_words(tokenizer, case):
    return render(tokenizer, PromptFormat(user="{text}\n\nFields: {fields}").messages(case))


TEXTS = {
    "template missing": (plain, "the chat template is not applied"),
    "template applied twice": (twice, "the chat template is applied twice"),
    "template applied twice, under the system": (twice_with_system, "is applied twice"),
    "double BOS": (
        lambda tokenizer, case: "<|im_start|>" + render(tokenizer, messages(case)),
        "it begins with '<|im_start|>' twice",
    ),
    "a BOS that training had not": (
        lambda tokenizer, case: "<s>" + render(tokenizer, messages(case)),
        "'<s>' stands before it",
    ),
    "other system prompt": (other_system, "the system prompt is another, or missing"),
    "no system prompt": (no_system, "the system prompt is another, or missing"),
    "add_generation_prompt off": (no_opening, "(add_generation_prompt=True)"),
    "trailing white space": (
        lambda tokenizer, case: render(tokenizer, messages(case)) + " ",
        "white space at its end differs",
    ),
    "trailing white space lost": (
        lambda tokenizer, case: render(tokenizer, messages(case)).strip(),
        "white space at its end differs",
    ),
    "line ends": (
        lambda tokenizer, case: render(tokenizer, messages(case)).replace("\n", "\r\n"),
        "white space differs",
    ),
    "other words": (other_words, "the words around the document are others"),
    "nothing": (lambda tokenizer, case: "", "the chat template is not applied"),
}


@pytest.mark.parametrize("fault", TEXTS)
@pytest.mark.parametrize("asked", ["a model", "a function"])
def test_a_prompt_of_other_text(record, tokenizer, fault, asked):
    write, words = TEXTS[fault]

    def made(case):
        return write(tokenizer, case)

    with pytest.raises(ModelError) as caught:
        assert_prompts_match(record, made if asked == "a function" else Serving(tokenizer, made))
    said = str(caught.value)
    assert said.startswith("the prompt of case 'invoice-1000042-0000/canonical' is not that of ")
    assert words in said
    assert "; training had " in said
    assert "\n" not in said


def shuffled(tokenizer, text):
    return [id_ + 1 for id_ in tokenizer(text, add_special_tokens=False)["input_ids"]]


def around(before, after):
    def encode(tokenizer, text):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        return [*before, *ids, *after]

    return encode


IDS = {
    "other tokenizer": (shuffled, "the tokenizer is another; from token 0 training had [1, 85, 91"),
    "double BOS": (around([1], []), "the first token stands twice (render with add_special"),
    "a BOS that training had not": (around([0], []), "token 0 is added at the start"),
    "an EOS that training had not": (around([], [2]), "token 2 is added at the end"),
}


@pytest.mark.parametrize("fault", IDS)
def test_a_prompt_of_other_tokens(record, tokenizer, fault):
    encode, words = IDS[fault]
    with pytest.raises(ModelError, match="has the same text as in training, and") as caught:
        assert_prompts_match(record, Serving(tokenizer, encode=partial(encode, tokenizer)))
    assert words in str(caught.value)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_healthy_model_makes_the_prompts_of_training(loaded, healthy, family):
    assert_prompts_match(healthy[family].adapter / MANIFEST, loaded[family])


def test_the_record_may_be_given_as_it_is(record, tokenizer):
    golden = json.loads(record.read_text(encoding="utf-8"))
    assert_prompts_match(golden, lambda case: render(tokenizer, messages(case)))
    assert_prompts_match(str(record), Serving(tokenizer))


@pytest.mark.parametrize(
    ("golden", "error", "words"),
    [
        ({}, ModelError, "states no version"),
        ({"version": 1}, ConfigError, "holds no prompts"),
        ({"version": 1, "prompts": []}, ConfigError, "holds no prompts"),
        ({"version": 1, "prompts": [{"text": "x"}]}, ModelError, "no sound prompt manifest"),
        ({"version": 2}, ModelError, "upgrade"),
        ("nowhere.json", ModelError, "no prompt manifest at nowhere.json"),
    ],
)
def test_a_record_that_cannot_be_compared_with(golden, error, words):
    with pytest.raises(error, match=words):
        assert_prompts_match(golden, lambda case: "")


@pytest.mark.parametrize("model", [ServedModel("http://127.0.0.1:9/v1", "m"), "a name", None])
def test_a_model_that_tells_no_prompts(record, model):
    with pytest.raises(ConfigError, match="tells no prompts; behind a server"):
        assert_prompts_match(record, model)


REFUSES = "{{ raise_exception('System role not supported') if messages[0].role == 'system' }}x"


def test_a_template_that_takes_no_system_message(committed, golden_cases, tokenizer):
    before, tokenizer.chat_template = tokenizer.chat_template, REFUSES
    try:
        with pytest.raises(ModelError, match=r'not supported; if .*use PromptFormat\(system=""\)'):
            render(tokenizer, messages(golden_cases[0]))
        assert render(tokenizer, messages(golden_cases[0], "")).endswith("x")
    finally:
        tokenizer.chat_template = before


# Pipelines of one's own.


def upper(text):
    return text.upper()


def words_of(text):
    return text.split()


TRAINING = {"clean": str.strip, "split": words_of}
PARTED = {
    "the first stage": ({"clean": upper, "split": words_of}, "stage 'clean', input 0: "),
    "a later stage": ({"clean": str.strip, "split": list}, "stage 'split', input 0: from item 1 "),
    "another kind": ({"clean": str.strip, "split": len}, "training gives ['a', 'b'], inference 3"),
}


@pytest.mark.parametrize("fault", PARTED)
def test_the_first_stage_at_which_pipelines_part(fault):
    inference, words = PARTED[fault]
    with pytest.raises(ModelError, match="the pipelines part at ") as caught:
        assert_pipelines_match(training=TRAINING, inference=inference, inputs=["a b", "c"])
    assert words in str(caught.value)


def test_pipelines_that_agree():
    assert_pipelines_match(
        training=TRAINING, inference={"clean": str.strip, "split": str.split}, inputs=[" a b", "c "]
    )


def test_the_input_that_parts_is_named():
    with pytest.raises(ModelError, match=r'input 1: training gives "b", inference " b"'):
        assert_pipelines_match(
            training={"clean": str.strip}, inference={"clean": str}, inputs=["a", " b"]
        )


def test_a_difference_far_into_a_long_value_is_shown():
    then, now = [*range(500)], [*range(400), 7, *range(401, 500)]
    with pytest.raises(ModelError, match=r"from item 400 .* \[400, 401, 402\], .* \[7, 401, 402\]"):
        assert_pipelines_match(
            training={"ids": lambda _: then}, inference={"ids": lambda _: now}, inputs=[0]
        )


def test_tensors_are_compared_by_value():
    stage = {"ids": lambda text: {"input_ids": torch.tensor([[len(text), 1]])}}
    assert_pipelines_match(training=stage, inference=stage, inputs=["ab"])
    with pytest.raises(ModelError, match="stage 'ids'"):
        assert_pipelines_match(
            training=stage,
            inference={"ids": lambda _: {"input_ids": torch.zeros(1, 2)}},
            inputs=["ab"],
        )


def test_a_stage_that_writes_into_its_input_is_seen():
    def sort(row):
        row.sort()
        return row

    with pytest.raises(ModelError, match="stage 'order'"):
        assert_pipelines_match(training={"order": sort}, inference={"order": list}, inputs=[[2, 1]])


@pytest.mark.parametrize(
    ("training", "inference", "inputs", "words"),
    [
        ({"a": str}, {"b": str}, ["x"], r"training has \['a'\], inference \['b'\]"),
        ({"a": str, "b": str}, {"b": str, "a": str}, ["x"], "the same stages in the same order"),
        ({}, {}, ["x"], "without stages or inputs"),
        ({"a": str}, {"a": str}, [], "without stages or inputs"),
    ],
)
def test_pipelines_that_cannot_be_compared(training, inference, inputs, words):
    with pytest.raises(ConfigError, match=words):
        assert_pipelines_match(training=training, inference=inference, inputs=inputs)
