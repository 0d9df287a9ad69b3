"""What is told from headers alone is what transformers and peft make, to the shape."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer
from transformers.models.auto.tokenization_auto import TOKENIZER_MAPPING_NAMES

from pytest_slm_autopsy import ModelSpec
from pytest_slm_autopsy.models.checks import construction, pair
from pytest_slm_autopsy.models.checks.construction import expected_by_peft, outline_of
from pytest_slm_autopsy.models.checks.outline import (
    TYPES,
    plain_base,
    plain_settings,
    plain_tensors,
)
from pytest_slm_autopsy.models.checks.pair import Pair
from pytest_slm_autopsy.models.checks.stored import stored
from pytest_slm_autopsy.models.tokenizers import OF_TYPE, tokenizer_class
from tests.models.checks.test_compatibility import PLANTS
from tests.models.checks.test_tensors import FAULTS
from tests.models.makes import LAYERS, MAKES, config, each, lora
from tests.models.plants import copied, edit_json

SIZES = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "pad_token_id": 0,
    "bos_token_id": None,
    "eos_token_id": 2,
}
PLAIN = {
    *("LoRA", "rsLoRA", "DoRA", "rank_pattern and alpha_pattern", "one name too many"),
    *("a pattern", "all-linear", "full names", "dropout", "bfloat16", "unsloth", "base named AWQ"),
    *("a name of its own", "a trainer's checkpoint", "a config of an older peft", "no task"),
    "random from the start",
}
"""Makes that are told without peft; the others may be, too."""
pytestmark = pytest.mark.filterwarnings("ignore")


def saved(kind, to, tied, **changes):
    torch.manual_seed(0)
    settings = AutoConfig.for_model(kind, **SIZES, tie_word_embeddings=tied, **changes)
    AutoModelForCausalLM.from_config(settings).save_pretrained(to)
    return to


def outline(folder):
    return plain_base(folder, stored(folder / "model.safetensors"))


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("kind", TYPES)
def test_a_plain_base_has_the_outline_that_transformers_builds(tmp_path, kind, tied):
    plain = outline(saved(kind, tmp_path, tied))
    built = outline_of(construction.empty_base(ModelSpec(str(tmp_path))))
    assert plain == built


def test_so_has_one_whose_positions_are_stretched(tmp_path):
    rope = {"rope_type": "llama3", "rope_theta": 1e4, "factor": 8.0, "low_freq_factor": 1.0,
            "high_freq_factor": 4.0, "original_max_position_embeddings": 64}  # fmt: skip
    saved("llama", tmp_path, True, rope_parameters=rope)
    assert outline(tmp_path) == outline_of(construction.empty_base(ModelSpec(str(tmp_path))))


UNUSUAL = {
    "another type": {"model_type": "qwen99"},
    "a type without a list": {"model_type": "gpt2"},
    "no word on tied embeddings": {"tie_word_embeddings": None},
    "another size": {"hidden_size": 64},
    "another vocabulary": {"vocab_size": 65},
    "a layer more": {"num_hidden_layers": 3},
    "a size that is a text": {"intermediate_size": "48"},
    "an activation that is unknown": {"hidden_act": "snake"},
    "packed weights": {"quantization_config": {"quant_method": "awq"}},
    "code of its own": {"auto_map": {"AutoModelForCausalLM": "m.M"}},
    "a padding token beyond the rows": {"pad_token_id": 64},
    "positions of another kind": {"rope_parameters": {"rope_type": "yarn", "factor": 2.0}},
    "kinds of layers that are too few": {"layer_types": ["full_attention"]},
    "no heads": {"num_attention_heads": 0},
}


@pytest.mark.parametrize("what", UNUSUAL)
def test_an_unusual_base_is_left_to_transformers(tmp_path, what):
    saved("qwen2", tmp_path, True)
    assert outline(tmp_path) is not None
    edit_json(tmp_path / "config.json", **UNUSUAL[what])
    assert outline(tmp_path) is None


@pytest.mark.parametrize("tied", [True, False], ids=["tied", "untied"])
@pytest.mark.parametrize("kind", MAKES)
def test_a_plain_adapter_has_the_tensors_that_peft_makes(place_on, kind, tied):
    place = place_on(tied=tied)
    MAKES[kind](place)
    [path] = place.adapter.rglob("adapter_config.json")
    one = Pair(ModelSpec(str(place.base), str(path.parent)))
    settings, base = plain_settings(one.stated), outline(place.base)
    made = plain_tensors(base.own, settings) if settings and base else {}
    assert bool(made) >= (kind in PLAIN)
    if made:
        found = {name: tensor.shape for name, tensor in one.tensors.items()}
        assert made == expected_by_peft(one.base, one.peft_config, found).asked


LEFT_TO_PEFT = {
    "a pattern that matches a container too": config(target_modules=r".*self_attn.*"),
    "a norm": config(target_modules=[*LAYERS, "norm"]),
    "the head": config(target_modules=[*LAYERS, "lm_head"]),
    "the embeddings": config(target_modules=[*LAYERS, "embed_tokens"]),
    "an activation": config(target_modules=[*LAYERS, "act_fn"]),
    "a whole block": config(target_modules=[*LAYERS, "mlp"]),
    "no rank": config(r=0),
    "a rank that is true": config(r=True),
    "a rank that is a text": config(r="4"),
    "a pattern that is none": config(target_modules="(q_proj"),
    "no targets": config(target_modules=[]),
    "a key of tomorrow": config(use_tomorrow=True),
    "one layer": config(layers_to_transform=[0]),
    "a scale that is a text": config(lora_alpha="8"),
    "a start that looks at weights": config(init_lora_weights="pissa"),
}


@pytest.mark.parametrize("what", LEFT_TO_PEFT)
def test_an_unusual_adapter_is_left_to_peft(place_on, what):
    place = place_on()
    each(lora(), LEFT_TO_PEFT[what])(place)
    one = Pair(ModelSpec(str(place.base), str(place.adapter)))
    settings = plain_settings(one.stated)
    found = {name: tensor.shape for name, tensor in one.tensors.items()}
    assert settings is None or plain_tensors(outline(place.base).own, settings) != found


def outcomes(place):
    return [(check.name, check.outcome, check.evidence) for check in place.checks().values()]


def assert_the_same_slowly(place, monkeypatch):
    fast = outcomes(place)
    monkeypatch.setattr(pair, "plain_base", lambda *_: None)
    monkeypatch.setattr(pair, "plain_settings", lambda *_: None)
    assert fast == outcomes(place)


@pytest.mark.parametrize("fault", PLANTS)
def test_a_faulty_adapter_or_base_gets_the_same_verdicts(healthy, tmp_path, monkeypatch, fault):
    place = copied(healthy["qwen"].base, healthy["qwen"].adapter, tmp_path)
    PLANTS[fault][0](place)
    assert_the_same_slowly(place, monkeypatch)


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_tensors_get_the_same_verdicts(place_on, monkeypatch, fault):
    place = place_on()
    make, plant, _, _ = FAULTS[fault]
    make(place)
    plant(place)
    assert_the_same_slowly(place, monkeypatch)


@pytest.mark.parametrize("kind", MAKES)
def test_a_healthy_adapter_gets_the_same_verdicts(place_on, monkeypatch, kind):
    place = place_on()
    MAKES[kind](place)
    [path] = place.adapter.rglob("adapter_config.json")
    place = type(place)(place.base, path.parent)
    assert_the_same_slowly(place, monkeypatch)


def test_a_tokenizer_is_read_by_the_class_that_transformers_chooses(committed, healthy, tmp_path):
    for kind, name in OF_TYPE.items():
        assert TOKENIZER_MAPPING_NAMES[kind] == name
    base = str(committed["narrow"].base)
    ours = tokenizer_class(base, None).from_pretrained(base)
    theirs = AutoTokenizer.from_pretrained(base)
    assert type(ours) is type(theirs)
    assert ours.backend_tokenizer.to_str() == theirs.backend_tokenizer.to_str()
    assert ours.chat_template == theirs.chat_template
    assert ours.special_tokens_map == theirs.special_tokens_map
    complete = tokenizer_class(str(healthy["llama"].base), None)
    assert complete is transformers.PreTrainedTokenizerFast
    (tmp_path / "tokenizer_config.json").write_text('{"tokenizer_class": "GPT2Tokenizer"}')
    (tmp_path / "config.json").write_text('{"model_type": "qwen2"}')
    assert tokenizer_class(str(tmp_path), None) is AutoTokenizer


def test_checks_of_a_plain_adapter_import_no_torch(committed):
    place = committed["narrow"]
    code = (
        "import json, sys; from pytest_slm_autopsy.cli import main; "
        f"code = main(['check', '--base', {str(place.base)!r}, '--adapter', {str(place.adapter)!r},"
        " '--json']); print(json.dumps([code, sorted({'torch', 'peft'} & {*sys.modules})]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]
