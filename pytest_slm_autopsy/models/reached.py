"""A model by the name of its base: an address is asked, anything else is loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_slm_autopsy.models.interface import ModelSpec, ModelUnderTest, is_address
from pytest_slm_autopsy.models.prompts import PromptFormat


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model that is wanted, not loaded yet.

    Args:
        base: a folder, a hub name, or the address of a server. An address may hold a password, and
            pytest --showlocals prints variables: so no variable holds it, and no ``repr`` shows it.
        adapter: a folder or hub name; at a server the name of the model.
        settings: further fields of ``ModelSpec``; a server is not told them.
    """

    base: str = field(repr=False)
    adapter: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def spec(self, prompt: PromptFormat | None = None) -> ModelSpec:
        """Return the specification of a model that is loaded.

        Raises:
            ConfigError: a setting has an unknown value.
        """
        return ModelSpec(self.base, self.adapter, prompt=prompt or PromptFormat(), **self.settings)


def reached(wanted: Wanted, *, allow: Collection[str] = ()) -> ModelUnderTest:
    """Return the model, asked in the prompt that trained its adapter.

    ``allow`` names checks whose failure is accepted.

    Raises:
        ConfigError: a setting has an unknown value.
        ModelError: the model cannot be loaded or reached.
    """
    if is_address(wanted.base):
        from pytest_slm_autopsy.models.served.model import ServedModel, only_model

        name = wanted.adapter or only_model(wanted.base)
        # Some servers call a model by its folder, which then has the tokenizer.
        at_hand = name if (Path(name) / "tokenizer.json").is_file() else None
        return ServedModel(wanted.base, name, tokenizer=at_hand, allow=allow)
    from pytest_slm_autopsy.models.adapter import load_model
    from pytest_slm_autopsy.models.golden import trained_prompt

    return load_model(wanted.spec(trained_prompt(wanted.adapter)), allow=allow)
