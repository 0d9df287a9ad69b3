"""Hostile stores of answers: a run goes on without them, and says why."""

from __future__ import annotations

import json
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_slm_autopsy.models import Answer
from pytest_slm_autopsy.predictions import Store
from tests.hostile.inputs import HOW, cut_or_flipped, hostile

FEW = settings(max_examples=50, **HOW)
ANSWER = Answer('{"a": "b"}', (-0.1, -0.2), (5, 10))
PLAIN = {"text": "{}", "logprobs": [-0.1], "token_ends": [2], "finish": "stop", "near_ties": 0}
ENDLESS = "WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more)"


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """The bytes of a sound store."""
    path = tmp_path_factory.mktemp("sound") / "answers.sqlite"
    with Store(path) as store:
        store.put({f"key{n}": ANSWER for n in range(4)})
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    database.close()
    return path.read_bytes()


def used(path):
    """What a run takes from a store, and tells of it."""
    with Store(path) as store:
        found = store.get(["key0", "key1", "other"])
        store.put({"new": ANSWER})
        store.forget("none")
    return found, store.problem


def rewritten(path, *commands):
    with sqlite3.connect(path) as database:
        for command in commands:
            database.execute(*command) if isinstance(command, tuple) else database.execute(command)
    database.close()


@pytest.fixture
def path(tmp_path, kept):
    found = tmp_path / "answers.sqlite"
    found.write_bytes(kept)
    return found


def test_a_sound_store_is_read(path):
    assert used(path) == ({"key0": ANSWER, "key1": ANSWER}, "")


def test_bytes_of_any_kind_stop_no_run(tmp_path, kept):
    path = tmp_path / "answers.sqlite"

    @FEW
    @given(cut_or_flipped(kept) | st.binary(max_size=200))
    def holds(data):
        for old in tmp_path.iterdir():
            old.unlink()
        path.write_bytes(data)
        found, _ = used(path)
        assert all(isinstance(answer, Answer) for answer in found.values())

    holds()


def test_a_row_of_any_kind_is_an_answer_or_missing(path):
    @FEW
    @given(hostile(PLAIN))
    def holds(row):
        rewritten(path, ("UPDATE answers SET answer = ? WHERE key = 'key0'", (row,)))
        found, problem = used(path)
        assert not problem
        if answer := found.get("key0"):
            assert isinstance(answer.text, str)
            assert isinstance(answer.finish, str)
            assert answer.logprobs is None or all(map(float.__float__, answer.logprobs))

    holds()


@pytest.mark.parametrize(
    "wrong",
    [{"text": 5}, {"logprobs": ["a"]}, {"logprobs": 5}, {"token_ends": [None]}, {"finish": None},
     {"near_ties": "x"}, {"more": 1}, {"how": {}}],
)  # fmt: skip
def test_an_answer_with_a_value_of_another_kind_counts_as_missing(path, wrong):
    row = json.dumps({**PLAIN, **wrong}).encode()
    rewritten(path, ("UPDATE answers SET answer = ? WHERE key = 'key0'", (row,)))
    assert used(path) == ({"key1": ANSWER}, "")


@pytest.mark.parametrize(
    "commands",
    [
        ["DROP TABLE answers", "CREATE TABLE answers (other)"],
        [
            "DROP TABLE answers",
            f"CREATE VIEW answers AS {ENDLESS} SELECT '' key, n answer FROM more",
        ],
        ["CREATE TRIGGER t AFTER INSERT ON answers BEGIN INSERT INTO answers VALUES (1, 1); END"],
    ],
    ids=["another table", "an endless view", "a trigger"],
)
def test_other_tables_than_ours_are_left_alone(path, commands):
    rewritten(path, *commands)
    found, problem = used(path)
    assert found == {}
    assert "other tables than a store of answers" in problem


def test_a_store_without_its_table_is_told(path):
    rewritten(path, "DROP TABLE answers")
    found, problem = used(path)
    assert found == {}
    assert "no such table" in problem
