"""Rates of clusters of unequal size: as sure as the clusters that decide, and never surer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from statsmodels.regression.linear_model import OLS

from pytest_slm_autopsy.statistics.clustered import (
    ClusteredDifference,
    ClusteredRate,
    LargestDifference,
    clustered_difference,
    clustered_rate,
)
from pytest_slm_autopsy.statistics.intervals import clopper_pearson

SIZES = {
    "a tenth large": lambda rng, n: np.where(np.arange(n) < n // 10, 20, 1),
    "one large": lambda rng, n: np.where(np.arange(n) < 1, n // 2, 1),
    "geometric": lambda rng, n: rng.geometric(0.2, n),
    "lognormal": lambda rng, n: np.maximum(1, np.round(rng.lognormal(1.5, 1, n))).astype(int),
}
OUTCOMES = {
    "all of a record alike": lambda rng, sizes, rate: np.where(
        rng.random(len(sizes)) < rate, sizes, 0
    ),
    "some records wholly wrong": lambda rng, sizes, rate: np.where(
        rng.random(len(sizes)) < (1 - rate) / 2, 0, rng.binomial(sizes, 2 * rate / (1 + rate))
    ),
    "each for itself": lambda rng, sizes, rate: rng.binomial(sizes, rate),
}
clusters = st.lists(
    st.integers(1, 30).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))),
    min_size=1,
)


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize(("n", "rate"), [(100, 0.9), (30, 0.5)])
def test_a_rate_of_unequal_clusters_errs_as_seldom_as_promised(sizes, outcome, n, rate):
    rng = np.random.default_rng([n, len(sizes), len(outcome)])
    above = below = 0
    for _ in range(400):
        trials = SIZES[sizes](rng, n)
        low, high = clustered_rate(OUTCOMES[outcome](rng, trials, rate), trials)
        above += low > rate
        below += high < rate
    assert max(above, below) <= 0.05 * 400


@given(clusters, st.sampled_from([0.5, 0.9, 0.95, 0.999]))
def test_clusters_never_make_a_rate_surer(clusters, level):
    hits, sizes = zip(*clusters, strict=True)
    low, high = clustered_rate(hits, sizes, level)
    alone = clopper_pearson(sum(hits), sum(sizes), level)
    assert low <= alone[0] + 1e-9
    assert high >= alone[1] - 1e-9


@given(clusters)
def test_right_and_wrong_are_mirrored(clusters):
    hits, sizes = (np.array(each) for each in zip(*clusters, strict=True))
    low, high = clustered_rate(hits, sizes)
    assert clustered_rate(sizes - hits, sizes) == pytest.approx((1 - high, 1 - low), abs=1e-7)


@given(clusters)
def test_the_order_of_the_clusters_makes_no_difference(clusters):
    there, back = (clustered_rate(*zip(*o, strict=True)) for o in (clusters, clusters[::-1]))
    assert there == pytest.approx(back, abs=1e-9)


def test_a_rate_is_no_surer_than_its_one_large_record():
    one = clustered_rate([50] + [1] * 50, [50] + [1] * 50)
    equal = clustered_rate([2] * 50, [2] * 50)
    assert one[0] < 0.6 < 0.9 < equal[0]


def test_the_estimated_variance_is_statsmodels_of_clusters():
    """Of many clusters, beside which the two added ones are nothing."""
    rng = np.random.default_rng(3)
    sizes = rng.integers(1, 5, 10_000)
    hits = rng.binomial(sizes, rng.beta(4, 1, 10_000))
    outcomes = np.concatenate(
        [np.arange(size) < hit for size, hit in zip(sizes, hits, strict=True)]
    )
    records = {"groups": np.repeat(np.arange(10_000), sizes)}
    fitted = OLS(outcomes.astype(float), np.ones(len(outcomes))).fit(
        cov_type="cluster", cov_kwds=records
    )
    low, high = clustered_rate(hits, sizes)
    assert (high - low) / 2 == pytest.approx(1.96 * fitted.bse[0], rel=0.01)


@pytest.mark.parametrize("times", [2, 5])
def test_so_many_times_the_clusters_are_the_clusters_repeated(times):
    hits, sizes = [3, 0, 9, 1, 5, 4], [3, 1, 10, 1, 7, 4]
    more = ClusteredRate.of(hits, sizes).interval(0.95, times)
    assert more == pytest.approx(clustered_rate(hits * times, sizes * times))


def test_a_difference_of_unequal_clusters_errs_as_seldom_as_promised():
    rng, missed = np.random.default_rng(5), 0
    sizes = SIZES["a tenth large"](rng, 100)
    for _ in range(400):
        drawn = rng.random(100)
        lost, won = np.where(drawn < 0.15, sizes, 0), np.where(drawn > 0.95, sizes, 0)
        low, high = clustered_difference(lost, won, sizes)
        missed += not low <= 0.1 <= high
    assert missed <= 0.06 * 400


def by_definition(hits, sizes, level):
    """Korn & Graubard's interval with two more clusters, cluster by cluster."""
    n = sum(sizes)
    squares = sum(size**2 for size in sizes)
    least = n**2 / squares  # clusters of equal size that would vary as much

    def student(trials):
        return t.ppf((1 + level) / 2, max(trials - 1, 1))

    floor = least * min(1, student(len(sizes)) / student(least)) ** 2
    worth = floor
    wholly = [sum(hit > 0 for hit in hits), sum(h < s for h, s in zip(hits, sizes, strict=True))]
    if min(wholly) > 1:
        made, deciding = 0, 0
        for size in sorted(sizes):
            made, deciding = made + size**2, size
            if made >= squares / 2:
                break
        seen = [*zip(hits, sizes, strict=True), (deciding, deciding), (0, deciding)]
        trials = sum(size for _, size in seen)
        rate = sum(hit for hit, _ in seen) / trials
        variance = sum((hit - rate * size) ** 2 for hit, size in seen) / trials**2
        variance *= len(sizes) / (len(sizes) - 1)
        worth = min(max(rate * (1 - rate) / variance, least), n)
        worth = max(worth * min(1, student(n) / student(least)) ** 2, floor)
    return clopper_pearson(sum(hits) / n * worth, worth, level)


UNLIKE = [
    ([3, 0, 9, 1, 5, 4], [3, 1, 10, 1, 7, 4]),
    ([1, 2, 0, 2, 1], [2, 2, 2, 2, 2]),
    ([4, 4, 4, 0], [4, 4, 4, 4]),
    ([4, 4, 3, 3], [4, 4, 4, 4]),
    ([0, 0, 1], [2, 1, 1]),
    ([5], [7]),
    ([30, 1, 0, 1], [40, 1, 1, 1]),
    ([2, 1] * 20, [3, 2] * 20),
]


@pytest.mark.parametrize(("hits", "sizes"), UNLIKE)
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_a_rate_of_clusters_is_that_of_the_definition(hits, sizes, level):
    assert clustered_rate(hits, sizes, level) == pytest.approx(by_definition(hits, sizes, level))


@pytest.mark.parametrize(("hits", "sizes"), UNLIKE)
@pytest.mark.parametrize("times", [2, 3])
def test_more_clusters_of_the_kind_are_those_clusters_repeated(hits, sizes, times):
    more = ClusteredRate.of(hits, sizes).interval(0.95, times)
    assert more == pytest.approx(by_definition(hits * times, sizes * times, 0.95))


@pytest.mark.parametrize("hits", [[1, 1, 1, 0, 0], [0, 0, 0], [1]])
def test_independent_trials_are_clusters_of_one(hits):
    assert ClusteredRate.independent(sum(hits), len(hits)) == ClusteredRate.of(
        hits, [1] * len(hits)
    )


def test_the_largest_difference_holds_for_all_it_was_chosen_from():
    sizes = [1] * 30
    first, second = (
        ClusteredDifference(ClusteredRate.of(lost, sizes), ClusteredRate.of(won, sizes))
        for lost, won in (([1] * 9 + [0] * 21, [0] * 28 + [1] * 2), ([1] * 8 + [0] * 22, [0] * 30))
    )
    found = LargestDifference([(first, 3), (second, 1)], 4).interval(0.9, 2)
    assert found == (
        max(one.interval(1 - 0.1 / 4, 2)[0] for one in (first, second)),
        max(first.interval(1 - 0.1 / 3, 2)[1], second.interval(0.9, 2)[1]),
    )


def test_an_interval_is_at_95_percent_and_of_the_clusters_at_hand_unless_asked():
    rates = (
        ClusteredRate.of([2, 1, 1, 0], [2, 2, 3, 2]),
        ClusteredRate.of([0, 1, 1, 0], [2, 2, 3, 2]),
    )
    difference = ClusteredDifference(*rates)
    for one in (rates[0], difference, LargestDifference([(difference, 1)], 2)):
        assert one.interval() == one.interval(0.95, 1)
