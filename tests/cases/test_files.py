"""Cases in files: they come back as they went, and what is broken is named by its line."""

from __future__ import annotations

import json

import pytest

from pytest_slm_autopsy.cases.drawn.suites import draw_suite
from pytest_slm_autopsy.cases.files import read_cases, unstated, write_cases
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, RECEIPT
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case

GOOD = '{"id": "1", "text": "t", "truth": {}}'
ANSWER = '{"total": "9.00", "due": null}'


@pytest.fixture(scope="module")
def suite():
    return draw_suite(INVOICE, 40, 7)


def test_cases_come_back_from_their_file(suite, tmp_path):
    awkward = Case(
        "ä\n\u2028\ud800",
        'T\r\n\u0085"\\\t𝄞',
        {"a": "", "b": None},
        spans={"a": (0, 0)},
        layout="b is missing",
    )
    receipts = draw_suite(RECEIPT, 3, 7).production
    cases = [awkward, *suite.production, *receipts]
    write_cases(tmp_path / "cases.jsonl", cases)
    assert list(read_cases(tmp_path / "cases.jsonl")) == cases


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{]", "line 3 is not JSON: .* .column 2."),
        ("[1]", "line 3 is not a JSON object"),
        ('{"id": "1"}', "line 3 lacks text, truth; a case needs id, text and truth"),
        ('{"id": "1", "text": "t"}', "line 3 lacks truth;"),
        (GOOD[:-1] + ', "colour": "red"}', "line 3 is not a case: .*colour"),
        (GOOD[:-1] + ', "spans": {"a": [1]}}', "line 3: the span of 'a' is not"),
        (GOOD[:-1] + ', "spans": {"a": [0.0, 1.0]}}', "line 3: the span of 'a' is not .* whole"),
        (GOOD[:-1] + ', "spans": {"a": [0, 999]}}', "line 3: the span of 'a' reaches beyond"),
        (GOOD[:-1] + ', "version": 2}', "line 3 has version 2 of the case form"),
        (GOOD[:-1] + ', "tags": "ambiguous"}', "line 3: tags is not a list"),
        (GOOD[:-1] + ', "shift": {"ordr": 1.0}}', "line 3: unknown shift axis 'ordr'"),
        (GOOD[:-1] + ', "shift": {"order": 7}}', "line 3: severity of axis 'order' is 7"),
        (GOOD[:-1] + ', "shift": []}', "line 3: shift is not an object"),
        (GOOD[:-1] + ', "condition": null}', "line 3: condition is not a text"),
        (GOOD[:-1] + ', "layout": 3}', "line 3: layout is not a text"),
        ('{"id": 1, "text": "t", "truth": {}}', "line 3: id is not a text"),
        ("{", "line 3 is not JSON: .* .column 2."),
        ("[" * 100_000, "line 3 is not JSON that can be read: it is nested"),
        ('{"id": "1", "text": "t", "truth": {"total": 9}}', "line 3: the truth of 'total' is"),
        ('{"id": "1", "text": "t", "truth": ["a"]}', "line 3: truth is not an object"),
        ('{"id": "1", "text": 5, "truth": {}}', "line 3: text is not a text"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line, sentence):
    path = tmp_path / "cases.jsonl"
    path.write_text(f"{GOOD}\n\n{line}\n")
    cases = read_cases(path)
    assert next(cases).id == "1"
    with pytest.raises(CaseError, match=rf"cases\.jsonl, {sentence}"):
        next(cases)


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_a_file_without_cases_is_refused(tmp_path, text):
    path = tmp_path / "cases.jsonl"
    path.write_text(text)
    with pytest.raises(CaseError, match=r"cases\.jsonl holds no case"):
        list(read_cases(path))


@pytest.mark.parametrize("name", ["none.jsonl", "."])
def test_a_path_that_is_no_file_is_refused(tmp_path, name):
    with pytest.raises(CaseError, match=r"no case file at .*; give the path of a JSON-lines file"):
        list(read_cases(tmp_path / name))


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(CaseError, match=r"cases\.jsonl, line 1 is not UTF-8"):
        list(read_cases(path))


@pytest.mark.parametrize(
    "line",
    [
        {"messages": [
            {"role": "system", "content": "Read."},
            {"role": "user", "content": "Total: 9.00"},
            {"role": "assistant", "content": ANSWER},
        ]},
        {"id": "mine", "conversations": [
            {"from": "human", "value": "Total: 9.00"},
            {"from": "gpt", "value": ANSWER},
        ]},
    ],
)  # fmt: skip
def test_chats_are_cases(tmp_path, line):
    path = tmp_path / "chat.jsonl"
    path.write_text("\ufeff" + json.dumps(line), encoding="utf-8")
    [case] = read_cases(path)
    assert (case.text, dict(case.truth)) == ("Total: 9.00", {"total": "9.00", "due": None})
    assert case.id == line.get("id", "line 1")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            {"messages": [{"role": "user", "content": "x"}]},
            "messages needs a turn of 'user' and one",
        ),
        ({"conversations": "x"}, "conversations needs a turn of 'human' and one of 'gpt'"),
        (
            {
                "messages": [
                    {"role": "user", "content": "x"},
                    {"role": "assistant", "content": "no"},
                ]
            },
            "the answer of 'assistant' is not JSON, so no truth",
        ),
    ],
)
def test_a_chat_without_question_or_answer_is_named(tmp_path, line, sentence):
    path = tmp_path / "chat.jsonl"
    path.write_text(json.dumps(line))
    with pytest.raises(CaseError, match=f"line 1: {sentence}"):
        list(read_cases(path))


def test_truths_that_stand_nowhere_in_the_text_are_named():
    case = Case("1", "Total: 9.00", {"total": "9.00", "due": None, "id": "A-1"})
    assert unstated(case) == ["id"]
