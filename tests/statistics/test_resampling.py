"""The bootstrap against scipy's and the textbook, and what it says where nothing varies."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import bootstrap as scipys
from scipy.stats import norm, skew

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.statistics.resampling import Resampled, bootstrap, permutation_p

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
    # 40 million weights in all, 4 million at once; then 200 groups left out; then all.
    assert [rows for rows, _ in shapes] == [133] * 10 + [3, 133, 67, 1]
    assert {items for _, items in shapes} == {30_000}


def test_a_permutation_p_is_never_zero():
    assert permutation_p(9.0, np.zeros(99)) == 0.01
    assert permutation_p(0.0, np.zeros(99)) == 1.0


@pytest.mark.parametrize("level", [0.5, 0.95])
@pytest.mark.parametrize(("value", "acceleration"), [(0.5, 0.0), (0.4, 0.08), (0.6, -0.1)])
@pytest.mark.parametrize("times", [1, 4])
def test_the_interval_is_efrons(level, value, acceleration, times):
    replicates = np.random.default_rng(2).normal(0.5, 0.1, 999).round(2)
    found = Resampled(value, replicates, acceleration, 40, ANYTHING)
    below = np.mean([1.0 if one < value else 0.5 if one == value else 0.0 for one in replicates])
    shift, ends = norm.ppf(below), []
    for z in (norm.ppf((1 - level) / 2), norm.ppf((1 + level) / 2)):
        skewed = acceleration / math.sqrt(times)  # a mean of more values is skewed less
        place = norm.cdf(shift + (shift + z) / (1 - skewed * (shift + z)))
        ends.append(value + (np.quantile(replicates, place) - value) / math.sqrt(times))
    assert found.interval(level, times) == pytest.approx(tuple(ends))


def test_far_from_all_resamples_the_interval_ends_where_they_end():
    replicates = np.linspace(0.4, 0.6, 999)
    for value, acceleration in ((0.3, 0.0), (0.9, 0.0), (0.6, 0.4)):
        low, high = Resampled(value, replicates, acceleration, 40).interval()
        assert 0.4 <= low <= high <= 0.6
        assert (high < 0.401) == (value < 0.4)
        assert (low > 0.599) == (value >= 0.6)
        assert (high == 0.6) == (value >= 0.6)


def test_the_interval_stays_within_its_bounds():
    found = Resampled(0.5, np.linspace(-1, 2, 999), 0.0, 40, bounds=(0.25, 0.75))
    assert found.interval() == (0.25, 0.75)
    nothing = Resampled(0.5, np.full(999, 0.5), 0.0, 2, bounds=(0.25, 0.75))
    assert nothing.interval() == (0.25, 0.75)


def test_nothing_that_varies_in_more_clusters_says_more():
    found = Resampled(0.5, np.full(999, 0.5), 0.0, 20)
    reach = 1 - 0.05 ** (1 / (20 * 3))
    assert found.interval(0.9, 3) == pytest.approx((0.5 - reach, 0.5 + reach))


def test_a_level_that_the_resamples_cannot_resolve_says_nothing():
    found = Resampled(0.5, np.linspace(0.4, 0.6, 999), 0.0, 40)
    assert found.resolution == 0.001
    assert np.isfinite(found.interval(0.9979)).all()
    assert found.interval(0.9981) == ANYTHING


def test_the_acceleration_of_a_mean_is_the_sixth_of_its_skew():
    expected = skew(DATA) / (6 * math.sqrt(60))
    assert bootstrap(mean_of(DATA), 60).acceleration == pytest.approx(expected)
    still = bootstrap(mean_of(np.full(60, 0.5)), 60)
    assert still.acceleration == pytest.approx(0)
    assert bootstrap(mean_of(DATA[:2]), 2).acceleration == 0.0
    assert bootstrap(mean_of(DATA[:3]), 3).acceleration != 0.0


def test_of_many_clusters_groups_are_left_out_for_the_acceleration():
    data = np.random.default_rng(5).exponential(size=430)
    groups = [np.delete(data, np.arange(group, 430, 200)).mean() for group in range(200)]
    influence = np.mean(groups) - np.array(groups)
    expected = (influence**3).sum() / (6 * (influence**2).sum() ** 1.5)
    assert bootstrap(mean_of(data), 430).acceleration == pytest.approx(expected)


def test_a_statistic_that_one_item_makes_undefined_has_no_acceleration():
    def share(weights):
        with np.errstate(invalid="ignore"):
            return weights[:, 0] / (weights[:, 0] + 0 * weights[:, 1:].sum(1))

    assert bootstrap(share, 5).acceleration == 0.0


def test_alike_items_are_the_items_one_by_one():
    values, times = np.array([0.0, 0.5, 1.0]), np.array([5, 12, 23])
    few = bootstrap(mean_of(values), times, bounds=ANYTHING)
    each = bootstrap(mean_of(np.repeat(values, times)), 40, bounds=ANYTHING)
    assert (few.value, few.clusters) == (each.value, each.clusters)
    assert few.acceleration == pytest.approx(each.acceleration)
    assert few.interval() == pytest.approx(each.interval(), abs=0.02)
    assert few.replicates.std() == pytest.approx(each.replicates.std(), rel=0.05)
    assert (few.replicates * 40 * 2 % 1 == 0).all()


def test_every_resample_draws_as_many_clusters_as_there_are():
    drawn = []
    names = ["a", "b", "b", "c"]
    bootstrap(lambda w: drawn.append(w) or w[:, 0], names, resamples=50)
    resampled, left_out, whole = (drawn[0], drawn[1], drawn[2])
    assert resampled.shape == (50, 4)
    assert (resampled[:, 1] == resampled[:, 2]).all()
    assert (resampled[:, [0, 1, 3]].sum(1) == 3).all()
    assert left_out.tolist() == [[0, 1, 1, 1], [1, 0, 0, 1], [1, 1, 1, 0]]
    assert whole.tolist() == [[1, 1, 1, 1]]


def test_unless_asked_two_thousand_resamples_of_a_share_are_drawn():
    found = bootstrap(mean_of(DATA), 60)
    assert len(found.replicates) == 2000
    assert found.bounds == Resampled(0.5, found.replicates, 0.0, 60).bounds == (0.0, 1.0)
    assert found.interval() == found.interval(0.95, 1)
