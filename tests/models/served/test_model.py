"""A model behind a server answers as the loaded one does, and a server's troubles stay its own."""

from __future__ import annotations

import importlib
import logging
import signal
import socket
import subprocess
import sys
import time
from dataclasses import replace
from email.utils import formatdate

import pytest

from pytest_slm_autopsy import (
    INVOICE,
    Case,
    ModelSpec,
    ServedModel,
    assert_calibrated,
    draw_suite,
    load_model,
    predict,
)
from pytest_slm_autopsy.errors import ConfigError, MissingExtraError, ModelError, NoDataError
from pytest_slm_autopsy.measures import confidence, field_confidence
from pytest_slm_autopsy.models import ServedSpec, only_model
from pytest_slm_autopsy.models.served.wire import Token, read_answer, token_ends
from tests.models.served.stub_server import (
    END,
    FIELDS,
    Reply,
    Stub,
    Writer,
    characters,
    completion,
    in_turn,
    plain,
)

CASES = [Case(str(i), f"Total: {i}", {"total": str(i)}) for i in range(6)]
LENGTH = 42
SECRET = "sk-plum5-Kestrel"
LONG = "This model's maximum context length is 64 tokens. Please reduce the length of the messages."


@pytest.fixture
def stub():
    server = Stub()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """Nobody sleeps; how long one would have is kept."""
    asked = []

    async def pause(seconds):
        asked.append(seconds)

    monkeypatch.setattr("pytest_slm_autopsy.models.served.http.pause", pause)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return asked


def served(stub, **settings):
    return ServedModel(stub.url, "tiny", spec=ServedSpec(**{"timeout": 20, **settings}))


def problems(model, cases=CASES):
    return [answer.problem for answer in model.answer(cases)]


def refused(status, said, **headers):
    return Reply({"error": {"message": said}}, status, headers)


@pytest.fixture(scope="module")
def local(committed):
    place = committed["narrow"]
    spec = ModelSpec(str(place.base), str(place.adapter), device="cpu", max_new_tokens=LENGTH)
    return load_model(spec)


@pytest.fixture(scope="module")
def writer(local):
    return Writer(local)


@pytest.fixture(scope="module")
def invoices():
    schema = INVOICE.select(invoice_number="id", vendor="seller", total="sum")
    suite = draw_suite(schema, 2, 1, {"canonical": {}, "order": {"order": 1}})
    french = replace(suite["canonical"][0], id="f", text="Vendor: Café Été 東\nTotal: 9\n")
    return [*suite["canonical"], *suite["order"], french]


@pytest.mark.parametrize(
    ("endpoint", "cut_bytes"), [("chat", False), ("chat", True), ("completion", True)]
)
def test_answers_and_confidence_are_those_of_the_loaded_model(
    stub, local, writer, invoices, endpoint, cut_bytes
):
    writer.form = {"cut_bytes": cut_bytes}
    stub.reply = writer
    spec = ServedSpec(endpoint, max_new_tokens=LENGTH)
    tokenizer = local.spec.base if endpoint == "completion" else None
    model = ServedModel(stub.url, "org/tiny", spec=spec, tokenizer=tokenizer)
    far, near = predict(model, invoices), predict(local, invoices)
    assert {p.model for p in far} == {"tiny"}
    assert [p.raw for p in far] == [p.raw for p in near]
    assert [p.finish for p in far] == [p.finish for p in near]
    assert {p.finish for p in far} == {"stop", "length"}
    assert [p.token_ends for p in far] == [p.token_ends for p in near]
    for one, other in zip(far, near, strict=True):
        assert confidence(one) == pytest.approx(confidence(other), abs=1e-3)
        for name in one.case.truth:
            expected = field_confidence(other, name)
            assert field_confidence(one, name) == (
                None if expected is None else pytest.approx(expected, abs=1e-3)
            )


def test_it_asks_greedily_and_for_probabilities(stub):
    extra = {"repetition_penalty": 1.0, "top_logprobs": None}
    served(stub, max_new_tokens=7, extra=extra).answer(CASES[:1])
    (path, headers, body) = stub.seen[0]
    assert path == "/v1/chat/completions"
    assert "Authorization" not in headers
    assert body.pop("messages")[1] == {"role": "user", "content": 'Fields: ["total"]\n\nTotal: 0'}
    assert body == {
        "model": "tiny",
        "temperature": 0,
        "frequency_penalty": 0,
        "max_tokens": 7,
        "logprobs": True,
        "repetition_penalty": 1.0,
    }


def test_the_order_is_kept_and_no_more_go_at_once_than_are_allowed(stub):
    def reply(body):
        number = int(body["messages"][1]["content"][-1])
        tokens = characters(f'{{"total":"{number}"}}')
        return Reply(completion(tokens), seconds=0.02 * (6 - number))

    stub.reply = reply
    answers = served(stub, concurrency=3).answer(CASES)
    assert [answer.text for answer in answers] == [f'{{"total":"{i}"}}' for i in range(6)]
    assert 1 < stub.most_at_once <= 3


TEXT = '{"é":"東京 €"}'


@pytest.mark.parametrize("shown", ["bytes", "text", "empty"])
def test_a_character_may_span_tokens(local, shown):
    ids = local.tokenizer(TEXT, add_special_tokens=False)["input_ids"]
    prefixes = [local.tokenizer.decode(ids[: i + 1]) for i in range(len(ids))]
    whole = TEXT.encode()
    tokens, at = [], 0
    for i, one in enumerate(ids):
        said = local.tokenizer.decode([one])
        n = 1 if "\ufffd" in said else len(said.encode())  # this tokenizer falls back on bytes
        if shown == "empty":  # as servers that decode along show it
            said = prefixes[i].rstrip("\ufffd")[len(prefixes[i - 1].rstrip("\ufffd")) if i else 0 :]
        tokens.append(Token(said, -0.1, whole[at : at + n] if shown == "bytes" else None))
        at += n
    assert at == len(whole)
    assert any("\ufffd" in prefix for prefix in prefixes)
    ends = token_ends(TEXT, tokens)
    assert ends[-1] == len(TEXT)
    if shown == "bytes":
        assert ends == [len(prefix) for prefix in prefixes]
    else:  # among broken tokens the place is not known; after them it is
        known = [i for i, token in enumerate(tokens) if "\ufffd" not in token.text]
        assert [ends[i] for i in known if prefixes[i] == TEXT[: len(prefixes[i])]] == [
            len(prefixes[i]) for i in known if prefixes[i] == TEXT[: len(prefixes[i])]
        ]


@pytest.mark.parametrize(
    ("text", "tokens", "ends"),
    [
        ("ab", ["a", "b"], [1, 2]),
        ("ab", ["a", "c"], None),
        ("ab", ["a"], None),
        ("a", ["a", "b"], None),
        ("a東b", ["a", "\ufffd", "\ufffd", "b"], [1, 2, 2, 3]),
        ("a東", ["a", "\ufffd", "\ufffd"], [1, 2, 2]),
        ("aXYb", ["a", "\ufffd", "b"], None),
        ("ab", ["a", "\ufffd", "b"], None),
        ("", [], []),
    ],
)
def test_tokens_must_spell_the_answer(text, tokens, ends):
    assert token_ends(text, [Token(token, -0.1) for token in tokens]) == ends


def with_logprobs(given):
    found = completion(characters(FIELDS))
    found["choices"][0]["logprobs"] = given
    return found


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (completion(characters(FIELDS), logprobs=False), "gave no token probabilities"),
        (with_logprobs({"content": None}), "gave no token probabilities"),
        (with_logprobs({"content": "much"}), "no number"),
        (with_logprobs({"content": [{"token": FIELDS, "logprob": None}]}), "no number"),
        (with_logprobs({"content": [{"token": FIELDS, "logprob": float("nan")}]}), "no number"),
        (with_logprobs({"tokens": ["{", "}"], "token_logprobs": [-0.1]}), "no number"),
        (with_logprobs({"content": [{"token": "{", "logprob": -0.1}]}), "do not spell"),
        (completion(characters(FIELDS)[:-1]), "lack the end-of-turn token"),
        (completion(characters(FIELDS), finish="length"), "do not spell"),
    ],
)
def test_probabilities_that_are_not_the_answers_are_not_available(data, reason):
    answer = read_answer(data)
    assert (answer.text, answer.logprobs, answer.token_ends) == (FIELDS, None, None)
    assert not answer.problem
    assert reason in answer.how


@pytest.mark.parametrize("end", ["", END])
def test_the_end_token_counts_whatever_its_text(end):
    tokens = [*characters(FIELDS)[:-1], (end.encode(), -0.5, True)]
    answer = read_answer(completion(tokens))
    assert answer.logprobs == (-0.1,) * len(FIELDS) + (-0.5,)
    assert answer.token_ends[-2:] == (len(FIELDS),) * 2


def test_probabilities_without_the_end_token_are_taken_when_that_is_said(stub):
    stub.reply = lambda body: Reply(completion(characters(FIELDS)[:-1]))
    assert served(stub).answer(CASES[:1])[0].logprobs is None
    (answer,) = served(stub, without_end_token=True).answer(CASES[:1])
    assert len(answer.logprobs) == len(answer.token_ends) == len(FIELDS)


def test_what_drops_its_probabilities_midway_cannot_be_calibrated_and_says_why(stub):
    stub.reply = in_turn(*[plain] * 3, then=lambda body: plain(body, logprobs=False))
    predictions = predict(served(stub, concurrency=1), CASES)
    assert [p.logprobs is None for p in predictions] == [False] * 3 + [True] * 3
    with pytest.raises(NoDataError, match=r"case '3' \(the server gave no token probabilities\)"):
        assert_calibrated(predictions, at_most=0.5)


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_refuses_probabilities_is_asked_without(stub, status):
    def reply(body):
        if "logprobs" in body:
            return refused(status, "`logprobs` is not supported by this model")
        return plain(body, logprobs=False)

    stub.reply = reply
    model = served(stub)
    assert [answer.text for answer in model.answer(CASES)] == [FIELDS] * 6
    model.answer(CASES)
    assert sum("logprobs" in body for body in stub.bodies) == 1
    assert not any("top_logprobs" in body for body in stub.bodies[1:])


@pytest.mark.parametrize("finish", ["content_filter", "tool_calls", None, {}])
def test_an_answer_broken_off_is_a_problem_of_its_case(stub, finish):
    stub.reply = lambda body: plain(body, finish=finish)
    assert all("its finish_reason is" in problem for problem in problems(served(stub)))


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content"])
def test_reasoning_without_an_answer_says_what_to_do(name):
    found = with_logprobs(None)
    found["choices"][0]["message"] |= {"content": None, name: "The total is"}
    assert "turn reasoning off, or raise max_new_tokens" in read_answer(found).problem


@pytest.mark.parametrize("content", [None, ""])
def test_an_empty_answer_is_an_answer(content):
    found = completion([(END.encode(), -0.1, True)])
    found["choices"][0]["message"]["content"] = content
    answer = read_answer(found)
    assert (answer.text, answer.logprobs, answer.token_ends) == ("", (-0.1,), (0,))


def dated(seconds):
    return formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ({"Retry-After": "7"}, 7, 7),
        ({"Retry-After": "86400"}, 60, 60),
        ({"Retry-After": dated(3600)}, 60, 60),
        ({"Retry-After": dated(-3600)}, 0, 0),
        ({"Retry-After": "soon"}, 0.5, 1),
        ({}, 0.5, 1),
    ],
)
def test_a_busy_server_is_asked_again_when_it_says(stub, pauses, header, least, most):
    stub.reply = in_turn(refused(429, "Too Many Requests", **header))
    assert problems(served(stub), CASES[:1]) == [""]
    (pause,) = pauses
    assert least <= pause <= most


TROUBLES = {
    "500": refused(500, "out of memory"),
    "503": Reply(status=503, raw=b"<html><body>upstream</body></html>"),
    "html": Reply(raw=b"<html>Welcome</html>", headers={"content-type": "text/html"}),
    "half": Reply(raw=b'{"choices":[{"me', promised=500),
    "truncated": Reply(raw=b'{"choices":[{"me'),
    "array": Reply([]),
    "no choice": Reply({"choices": []}),
    "error": Reply({"error": "busy"}),
    "no text": Reply({"choices": [{"text": 3, "finish_reason": "stop"}]}),
    "deep": Reply(raw=b"[" * 100_000),
    "hangs": Reply(seconds=0.8),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=list(TROUBLES))
def test_a_trouble_that_passes_costs_nothing(stub, pauses, trouble):
    stub.reply = in_turn(trouble, plain, trouble)
    assert problems(served(stub, timeout=0.5 if trouble.seconds else 20)) == [""] * 6
    assert len(pauses) >= 2


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=list(TROUBLES))
def test_a_trouble_that_stays_is_an_error_of_one_sentence(stub, pauses, trouble):
    stub.reply = lambda body: trouble
    with pytest.raises(ModelError, match="model 'tiny' cannot be asked: the server http") as caught:
        served(stub, timeout=0.1 if trouble.seconds else 20, retries=2).answer(CASES)
    assert str(caught.value).endswith(" (3 times)")
    assert "\n" not in str(caught.value)
    assert len(stub.seen) == 3


def test_pauses_grow_and_are_never_quite_the_same(stub, pauses):
    stub.reply = lambda body: refused(500, "no")
    with pytest.raises(ModelError):
        served(stub, retries=9).answer(CASES)
    assert all(2**i / 2 <= pause <= 2**i for i, pause in enumerate(pauses[:6]))
    assert max(pauses) <= 60
    assert len({*pauses}) == 9


def test_a_server_that_dies_later_costs_only_the_cases_that_are_left(stub):
    stub.reply = in_turn(*[plain] * 2, then=refused(502, "Bad Gateway"))
    model = served(stub, concurrency=1, retries=3)
    found = problems(model)
    assert found[:2] == ["", ""]
    assert all("answered 502: Bad Gateway" in problem for problem in found[2:])
    # Given up once, it is asked once a case, until it answers.
    assert len(stub.seen) == 2 + 4 + 3
    stub.reply = in_turn(plain, refused(502, "Bad Gateway"))
    assert problems(model) == [""] * 6


def test_a_case_that_is_too_long_fails_alone(stub):
    def reply(body):
        content = body["messages"][1]["content"]
        return refused(400, LONG) if content.endswith(("0", "3")) else plain(body)

    stub.reply = reply
    predictions = predict(served(stub), CASES)
    told = [p.problem for p in predictions]
    assert [bool(problem) for problem in told] == [True, False, False, True, False, False]
    assert told[3].startswith(f"the server {stub.url} answered 400: This model's maximum context")
    assert len(stub.seen) == 6
    assert not predictions[3].correct


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (400, "answered 400: no model named tiny"),
        (401, "answered 401: .*; put a key that may ask into the environment variable MY_KEY"),
        (403, "environment variable MY_KEY"),
        (404, "is the address right"),
        (307, "answered 307"),
    ],
)
def test_a_refusal_is_not_asked_again(stub, status, sentence):
    stub.reply = lambda body: refused(status, "no model named tiny")
    with pytest.raises(ModelError, match=sentence):
        served(stub, key_variable="MY_KEY").answer(CASES)
    assert len(stub.seen) == 1


def test_a_server_that_is_not_there_is_an_error_of_one_sentence():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ModelError, match=r"cannot be reached \(ConnectError.*is it running"):
        ServedModel(url, "tiny").answer(CASES)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_proxy_is_not_asked_for_this_machine(stub, monkeypatch, host):
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    stub.reply = plain
    url = stub.url.replace("127.0.0.1", host)
    assert ServedModel(url, "tiny").answer(CASES[:1])[0].text


def test_without_its_extra_it_is_an_error_that_names_it(monkeypatch):
    for module in (
        "httpx2",
        "pytest_slm_autopsy.models.served.http",
        "pytest_slm_autopsy.models.served.model",
    ):
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "pytest_slm_autopsy.models.served.http")
    with pytest.raises(MissingExtraError, match=r"httpx2 is not installed; .*'httpx2>=2'"):
        importlib.import_module("pytest_slm_autopsy.models.served.http")


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://host/v1", "http://", "http://[::1"])
def test_an_address_that_cannot_be_meant_is_an_error(url):
    with pytest.raises(ConfigError, match="looks like http://127"):
        ServedModel(url, "tiny")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"endpoint": "chats"}, "did you mean 'chat'"),
        ({"timeout": 0}, "timeout is 0 seconds"),
        ({"timeout": float("nan")}, "timeout is nan"),
        ({"concurrency": 0}, "concurrency is 0; it must be at least 1"),
        ({"retries": -1}, "retries is -1; it must be at least 0"),
        ({"max_new_tokens": 0}, "at least 1"),
    ],
)
def test_settings_that_cannot_be_meant_are_errors(settings, sentence):
    with pytest.raises(ConfigError, match=sentence):
        ServedSpec(**settings)


def test_the_completion_endpoint_needs_a_chat_template(stub):
    spec = ServedSpec("completion")
    with pytest.raises(ConfigError, match="a chat template is needed; name the folder"):
        ServedModel(stub.url, "tiny", spec=spec)
    model = ServedModel(stub.url, "tiny", spec=spec, render=lambda ms: f"<{ms[-1]['content']}>")
    assert model.answer(CASES[:1])[0].text == FIELDS
    assert stub.seen[0][0] == "/v1/completions"
    assert stub.bodies[0]["prompt"] == '<Fields: ["total"]\n\nTotal: 0>'


def test_the_key_is_sent_and_the_query_too(stub, monkeypatch):
    monkeypatch.setenv("MY_KEY", f" {SECRET}\n")
    spec = ServedSpec(key_variable="MY_KEY")
    ServedModel(f"{stub.url}/?api-version=2", "tiny", spec=spec).answer(CASES[:1])
    path, headers, _ = stub.seen[0]
    assert path == "/v1/chat/completions?api-version=2"
    assert headers["Authorization"] == f"Bearer {SECRET}"


def test_a_key_that_no_header_can_hold_is_an_error_without_it(stub, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", f"{SECRET}\N{RIGHT SINGLE QUOTATION MARK}")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY holds no key") as caught:
        served(stub).answer(CASES)
    assert SECRET not in str(caught.value)


ECHO = f"key {SECRET} of user:{SECRET}@ is wrong"
FAILURES = {
    "answers": plain,
    "401": refused(401, ECHO),
    "500": Reply(status=500, raw=ECHO.encode()),
    "html": Reply(raw=f"<html>{ECHO}".encode()),
    "form": Reply({"error": ECHO}),
    "finish": Reply({"choices": [{"text": "", "finish_reason": ECHO}]}),
    "context": refused(400, f"{LONG} {ECHO}"),
    "hangs": Reply(seconds=0.3),
    "redirect": Reply(status=302, headers={"Location": f"http://u:{SECRET}@127.0.0.1/"}, raw=b""),
    "half": Reply(raw=b"{", promised=9),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=list(FAILURES))
@pytest.mark.parametrize("place", ["key", "password", "user", "query"])
def test_no_secret_is_ever_shown(stub, monkeypatch, caplog, recwarn, capfd, failure, place):
    caplog.set_level(logging.DEBUG)
    host = stub.url.removeprefix("http://")
    url = {
        "key": stub.url,
        "password": f"http://user:{SECRET}@{host}",
        "user": f"http://{SECRET}@{host}",
        "query": f"{stub.url}?key={SECRET}&v=1",
    }[place]
    if place == "key":
        monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    stub.reply = failure if callable(failure) else lambda body: failure
    patience = 0.2 if failure is FAILURES["hangs"] else 20
    model = ServedModel(url, "tiny", spec=ServedSpec(retries=1, timeout=patience))
    shown = [repr(model), str(model.spec), *model.question_keys(CASES)]
    try:
        shown += map(repr, predict(model, CASES))
    except ModelError as error:
        shown += [str(error), repr(error), repr(error.__cause__)]
    sent = str([(path, headers) for path, headers, _ in stub.seen])
    assert SECRET in sent or "Basic " in sent
    shown += [*capfd.readouterr(), caplog.text, *map(str, recwarn), *map(repr, caplog.records)]
    shown += [str(record.args) + str(vars(record)) for record in caplog.records]
    assert [text for text in shown if SECRET in text] == []
    assert any("HTTP Request" in text for text in shown) == (failure is not FAILURES["hangs"])


def test_keys_tell_questions_apart_and_nothing_else(stub):
    def key(url=stub.url, name="tiny", case=CASES[0], **settings):
        spec = ServedSpec(**settings)
        render = str if spec.endpoint == "completion" else None
        return ServedModel(url, name, spec=spec, render=render).question_keys([case])[0]

    same = key()
    assert len(same) == 16 + 1 + 64  # the model, and the question
    assert key(url=stub.url.replace("://", f"://u:{SECRET}@") + f"?key={SECRET}") == same
    assert key(timeout=3, retries=0, concurrency=1, key_variable="X") == same
    others = [
        key(url=f"{stub.url}/two"),
        key(url=f"{stub.url}?deployment=a"),
        key(name="small"),
        key(case=CASES[1]),
        key(endpoint="completion"),
        key(max_new_tokens=5),
        key(without_end_token=True),
        key(extra={"seed": 1}),
    ]
    assert len({same, *others}) == 9
    assert served(stub).question_keys(CASES) == [key(case=case) for case in CASES]


def test_a_server_is_asked_for_the_name_of_its_only_model(stub):
    assert only_model(stub.url) == "tiny"
    stub.models = ["a", "b"]
    with pytest.raises(ConfigError, match=r"has the models a, b; name one \(--slm-adapter\)"):
        only_model(stub.url)
    stub.models = []
    with pytest.raises(ModelError, match="lists no model"):
        only_model(stub.url)
    stub.listing = refused(501, "not made yet")
    with pytest.raises(ModelError, match=r"answered 501: not made yet.*name one \(--slm-adapter"):
        only_model(stub.url)


def test_it_works_where_a_loop_is_running_already(stub):
    import asyncio

    async def notebook():
        return served(stub).answer(CASES[:2])

    assert [answer.text for answer in asyncio.run(notebook())] == [FIELDS] * 2


INTERRUPTED = """
import sys
from pytest_slm_autopsy import Case, ServedModel
cases = [Case(str(i), str(i), {"total": "9"}) for i in range(8)]
try:
    ServedModel(sys.argv[1], "tiny").answer(cases)
except KeyboardInterrupt:
    print("stopped")
"""


def test_requests_under_way_end_with_ctrl_c(stub):
    stub.reply = in_turn(plain, then=Reply(seconds=60))
    command = [sys.executable, "-c", INTERRUPTED, stub.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while len(stub.seen) < 8 and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=20)
    assert told == "stopped\n"
