"""Training resumes where it was killed, and never leaves half an adapter."""

from __future__ import annotations

import json

import pytest
from safetensors.torch import load_file

from pytest_slm_autopsy import ModelError, load_model, write_cases
from reference_experiment import train
from reference_experiment.data import training_cases
from reference_experiment.train import last_checkpoint


class Killed(BaseException):
    """What a kill looks like from inside."""


def weights(folder):
    return load_file(folder / "adapter_model.safetensors")


def train_adapter(config, name):
    documents = config.root / f"{name}.jsonl"
    documents.parent.mkdir(parents=True, exist_ok=True)
    write_cases(documents, training_cases(config, config.adapters[name]))
    return train.train_adapter(config, name, documents)


@pytest.fixture
def killed_after_three_steps(monkeypatch):
    step_end = train.ProgressFile.on_step_end

    def kill(self, args, state, control, **rest):
        step_end(self, args, state, control, **rest)
        if state.global_step == 3:
            raise Killed

    monkeypatch.setattr(train.ProgressFile, "on_step_end", kill)
    return monkeypatch.undo


def test_a_killed_run_ends_with_the_same_weights(small, killed_after_three_steps):
    with pytest.raises(Killed):
        train_adapter(small, "narrow")
    assert not small.adapter("narrow").exists()
    progress = json.loads((small.runs / "training" / "narrow" / "progress.json").read_text())
    assert progress["step"] == 3
    assert progress["steps"] == 4
    assert progress["tokens_per_second"] > 0
    killed_after_three_steps()
    resumed = weights(train_adapter(small, "narrow"))
    whole = weights(train_adapter(small, "narrow"))
    assert resumed.keys() == whole.keys()
    assert all(resumed[name].allclose(whole[name], atol=1e-6) for name in whole)


def test_a_full_disk_leaves_no_adapter_that_loads(small, monkeypatch, tmp_path):
    def full(self, *args, **kwargs):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("peft.PeftModel.save_pretrained", full)
        with pytest.raises(OSError, match="No space left"):
            train_adapter(small, "narrow")
    assert not small.adapter("narrow").exists()
    with pytest.raises(ModelError, match="no such folder"):
        load_model(small.spec(small.adapter("narrow")))


def test_a_checkpoint_that_was_cut_off_is_passed_over(tmp_path):
    for step, whole in ((2, True), (4, False)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        if whole:
            (folder / "trainer_state.json").write_text("{}")
    assert last_checkpoint(tmp_path) == str(tmp_path / "checkpoint-2")


def test_the_manifest_is_saved_beside_the_adapter(small):
    folder = train_adapter(small, "hardened")
    golden = json.loads((folder / "prompt_manifest.json").read_text())
    assert golden["base"] == small.base
    assert len(golden["prompts"]) == 3
    assert all(prompt["ids"] and prompt["text"] for prompt in golden["prompts"])
    assert {"torch", "peft", "transformers"} <= golden["versions"].keys()
    assert load_model(small.spec(folder)).name == "hardened"
