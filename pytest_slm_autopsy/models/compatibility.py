"""Adapter against base, from their files alone: what does not belong together, and why.

Nothing is asked of the model here: shapes come from a base without weights, built by its config, on
which peft lays the adapter's own config.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from pytest_slm_autopsy.errors import MissingExtraError, ModelError
from pytest_slm_autopsy.models.checks import (
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
    from pytest_slm_autopsy.models import prompt_checks, weight_checks
    from pytest_slm_autopsy.models.loading import adapter_folder, find_base
    from pytest_slm_autopsy.models.pair import Pair
except ImportError as error:
    raise MissingExtraError(error.name or "torch", "hf") from error

_SIZED: Final = re.compile(r"(?<![a-z0-9.])(\d+(?:\.\d+)?)\s?b(?![a-z0-9])", re.IGNORECASE)
_PACKED: Final = re.compile(r"[-_](bnb-)?(4bit|8bit|nf4|int8|fp4)$", re.IGNORECASE)
# A model of 1.54 billion numbers is called 1.5B, and one of 1.8 is not.
_LIKE: Final = (0.8, 1.25)


def check_files(spec: ModelSpec, manifest: str | Path | None = None) -> list[Check]:
    """Every check that needs files only; seconds, and no forward pass.

    ``manifest`` is the prompt manifest of training, if it does not stand beside the adapter.
    """
    if spec.adapter is None:
        raise ModelError("no adapter is named, so there is nothing to check; name one")
    try:
        pair = Pair(spec, adapter_folder(spec.adapter), Path(manifest) if manifest else None)
        first = [_adapter_files(pair)]
    except ModelError as error:
        return [missed("adapter_files", str(error))]
    if first[0].outcome == "failed":
        return first
    try:
        find_base(spec)
    except ModelError as error:
        return [*first, missed("base_name", str(error))]
    return first + [_run(name, check, pair) for name, check in _FILE_CHECKS.items()]


def assert_adapter_compatible(
    spec: ModelSpec, *, manifest: str | Path | None = None, allow: Collection[str] = ()
) -> list[Check]:
    """That adapter and base belong together, as far as their files tell.

    ``allow`` names checks whose failure is accepted; they come back as ``allowed``.

    Raises:
        ModelError: a check fails; the text is its name and evidence.

    Example::

        def test_the_adapter_is_for_this_base():
            assert_adapter_compatible(ModelSpec("Qwen/Qwen2.5-1.5B-Instruct", "adapters/invoices"))
    """
    checks = allowing(check_files(spec, manifest), allow)
    conclude(checks, f"adapter {spec.adapter} on base {spec.base}")
    return checks


def _run(name: str, check: Callable[[Pair], Check], pair: Pair) -> Check:
    try:
        return check(pair)
    except ModelError as error:
        return missed(name, str(error))


def _adapter_files(pair: Pair) -> Check:
    kind, task = pair.config.peft_type, pair.config.task_type
    kind = getattr(kind, "value", kind)
    if kind != "LORA":
        return missed("adapter_files", f"the adapter's type is {kind}; only LORA can be tested")
    if task not in (None, "CAUSAL_LM"):
        return missed(
            "adapter_files", f"the adapter was trained for {task}, not CAUSAL_LM: it writes no text"
        )
    return passed("adapter_files", f"{len(pair.tensors)} tensors in {pair.folder}")


def _base_name(pair: Pair) -> Check:
    named, loaded = pair.config.base_model_name_or_path, pair.spec.base
    if not named:
        return missed(
            "base_name", "the adapter's config names no base; write base_model_name_or_path into it"
        )
    if _plain_name(named) == _plain_name(loaded):
        return passed("base_name", f"{named} named, {loaded} loaded")
    if pair.manifest.get("base_weights") and weight_checks.base_weights(pair).outcome == "passed":
        return passed("base_name", f"{named} named, {loaded} loaded, of the same weights")
    return missed("base_name", f"it was trained on {named}, and {loaded} is loaded; load {named}")


def _plain_name(name: str) -> str:
    return _PACKED.sub("", Path(name).name.lower()) or str(Path(name).resolve())


def _target_modules(pair: Pair) -> Check:
    targets = pair.config.target_modules
    if not isinstance(targets, (set, list, tuple)):
        return passed("target_modules", f"given as the pattern {targets!r}")
    absent = [
        target
        for target in sorted(targets)
        if not any(name == target or name.endswith(f".{target}") for name in pair.modules)
    ]
    if absent:
        return missed(
            "target_modules",
            f"the base has no module named {', '.join(absent)}: the adapter was trained on "
            "another architecture",
        )
    return passed("target_modules", ", ".join(sorted(targets)))


def _tensor_names(pair: Pair) -> Check:
    try:
        expected, found = pair.expected.keys(), pair.tensors.keys()
    except ValueError as error:  # peft found nothing to adapt
        return missed("tensor_names", f"peft cannot lay the config on the base: {error}")
    for what, names in (("lacks", expected - found), ("has an unexpected", found - expected)):
        if names:
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            return missed(
                "tensor_names",
                f"the adapter {what} {min(names)}{more}; its config and its weights are not of "
                "one training, or not for this base",
            )
    return passed("tensor_names", f"{len(expected)} tensors")


def _tensor_shapes(pair: Pair) -> Check:
    try:
        expected = pair.expected
    except ValueError as error:
        return skipped("tensor_shapes", str(error))
    for name, shape in expected.items():
        found = tuple(pair.tensors[name].shape) if name in pair.tensors else shape
        if found != shape:
            return missed(
                "tensor_shapes",
                f"{name} is {_written(found)}, and this base asks for {_written(shape)}: the "
                "adapter was trained on a base of another size",
            )
    return passed("tensor_shapes", "all as the base asks")


def _written(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _quantization(pair: Pair) -> Check:
    name, golden = "quantization", pair.manifest.get("quantization")
    if not golden:
        return skipped(name, NO_MANIFEST)
    if golden != pair.spec.quantization:
        return missed(
            name, f"the base was {golden} in training and is {pair.spec.quantization} now"
        )
    return passed(name, f"{golden}, as in training")


def _size_named(pair: Pair) -> Check:
    size = pair.parameters / 1e9
    named = pair.config.base_model_name_or_path or ""
    names = (Path(pair.spec.adapter or "").name, Path(named).name, Path(pair.spec.base).name)
    for name in names:
        for said in map(float, _SIZED.findall(name)):
            if not said * _LIKE[0] <= size <= said * _LIKE[1]:
                return missed(
                    "size_named",
                    f"{name!r} says {said:g}B, and the base has {size:.2g} billion parameters",
                )
    return passed("size_named", f"{size:.2g} billion parameters")


_FILE_CHECKS: Final[Mapping[str, Callable[[Pair], Check]]] = {
    "base_name": _base_name,
    "base_weights": weight_checks.base_weights,
    "adapter_weights": weight_checks.adapter_weights,
    "target_modules": _target_modules,
    "tensor_names": _tensor_names,
    "tensor_shapes": _tensor_shapes,
    "weights_finite": weight_checks.weights_finite,
    "adapter_norm": weight_checks.adapter_norm,
    "vocabulary": prompt_checks.vocabulary,
    "special_tokens": prompt_checks.special_tokens,
    "tokenizer": prompt_checks.tokenizer,
    "chat_template": prompt_checks.chat_template,
    "prompts": prompt_checks.prompts,
    "quantization": _quantization,
    "size_named": _size_named,
}
