"""Several adapters on one base that is loaded once; adapters are switched, not reloaded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from pytest_slm_autopsy.errors import ConfigError, MissingExtraError, ModelError
from pytest_slm_autopsy.models.checks.check import Check, allowing, conclude
from pytest_slm_autopsy.models.interface import Answer, ModelSpec
from pytest_slm_autopsy.models.prompts import prompted
from pytest_slm_autopsy.records import Case

try:
    from pytest_slm_autopsy.models.adapter import PROBES, AdapterModel, acts, put_on
    from pytest_slm_autopsy.models.checks.compatibility import check_files
    from pytest_slm_autopsy.models.checks.health import logprobs
    from pytest_slm_autopsy.models.loading import load_base, load_tokenizer
    from pytest_slm_autopsy.models.shortcuts import SAME, decoded, moved, unpacked
except ImportError as error:
    raise MissingExtraError(error.name or "torch", "hf") from error


class SharedAdapterModel(AdapterModel):
    """One adapter of a base that holds several."""

    def __init__(
        self, name: str, spec: ModelSpec, model: Any, tokenizer: Any, checks: Sequence[Check]
    ) -> None:
        model.set_adapter(name)
        super().__init__(spec, model, tokenizer, checks)
        self.name = self._adapter = name

    def question_keys(self, cases: Sequence[Case]) -> list[str]:
        """Return one digest for each case, as a model of its own does."""
        self.model.set_adapter(self._adapter)
        return super().question_keys(cases)

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """Return one greedy answer of this adapter for each case."""
        self.model.set_adapter(self._adapter)
        return super().answer(cases)


def load_adapters(
    spec: ModelSpec,
    adapters: Mapping[str, str] | Iterable[tuple[str, str]],
    *,
    allow: Collection[str] = (),
) -> dict[str, SharedAdapterModel]:
    """Return a model for each adapter, by name, all on one base that is loaded once.

    ``adapters`` maps names to folders or hub names; the adapter of ``spec`` is ignored. Each
    adapter is checked as ``load_model`` checks it, but for the merge: the adapters stay beside the
    base. ``allow`` names checks whose failure is accepted.

    Raises:
        ConfigError: no adapters, or two of one name.
        ModelError: an adapter is missing, broken, or does not belong to the base.

    Example::

        models = load_adapters(ModelSpec("base"), {"v1": "adapters/v1", "v2": "adapters/v2"})
    """
    specs = {name: replace(spec, adapter=path) for name, path in _named(adapters)}
    checks: dict[str, list[Check]] = {}
    for name, one in specs.items():
        checks[name] = check_files(one, allow=allow)
        conclude(checks[name], f"adapter {name}")
    tokenizers = {name: load_tokenizer(one) for name, one in specs.items()}
    probes = {name: _probes(one, spec) for name, one in tokenizers.items()}
    first = next(iter(probes.values()))[0]
    model, unpacking = unpacked(partial(load_base, spec), first)
    alone, made = logprobs(model, first), {}
    for name, one in specs.items():
        model = put_on(model, one.adapter or "", spec.base, called=name)
        _leaves_the_base(model, name, alone, first, several=len(specs) > 1)
    for name, one in specs.items():
        made[name] = ready = SharedAdapterModel(name, one, model, tokenizers[name], ())
        model.set_adapter(name)
        asked = [*unpacking, acts(model, probes[name][0]), decoded(ready.decoder, probes[name])]
        conclude(allowing(asked, allow), f"adapter {name}")
        ready.checks = (*checks[name], *allowing(asked, allow))
    return made


def _probes(tokenizer: Any, spec: ModelSpec) -> list[list[int]]:
    return [ids for _, ids in prompted(tokenizer, spec.prompt, PROBES)]


def _leaves_the_base(
    model: Any, name: str, alone: Any, ids: Sequence[int], *, several: bool
) -> None:
    """Raise where an adapter changes the base that the others are for, too."""
    with model.disable_adapter():
        off = logprobs(model, ids)
    if several and moved(alone, off) > SAME:
        raise ModelError(
            f"adapter {name} changes the base itself (embeddings or biases beside it, "
            "layer_replication, an init_lora_weights such as pissa), so it cannot share it with "
            "others; load it alone, with load_model"
        )


def _named(adapters: Mapping[str, str] | Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    pairs = list(adapters.items() if isinstance(adapters, Mapping) else adapters)
    names = [name for name, _ in pairs]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"two adapters are called {double!r}; give each a name of its own")
    if not pairs:
        raise ConfigError("no adapters are named, so there is nothing to load; name one")
    return pairs
