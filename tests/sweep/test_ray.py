"""The same sweep on a local Ray of two workers: the same answers, whatever dies on the way."""

from __future__ import annotations

import logging
from functools import partial

import pytest

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.sweep import local
from pytest_slm_autopsy.sweep.grid import Workers
from pytest_slm_autopsy.sweep.run import engine_of, predictions, swept
from tests.sweep.test_sweep import ONE, told

pytestmark = pytest.mark.slow
TWO = Workers(count=2, cpus=0.5)


@pytest.fixture(scope="module")
def sweeping():
    """The module of Ray, with a Ray of its own that all tests share."""
    pytest.importorskip("ray")
    from pytest_slm_autopsy.sweep import ray as sweeping

    sweeping.ray.init("local", num_cpus=3, include_dashboard=False, log_to_driver=False,
                      object_store_memory=sweeping.STORE, logging_level=logging.ERROR)  # fmt: skip
    yield sweeping
    sweeping.ray.shutdown()


def test_answers_and_verdicts_are_those_of_one_process(home, sweeping):
    sweep = home.sweep("good", "brittle", "broken")
    on_ray = told(swept(sweep, partial(sweeping.answered, workers=TWO)))
    assert len(home.asked) == len(set(home.asked)) == 2 * ONE
    records = [one.to_dict() for one in answers(sweep)]
    for path in home.folder.rglob("*.parquet"):
        path.unlink()
    assert told(swept(sweep, local.answered)) == on_ray
    assert [one.to_dict() for one in answers(sweep)] == records


def answers(sweep):
    """The answers of the models that could be asked."""
    from dataclasses import replace

    return predictions(replace(sweep, subjects=sweep.subjects[:2]))


def test_a_worker_that_dies_is_replaced(home, sweeping):
    sweep = home.sweep("good", "dies")
    good, dies = swept(sweep, partial(sweeping.answered, workers=TWO))
    assert (home.folder / "died").exists()
    assert good.accuracy.value == dies.accuracy.value == 1.0
    assert len(list(predictions(sweep))) == 2 * ONE


def test_a_worker_that_finds_no_room_is_a_sentence(home, sweeping):
    sweep = home.sweep("good")
    with pytest.raises(ConfigError, match="no machine of the cluster has room"):
        swept(sweep, partial(sweeping.answered, workers=Workers(gpus=8)))


def test_more_batches_than_are_handed_out_at_once(home, sweeping, monkeypatch):
    monkeypatch.setattr(sweeping, "WAVE", 3)
    [found] = swept(home.sweep("good"), partial(sweeping.answered, workers=TWO))
    assert found.accuracy.n == 80
    assert len(home.asked) == ONE


def test_ray_is_taken_where_it_is(home, sweeping):
    [found] = swept(home.sweep("good"), engine_of(home.sweep("good"), "auto", None))
    assert found.accuracy.value == 1.0
