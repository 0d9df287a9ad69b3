"""A dead model fails and its sign is named; a healthy one passes, however few its truths are."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from pytest_slm_autopsy.assertions.affirmation import GateFailure
from pytest_slm_autopsy.assertions.collapse import assert_not_collapsed
from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.models.prompts import PromptFormat
from pytest_slm_autopsy.models.scripted import ScriptedModel
from pytest_slm_autopsy.predictions.predictor import predict
from pytest_slm_autopsy.records import Case

WRITTEN = PromptFormat().expected


def invoices(n, seed=0):
    rng = random.Random(seed)
    cases = []
    for i in range(n):
        total, number = f"{rng.randint(100, 9999)}.{rng.randint(10, 99)}", rng.randint(10**4, 10**5)
        truth = {"id": f"INV-{number}", "total": total, "due": None}
        cases.append(Case(str(i), f"Invoice INV-{number}\nTotal: {total}", truth))
    return cases


def sorts(n, seed=0):
    rng = random.Random(seed)
    return [Case(str(i), "Sort it.", {"sort": rng.choice(["ASC", "DESC"])}) for i in range(n)]


ALIKE = [Case(str(i), "Sort it.", {"sort": "ASC"}) for i in range(120)]


def asked(cases, write):
    return predict(ScriptedModel(write), cases)


TRAINING = invoices(300, seed=9)


def learnt(case):
    return WRITTEN(TRAINING[int(case.id)].truth)


def of_another(case):
    return WRITTEN(invoices(200, seed=5)[int(case.id)].truth)


DEAD = {
    "a constant": (lambda case: WRITTEN({"id": "0", "total": "0.0", "due": None}),
                   "says the same to different documents"),
    "a refusal": (lambda case: "Sorry, I\ncannot.", "says the same to different documents"),
    "a loop": (lambda case: f'{{"id": "{case.truth["id"]}", "total": "' + "12 " * 60,
               "it repeats itself to the end"),
    "another document": (of_another, "do not depend on the document"),
    "a training answer": (learnt, "do not depend on the document"),
    "a constant field": (lambda case: WRITTEN({**case.truth, "total": "0.00"}),
                         "field 'total' is answered '0.00' whatever is true"),
    "stock answers": (lambda case: WRITTEN({"id": case.truth["id"][:5], "total": "", "due": None}),
                      "wrong answers recur from document to document"),
}  # fmt: skip


@pytest.mark.parametrize("kind", DEAD)
def test_a_dead_model_fails_and_its_sign_is_named(kind):
    write, words = DEAD[kind]
    with pytest.raises(GateFailure) as caught:
        assert_not_collapsed(asked(invoices(120), write))
    assert caught.value.verdict.outcome == "failed"
    assert words in caught.value.note
    assert "commonest answer, " in caught.value.note


def test_ten_identical_answers_are_enough():
    cases = [Case(str(i), f"Rate it: {i}", {"rating": f"{i / 10}"}) for i in range(10)]
    for text in ('{"rating": 0.0}', "0.0"):
        with pytest.raises(GateFailure, match="says the same") as caught:
            assert_not_collapsed(asked(cases, lambda case, text=text: text))
        assert caught.value.verdict.outcome == "failed"
        assert f"commonest answer, 10 of 10: {text!r}" in str(caught.value)


def test_a_training_answer_is_named_where_the_document_is_read_too():
    cases = invoices(120)
    training = [Case(f"t{i}", "", {**c.truth, "due": "2025-01-01"}) for i, c in enumerate(cases)]
    predictions = asked(cases, lambda case: WRITTEN({**case.truth, "due": "2025-01-01"}))
    with pytest.raises(GateFailure, match="copies answers of its training cases"):
        assert_not_collapsed(predictions, training=training)


def test_answers_cut_off_are_named():
    class Endless(ScriptedModel):
        def answer(self, cases):
            return [replace(answer, finish="length") for answer in super().answer(cases)]

    predictions = predict(Endless(lambda case: WRITTEN(case.truth)), invoices(60))
    with pytest.raises(GateFailure, match="until the length limit cuts them off"):
        assert_not_collapsed(predictions)


@pytest.mark.parametrize("cases", [invoices(120), sorts(200), ALIKE])
def test_a_right_model_passes(cases):
    verdict = assert_not_collapsed(asked(cases, lambda case: WRITTEN(case.truth)))
    assert (verdict.outcome, verdict.limit, verdict.side) == ("passed", 0.1, "at_most")


def test_a_good_model_of_two_answers_passes_though_its_wrong_ones_repeat():
    rng = random.Random(1)
    for seed in range(10):
        predictions = asked(
            sorts(300, seed),
            lambda case: WRITTEN(case.truth if rng.random() < 0.9 else {"sort": "ASC"}),
        )
        assert assert_not_collapsed(predictions, at_most=0.15).outcome == "passed"


def test_a_weak_model_that_reads_its_documents_has_not_collapsed():
    def swapped(case):
        return WRITTEN({"id": case.truth["total"], "total": case.truth["id"], "due": None})

    assert assert_not_collapsed(asked(invoices(120), swapped)).outcome == "passed"


def test_too_few_cases_are_undecided():
    with pytest.raises(GateFailure, match="more cases would decide") as caught:
        assert_not_collapsed(asked(invoices(8), lambda case: WRITTEN(case.truth)))
    assert caught.value.verdict.outcome == "undecided"
    assert len(caught.value.note.splitlines()) == 1


def test_bad_input():
    with pytest.raises(NoDataError):
        assert_not_collapsed([])
    right = asked(invoices(9), lambda case: WRITTEN(case.truth))
    with pytest.raises(ConfigError, match="at_most=10"):
        assert_not_collapsed(right, at_most=10)
    with pytest.raises(ConfigError, match=r"write 0\.95"):
        assert_not_collapsed(right, confidence_level=95)
