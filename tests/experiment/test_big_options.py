"""The options of the 1.5B configuration, on a Qwen2 small enough for a CPU."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

from pytest_slm_autopsy import load_model
from pytest_slm_autopsy.cases import write_cases
from reference_experiment.config import HERE, Base, Records, read_config
from reference_experiment.data import training_cases
from reference_experiment.training.train import train_adapter


@pytest.fixture
def random_qwen(tmp_path):
    """A Qwen2 of random weights with the tiny base's tokenizer."""
    folder = tmp_path / "qwen"
    tokenizer = AutoTokenizer.from_pretrained(HERE / "base")
    torch.manual_seed(3)
    config = Qwen2Config(
        vocab_size=768, hidden_size=64, intermediate_size=128, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True,
        eos_token_id=2, pad_token_id=0,
    )  # fmt: skip
    model = Qwen2ForCausalLM(config)
    model.generation_config.eos_token_id = 2
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (folder / name).write_bytes((HERE / "base" / name).read_bytes())
    assert tokenizer.eos_token_id == 2
    return folder


def test_an_adapter_is_trained_by_the_very_same_options(random_qwen, tmp_path):
    shipped = read_config(HERE / "configs" / "qwen2.5-1.5b.yaml")
    plan = replace(shipped.adapters["narrow"], steps=2)
    # A CPU has no paged memory; what else is changed is size.
    training = replace(
        shipped.training, batch_size=2, warmup_steps=1, max_tokens=1024, optimizer="adamw_torch"
    )
    small = replace(
        shipped, base=Base("folder", str(random_qwen)), device="cpu", root=tmp_path,
        training=training, adapters={"narrow": plan}, records=Records(2, 0, 0, 0, 2, 2),
    )  # fmt: skip
    documents = tmp_path / "narrow.jsonl"
    write_cases(documents, training_cases(small, plan))
    folder = train_adapter(small, "narrow", documents)
    settings = json.loads((folder / "adapter_config.json").read_text())
    assert (settings["r"], settings["lora_alpha"], settings["lora_dropout"]) == (16, 32, 0.05)
    trained = load_file(folder / "adapter_model.safetensors")
    projections = {name.split(".lora_")[0].rpartition(".")[2] for name in trained}
    assert projections == {
        "q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"
    }  # fmt: skip
    assert any(matrix.abs().max() > 0 for name, matrix in trained.items() if "lora_B" in name)
    assert load_model(small.spec(folder)).name == "narrow"
