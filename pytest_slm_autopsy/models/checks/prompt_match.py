"""Prompts of training against prompts of now: the first difference, and its likely cause."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from pytest_slm_autopsy.errors import ConfigError, ModelError
from pytest_slm_autopsy.models.golden import read_manifest, sound_manifest
from pytest_slm_autopsy.models.prompts import PromptFormat
from pytest_slm_autopsy.records import Case

CONTEXT: Final = 24
_THINKING: Final = re.compile(
    r"<(think|thinking|reasoning)>(?:(?!<\1>).)*?</\1>|</?(?:think|thinking|reasoning)>", re.DOTALL
)
_SWITCH: Final = 'PromptFormat(template_arguments={"enable_thinking": ...}) switches it'


class Prompted(Protocol):
    """The interface of anything that turns cases into the prompts it would answer."""

    def prompts(self, cases: Sequence[Case]) -> list[tuple[str, list[int]]]:
        """Return the text and the token ids of each prompt."""
        ...


@runtime_checkable
class PromptedAsOf(Protocol):
    """The interface of a model that can render a prompt as on the day of another."""

    def prompt_as_of(self, case: Case, then: str) -> tuple[str, list[int]]:
        """Return the prompt of a case on the day on which ``then`` was made."""
        ...


_TELLS_NONE: Final = (
    "a {kind} tells no prompts; behind a server the check served_prompt compares them "
    "(ServedModel(tokenizer=...)), or give the function that renders a case"
)


def assert_prompts_match(
    manifest: str | Path | Mapping[str, Any], model: Prompted | Callable[[Case], str]
) -> None:
    """Assert that the inference path makes the very prompts of training.

    Args:
        manifest: the ``prompt_manifest.json`` that training left, or its content.
        model: a loaded model, or the function that your serving code renders a case with.

    Raises:
        ModelError: a prompt differs; the text says where, and which mistake it looks like.
        ConfigError: the manifest holds no prompts, or the model tells none, as one behind a server.

    Example::

        def test_we_serve_what_we_trained(slm):
            assert_prompts_match("adapters/invoices/prompt_manifest.json", slm)
    """
    if isinstance(manifest, Mapping):
        golden: Mapping[str, Any] = sound_manifest(manifest, "the prompt manifest")
    else:
        golden = read_manifest(Path(manifest))
    if not golden["prompts"]:
        raise ConfigError("the prompt manifest holds no prompts, so nothing can be compared")
    if not (callable(model) or hasattr(model, "prompts")):
        raise ConfigError(_TELLS_NONE.format(kind=type(model).__name__))
    for entry in golden["prompts"]:
        case = Case.from_dict(entry["case"])
        text: str
        ids: Sequence[int] | None
        if callable(model):
            text, ids = model(case), None
        elif isinstance(model, PromptedAsOf):
            text, ids = model.prompt_as_of(case, entry["text"])
        else:
            text, ids = model.prompts([case])[0]
        if found := difference(golden, entry, text, ids):
            raise ModelError(found)


def difference(
    golden: Mapping[str, Any], entry: Mapping[str, Any], text: str, ids: Sequence[int] | None
) -> str:
    """Return a sentence on the first difference of a prompt from training's; empty without one."""
    where = f"the prompt of case {entry['case']['id']!r}"
    if text != entry["text"]:
        then, now = _around(entry["text"], text)
        return (
            f"{where} is not that of training: {_looks(golden, entry, text)}; "
            f"training had {then}, now {now}"
        )
    if ids is not None and list(ids) != entry["ids"]:
        at = _parting(entry["ids"], ids)
        before, after = entry["ids"][at : at + 3], list(ids[at : at + 3])
        return (
            f"{where} has the same text as in training, and other tokens: "
            f"{_tokens_look(entry['ids'], list(ids))}; from token {at} training had {before}, "
            f"now {after}"
        )
    return ""


def _tokens_look(then: list[int], now: list[int]) -> str:
    if now[1:] == then:
        twice = now[:1] == then[:1]
        what = "the first token stands twice" if twice else f"token {now[0]} is added at the start"
        return f"{what} (render with add_special_tokens=False)"
    if now[:-1] == then:
        return f"token {now[-1]} is added at the end (render with add_special_tokens=False)"
    return "the tokenizer is another"


def _looks(golden: Mapping[str, Any], entry: Mapping[str, Any], text: str) -> str:
    """Return the likely cause of a difference, by the signs of the common mistakes."""
    then: str = entry["text"]
    case = Case.from_dict(entry["case"])
    words = PromptFormat(**golden["prompt"]) if "prompt" in golden else PromptFormat()
    contents = [message["content"].strip() for message in words.messages(case)]
    opening = then[: max(0, then.find(contents[0]))].strip()
    before, whole, after = text.partition(then.strip())
    if then.rstrip() == text.rstrip():
        return "white space at its end differs"
    if thought := _thought(then, text):
        return thought
    if whole and before and not after.strip():
        twice = then.startswith(before)
        return f"it begins with {before!r} twice" if twice else f"{before!r} stands before it"
    wrapped = whole and before[:4] == then[:4]
    if wrapped or (opening and text.count(opening) > then.count(opening)):
        return "the chat template is applied twice"
    if whole:
        return (
            f"{before.strip() or after.strip()!r:.60} stands {'before' if before else 'after'} it"
        )
    if opening and opening not in text and not text.startswith(opening[:4]):
        return "the chat template is not applied"
    if text and then.startswith(text):
        return "the opening of the answer is missing (add_generation_prompt=True)"
    if len(contents) > 1 and contents[0] not in text and contents[-1] in text:
        return "the system prompt is another, or missing"
    return "the chat template or the words around the document are others"


def _thought(then: str, text: str) -> str:
    """Return the cause where texts differ in white space, or in a block for thoughts, only."""
    if then.split() == text.split():
        return "white space differs"
    if then.split() == _THINKING.sub("", text).split():
        return f"a thinking block stands in it ({_SWITCH})"
    if _THINKING.sub("", then).split() == text.split():
        return f"training's thinking block is missing ({_SWITCH})"
    return ""


def _parting(then: Sequence[Any], now: Sequence[Any]) -> int:
    """Return the first place at which two sequences differ, or the end of the shorter one."""
    pairs = enumerate(zip(then, now, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(then), len(now)))


def _around(then: str, now: str) -> tuple[str, str]:
    """Return both texts around the first difference, quoted."""
    at = _parting(then, now)
    start = max(0, at - CONTEXT)
    cut = [json.dumps(text[start : at + CONTEXT], ensure_ascii=False) for text in (then, now)]
    return cut[0], cut[1]


def assert_pipelines_match(
    *,
    training: Mapping[str, Callable[[Any], Any]],
    inference: Mapping[str, Callable[[Any], Any]],
    inputs: Sequence[Any],
) -> None:
    """Assert that the stages of training and of inference give the same outputs.

    ``training`` and ``inference`` map the names of their stages, in order, to functions. Each stage
    is given the output of the stage before it, on its own side; the first is given each of
    ``inputs``.

    Raises:
        ModelError: the first stage at which an input differs, with both values.
        ConfigError: the names of the stages differ, or no stages or inputs are given.

    Example::

        def test_we_clean_documents_as_in_training():
            assert_pipelines_match(
                training={"clean": train.clean, "prompt": train.prompt},
                inference={"clean": serve.clean, "prompt": serve.prompt},
                inputs=golden_documents,
            )
    """
    if list(training) != list(inference):
        raise ConfigError(
            f"the stages differ: training has {list(training)}, inference {list(inference)}; "
            "name the same stages in the same order"
        )
    if not training or not inputs:
        raise ConfigError("two pipelines without stages or inputs cannot be compared; give some")
    for number, given in enumerate(inputs):
        # A stage may change its input, so each side works on a copy of its own.
        then, now = deepcopy(given), deepcopy(given)
        for stage in training:
            then, now = training[stage](then), inference[stage](now)
            if parted := _parted(_plain(then), _plain(now)):
                raise ModelError(f"the pipelines part at stage {stage!r}, input {number}: {parted}")


def _parted(then: Any, now: Any) -> str:
    """Return a sentence on the difference of two values; empty without one."""
    if then == now:
        return ""
    if isinstance(then, str) and isinstance(now, str):
        left, right = _around(then, now)
        return f"training gives {left}, inference {right}"
    if isinstance(then, (list, tuple)) and isinstance(now, (list, tuple)) and [*then] != [*now]:
        at = _parting(then, now)
        left, right = (f"{[*row[at : at + 3]]!r:.80}" for row in (then, now))
        return f"from item {at} training gives {left}, inference {right}"
    return f"training gives {then!r:.80}, inference {now!r:.80}"


def _plain(value: Any) -> Any:
    """Return arrays and tensors as lists, inside a mapping too.

    Arrays do not compare to a single truth value; lists do.
    """
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value
