"""Prompts as training made them: what is filled in, what the template takes, and whose it is."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_slm_autopsy import Case, ModelSpec, PromptFormat, assert_prompts_match, load_model
from pytest_slm_autopsy.errors import ConfigError, ModelError
from pytest_slm_autopsy.models import load_tokenizer, manifest, render
from pytest_slm_autopsy.models.golden import template_digest, tokenizer_digest
from pytest_slm_autopsy.models.prompts import prompted_as_of
from pytest_slm_autopsy.records import DOCUMENT
from tests.models import plants
from tests.models.plants import copied

CASE = Case("1", "Total {text} and {fields}: 9", {"total": "9"})
OTHER_WORDS = "Only the JSON."


@pytest.fixture
def place(committed, tmp_path):
    return copied(committed["narrow"].base, committed["narrow"].adapter, tmp_path)


def spec(place, **chosen):
    return ModelSpec(str(place.base), str(place.adapter), device="cpu", **chosen)


# What is filled in.


@pytest.mark.parametrize(
    ("user", "asked"),
    [
        ('Answer as {"total": "1.00"}. {text}', f'Answer as {{"total": "1.00"}}. {CASE.text}'),
        ("{fields}: {text}", f'["total"]: {CASE.text}'),
        ("{text}{text}", CASE.text * 2),
        ("{} {0} {name} {{x}} {text}", f"{{}} {{0}} {{name}} {{{{x}}}} {CASE.text}"),
        ("} { {text}", f"}} {{ {CASE.text}"),
    ],
)
def test_only_fields_and_text_are_filled_in(user, asked):
    assert PromptFormat(user=user).messages(CASE)[-1]["content"] == asked


def test_half_a_surrogate_pair_is_replaced_where_a_model_is_asked():
    broken = replace(CASE, text="a\ud800b \U0001f600", truth={"to\udc00tal": "9"})
    told = PromptFormat().messages(broken)[-1]["content"]
    assert told == 'Fields: ["to\ufffdtal"]\n\na\ufffdb \U0001f600'
    own = replace(broken, turns=(("system", "\ud800"), ("user", f"Read {DOCUMENT}")))
    contents = [turn["content"] for turn in PromptFormat().messages(own)]
    assert contents == ["\ufffd", "Read a\ufffdb \U0001f600"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"user": "Read this."}, "all documents would get one prompt"),
        ({"user": ""}, "without {text}"),
        ({"user": "{document}"}, "without {text}"),
        ({"user": None}, "user is None; it must be a text"),
        ({"system": 5}, "system is 5; it must be a text"),
        ({"template_arguments": ["enable_thinking"]}, "must map names to values"),
        ({"template_arguments": {"day": object()}}, "cannot be kept in the manifest"),
        ({"template_arguments": {"tokenize": True}}, "tokenize, which is no argument of a templ"),
    ],
)
def test_settings_that_cannot_work_are_refused_when_they_are_made(wrong, words):
    with pytest.raises(ConfigError) as caught:
        PromptFormat(**wrong)
    assert words in str(caught.value)


@pytest.mark.parametrize("prompt", [{"user": "Read this."}, {"user": 7}, {"answer": {"form": "x"}}])
def test_a_manifest_of_such_settings_is_unsound(committed, prompt):
    golden = json.loads((committed["narrow"].adapter / plants.MANIFEST).read_text())
    with pytest.raises(ModelError, match="no sound prompt manifest"):
        assert_prompts_match({**golden, "prompt": prompt}, lambda case: "")


# What the template takes.

SWITCH = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n"
    "{% endif %}{% endif %}"
)
NOT_THINKING = PromptFormat(template_arguments={"enable_thinking": False})


def recorded(place, prompt=None, **facts):
    """Training's record, made anew beside the adapter."""
    tokenizer = load_tokenizer(ModelSpec(str(place.base)))
    golden = manifest(tokenizer, prompt or PromptFormat(), [CASE], facts)
    (place.adapter / plants.MANIFEST).write_text(json.dumps(golden))
    return golden


def test_arguments_reach_the_template_the_manifest_and_the_key(place):
    (place.base / "chat_template.jinja").write_text(SWITCH)
    golden = recorded(place, NOT_THINKING)
    assert golden["prompts"][0]["text"].endswith("<think>\n\n</think>\n\n")
    assert golden["prompt"]["template_arguments"] == {"enable_thinking": False}
    assert place.faults(prompt=NOT_THINKING) == {}
    assert spec(place, prompt=NOT_THINKING).key != spec(place).key
    assert load_model(spec(place, prompt=NOT_THINKING)).prompts([CASE])[0][0].endswith("k>\n\n")


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        (NOT_THINKING, PromptFormat(), "training's thinking block is missing"),
        (PromptFormat(), NOT_THINKING, "a thinking block stands in it"),
    ],
)
def test_a_thinking_block_that_differs_is_named(place, then, now, words):
    (place.base / "chat_template.jinja").write_text(SWITCH)
    recorded(place, then)
    found = place.faults(prompt=now)
    assert set(found) == {"prompts"}
    assert words in found["prompts"]
    assert "enable_thinking" in found["prompts"]


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("<thinking></thinking>\n", "a thinking block stands in it"),
        ("<think>", "a thinking block stands in it"),
        ("Sure: ", "'Sure:' stands after it"),
    ],
)
def test_what_stands_after_a_prompt_is_not_a_template_applied_twice(place, block, words):
    golden = recorded(place)
    with pytest.raises(ModelError) as caught:
        assert_prompts_match(golden, lambda case: golden["prompts"][0]["text"] + block)
    assert words in str(caught.value)


# The day.

DATED = (
    "{% if not day is defined %}{% set day = strftime_now('%d %b %Y') %}{% endif %}"
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\nToday is %TODAY%.\n{% endif %}"
)


FORMS = ("%d %b %Y", "%Y-%m-%d", "%A", "%d %B %Y, %H:%M", "%d", "%m")


@pytest.mark.parametrize(
    "today",
    [
        "{{ day }}",
        "{{ strftime_now('%Y-%m-%d') }}",
        "{{ strftime_now('%A') }}, {{ strftime_now('%d %B %Y, %H:%M') }}",
        "{{ strftime_now('%d') }}/{{ strftime_now('%m') }}",
    ],
)
@pytest.mark.parametrize("days", [1, 40, 4000])
def test_a_template_that_writes_the_day_is_not_refused_tomorrow(place, today, days):
    from datetime import datetime, timedelta

    (place.base / "chat_template.jinja").write_text(DATED.replace("%TODAY%", today))
    tokenizer = load_tokenizer(ModelSpec(str(place.base)))
    past = datetime.now() - timedelta(days=days)
    text = render(
        tokenizer,
        PromptFormat().messages(CASE),
        clock={form: past.strftime(form) for form in FORMS},
    )
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    golden = recorded(place)
    golden["prompts"][0] |= {"text": text, "ids": ids}
    (place.adapter / plants.MANIFEST).write_text(json.dumps(golden))
    assert place.faults() == {}
    assert prompted_as_of(tokenizer, PromptFormat(), CASE, text) == (text, ids)
    model = load_model(spec(place, quantization="none"), allow=("base_weights",))
    assert_prompts_match(golden, model)
    golden["prompts"][0]["text"] = text.replace("Total", "Sum")
    with pytest.raises(ModelError, match="not that of training"):
        assert_prompts_match(golden, model)


def test_a_day_can_be_pinned(place):
    (place.base / "chat_template.jinja").write_text(DATED.replace("%TODAY%", "{{ day }}"))
    tokenizer = load_tokenizer(ModelSpec(str(place.base)))
    pinned = PromptFormat(template_arguments={"day": "26 Jul 2024"})
    asked = render(tokenizer, pinned.messages(CASE), pinned.template_arguments)
    assert "Today is 26 Jul 2024." in asked


# Legal forms of tokenizers.

PLAIN = (Path(__file__).parents[2] / "reference_experiment/base/chat_template.jinja").read_text()


CONTENT = "{{ message['content'] }}"


def test_of_several_templates_the_default_counts(place):
    (place.base / "chat_template.jinja").unlink()
    several = [{"name": "default", "template": PLAIN}, {"name": "tool_use", "template": "x"}]
    plants.edit_json(place.base / "tokenizer_config.json", chat_template=several)
    tokenizer = load_tokenizer(ModelSpec(str(place.base)))
    assert isinstance(tokenizer.chat_template, dict)
    recorded(place)
    assert place.faults() == {}
    alone = replace_template(tokenizer, PLAIN)
    assert template_digest(tokenizer) == template_digest(alone)
    assert load_model(spec(place)).prompts([CASE])


def test_several_templates_without_a_default_are_a_sentence(place):
    (place.base / "chat_template.jinja").unlink()
    several = [{"name": "rag", "template": PLAIN}, {"name": "tool_use", "template": "x"}]
    plants.edit_json(place.base / "tokenizer_config.json", chat_template=several)
    faults = place.faults()
    assert "chat_template" in faults
    assert "cannot be applied" in faults["chat_template"]


def replace_template(tokenizer, template):
    other = load_tokenizer(ModelSpec(tokenizer.name_or_path))
    other.chat_template = template
    return other


@pytest.mark.parametrize(
    "call",
    [
        lambda t: t(["a", "a b c"], padding=True),
        lambda t: t("a b c", truncation=True, max_length=2),
        lambda t: t(["a", "a b"], padding="max_length", max_length=8, truncation=True),
        lambda t: t.backend_tokenizer.enable_padding(direction="left", length=4),
    ],
)
def test_a_call_with_padding_or_truncation_leaves_the_tokenizer_as_it_is(committed, call):
    tokenizer = load_tokenizer(ModelSpec(str(committed["narrow"].base)))
    before = tokenizer_digest(tokenizer)
    call(tokenizer)
    assert tokenizer_digest(tokenizer) == before
    golden = json.loads((committed["narrow"].adapter / plants.MANIFEST).read_text())
    assert before == golden["tokenizer"]


@pytest.mark.parametrize(
    "template",
    [
        PLAIN.replace(
            "{{ message['content'] }}",
            "{% generation %}{{ message['content'] }}{% endgeneration %}",
        ),
        "{# as in training #}" + PLAIN,
        PLAIN.replace("{% for", "{%- for").replace("message['role']", "message.role"),
        PLAIN + "{% if tools %}{{ tools }}{% endif %}",
    ],
)
def test_another_template_that_makes_the_same_prompts_is_sound(place, template):
    (place.base / "chat_template.jinja").write_text(template)
    assert place.faults() == {}
    check = place.checks()["chat_template"]
    assert "not training's to the letter, and the 3 prompts of training are" in check.evidence


# Evidence beside the adapter.


def own(place, *, words=OTHER_WORDS):
    """The adapter's folder holds the tokenizer and the template, as trl saves them."""
    for path in place.base.glob("tokenizer*"):
        shutil.copy(path, place.adapter)
    template = PLAIN.replace("<|im_start|>assistant", f"{words}<|im_start|>assistant")
    (place.adapter / "chat_template.jinja").write_text(template)


@pytest.mark.parametrize("base_has", ["all", "no template", "no tokenizer"])
def test_the_tokenizer_beside_the_adapter_is_used(place, base_has):
    own(place)
    (place.adapter / plants.MANIFEST).unlink()
    if base_has != "all":
        (place.base / "chat_template.jinja").unlink()
    if base_has == "no tokenizer":
        for path in place.base.glob("tokenizer*"):
            path.unlink()
    found = place.checks()
    assert place.faults() == {}
    assert found["tokenizer"].evidence == "the one beside the adapter"
    assert "beside the adapter" in found["chat_template"].evidence
    assert OTHER_WORDS in load_model(spec(place)).prompts([CASE])[0][0]


def test_a_template_alone_beside_the_adapter_is_used(place):
    own(place)
    for path in place.adapter.glob("tokenizer*"):
        path.unlink()
    assert OTHER_WORDS in render(load_tokenizer(spec(place)), PromptFormat().messages(CASE))


def test_a_tokenizer_without_a_template_beside_the_adapter_takes_the_base_s(place):
    own(place)
    (place.adapter / "chat_template.jinja").unlink()
    assert load_tokenizer(spec(place)).chat_template == PLAIN


def test_the_base_alone_keeps_its_own(place):
    own(place)
    alone = load_tokenizer(replace(spec(place), adapter=None))
    assert alone.chat_template == PLAIN


def test_a_tokenizer_of_another_model_beside_the_adapter_is_seen(place):
    own(place)
    path = place.adapter / "tokenizer.json"
    data = json.loads(path.read_text())
    vocabulary = data["model"]["vocab"]
    first, second = list(vocabulary)[40:42]
    vocabulary[first], vocabulary[second] = vocabulary[second], vocabulary[first]
    path.write_text(json.dumps(data))
    assert "the one beside the adapter: " in place.faults()["tokenizer"]


# An edited config.


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lora_alpha": 64}, "lora_alpha was 32 in training and is 64 now"),
        ({"use_rslora": True}, "use_rslora was None in training and is True now"),
        ({"alpha_pattern": {"q_proj": 8}}, "alpha_pattern was None"),
        ({"fan_in_fan_out": True}, "fan_in_fan_out"),
        (
            {"lora_alpha": 16, "use_rslora": True},
            "lora_alpha was 32 in training and is 16 now (and",
        ),
    ],
)
def test_an_edited_config_is_seen(place, change, words):
    plants.edit_json(place.adapter / plants.CONFIG, **change)
    assert words in place.faults()["adapter_config"]


@pytest.mark.parametrize(
    "change",
    [
        {"inference_mode": False},
        {"base_model_name_or_path": "elsewhere/reference_experiment/base"},
        {"peft_version": "0.1", "lora_dropout": 0.1},
        {"a_setting_of_tomorrow": None, "another": False},
    ],
)
def test_what_decides_no_answer_may_differ(place, change):
    plants.edit_json(place.adapter / plants.CONFIG, **change)
    assert "adapter_config" not in place.faults()
