"""Several adapters on one base answer as each alone, and are told apart by name."""

from __future__ import annotations

import pytest
import torch

from pytest_slm_autopsy import INVOICE, ModelSpec, draw_suite, load_model
from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.models.loading import resolve_device
from pytest_slm_autopsy.models.several import load_adapters
from reference_experiment.config import HERE

SPEC = ModelSpec(str(HERE / "base"), device="cpu", max_new_tokens=120)
PATHS = {name: str(HERE / "adapters" / name) for name in ("narrow", "hardened")}


def test_each_answers_as_it_does_alone():
    schema = INVOICE.select(invoice_number="id", vendor="seller", total="sum")
    cases = draw_suite(schema, 2, 1, {"canonical": {}})["canonical"]
    models = load_adapters(SPEC, PATHS)
    together = [[a.text for a in models[name].answer(cases)] for name in ("narrow", "hardened") * 2]
    alone = [
        [a.text for a in load_model(ModelSpec(SPEC.base, path, device="cpu", max_new_tokens=120))
         .answer(cases)]
        for path in PATHS.values()
    ]  # fmt: skip
    assert together == alone * 2
    assert alone[0] != alone[1]
    assert [model.name for model in models.values()] == list(PATHS)
    asked = [check.name for check in models["narrow"].checks][-3:]
    assert asked == ["unpacking_agrees", "adapter_acts", "decoding_agrees"]


@pytest.mark.parametrize(
    ("adapters", "sentence"),
    [([("a", "x"), ("a", "y")], "two adapters are called 'a'"), ({}, "no adapters are named")],
)
def test_what_cannot_be_meant_is_a_sentence(adapters, sentence):
    with pytest.raises(ConfigError, match=sentence):
        load_adapters(SPEC, adapters)


def test_workers_spread_over_the_gpus(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    devices = []
    for worker in ("gw0", "gw1", "gw2"):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
        devices.append(resolve_device("auto"))
    assert devices == ["cuda:0", "cuda:1", "cuda:0"]
    assert resolve_device("cuda:1") == "cuda:1"
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert resolve_device("cuda") == "cuda:1"
