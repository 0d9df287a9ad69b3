"""A server that refuses some and fails now and then: every case ends, once, and says how."""

from __future__ import annotations

import json
import random

import pytest

from benchmarks.bench_load import load
from benchmarks.faulty_server import REFUSED
from pytest_slm_autopsy import Case, ServedModel, predict
from pytest_slm_autopsy.models import ServedSpec
from pytest_slm_autopsy.models.served import http
from tests.models.served.stub_server import Reply, Stub, characters, completion


@pytest.fixture
def stub():
    server = Stub()
    yield server
    server.close()


def test_a_case_that_is_refused_costs_no_other_case_its_retries(stub, monkeypatch):
    async def at_once(seconds):
        return None

    monkeypatch.setattr(http, "pause", at_once)
    failed_once = set()

    def reply(body):
        name = body["messages"][-1]["content"].partition("Total: ")[2].split()[0]
        if name == "0":
            return Reply({"error": "no"}, status=500)
        if name not in failed_once:
            failed_once.add(name)
            return Reply({"error": "not now"}, status=500)
        return Reply(completion(characters(json.dumps({"total": name}))))

    stub.reply = reply
    cases = [Case(str(i), f"Total: {i}\n", {"total": str(i)}) for i in range(1, 40)]
    model = ServedModel(stub.url, "tiny", spec=ServedSpec(concurrency=4))
    cases.insert(5, Case("0", "Total: 0\n", {"total": "0"}))
    said = predict(model, cases)
    assert [one.case.id for one in said if one.finish == "error"] == ["0"]
    assert sum(one.correct for one in said) == 39


def test_a_batch_grows_with_the_requests_at_once(stub):
    model = ServedModel(stub.url, "tiny", spec=ServedSpec(concurrency=4))
    told = []
    cases = [Case(str(i), f"Total: {i}\n", {"total": str(i)}) for i in range(130)]
    predict(model, cases, progress=lambda done, total: told.append(done))
    assert told == [64, 128, 130]


@pytest.mark.slow
def test_nothing_is_lost_or_counted_twice(tmp_path):
    found = load(1_200, 5, tmp_path)
    refused = sum(random.Random(f"5/{i}.50").random() < REFUSED for i in range(1_200))
    assert refused > 0
    assert (found.answered, found.failed, found.wrong) == (1_200 - refused, refused, 0)
    assert found.told["asked"] > 1_200
    assert found.silent > 0
