"""A server of somebody else's: ``transformers serve``, in a process of its own."""

from __future__ import annotations

import shutil
import sys

import pytest

from pytest_slm_autopsy import (
    INVOICE,
    ModelSpec,
    ServedModel,
    assert_calibrated,
    draw_suite,
    load_model,
    predict,
)
from pytest_slm_autopsy.errors import ModelError, NoDataError
from pytest_slm_autopsy.models import ServedSpec, only_model
from tests.models.served.real_server import serving

pytest.importorskip("uvicorn")
# Importing all that the server needs takes it some ten seconds.
pytestmark = pytest.mark.slow
COMMAND = "import sys; from transformers.cli.transformers import main; sys.exit(main())"
SHORT = 60


@pytest.fixture(scope="module")
def local(committed):
    place = committed["narrow"]
    spec = ModelSpec(str(place.base), str(place.adapter), device="cpu", max_new_tokens=SHORT)
    return load_model(spec)


@pytest.fixture(scope="module")
def tiny(local, tmp_path_factory):
    """The merged model as a folder, with tokenizer and chat template."""
    folder = tmp_path_factory.mktemp("served") / "tiny"
    local.model.save_pretrained(folder)
    local.tokenizer.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def url(tiny, tmp_path_factory):
    command = [sys.executable, "-c", COMMAND, "serve", tiny, "--device=cpu", "--dtype=float32"]
    log = tmp_path_factory.mktemp("log") / "server.log"
    with serving(command, log, HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1") as address:
        yield address


@pytest.fixture(scope="module")
def cases():
    schema = INVOICE.select(invoice_number="id", vendor="seller", total="sum")
    suite = draw_suite(schema, 2, 1, {"canonical": {}, "order": {"order": 1}})
    return [*suite["canonical"], *suite["order"]]


@pytest.mark.parametrize("endpoint", ["chat", "completion"])
def test_its_answers_are_those_of_the_loaded_model(url, tiny, local, cases, endpoint):
    spec = ServedSpec(endpoint, max_new_tokens=SHORT)
    model = ServedModel(url, tiny, spec=spec, tokenizer=tiny)
    far, near = predict(model, cases), predict(local, cases)
    [served_prompt] = model.checks
    assert served_prompt.outcome == "passed", served_prompt.evidence
    assert model.name == "tiny"
    assert [(p.raw, p.finish) for p in far] == [(p.raw, p.finish) for p in near]
    assert len({p.raw for p in far}) == len(cases)


def test_it_gives_no_probabilities_so_calibration_is_not_available(url, tiny, cases):
    predictions = predict(ServedModel(url, tiny, spec=ServedSpec(max_new_tokens=SHORT)), cases)
    with pytest.raises(NoDataError, match=r"\(the server gave no token probabilities\), so its c"):
        assert_calibrated(predictions, at_most=0.5)


def test_a_server_of_another_template_is_refused(url, tiny, cases, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(tiny, other)
    template = other / "chat_template.jinja"
    template.write_text(template.read_text().replace("assistant", "assistant, without thinking"))
    spec = ServedSpec(max_new_tokens=SHORT)
    with pytest.raises(ModelError, match=r"check served_prompt: the server read \d+ tokens"):
        predict(ServedModel(url, tiny, spec=spec, tokenizer=str(other)), cases)


def test_a_name_that_it_does_not_know_is_an_error_in_its_words(url, cases):
    with pytest.raises(ModelError, match=r"answered 400: Server is pinned to .*requested 'nobody'"):
        ServedModel(url, "nobody").answer(cases)


def test_an_address_without_v1_is_an_error_that_says_so(url, tiny, cases):
    with pytest.raises(ModelError, match=r"answered 404: Not Found; .* usually ends in /v1"):
        ServedModel(url.removesuffix("/v1"), tiny).answer(cases)
    with pytest.raises(ModelError, match="answered 404"):
        only_model(url.removesuffix("/v1"))
