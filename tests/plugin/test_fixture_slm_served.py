"""``slm`` behind an address: asked over HTTP, its health checked, its secrets kept."""

from __future__ import annotations

import pytest

import pytest_slm_autopsy.models.checks.health
import pytest_slm_autopsy.models.served.model  # noqa: F401
from tests.models.served.stub_server import Reply, Stub, characters, completion

SECRET = "sk-plum5-Kestrel"
TESTS = """
def test_it(slm, slm_cases, autopsy):
    predictions = autopsy.predict(slm, slm_cases.reference)
    assert slm.name == "tiny"
    assert all(p.fields for p in predictions)
"""


def echoing(body):
    """Something of each document."""
    said = str(abs(hash(body["messages"][-1]["content"])))
    return Reply(completion(characters(f'{{"total":"{said}"}}')))


@pytest.fixture
def stub(monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    server = Stub(echoing)
    yield server
    server.close()


@pytest.fixture
def asked(stub, pytester):
    pytester.makepyfile(TESTS)

    def run(*arguments, base=stub.url):
        return pytester.runpytest_inprocess(f"--slm-base={base}", "--slm-n=2", *arguments)

    return run


def test_the_only_model_of_a_server_is_asked(asked, stub):
    asked().assert_outcomes(passed=1)
    assert stub.seen[0][0] == "/v1/models"
    assert {body["model"] for body in stub.bodies} == {"tiny"}
    assert len(stub.bodies) == 2 + 1 + 2  # two to see its health, an empty page, two cases


def test_the_adapter_names_one_of_several(asked, stub):
    stub.models = ["org/tiny", "org/base"]
    asked("--slm-adapter=org/tiny").assert_outcomes(passed=1)
    result = asked()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [f"ConfigError: the server {stub.url} has the models org/tiny, org/base; name one*"]
    )


def test_the_address_may_come_from_the_ini_file(stub, pytester):
    pytester.makepyfile(TESTS)
    pytester.makeini(f"[pytest]\nslm_base = {stub.url}\nslm_n = 2\nslm_adapter = tiny")
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_its_health_is_checked(asked, stub):
    stub.reply = lambda body: Reply(completion(characters("{}")))
    result = asked()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["ModelError: model tiny fails the check answers_differ*"])
    asked("--slm-health=off").assert_outcomes(failed=1)


@pytest.mark.parametrize("names", [["--slm-adapter=tiny"], []])
def test_what_fails_shows_no_secret(asked, stub, monkeypatch, names):
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    refusal = Reply({"error": f"{SECRET} is no key"}, 401)
    stub.reply, stub.listing = (lambda body: refusal), refusal
    base = stub.url.replace("://", f"://u:{SECRET}@") + f"?key={SECRET}"
    result = asked("--showlocals", "--tb=long", "-vv", "--full-trace", *names, base=base)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*answered 401: *** is no key*OPENAI_API_KEY*"])
    assert SECRET not in result.stdout.str() + result.stderr.str()
