"""The checks of a model before it is asked: their names, outcomes and conclusions."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from pytest_slm_autopsy.errors import ConfigError, ModelError, nearest, visible

Outcome = Literal["passed", "failed", "warned", "allowed", "skipped"]

CHECKS: Final[Mapping[str, str]] = {
    "adapter_files": "the adapter's folder holds a LoRA adapter for a causal model",
    "safetensors": "the adapter's weights are no pickle, which can run code when it is read",
    "base_files": "the base's config, tokenizer and weights can be had and read",
    "manifest": "the training manifest, where there is one, can be read",
    "target_modules": "every target module of the adapter's config is in the base",
    "tensor_shapes": "each tensor fits the module it is for",
    "tensor_names": "the adapter has each tensor that its config asks for, and no other",
    "weights_finite": "no weight of the adapter, or of a module it is for, is NaN or infinite",
    "adapter_norm": "the adapter's change is not zero, nor negligible beside the base",
    "adapter_config": "the adapter's settings are those that the training manifest names",
    "adapter_weights": "the adapter's weights are those that the training manifest names",
    "base_weights": "the base's weights are those that the training manifest names",
    "base_name": "the base is the one that the adapter's config names",
    "vocabulary": "every token of the tokenizer has its place in the base",
    "special_tokens": "decoding stops where the chat template ends an answer",
    "tokenizer": "the tokenizer is the one of the training manifest",
    "chat_template": "there is a chat template, and it is the one of the training manifest",
    "prompts": "the manifest's cases become the very prompts that they were in training",
    "quantization": "the base is quantised as it was in training",
    "size_named": "no name says another size than the base has",
    "served_prompt": "a server reads as many tokens of a prompt as it has",
    "served_model": "a server answers as the model that it was asked for",
    "served_context": "a server's context holds the longest answer that is allowed",
    "adapter_acts": "the model answers otherwise with the adapter than without it",
    "unpacking_agrees": "unpacked from 4 bit, the base gives the same probabilities",
    "merge_agrees": "merged into the base, the adapter gives the same probabilities",
    "decoding_agrees": "read in pieces, a prompt gives the same probabilities as at once",
    "answers_differ": "different documents get different answers",
    "answers_parse": "an answer holds fields",
    "answers_end": "an answer ends before the length limit",
    "input_matters": "a document and an empty page get different answers",
}
"""Name of each check, and what holds where it passes."""
NO_MANIFEST: Final = "there is no record of it from training (prompt_manifest.json)"
WARNINGS: Final = frozenset(
    {
        *("quantization", "size_named", "served_model", "served_context"),
        *("unpacking_agrees", "merge_agrees", "decoding_agrees"),
    }
)
NEEDED: Final = frozenset({"adapter_files", "base_files"})
"""Checks that cannot be allowed to fail, since loading rests on them."""


class CheckWarning(UserWarning):
    """Warning about a check that fails without stopping the run."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, outcome and evidence."""

    name: str
    outcome: Outcome
    evidence: str


def passed(name: str, evidence: str) -> Check:
    """Return a check that holds."""
    return Check(name, "passed", evidence)


def missed(name: str, evidence: str) -> Check:
    """Return a check that does not hold: a warning or a failure, by its name."""
    return Check(name, "warned" if name in WARNINGS else "failed", evidence)


def doubted(name: str, evidence: str) -> Check:
    """Return a check that holds here, and may not hold elsewhere."""
    return Check(name, "warned", evidence)


def skipped(name: str, reason: str) -> Check:
    """Return a check that could not be made."""
    return Check(name, "skipped", reason)


def same(name: str, then: str, now: str, remedy: str) -> Check:
    """Return the check that a hash is that of training."""
    if then == now:
        return passed(name, f"{now[:12]}, as in training")
    return missed(name, f"{then[:12]} in training, {now[:12]} now; {remedy}")


def allowing(checks: Iterable[Check], allow: Collection[str]) -> list[Check]:
    """Return the checks, with failures of the names in ``allow`` marked as allowed.

    Raises:
        ConfigError: an unknown name, or a check that loading rests on.
    """
    if unknown := next((name for name in allow if name not in CHECKS), None):
        raise ConfigError(f"there is no check {unknown!r} to allow; {nearest(unknown, CHECKS)}")
    if needed := next((name for name in allow if name in NEEDED), None):
        raise ConfigError(f"{needed} cannot be allowed to fail: nothing can be loaded without it")
    return [
        replace(check, outcome="allowed")
        if check.outcome == "failed" and check.name in allow
        else check
        for check in checks
    ]


def conclude(checks: Iterable[Check], what: str) -> None:
    """Raise for a failure, and warn of each check that was warned or allowed.

    Raises:
        ModelError: a check failed; the text gives the first one's evidence and the others' names.
    """
    checks = list(checks)
    for check in checks:
        if check.outcome in ("warned", "allowed"):
            warnings.warn(
                visible(f"{what}, check {check.name} {check.outcome}: {check.evidence}"),
                CheckWarning,
                stacklevel=2,
            )
    failed = [check for check in checks if check.outcome == "failed"]
    if failed:
        first, others = failed[0], ", ".join(check.name for check in failed[1:])
        more = f"; it also fails: {others}" if others else ""
        way = "" if first.name in NEEDED else f" (to use it all the same, allow {first.name})"
        raise ModelError(f"{what} fails the check {first.name}: {first.evidence}{more}{way}")
