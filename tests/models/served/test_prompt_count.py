"""A server that reads another prompt than that of training fails closed."""

from __future__ import annotations

import json
import shutil

import pytest

from pytest_slm_autopsy import Case, ModelSpec, PromptFormat, ServedModel, predict
from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models import ServedSpec, load_tokenizer, render
from tests.models import plants
from tests.models.served.stub_server import Reply, Stub, characters, completion

CASES = [Case(str(n), f"Total: {n}.00 EUR", {"total": f"{n}.00"}) for n in range(6)]
BEGINNING = "<|endoftext|>"


@pytest.fixture
def folder(committed, tmp_path):
    """A tokenizer whose template begins with the beginning-of-text token."""
    made = tmp_path / "served"
    shutil.copytree(committed["narrow"].base, made)
    template = made / "chat_template.jinja"
    template.write_text("{{ bos_token }}" + template.read_text())
    plants.edit_json(made / "tokenizer_config.json", bos_token=BEGINNING)
    return made


class Counting:
    """A server that tells how many tokens it read, and answers wrongly what begins twice."""

    def __init__(self, folder, *, adds=False, template=None, tells=True, off=0):
        self.tokenizer = load_tokenizer(ModelSpec(str(folder)))
        if template is not None:
            self.tokenizer.chat_template = template
        self.adds, self.tells, self.off = adds, tells, off
        self.prompts = []

    def __call__(self, body):
        chat = "messages" in body
        arguments = body.get("chat_template_kwargs", {})
        prompt = render(self.tokenizer, body["messages"], arguments) if chat else body["prompt"]
        prompt = BEGINNING + prompt if self.adds else prompt
        self.prompts.append(prompt)
        total = prompt.rpartition("Total: ")[2].split()[0]
        said = {"total": "0" if prompt.startswith(BEGINNING * 2) else total}
        reply = completion(characters(json.dumps(said)), chat=chat)
        read = len(self.tokenizer(prompt, add_special_tokens=False)["input_ids"]) + self.off
        return Reply(reply | ({"usage": {"prompt_tokens": read}} if self.tells else {}))


@pytest.fixture
def served():
    """A model at such a server."""
    stubs = []

    def served(folder, server, endpoint="chat", tokenizer=True, **chosen):
        stubs.append(Stub(server))
        spec = ServedSpec(endpoint)
        name = str(folder) if tokenizer else None
        return ServedModel(stubs[-1].url, "tiny", spec=spec, tokenizer=name, **chosen)

    yield served
    for stub in stubs:
        stub.close()


def outcome(model):
    [check] = model.checks
    assert check.name == "served_prompt"
    return check.outcome


@pytest.mark.parametrize("endpoint", ["chat", "completion"])
def test_a_server_that_reads_the_same_prompt(folder, served, endpoint):
    model = served(folder, Counting(folder), endpoint)
    assert outcome(model) == "skipped"
    assert all(one.correct for one in predict(model, CASES))
    assert outcome(model) == "passed"
    assert model.checks[0].evidence.startswith("6 prompts of as many tokens")


def test_a_first_token_that_the_server_doubles_is_left_out(folder, served):
    server = Counting(folder, adds=True)
    model = served(folder, server, "completion")
    assert all(one.correct for one in predict(model, CASES))
    assert outcome(model) == "passed"
    assert "sent without '<|endoftext|>', which the server adds" in model.checks[0].evidence
    assert [prompt.startswith(BEGINNING * 2) for prompt in server.prompts] == [True] + [False] * 6


OTHER = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
OPENING = "<|im_start|>assistant\n"


@pytest.mark.parametrize(
    ("endpoint", "chosen", "words"),
    [
        ("chat", {"adds": True}, "its chat template, system prompt or thinking block is another"),
        ("chat", {"template": OTHER + OPENING}, "its chat template"),
        ("chat", {"template": BEGINNING + OTHER + OPENING + "<think>\n\n</think>\n"}, "thinking"),
        ("chat", {"template": BEGINNING + OTHER}, "its chat template"),
        ("completion", {"off": -7}, "it cuts the prompt, or its tokenizer is another"),
        ("completion", {"off": 30}, "its tokenizer is another"),
    ],
)
def test_another_prompt_is_refused_with_both_numbers(folder, served, endpoint, chosen, words):
    model = served(folder, Counting(folder, **chosen), endpoint)
    with pytest.raises(
        ModelError, match="fails the check served_prompt: the server read"
    ) as caught:
        predict(model, CASES)
    assert words in str(caught.value)
    assert "allow served_prompt" in str(caught.value)
    assert outcome(model) == "failed"


def test_a_token_before_a_prompt_that_has_none_is_named(committed, served):
    base = committed["narrow"].base
    with pytest.raises(ModelError, match="it puts a token before the prompt"):
        predict(served(base, Counting(base, off=1), "completion"), CASES)


def test_it_can_be_allowed(folder, served):
    model = served(folder, Counting(folder, adds=True), allow=("served_prompt",))
    assert not any(one.correct for one in predict(model, CASES))
    assert outcome(model) == "allowed"


def test_a_prompt_that_is_cut_later_on_has_a_problem(folder, served):
    whole, cut = Counting(folder), Counting(folder, off=-9)
    said = predict(
        served(folder, lambda body: (cut if "5.00" in str(body) else whole)(body)), CASES
    )
    assert [one.correct for one in said] == [True] * 5 + [False]
    assert "the server read" in said[-1].problem


@pytest.mark.parametrize(
    ("chosen", "tokenizer", "why"),
    [
        ({"tells": False}, True, "the server tells no usage.prompt_tokens"),
        ({"adds": True}, False, "no tokenizer is at hand"),
    ],
)
def test_what_cannot_be_compared_is_skipped_by_name(folder, served, chosen, tokenizer, why):
    model = served(folder, Counting(folder, **chosen), tokenizer=tokenizer)
    predict(model, CASES)
    assert outcome(model) == "skipped"
    assert why in model.checks[0].evidence


@pytest.mark.parametrize("told", [0, -1, None, "114", True, [7]])
def test_a_count_that_is_none_is_not_believed(folder, served, told):
    def odd(body):
        reply = Counting.__call__(server, body)
        reply.body["usage"] = {"prompt_tokens": told}
        return reply

    server = Counting(folder)
    model = served(folder, odd)
    assert all(one.correct for one in predict(model, CASES))
    assert outcome(model) == "skipped"


def test_arguments_of_the_template_are_sent_and_counted(folder, served):
    template = (
        BEGINNING + OTHER + OPENING + "{% if not enable_thinking %}<think></think>{% endif %}"
    )
    (folder / "chat_template.jinja").write_text(template)
    prompt = PromptFormat(template_arguments={"enable_thinking": True})
    server = Counting(folder)
    model = served(folder, server, prompt=prompt)
    assert all(one.correct for one in predict(model, CASES))
    assert not any("<think>" in each for each in server.prompts)
    deaf = Counting(folder)
    model = served(folder, lambda body: deaf({**body, "chat_template_kwargs": {}}), prompt=prompt)
    with pytest.raises(ModelError, match="thinking block is another"):
        predict(model, CASES)
