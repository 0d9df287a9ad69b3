"""The loss is the plain one, and the head sees the answers' places alone."""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import Qwen2Config, Qwen2ForCausalLM, TrainingArguments

from reference_experiment.training.answer_loss import HIDDEN, AnswerTrainer, by_length


@pytest.fixture
def model():
    torch.manual_seed(1)
    config = Qwen2Config(
        vocab_size=50, hidden_size=16, intermediate_size=32, num_hidden_layers=2,
        num_attention_heads=2, num_key_value_heads=1,
    )  # fmt: skip
    lora = LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False)
    return get_peft_model(Qwen2ForCausalLM(config), lora)


@pytest.fixture
def batch():
    ids = torch.randint(0, 50, (3, 11), generator=torch.Generator().manual_seed(2))
    labels = ids.clone()
    for row, prompt in enumerate((4, 7, 1)):
        labels[row, :prompt] = HIDDEN
    labels[1, 9:] = HIDDEN  # padding
    return {"input_ids": ids, "labels": labels}


def trainer(model, folder):
    settings = TrainingArguments(output_dir=str(folder), use_cpu=True, report_to="none")
    return AnswerTrainer(model=model, args=settings)


def loss_and_gradients(model, batch, loss):
    model.zero_grad()
    loss(dict(batch)).backward()
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


def test_loss_and_gradients_are_those_of_the_whole_logits(model, batch, tmp_path):
    own = trainer(model, tmp_path)
    n = (batch["labels"][:, 1:] != HIDDEN).sum()
    found = own.compute_loss(model, dict(batch), num_items_in_batch=n)
    plain = model(**batch).loss
    assert found.item() == pytest.approx(plain.item(), rel=1e-5)
    ours = loss_and_gradients(
        model, batch, lambda one: own.compute_loss(model, one, num_items_in_batch=n)
    )
    theirs = loss_and_gradients(model, batch, lambda one: model(**one).loss)
    assert ours.keys() == theirs.keys()
    assert all(ours[name].allclose(theirs[name], atol=1e-6) for name in theirs)


def test_the_head_sees_no_place_of_a_prompt_and_is_left_as_it_was(model, batch, tmp_path):
    rows = []
    head = model.get_output_embeddings()
    watch = head.register_forward_hook(lambda _, given, out: rows.append(given[0].shape[:-1]))
    n = int((batch["labels"][:, 1:] != HIDDEN).sum())
    trainer(model, tmp_path).compute_loss(model, dict(batch), num_items_in_batch=n)
    model(input_ids=batch["input_ids"])
    watch.remove()
    assert sum(seen for (seen,) in rows[:-1]) == n
    assert rows[-1] == (3, 11)


def test_parts_of_a_batch_are_as_wide_as_their_rows_and_keep_every_label(batch):
    parts = list(by_length(batch, 2))
    assert [tuple(part["input_ids"].shape) for part in parts] == [(2, 11), (1, 11)]
    batch["labels"][2, 6:] = HIDDEN
    parts = list(by_length(batch, 3))
    assert [part["input_ids"].shape[1] for part in parts] == [6, 9, 11]
    labelled = [part["labels"][part["labels"] != HIDDEN] for part in parts]
    assert sorted(torch.cat(labelled).tolist()) == sorted(
        batch["labels"][batch["labels"] != HIDDEN].tolist()
    )


def test_a_batch_without_a_label_is_no_error(batch):
    batch["labels"][:] = HIDDEN
    assert [part["labels"].shape[1] for part in by_length(batch, 3)] == [1, 1, 1]
