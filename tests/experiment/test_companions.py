"""Who is asked beside the adapters: patterns that read, and examples that no suite holds."""

from __future__ import annotations

from pytest_slm_autopsy.cases import stream_cases
from reference_experiment.companions import EXAMPLES, extract, with_examples
from reference_experiment.data import CONDITIONS, SCHEMA, evaluation_cases, training_cases

TRUTH = {
    "id": "INV-1",
    "issued": "2026-01-02",
    "deadline": None,
    "seller": "Acme Tools GmbH",
    "buyer": "Ann Smith",
    "iso": "EUR",
    "payable": "1,234.50",
    "reference": None,
}


def test_the_patterns_read_labels_wherever_they_stand():
    text = (
        "  TOTAL = 1,234.50 \n\nCurrency | EUR\nVendor .... Acme Tools GmbH\n"
        "customer\tAnn Smith\nInvoice Number n° INV-1\nInvoice  Date - 2026-01-02"
    )
    assert extract(text) == TRUTH


def test_they_take_no_label_for_another():
    assert extract("Total Payable: 3.00\nDue Date Reminder: 2026-01-02")["payable"] is None
    assert extract("Due Date Reminder: 2026-01-02")["deadline"] is None


def test_they_are_right_under_every_axis_of_the_story():
    cases = list(stream_cases(SCHEMA, 40, 99, CONDITIONS))
    assert [case.id for case in cases if extract(case.text) != case.truth] == []


def test_three_examples_lead_each_case_and_none_is_asked_or_trained_on(small):
    asked = list(evaluation_cases(small))
    (first, *_), n = with_examples(asked), len(EXAMPLES)
    roles = [role for role, _ in first.turns]
    assert roles == ["system", *["user", "assistant"] * n, "user"]
    shown = {words for role, words in first.turns[:-1] if role == "user"}
    assert len(shown) == n
    trained = [case for plan in small.adapters.values() for case in training_cases(small, plan)]
    assert not [case for case in (*asked, *trained) if any(case.text in words for words in shown)]
    assert first.truth == asked[0].truth
