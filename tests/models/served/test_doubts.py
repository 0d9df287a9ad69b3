"""What an answer tells of its server: another model, a short context, tokens left out, a crowd."""

from __future__ import annotations

import json
import threading
import time
import warnings

import pytest

from pytest_slm_autopsy import Case, ServedModel
from pytest_slm_autopsy.models import ServedSpec
from pytest_slm_autopsy.models.checks.check import CheckWarning
from pytest_slm_autopsy.models.served.wire import read_answer
from tests.models.served.stub_server import FIELDS, Reply, Stub, characters, completion, plain

CASES = [Case(str(i), f"Total: {i}", {"total": str(i)}) for i in range(6)]
FULL = Reply({"error": {"code": 500, "message": "Context size has been exceeded."}}, 500)
SECRET = "sk-plum5-Kestrel"


@pytest.fixture
def stub():
    server = Stub()
    yield server
    server.close()


def told(**fields):
    """Answer as a server that tells more: its model, or what it counted."""
    return lambda body: Reply(plain(body).body | fields)


def served(stub, name="tiny", **settings):
    return ServedModel(stub.url, name, spec=ServedSpec(**{"timeout": 20, **settings}))


@pytest.mark.parametrize(
    ("asked", "answered", "doubted"),
    [
        ("tiny", "tiny", False),
        ("tiny", None, False),
        ("tiny", 7, False),
        ("tiny", "", False),
        ("org/Tiny", "tiny", False),
        ("/models/tiny", "/models/tiny@main", False),
        ("tiny", "/models/tiny.gguf", False),
        ("gpt-4o", "gpt-4o-2024-08-06", False),
        ("gpt-3.5-turbo", "gpt-3.5-turbo-0125", False),
        ("tiny", "/models/gemma.gguf", True),
        ("invoices", "invoices-v2", True),
        ("invoices-v2", "invoices", True),
    ],
)
def test_a_server_that_answers_as_another_model_is_warned_of_once(stub, asked, answered, doubted):
    stub.reply = told(model=answered)
    model = served(stub, asked)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert [one.text for one in model.answer(CASES)] == [FIELDS] * 6
        model.answer(CASES)
    said = [str(one.message) for one in caught if one.category is CheckWarning]
    assert len(said) == doubted
    assert [one.name for one in model.checks] == ["served_prompt"] + ["served_model"] * doubted
    if doubted:
        assert f"asked for the model {asked!r}, the server answered as {answered!r}" in said[0]
        assert model.checks[1].outcome == "warned"


def test_the_name_in_a_warning_holds_no_secret(stub, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    stub.reply = told(model=f"for {SECRET}")
    model = served(stub)
    with pytest.warns(CheckWarning, match=r"answered as 'for \*\*\*'"):
        model.answer(CASES)
    assert SECRET not in str(model.checks)


def cut(written, reasoned=0):
    usage = {
        "completion_tokens": written,
        "completion_tokens_details": {"reasoning_tokens": reasoned},
    }
    return lambda body: Reply(plain(body, finish="length", logprobs=False).body | {"usage": usage})


def test_a_context_too_short_for_the_longest_answer_is_warned_of(stub):
    stub.reply = cut(written=53)
    with pytest.warns(CheckWarning, match="cut off after 53 tokens, and 60 were allowed: the ser"):
        served(stub, max_new_tokens=60).answer(CASES)


@pytest.mark.parametrize("written", [60, 61, 0, None, "53"])
def test_an_answer_of_the_allowed_length_is_cut_off_by_the_limit(stub, written):
    stub.reply = cut(written, reasoned=30)
    model = served(stub, max_new_tokens=60)
    with warnings.catch_warnings():
        warnings.simplefilter("error", CheckWarning)
        model.answer(CASES)
    assert [one.name for one in model.checks] == ["served_prompt"]


GIVEN = len(FIELDS) + 1


@pytest.mark.parametrize(
    ("written", "reasoned", "form", "listed"),
    [
        (GIVEN, 0, {}, True),
        (GIVEN - 1, 0, {}, True),
        (GIVEN + 1, 0, {}, False),
        (GIVEN + 9, 9, {}, True),
        (GIVEN + 9, 8, {}, False),
        (GIVEN, 0, {"without_end_token": True}, True),
        (GIVEN + 1, 0, {"without_end_token": True}, False),
    ],
)
def test_tokens_that_are_not_listed_make_confidence_unavailable(written, reasoned, form, listed):
    tokens = characters(FIELDS)[: -1 if form else None]
    details = {"reasoning_tokens": reasoned}
    usage = {"completion_tokens": written, "completion_tokens_details": details}
    answer = read_answer(completion(tokens) | {"usage": usage}, **form)
    assert answer.text == FIELDS
    assert (answer.logprobs is not None) == listed
    if not listed:
        counted = written - reasoned
        assert answer.how.endswith(f"of {len(tokens)} of the {counted} tokens that it wrote")


@pytest.mark.parametrize("chat", [True, False])
def test_a_character_of_several_tokens_that_is_listed_as_one(chat):
    """llama.cpp lists the last of the tokens of a character, with all its bytes."""
    data = completion([("𓀀".encode(), -0.2, False), (b"<end>", -0.1, True)], chat=chat)
    assert read_answer(data).logprobs == (-0.2, -0.1)
    answer = read_answer(data | {"usage": {"completion_tokens": 5}})
    assert (answer.text, answer.logprobs) == ("𓀀", None)
    assert "log-probabilities of 2 of the 5 tokens" in answer.how


class Crowded:
    """A server that drops all of five requests at the same time, and answers one alone."""

    def __init__(self, never=()):
        self._never = never
        self._all_here = threading.Barrier(5)
        self._seen, self._now, self._lock = set(), 0, threading.Lock()
        self.most_alone = 0

    def __call__(self, body):
        number = int(body["messages"][1]["content"][-1])
        with self._lock:
            again = number in self._seen
            self._seen.add(number)
        if number and not again:
            self._all_here.wait(20)
            return FULL
        return FULL if number in self._never else self._alone(number)

    def _alone(self, number):
        with self._lock:
            self._now += 1
            self.most_alone = max(self.most_alone, self._now)
        time.sleep(0.02)
        with self._lock:
            self._now -= 1
        return Reply(completion(characters(json.dumps({"total": str(number)}))))


def test_requests_that_crowd_each_other_out_are_asked_alone(stub):
    stub.reply = server = Crowded()
    answers = served(stub, concurrency=5).answer(CASES)
    assert [one.problem for one in answers] == [""] * 6
    assert [json.loads(one.text)["total"] for one in answers] == [case.id for case in CASES]
    assert server.most_alone == 1
    assert len(stub.seen) == 1 + 5 + 5


def test_what_fails_alone_too_is_a_problem_of_its_case(stub):
    stub.reply = Crowded(never=(4,))
    answers = served(stub, concurrency=5).answer(CASES)
    assert [bool(one.problem) for one in answers] == [False] * 4 + [True, False]
    assert answers[4].problem.endswith("answered 500: Context size has been exceeded.")
    assert len(stub.seen) == 1 + 5 + 5
