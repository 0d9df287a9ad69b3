"""Guesses come from where the answer went on before."""

from __future__ import annotations

from pytest_slm_autopsy.models.decoding.drafts import LENGTH, Drafts


def drafted(prompt, expected, answer, after, **given):
    drafts = Drafts(prompt, expected)
    drafts.add(answer[:after])
    return drafts.next(**given)


def test_after_a_wrong_value_the_rest_of_the_expected_answer_is_taken_up_again():
    #           key quote value... quote key2 quote value2 quote
    expected = [30, 9, 11, 12, 9, 31, 9, 13, 14, 9]
    assert drafted([1, 2], expected, [30, 9, 21, 22, 9], 5) == [31, 9, 13, 14, 9]


def test_a_place_that_lies_behind_is_not_taken_up_again():
    expected = [9, 5, 9, 6, 9, 7]
    drafts = Drafts([], expected)
    drafts.add([9, 5, 9, 6, 8, 9])
    assert drafts.next() == [7]


def test_a_value_from_elsewhere_in_the_document_is_copied_from_there():
    assert drafted([1, 2, 3, 4, 5, 6], [], [9, 3], 2, length=3) == [4, 5, 6]


def test_a_longer_match_goes_before_a_later_one():
    assert drafted([1, 2, 3, 8, 2, 7], [], [1, 2], 2, length=1) == [3]


def test_a_loop_is_guessed_round_and_round():
    assert drafted([], [], [5, 6, 5, 6, 5], 5, length=5) == [6, 5, 6, 5, 6]
    assert drafted([], [], [4, 4], 2, length=3) == [4, 4, 4]


def test_nothing_like_it_no_guess():
    assert drafted([1, 2], [3, 4], [9], 1) == []


def test_a_guess_is_no_longer_than_asked():
    assert len(drafted([5] * 50, [], [5], 1)) == LENGTH
