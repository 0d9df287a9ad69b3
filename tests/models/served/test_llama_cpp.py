"""llama.cpp's server, which puts a second beginning-of-text token before a prompt.

It is not a dependency: a ``llama-server`` on the path is used, and a GGUF file with a chat template
that ``SLM_TEST_GGUF`` names.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pytest_slm_autopsy import Case, ServedModel, predict
from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models import ServedSpec
from tests.models.served.real_server import serving

SERVER, MODEL = shutil.which("llama-server"), os.environ.get("SLM_TEST_GGUF", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SERVER is None, reason="there is no llama-server on the path"),
    pytest.mark.skipif(not Path(MODEL).is_file(), reason="SLM_TEST_GGUF names no GGUF file"),
]
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}<start_of_turn>"
    "{{ 'model' if m['role'] == 'assistant' else 'user' }}\n{{ m['content'] }}<end_of_turn>\n"
    "{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
CASES = [Case(str(n), f"Total: {n}.00 EUR", {"total": f"{n}.00"}) for n in range(4)]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    """The tokenizer of the file, with the template of its family."""
    transformers = pytest.importorskip("transformers")
    pytest.importorskip("gguf")
    folder = tmp_path_factory.mktemp("tokenizer")
    path = Path(MODEL)
    made = transformers.AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    made.chat_template = TEMPLATE
    made.save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "server.log"
    template = log.with_name("template.jinja")
    template.write_text(TEMPLATE)
    chosen = ["--ctx-size", "2048", "--threads", "2", "--jinja"]
    chosen += ["--chat-template-file", str(template)]
    with serving([str(SERVER), "-m", MODEL, *chosen], log) as address:
        yield address


def test_a_doubled_first_token_is_seen_and_left_out(url, tokenizer):
    spec = ServedSpec("completion", max_new_tokens=8)
    model = ServedModel(url, "gguf", spec=spec, tokenizer=tokenizer)
    said = predict(model, CASES)
    [check] = model.checks
    assert check.outcome == "passed", check.evidence
    assert "which the server adds" in check.evidence
    assert all(one.logprobs for one in said)


def test_the_chat_s_template_is_counted(url, tokenizer, tmp_path):
    spec = ServedSpec(max_new_tokens=8)
    model = ServedModel(url, "gguf", spec=spec, tokenizer=tokenizer)
    predict(model, CASES[:1])
    [check] = model.checks
    assert check.outcome == "passed", check.evidence
    other = shutil.copytree(tokenizer, tmp_path / "other")
    (other / "chat_template.jinja").write_text(TEMPLATE.replace("user", "user, briefly"))
    with pytest.raises(ModelError, match="check served_prompt: the server read"):
        predict(ServedModel(url, "gguf", spec=spec, tokenizer=str(other)), CASES[:1])
