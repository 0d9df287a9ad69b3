"""What decides a loaded model's answers decides the key that they are stored under, no more."""

from __future__ import annotations

import copy
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import load_file, save_file

from pytest_slm_autopsy import Case, ModelSpec, PromptFormat, load_model, predict
from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models import Storable, identity, load_adapters
from pytest_slm_autopsy.models.adapter import AdapterModel
from pytest_slm_autopsy.predictions import Store
from tests.models.plants import Place

PROBE = [Case("1", "Total: 12.00", {"total": "12.00"})]


def spec_of(place, **chosen):
    chosen = {"device": "cpu", "max_new_tokens": 24} | chosen
    return ModelSpec(str(place.base), str(place.adapter), **chosen)


@pytest.fixture(scope="module")
def narrow(committed):
    return load_model(spec_of(committed["narrow"]))


@pytest.fixture
def copied(committed, tmp_path):
    """The narrow adapter and its base, in other folders."""
    place = Place(tmp_path / "b", tmp_path / "a")
    shutil.copytree(committed["narrow"].base, place.base)
    shutil.copytree(committed["narrow"].adapter, place.adapter)
    return place


@pytest.fixture
def key(narrow):
    """The key of one question to a model of such a specification, without loading it."""

    def key(spec, cases=PROBE):
        model: Storable = AdapterModel(spec, narrow.model, narrow.tokenizer)
        [only] = model.question_keys(cases)
        return only

    return key


def test_a_model_that_is_loaded_anew_is_not_asked_again(
    narrow, copied, golden_cases, tmp_path, monkeypatch
):
    with Store(tmp_path / "answers") as store:
        first = predict(narrow, golden_cases[:3], store=store)
    again = load_model(spec_of(copied))
    monkeypatch.setattr(again, "answer", None)
    again.name = narrow.name
    with Store(tmp_path / "answers") as store:
        assert predict(again, golden_cases[:3], store=store) == first
    assert (store.hits, store.misses, store.problem) == (3, 0, "")
    assert any(first[0].logprobs)


def test_another_limit_of_tokens_is_asked(narrow, copied, golden_cases, tmp_path):
    shorter = AdapterModel(spec_of(copied, max_new_tokens=3), narrow.model, narrow.tokenizer)
    with Store(tmp_path / "answers") as store:
        predict(narrow, golden_cases[:1], store=store)
        [short] = predict(shorter, golden_cases[:1], store=store)
    assert (store.hits, store.misses) == (0, 2)
    assert short.finish == "length"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("max_new_tokens", 25),
        ("quantization", "none"),
        ("dtype", "bfloat16"),
        ("attention", "eager"),
        ("trust_remote_code", True),
        ("prompt", PromptFormat(user="{fields}: {text}")),
        ("adapter", None),
    ],
)
def test_another_setting_is_another_key(key, committed, setting, value):
    spec = spec_of(committed["narrow"])
    assert key(replace(spec, **{setting: value})) != key(spec)


def test_the_places_alone_do_not_count(key, committed, copied):
    shutil.copy(copied.base / "README.md", copied.base / "NEWS.md")
    (copied.base / "README.md").unlink()
    before = key(spec_of(committed["narrow"]))
    assert key(spec_of(copied)) == key(spec_of(copied, device="auto")) == before


def test_another_document_is_another_key(key, committed):
    spec = spec_of(committed["narrow"])
    twin = replace(PROBE[0], id="2", condition="order", truth={"total": "13"})
    assert key(spec, [twin]) == key(spec)
    assert key(spec, [replace(PROBE[0], text="Total: 13.00")]) != key(spec)


def change_a_weight(file):
    weights = load_file(file)
    name = min(weights)
    weights[name].view(-1)[0] += 1.0
    save_file(weights, file, metadata={"format": "pt"})


def append(file):
    file.write_bytes(file.read_bytes() + b" ")


@pytest.mark.parametrize(
    ("part", "name", "change"),
    [
        ("adapter", "adapter_model.safetensors", change_a_weight),
        ("adapter", "adapter_config.json", append),
        ("base", "model.safetensors", change_a_weight),
        ("base", "config.json", append),
        ("base", "generation_config.json", append),
        ("base", "tokenizer.json", append),
        ("base", "chat_template.jinja", append),
        ("base", "chat_template.jinja", Path.unlink),
    ],
)
def test_another_content_at_the_same_place_is_another_key(key, copied, part, name, change):
    before = key(spec_of(copied))
    change(getattr(copied, part) / name)
    assert key(spec_of(copied)) != before


@pytest.mark.parametrize("library", identity.LIBRARIES)
def test_another_version_of_a_library_is_another_key(key, committed, monkeypatch, library):
    before = key(spec_of(committed["narrow"]))
    known = identity.version
    monkeypatch.setattr(identity, "version", lambda n: "9" if n == library else known(n))
    identity._versions.cache_clear()
    try:
        assert key(spec_of(committed["narrow"])) != before
    finally:
        identity._versions.cache_clear()


def test_a_library_that_is_not_installed_has_no_version():
    assert identity._version("no-such-library-here") == ""


def test_other_ends_are_other_keys(narrow, key, committed):
    tokenizer = copy.deepcopy(narrow.tokenizer)
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(5)
    [other] = AdapterModel(narrow.spec, narrow.model, tokenizer).question_keys(PROBE)
    assert other != key(spec_of(committed["narrow"]))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda place: change_a_weight(place.adapter / "adapter_model.safetensors"),
        lambda place: shutil.rmtree(place.adapter),
        lambda place: shutil.rmtree(place.base),
    ],
)
def test_files_that_changed_after_loading_say_nothing_of_the_model(
    narrow, copied, golden_cases, tmp_path, spoil
):
    model = AdapterModel(spec_of(copied), narrow.model, narrow.tokenizer)
    spoil(copied)
    with pytest.raises(ModelError, match="files of model a are no more those that were loaded"):
        model.question_keys(PROBE)
    with Store(tmp_path / "answers") as store:
        assert len(predict(model, golden_cases[:1], store=store)) == 1
    assert store.problem.startswith("the run went on without the store: the files of model a")
    assert not (tmp_path / "answers").exists()


def first_matrix(model):
    return next(p for name, p in model.named_parameters() if name.endswith("q_proj.weight"))


@torch.no_grad()
def swap_two_rows(model):
    rows = first_matrix(model)
    rows[[0, 1]] = rows[[1, 0]].clone()


def exchange_two_layers(model):
    layers = model.model.layers
    layers[0].mlp.up_proj, layers[1].mlp.up_proj = layers[1].mlp.up_proj, layers[0].mlp.up_proj


@pytest.mark.parametrize(
    "change",
    [
        lambda model: first_matrix(model).data[3].mul_(1.01),
        lambda model: first_matrix(model).data.__setitem__((0, 0), 0.5),
        lambda model: model.lm_head.weight.data.zero_(),
        lambda model: torch.nn.init.normal_(model.model.norm.weight),
        swap_two_rows,
        exchange_two_layers,
        lambda model: model.train(),
    ],
)
def test_kept_answers_do_not_speak_for_a_model_changed_by_hand(narrow, copied, tmp_path, change):
    model = AdapterModel(spec_of(copied), copy.deepcopy(narrow.model), narrow.tokenizer)
    model.question_keys(PROBE)
    change(model.model)
    with pytest.raises(ModelError, match="model a was changed in memory since it was loaded"):
        model.question_keys(PROBE)
    with Store(tmp_path / "answers") as store:
        predict(model, PROBE, store=store)
    assert "changed in memory" in store.problem
    assert not (tmp_path / "answers").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda layer: layer.scaling.update(default=0.5),
        lambda layer: layer.enable_adapters(False),
        lambda layer: layer.register_forward_hook(lambda *_: None),
        lambda layer: vars(layer).update(variance_epsilon=0.5),
        lambda layer: torch.nn.init.normal_(layer.lora_B["default"].weight),
    ],
)
def test_an_adapter_turned_down_by_hand_is_another_model(committed, change):
    paths = {"default": str(committed["narrow"].adapter)}
    model = load_adapters(ModelSpec(str(committed["narrow"].base), device="cpu"), paths)["default"]
    before = model.question_keys(PROBE)
    model.answer(PROBE)
    assert model.question_keys(PROBE) == before
    change(next(part for part in model.model.modules() if hasattr(part, "lora_B")))
    with pytest.raises(ModelError, match="changed in memory"):
        model.question_keys(PROBE)


def test_adapters_of_one_base_have_keys_of_their_own(committed):
    paths = {name: str(place.adapter) for name, place in committed.items()}
    models = load_adapters(ModelSpec(str(committed["narrow"].base), device="cpu"), paths)
    keys = {name: model.question_keys(PROBE)[0] for name, model in models.items()}
    assert len(set(keys.values())) == 2


def test_a_subclass_has_keys_of_its_own(narrow):
    kind = type("Mine", (AdapterModel,), {})
    mine = kind(narrow.spec, narrow.model, narrow.tokenizer)
    assert mine.question_keys(PROBE) != narrow.question_keys(PROBE)


@pytest.fixture
def hub(tmp_path, monkeypatch, committed):
    """A cache of the hub; call it with a commit to make that the newest one."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    folder = tmp_path / "hub" / "models--maker--tiny"

    def newest(commit):
        (folder / "refs").mkdir(parents=True, exist_ok=True)
        (folder / "refs" / "main").write_text(commit)
        shutil.copytree(committed["narrow"].base, folder / "snapshots" / commit)

    return newest


def test_a_downloaded_base_is_known_by_its_commit(hub, narrow, committed):
    spec = replace(spec_of(committed["narrow"]), base="maker/tiny")
    keys = {}
    for commit in ("a" * 40, "b" * 40):
        hub(commit)
        keys[commit] = AdapterModel(spec, narrow.model, narrow.tokenizer).question_keys(PROBE)
    pinned = replace(spec, revision="a" * 40)
    assert (
        AdapterModel(pinned, narrow.model, narrow.tokenizer).question_keys(PROBE) == keys["a" * 40]
    )
    assert keys["a" * 40] != keys["b" * 40]


def test_a_base_that_is_nowhere_has_no_key(narrow, committed):
    spec = replace(spec_of(committed["narrow"]), base="nobody/nothing")
    model = AdapterModel(spec, narrow.model, narrow.tokenizer)
    with pytest.raises(ModelError, match="no more those that were loaded"):
        model.question_keys(PROBE)


def test_the_files_are_hashed_once(narrow, monkeypatch):
    narrow.question_keys(PROBE)
    monkeypatch.setattr(identity, "_content", None)
    assert len(narrow.question_keys(PROBE * 3)) == 3
