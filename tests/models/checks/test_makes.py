"""No check fires on healthy adapters of many makes, and each answers as peft's own model does."""

from __future__ import annotations

import pytest
import torch
from peft import (
    AdaLoraConfig,
    BOFTConfig,
    IA3Config,
    LoHaConfig,
    LoKrConfig,
    OFTConfig,
    PeftModel,
    VeraConfig,
    get_peft_model,
)
from transformers import AutoModelForCausalLM

from pytest_slm_autopsy import Case, ModelSpec, load_model
from pytest_slm_autopsy.models.checks.health import logprobs
from tests.models.makes import LAYERS, MAKES, stirred
from tests.models.plants import Place

TIED = pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
UNLIKE_WHEN_MERGED = {
    *("LoRA on embeddings", "LoRA on the head", "tied on purpose", "layers replicated"),
}
"""Adapters whose merge into a tied base is another model; that is told, and the merge dropped."""
READ_AT_ONCE = {"aLoRA"}
"""Adapters that act after a call, which a later piece of a prompt does not hold."""
CASES = [
    Case("one", "Invoice 4711\nTotal: 12.00", {"total": "12.00"}),
    Case("two", "Invoice 4712\nTotal: 7.50\nDate: 2025-03-31", {"total": "7.50"}),
]
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def made(place_on):
    """Return a healthy adapter of a make, on its base."""

    def make(kind, tied):
        place = place_on(tied=tied)
        MAKES[kind](place)
        [config] = place.adapter.rglob("adapter_config.json")
        return Place(place.base, config.parent)

    return make


@TIED
@pytest.mark.parametrize("kind", MAKES)
def test_no_check_fires_on_a_healthy_adapter(made, kind, tied):
    assert made(kind, tied).faults() == {}


@TIED
@pytest.mark.parametrize("kind", MAKES)
def test_a_healthy_adapter_answers_as_peft_has_it(made, kind, tied):
    place = made(kind, tied)
    spec = ModelSpec(
        str(place.base), str(place.adapter), quantization="none", device="cpu", max_new_tokens=8
    )
    model = load_model(spec)
    warned = {check.name for check in model.checks if check.outcome == "warned"}
    assert warned == {
        *(["merge_agrees"] if kind in UNLIKE_WHEN_MERGED and (tied or "layers" in kind) else []),
        *(["decoding_agrees"] if kind in READ_AT_ONCE else []),
    }
    base = AutoModelForCausalLM.from_pretrained(place.base, dtype=torch.float32)
    plain = PeftModel.from_pretrained(base, str(place.adapter)).eval()
    for (_, ids), answer in zip(model.prompts(CASES), model.answer(CASES), strict=True):
        said = model.tokenizer(answer.text, add_special_tokens=False)["input_ids"]
        assert torch.allclose(
            logprobs(plain, [*ids, *said]), logprobs(model.model, [*ids, *said]), atol=1e-2
        )


METHODS = {
    "IA3": IA3Config(target_modules=LAYERS, feedforward_modules=["down_proj"]),
    "VERA": VeraConfig(target_modules=["q_proj"]),
    "LOHA": LoHaConfig(target_modules=LAYERS),
    "LOKR": LoKrConfig(target_modules=LAYERS),
    "OFT": OFTConfig(target_modules=LAYERS, oft_block_size=4),
    "BOFT": BOFTConfig(target_modules=LAYERS, boft_block_size=4),
    "ADALORA": AdaLoraConfig(target_modules=LAYERS, total_step=10),
}


@pytest.mark.parametrize("name", METHODS)
def test_another_method_than_lora_is_refused_by_its_name(place_on, name):
    place = place_on()
    base = AutoModelForCausalLM.from_pretrained(place.base, dtype=torch.float32)
    METHODS[name].task_type = "CAUSAL_LM"
    stirred(get_peft_model(base, METHODS[name])).save_pretrained(place.adapter)
    assert place.faults() == {
        "adapter_files": f"the adapter's type is {name}; only LORA can be tested"
    }
