"""Verified decoding is greedy decoding, whatever answer is expected, whatever the model."""

from __future__ import annotations

import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import GenerationConfig

from pytest_slm_autopsy.models.decoding.decoder import Decoder
from tests.models.families import (
    ALONE,
    CONTEXT,
    EOS,
    KINDS,
    OWN_CODE,
    PAD,
    VOCABULARY,
    random_decoder,
)

LONGEST = 24
TOKENS = st.integers(2, VOCABULARY - 1)


@pytest.fixture
def prompts():
    rng = random.Random(7)
    return [[rng.randrange(2, 40) for _ in range(rng.randrange(3, 30))] for _ in range(12)]


def decoder(model, longest=LONGEST, stops=(EOS,)):
    return Decoder(model, stops=stops, pad=PAD, max_new_tokens=longest)


def generated(model, prompt, longest=LONGEST):
    """What transformers itself generates for one prompt."""
    model.generation_config = GenerationConfig()
    made = model.generate(
        input_ids=torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        max_new_tokens=longest,
        do_sample=False,
        eos_token_id=EOS,
        pad_token_id=PAD,
    )
    return tuple(made[0, len(prompt) :].tolist())


def plain_logprobs(model, prompt, answer):
    """Log-probabilities of an answer by one forward pass over the whole text."""
    with torch.no_grad():
        logits = model(torch.tensor([[*prompt, *answer]]), use_cache=False).logits[0].float()
    rows = logits.log_softmax(-1)[len(prompt) - 1 : -1]
    return rows.gather(1, torch.tensor(answer)[:, None])[:, 0].tolist()


def expectations(answer, rng):
    """Right, wrong from the start, wrong in the middle, cut short, too long, a gap, empty."""
    middle = rng.randrange(len(answer))
    return [
        answer,
        [rng.randrange(2, 40) for _ in range(9)],
        [*answer[:middle], (answer[middle] + 1) % 38 + 2, *answer[middle + 1 :]],
        answer[:middle],
        [*answer, *answer],
        [*answer[: middle // 2], *answer[middle:]],
        [],
    ]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_any_model_and_expectation_gives_what_generate_gives(kind, data):
    model = random_decoder(kind, data.draw(st.integers(0, 2)), data.draw(st.booleans()))
    # Some tokens in common, so that the shared beginning is read once.
    shared = data.draw(st.lists(TOKENS, max_size=20))
    own = data.draw(st.lists(st.lists(TOKENS, min_size=1, max_size=20), min_size=1, max_size=4))
    asked = [shared + row for row in own]
    answers = [generated(model, prompt) for prompt in asked]
    rng = random.Random(data.draw(st.integers(0, 2**20)))
    expected = [rng.choice(expectations(list(answer), rng)) for answer in answers]
    decoded = decoder(model).decode(asked, expected)
    assert [row.ids for row in decoded] == answers
    for row, prompt in zip(decoded, asked, strict=True):
        if kind != "phi3, longrope":  # whose numbers change with the length of what is read at once
            plain = plain_logprobs(model, prompt, row.ids)
            assert row.logprobs == pytest.approx(plain, abs=1e-4)
        assert row.finish == ("stop" if row.ids[-1] == EOS else "length")


@pytest.mark.parametrize("kind", KINDS)
def test_the_result_says_which_way_it_came(kind, prompts):
    model = random_decoder(kind)
    ways = {row.how for row in decoder(model).decode(prompts, [[] for _ in prompts])}
    if kind in ALONE:
        assert ways == {"generated"}
    else:
        assert ways == {"verified once, then generated" if kind in OWN_CODE else "verified"}


def test_every_expectation_gives_the_same_answer_and_ragged_batches_too(prompts):
    model, rng = random_decoder("qwen2"), random.Random(3)
    answers = [generated(model, prompt) for prompt in prompts]
    variants = [expectations(list(answer), rng) for answer in answers]
    for column in zip(*variants, strict=True):
        decoded = decoder(model).decode(prompts, column)
        assert [row.ids for row in decoded] == answers


def test_exact_ties_are_counted_and_clear_choices_are_not(prompts):
    tied = decoder(random_decoder("qwen2", ties=True)).decode(prompts, [[] for _ in prompts])
    assert all(row.near_ties == len(row.ids) for row in tied)
    clear = decoder(random_decoder("qwen2")).decode(prompts, [[] for _ in prompts])
    assert sum(row.near_ties for row in clear) == 0


def test_half_precision_ties_more_often(prompts):
    model = random_decoder("llama")
    try:
        rough = decoder(model.to(torch.bfloat16))
        assert rough.trial.noise > 1e-3
        assert sum(row.near_ties for row in rough.decode(prompts, [[] for _ in prompts])) > 0
    finally:
        random_decoder.cache_clear()


def counting(model, monkeypatch):
    """The number of tokens of each forward pass, by row and in all."""
    shapes = []
    forward = type(model).forward

    def counted(self, input_ids, **given):
        shapes.append(tuple(input_ids.shape))
        return forward(self, input_ids=input_ids, **given)

    monkeypatch.setattr(type(model), "forward", counted)
    return shapes


def test_a_right_expectation_needs_one_forward_pass(prompts, monkeypatch):
    model = random_decoder("qwen2")
    answers = [generated(model, prompt) for prompt in prompts]
    ready = decoder(model)
    assert ready.trial.serves
    shapes = counting(model, monkeypatch)
    ready.decode(prompts, [[t for t in answer if t != EOS] for answer in answers])
    assert len(shapes) == 1


def test_wrong_expectations_need_far_fewer_passes_than_tokens(monkeypatch):
    """A model that repeats itself is guessed from its own output."""
    model = random_decoder("opt")
    ready = decoder(model, 60)
    assert ready.trial.serves
    shapes = counting(model, monkeypatch)
    [row] = ready.decode([[5, 6, 7]], [[]])
    assert len(row.ids) == 60
    assert len(set(row.ids)) < 5
    assert len(shapes) <= 15


def test_what_all_prompts_begin_with_is_read_once(monkeypatch):
    model, shared = random_decoder("qwen2"), list(range(2, 32))
    ready = decoder(model, 4)
    assert ready.trial.serves
    shapes = counting(model, monkeypatch)
    ready.decode([[*shared, 5], [*shared, 6, 7], [*shared, 8]], [[], [], []])
    assert shapes[0] == (1, 30)
    assert shapes[1] == (3, 2)


def test_finished_rows_leave_the_batch(monkeypatch, prompts):
    model = random_decoder("qwen2")
    answers = [generated(model, prompt) for prompt in prompts]
    expected = [[t for t in answer if t != EOS] for answer in answers]
    longest = max(range(len(prompts)), key=lambda i: len(answers[i]))
    expected[longest] = []
    ready = decoder(model)
    assert ready.trial.serves
    shapes = counting(model, monkeypatch)
    ready.decode(prompts, expected)
    assert shapes[0][0] == len(prompts)
    assert {rows for rows, _ in shapes[1:]} == {1}


def test_the_base_s_own_generation_settings_do_not_count(prompts):
    """Instruct models ship a repetition penalty, which is not greedy."""
    for kind in ("qwen2", "bloom"):
        model = random_decoder(kind)
        answers = [generated(model, prompt) for prompt in prompts]
        model.generation_config = GenerationConfig(repetition_penalty=1.5, no_repeat_ngram_size=2)
        decoded = decoder(model).decode(prompts, [[] for _ in prompts])
        assert [row.ids for row in decoded] == answers
        assert model.generation_config.repetition_penalty == 1.5


@pytest.mark.parametrize("kind", ["qwen2", "bloom"])
@pytest.mark.parametrize("longest", [1, 2, 7])
def test_no_answer_is_longer_than_asked(kind, longest, prompts):
    model = random_decoder(kind)
    answers = [generated(model, prompt, longest) for prompt in prompts]
    for expected in ([], [5] * 40, [*range(2, 30)]):
        decoded = decoder(model, longest).decode(prompts, [expected] * len(prompts))
        assert [row.ids for row in decoded] == answers
        assert all(len(row.ids) <= longest for row in decoded)


@pytest.mark.parametrize("kind", ["qwen2", "bloom"])
def test_any_of_several_stops_ends_a_turn(kind, prompts):
    model = random_decoder(kind)
    answers = [generated(model, prompt) for prompt in prompts]
    stop = answers[0][3]
    decoded = decoder(model, stops=(EOS, stop)).decode(prompts, [list(a) for a in answers])
    for row, answer in zip(decoded, answers, strict=True):
        cut = answer[: answer.index(stop) + 1] if stop in answer else answer
        assert row.ids == cut
        assert row.finish == ("stop" if cut[-1] in (EOS, stop) else "length")


@pytest.mark.parametrize("kind", ["qwen2", "gpt2"])
def test_a_prompt_beyond_the_context_fails_alone(kind):
    model = random_decoder(kind)
    long, tight, short = [5] * CONTEXT, [6] * (CONTEXT - 5), [7] * 9
    first, second, third = decoder(model).decode([long, tight, short], [[], [8] * 20, []])
    assert first.problem.startswith("the prompt has 96 tokens and the model reads 96; ")
    assert (first.ids, first.finish) == ((), "error")
    assert len(second.ids) <= 5
    assert second.ids == generated(model, tight, 5)
    assert third.ids == generated(model, short)


@pytest.mark.parametrize("kind", ["qwen2", "bloom"])
def test_outputs_that_are_nan_fail_their_case_by_name(kind, prompts):
    model = random_decoder(kind, 1)
    poison = VOCABULARY - 1
    prompts = [[t for t in prompt if t != poison] for prompt in prompts]
    answers = [generated(model, prompt) for prompt in prompts]
    healthy = [i for i, answer in enumerate(answers) if poison not in answer]
    weight = model.get_input_embeddings().weight
    kept = weight[poison].detach().clone()
    head = model.get_output_embeddings()
    head.weight = torch.nn.Parameter(head.weight.detach().clone())
    try:
        with torch.no_grad():
            weight[poison] = float("nan")
        ready = decoder(model)
        decoded = ready.decode([*prompts, [5, poison, 6]], [[] for _ in range(13)])
        assert decoded[-1].problem.startswith("the model's outputs are NaN after 0 tokens")
        assert healthy
        assert [decoded[i].ids for i in healthy] == [answers[i] for i in healthy]
    finally:
        with torch.no_grad():
            weight[poison] = kept


def test_a_guess_that_is_nan_spoils_no_answer(prompts):
    model = random_decoder("qwen2", 2)
    poison = VOCABULARY - 1
    prompts = [[t for t in prompt if t != poison] for prompt in prompts]
    answers = [generated(model, prompt) for prompt in prompts]
    healthy = [i for i, answer in enumerate(answers) if poison not in answer]
    weight = model.get_input_embeddings().weight
    head = model.get_output_embeddings()
    head.weight = torch.nn.Parameter(head.weight.detach().clone())
    kept = weight[poison].detach().clone()
    try:
        with torch.no_grad():
            weight[poison] = float("nan")
        decoded = decoder(model).decode(prompts, [[poison, 5] for _ in prompts])
        assert healthy
        assert [decoded[i].ids for i in healthy] == [answers[i] for i in healthy]
    finally:
        with torch.no_grad():
            weight[poison] = kept


def limited(model, monkeypatch, most):
    """Memory for ``most`` tokens at once."""
    forward = type(model).forward

    def frugal(self, input_ids, **given):
        if input_ids.numel() > most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return forward(self, input_ids=input_ids, **given)

    monkeypatch.setattr(type(model), "forward", frugal)


def test_a_batch_that_does_not_fit_is_halved(prompts, monkeypatch):
    model = random_decoder("qwen2")
    answers = [generated(model, prompt) for prompt in prompts]
    ready = decoder(model)
    limited(model, monkeypatch, 90)
    decoded = ready.decode(prompts, [[9] * 10 for _ in prompts])
    assert [row.ids for row in decoded] == answers


def test_one_that_does_not_even_fit_alone_fails_alone(prompts, monkeypatch):
    model = random_decoder("qwen2")
    answers = [generated(model, prompt) for prompt in prompts]
    ready = decoder(model)
    assert ready.trial.serves
    limited(model, monkeypatch, 60)
    decoded = ready.decode([*prompts, [3] * 70], [[] for _ in range(13)])
    assert [row.ids for row in decoded[:-1]] == answers
    assert decoded[-1].problem == "there is not memory enough to answer this one, even alone"


def test_other_errors_of_a_model_are_not_taken_for_a_lack_of_memory(prompts, monkeypatch):
    model = random_decoder("qwen2")
    ready = decoder(model)
    assert ready.trial.serves

    def broken(self, **given):
        raise RuntimeError("shapes do not fit")

    monkeypatch.setattr(type(model), "forward", broken)
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        ready.decode(prompts, [[] for _ in prompts])


def test_an_empty_prompt_fails_alone():
    model = random_decoder("qwen2")
    empty, other = decoder(model).decode([[], [5, 6]], [[], []])
    assert empty.problem == "the prompt has no tokens; look at the chat template"
    assert other.ids == generated(model, [5, 6])


def test_without_any_stop_every_answer_is_as_long_as_asked(prompts):
    decoded = decoder(random_decoder("qwen2"), 6, stops=()).decode(prompts, [[] for _ in prompts])
    assert {(len(row.ids), row.finish) for row in decoded} == {(6, "length")}


def test_nothing_to_decode_is_nothing():
    assert decoder(random_decoder("qwen2")).decode([], []) == []
