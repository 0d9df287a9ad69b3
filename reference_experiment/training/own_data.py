"""An adapter trained on a file of one's own: ``make train DATA=file.jsonl``.

The file holds ``messages`` or ``conversations``, as other trainers take them, or this project's
cases. The answer is learnt as compact JSON of its fields.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Final

from pytest_slm_autopsy import read_cases
from pytest_slm_autopsy.errors import ConfigError
from reference_experiment.bases import make_ready
from reference_experiment.config import AdapterPlan, Config

EPOCHS: Final = 3
"""How often each chat is seen."""


def train_on(config: Config, data: Path) -> Path:
    """Train an adapter named like the file, and return its folder.

    Raises:
        ConfigError: the file has the name of one of the configuration's adapters.
        CaseError: the file is missing, or a line cannot be read.
    """
    name = data.stem
    if name in (*config.adapters, "cured"):
        raise ConfigError(f"{data} would train an adapter {name!r}, which the experiment has; "
                          "give the file another name")  # fmt: skip
    from reference_experiment.training.train import train_adapter

    chats = len(list(read_cases(data)))
    steps = ceil(EPOCHS * chats / config.training.documents_a_step)
    plan = AdapterPlan(steps=steps, layouts="own")
    own = replace(config, adapters={**config.adapters, name: plan})
    make_ready(config.base.source, config.base.name, config.base_place)
    print(f"adapter {name}: {chats} chats, {EPOCHS} times, {plan.steps} steps", flush=True)
    folder = train_adapter(own, name, data)
    print(f"examine it: slm-autopsy run {config.base_place} {folder}")
    return folder
