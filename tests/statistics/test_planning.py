"""The number of cases that a gate needs does decide, and one in ten fewer does not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, binom, multinomial

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.statistics.intervals import (
    clopper_pearson,
    exclusive_difference,
    mover_paired,
)
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
    with pytest.raises(
        ConfigError, match=r"a rate of 0\.9 .* limit 0\.9: even 100,000 cases would"
    ):
        required_n(0.9, 0.9)
    with pytest.raises(ConfigError, match="cannot be told from the limit"):
        required_pairs(0.1, 0.2, 0.1)
    with pytest.raises(ConfigError, match="even 100,000 pairs would not decide"):
        required_pairs(0.1, 0.2, 0.101)
    with pytest.raises(ConfigError, match="expected is 97; it must be a share"):
        required_n(0.9, 97)


@pytest.mark.parametrize(
    ("limit", "expected", "asked", "level"),
    [(0.7, 0.9, 0.8, 0.95), (0.9, 0.6, 0.9, 0.95), (0.5, 0.9, 0.5, 0.5),
     (1.0, 0.5, 0.9, 0.95)],
)  # fmt: skip
def test_the_required_cases_are_the_fewest_from_which_on_the_gate_decides(
    limit, expected, asked, level
):
    def power(n):
        right, tail = np.arange(n + 1), (1 - level) / 2
        if expected > limit:
            decides = beta.ppf(tail, right, n - right + 1) >= limit
        else:
            decides = beta.isf(tail, right + 1, n - right) < limit
        return binom.pmf(right, n, expected) @ decides

    short = [n for n in range(1, 70) if power(n) < asked]
    found = required_n(limit, expected, power=asked, confidence_level=level)
    assert found == max(short, default=0) + 1
    assert found < 55


@pytest.mark.parametrize(
    ("limit", "lost", "won", "asked", "level"),
    [(0.3, 0.02, 0.0, 0.9, 0.95), (0.1, 0.6, 0.1, 0.8, 0.9), (0.4, 0.1, 0.1, 0.7, 0.8),
     (-0.2, 0.05, 0.6, 0.8, 0.9), (0.2, 1.0, 0.0, 0.9, 0.95), (0.9, 0.1, 0.0, 0.5, 0.5)],
)  # fmt: skip
def test_the_required_pairs_are_the_fewest_from_which_on_the_gate_decides(
    limit, lost, won, asked, level
):
    def power(n):
        ends = [clopper_pearson(k, n, level) for k in range(n + 1)]
        chance = 0.0
        for b in range(n + 1):
            for c in range(n + 1 - b):
                low, high = exclusive_difference(b / n, ends[b], c / n, ends[c])
                if high <= limit if lost - won < limit else low > limit:
                    chance += multinomial.pmf([b, c, n - b - c], n, [lost, won, 1 - lost - won])
        return chance

    found = required_pairs(limit, lost, won, power=asked, confidence_level=level)
    assert found < 40
    assert power(found - 1) < asked if found > 1 else True
    assert min(power(n) for n in range(found, found + 4)) >= asked


def test_a_share_or_gap_at_its_edge_is_one():
    assert required_n(0.5, 1.0) < 10
    assert required_pairs(0.5, 1.0) < 20
    for shares in ((1.01, 0.5), (0.5, -0.01), (float("nan"), 0.5)):
        with pytest.raises(ConfigError, match="it must be a share from 0 to 1"):
            required_n(*shares)
    with pytest.raises(ConfigError, match=r"limit is 1\.5; it must be a share"):
        required_pairs(-1.5, 0.1)
    with pytest.raises(ConfigError, match=r"a gap of 0\.2 cannot be told from the limit 0\.1"):
        required_pairs(0.1, 0.7, 0.5)
