"""Calibration error over bins: less biased than the plain one, and its interval covers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import binom
from torchmetrics.functional.classification import binary_calibration_error

from pytest_slm_autopsy.statistics.binned import binned_error, edges
from pytest_slm_autopsy.statistics.intervals import clopper_pearson


def drawn(n, seed, skill, low=0.5):
    rng = np.random.default_rng(seed)
    sure = rng.uniform(low, 1, n)
    return sure, (rng.random(n) < skill(sure)).astype(float)


def test_the_plain_error_is_torchmetrics_where_the_bins_are_the_same():
    sure = np.concatenate([np.full(40, (2 * i + 1) / 10) for i in range(5)])
    right = (np.random.default_rng(1).random(200) < 0.5).astype(float)
    expected = binary_calibration_error(
        torch.tensor(sure), torch.tensor(right).long(), n_bins=5, norm="l1"
    )
    assert len(edges(sure)) == 5
    assert binned_error(sure, right, range(200)).plain == pytest.approx(float(expected), abs=1e-6)


def test_equal_confidences_share_a_bin():
    assert edges(np.full(100, 0.9)).tolist() == [100]
    sure = np.sort(np.repeat([0.1, 0.5, 0.9], [50, 1, 949]))
    assert edges(sure).tolist()[-1] == 1000
    assert set(edges(sure)) <= {50, 51, 1000}


def test_the_noise_of_a_calibrated_model_is_not_its_error():
    errors = [binned_error(*drawn(64, seed, lambda p: p), range(64)) for seed in range(80)]
    plain, ours = np.mean([e.plain for e in errors]), np.mean([e.value for e in errors])
    assert ours < plain / 2


@pytest.mark.parametrize(("n", "off"), [(64, 0.0), (64, 0.1), (256, 0.0), (256, 0.3)])
def test_the_interval_covers_the_error(n, off):
    held = []
    for seed in range(80):
        sure, right = drawn(n, seed, lambda p: p - off)
        low, high = binned_error(sure, right, range(n)).interval()
        held.append(low <= off + 1e-9 and off - 1e-9 <= high)
    assert np.mean(held) >= 0.94


def test_many_sure_and_wrong_answers_are_as_bad_as_they_look():
    error = binned_error(np.full(2000, 0.95), np.zeros(2000), range(2000))
    assert error.value == pytest.approx(0.95)
    assert error.interval()[0] > 0.9


def test_answers_of_one_record_are_one_piece_of_evidence():
    sure, right = drawn(60, 5, lambda p: p - 0.2)
    alone = binned_error(np.tile(sure, 4), np.tile(right, 4), range(240)).interval()
    together = binned_error(np.tile(sure, 4), np.tile(right, 4), list(range(60)) * 4).interval()
    assert together[1] - together[0] > alone[1] - alone[0]


def missed(draw, runs=120):
    """Shares of runs whose interval is below, and above, the error that the bins can see."""
    below = above = 0
    for seed in range(runs):
        sure, chance, right, records = draw(np.random.default_rng([runs, seed]))
        order = np.argsort(sure, kind="stable")
        parts = np.split(order, edges(sure[order])[:-1])
        truth = sum(abs((chance - sure)[part].sum()) for part in parts) / len(sure)
        low, high = binned_error(sure, right, records).interval()
        below += high < truth - 1e-9
        above += low > truth + 1e-9
    return below / runs, above / runs


@pytest.mark.parametrize("shared", [0.0, 1.0], ids=["own confidence", "confidence of the record"])
@pytest.mark.parametrize("off", [0.0, 0.2])
def test_pooled_conditions_of_one_record_err_as_seldom_as_promised(shared, off):
    def draw(rng):
        own, of_record = rng.uniform(0.6, 1, (100, 6)), rng.uniform(0.6, 1, (100, 1))
        sure = shared * of_record + (1 - shared) * own
        chance = sure - off
        right = (rng.random((100, 1)) < chance).astype(float)  # right or wrong by record
        return sure.ravel(), chance.ravel(), right.ravel(), np.repeat(np.arange(100), 6)

    assert max(missed(draw)) <= 0.07


@pytest.mark.parametrize("n", [10, 50, 300])
@pytest.mark.parametrize(("sure", "rate"), [(0.9, 0.6), (0.97, 0.67), (0.9, 0.9)])
def test_one_confidence_for_all_errs_no_oftener_than_promised(n, sure, rate):
    """Exact: summed over all numbers of right answers."""
    outside = [0.0, 0.0]
    for right in range(n + 1):
        outcomes = (np.arange(n) < right).astype(float)
        low, high = binned_error(np.full(n, sure), outcomes, range(n)).interval()
        chance = binom.pmf(right, n, rate)
        outside[0] += chance * (high < abs(sure - rate) - 1e-9)
        outside[1] += chance * (low > abs(sure - rate) + 1e-9)
    assert outside[0] <= 0.025
    assert outside[1] <= (0.025 if sure != rate else 0.05)  # at 0, both ends of the rate are above


def test_one_confidence_of_one_record_each_is_clopper_pearsons():
    right = np.array([1.0] * 45 + [0.0] * 15)
    low, high = clopper_pearson(45, 60)
    assert binned_error(np.full(60, 0.9), right, range(60)).interval() == pytest.approx(
        (0.9 - high, 0.9 - low)
    )


def test_records_that_share_bins_make_the_error_less_sure():
    sure, right = drawn(60, 5, lambda p: p - 0.2)
    rng = np.random.default_rng(1)
    more = np.clip(np.tile(sure, 6) + rng.uniform(-0.2, 0.2, 360), 0, 1)
    alone = binned_error(more, np.tile(right, 6), range(360)).interval()
    together = binned_error(more, np.tile(right, 6), list(range(60)) * 6).interval()
    assert together[0] <= alone[0]
    assert together[1] >= alone[1] + 0.01


def test_more_cases_make_a_calibrated_model_surer_by_less_than_their_root():
    errors = [binned_error(*drawn(125, seed, lambda p: p), range(125)) for seed in range(20)]
    once, often, oftener = (
        np.mean([error.interval(0.95, times)[1] for error in errors]) for times in (1, 8, 64)
    )
    assert once > often > oftener > once / 8
    drawn_so_often = [binned_error(*drawn(1000, s, lambda p: p), range(1000)) for s in range(20)]
    seen = np.mean([error.interval()[1] for error in drawn_so_often])
    assert seen < often < 2 * seen  # the few seem to have more of an error


def test_one_case_proves_nothing():
    low, high = binned_error(np.array([0.9]), np.array([1.0]), [0]).interval()
    assert low == 0
    assert high > 0.3
