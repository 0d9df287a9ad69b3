"""Precision, recall and F1 of fields: hand-made counts, laws, and intervals that hold."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.measures.fields import field_scores, macro_f1, micro_f1
from pytest_slm_autopsy.records import Case, Prediction
from pytest_slm_autopsy.statistics.intervals import clopper_pearson

MEASURES = [field_scores, micro_f1, macro_f1]
values = st.sampled_from([None, "1", "2"])
pairs = st.lists(
    st.tuples(*[st.tuples(values, values)] * 2),
    min_size=1,
    max_size=12,
)  # fmt: skip


def answers(*rows):
    """A prediction a row of (truth, answer) pairs, for the fields a, b, ..."""
    return [
        Prediction(
            Case(str(i), "", {name: truth for name, (truth, _) in zip("abc", row, strict=False)}),
            "m",
            "",
            {name: answer for name, (_, answer) in zip("abc", row, strict=False)},
        )
        for i, row in enumerate(rows)
    ]


def by_hand(pairs):
    """True positives, false positives, false negatives."""
    true = sum(t == a is not None for t, a in pairs)
    return (
        true,
        sum(a is not None for _, a in pairs) - true,
        sum(t is not None for t, _ in pairs) - true,
    )


def f1(counts):
    true, false, missed = counts
    return 2 * true / (2 * true + false + missed)


def test_a_field_by_hand():
    # Two right, one wrong, one omitted, two invented, one rightly null.
    column = [
        ("1", "1"),
        ("2", "2"),
        ("1", "2"),
        ("1", None),
        (None, "1"),
        (None, "2"),
        (None,) * 2,
    ]
    score = field_scores(answers(*([pair] for pair in column)))["a"]
    assert (score.stated, score.answered) == (4, 5)
    assert score.precision.value == 2 / 5
    assert score.recall.value == 2 / 4
    assert score.f1.value == pytest.approx(2 * 0.4 * 0.5 / 0.9)
    assert score.precision.interval == clopper_pearson(2, 5)
    assert score.recall.interval == clopper_pearson(2, 4)


@given(pairs)
def test_every_number_is_that_of_the_counts(rows):
    columns = list(zip(*rows, strict=True))
    counts = [by_hand(column) for column in columns]
    known = [count for count in counts if sum(count)]
    predictions = answers(*rows)
    if not known:
        with pytest.raises(NoDataError, match="F1 is undefined"):
            macro_f1(predictions)
        with pytest.raises(NoDataError, match="F1 is undefined"):
            micro_f1(predictions)
        return
    scores = field_scores(predictions)
    for name, count in zip("ab", counts, strict=True):
        found = scores[name].f1
        assert found is None if not sum(count) else found.value == pytest.approx(f1(count))
    micro, macro = micro_f1(predictions), macro_f1(predictions)
    assert micro.value == pytest.approx(f1(map(sum, zip(*counts, strict=True))))
    assert macro.value == pytest.approx(sum(map(f1, known)) / len(known))
    for found in (micro, macro):
        assert 0 <= found.interval[0] <= found.value + 1e-9
        assert found.value - 1e-9 <= found.interval[1] <= 1


def test_what_is_never_answered_has_no_precision():
    score = field_scores(answers([("1", None)]))["a"]
    assert (score.precision, score.recall.value, score.f1.value) == (None, 0, 0)
    score = field_scores(answers([(None, None)]))["a"]
    assert (score.precision, score.recall, score.f1) == (None, None, None)


def test_an_unreadable_answer_misses_every_field():
    lost = Prediction(Case("1", "", {"a": "1", "b": None}), "m", "", None)
    scores = field_scores([lost])
    assert scores["a"].recall.value == 0
    assert scores["b"].f1 is None


def test_a_key_that_was_not_asked_for_costs_micro_precision():
    chatty = Prediction(Case("1", "", {"a": "1"}), "m", "", {"a": "1", "note": "x"})
    assert micro_f1([chatty]).value == pytest.approx(2 / 3)
    assert list(field_scores([chatty])) == ["a"]


def test_values_are_compared_as_meant_where_the_kind_is_known():
    comma = [Prediction(Case("1", "", {"a": "1.50"}), "m", "", {"a": "1,5"})]
    assert micro_f1(comma).value == 0
    assert micro_f1(comma, {"a": "money"}).value == 1
    assert macro_f1(comma, {"a": "money"}).value == 1


def test_rows_are_values():
    rows = [{"n": "1"}]
    table = Prediction(Case("1", "", {"a": rows}), "m", "", {"a": list(rows)})
    assert micro_f1([table]).value == 1


def drawn(rng, n, skill=0.7):
    def pair():
        truth = rng.choice([None, "1", "2"])
        return truth, truth if rng.random() < skill else rng.choice([None, "1", "2", "3"])

    return answers(*([pair(), pair()] for _ in range(n)))


@pytest.mark.parametrize("measure", [micro_f1, macro_f1])
def test_the_intervals_hold_the_truth_nearly_as_often_as_they_say(measure):
    rng = random.Random(1)
    true = measure(drawn(rng, 20_000)).value
    held = 0
    for _ in range(60):
        low, high = measure(drawn(rng, 60)).interval
        held += low <= true <= high
    assert held >= 51  # 54 is two standard errors below 57


def test_cases_of_one_record_are_no_further_evidence():
    rng = random.Random(2)
    alone = drawn(rng, 50)
    again = [
        Prediction(Case(f"{p.case.id}/{k}", "", p.case.truth, record=p.case.id), "m", "", p.fields)
        for p in alone
        for k in range(4)
    ]
    for measure in (micro_f1, macro_f1):
        once, often = measure(alone), measure(again)
        assert often.value == pytest.approx(once.value)
        width = once.interval[1] - once.interval[0]
        assert often.interval[1] - often.interval[0] > 0.8 * width


@pytest.mark.parametrize("measure", MEASURES)
def test_bad_input(measure):
    with pytest.raises(NoDataError, match="no predictions"):
        measure([])
    with pytest.raises(ConfigError, match="unknown kind 'mony'"):
        measure(answers([("1", "1")]), {"a": "mony"})
    assert measure(answers([("1", "1")])) == measure(answers([("1", "1")]))
