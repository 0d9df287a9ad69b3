"""Interval and limit make a verdict, at the borders too, and whoever listens hears it."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.records import Measurement
from pytest_slm_autopsy.statistics.clustered import ClusteredRate
from pytest_slm_autopsy.statistics.intervals import clopper_pearson, recovered, wilson
from pytest_slm_autopsy.statistics.listeners import announce, listening, on_undecided
from pytest_slm_autopsy.statistics.resampling import bootstrap
from pytest_slm_autopsy.statistics.verdicts import check_limit, judge

RANK = ["failed", "undecided", "passed"]
limits = st.floats(0, 1)
shares = st.tuples(limits, limits, limits).map(sorted)


def measured(low, value, high, n=10):
    return Measurement("accuracy", value, (low, high), n)


@pytest.mark.parametrize(
    ("side", "limit", "outcome"),
    [
        ("at_least", 0.25, "passed"),
        ("at_least", 0.2501, "undecided"),
        ("at_least", 0.75, "undecided"),
        ("at_least", 0.7501, "failed"),
        ("at_most", 0.75, "passed"),
        ("at_most", 0.7499, "undecided"),
        ("at_most", 0.25, "undecided"),
        ("at_most", 0.2499, "failed"),
    ],
)
def test_the_whole_interval_decides(side, limit, outcome):
    verdict = judge(measured(0.25, 0.5, 0.75), side=side, limit=limit)
    assert (verdict.outcome, verdict.side, verdict.limit) == (outcome, side, limit)
    assert bool(verdict.advice) == (outcome == "undecided")


@pytest.mark.parametrize("side", ["at_least", "at_most"])
def test_a_point_on_its_limit_passes(side):
    assert judge(measured(0.5, 0.5, 0.5), side=side, limit=0.5).outcome == "passed"


@given(shares, limits, limits)
def test_a_stricter_limit_is_never_easier(share, one, other):
    low, high = sorted((one, other))
    for side, strict, lax in (("at_least", high, low), ("at_most", low, high)):
        ranks = [
            RANK.index(judge(measured(*share), side=side, limit=x).outcome) for x in (strict, lax)
        ]
        assert ranks == sorted(ranks)


@given(shares, limits)
def test_nothing_is_proven_and_refuted_at_once(share, limit):
    outcomes = {
        judge(measured(*share), side=s, limit=limit).outcome for s in ("at_least", "at_most")
    }
    assert outcomes in ({"passed", "failed"}, {"undecided"}, {"passed"}, {"passed", "undecided"})


@pytest.mark.parametrize(
    ("low", "value", "high", "limit", "advice"),
    [
        (0.5, 0.75, 1.0, 0.625, "about 30 more cases would decide"),
        (0.5, 0.75, 0.875, 0.625, "about 30 more cases would decide"),
        (0.0, 0.75, 1.0, 0.25, "about 13 more cases would decide"),
        (0.5, 0.75, 1.0, 0.75, "too close to the limit for any affordable number of cases"),
        (0.5, 0.75, 1.0, 0.75 + 0.25 / 33, "too close to the limit"),
    ],
)
def test_an_undecided_verdict_says_how_many_cases_would_decide(low, value, high, limit, advice):
    for side in ("at_least", "at_most"):
        assert judge(measured(low, value, high), side=side, limit=limit).advice.startswith(advice)


def rate_of(found):
    with_more = partial(found.interval, 0.95)
    n = int(found.trials)
    return Measurement("rate", found.rate, found.interval(), n, interval_with=with_more)


def advised(measurement, side, limit):
    """The number of further cases that the advice names."""
    advice = judge(measurement, side=side, limit=limit).advice
    return int(advice.split()[1].replace(",", ""))


@pytest.mark.parametrize("side", ["at_least", "at_most"])
@pytest.mark.parametrize(
    ("successes", "trials", "limit"),
    [
        ([1] * 45 + [0] * 5, [1] * 50, 0.85),
        ([6] * 40 + [5] * 9 + [0], [6] * 50, 0.9),
        ([20, 20, 18, *[1] * 30, 0], [20, 20, 20, *[1] * 31], 0.8),
        ([1, 0] * 20, [1] * 40, 0.44),
    ],
)
def test_the_advised_number_of_cases_just_decides(side, successes, trials, limit):
    found = ClusteredRate.of(successes, trials)
    more = advised(rate_of(found), side, limit)

    def decides(further):
        low, high = found.interval(0.95, 1 + further / found.trials)
        return high < limit or low > limit

    assert decides(more)
    assert not decides(0.9 * more - 1)


@pytest.mark.parametrize(("n", "limit"), [(20, 0.05), (40, 0.05), (40, 0.02)])
def test_the_advice_where_nothing_went_wrong_is_not_too_much(n, limit):
    more = advised(rate_of(ClusteredRate.independent(0, n)), "at_most", limit)
    assert clopper_pearson(0, n + more)[1] <= limit
    assert clopper_pearson(0, n + more - 1 - more // 20)[1] > limit


def test_perfection_is_proven_by_no_number_of_cases():
    perfect = judge(measured(0.7, 1.0, 1.0), side="at_least", limit=1.0)
    assert perfect.advice == "no number of cases proves 1; ask for a little less"


@pytest.mark.parametrize(("successes", "limit"), [(45, 0.85), (48, 0.93), (25, 0.4), (26, 0.6)])
def test_about_the_advised_number_of_cases_does_decide(successes, limit):
    few = judge(measured(*wilson_around(successes, 50)), side="at_least", limit=limit)
    assert few.outcome == "undecided"
    # To the next fifty, so that the rate stays what it is.
    times = math.ceil((50 + int(few.advice.split()[1])) / 50)
    many = measured(*wilson_around(successes * times, 50 * times))
    assert judge(many, side="at_least", limit=limit).outcome != "undecided"


def wilson_around(successes, n):
    low, high = wilson(successes, n)
    return low, successes / n, high, n


@pytest.mark.parametrize("limit", [95, 1.01, -1.01, math.nan, math.inf])
def test_a_limit_that_is_no_share_is_refused(limit):
    sentence = f"limit at_least={limit:g} for accuracy is not between 0 and 1"
    with pytest.raises(ConfigError, match=sentence):
        judge(measured(0, 0.5, 1), side="at_least", limit=limit)


GAP = Measurement("accuracy gap", 0.0, (-0.02, 0.02), 200, bounds=(-1.0, 1.0))


@pytest.mark.parametrize(
    ("low", "limit", "outcome"),
    [
        (0.0, 0.1, "undecided"),
        (0.0, 0.0, "undecided"),
        (0.1, 0.1, "undecided"),
        (0.11, 0.1, "passed"),
        (0.0, -0.05, "failed"),
        (0.5, 0.6, "undecided"),
        (0.0, 1.0, "passed"),  # a limit that nothing can break says so by itself
    ],
)
def test_a_gap_that_had_nothing_to_lose_is_not_proven_small(low, limit, outcome):
    gap = replace(GAP, interval=(-0.02, min(0.02, limit))) if limit >= 0 else GAP
    stake = Measurement("exact match", low, (low, 1.0), 200)
    verdict = judge(gap, side="at_most", limit=limit, stake=stake)
    assert verdict.outcome == outcome
    assert ("proves nothing: exact match of the reference is" in verdict.line) == (
        outcome == "undecided"
    )


def test_a_side_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="side 'above' is neither at_least nor at_most"):
        judge(measured(0, 0.5, 1), side="above", limit=0.5)


@pytest.mark.parametrize("limit", [-1, 0, 1])
def test_gaps_may_be_held_to_a_limit_below_zero(limit):
    gap = Measurement("gap", -0.5, (-1, 1), 9, bounds=(-1.0, 1.0))
    assert judge(gap, side="at_most", limit=limit).limit == limit


@pytest.mark.parametrize(
    ("side", "limit"), [("at_most", 0.01), ("at_least", 0.99), ("at_most", 0.0)]
)
def test_a_limit_finer_than_the_noise_of_the_model_is_no_gate(side, limit):
    with pytest.raises(ConfigError, match=r"finer than the model's own noise.*differ by 0\.02"):
        judge(measured(0, 0.5, 1), side=side, limit=limit, noise=0.02)
    assert judge(measured(0, 0.5, 1), side=side, limit=0.5, noise=0.02)


@pytest.mark.parametrize(("successes", "limit"), [(80, 0.9), (97, 0.9), (90, 0.9), (50, 0.2)])
def test_the_p_value_is_where_the_interval_would_just_leave_the_limit_out(successes, limit):
    interval_at = partial(clopper_pearson, successes, 100)
    value = Measurement("rate", successes / 100, interval_at(0.95), 100, interval_at=interval_at)
    verdict = judge(value, side="at_least", limit=limit)
    tail = binom.cdf(successes, 100, limit), binom.sf(successes - 1, 100, limit)
    assert verdict.p_value == pytest.approx(min(0.5, *tail), rel=1e-3)
    assert verdict.measurement.interval_at is None  # verdicts are data


@pytest.mark.parametrize("limit", ["0.9", None])
def test_a_limit_that_is_no_number_is_refused(limit):
    with pytest.raises(ConfigError, match=r"limit at_least=.* for accuracy is not between 0 and 1"):
        judge(measured(0, 0.5, 1), side="at_least", limit=limit)


@pytest.mark.parametrize("noise", [math.nan, -3, 95, None])
def test_a_noise_that_is_no_share_is_refused(noise):
    with pytest.raises(ConfigError, match=r"noise is .*; it must be a share"):
        judge(measured(0, 0.5, 1), side="at_least", limit=0.5, noise=noise)


def test_noise_that_is_not_proven_refuses_nothing():
    none_seen = Measurement("answer noise", 0.0, (0.0, 0.056), 64)
    assert judge(measured(0, 0.5, 1), side="at_most", limit=0.05, noise=none_seen)


def test_the_noise_can_be_a_measurement_and_its_lower_end_counts():
    noise = Measurement("answer noise", 0.1, (0.05, 0.2), 60)
    with pytest.raises(ConfigError, match=r"differ by 0\.05"):
        judge(measured(0, 0.5, 1), side="at_most", limit=0.04, noise=noise)


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda found: found,
        partial,
        lambda found: lambda level: tuple(2 * end for end in found(level)),
        lambda found: lambda level: recovered(0.85, found(level), 0.5, wilson(50, 100, level)),
    ],
    ids=["itself", "partial", "stretched", "joined"],
)
@pytest.mark.parametrize("limit", [-1.0, 0.1, 4.0])
def test_resamples_resolve_no_smaller_p_value_whatever_is_made_of_them(wrapped, limit):
    right = np.array([1.0] * 85 + [0.0] * 15)
    found = bootstrap(lambda weights: weights @ right / weights.sum(1), 100)
    interval_at = wrapped(found.interval)
    value = Measurement(
        "rate", 0.85, interval_at(0.95), 100, bounds=(-9.0, 9.0), interval_at=interval_at
    )
    p_value = judge(value, side="at_least", limit=limit).p_value
    assert found.resolution == 1 / 2001
    assert p_value == pytest.approx(found.resolution, rel=1e-5)
    assert p_value >= found.resolution


def test_an_interval_that_says_nothing_advises_no_number_of_cases():
    verdict = judge(measured(-math.inf, 0.5, math.inf), side="at_least", limit=0.4)
    assert (verdict.outcome, verdict.advice) == (
        "undecided", "more cases, or a lower confidence level, would say something",
    )  # fmt: skip


def test_what_becomes_of_an_undecided_gate_is_the_runs_to_say():
    assert on_undecided() == "fail"
    with listening(print, undecided="warn"):
        assert on_undecided() == "warn"
        with listening(print):
            assert on_undecided() == "warn"
    assert on_undecided() == "fail"


def test_a_measurement_that_is_no_number_proves_nothing():
    nothing = measured(math.nan, math.nan, math.nan)
    assert judge(nothing, side="at_least", limit=0.5).outcome == "undecided"


def test_whoever_listens_hears_every_verdict_and_only_inside():
    heard, inner = [], []
    verdicts = [judge(measured(0, 0.5, 1), side="at_most", limit=x / 10) for x in range(5)]
    announce(verdicts[0])
    with listening(heard.append):
        announce(verdicts[1])
        with listening(inner.append):
            announce(verdicts[2])
        announce(verdicts[3])
    announce(verdicts[4])
    assert (heard, inner) == ([verdicts[1], verdicts[3]], [verdicts[2]])


def test_listening_ends_with_an_error_too():
    heard = []
    with pytest.raises(ZeroDivisionError), listening(heard.append):
        raise ZeroDivisionError
    announce(judge(measured(0, 0.5, 1), side="at_most", limit=1))
    assert heard == []


@pytest.mark.parametrize(
    ("side", "limit", "bounds", "noise"),
    [
        ("at_most", 0.25, (0.0, 1.0), 0.25),
        ("at_most", 0.25, (-1.0, 1.0), 0.25),
        ("at_most", 0.75, (0.5, 1.0), 0.25),
        ("at_least", 0.75, (0.0, 1.0), 0.25),
        ("at_least", 0.5, (0.0, 0.75), 0.25),
        ("at_least", 0.0, (0.0, 1.0), 1.0),
        ("at_most", 0.0, (0.0, 1.0), 0.0),
    ],
)
def test_a_limit_may_be_as_fine_as_the_noise_and_no_finer(side, limit, bounds, noise):
    check_limit("accuracy", bounds, side, limit, noise)
    finer = limit - 1e-9 if side == "at_most" else limit + 1e-9
    if noise:
        with pytest.raises(ConfigError, match="is finer than the model's own noise"):
            check_limit("accuracy", bounds, side, finer, noise)


def test_without_a_noise_every_limit_is_coarse_enough():
    for limit in (0.0, 1.0):
        check_limit("accuracy", (0.0, 1.0), "at_most", limit)
        check_limit("accuracy", (0.0, 1.0), "at_least", limit)


@pytest.mark.parametrize("noise", [1.001, -0.001])
def test_more_noise_than_all_or_less_than_none_is_refused(noise):
    with pytest.raises(ConfigError, match=f"noise is {noise}; it must be a share from 0 to 1"):
        check_limit("accuracy", (0.0, 1.0), "at_most", 1.0, noise)


@pytest.mark.parametrize(
    ("more", "said"),
    [(0.4, "1"), (1.0, "1"), (3.2, "4"), (10.0, "10"), (98.5, "99"), (100.01, "110"),
     (101, "110"), (1234, "1,300"), (99_900, "100,000")],
)  # fmt: skip
def test_the_advised_number_is_rounded_up_to_two_digits(more, said):
    def interval_with(times):
        return (0.6, 0.7) if 1000 * (times - 1) >= more else (0.4, 0.7)

    value = Measurement("rate", 0.65, (0.4, 0.7), 1000, interval_with=interval_with)
    verdict = judge(value, side="at_least", limit=0.5)
    assert verdict.advice == f"about {said} more cases would decide"


def test_a_thousand_times_the_cases_are_the_most_that_are_advised():
    def interval_with(times, needed):
        return (0.6, 0.7) if times >= needed else (0.4, 0.7)

    for needed, advice in ((999.9, "about 10,000 more cases"), (1000.1, "too close to the limit")):
        value = Measurement(
            "rate", 0.65, (0.4, 0.7), 10, interval_with=partial(interval_with, needed=needed)
        )
        assert judge(value, side="at_least", limit=0.5).advice.startswith(advice)


def test_a_gap_of_nothing_shrinks_with_the_cases_and_not_with_their_root():
    gap = Measurement("gap", 0.0, (-0.2, 0.2), 10, bounds=(-1.0, 1.0))
    assert judge(gap, side="at_most", limit=0.1).advice == "about 10 more cases would decide"


@pytest.mark.parametrize("limit", [0.25, 0.75])
def test_the_smallest_p_value_that_is_told_is_half_a_billionth_of_a_thousandth(limit):
    sure = Measurement("rate", 0.5, (0.4, 0.6), 9, interval_at=lambda level: (0.4, 0.6))
    assert judge(sure, side="at_least", limit=limit).p_value == pytest.approx(5e-13, rel=1e-3)
