"""Trials: any part of a shift is written with the decisions that the whole shift made."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy import INVOICE, Case, draw_suite
from pytest_slm_autopsy.cases import DrawnVariants, RewrittenVariants
from pytest_slm_autopsy.cases.choices import SteadyChoices
from pytest_slm_autopsy.diagnostics.trials import Question, Trial, trials_of
from pytest_slm_autopsy.errors import CaseError
from tests.diagnostics.planted import dying, examiner, of_axes, suite_of, trials

SHIFT = {"missing": 1.0, "order": 1.0, "delimiters": 1.0}


@pytest.mark.parametrize("axis", ["missing", "delimiters", "whitespace", "case", "synonyms"])
def test_what_stays_of_a_shift_is_what_it_was(axis):
    for trial in trials(8):
        alone, whole = SteadyChoices(trial.seed), SteadyChoices(trial.seed)
        shift = {"order": 1.0, axis: 0.5, "rules": 1.0}
        variants = DrawnVariants(INVOICE)
        variants.write(trial.reference, {axis: 0.5}, alone)
        variants.write(trial.reference, shift, whole)
        assert alone.touched[axis] == whole.touched[axis]


def test_an_axis_touches_only_the_things_that_it_may():
    for trial in trials(8):
        only = {"missing": frozenset({"due_date"})}
        question = Question(Trial(trial.reference, SHIFT), {"missing": 1.0}, only)
        case = examiner(dying(lambda case: False)).case(question)
        gone = {name for name, value in case.truth.items() if value is None}
        assert gone == {"due_date"}


def test_a_document_is_asked_once():
    model = dying(of_axes("missing"))
    one = examiner(model)
    questions = [Question(trial, trial.shift) for trial in trials(8)]
    assert one.wrong_fields(questions) == one.wrong_fields(questions)
    assert one.asked == model.asked == len({q.trial.reference.cluster for q in questions})


def test_wrong_fields_are_named():
    model = dying(lambda case: True)
    [wrong] = examiner(model).wrong_fields([Question(trials(1)[0], {})])
    assert wrong == {"vendor"}


def test_a_document_that_cannot_be_written_counts_as_unchanged():
    case = Case("1", "Nothing here", {"total": "9.00"})
    one = examiner(dying(lambda case: True))
    assert one.wrong_fields([Question(Trial(case, SHIFT), SHIFT)]) == [frozenset()]
    assert one.refused == 1


def test_own_documents_are_rewritten():
    suite = draw_suite(INVOICE, 4, 3, {"canonical": {}})
    own = RewrittenVariants(suite.reference)
    written = own.write(suite.reference[0], {"order": 1.0, "case": 1.0}, SteadyChoices("1"))
    assert written.truth == suite.reference[0].truth
    assert written.text != suite.reference[0].text
    assert {*written.shift} == {"order", "case"}
    assert own.write(suite.reference[0], {}, SteadyChoices("1")) == suite.reference[0]
    with pytest.raises(CaseError, match="none of the documents"):
        own.write(Case("x", "Total: 9", {"total": "9"}), {"case": 1.0}, SteadyChoices("1"))


def test_another_schema_is_refused_with_a_sentence():
    case = Case("1", "Total: 9", {"total": "9"})
    with pytest.raises(CaseError, match="states no invoice_number"):
        DrawnVariants(INVOICE).write(case, {"order": 1.0}, SteadyChoices("1"))


def test_no_twin_is_an_error():
    suite = suite_of(4)
    with pytest.raises(CaseError, match="has a twin among the reference cases"):
        trials_of([], suite.production)
    with pytest.raises(CaseError, match="names its axes"):
        trials_of(suite.reference, suite.reference)
