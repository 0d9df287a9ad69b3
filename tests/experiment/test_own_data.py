"""A file of one's own chats trains an adapter that loads."""

from __future__ import annotations

import json

import pytest

from pytest_slm_autopsy import load_model, read_cases
from pytest_slm_autopsy.errors import CaseError, ConfigError
from reference_experiment.training.own_data import train_on

CHATS = {
    "messages": ("role", "content", "user", "assistant"),
    "conversations": ("from", "value", "human", "gpt"),
}


def chats(path, kind, n=4):
    role, words, asks, answers = CHATS[kind]
    lines = []
    for number in range(n):
        text = f"Extract the fields as JSON.\n\nTotal: {number}.50\nVendor: Acme {number}"
        fields = json.dumps({"total": f"{number}.50", "vendor": f"Acme {number}"})
        turns = [{role: asks, words: text}, {role: answers, words: fields}]
        lines.append(json.dumps({kind: turns}))
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize("kind", CHATS)
def test_chats_train_an_adapter_that_is_named_like_the_file(small, tmp_path, capsys, kind):
    folder = train_on(small, chats(tmp_path / "mine.jsonl", kind))
    assert folder.name == "mine"
    shown = capsys.readouterr().out
    assert "adapter mine: 4 chats, 3 times, 3 steps" in shown
    assert "step 3/3, loss" in shown
    assert f"slm-autopsy run {small.base_place} {folder}" in shown
    model = load_model(small.spec(folder))
    case = next(iter(read_cases(tmp_path / "mine.jsonl")))
    (answer,) = model.answer([case])
    assert answer.logprobs


def test_a_name_of_the_experiment_is_refused(small, tmp_path):
    with pytest.raises(ConfigError, match="would train an adapter 'narrow'"):
        train_on(small, chats(tmp_path / "narrow.jsonl", "messages"))


def test_a_file_that_is_not_there(small, tmp_path):
    with pytest.raises((CaseError, OSError), match="nowhere"):
        train_on(small, tmp_path / "nowhere.jsonl")
