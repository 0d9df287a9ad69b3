"""Prompts as training saw them against prompts as they are now: where they first part, and why."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from pytest_slm_autopsy.errors import ConfigError, ModelError
from pytest_slm_autopsy.models.prompts import PromptFormat, read_manifest
from pytest_slm_autopsy.records import Case

CONTEXT: Final = 24


class Prompted(Protocol):
    """Anything that turns cases into prompts as it does before it answers."""

    def prompts(self, cases: Sequence[Case]) -> list[tuple[str, list[int]]]:
        """Text and token ids of each prompt."""
        ...


def assert_prompts_match(
    manifest: str | Path | Mapping[str, Any], model: Prompted | Callable[[Case], str]
) -> None:
    """That the inference path makes the very prompts of training.

    Args:
        manifest: the ``prompt_manifest.json`` that training left, or its content.
        model: a loaded model, or the function that your serving code renders a case with.

    Raises:
        ModelError: they part; the text says where, and what that looks like.

    Example::

        def test_we_serve_what_we_trained(slm):
            assert_prompts_match("adapters/invoices/prompt_manifest.json", slm)
    """
    golden = manifest if isinstance(manifest, Mapping) else read_manifest(Path(manifest))
    if not golden.get("prompts"):
        raise ConfigError("the prompt manifest holds no prompts, so nothing can be compared")
    for entry in golden["prompts"]:
        case = Case.from_dict(entry["case"])
        if callable(model):
            text, ids = model(case), None
        else:
            text, ids = model.prompts([case])[0]
        if found := difference(golden, entry, text, ids):
            raise ModelError(found)


def difference(
    golden: Mapping[str, Any], entry: Mapping[str, Any], text: str, ids: Sequence[int] | None
) -> str:
    """Where the prompt of one case first parts from training's; empty when it does not."""
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
        doubled = len(ids) > 1 and ids[0] == ids[1] != entry["ids"][1]
        why = "the first token stands twice" if doubled else "the tokenizer is another"
        return (
            f"{where} has the same text as in training, and other tokens: {why}; from token {at} "
            f"training had {before}, now {after}"
        )
    return ""


def _looks(golden: Mapping[str, Any], entry: Mapping[str, Any], text: str) -> str:
    """What the difference looks like, by the signs of the common mistakes."""
    then: str = entry["text"]
    case = Case.from_dict(entry["case"])
    words = PromptFormat(**golden["prompt"]) if "prompt" in golden else PromptFormat()
    system, user = (message["content"] for message in words.messages(case))
    opening = then[: max(0, then.find(system))]
    if then.rstrip() == text.rstrip():
        return "white space at its end differs"
    if opening and text.count(opening) > then.count(opening):
        start = text.removeprefix(opening)
        return (
            "it begins twice" if start.startswith(opening) else "the chat template is applied twice"
        )
    if opening and opening not in text:
        return "the chat template is not applied"
    if text and then.startswith(text):
        return "the opening of the answer is missing (add_generation_prompt=True)"
    if system not in text and user in text:
        return "the system prompt is another"
    return "the chat template or the words around the document are others"


def _parting(then: Sequence[Any], now: Sequence[Any]) -> int:
    """The first place at which two sequences differ, or where the shorter one ends."""
    pairs = enumerate(zip(then, now, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(then), len(now)))


def _around(then: str, now: str) -> tuple[str, str]:
    """Both texts around the first difference, quoted."""
    at = _parting(then, now)
    start = max(0, at - CONTEXT)
    cut = [json.dumps(text[start : at + CONTEXT], ensure_ascii=False) for text in (then, now)]
    return cut[0], cut[1]


def assert_pipelines_match(
    training: Mapping[str, Callable[[Any], Any]],
    inference: Mapping[str, Callable[[Any], Any]],
    inputs: Sequence[Any],
) -> None:
    """That two pipelines of named stages, training's and inference's, give the same at each stage.

    Each stage is given what the stage before it gave, on its own side.

    Raises:
        ModelError: the first stage at which an input parts, with both values.
        ConfigError: other stages on either side, or no inputs.

    Example::

        def test_we_clean_documents_as_in_training():
            assert_pipelines_match(
                {"clean": train.clean, "prompt": train.prompt},
                {"clean": serve.clean, "prompt": serve.prompt},
                golden_documents,
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
        then = now = given
        for stage in training:
            then, now = training[stage](then), inference[stage](now)
            if then != now:
                shown = _around(then, now) if isinstance(then, str) and isinstance(now, str) else (
                    f"{then!r:.80}", f"{now!r:.80}"
                )  # fmt: skip
                raise ModelError(
                    f"the pipelines part at stage {stage!r}, input {number}: training gives "
                    f"{shown[0]}, inference {shown[1]}"
                )
