"""What is committed is what its answers say, and what the committed adapters answer."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest

from reference_experiment.bases import PACKAGES, make_ready
from reference_experiment.companions import with_examples
from reference_experiment.config import HERE, read_config
from reference_experiment.evaluate import FEW_SHOT
from reference_experiment.telling.committed import (
    ADAPTERS,
    ANSWERS,
    committed,
    committed_adapter,
    read_answers,
    tell,
)
from reference_experiment.telling.figures import names

CONFIGS = [path.stem for path in sorted((HERE / "configs").glob("*.yaml"))
           if (HERE / "results" / path.stem / ANSWERS).is_file()]  # fmt: skip
SAME = 0.95
"""Share of answers that are the same text on another machine."""
NEAR = 0.02
"""Largest median difference of a whole answer's log-probability."""
ASKED = 32
TRIED = ("canonical", "all four")


def configuration(name):
    return read_config(HERE / "configs" / f"{name}.yaml")


def test_something_is_committed():
    assert "tiny" in CONFIGS


@pytest.mark.parametrize("name", CONFIGS)
def test_numbers_tables_and_figures_are_those_of_the_answers(name, tmp_path):
    config = configuration(name)
    kept = committed(config)
    tell(config, read_answers(kept / ANSWERS, config), kept, tmp_path)
    found, there = (json.loads((one / "results.json").read_text()) for one in (tmp_path, kept))
    assert numbers(found) == pytest.approx(numbers(there), abs=1e-9)
    assert (tmp_path / "results.md").read_text() == (kept / "results.md").read_text()
    drawn, there = (
        sorted(path.name for path in (one / "figures").iterdir()) for one in (tmp_path, kept)
    )
    assert drawn == there
    assert {*drawn} <= {*names()}
    assert name != "tiny" or len(drawn) == len(names())


@pytest.mark.slow
@pytest.mark.parametrize("who", [*ADAPTERS, FEW_SHOT])
@pytest.mark.parametrize("name", CONFIGS)
def test_the_committed_adapters_and_the_base_give_the_committed_answers(name, who):
    from pytest_slm_autopsy import load_model, predict

    config = configuration(name)
    package = PACKAGES.get(config.base.name)
    if package and find_spec(package.module) is None:
        pytest.skip(f"the weights of {config.base.name} are not installed: make base CONFIG={name}")
    make_ready(config.base.source, config.base.name, config.base_place)
    every = read_answers(committed(config) / ANSWERS, config)
    kept = [one for one in every if one.model == who and one.case.condition in TRIED]
    kept = [one for one in kept if int(one.case.record[-4:]) < ASKED // len(TRIED)]
    assert len(kept) == ASKED
    adapter = committed_adapter(config, who) if who in ADAPTERS else None
    put = with_examples if who == FEW_SHOT else list
    asked = predict(load_model(config.spec(adapter)), put([one.case for one in kept]))
    same = sum(one.raw == two.raw for one, two in zip(kept, asked, strict=True))
    apart = sorted(abs(sum(one.logprobs) - sum(two.logprobs))
                   for one, two in zip(kept, asked, strict=True) if one.raw == two.raw)  # fmt: skip
    print(
        f"{name}, {who}: {same} of {ASKED} answers are the same, "
        f"log-probabilities {apart[len(apart) // 2]:.1e} apart, at most {apart[-1]:.1e}"
    )
    assert same >= SAME * ASKED
    assert apart[len(apart) // 2] < NEAR


def numbers(data):
    """All numbers of nested plain data, by their path."""
    found = {}

    def walk(value, path):
        if isinstance(value, dict | list):
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            for key, inner in pairs:
                walk(inner, f"{path}.{key}")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[path] = float(value)

    walk(data, "")
    return found
