"""Intervals against scipy, against Newcombe's own table, and against repeated draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom, binomtest, norm

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.statistics.clustered import clustered_difference, clustered_rate
from pytest_slm_autopsy.statistics.intervals import (
    clopper_pearson,
    mover_paired,
    newcombe_paired,
    tango_paired,
    welch,
    wilson,
)

counts = st.integers(0, 60)
tables = st.tuples(counts, counts, counts, counts).filter(any)
levels = st.floats(0.5, 0.999)

INTERVALS = {
    "wilson": lambda level: wilson(5, 9, confidence_level=level),
    "newcombe": lambda level: newcombe_paired(4, 3, 2, 1, confidence_level=level),
    "clopper_pearson": lambda level: clopper_pearson(5, 9, level),
    "clustered_rate": lambda level: clustered_rate([2, 0, 1, 3], [3, 3, 3, 3], level),
    "tango": lambda level: tango_paired(10, 3, 2, level),
    "mover": lambda level: mover_paired(10, 3, 2, level),
    "welch": lambda level: welch(np.arange(5.0), np.arange(1.0, 4.0), level),
}


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), levels)
def test_wilson_is_scipys(share, level):
    expected = binomtest(*share).proportion_ci(level, method="wilson")
    assert wilson(*share, confidence_level=level) == pytest.approx(tuple(expected), abs=1e-9)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), levels)
def test_clopper_pearson_is_scipys(share, level):
    expected = binomtest(*share).proportion_ci(level, method="exact")
    found = clopper_pearson(*share, level)
    assert found == pytest.approx(tuple(expected), abs=1e-9)
    assert (
        clustered_rate([1] * share[0] + [0] * (share[1] - share[0]), [1] * share[1], level) == found
    )


@pytest.mark.parametrize("n", [20, 50, 100, 500])
@pytest.mark.parametrize("rate", [0, 0.01, 0.1, 0.5, 0.99])
def test_clopper_pearson_misses_at_most_as_often_as_it_says(n, rate):
    held = [low <= rate <= high for low, high in (clopper_pearson(k, n) for k in range(n + 1))]
    assert binom.pmf(np.arange(n + 1), n, rate) @ held >= 0.95


def test_a_rate_is_as_sure_as_its_clusters_are_many():
    spread = clustered_rate([7, 8, 8, 7, 8, 7, 8, 8, 7, 8] * 4, [8] * 40)
    lumped = clustered_rate([8, 8, 8, 8, 8, 8, 8, 8, 8, 4] * 4, [8] * 40)
    assert lumped[0] < spread[0]
    one = clustered_rate([8, 8, 8, 8, 8, 8, 8, 8, 8, 4], [8] * 10)
    assert one == pytest.approx(clopper_pearson(9.5, 10))
    assert clustered_rate([8] * 10, [8] * 10) == pytest.approx(clopper_pearson(10, 10))
    assert clustered_rate([3, 5], [4, 6])[0] > 0


@pytest.mark.parametrize(("dead", "slips", "fields"), [(0.02, 0.02, 10), (0.01, 0.05, 20)])
def test_a_rare_document_that_fails_wholly_is_reckoned_with(dead, slips, fields):
    rng = np.random.default_rng(7)
    truth, missed = (1 - dead) * (1 - slips), 0
    for _ in range(400):
        right = np.where(rng.random(100) < dead, 0, rng.binomial(fields, 1 - slips, 100))
        missed += clustered_rate(right.tolist(), [fields] * 100)[0] > truth
    assert missed <= 0.05 * 400


def test_a_clustered_difference_is_as_sure_as_its_clusters_are_many():
    alone = clustered_difference([1] * 10 + [0] * 90, [0] * 100, [1] * 100)
    assert alone == mover_paired(100, 10, 0)
    lumped = clustered_difference([10] + [0] * 9, [0] * 10, [10] * 10)
    assert lumped == pytest.approx(mover_paired(10, 1, 0))


def test_all_right_is_not_proven_perfect_and_all_wrong_not_hopeless():
    for interval in (wilson, clopper_pearson):
        assert interval(9, 9)[1] == 1.0
        assert interval(0, 9)[0] == 0.0
        assert interval(9, 9)[0] < 0.8


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
def test_a_rate_of_nothing_or_of_more_than_all_is_an_error(interval):
    with pytest.raises(NoDataError, match="a rate of nothing"):
        interval(0, 0)
    with pytest.raises(ConfigError, match="3 of 2 is no share"):
        interval(3, 2)
    with pytest.raises(ConfigError, match=r"1000000000000000000000\d* of 2 is no share"):
        interval(10**400, 2)
    with pytest.raises(ConfigError, match="more cases than can be counted exactly"):
        interval(0, 10**400)


@pytest.mark.parametrize("table", [(100, 10, 2), (44, 0, 1), (50, 50, 0), (30, 5, 5), (20, 0, 0)])
def test_tangos_limits_are_where_the_score_test_turns(table):
    n, b, c = table

    def score(gap):  # restricted likelihood maximised by search, not by formula
        def loss(p):
            cells = (p + gap, p, 1 - 2 * p - gap)
            counts = (b, c, n - b - c)
            return -sum(k * np.log(max(q, 1e-300)) for k, q in zip(counts, cells, strict=True) if k)

        bounds = (max(0, -gap), (1 - gap) / 2)
        p = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-12}).x
        return (b - c - n * gap) / np.sqrt(n * (2 * p + gap - gap**2))

    for limit in tango_paired(*table):
        if abs(limit) < 1:
            assert abs(score(limit)) == pytest.approx(norm.ppf(0.975), abs=2e-3)


@given(tables, levels)
def test_the_gates_interval_holds_its_estimate_and_turns_with_its_sides(table, level):
    _, lost, won, _ = table
    n = sum(table)
    low, high = mover_paired(n, lost, won, level)
    assert -1 <= low <= (lost - won) / n + 1e-12
    assert (lost - won) / n - 1e-12 <= high <= 1
    assert mover_paired(n, won, lost, level) == pytest.approx((-high, -low))


@pytest.mark.parametrize("n", [20, 100])
@pytest.mark.parametrize("shares", [(0, 0), (0.01, 0), (0.1, 0), (0.99, 0), (0.1, 0.1), (0.5, 0.5)])
def test_the_gates_interval_covers_the_truth_as_often_as_it_says(n, shares):
    lost, won = shares
    drawn = np.random.default_rng(1).multinomial(n, [lost, won, 1 - lost - won], size=1000)
    intervals = [mover_paired(n, int(b), int(c)) for b, c, _ in drawn]
    assert np.mean([low <= lost - won <= high for low, high in intervals]) >= 0.94


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        # Newcombe 1998 (Statistics in Medicine 17, 2635-2650), table III, method 10.
        ((36, 12, 2, 0), (0.0569, 0.3404)),
        ((20, 12, 2, 16), (0.0562, 0.3292)),
        ((18, 12, 2, 18), (0.0562, 0.3290)),
        ((36, 14, 0, 0), (0.1528, 0.4167)),
        ((35, 14, 0, 1), (0.1461, 0.4175)),
        ((18, 14, 0, 18), (0.1441, 0.3963)),
        ((2, 97, 1, 0), (0.8721, 0.9854)),
        ((0, 30, 0, 0), (0.8395, 1.0)),
        ((54, 0, 0, 0), (-0.0664, 0.0664)),
        ((53, 0, 0, 1), (-0.0729, 0.0729)),
        ((27, 0, 0, 27), (-0.0351, 0.0351)),
    ],
)
def test_newcombe_gives_the_limits_of_the_paper(table, expected):
    assert newcombe_paired(*table) == pytest.approx(expected, abs=6e-5)


@pytest.mark.parametrize("table", [(59, 7, 16, 80), (14, 5, 0, 22)])
def test_newcombe_follows_the_formula_of_the_paper(table):
    e, f, g, h = table
    n = sum(table)
    (low1, high1), (low2, high2) = (
        binomtest(k, n).proportion_ci(method="wilson") for k in (e + f, e + g)
    )
    one, two = (e + f) / n, (e + g) / n
    phi = (e * h - f * g - n / 2) / math.sqrt((e + f) * (g + h) * (e + g) * (f + h))
    down, up, down2, up2 = one - low1, high1 - one, two - low2, high2 - two
    delta = math.sqrt(down**2 - 2 * phi * down * up2 + up2**2)
    epsilon = math.sqrt(down2**2 - 2 * phi * down2 * up + up**2)
    assert newcombe_paired(*table) == pytest.approx((one - two - delta, one - two + epsilon))


@given(tables, levels)
def test_newcombe_holds_its_estimate_and_turns_with_its_sides(table, level):
    both, first, second, neither = table
    low, high = newcombe_paired(*table, confidence_level=level)
    estimate = (first - second) / sum(table)
    assert -1 <= low <= estimate + 1e-12
    assert estimate - 1e-12 <= high <= 1
    turned = newcombe_paired(both, second, first, neither, confidence_level=level)
    assert turned == pytest.approx((-high, -low))


@given(counts, counts.filter(bool))
def test_newcombe_holds_zero_where_all_answers_agree(both, neither):
    low, high = newcombe_paired(both, 0, 0, neither)
    assert low < 0 < high
    assert low == pytest.approx(-high)


@pytest.mark.parametrize("shares", [(0.7, 0.2, 0.05, 0.05), (0.4, 0.3, 0.1, 0.2)])
@pytest.mark.parametrize("n", [30, 101])
def test_newcombe_covers_the_truth_as_often_as_it_says(shares, n):
    drawn = np.random.default_rng(42).multinomial(n, shares, size=600).tolist()
    intervals = [newcombe_paired(*table) for table in drawn]
    assert np.mean([low <= shares[1] - shares[2] <= high for low, high in intervals]) >= 0.93


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize(
    ("level", "sentence"),
    [
        (95, r"confidence level 95 is not between 0 and 1; write 0\.95"),
        (99.9, r"write 0\.999"),
        (100, "confidence level 100 is not between 0 and 1$"),
        (1, "confidence level 1 is not"),
        (0, "confidence level 0 is not"),
        (-1, "confidence level -1 is not"),
        (math.nan, "confidence level nan is not"),
    ],
)
def test_a_level_that_cannot_be_meant_is_refused(interval, level, sentence):
    with pytest.raises(ConfigError, match=sentence):
        INTERVALS[interval](level)


@pytest.mark.parametrize("interval", INTERVALS)
def test_more_confidence_takes_a_wider_interval(interval):
    (low, high), (lower, higher) = (INTERVALS[interval](level) for level in (0.6, 0.99))
    assert lower < low < high < higher
