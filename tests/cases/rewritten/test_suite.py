"""Suites of rewrites: paired by record, refusals counted, nothing proven by no case."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy import predict
from pytest_slm_autopsy.cases import Mixture
from pytest_slm_autopsy.cases.files import read_cases, write_cases
from pytest_slm_autopsy.cases.rewritten.rewrites import REWRITES
from pytest_slm_autopsy.cases.rewritten.suite import read_suite, refusals, rewrite_suite
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.measures import accuracy_gap
from pytest_slm_autopsy.models.prompts import PromptFormat
from pytest_slm_autopsy.models.scripted import ScriptedModel
from pytest_slm_autopsy.records import Case

GOOD = "Invoice No: A-{0}\nInvoice Date: 2025-03-{0}\nTotal Amount: {0}.50"
PLAIN = "We owe you {0}.50 for A-{0} since 2025-03-{0}"


def documents(*texts):
    return [
        Case(str(n), text.format(n), {"id": f"A-{n}", "day": f"2025-03-{n}", "sum": f"{n}.50"})
        for n, text in enumerate(texts, 10)
    ]


def test_every_condition_holds_the_documents_paired_by_record():
    suite = rewrite_suite(documents(*[GOOD] * 9), 7)
    shown = [axis for axis in REWRITES if axis != "missing"]
    assert list(suite) == ["canonical", *shown, "production"]
    for condition in suite:
        assert [case.record for case in suite[condition]] == [case.id for case in suite.reference]
        assert {case.condition for case in suite[condition]} == {condition}
    assert [case.text for case in suite.reference] == [case.text for case in documents(*[GOOD] * 9)]
    assert all(case.shift == {} for case in suite.reference)
    assert all(case.shift == {"order": 1.0} for case in suite["order"])
    assert all(set(case.shift) <= set(REWRITES) for case in suite.production)
    assert {one.condition for one in suite.refused} == {"missing"}


def test_gates_pair_the_documents_with_their_rewrites():
    suite = rewrite_suite(documents(*[GOOD] * 9), 7)
    model = ScriptedModel(
        lambda case: PromptFormat().expected(case.truth) if "Total Amount:" in case.text else "{}"
    )
    reference = predict(model, suite.reference)
    assert accuracy_gap(reference=reference, shifted=predict(model, suite["order"])).value == 0
    assert accuracy_gap(reference=reference, shifted=predict(model, suite["case"])).value == 1


def test_the_seed_decides():
    first, again, other = (rewrite_suite(documents(*[GOOD] * 9), seed) for seed in (1, 1, 2))
    assert first.digest == again.digest != other.digest


def test_a_document_is_rewritten_alike_whoever_stands_beside_it():
    alone, among = (rewrite_suite(documents(GOOD, *more), 1) for more in ((), (GOOD, PLAIN)))
    for condition in alone:
        assert alone[condition][0] == among[condition][0]


def test_what_is_refused_is_left_out_and_said():
    suite = rewrite_suite(documents(GOOD, PLAIN, GOOD, PLAIN), 1)
    assert [case.record for case in suite["order"]] == ["10", "12"]
    assert [case.record for case in suite.reference] == ["10", "11", "12", "13"]
    assert {(one.record, one.condition) for one in suite.refused} >= {
        ("11", "order"), ("13", "order"), ("11", "delimiters"), ("13", "synonyms"),
    }  # fmt: skip
    [order] = [line for line in refusals(suite) if line.startswith("order: ")]
    assert order.startswith("order: 2 of 4 refused, most often because no two neighbouring lines")


def test_a_mixture_leaves_out_what_refuses_the_document():
    suite = rewrite_suite(documents(PLAIN), 1)
    assert suite.production[0].text != suite.reference[0].text
    assert set(suite.production[0].shift) <= {"misspelt", "boilerplate", "whitespace"}


def test_a_condition_that_no_document_can_take_is_an_error_and_not_empty():
    suite = rewrite_suite(documents(PLAIN, PLAIN), 1)
    assert "order" not in suite
    with pytest.raises(CaseError, match=r"no document can be rewritten under 'order', and no case "
                       r"proves nothing: no two neighbouring .* \(2 refused\)"):  # fmt: skip
        suite["order"]
    with pytest.raises(CaseError, match="no document can be rewritten at all; order: 2 of 2"):
        rewrite_suite(documents(PLAIN, PLAIN), 1, {"order": {"order": 1.0}})
    with pytest.raises(CaseError, match="has no condition 'ordr'"):
        suite["ordr"]


def test_conditions_of_ones_own():
    conditions = {
        "canonical": {},
        "both": {"order": 0.5, "case": 1.0},
        "some": Mixture({"case": 1}),
    }
    suite = rewrite_suite(documents(GOOD, GOOD), 1, conditions)
    assert list(suite) == ["canonical", "both", "some"]
    assert suite["both"][0].shift == {"order": 0.5, "case": 1.0}
    assert set(suite["some"][0].shift) == {"case"}


@pytest.mark.parametrize(
    ("cases", "conditions", "sentence"),
    [
        ([], None, "no documents to rewrite; give at least one case"),
        (documents(GOOD) * 2, None, "2 documents have the record '10', and twins are paired by it"),
        (documents(GOOD), {"x": {"money": 1.0}}, "cannot be rewritten along the axis 'money'"),
        (documents(GOOD), {"x": Mixture()}, "cannot be rewritten along the axis 'truncated'"),
        (documents(GOOD), {"x": {"order": 3}}, "severity of axis 'order' is 3"),
    ],
)
def test_what_cannot_be_meant(cases, conditions, sentence):
    with pytest.raises(CaseError, match=sentence):
        rewrite_suite(cases, 1, conditions)


def test_a_file_of_more_than_n_documents_is_drawn_from(tmp_path):
    path = tmp_path / "mine.jsonl"
    write_cases(path, documents(*[GOOD] * 40))
    few, again, other = (read_suite(path, 9, seed) for seed in (1, 1, 2))
    records = [case.record for case in few.reference]
    assert len(records) == 9
    assert records == sorted(records) != [case.record for case in other.reference]
    assert few.digest == again.digest
    assert {case.source for case in few.production} == {"mine.jsonl"}
    assert len(read_suite(path, 100, 1).reference) == 40


def test_a_suite_survives_a_file(tmp_path):
    path = tmp_path / "suite.jsonl"
    suite = rewrite_suite(documents(GOOD, GOOD), 1)
    cases = [case for condition in suite for case in suite[condition]]
    write_cases(path, cases)
    assert list(read_cases(path)) == cases
