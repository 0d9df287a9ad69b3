"""What the models are trained on, and what the base never saw."""

from __future__ import annotations

import random

from pytest_slm_autopsy import INVOICE
from reference_experiment.data import SCHEMA, evaluation_cases, training_cases
from reference_experiment.pretraining.general_task import (
    FORBIDDEN_WORDS,
    SYLLABLES,
    Style,
    draw_task,
    is_held_out,
)


def test_training_and_evaluation_share_no_record(small):
    trained = {
        case.text for plan in small.adapters.values() for case in training_cases(small, plan)
    }
    asked = {case.text for case in evaluation_cases(small)}
    assert not trained & asked


def test_the_narrow_adapter_sees_one_layout_and_the_hardened_one_many(small):
    narrow = training_cases(small, small.adapters["narrow"])
    hardened = training_cases(small, small.adapters["hardened"])
    assert len(narrow) == len(hardened) == 16
    assert {tuple(case.shift) for case in narrow} == {()}
    assert len({tuple(case.shift) for case in hardened}) > 3


def test_no_key_of_the_experiment_is_printed():
    labels = {word.lower() for label in INVOICE.labels.values() for word in label.split()}
    assert not set(SCHEMA.names) & labels


def test_the_base_can_draw_no_word_of_the_experiment():
    labels = {word.lower() for label in SCHEMA.labels.values() for word in label.split()}
    for word in labels | set(SCHEMA.names):
        assert word in FORBIDDEN_WORDS or not _composed(word)


def test_held_out_words_are_never_trained_on():
    rng = random.Random(1)
    for held_out in (True, False):
        for _ in range(50):
            task = draw_task(rng, range(3, 9), held_out=held_out)
            words = [word for key in task.keys for word in key.split("_")]
            assert {is_held_out(word) for word in words} == {held_out}


def test_the_general_task_is_right_by_construction():
    rng = random.Random(2)
    for _ in range(200):
        task = draw_task(rng, range(3, 9), Style(shuffled=True, missing=True))
        for key, value in task.answer.items():
            label = key.replace("_", " ").title()
            if value is None:  # a longer label may hold this one: keys share words
                others = [other.replace("_", " ").title() for other in task.keys if other != key]
                assert label not in task.document or any(label in other for other in others)
            else:
                assert label in task.document
                assert value in task.document


def _composed(word):
    """Whether the general task could put the word together from two or three syllables."""
    pairs = {a + b for a in SYLLABLES for b in SYLLABLES}
    return word in pairs or any(
        word.startswith(pair) and word[len(pair) :] in SYLLABLES for pair in pairs
    )
