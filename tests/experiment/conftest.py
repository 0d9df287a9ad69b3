"""The experiment, small enough for a test."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from reference_experiment import config as configuration
from reference_experiment.config import Records

TINY = Path(configuration.__file__).parent / "configs" / "tiny.yaml"


@pytest.fixture
def tiny():
    """The text of the embedded configuration."""
    return TINY.read_text()


@pytest.fixture
def small(tmp_path):
    """Four training steps of four documents, three held-out records, a temporary folder."""
    config = configuration.read_config(TINY)
    plans = {name: replace(plan, steps=4) for name, plan in config.adapters.items()}
    training = replace(config.training, batch_size=4, checkpoint_every=2, warmup_steps=1)
    small = replace(config, adapters=plans, training=training, records=Records(3, 3, 3, 3, 3, 3))
    return replace(small, root=tmp_path)
