"""Whether confidence means anything: hand-made values, laws, and clear words without it."""

from __future__ import annotations

import json
import math
import random

import pytest

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.measures.calibration import (
    Bin,
    confidence,
    confidence_drop,
    expected_calibration_error,
    field_confidence,
    mean_confidence,
    reliability,
)
from pytest_slm_autopsy.records import Case, Prediction

MEASURES = [
    expected_calibration_error,
    lambda p, **level: confidence_drop(p, p, **level),
    lambda p, **level: mean_confidence(p),
    lambda p, **level: reliability(p),
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
    fields = json.loads(raw)
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


@pytest.mark.parametrize("measure", MEASURES[:2])
def test_a_level_in_percent_is_refused_with_what_to_write(measure):
    with pytest.raises(ConfigError, match=r"confidence level 95 .*; write 0\.95"):
        measure(answers((0.5, True)), confidence_level=95)


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        ([(0.75, True)], 0.25),
        ([(0.75, False)], 0.75),
        ([(1, True)] * 12, 0),
        ([(1, False)] * 12, 1),
        # Twenty answers, so two a bin, one of them right. The sums of a bin's confidences are
        # 0.04, 0.24, ..., 1.84, and lie 0.96, 0.76, ..., 0.84 from 1: 5 in all, a mean of 0.25.
        ([(k / 10 + e, e < 0.02) for k in range(10) for e in (0.01, 0.03)], 0.25),
    ],
)
def test_the_error_of_a_hand_made_example(pairs, error):
    for order in (pairs, pairs[::-1]):
        assert expected_calibration_error(answers(*order)).value == pytest.approx(error)


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


def test_a_reliability_diagram_has_ten_points_of_equal_mass():
    bins = reliability(drawn(105, 3, lambda sure: sure))
    assert [point.n for point in bins] == [11] * 5 + [10] * 5
    assert [b.confidence for b in bins] == sorted(b.confidence for b in bins)
    assert all(0 <= point.accuracy <= 1 for point in bins)


def test_a_few_answers_are_a_point_each():
    assert reliability(answers((0.75, False), (0.5, True))) == [Bin(0.5, 1, 1), Bin(0.75, 0, 1)]


def test_mean_confidence():
    assert mean_confidence(answers((0.25, True), (0.75, False))) == pytest.approx(0.5)


def test_the_drop_is_right_minus_wrong():
    rng = random.Random(4)
    right = [answer(rng.uniform(0.8, 1)) for _ in range(60)]
    wrong = [answer(rng.uniform(0.3, 0.5)) for _ in range(40)]
    drop = confidence_drop(right, wrong)
    assert drop.value == pytest.approx(mean_confidence(right) - mean_confidence(wrong))
    assert 0.4 < drop.interval[0] < drop.value < drop.interval[1] < 0.6
    assert drop == confidence_drop(right, wrong)


def test_there_is_no_drop_where_confidence_is_no_signal():
    rng = random.Random(5)
    right, wrong = ([answer(rng.uniform(0.3, 1)) for _ in range(80)] for _ in range(2))
    low, high = confidence_drop(right, wrong).interval
    assert low < 0 < high


@pytest.mark.parametrize("sides", [(1, 1), (1, 9), (9, 1)])
def test_the_drop_of_a_single_answer_proves_nothing(sides):
    right, wrong = (drawn(n, 6, lambda sure: 1) for n in sides)
    assert confidence_drop(right, wrong).interval == (-math.inf, math.inf)


def test_the_drop_needs_both_sides():
    for right, wrong in (([], answers((0.5, False))), (answers((0.5, True)), [])):
        with pytest.raises(NoDataError):
            confidence_drop(right, wrong)


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
