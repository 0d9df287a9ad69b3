"""Little models: no weights to download, every code path real."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    Gemma2Config,
    Gemma2ForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from pytest_slm_autopsy import Case, ModelSpec, PromptFormat, load_model
from pytest_slm_autopsy.models import adapter_settings, load_tokenizer, weights_digest
from pytest_slm_autopsy.models import manifest as golden_record
from tests.models.plants import MANIFEST, Place

EXPERIMENT = Path(__file__).parents[2] / "reference_experiment"
SMALL = {
    "vocab_size": 768,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 16,
    "bos_token_id": None,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
FAMILIES = {"llama": (LlamaConfig, LlamaForCausalLM), "gemma": (Gemma2Config, Gemma2ForCausalLM)}


@pytest.fixture(scope="package", autouse=True)
def one_thread():
    """Tensors are so small here that threads only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def random_model():
    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=40,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=1,
        pad_token_id=0,
    )
    model = Qwen2ForCausalLM(config).eval()
    # Random weights hardly ever end a turn; a larger embedding makes choices sharp and varied.
    torch.nn.init.normal_(model.model.embed_tokens.weight, std=0.6)
    return model


@pytest.fixture(scope="session")
def committed():
    """The narrow and the hardened adapter on the tiny base: never to be edited."""
    base, adapters = EXPERIMENT / "base", EXPERIMENT / "adapters"
    return {name: Place(base, adapters / name) for name in ("narrow", "hardened")}


@pytest.fixture(scope="session")
def golden_cases(committed):
    """The cases of the narrow adapter's manifest."""
    data = json.loads((committed["narrow"].adapter / MANIFEST).read_text(encoding="utf-8"))
    return [Case.from_dict(entry["case"]) for entry in data["prompts"]]


@pytest.fixture(scope="session")
def healthy(committed, golden_cases, tmp_path_factory):
    """Healthy adapters of three families, each with training's record: never to be edited."""
    made = {"qwen": committed["narrow"]}
    for family in FAMILIES:
        made[family] = _made(family, committed["narrow"].base, golden_cases, tmp_path_factory)
    return made


def _made(family, tokens, cases, tmp_path_factory):
    place = tmp_path_factory.mktemp(family)
    base, adapter = place / "base", place / "adapter"
    _save_base(family, base, tokens)
    _, model_kind = FAMILIES[family]
    tuned = get_peft_model(
        model_kind.from_pretrained(base),
        # B starts at random, so that the untrained adapter acts.
        LoraConfig(
            r=4,
            target_modules=["q_proj", "v_proj", "down_proj"],
            init_lora_weights=False,
            task_type="CAUSAL_LM",
        ),
    )
    tuned.save_pretrained(adapter)
    facts = {
        "prompt": {"system": PromptFormat().system, "user": PromptFormat().user},
        "base_weights": weights_digest(base),
        "adapter_config": adapter_settings(adapter),
        "adapter_weights": weights_digest(adapter),
        "quantization": "nf4",
    }
    record = golden_record(load_tokenizer(ModelSpec(str(base))), PromptFormat(), cases, facts)
    (adapter / MANIFEST).write_text(json.dumps(record), encoding="utf-8")
    return Place(base, adapter)


def _save_base(family, base, tokens, **changes):
    kind, model_kind = FAMILIES[family]
    torch.manual_seed(1)
    model_kind(kind(**{**SMALL, "tie_word_embeddings": True, **changes})).save_pretrained(base)
    for name in ("tokenizer.json", "chat_template.jinja"):
        shutil.copy(tokens / name, base)
    declared = json.loads((tokens / "tokenizer_config.json").read_text(encoding="utf-8"))
    # Said to be complete: transformers would else take its own reading of the model type.
    declared["tokenizer_class"] = "PreTrainedTokenizerFast"
    (base / "tokenizer_config.json").write_text(json.dumps(declared), encoding="utf-8")


@pytest.fixture(scope="session")
def bases(committed, tmp_path_factory):
    """A llama whose embeddings are tied, and one whose are not: never to be edited."""
    made = {tied: tmp_path_factory.mktemp("bases") / "base" for tied in (True, False)}
    for tied, base in made.items():
        _save_base("llama", base, committed["narrow"].base, tie_word_embeddings=tied)
    return made


@pytest.fixture
def place_on(bases, tmp_path):
    """A copy of a base, and where an adapter for it is to be saved."""

    def place(tied=True):
        return Place(Path(shutil.copytree(bases[tied], tmp_path / "base")), tmp_path / "adapter")

    return place


@pytest.fixture(scope="session")
def loaded(healthy):
    """The healthy adapters, loaded."""
    specs = {
        family: ModelSpec(base=str(place.base), adapter=str(place.adapter), device="cpu")
        for family, place in healthy.items()
    }
    return {family: load_model(spec) for family, spec in specs.items()}
