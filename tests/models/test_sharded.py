"""A model whose parts lie on several devices answers as the whole one does."""

from __future__ import annotations

import pytest
import torch
from accelerate import dispatch_model
from peft import PeftModel
from transformers import AutoModelForCausalLM

from pytest_slm_autopsy import INVOICE, ModelSpec, draw_suite
from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models import load_base, load_tokenizer
from pytest_slm_autopsy.models.adapter import AdapterModel

PARTS = ["model.embed_tokens", "model.rotary_emb", "model.norm", "lm_head"]
LAYERS = [f"model.layers.{i}" for i in range(4)]


@pytest.fixture
def spec(committed):
    place = committed["narrow"]
    chosen = {"device": "cpu", "quantization": "none", "max_new_tokens": 45}
    return ModelSpec(str(place.base), str(place.adapter), **chosen)


@pytest.fixture
def cases():
    schema = INVOICE.select(invoice_number="id", vendor="seller", total="sum")
    suite = draw_suite(schema, 2, 1, {"canonical": {}, "order": {"order": 1}})
    return [*suite["canonical"], *suite["order"]]


def on_disk(spec, folder):
    """Half of its layers are read from the disk when their turn comes."""
    places = dict.fromkeys([*PARTS, *LAYERS[:2]], "cpu") | dict.fromkeys(LAYERS[2:], "disk")
    return AutoModelForCausalLM.from_pretrained(
        spec.base, device_map=places, offload_folder=folder, dtype=torch.float32
    )


def with_hooks(spec, folder):
    """Hooks carry the numbers from part to part, as between GPUs; the adapter stays beside."""
    base = dispatch_model(
        load_base(spec), dict.fromkeys([*PARTS, *LAYERS], "cpu"), main_device="cpu",
        force_hooks=True,
    )  # fmt: skip
    return PeftModel.from_pretrained(base, spec.adapter)


@pytest.mark.parametrize("sharded", [on_disk, with_hooks])
def test_it_answers_as_the_whole_model(spec, cases, sharded, tmp_path):
    tokenizer, parts = load_tokenizer(spec), sharded(spec, tmp_path)
    whole = load_base(spec)
    if isinstance(parts, PeftModel):
        whole = PeftModel.from_pretrained(whole, spec.adapter)
    else:
        assert parts.model.layers[3].mlp.up_proj.weight.device.type == "meta"
    assert any(hasattr(module, "_hf_hook") for module in parts.modules())
    far, near = (AdapterModel(spec, one.eval(), tokenizer).answer(cases) for one in (parts, whole))
    assert [(a.text, a.token_ends) for a in far] == [(a.text, a.token_ends) for a in near]
    assert [a.logprobs for a in far] == [pytest.approx(a.logprobs, abs=1e-5) for a in near]


def test_shard_leaves_it_to_the_library_where_the_layers_go(spec, monkeypatch):
    asked = {}
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(
        AutoModelForCausalLM, "from_pretrained", lambda base, **chosen: asked.update(chosen)
    )
    load_base(ModelSpec(spec.base, device="shard"))
    assert (asked["device_map"], asked["dtype"]) == ("auto", torch.bfloat16)
    load_base(ModelSpec(spec.base, device="cuda:1"))
    assert asked["device_map"] == {"": "cuda:1"}


def test_shard_without_a_gpu_is_an_error(spec, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match="'shard' was asked for, but torch sees no GPU; use dev"):
        load_base(ModelSpec(spec.base, device="shard"))
