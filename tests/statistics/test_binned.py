"""Calibration error over bins: less biased than the plain one, and its interval covers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.stats import binom, foldnorm
from torchmetrics.functional.classification import binary_calibration_error

from pytest_slm_autopsy.statistics.binned import BinnedError, binned_error, edges
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


@pytest.mark.parametrize(
    ("n", "bins"),
    [(1, 1), (3, 1), (4, 2), (15, 2), (16, 3), (125, 5), (2744, 14), (3375, 15), (6000, 15)],
)
def test_there_are_as_many_bins_as_the_cube_root_of_the_cases(n, bins):
    ends = edges(np.linspace(0, 1, n)).tolist()
    assert ends == [n * (place + 1) // bins for place in range(bins)]


def parted(sure):
    """The number of the bin of each confidence."""
    ends = edges(np.sort(sure))
    ranks = np.argsort(np.argsort(sure, kind="stable"), kind="stable")
    return [sum(rank >= end for end in ends) for rank in ranks]


def covariance_by_definition(sure, right, records):
    """The covariance of the bins' rates, prediction by prediction."""
    bins, n = parted(sure), len(sure)
    number = max(bins) + 1
    sizes = [bins.count(b) for b in range(number)]
    gaps = [
        sum(right[i] - sure[i] for i in range(n) if bins[i] == b) / sizes[b] for b in range(number)
    ]
    off = [right[i] - sure[i] - gaps[bins[i]] for i in range(n)]
    together = [(i, j) for i in range(n) for j in range(n) if records[i] == records[j]]
    # Two more records of the size that a random prediction's record has, squared on average.
    size = (sum(records.count(record) ** 2 for record in records) / n) ** 0.5
    rate = sum(right) / n
    worst = rate**2 + (1 - rate) ** 2
    variance = (sum(one**2 for one in off) + size * worst) / (n + 2 * size)
    alike = sum(off[i] * off[j] for i, j in together if i != j) + size * (size - 1) * worst
    pairs = len(together) - n + 2 * size * (size - 1)
    shared = min(max(alike / pairs / variance, 0), 1) if pairs else 0
    covariance, wider = np.zeros((number, number)), np.zeros(number)
    meeting, products = np.zeros((number, number)), np.zeros(number)
    for i, j in together:
        meeting[bins[i], bins[j]] += 1
        products[bins[i]] += off[i] * off[j] * (bins[i] == bins[j])
    for a in range(number):
        worth = sizes[a] / (1 + (meeting[a, a] / sizes[a] - 1) * shared)
        hits = sum(right[i] for i in range(n) if bins[i] == a) / sizes[a] * worth
        smooth = (hits + 2 / number) / (worth + 4 / number)
        wider[a] = (smooth * (1 - smooth)) ** 0.5
        model = (1 - shared) / sizes[a] + shared * meeting[a, a] / sizes[a] ** 2
        seen = products[a] / max(sizes[a] - 1, 1) / sizes[a]
        wider[a] *= max(seen / (model * wider[a] ** 2), 1) ** 0.5
    for a in range(number):
        for b in range(number):
            model = (1 - shared) / sizes[a] * (a == b)
            model += shared * meeting[a, b] / sizes[a] / sizes[b]
            covariance[a, b] = model * wider[a] * wider[b]
    return covariance


RECORDS = {
    "one each": list(range(40)),
    "pairs": [i // 2 for i in range(40)],
    "several sizes": [int(i**0.7) for i in range(40)],
    "one large": [0] * 25 + list(range(1, 16)),
    "far apart": [i % 7 for i in range(40)],
}


@pytest.mark.parametrize("records", RECORDS)
@pytest.mark.parametrize("alike", [0.0, 0.9])
@pytest.mark.parametrize("rate", [0.3, 0.9, 1.0])
def test_the_noise_of_the_bins_is_that_of_the_definition(records, alike, rate):
    names = RECORDS[records]
    rng = np.random.default_rng([len(records), int(10 * alike), int(10 * rate)])
    sure = rng.uniform(0.2, 1, 40)
    luck = np.where(rng.random(40) < alike, rng.random(40)[names], rng.random(40))
    right = (luck < rate).astype(float)
    error = binned_error(sure, right, names)
    expected = covariance_by_definition(sure, right.tolist(), names)
    assert error.errors == pytest.approx(np.sqrt(np.diag(expected)))
    assert (error.together is None) == (records == "one each")
    root = np.eye(len(expected)) if error.together is None else error.together
    correlation = expected / np.outer(error.errors, error.errors)
    assert root @ root.T == pytest.approx(correlation, abs=1e-9)


def test_a_bin_of_one_case_and_bins_of_equal_ones_have_noise():
    sure, right = np.array([0.5, 0.5, 0.5, 0.8]), np.array([1.0, 0.0, 1.0, 1.0])
    error = binned_error(sure, right, range(4))
    assert error.errors == pytest.approx(
        np.sqrt(np.diag(covariance_by_definition(sure, right.tolist(), list(range(4)))))
    )
    assert error.shares.tolist() == [0.75, 0.25]
    assert error.gaps == pytest.approx([2 / 3 - 0.5, 0.2])


def test_the_pull_of_a_record_is_what_it_adds_to_the_plain_error():
    sure, right = drawn(30, 4, lambda p: p - 0.3)
    records = [f"r{i % 11}" for i in range(30)]
    bins, error = parted(sure), binned_error(sure, right, records)
    for number, pull in enumerate(error.pulls):
        mine = [i for i in range(30) if i % 11 == number]
        off = (
            np.sign(error.gaps[bins[i]]) * (right[i] - sure[i] - error.gaps[bins[i]]) for i in mine
        )
        assert pull == pytest.approx(sum(off) / 30)


def folded(means, errors):
    """The mean distances from 0 of normal variables."""
    return foldnorm.mean(np.abs(means) / errors, scale=errors)


GAPS, ERRORS, SHARES = (
    np.array([0.2, -0.1, 0.05]),
    np.array([0.06, 0.1, 0.2]),
    np.array([0.5, 0.3, 0.2]),
)
ROOT = np.array([[1.0, 0.0, 0.0], [0.8, 0.6, 0.0], [0.0, 0.6, 0.8]])


def test_the_error_is_shrunk_until_its_noise_makes_up_for_it():
    error = BinnedError(GAPS, ERRORS, SHARES, 100)
    assert error.plain == pytest.approx(0.5 * 0.2 + 0.3 * 0.1 + 0.2 * 0.05)
    assert SHARES @ folded(error.kept * GAPS, ERRORS) == pytest.approx(error.plain)
    assert error.value == pytest.approx(error.kept * error.plain)
    assert BinnedError(GAPS, 9 * ERRORS, SHARES, 100).value == 0.0
    assert BinnedError(GAPS, ERRORS / 1e6, SHARES, 100).kept == pytest.approx(1.0)


@pytest.mark.parametrize("level", [0.5, 0.95])
@pytest.mark.parametrize("size", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("root", [None, ROOT], ids=["apart", "together"])
def test_the_interval_holds_the_errors_that_would_be_no_surprise(level, size, root):
    """With other draws, and every error tried in turn."""
    error = BinnedError(size * GAPS, ERRORS, SHARES, 100, root)
    tail, plain = (1 - level) / 2, error.plain
    correlation = np.eye(3) if root is None else root @ root.T
    noise = np.random.default_rng(1).multivariate_normal(
        np.zeros(3), correlation * np.outer(ERRORS, ERRORS), 20_000
    )

    def surprise(gaps):
        return (np.abs(gaps + noise) @ SHARES >= plain).mean()

    tried = np.linspace(0, 1, 501)
    all_share = np.array([surprise(np.full(3, one)) for one in tried])
    one_has_it = np.array([surprise(np.array([one / 0.5, 0, 0])) for one in tried])
    low = tried[one_has_it >= tail].min()
    if root is not None:
        low = min(low, tried[all_share >= tail].min())
    high = tried[all_share <= 1 - tail].max(initial=0)
    floor = np.quantile(np.abs(noise) @ SHARES, 1 - tail)
    expected = min(low, error.value), max(high, floor, error.value)
    assert error.interval(level) == pytest.approx(expected, abs=0.008)


def test_an_interval_that_the_draws_cannot_resolve_says_nothing():
    error = BinnedError(GAPS, ERRORS, SHARES, 100)
    assert error.resolution == 1 / 4001
    assert np.isfinite(error.interval(1 - 2 / 4000)).all()
    assert error.interval(1 - 2 / 4002) == (-np.inf, np.inf)


def test_eight_times_the_cases_fill_twice_the_bins():
    gaps, errors, shares = GAPS[[0, 1]], ERRORS[[0, 1]], np.array([0.5, 0.5])
    error = BinnedError(gaps, errors, shares, 8)
    twice = np.repeat(errors, 2) / 2
    expected = BinnedError(
        folded(np.repeat(error.kept * gaps, 2), twice), twice, np.full(4, 0.25), 64
    )
    assert error.interval(0.9, 8) == pytest.approx(expected.interval(0.9))
    assert error.interval(0.9, 8)[1] < error.interval(0.9)[1]


def test_more_cases_of_records_that_share_bins_fill_the_same_bins():
    error = BinnedError(GAPS, ERRORS, SHARES, 100, ROOT)
    expected = BinnedError(folded(error.kept * GAPS, ERRORS / 2), ERRORS / 2, SHARES, 400, ROOT)
    assert error.interval(0.9, 4) == pytest.approx(expected.interval(0.9))


@pytest.mark.parametrize(("sure", "times"), [(0.9, 4), (0.75, 2), (0.3, 1)])
def test_the_error_of_one_confidence_is_its_distance_from_the_rate(sure, times):
    right = np.array([1.0, 1.0, 0.0])
    low, high = clopper_pearson(2 * times, 3 * times)
    found = binned_error(np.full(3, sure), right, range(3))
    nearest = min(max(low - sure, sure - high, 0), found.value)
    assert found.interval(0.95, times) == pytest.approx(
        (nearest, max(abs(low - sure), abs(high - sure)))
    )
