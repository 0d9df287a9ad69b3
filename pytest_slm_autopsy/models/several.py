"""Several adapters on one base that is loaded once; adapters are switched, not reloaded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_slm_autopsy.errors import ConfigError, MissingExtraError, ModelError
from pytest_slm_autopsy.models.checks.check import Check, allowing, conclude
from pytest_slm_autopsy.models.interface import Answer, ModelSpec
from pytest_slm_autopsy.models.prompts import PROBE, prompted
from pytest_slm_autopsy.records import Case

try:
    from peft import PeftModel

    from pytest_slm_autopsy.models.adapter import AdapterModel, plain_on_cpu
    from pytest_slm_autopsy.models.checks.compatibility import check_files
    from pytest_slm_autopsy.models.checks.health import adapter_acts
    from pytest_slm_autopsy.models.loading import adapter_folder, load_base, load_tokenizer
except ImportError as error:
    raise MissingExtraError(error.name or "torch", "hf") from error


class SharedAdapterModel(AdapterModel):
    """One adapter of a base that holds several."""

    def __init__(
        self, name: str, spec: ModelSpec, model: Any, tokenizer: Any, checks: Sequence[Check]
    ) -> None:
        super().__init__(spec, model, tokenizer, checks)
        self.name = self._adapter = name

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
    model = plain_on_cpu(load_base(spec))
    for name, one in specs.items():
        model = _with(model, name, one.adapter or "")
    model = model.eval()
    for name in specs:
        _, ids = prompted(tokenizers[name], spec.prompt, [PROBE])[0]
        model.set_adapter(name)
        asked = allowing([adapter_acts(model, ids)], allow)
        conclude(asked, f"adapter {name}")
        checks[name] += asked
    return {
        name: SharedAdapterModel(name, one, model, tokenizers[name], checks[name])
        for name, one in specs.items()
    }


def _named(adapters: Mapping[str, str] | Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    pairs = list(adapters.items() if isinstance(adapters, Mapping) else adapters)
    names = [name for name, _ in pairs]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise ConfigError(f"two adapters are called {double!r}; give each a name of its own")
    if not pairs:
        raise ConfigError("no adapters are named, so there is nothing to load; name one")
    return pairs


def _with(model: Any, name: str, path: str) -> Any:
    folder = str(adapter_folder(path))
    try:
        if isinstance(model, PeftModel):
            model.load_adapter(folder, adapter_name=name)
            return model
        return PeftModel.from_pretrained(model, folder, adapter_name=name)
    except (RuntimeError, ValueError, KeyError, TypeError, OSError) as error:
        raise ModelError(f"adapter {path} does not load: {error}") from error
