"""Training files: chats in two forms, and cases; whole or not at all."""

from __future__ import annotations

import json

import pytest

from pytest_slm_autopsy import Case, PromptFormat
from pytest_slm_autopsy.cases import read_cases
from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.models import write_training

CASES = [Case("1", "Total: 9 {x}", {"total": "9"}), Case("2", "Nothing", {"total": None})]


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_messages_are_the_prompt_and_the_answer(tmp_path):
    prompt = PromptFormat(system="", user="Read {fields} of {text}")
    assert write_training(tmp_path / "a.jsonl", CASES, prompt=prompt) == 2
    first, second = lines(tmp_path / "a.jsonl")
    assert first["messages"] == [
        {"role": "user", "content": 'Read ["total"] of Total: 9 {x}'},
        {"role": "assistant", "content": '{"total":"9"}'},
    ]
    assert second["messages"][-1]["content"] == '{"total":null}'


def test_conversations_name_the_speakers(tmp_path):
    write_training(tmp_path / "a.jsonl", CASES, form="conversations")
    speakers = [turn["from"] for turn in lines(tmp_path / "a.jsonl")[0]["conversations"]]
    assert speakers == ["system", "human", "gpt"]


@pytest.mark.parametrize("form", ["cases", "messages", "conversations"])
def test_every_form_is_read_back(tmp_path, form):
    write_training(tmp_path / "a.jsonl", CASES[:1] * 2, form=form)
    truths = [case.truth for case in read_cases(tmp_path / "a.jsonl")]
    assert truths == [{"total": "9"}] * 2


@pytest.mark.parametrize("form", ["cases", "messages", "conversations"])
def test_half_a_surrogate_pair_costs_no_file(tmp_path, form):
    broken = Case("1", "Total: 9 \ud800", {"total": "9"})
    write_training(tmp_path / "a.jsonl", [broken, *CASES], form=form)
    assert len(list(read_cases(tmp_path / "a.jsonl"))) == 3


def test_bad_input_is_a_sentence(tmp_path):
    with pytest.raises(ConfigError, match=r"no form 'mesages'.*messages"):
        write_training(tmp_path / "a.jsonl", CASES, form="mesages")
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="cannot be written to"):
        write_training(tmp_path / "file" / "a.jsonl", CASES)
    assert {path.name for path in tmp_path.iterdir()} == {"file"}
