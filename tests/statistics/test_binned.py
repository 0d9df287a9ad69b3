"""Calibration error over bins: less biased than the plain one, and its interval covers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_calibration_error

from pytest_slm_autopsy.statistics.binned import binned_error, edges


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


def test_one_case_proves_nothing():
    low, high = binned_error(np.array([0.9]), np.array([1.0]), [0]).interval()
    assert low == 0
    assert high > 0.3
