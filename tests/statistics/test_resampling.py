"""The bootstrap against scipy's and the textbook, and what it says where nothing varies."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import bootstrap as scipys

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.statistics.resampling import bootstrap, permutation_p

DATA = np.random.default_rng(1).exponential(size=60)
ANYTHING = (-math.inf, math.inf)


def mean_of(data):
    return lambda weights: weights @ data / weights.sum(1)


def test_the_bootstrap_is_seeded():
    first, again, other = (bootstrap(mean_of(DATA), 60, seed=s, bounds=ANYTHING) for s in (7, 7, 8))
    assert first.interval() == again.interval() != other.interval()
    assert first.value == pytest.approx(DATA.mean())


def test_the_interval_of_a_skewed_mean_is_scipys():
    expected = scipys((DATA,), np.mean, method="BCa", n_resamples=20_000, rng=3)
    found = bootstrap(mean_of(DATA), 60, bounds=ANYTHING, resamples=20_000).interval()
    assert found == pytest.approx(tuple(expected.confidence_interval), rel=0.02)


def test_clusters_are_drawn_whole():
    data = np.repeat(np.random.default_rng(2).normal(size=40), 5)
    names = np.repeat([f"record {i}" for i in range(40)], 5)
    alone = bootstrap(mean_of(data), 200, bounds=ANYTHING).interval()
    whole = bootstrap(mean_of(data), list(names), bounds=ANYTHING).interval()
    expected = bootstrap(mean_of(data[::5]), 40, bounds=ANYTHING).interval()
    assert whole == pytest.approx(expected)
    assert whole[1] - whole[0] > 1.8 * (alone[1] - alone[0])


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_where_nothing_varies_the_interval_is_that_of_so_many_cases(value):
    low, high = bootstrap(mean_of(np.full(50, value)), 50).interval()
    assert high - low == pytest.approx(1 - 0.025 ** (1 / 50))
    assert value in (low, high)


def test_resamples_without_a_value_are_left_out():
    def share(weights):
        with np.errstate(invalid="ignore"):
            return weights[:, 0] / (weights[:, 0] + weights[:, 1])

    found = bootstrap(share, 4)
    assert len(found.replicates) < 2000
    assert np.isfinite(found.replicates).all()


def test_nothing_to_resample_is_an_error():
    with pytest.raises(NoDataError, match="nothing to resample"):
        bootstrap(mean_of(DATA[:0]), 0)
    with pytest.raises(NoDataError, match="undefined on every resample"):
        bootstrap(lambda weights: np.full(len(weights), math.nan), 5)
    with pytest.raises(ConfigError, match=r"write 0\.95"):
        bootstrap(mean_of(DATA), 60).interval(95)


def test_many_items_are_resampled_in_pieces_and_less_often():
    shapes = []
    bootstrap(lambda w: shapes.append(w.shape) or w[:, 0], 30_000)
    assert max(rows * n for rows, n in shapes) <= 4_000_000 + 30_000
    drawn = sum(rows for rows, _ in shapes[:-1])
    assert 400 <= drawn < 2000 + 201


def test_a_permutation_p_is_never_zero():
    assert permutation_p(9.0, np.zeros(99)) == 0.01
    assert permutation_p(0.0, np.zeros(99)) == 1.0
