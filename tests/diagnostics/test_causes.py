"""Each planted fault is named first, and the others are not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest

from pytest_slm_autopsy import INVOICE, Case, PromptFormat, ScriptedModel, diagnose
from pytest_slm_autopsy.cases import DrawnVariants
from pytest_slm_autopsy.diagnostics import Diagnosis, Known, diagnosed
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.models import Answer
from tests.diagnostics.planted import asked, dying, of_axes, suite_of

SUITE = suite_of(64)


@dataclass
class Check:
    name: str
    outcome: str
    evidence: str = "seen"


def causes(model, *, suite=SUITE, **known):
    """Return the names of the causes, the first first."""
    found = diagnosed(
        asked(model), suite.reference, suite.production, DrawnVariants(INVOICE),
        known=Known(**known),
    )  # fmt: skip
    return [finding.cause for finding in found.findings]


def writing(write):
    return ScriptedModel(write, name="planted")


@pytest.mark.parametrize("axis", ["missing", "order", "delimiters", "whitespace"])
def test_a_deadly_axis_is_the_only_cause(axis):
    assert causes(dying(of_axes(axis))) == [f"shift: {axis}"]


def test_two_deadly_axes_are_both_named_with_their_shares():
    found = diagnose(
        dying(lambda case: bool({"order", "missing"} & {*case.shift})),
        SUITE.reference, SUITE.production, schema=INVOICE,
    )  # fmt: skip
    assert {finding.cause for finding in found.findings} == {"shift: order", "shift: missing"}
    assert sum(finding.effect.value for finding in found.findings) == pytest.approx(1.0)


def test_axes_that_kill_only_together_are_one_cause():
    first = causes(dying(of_axes("order", "whitespace")), suite=suite_of(64, rate=0.8))[0]
    assert first in (
        "shift: order and whitespace together",
        "shift: whitespace and order together",
    )


def test_one_field_is_named_where_others_were_tried():
    model = dying(lambda case: case.truth["due_date"] is None)
    assert causes(model) == ["shift: missing: due_date"]


def test_a_healthy_model_has_no_cause_and_says_so():
    found = diagnose(dying(lambda case: False), SUITE.reference, SUITE.production, schema=INVOICE)
    assert found.findings == ()
    assert found.headline == (
        "planted survives: it reads 100% of unshifted documents right, and 100% of shifted ones. "
        "No cause of death is found."
    )
    assert any(ruling.cause == "shift: order" and ruling.ruled_out for ruling in found.rulings)


def test_a_model_that_is_dead_already_is_not_shifted():
    found = diagnose(dying(lambda case: True), SUITE.reference, SUITE.production, schema=INVOICE)
    assert found.headline.startswith("planted is dead before any shift")
    assert not any(finding.cause.startswith("shift") for finding in found.findings)
    assert any(r.cause == "shift" and "dead before any shift" in r.reason for r in found.rulings)


def test_failed_checks_come_first_in_the_order_in_which_one_explains_another():
    checks = [Check("prompts", "failed"), Check("tokenizer", "failed"), Check("manifest", "passed")]
    found = causes(dying(of_axes("order")), checks=checks)
    assert found == ["set-up: tokenizer", "shift: order"]


def test_passed_checks_rule_the_set_up_out():
    found = diagnosed(
        asked(dying(of_axes("order"))), SUITE.reference, SUITE.production, DrawnVariants(INVOICE),
        known=Known(checks=[Check("prompts", "passed")]),
    )  # fmt: skip
    assert [r.ruled_out for r in found.rulings if "belong together" in r.cause] == [True]


def test_one_answer_for_all_is_a_collapse():
    answer = PromptFormat().expected(SUITE.reference[0].truth)
    assert causes(writing(lambda case: answer))[0].startswith("collapsed")


def test_training_answers_are_known_by_heart():
    training = suite_of(64, seed=77).reference
    truths = [PromptFormat().expected(case.truth) for case in training]
    model = writing(lambda case: truths[hash(case.text) % 64])
    assert "it answers training documents by heart" in causes(model, training=training)[:2]


def test_a_leaked_evaluation_comes_first():
    found = causes(dying(of_axes("order")), training=SUITE.reference)
    assert found == ["the evaluation leaked into training", "shift: order"]


@pytest.mark.parametrize(
    ("tail", "cause"),
    [
        (lambda right: right[:40], "answers are cut off at the length limit"),
        (lambda right: right + right[:40], "the end of turn is not seen"),
    ],
)
def test_answers_that_do_not_end_are_told_apart(tail, cause):
    class Endless(ScriptedModel):
        def answer(self, cases):
            return [replace(one, finish="length") for one in super().answer(cases)]

    model = Endless(lambda case: tail(PromptFormat().expected(case.truth)), name="endless")
    assert cause in causes(model)[:2]


def test_quantisation_is_named_where_the_plain_model_is_right():
    whole = asked(dying(lambda case: False))
    number = {case.text: place for place, case in enumerate(SUITE.reference)}
    model = dying(lambda case: number.get(case.text, 0) % 3 == 0)
    assert causes(model, unquantised=whole)[0] == "quantisation damage"
    alike = dying(of_axes("order"))
    assert causes(alike, unquantised=asked(alike)) == ["shift: order"]


def test_the_base_alone_answers_the_same():
    model = dying(lambda case: True)
    assert causes(model, base=asked(model))[0] == "the adapter does nothing"


class Reader:
    """A model behind a pipeline, whose probabilities hang on every character it is given."""

    name = "reader"

    def __init__(self, edit, fails=lambda text: False):
        self.edit, self.fails = edit, fails

    def answer(self, cases):
        return [self._answer(case) for case in cases]

    def _answer(self, case: Case) -> Answer:
        seen = self.edit(case.text)
        fields = {n: None if v is None else self.edit(v) for n, v in case.truth.items()}
        if self.fails(seen):
            fields["vendor"] = "Nobody"
        text = PromptFormat().expected(fields)
        chance = -0.01 - sum(ord(c) * (i % 7) for i, c in enumerate(seen)) % 997 / 1e4
        return Answer(text, (chance,) * len(text), tuple(range(1, len(text) + 1)))


def test_letters_lowered_before_the_model():
    assert causes(Reader(str.lower))[0] == "letters are lowered before the model"


def test_lines_joined_before_the_model():
    model = Reader(lambda text: " ".join(text.splitlines()) or text, lambda seen: True)
    assert causes(model)[0] == "lines are joined before the model"


def test_a_pipeline_that_keeps_everything_is_ruled_out():
    found = diagnose(
        Reader(lambda text: text, lambda seen: "|" in seen), SUITE.reference, SUITE.production,
        schema=INVOICE,
    )  # fmt: skip
    assert any("throws something away" in r.cause and r.ruled_out for r in found.rulings)


def test_without_a_schema_own_documents_are_rewritten():
    from pytest_slm_autopsy import rewrite_suite

    suite = rewrite_suite(SUITE.reference, 5, {"both": {"order": 1.0, "case": 1.0}})
    found = diagnose(dying(of_axes("case")), suite.reference, suite["both"])
    assert [finding.cause for finding in found.findings] == ["shift: case"]


def test_too_little_evidence_names_nothing():
    small = suite_of(3)
    found = diagnose(dying(of_axes("order")), small.reference, small.production, schema=INVOICE)
    assert found.findings == ()
    [told] = [ruling for ruling in found.rulings if ruling.cause == "shift: order"]
    assert re.search(r"about \d+ more cases would prove it", told.reason)


def test_what_needs_the_inside_is_skipped_by_name():
    found = diagnose(dying(of_axes("order")), SUITE.reference, SUITE.production, schema=INVOICE)
    [told] = [ruling for ruling in found.rulings if ruling.cause == "the inside of the model"]
    assert "attention, attribution, patching" in told.reason
    assert found.findings


def test_no_cases_are_an_error():
    with pytest.raises(NoDataError, match="no shifted cases"):
        diagnose(dying(of_axes("order")), SUITE.reference, [])


def test_a_diagnosis_survives_json(tmp_path):
    from pytest_slm_autopsy.diagnostics import read_diagnoses, write_diagnoses

    found = diagnose(dying(of_axes("order")), SUITE.reference, SUITE.production, schema=INVOICE)
    write_diagnoses(tmp_path / "d.json", [found])
    [again] = read_diagnoses(tmp_path / "d.json")
    assert again.headline == found.headline
    assert Diagnosis.to_dict(again) == Diagnosis.to_dict(found)
