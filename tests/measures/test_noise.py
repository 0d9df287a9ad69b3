"""What hangs on the batch is counted, whether it is right or wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_slm_autopsy import Case, ScriptedModel, predict
from pytest_slm_autopsy.errors import CaseError, NoDataError
from pytest_slm_autopsy.measures import answer_noise, answers_changed, near_ties


def answered(write, n=10):
    cases = [Case(str(i), f"page {i}", {"total": str(i)}) for i in range(n)]
    return predict(ScriptedModel(write), cases)


RIGHT = answered(lambda case: f'{{"total":"{case.id}"}}')
SPACED = answered(lambda case: f'{{"total": "{case.id}"}}' if int(case.id) < 4 else "no")


def test_another_text_is_a_change_and_another_truth_is_noise():
    assert answers_changed(RIGHT, SPACED).value == 1.0
    assert answer_noise(RIGHT, SPACED).value == pytest.approx(0.6)
    assert answers_changed(RIGHT, RIGHT).value == answer_noise(RIGHT, RIGHT).value == 0.0


def test_no_change_in_few_cases_is_not_none():
    assert answers_changed(RIGHT, RIGHT).interval[1] == pytest.approx(0.308, abs=1e-3)


def test_answers_with_near_ties_are_counted_once_each():
    tied = [replace(p, near_ties=3 if p.case.id == "7" else 0) for p in RIGHT]
    assert near_ties(tied).value == pytest.approx(0.1)


def test_other_cases_and_no_cases_are_errors():
    with pytest.raises(CaseError, match="was not put to the baseline"):
        answers_changed(RIGHT[:5], RIGHT)
    with pytest.raises(NoDataError):
        near_ties([])
