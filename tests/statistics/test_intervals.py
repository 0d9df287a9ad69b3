"""Intervals against scipy, against Newcombe's own table, and against repeated draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.statistics.intervals import bootstrap, newcombe_paired, wilson

counts = st.integers(0, 60)
tables = st.tuples(counts, counts, counts, counts).filter(any)
levels = st.floats(0.5, 0.999)

INTERVALS = {
    "wilson": lambda level: wilson(5, 9, confidence_level=level),
    "newcombe": lambda level: newcombe_paired(4, 3, 2, 1, confidence_level=level),
    "bootstrap": lambda level: bootstrap(9, lambda rows: rows.mean(1), confidence_level=level),
}


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), levels)
def test_wilson_is_scipys(share, level):
    expected = binomtest(*share).proportion_ci(level, method="wilson")
    assert wilson(*share, confidence_level=level) == pytest.approx(tuple(expected), abs=1e-9)


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


def test_the_bootstrap_is_seeded():
    data = np.random.default_rng(1).normal(size=50)
    first, again, other = (
        bootstrap(50, lambda rows: data[rows].mean(1), seed=seed) for seed in (7, 7, 8)
    )
    assert first == again != other
    assert all(isinstance(limit, float) for limit in first)


def test_the_bootstrap_of_a_mean_is_near_the_textbook():
    data = np.random.default_rng(2).normal(size=400)
    half = 1.96 * data.std() / 20
    expected = (data.mean() - half, data.mean() + half)
    found = bootstrap(400, lambda rows: data[rows].mean(1))
    assert found == pytest.approx(expected, abs=0.02)


def test_the_bootstrap_asks_for_the_resamples_it_is_told():
    shapes = []
    bootstrap(3, lambda rows: shapes.append(rows.shape) or rows.mean(1), resamples=11)
    assert shapes == [(11, 3)]


@pytest.mark.parametrize("interval", INTERVALS)
@pytest.mark.parametrize(
    ("level", "sentence"),
    [
        (95, r"confidence level 95 is not between 0\.5 and 1; write 0\.95"),
        (99.9, r"write 0\.999"),
        (100, "confidence level 100 is not between 0.5 and 1$"),
        (1, "confidence level 1 is not"),
        (0.49, "confidence level 0.49 is not"),
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
