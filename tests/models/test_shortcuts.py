"""Whatever makes a model faster is compared with the plain way, and dropped where it differs."""

from __future__ import annotations

import pytest
import torch
from peft import PeftModel
from peft.tuners.lora import LoraModel
from transformers import AutoModelForCausalLM, Qwen2ForCausalLM

from pytest_slm_autopsy import Case, ModelSpec, load_model
from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.checks.health import logprobs
from pytest_slm_autopsy.models.decoding.ragged import Ragged
from pytest_slm_autopsy.models.several import load_adapters
from pytest_slm_autopsy.models.shortcuts import moved
from tests.models.makes import MAKES, lora

CASES = [
    Case("one", "Invoice 4711\nTotal: 12.00", {"total": "12.00"}),
    Case("two", "Invoice 4712\nTotal: 7.50\nDate: 2025-03-31", {"total": "7.50"}),
    Case("three", "Invoice 4712", {"total": None}),
]
MOST = 12
CALL = [1, 85, 91]
"""Tokens that are in every prompt: the beginning of a turn."""
BROKEN_WHEN_TIED = {
    "the head": lora(target_modules=["q_proj", "lm_head"]),
    "the embeddings": lora(target_modules=["q_proj", "embed_tokens"]),
    "both": lora(target_modules=["embed_tokens", "lm_head"]),
    "the head alone, rsLoRA": lora(target_modules=["lm_head"], use_rslora=True),
    "the head, with trained tokens": lora(
        target_modules=["q_proj", "lm_head"], trainable_token_indices=[5, 7]
    ),
}


def loaded(place, **options):
    chosen = {"quantization": "none", "device": "cpu", "max_new_tokens": MOST, **options}
    return load_model(ModelSpec(str(place.base), str(place.adapter), **chosen), allow=["base_name"])


def plain(place):
    base = AutoModelForCausalLM.from_pretrained(place.base, dtype=torch.float32)
    return PeftModel.from_pretrained(base, str(place.adapter)).eval()


def checks(model):
    return {check.name: check.outcome for check in model.checks}


def assert_answers_plainly(model, place):
    """Every token's probability is that of one plain pass of peft's own model over the whole."""
    reference = plain(place)
    ids = [ids for _, ids in model.prompts(CASES)]
    rows = model.decoder.decode(ids, [[]] * len(CASES))
    for prompt, row in zip(ids, rows, strict=True):
        whole = logprobs(reference, [*prompt, *row.ids])[len(prompt) - 1 : -1]
        assert list(row.ids) == whole.argmax(-1).tolist()
        assert list(row.logprobs) == pytest.approx(whole.amax(-1).tolist(), abs=1e-3)
    assert [answer.text for answer in model.answer(CASES)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", BROKEN_WHEN_TIED)
@pytest.mark.parametrize(("tied", "outcome"), [(True, "warned"), (False, "passed")])
def test_a_merge_is_dropped_where_tied_embeddings_break_it(place_on, kind, tied, outcome):
    place = place_on(tied=tied)
    BROKEN_WHEN_TIED[kind](place)
    model = loaded(place)
    assert checks(model)["merge_agrees"] == outcome
    assert_answers_plainly(model, place)


@pytest.mark.filterwarnings("ignore")
def test_layers_that_share_their_weights_are_not_merged(place_on):
    place = place_on()
    MAKES["layers replicated"](place)
    model = loaded(place)
    assert checks(model)["merge_agrees"] == "warned"
    assert_answers_plainly(model, place)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("quantization", ["none", "nf4"])
def test_an_adapter_that_peft_cannot_merge_is_not_merged(place_on, quantization):
    place = place_on()
    lora(alora_invocation_tokens=CALL)(place)
    model = loaded(place, quantization=quantization)
    assert checks(model)["merge_agrees"] == "skipped"
    told = {check.name: check.evidence for check in model.checks}["merge_agrees"]
    assert "peft cannot merge it (" in told
    # Read in pieces, it would answer as the base: its call is in the first piece only.
    assert checks(model)["decoding_agrees"] == "warned"
    if quantization == "none":
        assert_answers_plainly(model, place)


@pytest.mark.filterwarnings("ignore")
def test_an_adapter_that_the_prompt_does_not_call(place_on):
    place = place_on()
    lora(alora_invocation_tokens=[700, 701, 702])(place)
    with pytest.raises(ModelError, match=r"acts after its invocation tokens \[700, 701, 702\]"):
        loaded(place)


@pytest.mark.parametrize("numbers", [0.3, float("nan")])
def test_any_merge_that_differs_is_dropped(place_on, monkeypatch, numbers):
    place = place_on()
    lora()(place)
    original = LoraModel.merge_and_unload

    def spoilt(self, *args, **kwargs):
        model = original(self, *args, **kwargs)
        model.model.norm.weight.data.add_(numbers)
        return model

    monkeypatch.setattr(LoraModel, "merge_and_unload", spoilt)
    with pytest.warns(UserWarning, match="merging moves log-probabilities by up to"):
        model = loaded(place)
    assert_answers_plainly(model, place)


def test_an_unpacking_that_differs_is_dropped(committed, monkeypatch):
    original = Qwen2ForCausalLM.dequantize

    def spoilt(self, *args, **kwargs):
        model = original(self, *args, **kwargs)
        model.model.layers[0].mlp.down_proj.weight.data.mul_(3)
        return model

    monkeypatch.setattr(Qwen2ForCausalLM, "dequantize", spoilt)
    with pytest.warns(UserWarning, match="so the base stays packed"):
        model = loaded(committed["narrow"], quantization="nf4")
    assert model.form == "nf4, float32"
    assert "merge_agrees" not in checks(model)
    with pytest.warns(UserWarning, match="so the base stays packed"):
        alone = load_model(ModelSpec(str(committed["narrow"].base), device="cpu"))
    assert alone.form == "nf4, float32"


def test_a_prefix_that_is_read_wrongly_is_not_shared(place_on, monkeypatch):
    place = place_on()
    lora()(place)
    original = Ragged.start

    def spoilt(self, prefix, rows):
        original(self, prefix, rows)
        for layer in self.cache.layers if prefix and self.cache else ():
            layer.values = layer.values * 1.5

    monkeypatch.setattr(Ragged, "start", spoilt)
    with pytest.warns(UserWarning, match="reading a prompt in pieces moves"):
        model = loaded(place)
    assert {answer.how for answer in model.answer(CASES)} == {"generated, float32"}
    assert_answers_plainly(model, place)


def test_a_healthy_adapter_is_merged_unpacked_and_read_in_pieces(place_on):
    place = place_on()
    lora()(place)
    assert set(checks(loaded(place)).values()) <= {"passed", "skipped"}
    found = checks(loaded(place, quantization="nf4"))
    assert {found[name] for name in ("unpacking_agrees", "merge_agrees", "decoding_agrees")} == {
        "passed"
    }


SHARED = {
    "PiSSA": (MAKES["PiSSA"], False),
    "OLoRA": (MAKES["OLoRA"], False),
    "embeddings of its own beside it": (MAKES["embeddings beside"], True),
    "layers replicated": (MAKES["layers replicated"], False),
    "plain": (lora(), True),
    "DoRA": (lora(use_dora=True), True),
    "a module saved": (lora(modules_to_save=["lm_head"]), True),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", SHARED)
def test_one_base_for_several_adapters_stays_the_base(place_on, kind):
    make, shares = SHARED[kind]
    place = place_on(tied=False)
    make(place)
    spec = ModelSpec(str(place.base), quantization="none", device="cpu", max_new_tokens=MOST)
    two = {"a": str(place.adapter), "b": str(place.adapter)}
    if shares:
        models = load_adapters(spec, two)
        for name in ("a", "b", "a"):
            models[name].model.set_adapter(name)
            assert_answers_plainly(models[name], place)
    else:
        with pytest.raises(ModelError, match="adapter a changes the base itself"):
            load_adapters(spec, two)
    [only] = load_adapters(spec, {"a": str(place.adapter)}).values()
    assert_answers_plainly(only, place)


def test_what_is_no_number_is_apart():
    even = torch.zeros(2, 4).log_softmax(-1)
    assert moved(even, even) == 0
    spoilt = even.clone()
    spoilt[1, 2] = float("nan")
    assert moved(even, spoilt) == moved(spoilt, even) == float("inf")
