"""The base built without weights, and the tensors that peft makes of an adapter's config on it."""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch
from peft import PeftConfig, get_peft_model, get_peft_model_state_dict
from transformers import AutoModelForCausalLM, GenerationConfig
from transformers.utils import logging

from pytest_slm_autopsy.errors import ModelError
from pytest_slm_autopsy.models.checks.outline import Expected, Outline, sound_scale
from pytest_slm_autopsy.models.checks.stored import Shape
from pytest_slm_autopsy.models.interface import ModelSpec
from pytest_slm_autopsy.models.loading import base_config, first_line, unfound

FAULTS = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(RuntimeError, ImportError, re.error, ArithmeticError),
)
"""Errors of peft for a config that it cannot lay on a base."""


MOST_LAYERS: Final = 1_000
"""More than any small model has; without weights, each is built all the same."""


def outline_of(base: Any) -> Outline:
    """Return the outline of a base without weights."""
    own = {name: tuple(part.shape) for name, part in base.named_parameters(remove_duplicate=False)}
    rows = base.get_input_embeddings().weight.shape[0]
    return Outline(own, sum(part.numel() for part in base.parameters()), rows)


def empty_base(spec: ModelSpec) -> Any:
    """Return the base without weights.

    Raises:
        ModelError: its config is missing, or unknown to transformers.
    """
    config = base_config(spec)
    try:
        if (deep := getattr(config, "num_hidden_layers", 0) or 0) > MOST_LAYERS:
            raise ValueError(f"its config states {deep!r:.20} layers")
        with torch.device("meta"), _silent():
            return AutoModelForCausalLM.from_config(
                config, trust_remote_code=spec.trust_remote_code
            )
    except (OSError, *FAULTS) as error:
        raise unfound(spec.base, "model", error) from error


def stops_of(spec: ModelSpec, base: Any) -> Any:
    """Return the tokens at which a base stops by its generation settings, else by its config."""
    try:
        stated = GenerationConfig.from_pretrained(spec.base, revision=spec.revision or "main")
    except (OSError, *FAULTS):
        stated = base.config
    return stated.eos_token_id


def read_config(folder: str) -> Any:
    """Return an adapter's config as peft reads it.

    Raises:
        ModelError: peft cannot read it.
    """
    try:
        config = PeftConfig.from_pretrained(folder)
        if not sound_scale(config.lora_alpha, config.r):
            raise TypeError(f"r is {config.r!r:.40} and lora_alpha {config.lora_alpha!r:.40}")
        return config
    except (OSError, *FAULTS) as error:
        raise ModelError(
            f"the config of adapter {folder} cannot be read: {first_line(error)}; "
            "save the adapter again with this version of peft"
        ) from error


def expected_by_peft(base: Any, config: Any, found: dict[str, Shape]) -> Expected:
    """Return the tensors that peft makes of a config on a base without weights.

    ``found`` are the shapes of the adapter's own tensors.

    Raises:
        ModelError: the config does not fit the base.
    """
    # peft changes both: it adds modules to the base, and the base's name to the config.
    base, config = copy.deepcopy(base), copy.deepcopy(config)
    if config.init_lora_weights != "mica":
        config.init_lora_weights = False  # such as PiSSA looks at weights, and there are none
    try:
        with torch.device("meta"), _silent():
            model = get_peft_model(base, config, low_cpu_mem_usage=True)
            asked = get_peft_model_state_dict(model, save_embedding_layers=False)
            more = get_peft_model_state_dict(model, save_embedding_layers=True)
    except FAULTS as error:
        raise ModelError(
            f"peft cannot lay the adapter's config on this base: {first_line(error)}; "
            "save the adapter again, or load the base it was trained on"
        ) from error
    shapes = {name: tuple(tensor.shape) for name, tensor in more.items() if name not in asked}
    if not found.keys() <= more.keys():
        found = _taken(model, found)
    return Expected({name: tuple(tensor.shape) for name, tensor in asked.items()}, shapes, found)


def _taken(model: Any, found: dict[str, Shape]) -> dict[str, Shape]:
    """Return the names by which peft takes tensors of models that had other modules in the past.

    Since transformers 5, the experts of a layer are one module; adapters of before name each.
    """
    tensors = {name: torch.empty(shape, device="meta") for name, shape in found.items()}
    try:
        from peft.utils.transformers_weight_conversion import (  # not in every version
            convert_peft_adapter_state_dict_for_transformers as convert,
        )

        taken = convert(model, model.active_peft_config, tensors, "default")
        return {name: tuple(tensor.shape) for name, tensor in taken.items()}
    except FAULTS:  # they do not fit one another, and their own names say how
        return found


@contextmanager
def _silent() -> Iterator[None]:
    """Silence transformers and peft inside the block: they complain of a base without weights."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.set_verbosity(level)
