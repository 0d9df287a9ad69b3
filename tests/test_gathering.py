"""Predictions and verdicts to the report's document."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from pytest_slm_autopsy import INVOICE, Case, ScriptedModel, draw_suite, judge, predict
from pytest_slm_autopsy.gathering.answers import MOST
from pytest_slm_autopsy.gathering.document import gather
from pytest_slm_autopsy.records import Measurement
from pytest_slm_autopsy.report import page
from pytest_slm_autopsy.report.data import ReportData

RIGHT, WRONG = '{"total": "1"}', '{"total": "2"}'


def asked(
    raw: str, *, name: str = "m", condition: str = "canonical", n: int = 5, sure: float = 0.9
):
    """``n`` predictions that all say ``raw``."""
    ids = [f"{name}/{condition}/{raw}/{number}" for number in range(n)]
    cases = [Case(id, "Total: 1", {"total": "1"}, condition=condition) for id in ids]
    return predict(ScriptedModel(lambda case: raw, name=name, confidence=sure), cases)


def test_a_row_for_every_model_and_condition_in_the_order_asked():
    data = gather(
        [*asked(RIGHT), *asked(WRONG, condition="order"), *asked(RIGHT, name="a"), *asked(WRONG)],
        facts={},
    )
    rows = [(row.model, row.condition, row.n, row.accuracy.value) for row in data.rows]
    assert rows == [("m", "canonical", 10, 0.5), ("m", "order", 5, 0.0), ("a", "canonical", 5, 1.0)]
    assert [(curve.model, curve.condition) for curve in data.reliability] == [
        row[:2] for row in rows
    ]


def test_confidence_of_right_and_wrong_answers_is_told_apart():
    [row] = gather([*asked(RIGHT, sure=0.9), *asked(WRONG, sure=0.6)], facts={}).rows
    assert row.confidence_right == pytest.approx(0.9)
    assert row.confidence_wrong == pytest.approx(0.6)
    assert row.ece.n == 10


def test_without_probabilities_there_is_no_confidence():
    silent = [replace(p, logprobs=None, token_ends=None) for p in asked(WRONG)]
    data = gather(silent, facts={})
    [row] = data.rows
    assert (row.confidence_right, row.confidence_wrong, row.ece) == (None, None, None)
    assert data.reliability == ()
    assert [answer.confidence for answer in data.wrong] == [None] * 4
    assert data.risks == data.sureness == ()


def test_each_condition_has_its_examples_the_worst_first():
    some = [
        prediction
        for number in range(5)
        for prediction in asked(WRONG, condition=str(number), sure=0.5 + number / 20)
    ]
    data = gather([*asked(RIGHT), *some], facts={})
    assert [answer.condition for answer in data.wrong] == [*"00001111222233334444"]
    assert sum(sum(kinds.counts.values()) for kinds in data.kinds) == 25


def test_many_conditions_share_the_room_of_the_page():
    some = [one for number in range(60) for one in asked(WRONG, condition=str(number))]
    wrong = gather(some, facts={}).wrong
    assert {answer.condition for answer in wrong} == {str(number) for number in range(60)}
    assert len(wrong) == MOST


def test_an_example_knows_what_is_wrong_with_it():
    [answer, *_] = gather(asked(WRONG), facts={}).wrong
    assert answer.kinds
    assert answer.kind in answer.kinds.values()
    assert [end for end, _ in answer.tokens] == [*range(1, len(WRONG) + 1), len(WRONG)]


def test_which_field_has_the_value_of_another():
    truth = {"seller": "A", "buyer": "B", "note": None}
    cases = [Case(str(i), "", truth) for i in range(3)]
    swapped = ScriptedModel(lambda case: '{"seller":"B","buyer":"A","note":"x"}', name="m")
    [found] = gather(predict(swapped, cases), facts={}).confusions
    assert found.asked == ("seller", "buyer", "note")
    assert found.given == ("seller", "buyer", "note", "something invented")
    assert found.counts == ((0, 3, 0, 0), (3, 0, 0, 0), (0, 0, 0, 3))


def test_documents_are_compared_with_the_reference_once_for_all_models():
    suite = draw_suite(
        INVOICE, 12, 1, {"canonical": {}, "order": {"order": 1}, "case": {"case": 1}}
    )
    cases = [case for name in suite for case in suite[name]]
    answers = [
        one
        for name in ("a", "b")
        for one in predict(ScriptedModel(lambda case: "{}", name=name), cases)
    ]
    found = gather(answers, facts={}).distances
    assert [one.name for one in found] == ["case", "order"]
    assert found[0].measurement.value > found[1].measurement.value > 0
    assert gather(answers[12:24], facts={}).distances == ()


def test_two_models_are_compared_on_the_same_cases():
    cases = [prediction.case for prediction in asked(RIGHT)]
    first = predict(ScriptedModel(lambda case: RIGHT, name="first"), cases)
    second = predict(ScriptedModel(lambda case: WRONG, name="second"), cases)
    [found] = gather([*first, *second], facts={}).differences
    assert (found.first, found.second, found.lost.value) == ("first", "second", 1.0)
    other = [replace(one, case=replace(one.case, id=f"x{one.case.id}")) for one in second]
    assert gather([*first, *other], facts={}).differences == ()


def test_a_gate_has_the_outcome_of_its_test_or_of_its_verdict():
    verdict = judge(Measurement("accuracy", 0.2, (0.1, 0.3), 10), side="at_least", limit=0.5)
    data = gather([], [("a", verdict), ("b", verdict)], {"a": "xfailed"}, facts={})
    assert [(gate.test, gate.outcome) for gate in data.gates] == [("a", "xfailed"), ("b", "failed")]


def test_the_document_says_what_made_it_and_is_json():
    data = gather(asked("not JSON"), facts={"seed": "42"})
    assert data.facts["seed"] == "42"
    assert "pytest-slm-autopsy" in data.facts
    assert json.loads(data.to_json())["rows"][0]["model"] == "m"


def test_the_same_cases_have_the_same_hash_whoever_is_asked_and_in_which_order():
    def report_of(asking, raw=RIGHT):
        return gather(predict(ScriptedModel(lambda case: raw), asking), facts={})

    cases = [prediction.case for prediction in asked(RIGHT)]
    one, other = report_of(cases), report_of(cases[::-1], WRONG)
    assert one.facts["cases asked"] == other.facts["cases asked"]
    assert one.facts["cases asked"].startswith("5, hash ")
    changed = [replace(cases[0], text="Total: 2"), *cases[1:]]
    assert report_of(changed).facts["cases asked"] != one.facts["cases asked"]


def test_an_ambiguous_case_is_neither_right_nor_wrong_in_the_report():
    open_case = replace(asked(WRONG)[0].case, tags=("ambiguous",))
    answered = predict(ScriptedModel(lambda case: WRONG, name="m"), [open_case])
    data = gather([*asked(RIGHT), *answered], facts={})
    assert [(row.n, row.accuracy.value) for row in data.rows] == [(5, 1.0)]
    assert data.wrong == ()


def test_doubles_of_one_name_are_told_apart():
    good, bad = asked(RIGHT), [replace(p, raw=WRONG, fields={"total": "2"}) for p in asked(RIGHT)]
    data = gather([*good, *bad], facts={})
    assert [(row.model, row.accuracy.value) for row in data.rows] == [("m", 1.0), ("m (2)", 0.0)]


def test_what_cannot_be_measured_costs_one_number_and_not_the_report():
    broken = [replace(p, logprobs=(float("nan"),)) for p in asked(RIGHT)]
    empty = [replace(p, case=replace(p.case, truth={}), fields={}) for p in asked(RIGHT, name="e")]
    first, second = gather([*broken, *empty], facts={}).rows
    assert (first.ece, first.accuracy.value) == (None, 1.0)
    assert second.field_accuracy is None


def test_every_wrong_answer_is_of_one_kind():
    unreadable = asked("Sorry.", condition="order")
    data = gather([*asked(RIGHT), *asked(WRONG), *unreadable], facts={})
    kinds = [(kind.model, kind.condition, dict(kind.counts)) for kind in data.kinds]
    assert kinds == [
        ("m", "canonical", {"other value": 5}),
        ("m", "order", {"unreadable": 5}),
    ]
    assert [dict(kind.fields) for kind in data.kinds] == [{"total": 5}, {"total": 5}]
    assert "unreadable" in page.render(data)
    assert ReportData.from_json(data.to_json()).kinds == data.kinds
