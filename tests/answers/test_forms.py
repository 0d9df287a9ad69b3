"""Answers that are no JSON: a label, a number; written as training does, read as models write."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from pytest_slm_autopsy import Case, PromptFormat, ScriptedModel, assert_not_collapsed, predict
from pytest_slm_autopsy.answers import JsonAnswer, LabelAnswer, NumberAnswer
from pytest_slm_autopsy.errors import CaseError, ConfigError
from pytest_slm_autopsy.measures import categories, exact_match, expected_calibration_error

KINDS = LabelAnswer(("invoice", "reminder", "credit note", "credit"))
RISK = NumberAnswer("risk")
NO_NUMBERS = ("", "none", "between 0.1 and 0.2", "1..2", "1.2.3", "A4b7", '{"risk": null}')
ALIKE = ((), ("a",), ("a", "A"), ("a", "b", "a"), ("", "b"), ("x.", "x"), ("a ", "a"))


@pytest.mark.parametrize(
    ("raw", "label", "stage"),
    [
        ("invoice", "invoice", "strict"),
        (" invoice\n", "invoice", "strict"),
        ("Invoice", "invoice", "strict"),
        ("Invoice.", "invoice", "extracted"),
        ('"reminder"', "reminder", "extracted"),
        ("**reminder**", "reminder", "extracted"),
        ("It is a credit note.", "credit note", "extracted"),
        ('{"label": "Credit"}', "credit", "extracted"),
        ('```json\n{"label": "credit note", "why": "invoice?"}\n```', "credit note", "extracted"),
        ("<think>An invoice?</think>reminder", "reminder", "extracted"),
        ("reminder<|im_end|>\nuser: invoice", "reminder", "extracted"),
    ],
)
def test_a_label_is_read(raw, label, stage):
    found = KINDS.read(raw)
    assert (found.fields, found.stage) == ({"label": label}, stage)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", "'' is none of invoice, reminder"),
        ("receipt", "'receipt' is none of"),
        ("invoices", "'invoices' is none of"),
        ("an invoice, or a reminder", "it names 2 labels: invoice, reminder"),
        ("This is not a reminder.", "'This is not a reminder' is none of"),
        ("It isn't an invoice", '"It isn\'t an invoice" is none of'),
        ("The invoice number is missing, so I cannot say", "'The invoice number is missing"),
        ("<think>invoice", "the reasoning never ends"),
    ],
)
def test_what_is_no_label_says_so(raw, problem):
    found = KINDS.read(raw)
    assert (found.fields, found.stage) == (None, "failed")
    assert found.problem.startswith(problem)


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("0.0", "0.0"),
        (" 0.35\n", "0.35"),
        ("0.35.", "0.35"),
        (".5", ".5"),
        ("-1", "-1"),
        ("12 %", "12 %"),
        ("1e-3", "1e-3"),
        ("1,234.50", "1,234.50"),
        ("1 234,50", "1 234,50"),
        ("- 5", "- 5"),
        ("The risk is 0.35, I think.", "0.35"),
        ('{"risk": 0.35}', "0.35"),
        ("<think>0.9? 0.8?</think>0.35", "0.35"),
    ],
)
def test_a_number_is_read_as_it_is_written(raw, number):
    assert RISK.read(raw).fields == {"risk": number}


@pytest.mark.parametrize("raw", NO_NUMBERS)
def test_what_is_no_number_is_none(raw):
    assert RISK.read(raw).fields is None


@pytest.mark.parametrize(
    ("form", "truth", "words"),
    [
        (KINDS, {"label": "receipt"}, "'receipt' is none of the labels"),
        (KINDS, {"total": "9"}, "a label is one field, 'label', and this case asks for 'total'"),
        (KINDS, {"label": None}, "a label is one field"),
        (RISK, {"risk": "high"}, "the truth 'high' is no number"),
        (RISK, {"risk": "1", "why": "x"}, "asks for 'risk', 'why'"),
    ],
)
def test_a_truth_of_another_form_is_refused_at_the_first_case(form, truth, words):
    with pytest.raises(CaseError, match=words):
        PromptFormat(user="{text}", answer=form).expected(truth)


@pytest.mark.parametrize("labels", ALIKE)
def test_labels_that_cannot_be_told_apart(labels):
    with pytest.raises(ConfigError, match="cannot be told apart"):
        LabelAnswer(labels)


@pytest.mark.parametrize("labels", ["ab", (1, 2)])
def test_labels_that_are_no_texts(labels):
    with pytest.raises(ConfigError, match="give a tuple of texts"):
        LabelAnswer(labels)


@pytest.mark.parametrize(
    ("labels", "raw"), [(("A", "B", "C"), "a cat"), (("0", "1"), "-1"), (("A", "B"), "as a rule")]
)
def test_a_short_label_is_not_every_short_word(labels, raw):
    assert LabelAnswer(labels).read(raw).fields is None


@pytest.mark.parametrize("answer", ["label", None, 5])
def test_an_answer_without_a_form_is_refused(answer):
    with pytest.raises(ConfigError, match="no form of answers"):
        PromptFormat(answer=answer)


@pytest.mark.parametrize("form", [JsonAnswer(), KINDS, RISK])
def test_a_form_survives_a_manifest(form):
    prompt = PromptFormat(answer=form, template_arguments={"enable_thinking": False})
    assert PromptFormat(**asdict(prompt)) == prompt


def test_a_form_from_elsewhere_is_a_sentence():
    with pytest.raises(ConfigError, match="unknown form of answers 'lable'; did you mean 'label'"):
        PromptFormat(answer={"form": "lable"})


def classified(write, confidence=0.9):
    cases = [Case(str(n), f"Document {n}", {"label": KINDS.labels[n % 3]}) for n in range(120)]
    return predict(ScriptedModel(write, confidence=confidence, answer_form=KINDS), cases)


def test_measures_and_gates_serve_a_classifier():
    right = classified(lambda case: case.truth["label"].title())
    assert exact_match(right).value == 1.0
    assert expected_calibration_error(right).value == pytest.approx(0.1, abs=0.03)
    assert assert_not_collapsed(right, at_most=0.2).outcome == "passed"
    assert [row.category for row in categories(right) if row.count] == ["right"]


def test_one_label_for_all_is_a_collapse():
    with pytest.raises(AssertionError, match="says the same to different documents"):
        assert_not_collapsed(classified(lambda case: "invoice"))


def test_ten_zeros_that_all_look_alike_are_one_answer():
    cases = [Case(str(n), f"Risk {n}", {"risk": f"0.{n % 10}"}) for n in range(100)]
    zeros = predict(ScriptedModel(lambda case: "0.0", answer_form=RISK), cases)
    assert exact_match(zeros).value == 0.1
    with pytest.raises(AssertionError, match="says the same"):
        assert_not_collapsed(zeros)


@pytest.mark.parametrize("form", [("a", "b"), "label", LabelAnswer])
def test_what_is_no_form_is_refused_when_it_is_given(form):
    with pytest.raises(ConfigError, match="no form of answers"):
        ScriptedModel(lambda case: "a", answer_form=form)
    with pytest.raises(ConfigError, match="no form of answers"):
        PromptFormat(answer=form)
