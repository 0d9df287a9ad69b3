"""Verified decoding is greedy decoding, whatever answer is expected."""

from __future__ import annotations

import random

import pytest
import torch

from pytest_slm_autopsy.models.decoding import decode

EOS, PAD, LONGEST = 1, 0, 24


@pytest.fixture
def prompts():
    rng = random.Random(7)
    return [[rng.randrange(2, 40) for _ in range(rng.randrange(3, 30))] for _ in range(12)]


def greedy(model, prompt):
    """Token by token, one row, no cache: what greedy decoding means."""
    ids, logprobs = list(prompt), []
    while len(logprobs) < LONGEST and (not logprobs or ids[-1] != EOS):
        with torch.no_grad():
            row = model(torch.tensor([ids])).logits[0, -1].log_softmax(-1)
        logprobs.append(row.max().item())
        ids.append(int(row.argmax()))
    return tuple(ids[len(prompt) :]), logprobs


def run(model, prompts, expected):
    return decode(model, prompts, expected, eos=EOS, pad=PAD, max_new_tokens=LONGEST)


def expectations(answer, rng):
    """Right, wrong from the start, wrong in the middle, cut short, too long, empty."""
    middle = rng.randrange(len(answer))
    return [
        answer,
        [rng.randrange(2, 40) for _ in range(9)],
        [*answer[:middle], (answer[middle] + 1) % 38 + 2, *answer[middle + 1 :]],
        answer[:middle],
        [*answer, *answer],
        [],
    ]


def test_every_expectation_gives_the_greedy_answer(random_model, prompts):
    rng = random.Random(3)
    for prompt in prompts:
        answer, logprobs = greedy(random_model, prompt)
        for expected in expectations(list(answer), rng):
            [decoded] = run(random_model, [prompt], [expected])
            assert decoded.ids == answer
            assert decoded.logprobs == pytest.approx(logprobs, abs=1e-4)


def test_ragged_batches_give_each_row_its_own_answer(random_model, prompts):
    rng = random.Random(5)
    answers = [greedy(random_model, prompt) for prompt in prompts]
    expected = [rng.choice(expectations(list(ids), rng)) for ids, _ in answers]
    decoded = run(random_model, prompts, expected)
    assert [row.ids for row in decoded] == [ids for ids, _ in answers]
    for row, (_, logprobs) in zip(decoded, answers, strict=True):
        assert row.logprobs == pytest.approx(logprobs, abs=1e-4)


def test_finish_says_whether_the_turn_ended(random_model, prompts):
    for row in run(random_model, prompts, [[] for _ in prompts]):
        assert row.finish == ("stop" if row.ids[-1] == EOS else "length")
        assert len(row.ids) == LONGEST or row.ids[-1] == EOS


def test_a_right_expectation_needs_one_forward_pass(random_model, prompts, monkeypatch):
    answers = [list(greedy(random_model, prompt)[0]) for prompt in prompts]
    calls = []
    forward = random_model.forward
    monkeypatch.setattr(
        random_model, "forward", lambda *a, **k: calls.append(1) or forward(*a, **k)
    )
    run(random_model, prompts, answers)
    assert len(calls) == 1


def test_the_base_s_own_generation_settings_do_not_count(random_model, prompts, monkeypatch):
    """Instruct models ship a repetition penalty, which is not greedy."""
    answers = [greedy(random_model, prompt)[0] for prompt in prompts]
    settings = random_model.generation_config
    monkeypatch.setattr(settings, "repetition_penalty", 1.5)
    monkeypatch.setattr(settings, "no_repeat_ngram_size", 2)
    assert [row.ids for row in run(random_model, prompts, [[] for _ in prompts])] == answers


def test_an_expectation_that_fills_the_budget_is_cut_by_length(random_model, prompts):
    for prompt in prompts:
        answer, _ = greedy(random_model, prompt)
        [row] = run(random_model, [prompt], [list(answer)])
        assert row.finish == ("stop" if answer[-1] == EOS else "length")
