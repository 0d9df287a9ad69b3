"""Looking after every batch: the interval still misses no more often than it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.statistics.intervals import clopper_pearson
from pytest_slm_autopsy.statistics.sequential import betting_interval

RATE = (0.0, 1.0)
GAP = (-1.0, 1.0)


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=40), st.floats(0.5, 0.99))
def test_the_interval_holds_its_mean_and_turns_with_its_values(values, level):
    counts = {value: values.count(value) for value in set(values)}
    low, high = betting_interval(counts, GAP, level)
    mean = sum(values) / len(values)
    assert -1 <= low <= mean + 1e-9
    assert mean - 1e-9 <= high <= 1
    turned = betting_interval({-value: n for value, n in counts.items()}, GAP, level)
    assert turned == pytest.approx((-high, -low), abs=1e-6)


@pytest.mark.parametrize("rate", [0.01, 0.5, 0.9])
def test_peeking_does_not_inflate_the_error(rate):
    rng = np.random.default_rng(3)
    missed = plain = 0
    for _ in range(100):
        draws = (rng.random((16, 25)) < rate).astype(float)
        counts, wrong, wrong_plain = {0.0: 0, 1.0: 0}, False, False
        for batch in draws:
            counts[1.0] += int(batch.sum())
            counts[0.0] += int(len(batch) - batch.sum())
            low, high = betting_interval(counts, RATE)
            wrong |= not low <= rate <= high
            low, high = clopper_pearson(counts[1.0], sum(counts.values()))
            wrong_plain |= not low <= rate <= high
        missed += wrong
        plain += wrong_plain
    assert missed <= 0.05 * 100
    if rate > 0.01:
        assert plain > 0.05 * 100  # which is why plain intervals must not be peeked at


def test_values_between_the_bounds_are_bet_on_too():
    low, high = betting_interval({0.25: 100, 0.5: 100}, RATE)
    assert low < 0.375 < high
    assert high - low < 0.15


def test_all_alike_is_not_proven_perfect():
    assert betting_interval({1.0: 50}, RATE)[1] == 1.0
    assert 0.8 < betting_interval({1.0: 50}, RATE)[0] < 1
    assert betting_interval({0.0: 50}, RATE)[0] == 0.0


def test_no_values_are_an_error():
    with pytest.raises(NoDataError, match="at least one value"):
        betting_interval({}, RATE)
    with pytest.raises(ConfigError, match=r"write 0\.95"):
        betting_interval({1.0: 1}, RATE, 95)


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize(
    ("counts", "bounds"),
    [({1.0: 9, 0.0: 3}, RATE), ({1.0: 5, 0.0: 4, -1.0: 2}, GAP), ({0.25: 30, 0.75: 10}, RATE)],
)
def test_the_interval_ends_where_all_gamblers_together_grew_rich(counts, bounds, level):
    """Their capital by numerical integration over the arcsine law of their stakes."""
    least, greatest = bounds

    def capital(mean, bound):
        def of_one(angle):
            stake = (1 + np.cos(angle)) / 2
            gains = {value: (value - bound) / (mean - bound) for value in counts}
            return np.prod([(1 - stake + stake * gains[v]) ** n for v, n in counts.items()])

        return quad(of_one, 0, np.pi)[0] / np.pi

    low, high = betting_interval(counts, bounds, level)
    for end, bound in ((low, least), (high, greatest)):
        assert capital(end, bound) == pytest.approx(2 / (1 - level), rel=1e-5)
