"""Reasoning, drafts and further turns are no answer; what is answered stays as it was written."""

from __future__ import annotations

import time

import pytest

from pytest_slm_autopsy import Case, ScriptedModel, predict
from pytest_slm_autopsy.answers.parser import parse
from pytest_slm_autopsy.answers.reasoning import UNENDED
from pytest_slm_autopsy.measures import confidence, field_confidence
from pytest_slm_autopsy.models import Answer

DRAFT, FINAL = '{"total": "12.00"}', '{"total": "99.00"}'


@pytest.mark.parametrize(
    "raw",
    [
        f"<think>{DRAFT}?</think>{FINAL}",
        f"<think>\nMaybe {DRAFT}.\nNo.\n</think>\n\n{FINAL}",
        f"{DRAFT} it seems. Or not.</think>\n{FINAL}",
        f"<thinking>{DRAFT}</thinking>{FINAL}",
        f"<reasoning>{DRAFT}</reasoning>\n```json\n{FINAL}\n```",
        f"<scratchpad>{DRAFT}</scratchpad>{FINAL}",
        f"<reflection>{DRAFT}</reflection>{FINAL}",
        f"<THINK>{DRAFT}</THINK>{FINAL}",
        f'<think effort="low">{DRAFT}</think>{FINAL}',
        f"[THINK]{DRAFT}[/THINK]{FINAL}",
        f"<|START_THINKING|>{DRAFT}<|END_THINKING|>{FINAL}",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|channel|>final<|message|>{FINAL}<|return|>",
        f"<think>{DRAFT}</think>{DRAFT}, no:<think>hm</think>{FINAL}",
        f"First I read {DRAFT}, but a credit follows: {FINAL}",
        f"Draft:\n```json\n{DRAFT}\n```\nFinal:\n```json\n{FINAL}\n```",
        f"{DRAFT}\nWait, the total is at the bottom:\n{FINAL}",
        f"The answer is {FINAL}.",
        f"{FINAL}<|im_end|>\n<|im_start|>user\nFields: x<|im_end|>\n<|im_start|>assistant\n{DRAFT}",
        f"{FINAL}<end_of_turn>\n<start_of_turn>user\nAnd {DRAFT}",
        f"{FINAL}</s>[INST] Next [/INST] {DRAFT}",
        f"{FINAL}<|eot_id|><|start_header_id|>user<|end_header_id|> {DRAFT}",
        f"{FINAL}\n{DRAFT}\n{DRAFT}",
        f"{FINAL}<think>Was it {DRAFT}?</think>{FINAL}",
        f"[{FINAL}]",
        f"```json\n[{FINAL}]\n```",
        '"{\\"total\\": \\"99.00\\"}"',
        '"[{\\"total\\": \\"99.00\\"}]"',
        '["{\\"total\\": \\"99.00\\"}"]',
        'Answer: "{\\"total\\": \\"99.00\\"}"',
        '{\\"total\\": \\"99.00\\"}',
        f"{FINAL}\n</think>",
        f"{FINAL}\n<think>check</think>",
        f"{FINAL}\n\n<analysis>{DRAFT}</analysis>",
        f"<think />{FINAL}",
        f"<think>{DRAFT}</ think>{FINAL}",
        f"<|channel|>final <|constrain|>json<|message|>{FINAL}",
        f"{FINAL}\n\n### Instruction: {DRAFT}",
        f'{FINAL}\nuser\nFields: ["total"]\n{DRAFT}',
        f"{FINAL}<|eot|>more words {DRAFT}",
        f"{FINAL}<\uff5cend\u2581of\u2581sentence\uff5c>more words {DRAFT}",
        f"{FINAL}<turn|>user: {DRAFT}",
        f'{FINAL}\n\n## Notes\nThe currency was {{"currency": "EUR"}}',
        f'Here: {FINAL}. I left out {{"currency": "EUR"}}.',
        f'{FINAL}\n\nNote: if unsure use {{"total": null}}',
        f'Schema: {{"total": number}}. Answer: {FINAL}',
        f'Text {{with {{"nested": braces}} then {FINAL}',
    ],
)
def test_the_answer_is_the_final_one(raw):
    found = parse(raw)
    assert (found.fields, found.stage) == ({"total": "99.00"}, "extracted")
    if found.span and "\\" not in raw:
        assert raw[slice(*found.span)].strip("[]") == FINAL


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (f"<think>{DRAFT} or rather", UNENDED),
        ("<think>", UNENDED),
        (f"\n<reasoning>\n{DRAFT}", UNENDED),
        (f"<|channel|>analysis<|message|>{DRAFT}", UNENDED),
        (f"<think>{DRAFT}</think>", "not JSON"),
        (f"<think>{DRAFT}</think>I cannot tell.", "not JSON"),
        (f"[{DRAFT}, {FINAL}]", "JSON, but a list of 2 objects and not one"),
        (f"```json\n[{DRAFT}, {FINAL}]\n```", "JSON, but a list of 2 objects and not one"),
        (f"<|im_start|>assistant\n<|im_end|>{DRAFT}", "not JSON"),
    ],
)
def test_a_draft_is_no_answer(raw, problem):
    found = parse(raw)
    assert found.fields is None
    assert found.problem.startswith(problem)


def test_a_right_draft_and_a_wrong_answer_are_wrong():
    case = Case("1", "Total: 12.00", {"total": "12.00"})
    [said] = predict(ScriptedModel(lambda _: f"<think>{DRAFT}?</think>{FINAL}"), [case])
    assert not said.correct


@pytest.mark.parametrize("mark", ["<|im_end|>", "</s>", "<think>", "</think>", "[INST]"])
@pytest.mark.parametrize("around", ["{}", "```json\n{}\n```", "Here: {}"])
def test_marks_within_a_value_are_the_document_s(mark, around):
    raw = around.replace("{}", f'{{"note": "a {mark} b"}}')
    assert parse(raw).fields == {"note": f"a {mark} b"}


@pytest.mark.parametrize(
    ("final", "total"),
    [
        ('{"total": "99.0', "99.0"),
        ("{'total': '99.00'}", "99.00"),
        ('{total: "99.00"}', "99.00"),
        ("{\n total: 99.00\n}", "99.00"),
        ("{\u201ctotal\u201d: \u201c99.00\u201d}", "99.00"),
    ],
)
def test_a_final_answer_that_is_broken_is_not_the_draft(final, total):
    found = parse(f"I think {DRAFT}. Corrected: {final}")
    assert (found.fields, found.stage) == ({"total": total}, "repaired")


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        ("{\u201cid\u201d: \u201cA\u201d}", {"id": "A"}),
        ('{"url": http://x.y/z, "t": 1}', {"url": "http://x.y/z", "t": "1"}),
        ('{"note": see: below}', {"note": "see: below"}),
        ('{"total": 12.50 // eur\n}', {"total": "12.50"}),
        ('{"total": 12.50 "id": "A"}', {"total": "12.50", "id": "A"}),
        ('{"t": [1.10, 2.50], "u": x}', {"t": '["1.10", "2.50"]', "u": "x"}),
    ],
)
def test_what_is_repaired_stays_as_it_was_written(raw, fields):
    assert parse(raw).fields == fields


@pytest.mark.parametrize("between", ["\n\n", ". ", " y ", " so "])
def test_a_last_object_that_is_cut_off_is_repaired_not_the_draft(between):
    found = parse(f'The answer: {DRAFT}{between}{{"total": "99.00"')
    assert (found.fields, found.stage) == ({"total": "99.00"}, "repaired")


def test_the_place_of_a_repaired_answer_is_its_braces():
    raw = 'The answer is {"id": A}. Done.'
    assert raw[slice(*parse(raw).span)] == '{"id": A}'


@pytest.mark.parametrize(
    "text",
    [
        "x" + "\n" * 32_000 + "y",
        "\n" * 32_000 + 'x {"a":"1"}',
        'x {"a":"<|im_end|>"} ' * 16_000,
        '[{"a":"b"} ' * 16_000,
        '{"a":{"b":' * 9_000,
        "<think>" * 20_000,
        "{" * 50_000,
        '{"' * 20_000,
        "### x\n" * 20_000,
        '{"a": x, ' * 3_000,
    ],
)
def test_reading_takes_no_time_that_grows_with_the_square(text):
    started = time.perf_counter()
    parse(text)
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    "value",
    [
        "1.234,50 EUR",
        "EUR 1.234,50",
        "1 234.50",
        "-$5.00",
        "$-5.00",
        "(5.00)",
        "5.00-",
        "12,5 %",
        "1'234.50",
        "\u20ac 1.234,50",
        "1,234.50",
        "RM7.70",
        "+49 30 123",
        "2025-03-04",
        "04/03/2025",
        "N/A",
        "INV-0042/7",
        "007",
        "1e400",
        "\u00bd",
    ],
)
@pytest.mark.parametrize(
    "form",
    [
        '{{"n": {value}}}',
        '{{"n": {value}, "m": "x"}}',
        '{{"m": "x", "n": {value}}}',
        '{{\n  "n": {value},\n  "m": null\n}}',
        '{{"n":{value}',
        "{{n: {value}, m: 'x'}}",
    ],
)
def test_a_value_without_quotes_stays_as_it_was_written(value, form):
    if form.startswith("{{n") and "," in value:
        return  # without quotes around keys, a comma ends the value
    found = parse(form.format(value=value))
    assert found.fields["n"] == value


def test_confidence_is_over_the_answer_alone():
    raw = f"<think>{DRAFT}?</think>{FINAL} and so on and on"
    case = Case("1", "", {"total": "99.00"})
    [said] = predict(ScriptedModel(lambda _: raw), [case])
    start, end = said.span
    logprobs = tuple(-0.01 if start <= at < end else -3.0 for at in range(len(raw) + 1))
    from dataclasses import replace

    said = replace(said, logprobs=logprobs)
    assert confidence(said) == pytest.approx(0.99, abs=0.001)
    assert field_confidence(said, "total") == pytest.approx(0.99, abs=0.001)


@pytest.mark.parametrize(
    ("prompt", "text", "problem"),
    [
        ("<|im_start|>assistant\n<think>\n", f"Draft {DRAFT} but wait, maybe the", UNENDED),
        ("<|im_start|>assistant\n<think>\n", f"Draft {DRAFT}.</think>{FINAL}", ""),
        ("<|im_start|>assistant\n", f"Draft {DRAFT} but wait", ""),
        ("<think>\n\n</think>\n\n", FINAL, ""),
        ("[THINK]", FINAL, UNENDED),
    ],
)
def test_reasoning_that_the_prompt_opened_must_end(prompt, text, problem):
    ended = pytest.importorskip("pytest_slm_autopsy.models.adapter").ended
    assert ended(prompt, Answer(text)).problem == problem


@pytest.mark.parametrize(
    "raw", ['[{\\"a\\": 1}, {\\"b\\": 2}]', '{\\"a', '"{\\"a\\": "', '[[[[{"a": 1}]]]]', '{\\"\\"}']
)
def test_quoted_json_of_any_kind_is_read_or_is_a_problem(raw):
    found = parse(raw)
    assert (found.fields is None) == bool(found.problem)
