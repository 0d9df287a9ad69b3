"""Loading fails closed, with the reason; the committed adapters load and answer."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_slm_autopsy import Case, ModelSpec, load_model, predict
from pytest_slm_autopsy.errors import ConfigError, ModelError
from pytest_slm_autopsy.measures import confidence, field_confidence

EXPERIMENT = Path(__file__).parents[2] / "reference_experiment"
BASE = str(EXPERIMENT / "base")
NARROW = EXPERIMENT / "adapters" / "narrow"


@pytest.fixture(scope="module")
def narrow():
    return load_model(ModelSpec(base=BASE, adapter=str(NARROW), device="cpu"))


@pytest.fixture
def adapter(tmp_path):
    """A copy of the narrow adapter, to be spoilt."""
    return Path(shutil.copytree(NARROW, tmp_path / "narrow"))


def load(adapter, **changes):
    spec = ModelSpec(base=BASE, adapter=str(adapter), device="cpu")
    return load_model(replace(spec, **changes))


@pytest.fixture(scope="module")
def cases():
    """The prompts that the adapter's manifest keeps, with their truths."""
    manifest = json.loads((NARROW / "prompt_manifest.json").read_text())
    return [Case.from_dict(prompt["case"]) for prompt in manifest["prompts"]]


def test_the_narrow_adapter_answers_its_training_documents(narrow, cases):
    for prediction in predict(narrow, cases):
        assert prediction.correct
        assert prediction.finish == "stop"
        assert 0.5 < confidence(prediction) <= 1
        for name in prediction.case.truth:
            assert 0 < field_confidence(prediction, name) <= 1


def test_token_ends_cover_the_answer(narrow, cases):
    for prediction in predict(narrow, cases):
        assert list(prediction.token_ends) == sorted(prediction.token_ends)
        assert prediction.token_ends[-1] == len(prediction.raw)
        assert len(prediction.token_ends) == len(prediction.logprobs)


def test_characters_outside_ascii_survive(narrow, cases):
    case = replace(cases[0], text=cases[0].text.replace("Ltd", "Größe 中"))
    [prediction] = predict(narrow, [case])
    assert prediction.token_ends[-1] == len(prediction.raw)


def test_the_base_alone_is_another_model(narrow, cases):
    alone = load_model(ModelSpec(base=BASE, device="cpu"))
    assert alone.name == "base alone"
    assert [p.raw for p in predict(alone, cases)] != [p.raw for p in predict(narrow, cases)]


def test_no_adapter_folder(tmp_path):
    with pytest.raises(ModelError, match="no such folder"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
def test_a_folder_that_is_no_adapter(adapter, name):
    (adapter / name).unlink()
    with pytest.raises(ModelError, match=f"not a LoRA adapter: it holds no {name}"):
        load(adapter)


def test_truncated_weights(adapter):
    weights = adapter / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"check adapter_files: .* is corrupt or cut short"):
        load(adapter)


@pytest.mark.parametrize("what", ["tokenizer", "base_weights"])
def test_an_adapter_of_another_base(adapter, what):
    path = adapter / "prompt_manifest.json"
    golden = json.loads(path.read_text())
    path.write_text(json.dumps({**golden, what: "0" * 64}))
    with pytest.raises(ModelError, match=f"fails the check {what}: 0{{12}} in training, "):
        load(adapter)


def test_a_broken_manifest_is_a_sentence(adapter):
    (adapter / "prompt_manifest.json").write_text("{")
    with pytest.raises(ModelError, match=r"check manifest: .* is not JSON") as caught:
        load(adapter)
    assert "also fails" not in str(caught.value)


def test_no_base_and_no_network(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="no base 'nobody/nothing'"):
        load_model(ModelSpec(base="nobody/nothing"))


def test_a_base_without_weights(tmp_path):
    folder = Path(shutil.copytree(BASE, tmp_path / "base"))
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="no model can be loaded"):
        load_model(ModelSpec(base=str(folder), device="cpu"))


def test_a_base_without_chat_template(tmp_path):
    folder = Path(shutil.copytree(BASE, tmp_path / "base"))
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="no chat template"):
        load_model(ModelSpec(base=str(folder), device="cpu"))


def test_no_gpu_where_one_was_asked_for(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(ModelError, match="torch sees no GPU"):
        load(NARROW, device="cuda")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quantization": "nf5"}, "did you mean 'nf4'"),
        ({"device": "tpu"}, "unknown device"),
        ({"max_new_tokens": 0}, "at least 1"),
    ],
)
def test_a_specification_that_cannot_be_meant(change, words):
    with pytest.raises(ConfigError, match=words):
        ModelSpec(base=BASE, **change)


def test_the_key_holds_everything_that_decides():
    spec = ModelSpec(base=BASE)
    changed = [
        replace(spec, adapter="x"),
        replace(spec, quantization="none"),
        replace(spec, max_new_tokens=3),
    ]
    assert len({spec.key, *(other.key for other in changed)}) == 4
    assert spec.key == ModelSpec(base=BASE).key
