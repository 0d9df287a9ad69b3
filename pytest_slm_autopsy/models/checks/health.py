"""Checks that ask the model: does the adapter act, is the model alive?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pytest_slm_autopsy.answers.forms import form_asked
from pytest_slm_autopsy.models.checks.check import Check, missed, passed
from pytest_slm_autopsy.models.interface import ModelUnderTest, ask
from pytest_slm_autopsy.records import Case


def logprobs(model: Any, ids: Sequence[int]) -> Any:
    """Return log-probabilities after each token, float32, of shape (tokens, vocabulary)."""
    import torch  # late: check_health also serves models without torch

    with torch.inference_mode():
        logits = model(torch.tensor([list(ids)], device=model.device)).logits[0]
    return logits.float().log_softmax(-1)


def adapter_acts(model: Any, ids: Sequence[int]) -> Check:
    """Check that switching the adapter off changes the model's log-probabilities."""
    on = logprobs(model, ids)
    with model.disable_adapter():
        off = logprobs(model, ids)
    if not bool(on.isfinite().all()):
        return missed("adapter_acts", "the model's outputs are NaN: a weight is, or it overflows")
    change = float((on - off).abs().max())
    if change == 0:
        return missed(
            "adapter_acts",
            "its outputs are the base's to the last bit: the adapter is not active; load the "
            "adapter that was trained, under the name that is switched on",
        )
    return passed("adapter_acts", f"log-probabilities change by up to {change:.2g}")


def check_health(model: ModelUnderTest, cases: Sequence[Case]) -> list[Check]:
    """Return four checks that a fresh model answers at all, on a few cases and an empty page.

    Right or wrong does not matter here. An untrained base may well fail.
    """
    answers = ask(model, [*cases, replace(cases[0], text="")])
    *asked, empty = [one.problem or one.text for one in answers]
    shown = f"{asked[0]!r:.60}"
    read = [form_asked(model).read(text) for text in asked]
    ends = [one.finish == "stop" for one in answers[:-1]]
    return [
        _holds("answers_differ", len({*asked}) > 1 or len(asked) == 1,
               f"{len({*asked})} different answers to {len(asked)} documents",
               f"all {len(asked)} documents get the answer {shown}"),
        _holds("answers_parse", any(one.fields is not None for one in read),
               f"such as {shown}",
               f"none of {len(asked)} answers can be read, such as {shown}: {read[0].problem}"),
        _holds("answers_end", any(ends), f"{sum(ends)} of {len(ends)} end by themselves",
               f"all {len(ends)} answers run on to the limit, such as {shown}: the model does not "
               "stop where it was taught to; see the check special_tokens"),
        _holds("input_matters", asked[0] != empty, "an empty page gets another answer",
               f"an empty page gets the same answer as a document, {shown}"),
    ]  # fmt: skip


def _holds(name: str, holds: bool, evidence: str, otherwise: str) -> Check:
    return passed(name, evidence) if holds else missed(name, otherwise)
