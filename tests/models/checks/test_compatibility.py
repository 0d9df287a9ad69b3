"""Each fault in an adapter, its base or its record is found by the check of its name, alone."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pytest_slm_autopsy import ModelSpec, assert_adapter_compatible, load_model
from pytest_slm_autopsy.errors import ConfigError, ModelError
from pytest_slm_autopsy.models import CHECKS, check_files
from tests.models import plants
from tests.models.plants import (
    Place,
    adapter_config,
    adapter_tensors,
    base_tensors,
    copied,
    cut_short,
    every,
    manifest,
    without,
    written,
)

FAMILIES = ("qwen", "llama", "gemma")
ASKED = {
    *("adapter_acts", "unpacking_agrees", "merge_agrees", "decoding_agrees"),
    *("answers_differ", "answers_parse", "answers_end", "input_matters", "served_prompt"),
    *("served_model", "served_context"),
}
"""Checks that ask the model; their faults are planted in test_health and test_shortcuts."""
NEWER = "has version 2 and this pytest-slm-autopsy reads up to 1; upgrade"
OTHER_TEMPLATE = "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}"


def more_targets(place: Place) -> None:
    """The config names a module that was not trained."""
    path = place.adapter / plants.CONFIG
    targets = json.loads(path.read_text(encoding="utf-8"))["target_modules"]
    plants.edit_json(path, target_modules=[*targets, "embed_tokens"])


PLANTS = {
    # the adapter's files
    "no weights": (
        without("adapter/adapter_model.safetensors"),
        "adapter_files",
        "holds no adapter_model.safetensors",
    ),
    "no config": (
        without("adapter/adapter_config.json"),
        "adapter_files",
        "holds no adapter_config.json",
    ),
    "config that is no JSON": (
        written("adapter/adapter_config.json", "{'r': 16"),
        "adapter_files",
        "adapter_config.json is not JSON",
    ),
    "config that is empty": (
        written("adapter/adapter_config.json", "{}"),
        "adapter_files",
        "states no peft_type",
    ),
    "config that is a list": (
        written("adapter/adapter_config.json", "[]"),
        "adapter_files",
        "states no peft_type",
    ),
    "config with a rank that is none": (
        adapter_config(r="many"),
        "adapter_files",
        "cannot be read",
    ),
    "type IA3": (adapter_config(peft_type="IA3"), "adapter_files", "type is IA3; only LORA"),
    "type unknown": (adapter_config(peft_type="LORX"), "adapter_files", "type is LORX; only LORA"),
    "task SEQ_CLS": (
        adapter_config(task_type="SEQ_CLS"),
        "adapter_files",
        "trained for SEQ_CLS, not CAUSAL_LM",
    ),
    "weights cut short": (
        cut_short("adapter/adapter_model.safetensors"),
        "adapter_files",
        "corrupt or cut short",
    ),
    "weights that are text": (
        written("adapter/adapter_model.safetensors", "version https://git-lfs.github.com/spec/v1"),
        "adapter_files",
        "corrupt or cut short",
    ),
    "a pickle only": (plants.pickled, "safetensors", "pickle (adapter_model.bin), which can run"),
    # the base's files
    "no base weights": (without("base/model.safetensors"), "base_files", "no weights in safeten"),
    "base weights cut short": (
        cut_short("base/model.safetensors"),
        "base_files",
        "corrupt or cut short",
    ),
    "a shard missing": (
        written("base/model.safetensors.index.json", '{"weight_map": {"x": "2.safetensors"}}'),
        "base_files",
        "lacks 2.safetensors",
    ),
    "no base config": (without("base/config.json"), "base_files", "no model can be loaded"),
    "base config that is empty": (
        written("base/config.json", "{}"),
        "base_files",
        "no model can be loaded",
    ),
    "base config that is no JSON": (
        written("base/config.json", "{"),
        "base_files",
        "no model can be loaded",
    ),
    "base config that is a list": (
        written("base/config.json", "[]"),
        "base_files",
        "no model can be loaded",
    ),
    "an architecture that is not known": (
        lambda place: plants.edit_json(place.base / "config.json", model_type="qwen99"),
        "base_files",
        "no model can be loaded",
    ),
    "no tokenizer": (without("base/tokenizer.json"), "base_files", "no tokenizer can be loaded"),
    "tokenizer that is no JSON": (
        written("base/tokenizer.json", "{"),
        "base_files",
        "no tokenizer can be loaded",
    ),
    # the record
    "manifest that is no JSON": (
        written("adapter/prompt_manifest.json", "{"),
        "manifest",
        "prompt_manifest.json is not JSON",
    ),
    "manifest that is a list": (
        written("adapter/prompt_manifest.json", "[]"),
        "manifest",
        "states no version",
    ),
    "manifest that is empty": (
        written("adapter/prompt_manifest.json", "{}"),
        "manifest",
        "states no version",
    ),
    "manifest of a newer version": (manifest(version=2), "manifest", NEWER),
    "manifest with a hash that is a number": (manifest(base_weights=3), "manifest", "no sound"),
    "manifest with prompts that are none": (manifest(prompts=[{}]), "manifest", "no sound"),
    # the tensors
    "target modules of another architecture": (
        adapter_config(target_modules=["c_proj", "c_attn"]),
        "target_modules",
        "no module named c_attn, c_proj; the adapter was trained on another architecture",
    ),
    "a pattern that matches nothing": (
        adapter_config(target_modules=r".*\.c_attn"),
        "target_modules",
        "no module that matches",
    ),
    "a pattern that cannot be read": (
        adapter_config(target_modules="(q_proj"),
        "target_modules",
        "is no pattern",
    ),
    "B transposed": (adapter_tensors(plants.transpose_b), "tensor_shapes", "lora_B"),
    "another rank": (adapter_config(r=2), "tensor_shapes", "and this base asks for 2 x "),
    "a larger hidden size": (adapter_tensors(plants.widen), "tensor_shapes", "of another size"),
    "a tensor missing": (adapter_tensors(plants.lose_one), "tensor_names", "lacks base_model"),
    "a layer too many": (
        adapter_tensors(plants.add_layer),
        "tensor_names",
        "has an unexpected base_model.model.model.layers.40.",
    ),
    "targets that have no tensors": (
        more_targets,
        "tensor_names",
        "lacks base_model.model.model.embed_tokens",
    ),
    "NaN": (adapter_tensors(plants.nan), "weights_finite", "lora_B"),
    "an infinite base weight": (base_tensors(plants.infinite_base), "weights_finite", "q_proj"),
    "B all zero": (adapter_tensors(plants.zero_b), "adapter_norm", "at most 0 of the base"),
    "B next to zero": (adapter_tensors(plants.tiny_b), "adapter_norm", "it is the base alone"),
    "two layers swapped": (
        adapter_tensors(plants.swap_layers),
        "adapter_weights",
        "save the adapter as it was trained",
    ),
    "another base of equal shapes": (
        base_tensors(plants.shaken),
        "base_weights",
        "load the weights that training loaded",
    ),
    "config without base": (
        every(
            adapter_config(base_model_name_or_path=None), without("adapter/prompt_manifest.json")
        ),
        "base_name",
        "names no base",
    ),
    "another base by name": (
        every(
            adapter_config(base_model_name_or_path="Qwen/Qwen2.5-Math"),
            without("adapter/prompt_manifest.json"),
        ),
        "base_name",
        "trained on Qwen/Qwen2.5-Math",
    ),
    # tokens and prompts
    "a token too many": (plants.token_too_many, "vocabulary", "counts up to token 768, and"),
    "end of turn at which the base does not stop": (
        every(
            lambda place: plants.edit_json(
                place.base / "tokenizer_config.json", eos_token="<|endoftext|>"
            ),
            lambda place: plants.edit_json(place.base / "generation_config.json", eos_token_id=0),
        ),
        "special_tokens",
        "by the chat template, and decoding stops at 0 ('<|endoftext|>'): every answer would run",
    ),
    "an edited scale": (
        adapter_config(lora_alpha=1),
        "adapter_config",
        "lora_alpha was ",
    ),
    "one token moved": (plants.token_moved, "tokenizer", "other tokens: the tokenizer is another"),
    "one token moved, that no golden prompt holds": (
        plants.token_moved_unseen,
        "tokenizer",
        "use the tokenizer of training",
    ),
    "no chat template": (without("base/chat_template.jinja"), "chat_template", "has no chat templ"),
    "another chat template": (
        written("base/chat_template.jinja", OTHER_TEMPLATE),
        "chat_template",
        "the prompt of case 'invoice-1000042-0000/canonical' is not that of training",
    ),
    "a chat template that takes no system message": (
        written("base/chat_template.jinja", "{{ raise_exception('no system role') }}"),
        "chat_template",
        "the chat template cannot be applied: no system role; if it takes no system message, use",
    ),
    "another system prompt in training": (
        lambda place: edit_prompts(place, "Extract the fields as JSON.", "You are helpful."),
        "prompts",
        'training had "<|im_start|>system\\nYou are',
    ),
    "another quantisation": (
        manifest(quantization="int8"),
        "quantization",
        "int8 in training and is nf4 now",
    ),
}  # fmt: skip


def edit_prompts(place: Place, then: str, now: str) -> None:
    """Training's prompts were others."""
    path = place.adapter / plants.MANIFEST
    data = json.loads(path.read_text(encoding="utf-8"))
    for entry in data["prompts"]:
        entry["text"] = entry["text"].replace(then, now)
    path.write_text(json.dumps(data), encoding="utf-8")


@pytest.fixture
def narrow(committed, tmp_path):
    """A copy of the narrow adapter and its base, to be spoilt."""
    return copied(committed["narrow"].base, committed["narrow"].adapter, tmp_path)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("fault", PLANTS)
def test_a_fault_is_found_by_the_check_of_its_name_alone(healthy, tmp_path, fault, family):
    plant, name, words = PLANTS[fault]
    place = copied(healthy[family].base, healthy[family].adapter, tmp_path)
    plant(place)
    faults = place.faults()
    assert list(faults) == [name]
    assert words in faults[name]
    assert "\n" not in faults[name]


def test_every_check_of_files_has_its_fault():
    assert {name for _, name, _ in PLANTS.values()} | {"size_named"} == set(CHECKS) - ASKED


@pytest.mark.parametrize("name", ["narrow", "hardened"])
def test_the_committed_adapters_are_healthy(committed, name):
    found = committed[name].checks()
    assert {check.outcome for check in found.values()} == {"passed"}
    assert set(found) == set(CHECKS) - ASKED


@pytest.mark.parametrize("family", FAMILIES)
def test_an_adapter_is_healthy_in_every_family(healthy, family):
    assert {check.outcome for check in healthy[family].checks().values()} == {"passed"}


@pytest.mark.parametrize("family", FAMILIES)
def test_without_a_record_nothing_is_said_to_fail(healthy, tmp_path, family):
    place = copied(healthy[family].base, healthy[family].adapter, tmp_path)
    (place.adapter / plants.MANIFEST).unlink()
    found = place.checks()
    skipped = {name for name, check in found.items() if check.outcome == "skipped"}
    assert skipped == {
        *("manifest", "adapter_config", "adapter_weights", "base_weights"),
        *("tokenizer", "prompts", "quantization"),
    }  # fmt: skip
    assert {found[name].outcome for name in set(found) - skipped} == {"passed"}


@pytest.mark.parametrize(
    "plant",
    [
        adapter_tensors(plants.swap_layers),
        base_tensors(plants.shaken),
        plants.token_moved,
        adapter_config(lora_alpha=1),
    ],
)
def test_what_cannot_be_seen_without_a_record(narrow, plant):
    (narrow.adapter / plants.MANIFEST).unlink()
    plant(narrow)
    assert narrow.faults() == {}


@pytest.mark.parametrize(
    ("part", "name", "says"),
    [("adapter", "reddit-4b-think", "4B"), ("base", "tiny-1.5B", "1.5B")],
)
def test_a_name_that_says_another_size_is_a_warning(narrow, part, name, says):
    place = plants.moved(part, name)(narrow)
    said = f"{name!r} says {says}, and the base has 0.00089 billion parameters"
    assert place.faults() == {"size_named": said}


def test_the_size_in_the_name_of_training_is_read_too(narrow):
    adapter_config(base_model_name_or_path="Qwen/Qwen2.5-1.5B")(narrow)
    assert "'Qwen2.5-1.5B' says 1.5B" in narrow.faults()["size_named"]


def test_the_same_weights_under_another_name_are_the_same_base(narrow):
    place = plants.moved("base", "copy")(narrow)
    assert place.checks()["base_name"].outcome == "passed"
    assert place.faults() == {}


SAME_BASE = [
    *("org/Tiny", "unsloth/tiny", "/models/Tiny/", "./Tiny", r"C:\models\Tiny"),
    *("org/Tiny-unsloth-bnb-4bit", "org/Tiny-bnb-4bit", "org/Tiny-AWQ", "org/Tiny-GPTQ-Int4"),
    *("org/Tiny-GPTQ-4bit-128g", "org/Tiny_nf4", "org/Tiny-FP8-dynamic", "mlx/Tiny-8bit"),
    *("org/Tiny-quantized.w8a8", "org/Tiny-AWQ-INT4", "org/Tiny.Q4_K_M", "org/Tiny-bf16"),
    "/cache/hub/models--org--Tiny/snapshots/0123456789abcdef0123456789abcdef01234567",
    "/cache/hub/models--Tiny-AWQ/snapshots/main/",
]
OTHER_BASE = [
    *("org/Tiny-Instruct", "org/Tiny-2", "org/Tiny-Dynamic", "org/Tiny-unsloth", "4bit", "awq"),
    "/cache/hub/models--org--Tiny-Instruct/snapshots/0123456789abcdef0123456789abcdef01234567",
    "/cache/hub/models--Tiny--Other/snapshots/0123",
]


@pytest.mark.parametrize("name", SAME_BASE)
def test_a_base_has_many_names(narrow, name):
    (narrow.adapter / plants.MANIFEST).unlink()
    adapter_config(base_model_name_or_path=name)(narrow)
    assert plants.moved("base", "Tiny")(narrow).faults() == {}


@pytest.mark.parametrize("name", OTHER_BASE)
def test_another_base_has_another_name(narrow, name):
    (narrow.adapter / plants.MANIFEST).unlink()
    adapter_config(base_model_name_or_path=name)(narrow)
    faults = plants.moved("base", "Tiny")(narrow).faults()
    assert list(faults) == ["base_name"]
    assert f"it was trained on {name}, and " in faults["base_name"]


def test_a_base_in_the_cache_or_behind_a_link_keeps_its_name(narrow, tmp_path, monkeypatch):
    (narrow.adapter / plants.MANIFEST).unlink()
    adapter_config(base_model_name_or_path="org/Tiny-AWQ")(narrow)
    cached = tmp_path / "models--org--Tiny" / "snapshots" / "0123456789abcdef"
    cached.parent.mkdir(parents=True)
    narrow.base.rename(cached)
    assert Place(cached, narrow.adapter).faults() == {}
    link = tmp_path / "current"
    link.symlink_to(cached)
    assert Place(link, narrow.adapter).faults() == {}
    monkeypatch.chdir(cached)
    assert Place(Path(), narrow.adapter).faults() == {}


def test_a_name_in_the_cache_says_its_size(narrow):
    (narrow.adapter / plants.MANIFEST).unlink()
    name = "/cache/models--Qwen--Qwen2.5-1.5B/snapshots/0123456789abcdef"
    adapter_config(base_model_name_or_path=name)(narrow)
    assert "'Qwen2.5-1.5B' says 1.5B" in narrow.faults()["size_named"]


@pytest.mark.parametrize("name", ["nobody/nothing", "nowhere"])
def test_a_base_that_cannot_be_had(narrow, monkeypatch, name):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    found = Place(name, narrow.adapter).checks()
    assert list(found) == ["adapter_files", "safetensors", "base_files"]
    assert found["base_files"].outcome == "failed"
    assert f"no base {name!r}: there is no such folder" in found["base_files"].evidence


@pytest.mark.parametrize("name", ["nobody/nothing", "nowhere", "./a/b"])
def test_an_adapter_that_cannot_be_had(narrow, monkeypatch, name):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    faults = Place(narrow.base, name).faults()
    assert list(faults) == ["adapter_files"]
    assert f"no adapter at {name}: there is no such folder" in faults["adapter_files"]


def test_a_manifest_may_stand_elsewhere(narrow, tmp_path):
    elsewhere = (narrow.adapter / plants.MANIFEST).rename(tmp_path / "record.json")
    assert narrow.checks(manifest=elsewhere)["prompts"].outcome == "passed"
    assert "no prompt manifest at" in narrow.faults(manifest=tmp_path / "lost")["manifest"]


@pytest.mark.parametrize("targets", [["q_proj", "embed_tokens"], ["q_proj", "lm_head"]])
def test_an_adapter_saved_with_its_embeddings_is_healthy(healthy, tmp_path, targets):
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(healthy["llama"].base)
    config = LoraConfig(
        r=2, target_modules=targets, init_lora_weights=False, task_type="CAUSAL_LM",
    )  # fmt: skip
    get_peft_model(base, config).save_pretrained(tmp_path / "adapter", save_embedding_layers=True)
    assert Place(healthy["llama"].base, tmp_path / "adapter").faults() == {}


@pytest.mark.parametrize("options", [{"use_dora": True}, {"use_rslora": True}, {"bias": "all"}])
def test_a_variant_of_lora_is_healthy(healthy, tmp_path, options):
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(healthy["llama"].base)
    config = LoraConfig(
        r=2, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM", **options,
    )  # fmt: skip
    get_peft_model(base, config).save_pretrained(tmp_path / "adapter")
    assert Place(healthy["llama"].base, tmp_path / "adapter").faults() == {}


# What is allowed.

OVERRIDES = {
    name: plant
    for plant, name, _ in PLANTS.values()
    if name in ("tensor_names", "adapter_norm", "adapter_weights", "base_weights", "base_name",
                "tokenizer", "prompts", "safetensors", "manifest")
}  # fmt: skip


@pytest.mark.parametrize("name", OVERRIDES)
def test_a_failure_can_be_accepted_by_name_and_is_still_told(narrow, name):
    OVERRIDES[name](narrow)
    assert narrow.checks(allow=(name,))[name].outcome == "allowed"
    spec = ModelSpec(base=str(narrow.base), adapter=str(narrow.adapter))
    with pytest.raises(ModelError, match=rf"fails the check {name}: .*allow {name}\)$"):
        assert_adapter_compatible(spec)


def test_what_rests_on_an_accepted_failure_is_checked(narrow):
    plants.token_moved(narrow)
    assert narrow.checks()["prompts"].outcome == "skipped"
    assert list(narrow.faults(allow=("tokenizer",))) == ["prompts"]
    spec = ModelSpec(base=str(narrow.base), adapter=str(narrow.adapter))
    with pytest.warns(UserWarning, match="check tokenizer allowed: "):
        assert_adapter_compatible(spec, allow=("tokenizer", "prompts"))


def test_a_missing_template_that_is_allowed_still_stops_the_loading(narrow):
    without("base/chat_template.jinja")(narrow)
    assert list(narrow.faults(allow=("chat_template",))) == ["prompts"]
    spec = ModelSpec(base=str(narrow.base), adapter=str(narrow.adapter), device="cpu")
    with (
        pytest.warns(UserWarning, match="check chat_template allowed"),
        pytest.raises(ModelError, match="has no chat template"),
    ):
        load_model(spec, allow=("chat_template", "prompts"))


def test_a_pickle_that_is_allowed_is_checked_and_loaded(narrow):
    plants.pickled(narrow)
    assert narrow.faults(allow=("safetensors",)) == {}
    spec = ModelSpec(base=str(narrow.base), adapter=str(narrow.adapter), device="cpu")
    with pytest.warns(UserWarning, match="check safetensors allowed"):
        assert load_model(spec, allow=("safetensors",)).name == "narrow"


def test_a_pickle_that_would_run_code_does_not(narrow, tmp_path):
    (narrow.adapter / "adapter_model.safetensors").unlink()
    trace = tmp_path / "trace"
    code = f"cbuiltins\nopen\n(V{trace}\nVw\ntR.".encode()
    (narrow.adapter / "adapter_model.bin").write_bytes(code)
    assert "cannot be read" in narrow.faults(allow=("safetensors",))["tensor_shapes"]
    assert not trace.exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("base_nam", "there is no check 'base_nam' to allow; did you mean 'base_name'?"),
        ("base_files", "base_files cannot be allowed to fail: nothing can be loaded without it"),
    ],
)
def test_what_cannot_be_allowed(narrow, name, words):
    with pytest.raises(ConfigError) as caught:
        narrow.checks(allow=(name,))
    assert str(caught.value) == words


def test_there_is_nothing_to_check_without_an_adapter(committed):
    with pytest.raises(ModelError, match="no adapter is named"):
        check_files(ModelSpec(base=str(committed["narrow"].base)))


def test_the_error_names_the_other_failures(narrow):
    adapter_tensors(plants.nan)(narrow)
    plants.token_moved(narrow)
    spec = ModelSpec(base=str(narrow.base), adapter=str(narrow.adapter))
    with pytest.raises(ModelError, match=r"check weights_finite: .*; it also fails: tokenizer"):
        assert_adapter_compatible(spec)


# A folder that is no adapter's.

ELSEWHERE = {
    "a name of its own": (("invoices",), "in a folder inside: give {0}/invoices"),
    "two names": (("a", "b"), "give {0}/a or {0}/b"),
    "a trainer's output": (
        ("checkpoint-20", "checkpoint-40"), "give {0}/checkpoint-20 or {0}/checkpoint-40",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ELSEWHERE)
def test_the_parent_of_an_adapters_folder_names_it(narrow, kind):
    inside, words = ELSEWHERE[kind]
    whole = narrow.adapter.rename(narrow.adapter.with_name("kept"))
    for name in inside:
        shutil.copytree(whole, narrow.adapter / name)
    assert words.format(narrow.adapter) in narrow.faults()["adapter_files"]
    for name in inside:
        assert Place(narrow.base, narrow.adapter / name).faults() == {}


def test_a_whole_model_is_no_adapter(narrow):
    found = Place(narrow.base, narrow.base).faults()["adapter_files"]
    assert "it holds a whole model, merged perhaps: give that as the base" in found


def test_a_config_without_weights_says_what_is_missing(narrow):
    without("adapter/adapter_model.safetensors")(narrow)
    assert "its config is there and its weights are not" in narrow.faults()["adapter_files"]
