"""A configuration that cannot be meant is one sentence."""

from __future__ import annotations

import sys

import pytest

from pytest_slm_autopsy.errors import ConfigError
from reference_experiment.__main__ import main
from reference_experiment.config import HERE, read_config


@pytest.mark.parametrize("name", ["tiny", "gemma3-270m", "qwen2.5-1.5b"])
def test_the_shipped_configurations_are_read(name):
    config = read_config(HERE / "configs" / f"{name}.yaml")
    assert config.name == name
    assert {"narrow", "hardened"} <= set(config.adapters)


def test_the_seed_can_be_given(tiny, tmp_path):
    assert read_config(_written(tmp_path, tiny), seed=7).runs.name == "seed-7"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("learning_rate", "learning_rat", "unknown key 'learning_rat'; did you mean"),
        ("seed: 42", "sed: 42", "unknown key 'sed'; did you mean 'seed'"),
        ("seed: 42", "seed: many", "seed is 'many', not int"),
        ("seed: 42", "seed: true", "seed is True, not int"),
        ("seed: 42\n", "", "missing seed"),
        ("r: 16", "r: 0", "lora.r is 0; it must be at least 1"),
        ("steps: 100", "steps: -1", "adapters.narrow.steps is -1"),
        ("dropout: 0.0", "dropout: 1.5", "lora.dropout is 1.5"),
        ("learning_rate: 2.0e-3", "learning_rate: 20", "must be between 0 and 1"),
        ("layouts: mixed", "layouts: mixd", "choose one or mixed"),
        ("quantization: nf4", "quantization: nf5", "did you mean 'nf4'"),
        ("device: cpu", "device: tpu", "unknown device 'tpu'"),
        ("  hardened:", "  hard:", "needs both narrow and hardened"),
        ("lora:\n  r: 16", "lora: [\n  r: 16", "is not YAML"),
    ],
)
def test_a_mistake_is_named(tiny, tmp_path, old, new, words):
    assert old in tiny
    with pytest.raises(ConfigError, match=words.replace("(", r"\(")):
        read_config(_written(tmp_path, tiny.replace(old, new, 1)))


def test_no_such_file(tmp_path):
    with pytest.raises(ConfigError, match="no configuration at"):
        read_config(tmp_path / "nowhere.yaml")


def test_not_a_mapping(tmp_path):
    with pytest.raises(ConfigError, match="not a mapping"):
        read_config(_written(tmp_path, "- a list"))


def test_on_the_command_line_it_is_one_sentence_and_not_zero(tmp_path, monkeypatch, capsys):
    arguments = ["reference_experiment", "data", "--config", str(tmp_path / "nowhere.yaml")]
    monkeypatch.setattr(sys, "argv", arguments)
    assert main() == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("ConfigError: no configuration at")
    assert len(shown.err.splitlines()) == 1


def _written(folder, text):
    path = folder / "mine.yaml"
    path.write_text(text)
    return path
