"""Secrets: no part of a key is told, wherever a server repeats it, and no address keeps its own."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.models import ServedModel, ServedSpec
from pytest_slm_autopsy.models.served.http import BEGINNING
from pytest_slm_autopsy.plugin.output.provenance import discreet
from pytest_slm_autopsy.predictions import predict
from tests.hostile.test_outputs import MODEL
from tests.models.served.stub_server import Reply, Stub, characters, completion

KEY = "sk-Kestrel5-plum-orchard-71"


@pytest.fixture
def stub(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server = Stub(lambda body: Reply(completion(characters('{"total":"9"}'))))
    yield server
    server.close()


@pytest.mark.parametrize("before", range(0, 60, 3))
def test_a_key_that_is_cut_off_shows_no_part(stub, before):
    from pytest_slm_autopsy import Case

    stub.reply = lambda body: Reply({"x" * before: KEY})
    model = ServedModel(stub.url, "tiny", spec=ServedSpec(retries=0))
    with pytest.raises(Exception, match="cannot be asked") as refused:
        predict(model, [Case("a", "b", {"total": "9"})])
    assert KEY[:BEGINNING] not in str(refused.value)
    assert KEY not in repr(model) + repr(vars(model))


@pytest.mark.parametrize(
    "address",
    ["http://u:SECRET@h/v1", "http://u:a@SECRET@h/v1", "http://h/v1?api_key=SECRET",
     "--slm-base=https://h/v1?x=1&sig=SECRET#a", "http://SECRET@h"],
)  # fmt: skip
def test_an_address_is_told_without_its_secret(address):
    assert "SECRET" not in discreet(address)


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_no_output_of_a_run_holds_a_key(stub, pytester, workers):
    fixture = MODEL.index("@pytest.fixture"), MODEL.index("def test_it")
    pytester.makepyfile((MODEL[: fixture[0]] + MODEL[fixture[1] :]).format(name="x"))
    base = stub.url.replace("://", f"://u:{KEY}@") + f"?api_key={KEY}"
    outputs = "a.html,a.json,a.md,a.parquet"
    result = pytester.runpytest_inprocess(
        f"--slm-base={base}", "--slm-n=6", f"--slm-report={outputs}", "--junitxml=junit.xml",
        "--slm-store=kept.sqlite", "--slm-save-baseline=base.json", "--showlocals", "--tb=long",
        "--slm-health=off", "-vv", "-rA", "--log-level=DEBUG", "--log-file=log.txt",
        "--html=plain.html", "--slm-diagnose=why.json", *workers,
    )  # fmt: skip
    assert stub.bodies
    assert KEY not in result.stdout.str() + result.stderr.str()
    written = [path for path in pytester.path.rglob("*") if path.is_file()]
    names = {path.name for path in written}
    made = ("junit.xml", "kept.sqlite", "base.json", "log.txt", "plain.html")
    assert {*outputs.split(","), *made} <= names
    assert [path.name for path in written if KEY.encode() in path.read_bytes()] == []
