"""A server of somebody else's: llama.cpp's ``llama-server``, with Gemma 3 270M as a GGUF file.

It is not a dependency: the ``llama-server`` on the path, or the one that ``LLAMA_SERVER`` names.
"""

from __future__ import annotations

import shutil
import threading
import time
import warnings
from statistics import median

import pytest

from pytest_slm_autopsy import ModelSpec, ServedModel, assert_calibrated, load_model, predict
from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models import ServedSpec, only_model
from pytest_slm_autopsy.models.checks.check import CheckWarning
from tests.models.served.far_and_near import differences
from tests.models.served.few_shots import asked, few_shots
from tests.models.served.gemma import ALONE, NEEDS, unpacked
from tests.models.served.real_server import serving, started

pytestmark = [pytest.mark.slow, *NEEDS]
SHORT = 16
CASES = few_shots(6)
END_OF_TURN = 106
ENDING = {"logit_bias": [[END_OF_TURN, 12.0]]}
"""Makes a base that was never taught to end a turn do so; its probabilities stay its own."""


@pytest.fixture(scope="module")
def gemma(request):
    return unpacked(request.config.cache.mkdir("gemma"))


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("log") / "server.log"


@pytest.fixture(scope="module")
def url(gemma, log):
    """A server that answers one request at a time."""
    with serving(gemma.command("--ctx-size", "1024", *ALONE), log) as address:
        yield address


@pytest.fixture(scope="module")
def first(url):
    """Its answers, one after the other."""
    return predict(served(url), CASES)


def served(url, endpoint="chat", name="gemma", tokenizer=None, **settings):
    spec = ServedSpec(endpoint, **{"max_new_tokens": SHORT, **settings})
    return ServedModel(url, name, spec=spec, tokenizer=tokenizer)


def told(predictions):
    return [(one.raw, one.finish, one.logprobs, one.token_ends) for one in predictions]


def test_one_at_a_time_it_repeats_itself_at_both_endpoints(gemma, url, first):
    for endpoint in ("chat", "completion"):
        model = served(url, endpoint, tokenizer=str(gemma.base), concurrency=4)
        assert told(predict(model, CASES)) == told(first)
        [check] = model.checks
        assert check.outcome == "passed", check.evidence
        assert ("which the server adds" in check.evidence) == (endpoint == "completion")


def test_its_answers_are_the_loaded_models_but_for_another_arithmetic(gemma, first):
    """The server multiplies 4-bit weights with 8-bit activations; unpacked weights do not."""
    spec = ModelSpec(str(gemma.base), quantization="none", device="cpu", max_new_tokens=SHORT)
    near = predict(load_model(spec), CASES)
    same = sum(one.raw == other.raw for one, other in zip(first, near, strict=True))
    assert same >= len(CASES) - 2
    apart = differences(first, near)
    assert len(apart) >= 0.8 * SHORT * len(CASES)
    assert median(apart) < 0.005
    assert max(apart) < 1.5


def test_its_probabilities_hold_the_end_of_turn_so_calibration_is_available(url):
    said = predict(served(url, max_new_tokens=40, extra=ENDING), CASES)
    assert {one.finish for one in said} == {"stop"}
    assert any(one.correct for one in said)
    for one in said:
        assert one.token_ends[-2:] == (len(one.raw),) * 2
        assert one.logprobs[-1] < -1 < one.logprobs[-2]
    assert_calibrated(said, at_most=0.99)


def test_a_character_of_several_tokens_has_no_probability_of_each(url):
    case = asked("𓅓𓇋", copied=["𓀀𓂀", "𓃒𓆣"])
    [said] = predict(served(url), [case])
    assert said.raw.startswith(case.text)
    assert said.logprobs is None
    assert "of the 16 tokens that it wrote" in said.how


def test_several_at_once_it_gives_other_numbers(gemma, first, log):
    together = ["--ctx-size", "2048", *ALONE, "--parallel", "4", "--no-kv-unified"]
    with serving(gemma.command(*together), log.with_name("together.log")) as address:
        assert told(predict(served(address, concurrency=1), CASES)) == told(first)
        said = predict(served(address, concurrency=4), CASES)
    assert not any(one.problem for one in said)
    same = sum(one.raw == other.raw for one, other in zip(said, first, strict=True))
    assert same >= len(CASES) - 2
    assert 0 < max(differences(said, first)) < 1.5


def test_requests_that_fill_the_shared_context_are_asked_alone(gemma, log):
    shared = ["--ctx-size", "512", *ALONE, "--parallel", "4", "--kv-unified"]
    log = log.with_name("shared.log")
    with serving(gemma.command(*shared), log) as address:
        said = predict(served(address, max_new_tokens=24), CASES)
    assert [one.problem for one in said] == [""] * len(CASES)
    assert "Context size has been exceeded" in log.read_text()


def test_a_context_that_cuts_answers_off_is_warned_of(gemma, log):
    divided = ["--ctx-size", "1024", *ALONE, "--parallel", "4", "--no-kv-unified"]
    with serving(gemma.command(*divided), log.with_name("divided.log")) as address:
        model = served(address, max_new_tokens=200)
        with pytest.warns(CheckWarning, match=r"cut off after \d+ tokens, and 200 were allowed"):
            said = predict(model, CASES[:1])
    assert {one.finish for one in said} == {"length"}


def test_a_prompt_that_is_too_long_is_a_problem_of_its_case(url, first):
    long = asked("too long " * 1000)
    said = predict(served(url), [CASES[0], long, CASES[1]])
    assert told([said[0], said[2]]) == told(first[:2])
    assert "exceeds the available context size (1024 tokens)" in said[1].problem


def test_a_server_that_is_killed_loses_no_case(gemma, log):
    log = log.with_name("killed.log")
    with started(gemma.command("--ctx-size", "1024", *ALONE), log) as (address, process):
        threading.Thread(target=kill_at_request, args=(3, process, log)).start()
        said = predict(served(address, concurrency=2, retries=0), CASES)
    assert [one.case for one in said] == CASES
    broken = [one for one in said if one.problem]
    assert len(broken) == len(CASES) - 2
    assert all("cannot be reached" in one.problem for one in broken)
    assert not any(one.correct for one in broken)


def kill_at_request(number, process, log):
    while log.read_text().count("processing task") < number and process.poll() is None:
        time.sleep(0.02)
    process.kill()


def test_a_name_that_it_does_not_know_is_warned_of(url, first):
    model = served(url, name="nobody")
    with pytest.warns(CheckWarning, match="the model 'nobody', the server answered as 'gemma'"):
        assert told(predict(model, CASES[:1])) == told(first[:1])
    with warnings.catch_warnings():
        warnings.simplefilter("error", CheckWarning)
        predict(served(url, name=only_model(url)), CASES[:1])


def test_an_address_that_is_wrong_is_an_error_that_says_so(url):
    wrong = url.replace("/v1", "/api")
    with pytest.raises(ModelError, match=r"answered 404: File Not Found; .* usually ends in /v1"):
        predict(served(wrong), CASES[:1])
    with pytest.raises(ModelError, match="answered 404"):
        only_model(wrong)


def test_another_template_than_its_own_is_refused(gemma, url, tmp_path):
    other = shutil.copytree(
        gemma.base, tmp_path / "other", ignore=shutil.ignore_patterns("*.safe*")
    )
    template = other / "chat_template.jinja"
    template.write_text(template.read_text().replace("<end_of_turn>", ", briefly<end_of_turn>"))
    with pytest.raises(ModelError, match="check served_prompt: the server read"):
        predict(served(url, tokenizer=str(other)), CASES[:1])
