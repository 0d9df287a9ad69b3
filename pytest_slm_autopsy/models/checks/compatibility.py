"""Compatibility of an adapter and a base, judged from their files alone.

The model is not asked. Shapes come from headers and configs where base and adapter are plain, else
from a base without weights, on which peft lays the adapter's own config.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from pytest_slm_autopsy.errors import MissingExtraError, ModelError
from pytest_slm_autopsy.models.checks.check import (
    NO_MANIFEST,
    Check,
    allowing,
    conclude,
    missed,
    passed,
    skipped,
)
from pytest_slm_autopsy.models.interface import ModelSpec

try:
    from pytest_slm_autopsy.models.checks import files, names, prompts, tensors, weights
    from pytest_slm_autopsy.models.checks.pair import Pair
except ImportError as error:
    raise MissingExtraError(error.name or "torch", "hf") from error


def check_files(
    spec: ModelSpec, manifest: str | Path | None = None, *, allow: Collection[str] = ()
) -> list[Check]:
    """Return all checks that need files only; they take seconds, and no forward pass.

    A check is skipped where one that it rests on fails: one cause, one failure.

    Args:
        spec: base and adapter.
        manifest: the prompt manifest of training, if it is not beside the adapter.
        allow: names of checks whose failure is accepted.

    Raises:
        ModelError: ``spec`` names no adapter.
        ConfigError: a name in ``allow`` that is unknown, or names a check that cannot be allowed.
    """
    if spec.adapter is None:
        raise ModelError("no adapter is named, so there is nothing to check; name one")
    pair = Pair(spec, Path(manifest) if manifest else None)
    found: dict[str, Check] = {}
    for name, check in _FILE_CHECKS.items():
        broken = [other for other in _RESTS_ON.get(name, ()) if _failed(found[other])]
        one = skipped(name, f"not made: {broken[0]} fails") if broken else _run(name, check, pair)
        found[name] = allowing([one], allow)[0]
        if name in _FIRST and _failed(found[name]):
            break
    return list(found.values())


def _failed(check: Check) -> bool:
    return check.outcome == "failed"


def assert_adapter_compatible(
    spec: ModelSpec, *, manifest: str | Path | None = None, allow: Collection[str] = ()
) -> list[Check]:
    """Assert that adapter and base belong together, as far as their files tell.

    Args:
        spec: base and adapter.
        manifest: the prompt manifest of training, if it is not beside the adapter.
        allow: names of checks whose failure is accepted; they are returned as ``allowed``.

    Returns:
        All checks that were made.

    Raises:
        ModelError: a check fails; the text is its name and evidence.
        ConfigError: a name in ``allow`` that is unknown, or names a check that cannot be allowed.

    Example::

        def test_the_adapter_is_for_this_base():
            assert_adapter_compatible(ModelSpec("Qwen/Qwen2.5-1.5B-Instruct", "adapters/invoices"))
    """
    checks = check_files(spec, manifest, allow=allow)
    conclude(checks, f"adapter {spec.adapter} on base {spec.base}")
    return checks


def _run(name: str, check: Callable[[Pair], Check], pair: Pair) -> Check:
    try:
        return check(pair)
    except ModelError as error:
        return missed(name, str(error))


def _quantization(pair: Pair) -> Check:
    name, golden = "quantization", pair.manifest.get("quantization")
    if not golden:
        return skipped(name, NO_MANIFEST)
    if golden != pair.spec.quantization:
        return missed(
            name, f"the base was {golden} in training and is {pair.spec.quantization} now"
        )
    return passed(name, f"{golden}, as in training")


_FILE_CHECKS: Final[Mapping[str, Callable[[Pair], Check]]] = {
    "adapter_files": files.adapter_files,
    "safetensors": files.safetensors,
    "base_files": files.base_files,
    "manifest": files.manifest,
    "target_modules": tensors.target_modules,
    "tensor_shapes": tensors.tensor_shapes,
    "tensor_names": tensors.tensor_names,
    "weights_finite": weights.weights_finite,
    "adapter_norm": weights.adapter_norm,
    "adapter_config": weights.adapter_config,
    "adapter_weights": weights.adapter_weights,
    "base_weights": weights.base_weights,
    "base_name": names.base_name,
    "vocabulary": prompts.vocabulary,
    "special_tokens": prompts.special_tokens,
    "tokenizer": prompts.tokenizer,
    "chat_template": prompts.chat_template,
    "prompts": prompts.prompts,
    "quantization": _quantization,
    "size_named": names.size_named,
}
_FIRST: Final = ("adapter_files", "safetensors", "base_files")
_RESTS_ON: Final[Mapping[str, tuple[str, ...]]] = {
    "tensor_shapes": ("target_modules",),
    "tensor_names": ("target_modules", "tensor_shapes"),
    "adapter_norm": ("weights_finite",),
    "adapter_config": ("target_modules", "tensor_shapes", "tensor_names"),
    # A hash only says that something changed; the other checks say what.
    "adapter_weights": ("tensor_shapes", "tensor_names", "weights_finite", "adapter_norm"),
    "base_weights": ("weights_finite",),
    "base_name": ("base_weights",),
    "tokenizer": ("vocabulary",),
    "prompts": ("vocabulary", "tokenizer", "chat_template"),
}
