"""The number of cases that a gate needs does decide, and one in ten fewer does not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.statistics.intervals import clopper_pearson, mover_paired
from pytest_slm_autopsy.statistics.planning import required_n, required_pairs


def power(n, limit, expected):
    """Chance that Clopper-Pearson's interval leaves the limit out, on the expected side."""
    k = np.arange(n + 1)
    ends = np.array([clopper_pearson(int(i), n) for i in k])
    decided = ends[:, 0] >= limit if expected > limit else ends[:, 1] < limit
    return binom.pmf(k, n, expected) @ decided


@pytest.mark.parametrize(("limit", "expected"), [(0.9, 0.97), (0.9, 0.8), (0.5, 0.6), (0.1, 0.02)])
def test_the_required_cases_decide_as_often_as_promised(limit, expected):
    n = required_n(limit, expected)
    assert power(n, limit, expected) >= 0.9
    assert power(int(0.75 * n), limit, expected) < 0.9


@pytest.mark.parametrize(
    ("limit", "lost", "won"),
    [(0.1, 0.03, 0.0), (0.25, 0.1, 0.02), (0.05, 0.2, 0.1), (0.0, 0.05, 0.01)],
)
def test_the_required_pairs_and_any_more_decide_as_often_as_promised(limit, lost, won):
    n = required_pairs(limit, lost, won)
    for pairs in (n, n + 1, n + 7, int(1.1 * n)):
        assert decided(pairs, limit, lost, won) >= 0.9 - 0.016
    assert decided(int(0.8 * n), limit, lost, won) < 0.9


def decided(pairs, limit, lost, won):
    """Share of 3,000 simulated runs in which the gate decides, known to about 0.011."""
    drawn = np.random.default_rng(1).multinomial(pairs, [lost, won, 1 - lost - won], size=3000)
    tables, times = np.unique(drawn[:, :2], axis=0, return_counts=True)
    ends = np.array([mover_paired(pairs, int(b), int(c)) for b, c in tables])
    return times @ (ends[:, 1] <= limit if lost - won < limit else ends[:, 0] > limit) / 3000


def test_what_cannot_be_told_apart_is_refused():
    with pytest.raises(ConfigError, match="too close to the limit"):
        required_n(0.9, 0.9)
    with pytest.raises(ConfigError, match="cannot be told from the limit"):
        required_pairs(0.1, 0.2, 0.1)
    with pytest.raises(ConfigError, match="even 100,000 pairs would not decide"):
        required_pairs(0.1, 0.2, 0.101)
    with pytest.raises(ConfigError, match="expected is 97; it must be a share"):
        required_n(0.9, 97)
