"""Kept answers of a model behind an address never speak for another model."""

from __future__ import annotations

import json

import pytest

from pytest_slm_autopsy import CallableModel, Case, ScriptedModel, ServedModel, predict
from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models import ServedSpec
from pytest_slm_autopsy.predictions import Store
from pytest_slm_autopsy.predictions.canary import SAMPLE
from tests.models.served.stub_server import Reply, Stub, characters, completion
from tests.predictions.doubles import KeptModel

CASES = [Case(str(i), f"Total: {i}.50", {"total": f"{i}.50"}) for i in range(64)]


def honest(body, **form):
    total = body["messages"][-1]["content"].partition("Total: ")[2].split()[0]
    return Reply(completion(characters(json.dumps({"total": total})), **form))


def reversing(body):
    total = body["messages"][-1]["content"].partition("Total: ")[2].split()[0]
    return Reply(completion(characters(json.dumps({"total": total[::-1]}))))


@pytest.fixture
def stub():
    server = Stub(honest)
    yield server
    server.close()


@pytest.fixture
def run(stub, tmp_path):
    """A run of its own: a new store over the same file."""

    def once(cases=CASES, model="tiny", spec=None):
        before = len(stub.bodies)
        with Store(tmp_path / "answers.sqlite") as store:
            predictions = predict(ServedModel(stub.url, model, spec=spec), cases, store=store)
        return sum(p.correct for p in predictions), len(stub.bodies) - before, store

    return once


def test_the_same_model_is_asked_a_sample_alone(run):
    assert run()[:2] == (64, 64)
    right, asked, store = run()
    assert (right, asked, store.hits, store.notes) == (64, SAMPLE, 64, [])


def test_answers_of_an_exchanged_model_are_forgotten(run, stub):
    run()
    stub.reply = reversing
    right, asked, store = run()
    assert (right, asked, store.hits) == (0, SAMPLE + 64, 0)
    [note] = store.notes
    assert note.startswith(f"{SAMPLE} of {SAMPLE} kept answers of tiny are others now: the model")
    assert run()[:2] == (0, SAMPLE)


def test_a_server_that_is_gone_has_no_answers(run, stub):
    run()
    stub.close()
    with pytest.raises(ModelError, match="cannot be reached"):
        run(spec=ServedSpec(retries=1))


def test_a_server_that_learns_to_give_probabilities_is_asked_again(run, stub):
    stub.reply = lambda body: honest(body, logprobs=False)
    run()
    stub.reply = honest
    assert run()[:2] == (64, SAMPLE + 64)
    assert run()[:2] == (64, SAMPLE)


def test_probabilities_that_come_and_go_cost_no_kept_answer(run, stub):
    def every_third(body):
        return honest(body, logprobs=int(body["messages"][-1]["content"].split(".50")[0][-1]) % 3)

    stub.reply = every_third
    run()
    stub.reply = lambda body: honest(body, logprobs=False)
    assert run()[:2] == (64, SAMPLE)
    stub.reply = honest
    lacking = sum(int(case.id[-1]) % 3 == 0 for case in CASES)
    assert run()[:2] == (64, SAMPLE + lacking)
    assert run()[:2] == (64, SAMPLE)


def test_answers_of_another_model_at_the_address_stay(run, stub):
    run()
    run(model="other")
    stub.reply = lambda body: (reversing if body["model"] == "other" else honest)(body)
    assert run(model="other")[0] == 0
    assert run()[:2] == (64, SAMPLE)


def test_it_is_tried_once_a_run(stub, tmp_path):
    model = ServedModel(stub.url, "tiny")
    for asked in (64, SAMPLE):
        before = len(stub.bodies)
        with Store(tmp_path / "answers.sqlite") as store:
            predict(model, CASES[:32], store=store)
            predict(model, CASES[32:], store=store)
            predict(model, CASES[:32], store=store)
        assert len(stub.bodies) - before in (asked, asked + SAMPLE)


def test_a_loaded_model_is_known_by_its_weights(tmp_path):
    model = KeptModel(tmp_path / "log")
    for _ in range(2):
        with Store(tmp_path / "answers.sqlite") as store:
            predict(model, CASES, store=store)
    assert store.hits == 64
    assert store.trusted == set()


def test_the_run_says_so(pytester, stub):
    def weights(version):
        def reply(body):
            said = abs(hash(body["messages"][-1]["content"]))
            return Reply(completion(characters(f'{{"total":"{said}{version}"}}')))

        return reply

    pytester.makepyfile(
        "def test_it(slm, slm_cases, autopsy):\n    autopsy.predict(slm, slm_cases.reference)\n"
    )
    asked = (f"--slm-base={stub.url}", "--slm-n=12")
    stub.reply = weights("old")
    pytester.runpytest_inprocess(*asked).assert_outcomes(passed=1)
    stub.reply = weights("new")
    result = pytester.runpytest_inprocess(*asked)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["store: 0 answers read, 12 new *", "8 of 8 kept answers of tiny*"])


@pytest.mark.parametrize(
    "make",
    [
        lambda total: CallableModel(lambda text: {"total": total}, name="same"),
        lambda total: ScriptedModel(lambda case: json.dumps({"total": total}), name="same"),
    ],
)
def test_what_is_a_function_is_asked_anew_each_run(make, tmp_path):
    """Nothing tells whether its code has changed."""
    for total in ("1", "2"):
        with Store(tmp_path / "answers.sqlite") as store:
            [said] = predict(make(total), CASES[:1], store=store)
        assert said.fields == {"total": total}
        assert (store.hits, store.kept) == (0, 0)
