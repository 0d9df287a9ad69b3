"""The dial of the experiment: one YAML file, read once; a misspelt key stops the run."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

import yaml

from pytest_slm_autopsy import ModelSpec
from pytest_slm_autopsy.errors import ConfigError, nearest

HERE = Path(__file__).parent
DEFAULT = "tiny"
SOURCES = ("folder", "hub", "package")
LAYOUTS = ("one", "mixed", "production")
OPTIMIZERS = ("adamw_torch", "paged_adamw_8bit")
UNADAPTED = ("alone", "few-shot")


@dataclass(frozen=True)
class Base:
    """Where the base comes from: ``folder``, ``hub`` or ``package``, and its name there."""

    source: str
    name: str


@dataclass(frozen=True)
class Records:
    """How many held-out records are written under each kind of condition; 0 leaves a kind out.

    Of the story, the base without an adapter is asked the first ``control`` records: all of its
    answers are wrong, and many of them long. A diagnosis examines the first ``diagnosis`` records.
    """

    story: int
    production: int
    ladder: int
    unseen: int
    control: int
    diagnosis: int


@dataclass(frozen=True)
class Lora:
    """The shape of the adapter; it sits on all linear layers."""

    r: int
    alpha: int
    dropout: float


@dataclass(frozen=True)
class Training:
    """The settings of the training of an adapter."""

    learning_rate: float
    batch_size: int
    gradient_accumulation: int
    warmup_steps: int
    max_tokens: int
    checkpoint_every: int
    optimizer: str
    gradient_checkpointing: bool

    @property
    def documents_a_step(self) -> int:
        """Return how many documents a step takes."""
        return self.batch_size * self.gradient_accumulation


@dataclass(frozen=True)
class AdapterPlan:
    """One adapter: its steps, and the layouts of its documents: one, mixed or production's."""

    steps: int
    layouts: str


@dataclass(frozen=True)
class Config:
    """The configuration of one experiment.

    ``unadapted`` names the ways in which the base is asked without an adapter: ``alone`` and
    ``few-shot``, or none.
    """

    base: Base
    quantization: str
    device: str
    seed: int
    other_seeds: Sequence[int]
    records: Records
    max_new_tokens: int
    unadapted: Sequence[str]
    lora: Lora
    training: Training
    adapters: Mapping[str, AdapterPlan]
    name: str
    root: Path

    @property
    def identity(self) -> bytes:
        """Return everything that decides a result of this seed, as bytes."""
        return json.dumps({**asdict(self), "root": "", "other_seeds": []}, sort_keys=True).encode()

    @property
    def base_place(self) -> str:
        """Return what the base is loaded from: a folder, or a name on the hub."""
        if self.base.source != "package":
            return self.base.name
        return os.path.relpath(self.root / "bases" / self.base.name)

    @property
    def runs(self) -> Path:
        """Return the folder in which this configuration and seed keep all their files."""
        return self.root / self.name / f"seed-{self.seed}"

    def adapter(self, name: str) -> Path:
        """Return the folder of a trained adapter."""
        return self.runs / "adapters" / name

    def spec(self, adapter: Path | None = None) -> ModelSpec:
        """Return the specification of the base, with an adapter or alone."""
        return ModelSpec(
            base=self.base_place,
            adapter=None if adapter is None else str(adapter),
            quantization=self.quantization,
            device=self.device,
            max_new_tokens=self.max_new_tokens,
        )


def read_config(path: Path, *, seed: int | None = None) -> Config:
    """Return the configuration in a file, checked.

    Raises:
        ConfigError: the file is missing or not YAML, or a key is unknown, missing or out of range.
    """
    if not path.is_file():
        raise ConfigError(f"no configuration at {path}; see {HERE.name}/configs")
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path} is not a mapping of keys to values")
    plans = data.pop("adapters", {})
    if not isinstance(plans, dict):
        raise ConfigError(f"{path}: adapters is {plans!r}; write narrow and hardened below it")
    nested = {"base": Base, "records": Records, "lora": Lora, "training": Training}
    for key, kind in nested.items():
        data[key] = _record(kind, data.get(key, {}), f"{path}, {key}")
    if own := {"name", "root"} & data.keys():
        raise ConfigError(f"{path}: unknown key {own.pop()!r}; leave it out")
    data |= {"name": path.stem, "root": HERE / "runs"}
    data["adapters"] = {
        name: _record(AdapterPlan, plan, f"{path}, adapters.{name}") for name, plan in plans.items()
    }
    config: Config = _record(Config, data, str(path))
    config = config if seed is None else replace(config, seed=seed)
    _check(config, str(path))
    return config


def _record(kind: type, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ConfigError(f"{where}: expected keys and values, found {data!r}")
    known = {field.name for field in fields(kind)}
    for key in data:
        if key not in known:
            raise ConfigError(f"{where}: unknown key {key!r}; {nearest(str(key), known)}")
    if lacking := sorted(known - data.keys()):
        raise ConfigError(f"{where}: missing {', '.join(lacking)}")
    hints = get_type_hints(kind)
    for key, value in data.items():
        wanted = hints[key]
        if wanted in (int, float, str, bool) and not _fits(value, wanted):
            raise ConfigError(f"{where}: {key} is {value!r}, not {wanted.__name__}")
    return kind(**data)


def _fits(value: object, kind: type) -> bool:
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _check(config: Config, where: str) -> None:
    training, lora, records = config.training, config.lora, config.records
    least = {
        "seed": (config.seed, 0),
        "records.story": (records.story, 1),
        "records.production": (records.production, 0),
        "records.ladder": (records.ladder, 0),
        "records.unseen": (records.unseen, 0),
        "records.diagnosis": (records.diagnosis, 1),
        "max_new_tokens": (config.max_new_tokens, 1),
        "lora.r": (lora.r, 1),
        "lora.alpha": (lora.alpha, 1),
        "training.batch_size": (training.batch_size, 1),
        "training.gradient_accumulation": (training.gradient_accumulation, 1),
        "training.max_tokens": (training.max_tokens, 1),
        "training.warmup_steps": (training.warmup_steps, 0),
        "training.checkpoint_every": (training.checkpoint_every, 1),
    } | {f"adapters.{name}.steps": (plan.steps, 1) for name, plan in config.adapters.items()}
    for key, (value, bound) in least.items():
        if not bound <= value < 2**32:
            raise ConfigError(f"{where}: {key} is {value}; it must be at least {bound}"
                              + " and below 2**32" * (value >= 2**32))  # fmt: skip
    if not 0 < training.learning_rate < 1:
        raise ConfigError(f"{where}: training.learning_rate is {training.learning_rate}; "
                          "it must be between 0 and 1")  # fmt: skip
    if not 0 <= lora.dropout < 1:
        raise ConfigError(f"{where}: lora.dropout is {lora.dropout}; it must be from 0 to below 1")
    if not config.base.name:
        raise ConfigError(f"{where}: base.name is empty; name a folder, a package or a model")
    _choice(config.base.source, SOURCES, f"{where}: base.source")
    _choice(training.optimizer, OPTIMIZERS, f"{where}: training.optimizer")
    for way in config.unadapted:
        _choice(way, UNADAPTED, f"{where}: unadapted")
    for name, plan in config.adapters.items():
        _choice(plan.layouts, LAYOUTS, f"{where}: adapters.{name}.layouts")
    if not {"narrow", "hardened"} <= config.adapters.keys():
        raise ConfigError(f"{where}: adapters needs both narrow and hardened")
    config.spec()


def _choice(given: str, known: Sequence[str], where: str) -> None:
    if given not in known:
        raise ConfigError(f"{where} is {given!r}; choose {' or '.join(known)}")
