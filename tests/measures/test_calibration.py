"""Whether confidence means anything: hand-made values, laws, and clear words without it."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace

import numpy as np
import pytest
from relplot import smECE
from scipy.special import expit, logit
from scipy.stats import ttest_ind
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.measures.calibration import (
    Bin,
    brier_score,
    calibration_gap,
    expected_calibration_error,
    fit_temperature,
    freedom_from_error,
    log_loss,
    reliability,
    scaled,
    temperature_scaling,
)
from pytest_slm_autopsy.measures.selective import (
    auroc,
    confident_errors,
    coverage_at_precision,
    risk_coverage,
    risk_coverage_area,
    selective_risk,
)
from pytest_slm_autopsy.measures.smooth import smooth_calibration_error
from pytest_slm_autopsy.measures.token_confidence import (
    answer_logprobs,
    confidence,
    confidence_drop,
    field_confidence,
    mean_confidence,
    value_spans,
)
from pytest_slm_autopsy.records import Case, Prediction
from pytest_slm_autopsy.statistics.binned import binned_error
from pytest_slm_autopsy.statistics.intervals import clopper_pearson, recovered
from pytest_slm_autopsy.statistics.resampling import bootstrap
from pytest_slm_autopsy.statistics.verdicts import judge

LEVELLED = [
    expected_calibration_error,
    smooth_calibration_error,
    log_loss,
    auroc,
    risk_coverage_area,
    coverage_at_precision,
    confident_errors,
    lambda p, **level: selective_risk(p, coverage=0.5, **level),
    lambda p, **level: brier_score(p, **level).score,
    lambda p, **level: calibration_gap(reference=p, shifted=p, **level),
    lambda p, **level: temperature_scaling(reference=p, shifted=p, **level).shifted_scaled,
    lambda p, **level: confidence_drop(right=p, wrong=p, **level),
]
MEASURES = [
    *LEVELLED,
    lambda p, **level: mean_confidence(p),
    lambda p, **level: reliability(p),
    lambda p, **level: risk_coverage(p),
]


def answer(sure, right=True, name="1"):
    """A prediction of one token, whose probability is ``sure``."""
    fields = {"id": name if right else "?"}
    logprobs = None if sure is None else (math.log(sure),)
    return Prediction(
        Case(name, "", {"id": name}), "m", "", fields, logprobs=logprobs, token_ends=(0,)
    )


def answers(*pairs):
    return [answer(sure, right, str(i)) for i, (sure, right) in enumerate(pairs)]


def drawn(n, seed, skill):
    """Answers of a model that is right in ``skill(confidence)`` of the cases."""
    rng = random.Random(seed)
    sures = [rng.uniform(0.02, 1) for _ in range(n)]
    return answers(*((sure, rng.random() < skill(sure)) for sure in sures))


def spelt(raw, logprob=-1.0, odd=None):
    """A prediction whose tokens are characters; those of the range ``odd`` are certain."""
    logprobs = [0.0 if odd and i in odd else logprob for i in range(len(raw))]
    ends = tuple(range(1, len(raw) + 1))
    fields = json.loads(raw, parse_int=str)
    return Prediction(Case("1", "", fields), "m", raw, fields, "", tuple(logprobs), ends)


def test_confidence_is_the_geometric_mean_of_the_probabilities():
    logprobs = tuple(map(math.log, (0.5, 0.5, 1.0, 0.25)))
    prediction = Prediction(Case("1", "", {}), "m", "", {}, logprobs=logprobs)
    assert confidence(prediction) == pytest.approx((0.5 * 0.5 * 0.25) ** (1 / 4))


@pytest.mark.parametrize("logprobs", [None, ()])
def test_a_model_without_probabilities_is_named(logprobs):
    silent = Prediction(Case("7", "", {}), "served", "", {}, logprobs=logprobs)
    for measure in (lambda p, **level: confidence(p[0]), *MEASURES):
        with pytest.raises(NoDataError, match="'served' gave no token probabilities for case '7'"):
            measure([silent])


@pytest.mark.parametrize("measure", MEASURES)
def test_no_predictions_are_an_error_and_no_score(measure):
    with pytest.raises(NoDataError, match="no predictions to measure"):
        measure([])


@pytest.mark.parametrize("measure", LEVELLED)
def test_a_level_in_percent_is_refused_with_what_to_write(measure):
    with pytest.raises(ConfigError, match=r"confidence level 95 .*; write 0\.95"):
        measure(answers((0.5, True), (0.6, False)), confidence_level=95)


@pytest.mark.parametrize("measure", LEVELLED)
def test_a_number_lies_in_its_interval_and_is_seeded(measure):
    some = drawn(60, 8, lambda sure: sure)
    found = measure(some)
    assert found.interval[0] <= found.value <= found.interval[1]
    assert found == measure(some)
    assert found.interval_at(0.5)[1] <= found.interval_at(0.99)[1]


@pytest.mark.parametrize(
    ("measure", "resamples"),
    [
        (lambda p: calibration_gap(reference=p[:60], shifted=p[60:]), 4000),
        (expected_calibration_error, 4000),
        (lambda p: temperature_scaling(reference=p, shifted=p).shifted_scaled, 4000),
        (smooth_calibration_error, 2000),
        (risk_coverage_area, 2000),
    ],
)
@pytest.mark.parametrize("end", [0, 1])
def test_no_p_value_is_smaller_than_the_resamples_resolve(measure, resamples, end):
    found = measure(drawn(120, 8, lambda sure: sure))
    limit = found.bounds[end] * 0.99 if found.bounds[end] else 1e-9
    p_value = judge(found, side="at_most", limit=limit).p_value
    assert p_value >= 1 / (1 + resamples)


def test_probabilities_that_are_none_are_named():
    for wrong in (math.nan, 0.5):
        broken = replace(answer(0.5), logprobs=(wrong,))
        with pytest.raises(NoDataError, match=r"probabilities that are none for case '1'"):
            confidence(broken)


def test_the_error_is_small_for_the_calibrated_and_large_for_the_sure():
    calibrated = expected_calibration_error(drawn(800, 1, lambda sure: sure))
    assert calibrated.value < 0.06
    assert calibrated.interval[1] < 0.1
    assert (calibrated.name, calibrated.n) == ("expected calibration error", 800)
    boastful = expected_calibration_error(drawn(800, 1, lambda sure: sure / 2))
    assert boastful.interval[0] > 0.2


def test_the_error_is_seeded():
    some = drawn(40, 2, lambda sure: sure)
    assert expected_calibration_error(some) == expected_calibration_error(some)


def test_the_order_of_the_cases_does_not_matter():
    pairs = [(0.9, True)] * 90 + [(0.9, False)] * 10
    for order in (pairs, random.Random(1).sample(pairs, 100)):
        assert expected_calibration_error(answers(*order)).value == pytest.approx(0)


def test_the_points_of_a_reliability_diagram_are_of_equal_mass():
    bins = reliability(drawn(125, 3, lambda sure: sure))
    assert [point.n for point in bins] == [25] * 5  # the cube root of 125
    assert [b.confidence for b in bins] == sorted(b.confidence for b in bins)
    assert all(0 <= point.accuracy <= 1 for point in bins)


def test_two_answers_are_one_point():
    assert reliability(answers((0.75, False), (0.5, True))) == [Bin(0.625, 0.5, 2)]


def test_mean_confidence():
    assert mean_confidence(answers((0.25, True), (0.75, False))) == pytest.approx(0.5)


def test_the_drop_is_right_minus_wrong():
    rng = random.Random(4)
    right = [answer(rng.uniform(0.8, 1), name=str(i)) for i in range(60)]
    wrong = [answer(rng.uniform(0.3, 0.5), name=str(i)) for i in range(40)]
    drop = confidence_drop(right=right, wrong=wrong)
    assert drop.value == pytest.approx(mean_confidence(right) - mean_confidence(wrong))
    assert 0.4 < drop.interval[0] < drop.value < drop.interval[1] < 0.6
    assert drop == confidence_drop(right=right, wrong=wrong)


def test_there_is_no_drop_where_confidence_is_no_signal():
    rng = random.Random(5)
    right, wrong = ([answer(rng.uniform(0.3, 1), name=str(i)) for i in range(80)] for _ in range(2))
    low, high = confidence_drop(right=right, wrong=wrong).interval
    assert low < 0 < high


@pytest.mark.parametrize("sides", [(1, 1), (1, 9), (9, 1)])
def test_the_drop_of_a_single_answer_proves_nothing(sides):
    right, wrong = (drawn(n, 6, lambda sure: 1) for n in sides)
    assert confidence_drop(right=right, wrong=wrong).interval == (-math.inf, math.inf)


def test_the_drop_needs_both_sides():
    for right, wrong in (([], answers((0.5, False))), (answers((0.5, True)), [])):
        with pytest.raises(NoDataError):
            confidence_drop(right=right, wrong=wrong)


@pytest.mark.parametrize(
    ("raw", "name", "value"),
    [
        ('{"id":"A-1","due":null}', "id", '"A-1"'),
        ('{"id":"A-1","due":null}', "due", "null"),
        ('{"id": "A-1"}', "id", '"A-1"'),
        ('{"subtotal":"9","total":"9"}', "total", '"9"'),
        ('{"name":"ä","last":"ä"}', "last", '"ä"'),
    ],
)
def test_the_confidence_of_a_field_is_that_of_its_value(raw, name, value):
    start = raw.rindex(value)
    assert field_confidence(spelt(raw, odd=range(start, start + len(value))), name) == 1.0
    assert field_confidence(spelt(raw), name) == pytest.approx(math.exp(-1))


def test_a_value_that_reads_like_its_key_is_not_its_key():
    assert field_confidence(spelt('{"note":"note"}', odd=range(8, 14)), "note") == 1.0


@pytest.mark.parametrize(
    "prediction", [spelt('{"id":"A"}'), answer(0.5), answer(None), spelt('{"x":"total:"}')]
)
def test_a_field_that_is_not_in_the_answer_has_no_confidence(prediction):
    assert field_confidence(prediction, "total") is None


def test_an_unquoted_number_has_its_own_confidence():
    raw = '{"count": 7, "total": 7}'
    assert field_confidence(spelt(raw, odd=[raw.rindex("7")]), "total") == 1.0
    assert field_confidence(spelt(raw, odd=[raw.rindex("7")]), "count") < 0.5


def arrays(predictions):
    return [confidence(p) for p in predictions], [p.correct for p in predictions]


@pytest.mark.parametrize("skill", [lambda sure: sure, lambda sure: sure / 2, lambda sure: 0.5])
def test_the_numbers_are_scikit_learns_and_relplots(skill):
    some = drawn(150, 9, skill)
    sure, right = arrays(some)
    assert brier_score(some).score.value == pytest.approx(brier_score_loss(right, sure))
    assert auroc(some).value == pytest.approx(roc_auc_score(right, sure))
    expected = smECE(np.array(sure), np.array(right, dtype=float))
    assert smooth_calibration_error(some).value == pytest.approx(expected, abs=0.01)


def test_equal_confidences_are_no_ranking():
    tied = answers(*[(0.9, True)] * 6, *[(0.9, False)] * 4)
    assert auroc(tied).value == pytest.approx(0.5)
    assert [(p.coverage, p.risk) for p in risk_coverage(tied)] == [(1.0, 0.4)]
    assert risk_coverage_area(tied).value == pytest.approx(0.4)
    assert coverage_at_precision(tied).value == 0
    assert selective_risk(tied, coverage=0.1).n == 10


def test_the_brier_score_is_the_sum_of_its_parts():
    brier = brier_score(answers(*[(0.75, True)] * 90, *[(0.75, False)] * 60))
    assert brier.reliability == pytest.approx(0.15**2)
    assert (brier.resolution, brier.uncertainty) == pytest.approx((0, 0.24))
    parts = brier.reliability - brier.resolution + brier.uncertainty
    assert brier.score.value == pytest.approx(parts)


def test_the_surest_half_is_what_is_judged():
    sure_and_right = [(0.99 - i / 1000, True) for i in range(50)]
    some = answers(*sure_and_right, *[(0.5 - i / 1000, False) for i in range(50)])
    assert selective_risk(some, coverage=0.5).value == 0
    assert selective_risk(some, coverage=1).value == 0.5
    assert coverage_at_precision(some, precision=1).value == 0.5
    assert auroc(some).value == 1
    points = [(p.coverage, p.risk) for p in risk_coverage(some)]
    assert (points[49], points[-1]) == ((0.5, 0), (1.0, 0.5))


def test_confident_errors_are_those_at_least_so_sure():
    some = answers((0.95, False), (0.9, False), (0.89, False), (0.99, True))
    assert confident_errors(some).value == 0.5
    assert confident_errors(some, confidence=0.95).value == 0.25
    with pytest.raises(ConfigError, match="confidence is 90; it must be above 0"):
        confident_errors(some, confidence=90)


def test_confidence_has_nothing_to_tell_apart_where_all_are_right():
    with pytest.raises(NoDataError, match="all 2 answers are right"):
        auroc(answers((0.9, True), (0.8, True)))


@pytest.mark.parametrize("sizes", [[1] * 20, [20] * 10 + [1] * 90, [50] + [1] * 99])
def test_the_area_is_as_sure_as_the_records_that_decide(sizes):
    rng, truth, missed = random.Random(1), 53 / 70, 0
    for _ in range(100):
        said = []
        for record, size in enumerate(sizes):
            right = rng.random() < 0.5
            sure = rng.betavariate(3, 2) if right else rng.betavariate(2, 3)
            said += [
                replace(a, case=replace(a.case, record=f"r{record}"))
                for a in (answer(sure, right, f"{record}-{copy}") for copy in range(size))
            ]
        if 0 < sum(p.correct for p in said) < len(said):
            low, high = auroc(said).interval
            missed += not low <= truth <= high
    assert missed <= 6


def test_a_temperature_mends_the_reference_and_not_the_shifted():
    overconfident = drawn(600, 10, lambda sure: 1 / (1 + ((1 - sure) / sure) ** 0.5))
    shifted = drawn(600, 11, lambda sure: 0.3 * sure)
    scaling = temperature_scaling(reference=overconfident, shifted=shifted)
    assert scaling.temperature == pytest.approx(2, rel=0.25)
    assert scaling.reference_scaled.value < scaling.reference.value / 2
    assert scaling.shifted_scaled.interval[0] > 0.1


def test_the_gap_is_the_error_that_the_shift_adds():
    reference = drawn(400, 12, lambda sure: sure)
    shifted = drawn(400, 13, lambda sure: sure / 2)
    gap = calibration_gap(reference=reference, shifted=shifted)
    assert gap.interval[0] > 0.1
    assert gap.value == pytest.approx(
        expected_calibration_error(shifted).value - expected_calibration_error(reference).value
    )


@pytest.mark.parametrize("other", [0.0, -0.2])
def test_the_gap_of_shared_records_errs_as_seldom_as_promised(other):
    """The records decide both sides: what makes the one error larger makes the other smaller."""
    limit, green, red = 0.2 - abs(other), 0, 0
    for seed in range(100):
        rng = random.Random(seed)
        sures = [rng.uniform(0.6, 0.8) for _ in range(100)]
        luck = [rng.random() for _ in sures]
        before, after = (
            answers(*((sure, u < sure + off) for sure, u in zip(sures, luck, strict=True)))
            for off in (-other, -0.2)
        )
        low, high = calibration_gap(reference=before, shifted=after).interval
        green += high < limit
        red += low > limit
    assert max(green, red) <= 8


def test_the_gap_of_shared_records_is_surer_where_they_err_alike():
    reference = drawn(300, 12, lambda sure: sure * 0.7)
    others = [replace(p, case=replace(p.case, id=f"x{p.case.id}")) for p in reference]
    alike, apart = (
        calibration_gap(reference=reference, shifted=side).interval for side in (reference, others)
    )
    assert alike[1] - alike[0] < (apart[1] - apart[0]) / 2


def test_the_negative_log_likelihood_of_a_certain_error_is_finite():
    assert log_loss(answers((1.0, False))).value == pytest.approx(-math.log(1e-6))
    assert log_loss(answers((0.5, True), (0.5, False))).value == pytest.approx(math.log(2))


def test_the_parts_of_the_brier_score_are_those_of_its_bins():
    some = drawn(70, 14, lambda sure: sure / 2 + 0.2)
    bins, (sure, right) = reliability(some), arrays(some)
    base, brier = sum(right) / 70, brier_score(some)
    assert len(bins) == 4
    assert brier.reliability == pytest.approx(
        sum(b.n / 70 * (b.confidence - b.accuracy) ** 2 for b in bins)
    )
    assert brier.resolution == pytest.approx(sum(b.n / 70 * (b.accuracy - base) ** 2 for b in bins))
    assert brier.uncertainty == pytest.approx(base - base**2)
    squares = sum((p - hit) ** 2 for p, hit in zip(sure, right, strict=True))
    assert brier.score.interval == pytest.approx(clopper_pearson(squares, 70))


def test_the_negative_log_likelihood_is_held_by_the_interval_of_a_rate():
    some = drawn(40, 15, lambda sure: sure)
    losses = [-math.log(p if hit else 1 - p) for p, hit in zip(*arrays(some), strict=True)]
    worst, found = -math.log(1e-6), log_loss(some)
    assert found.value == pytest.approx(sum(losses) / 40)
    assert found.bounds == pytest.approx((0, worst))
    for times in (1, 3):
        low, high = clopper_pearson(times * sum(losses) / worst, times * 40)
        assert found.interval_with(times) == pytest.approx((worst * low, worst * high))
    assert log_loss(answers((1.0, True))).value == pytest.approx(1e-6, rel=1e-4)


def test_the_freedom_from_error_is_what_is_left_of_one():
    some = drawn(60, 16, lambda sure: sure / 2)
    error, free = expected_calibration_error(some), freedom_from_error(some)
    assert free.value == 1 - error.value
    assert free.interval == (1 - error.interval[1], 1 - error.interval[0])


@pytest.mark.parametrize("skill", [lambda sure: sure**2, lambda sure: 0.3 + sure / 2])
def test_the_temperature_is_that_of_a_logistic_regression(skill):
    sure, right = (np.array(each, float) for each in arrays(drawn(300, 17, skill)))
    sure = np.minimum(sure, 0.99)
    fitted = LogisticRegression(C=1e9, fit_intercept=False, tol=1e-9).fit(
        logit(sure)[:, None], right
    )
    assert fit_temperature(sure, right) == pytest.approx(1 / fitted.coef_[0, 0], rel=1e-3)


def test_a_temperature_stays_within_its_bounds():
    assert fit_temperature(np.full(9, 0.55), np.ones(9)) == pytest.approx(0.02, rel=0.01)
    assert fit_temperature(np.full(8, 0.6), np.arange(8.0) % 2) == pytest.approx(50, rel=0.01)


def test_a_temperature_divides_the_logit():
    sure = np.array([0.2, 0.5, 0.9])
    assert scaled(sure, 3.0) == pytest.approx(expit(logit(sure) / 3))
    assert scaled(np.array([0.0, 1.0]), 1.0) == pytest.approx([1e-6, 1 - 1e-6], rel=1e-9)


def test_scaled_errors_are_those_of_the_scaled_confidences():
    reference, shifted = drawn(50, 18, lambda s: s**2), drawn(40, 19, lambda s: s / 3)
    scaling = temperature_scaling(reference=reference, shifted=shifted)
    for side, found in ((reference, scaling.reference_scaled), (shifted, scaling.shifted_scaled)):
        sure, right = (np.array(each, float) for each in arrays(side))
        expected = binned_error(scaled(sure, scaling.temperature), right, range(len(side)))
        assert found.value == pytest.approx(expected.value)
    assert scaling.reference == expected_calibration_error(reference)
    assert scaling.shifted == expected_calibration_error(shifted)


@pytest.mark.parametrize("skills", [(1.0, 0.4), (0.4, 1.0), (0.3, 0.5), (1.0, 1.0)])
def test_the_gap_joins_both_errors_by_the_records_that_they_share(skills):
    before, after = (drawn(60, 20 + i, lambda sure, k=k: k * sure) for i, k in enumerate(skills))
    after = [*after[10:], *answers(*[(0.7, True)] * 70)[60:]]
    errors = []
    for side in (before, after):
        sure, right = (np.array(each, float) for each in arrays(side))
        records = [p.case.id for p in side]
        error = binned_error(sure, right, records)
        errors.append((error, dict(zip(records, error.pulls, strict=True))))
    (first, pulls), (second, others) = errors
    shared = sum(pull * pulls.get(record, 0.0) for record, pull in others.items())
    sizes = [math.sqrt(sum(pull**2 for pull in each.values())) for each in (pulls, others)]
    ends, other_ends = second.interval(0.9), first.interval(0.9)
    low, high = recovered(
        second.value, ends, first.value, other_ends, correlation=shared / math.prod(sizes)
    )
    if ends[0] == 0:
        low = min(low, -other_ends[1])
    if other_ends[0] == 0:
        high = max(high, ends[1])
    found = calibration_gap(reference=before, shifted=after, confidence_level=0.9)
    assert found.interval == pytest.approx((low, high))
    assert found.bounds == (-1.0, 1.0)


def test_the_drop_s_interval_is_scipy_s():
    right, wrong = drawn(4, 23, lambda sure: 1), drawn(3, 24, lambda sure: 0)
    sides = [[confidence(p) for p in side] for side in (right, wrong)]
    expected = ttest_ind(*sides, equal_var=False).confidence_interval(0.9)
    found = confidence_drop(right=right, wrong=wrong, confidence_level=0.9)
    assert found.interval == pytest.approx(tuple(expected))
    assert found.bounds == (-1.0, 1.0)


def test_a_probability_barely_above_one_is_one():
    assert confidence(replace(answer(0.5), logprobs=(5e-7,))) == 1.0
    with pytest.raises(NoDataError, match="their mean logarithm is 2e-06"):
        confidence(replace(answer(0.5), logprobs=(2e-6,)))


def test_only_the_tokens_of_the_answer_count():
    spoken = Prediction(
        Case("1", "", {}), "m", "so: {} ok", {}, logprobs=(-1.0, -2.0, -3.0, -4.0),
        token_ends=(3, 5, 6, 9), span=(4, 6),
    )  # fmt: skip
    assert answer_logprobs(spoken) == [-2.0, -3.0]
    assert confidence(spoken) == pytest.approx(math.exp(-2.5))
    assert answer_logprobs(replace(spoken, span=None)) == (-1.0, -2.0, -3.0, -4.0)
    assert answer_logprobs(replace(spoken, span=(9, 9))) == (-1.0, -2.0, -3.0, -4.0)
    assert answer_logprobs(replace(spoken, token_ends=None)) == (-1.0, -2.0, -3.0, -4.0)
    assert answer_logprobs(replace(spoken, logprobs=None, token_ends=None)) == ()


def test_the_confidence_of_a_field_is_found_where_the_answer_stands():
    raw = 'Here: {"id": "A"} and {"id": "B"}'
    start = raw.index("{")
    said = replace(spelt('{"id": "A"}'), raw=raw, span=(start, start + 11))
    odd = range(raw.index('"A"'), raw.index('"A"') + 3)
    said = replace(
        said,
        logprobs=tuple(0.0 if i in odd else -1.0 for i in range(len(raw))),
        token_ends=tuple(range(1, len(raw) + 1)),
    )
    assert field_confidence(said, "id") == 1.0


@pytest.mark.parametrize(
    ("raw", "spans"),
    [
        ('{"a": 1.5, "b": "x"}', {"a": (6, 9), "b": (16, 19)}),
        ('{ "a" : [1] , "b":null}', {"a": (8, 11), "b": (18, 22)}),
        ('{"a": 1, "b": ', {"a": (6, 7)}),
        ('{"a": 1, "b"', {"a": (6, 7)}),
        ('{"a": 1 ', {"a": (6, 7)}),
        ("{}", {}),
        ("", {}),
    ],
)
def test_the_places_of_values(raw, spans):
    assert value_spans(raw) == spans


def test_the_area_under_risk_and_coverage_is_the_mean_over_all_prefixes():
    some = drawn(50, 25, lambda sure: sure)
    surest = sorted(some, key=confidence, reverse=True)
    risks = [np.mean([not p.correct for p in surest[: k + 1]]) for k in range(50)]
    assert risk_coverage_area(some).value == pytest.approx(np.mean(risks))
    curve = risk_coverage(some)
    assert [point.coverage for point in curve] == pytest.approx([(k + 1) / 50 for k in range(50)])
    assert [point.risk for point in curve] == pytest.approx(risks)
    for precision in (0.5, 0.7, 0.9):
        enough = [k + 1 for k in range(50) if 1 - risks[k] >= precision - 1e-9]
        found = coverage_at_precision(some, precision=precision)
        assert found.value == pytest.approx(max(enough, default=0) / 50)
        assert found.name == f"coverage at {precision:.0%} precision"


def test_the_interval_of_the_area_is_the_bootstrap_s():
    some = drawn(30, 26, lambda sure: sure)
    sure, right = (np.array(each, float) for each in arrays(some))

    def area(weights):
        values = []
        for times in weights.astype(int):
            risk, taken, wrong = 0.0, 0, 0
            for i in np.argsort(-sure):
                taken, wrong = taken + times[i], wrong + times[i] * (1 - right[i])
                risk += times[i] * wrong / taken if taken else 0
            values.append(risk / taken)
        return np.array(values)

    expected = bootstrap(area, 30).interval(0.9)
    assert risk_coverage_area(some, confidence_level=0.9).interval == pytest.approx(expected)


def test_many_cases_are_ranked_by_a_thousand_levels_and_the_numbers_stay():
    many = drawn(10_001, 27, lambda sure: sure)
    sure, right = (np.array(each, float) for each in arrays(many))
    order = np.argsort(-sure)
    risks = np.cumsum(1 - right[order]) / np.arange(1, 10_002)
    found = risk_coverage_area(many)
    assert found.value == pytest.approx(risks.mean(), abs=1e-3)
    assert found.n == 10_001
    reach = np.flatnonzero(1 - risks >= 0.9)[-1] + 1
    assert coverage_at_precision(many, precision=0.9).value == pytest.approx(
        reach / 10_001, abs=2e-3
    )


def test_the_area_is_as_sure_as_a_rate_of_the_rarer_kind():
    pairs = [(0.9, True), (0.8, True), (0.7, True), (0.85, False), (0.4, False), (0.7, True)]
    value = (4 * 2 - 3) / 8  # of eight pairs, three are the wrong way round
    alone = auroc(answers(*pairs))
    assert alone.value == value
    assert alone.interval == pytest.approx(clopper_pearson(2 * value, 2))
    told = [
        replace(p, case=replace(p.case, record="ab"[i % 2])) for i, p in enumerate(answers(*pairs))
    ]
    hits = 4**2 / (2**2 + 2**2)  # records a and b have two right answers each, and one wrong
    assert auroc(told).interval == pytest.approx(clopper_pearson(2 * value, min(hits, 2)))


def test_confidence_has_nothing_to_tell_apart_where_all_are_wrong():
    with pytest.raises(NoDataError, match="all 2 answers are wrong"):
        auroc(answers((0.9, False), (0.8, False)))


@pytest.mark.parametrize(
    ("coverage", "n", "risk"), [(0.2, 1, 0), (0.21, 2, 0), (0.4, 2, 0), (0.6, 4, 0.25), (1, 5, 0.4)]
)
def test_the_surest_share_is_rounded_up_and_keeps_its_ties(coverage, n, risk):
    some = answers((0.9, True), (0.8, True), (0.7, True), (0.7, False), (0.1, False))
    found = selective_risk(some, coverage=coverage)
    assert (found.n, found.value) == (n, risk)
    assert found.interval == pytest.approx(clopper_pearson(round(risk * n), n))


@pytest.mark.parametrize("share", [0.0, -0.1, 1.01, math.nan])
def test_a_share_of_nothing_or_of_more_than_all_is_refused(share):
    some = answers((0.9, True), (0.8, False))
    for measure in (
        lambda: selective_risk(some, coverage=share),
        lambda: coverage_at_precision(some, precision=share),
        lambda: confident_errors(some, confidence=share),
    ):
        with pytest.raises(ConfigError, match="it must be above 0 and at most 1"):
            measure()


@pytest.mark.parametrize("skill", [lambda sure: sure / 2, lambda sure: sure])
def test_the_smooth_error_is_that_of_the_definition(skill):
    """Residuals on a grid of 500 cells, smoothed by a reflected Gaussian as wide as the error."""
    sure, right = (np.array(each, float) for each in arrays(drawn(40, 28, skill)))
    cells = np.zeros(500)
    for p, hit in zip(sure, right, strict=True):
        place = min(max(500 * p - 0.5, 0), 499)
        cell = min(int(place), 498)
        cells[cell] += (hit - p) * (cell + 1 - place)
        cells[cell + 1] += (hit - p) * (place - cell)
    centres, at = np.arange(500)[:, None], np.arange(500)
    mirrored = (at, -1 - at, 999 - at)

    def error(width):
        weights = sum(
            np.exp(-((centres - place) ** 2) / (2 * (500 * width) ** 2)) for place in mirrored
        )
        return np.abs((weights / weights.sum(1)[:, None]) @ cells).sum() / 40

    low, high = 0.001, 1.0
    for _ in range(14):
        middle = (low + high) / 2
        low, high = (middle, high) if middle < error(middle) else (low, middle)
    found = smooth_calibration_error(answers_of(sure, right))
    assert found.value == pytest.approx(error(high), abs=2e-4)


def answers_of(sure, right):
    return answers(*zip(sure.tolist(), right.astype(bool).tolist(), strict=True))
