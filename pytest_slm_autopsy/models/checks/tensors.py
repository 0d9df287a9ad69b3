"""Checks of the adapter's tensors: each is compared with what its config asks for on the base."""

from __future__ import annotations

import re
from typing import Any, Final

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.checks.causes import Causes, written
from pytest_slm_autopsy.models.checks.check import Check, missed, passed
from pytest_slm_autopsy.models.checks.outline import all_linear, ends_with
from pytest_slm_autopsy.models.checks.pair import Pair

_ONLY_IN_TRAINING: Final = ".lora_monteclora_sampler."
"""Part of the names of tensors that are saved, and that peft does not need to answer."""


def target_modules(pair: Pair) -> Check:
    """Check that the config's target modules are in the base: one at least, as peft asks."""
    name, targets = "target_modules", pair.config.target_modules
    if not targets or all_linear(targets):
        return passed(name, f"left to peft: {targets}")
    if not isinstance(targets, str) and not all(isinstance(one, str) for one in _listed(targets)):
        return missed(name, f"{targets!r:.60} names no modules; restore the config of training")
    elsewhere = "the adapter was trained on another architecture"
    if isinstance(targets, str):
        try:
            pattern = re.compile(targets)
        except re.error as error:
            return missed(name, f"{targets!r} is no pattern ({error}); save the adapter again")
        if not any(map(pattern.fullmatch, pair.modules)) and not _peft_finds_some(pair):
            return missed(name, f"the base has no module that matches {targets!r}; {elsewhere}")
        return passed(name, f"the pattern {targets!r}")
    absent = [
        target
        for target in sorted(targets)
        if not any(ends_with(module, target) for module in pair.modules)
    ]
    if len(absent) == len(targets) and not _peft_finds_some(pair):
        return missed(name, f"the base has no module named {', '.join(absent)}; {elsewhere}")
    found = ", ".join(sorted({*targets} - {*absent}))
    # The tensors tell whether one is missing: peft lays the config on the modules that are there.
    return passed(name, f"{found}; not in the base: {', '.join(absent)}" if absent else found)


def _listed(targets: Any) -> list[Any]:
    return list(targets) if isinstance(targets, list | set | tuple) else [targets]


def _peft_finds_some(pair: Pair) -> bool:
    """Tell whether peft adapts any module: it reads the names of older models as today's."""
    try:
        return bool(pair.expected.asked)
    except ModelError:
        return False


def tensor_shapes(pair: Pair) -> Check:
    """Check that no tensor is empty, and each has the shape that its config asks for."""
    shapes = {**pair.expected.besides, **pair.expected.asked}
    causes = Causes(pair)
    if told := causes.of_tokens():
        return missed("tensor_shapes", told)
    for name, found in pair.expected.found.items():
        asked = shapes.get(name, found)
        if found != asked or 0 in found:
            against = "" if found == asked else f", and this base asks for {written(asked)}"
            return missed(
                "tensor_shapes",
                f"{name} has the shape {written(found)}{against}: {causes.of_shape(name, asked)}",
            )
    return passed("tensor_shapes", "all as the base asks")


def tensor_names(pair: Pair) -> Check:
    """Check that the adapter has each tensor that its config asks for, and no other."""
    asked, besides = pair.expected.asked.keys(), pair.expected.besides.keys()
    found, causes = pair.expected.found.keys(), Causes(pair)
    lacking = asked - found
    more = {name for name in found - asked - besides if _ONLY_IN_TRAINING not in name}
    # A name that is wrong as a whole is lacking, too: the unexpected one tells why.
    if more:
        return _names("has an unexpected", more, causes.of_unexpected(more, lacking))
    if lacking:
        return _names("lacks", lacking, causes.of_lacking(lacking))
    for name in sorted(found & besides):
        if cause := causes.of_embeddings(name):
            return missed("tensor_names", f"the adapter brings {name}: {cause}")
    return passed("tensor_names", f"{len(asked)} tensors")


def _names(what: str, names: set[str], cause: str) -> Check:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return missed("tensor_names", f"the adapter {what} {min(names)}{more}: {cause}")
