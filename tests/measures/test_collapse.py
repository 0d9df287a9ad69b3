"""A model that says the same to everyone is seen, and one that is right to repeat itself is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.measures.collapse import commonest_answer, excess_repetition
from pytest_slm_autopsy.records import Case, Prediction


def answers(truths, texts):
    """A prediction a letter: what is true, and what was written."""
    return [
        Prediction(Case(str(i), "", {"id": truth}), "m", text, None)
        for i, (truth, text) in enumerate(zip(truths, texts, strict=True))
    ]


@pytest.mark.parametrize(
    ("truths", "texts", "share"),
    [
        ("abcdefghij", "xxxxxxxxxx", 1.0),
        ("aaaaaaaaaa", "xxxxxxxxxx", 0.0),
        ("abcdefghij", "abcdefghij", 0.0),
        ("abcd", "xxyz", 0.5),
        ("aabb", "aabb", 0.0),
        ("aab", "xxx", 1.0),
        ("a", "x", 0.0),
    ],
)
def test_repetition_counts_only_where_the_truths_differ(truths, texts, share):
    found = excess_repetition(answers(truths, texts))
    assert (found.name, found.value, found.n) == ("repeated answers", share, len(truths))
    assert found.interval[0] <= share + 1e-9
    assert found.interval[1] >= share - 1e-9


@given(st.text("abc", min_size=1))
def test_a_model_that_is_always_right_never_repeats_too_much(truths):
    assert excess_repetition(answers(truths, truths)).value == 0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1))
def test_the_share_does_not_depend_on_the_order(pairs):
    there, back = (answers(*zip(*order, strict=True)) for order in (pairs, pairs[::-1]))
    assert excess_repetition(there) == excess_repetition(back)


def test_keys_in_another_order_are_the_same_truth():
    truths = [{"a": "1", "b": None}, {"b": None, "a": "1"}]
    twins = [Prediction(Case("1", "", truth), "m", "x", None) for truth in truths]
    assert excess_repetition(twins).value == 0


def test_the_commonest_answer_is_shown_with_its_count():
    assert commonest_answer(answers("abcd", "xyxz")) == ("x", 2)


@pytest.mark.parametrize("measure", [excess_repetition, commonest_answer])
def test_no_predictions_are_an_error_and_no_score(measure):
    with pytest.raises(NoDataError, match="no predictions to measure"):
        measure([])


def test_a_level_in_percent_is_refused_with_what_to_write():
    with pytest.raises(ConfigError, match=r"write 0\.95"):
        excess_repetition(answers("a", "x"), confidence_level=95)
