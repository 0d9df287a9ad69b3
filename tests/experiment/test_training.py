"""Training resumes where it was killed, and never leaves half an adapter."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file
from transformers import TrainingArguments

from pytest_slm_autopsy import load_model
from pytest_slm_autopsy.cases import write_cases
from pytest_slm_autopsy.errors import ConfigError, ModelError
from pytest_slm_autopsy.models import load_tokenizer
from reference_experiment.__main__ import main
from reference_experiment.data import training_cases
from reference_experiment.training import train
from reference_experiment.training.examples import turn_end
from reference_experiment.training.train import last_checkpoint
from tests.environment import importing


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
    (small.runs / "training" / "narrow.done").unlink()
    whole = weights(train_adapter(small, "narrow"))
    assert resumed.keys() == whole.keys()
    assert all(resumed[name].allclose(whole[name], atol=1e-6) for name in whole)


def test_an_adapter_that_was_trained_on_the_same_is_left(small, capsys):
    folder = train_adapter(small, "narrow")
    trained = (folder / "adapter_model.safetensors").stat().st_mtime_ns
    assert "step 4/4" in capsys.readouterr().out
    train_adapter(small, "narrow")
    assert "trained already" in capsys.readouterr().out
    train_adapter(replace(small, lora=replace(small.lora, alpha=8)), "narrow")
    assert "step 4/4" in capsys.readouterr().out
    assert (folder / "adapter_model.safetensors").stat().st_mtime_ns > trained


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
    assert golden["base"] == small.base_place
    assert len(golden["prompts"]) == 3
    assert all(prompt["ids"] and prompt["text"] for prompt in golden["prompts"])
    assert {"torch", "peft", "transformers"} <= golden["versions"].keys()
    assert load_model(small.spec(folder)).name == "hardened"


TWO = """
import os, pickle, sys
from pathlib import Path
from reference_experiment.training import train

config, documents = pickle.loads(Path(sys.argv[1]).read_bytes())
collate, seen = train.collate, []

def counting(batch, pad):
    seen.extend(tuple(row["input_ids"]) for row in batch)
    return collate(batch, pad)

train.collate = counting
train.train_adapter(config, "narrow", documents)
Path(sys.argv[1] + os.environ["RANK"]).write_bytes(pickle.dumps(seen))
"""


# Two processes import torch and transformers on the cores of one.
@pytest.mark.slow
def test_two_processes_train_the_adapter_of_one(small, tmp_path):
    alone = weights(train_adapter(small, "narrow"))
    script, handed = tmp_path / "two.py", tmp_path / "handed"
    script.write_text(TWO)
    together = replace(small, root=tmp_path / "together")
    handed.write_bytes(pickle.dumps((together, small.root / "narrow.jsonl")))
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu"]
    chosen = [
        "--num_processes=2",
        "--num_machines=1",
        "--mixed_precision=no",
        "--main_process_port=0",
    ]
    subprocess.run(
        [*launch, *chosen, "--dynamo_backend=no", script, handed],
        env=os.environ | importing(Path(train.__file__).parents[2]) | {"OMP_NUM_THREADS": "1"},
        check=True,
        timeout=300,
    )
    first, second = (pickle.loads(Path(f"{handed}{rank}").read_bytes()) for rank in (0, 1))
    assert len(first) == len(second) == 4 * 2
    assert not {*first} & {*second}
    found = weights(together.adapter("narrow"))
    assert found.keys() == alone.keys()
    # Adam makes a whole step of a gradient that is nothing but rounding; four steps are 4e-3.
    assert all(found[name].allclose(alone[name], atol=1e-4) for name in alone)
    assert not (together.runs / "training" / "narrow").exists()


def test_an_answer_that_the_base_would_not_end_is_an_error(small):
    tokenizer = load_tokenizer(small.spec())
    assert tokenizer.convert_ids_to_tokens(turn_end(tokenizer, 2)) == ["<|im_end|>"]
    with pytest.raises(ConfigError, match=r"ends an answer with '<\|im_end\|>.*eos_token_id"):
        turn_end(tokenizer, [0, 1])


def test_a_batch_that_processes_cannot_share_is_an_error(small, monkeypatch):
    monkeypatch.setattr(TrainingArguments, "world_size", 3)
    with pytest.raises(ConfigError, match="batch_size is 4, which 3 processes cannot share"):
        train_adapter(small, "narrow")


def test_nothing_but_training_runs_in_several_processes(monkeypatch, capsys):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(sys, "argv", ["reference_experiment", "evaluate"])
    assert main() == 2
    assert "evaluate runs in one process; launch nothing but train" in capsys.readouterr().err
