"""Intervals against scipy, against Newcombe's own table, and against repeated draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import beta, binom, binomtest, norm, t, ttest_ind

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.statistics.clustered import clustered_difference, clustered_rate
from pytest_slm_autopsy.statistics.intervals import (
    MOST_COUNTED,
    clopper_pearson,
    exclusive_difference,
    mover_paired,
    newcombe_paired,
    quantile,
    recovered,
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


SAMPLES = [
    ([0.2, 0.9], [0.5, 0.1]),
    ([1.0, 2.0, 4.0], [0.5, 7.0]),
    ([3.0, 3.5] * 2, [1.0, 2.0, 9.0]),
]


@pytest.mark.parametrize(("first", "second"), SAMPLES)
@pytest.mark.parametrize("level", [0.5, 0.95])
def test_welch_is_scipys(first, second, level):
    expected = ttest_ind(first, second, equal_var=False).confidence_interval(level)
    assert welch(np.array(first), np.array(second), level) == pytest.approx(tuple(expected))


@pytest.mark.parametrize(("first", "second"), SAMPLES)
def test_welch_of_more_values_keeps_their_variances(first, second):
    parts = [np.var(side, ddof=1) / (3 * len(side)) for side in (first, second)]
    lost = sum(
        part**2 / (3 * len(side) - 1) for part, side in zip(parts, (first, second), strict=True)
    )
    half = t.ppf(0.975, sum(parts) ** 2 / lost) * math.sqrt(sum(parts))
    middle = np.mean(first) - np.mean(second)
    found = welch(np.array(first), np.array(second), 0.95, 3)
    assert found == pytest.approx((middle - half, middle + half))


def test_welch_of_values_that_never_vary_is_a_point_and_of_one_value_the_whole_line():
    still, one = np.full(3, 0.75), np.array([0.5])
    assert welch(still, np.full(2, 0.25)) == (0.5, 0.5)
    assert welch(still, one) == welch(one, still) == (-math.inf, math.inf)


@pytest.mark.parametrize(("successes", "n"), [(2.5, 7.25), (0.5, 0.75), (0.25, 9.0)])
def test_fractions_of_trials_are_counted_as_such(successes, n):
    low, high = (
        beta.ppf(0.05, successes, n - successes + 1),
        beta.ppf(0.95, successes + 1, n - successes),
    )
    assert clopper_pearson(successes, n, 0.9) == pytest.approx((low, high))


def test_as_many_cases_as_floats_count_exactly_are_counted():
    assert clopper_pearson(0, MOST_COUNTED)[0] == 0.0
    with pytest.raises(ConfigError, match="more cases than can be counted exactly"):
        clopper_pearson(0, MOST_COUNTED + 2)


@pytest.mark.parametrize(("successes", "n"), [(-1, 2), (-0.5, 2), (2.5, 2)])
def test_less_than_nothing_and_more_than_all_are_no_share(successes, n):
    with pytest.raises(ConfigError, match=f"{successes} of {n} is no share"):
        clopper_pearson(successes, n)


@pytest.mark.parametrize(
    ("level", "hint"), [(50, "; write 0.5"), (49.5, ""), (99.5, "; write 0.995"), (100, "")]
)
def test_only_a_level_that_reads_as_percent_is_translated(level, hint):
    with pytest.raises(ConfigError) as caught:
        quantile(level)
    assert str(caught.value) == f"confidence level {level:g} is not between 0 and 1{hint}"


def test_the_quantile_is_the_normal_one():
    assert quantile(0.9) == pytest.approx(norm.isf(0.05))


def test_the_limits_of_two_intervals_join_by_their_distances():
    # Distances 3 and 4 below, 12 and 5 above: the sides of right triangles.
    joined = recovered(10.0, (7.0, 22.0), 2.0, (-3.0, 6.0))
    assert joined == pytest.approx((8 - 5, 8 + 13))
    surer = recovered(10.0, (7.0, 22.0), 2.0, (-3.0, 6.0), correlation=1.0)
    assert surer == pytest.approx((8 - 1, 8 + 7))


@pytest.mark.parametrize("silent", [(-math.inf, 1.0), (0.0, math.inf)])
def test_an_interval_that_says_nothing_joins_to_one_that_says_nothing_there(silent):
    known = (0.25, 0.75)
    for found, first in ((recovered(0.5, silent, 0.5, known), True),
                         (recovered(0.5, known, 0.5, silent), False)):  # fmt: skip
        assert math.isinf(found[0]) == (math.isinf(silent[0]) == first)
        assert math.isinf(found[1]) == (math.isinf(silent[1]) == first)


@pytest.mark.parametrize(("n", "lost", "won"), [(10, 3, 2), (10, 10, 0), (8, 1, 7), (5, 0, 0)])
def test_shares_that_exclude_each_other_are_correlated_as_in_a_multinomial(n, lost, won):
    (low, high), (low2, high2) = clopper_pearson(lost, n), clopper_pearson(won, n)
    one, two = lost / n, won / n
    drawn = np.array([[one * (1 - one), -one * two], [-one * two, two * (1 - two)]])
    size = math.sqrt(drawn[0, 0] * drawn[1, 1])
    correlation = drawn[0, 1] / size if size else 0.0

    def reach(down, up):
        return math.sqrt(down**2 - 2 * correlation * down * up + up**2)

    expected = (
        max(-1.0, one - two - reach(one - low, high2 - two)),
        min(1.0, one - two + reach(high - one, two - low2)),
    )
    assert mover_paired(n, lost, won) == pytest.approx(expected)
    assert exclusive_difference(one, (low, high), two, (low2, high2)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("table", "phi"),
    [
        ((9, 3, 2, 6), (9 * 6 - 3 * 2 - 10) / math.sqrt(12 * 8 * 11 * 9)),
        ((4, 3, 2, 2), 0.0),  # the correction would turn the sign
        ((2, 5, 4, 3), (2 * 3 - 5 * 4) / math.sqrt(7 * 7 * 6 * 8)),
        ((5, 4, 0, 0), 0.0),  # a margin is empty
    ],
)
def test_newcombe_corrects_a_correlation_above_nothing_only(table, phi):
    both, lost, won, _ = table
    n = sum(table)
    one, two = (both + lost) / n, (both + won) / n
    ends, others = (wilson(k, n) for k in (both + lost, both + won))
    assert newcombe_paired(*table) == pytest.approx(
        recovered(one, ends, two, others, correlation=phi)
    )


@pytest.mark.parametrize("n", [1, 3, 50])
def test_tangos_interval_of_answers_that_all_agree_has_a_closed_form(n):
    z = norm.ppf(0.975)
    reach = z**2 / (n + z**2)
    assert tango_paired(n, 0, 0) == pytest.approx((-reach, reach))


@pytest.mark.parametrize("n", [1, 3])
def test_tangos_interval_of_few_items_that_go_one_way_ends_at_one(n):
    low, high = tango_paired(n, n, 0)
    assert -1 < low < high == 1.0


def test_tangos_interval_turns_with_its_sides():
    for n, lost, won in [(100, 10, 2), (30, 5, 5), (12, 12, 0), (40, 0, 3)]:
        low, high = tango_paired(n, lost, won)
        assert tango_paired(n, won, lost) == pytest.approx((-high, -low), abs=1e-9)
