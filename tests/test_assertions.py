"""Assertions affirm with a verdict or fail with one, and say which cases to look at."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from pytest_slm_autopsy import errors
from pytest_slm_autopsy.assertions.accuracy import (
    assert_accuracy,
    assert_accuracy_gap,
    assert_field_accuracy,
    assert_not_inferior,
    assert_valid_json,
)
from pytest_slm_autopsy.assertions.affirmation import GateFailure, UndecidedGate
from pytest_slm_autopsy.assertions.calibration import (
    assert_calibrated,
    assert_calibration_gap,
    assert_no_confident_errors,
    assert_selective_risk,
)
from pytest_slm_autopsy.assertions.collapse import assert_answers_end, assert_not_collapsed
from pytest_slm_autopsy.measures.noise import answer_noise
from pytest_slm_autopsy.models.prompts import PromptFormat
from pytest_slm_autopsy.models.scripted import ScriptedModel
from pytest_slm_autopsy.predictions.predictor import predict
from pytest_slm_autopsy.records import Case
from pytest_slm_autopsy.statistics.listeners import listening

# Wrong, omitted field, extra field, unparsed, always the same, right.
FAULTS = {
    "w": lambda case: PromptFormat().expected({**case.truth, "total": "wrong " + case.id}),
    "o": lambda case: PromptFormat().expected({"total": case.truth["total"]}),
    "e": lambda case: PromptFormat().expected({**case.truth, "note": "extra"}),
    "u": lambda case: "Sorry, I\ncannot.",
    "s": lambda case: PromptFormat().expected({"total": "1", "due": None}),
    "r": lambda case: PromptFormat().expected(case.truth),
}


def answers(pattern, confidence=0.999):
    """A prediction a letter, as in ``FAULTS``."""
    cases = [Case(f"case {i}", "", {"total": str(i), "due": None}) for i in range(len(pattern))]
    kinds = dict(zip((case.id for case in cases), pattern, strict=True))
    scripted = ScriptedModel(lambda case: FAULTS[kinds[case.id]](case), confidence=confidence)
    return predict(scripted, cases)


GATES = {
    "accuracy": lambda p: assert_accuracy(p, at_least=0.9),
    "gap": lambda p: assert_accuracy_gap(reference=answers("r" * len(p)), shifted=p, at_most=0.1),
    "fields": lambda p: assert_field_accuracy(p, at_least=0.8),
    "not inferior": lambda p: assert_not_inferior(
        candidate=p, baseline=answers("r" * len(p)), margin=0.1
    ),
    "calibrated": lambda p: assert_calibrated(p, at_most=0.1),
    "calibration gap": lambda p: assert_calibration_gap(
        reference=answers("r" * len(p)), shifted=p, at_most=0.2
    ),
    "confident": lambda p: assert_no_confident_errors(p, at_most=0.1),
    "selective": lambda p: assert_selective_risk(p, coverage=0.9, at_most=0.1),
    "collapse": assert_not_collapsed,
}
gates = pytest.mark.parametrize("gate", GATES)


@gates
def test_a_gate_that_holds_returns_its_verdict(gate):
    verdict = GATES[gate](answers("r" * 60))
    assert verdict.outcome == "passed"
    assert verdict.measurement.n == 60


@gates
def test_a_gate_that_does_not_hold_fails_with_its_verdict_and_the_wrong_cases(gate):
    predictions = answers("r" * 4 + "s" * 60 + "r")
    with pytest.raises(AssertionError) as caught:
        GATES[gate](predictions)
    failure = caught.value
    assert isinstance(failure, GateFailure)
    assert failure.verdict.outcome == "failed"
    assert failure.worst == tuple(predictions[4:64])
    first, *rest = str(failure).splitlines()
    assert first == failure.verdict.line
    assert len(rest) <= 9
    assert sum(line.startswith("  case ") for line in rest) == 3
    assert "  case 4: total='1' instead of '4'" in rest


@pytest.mark.parametrize(
    ("gate", "pattern"),
    [("accuracy", "r" * 9), ("gap", "r" * 9), ("collapse", "r" * 9), ("calibrated", "rrrrw" * 2)],
)
def test_undecided_fails_and_says_what_would_decide(gate, pattern):
    unsure = answers(pattern, confidence=0.95)
    with pytest.raises(
        GateFailure, match=r"^undecided: .*(cases would decide|too close)"
    ) as caught:
        GATES[gate](unsure)
    assert caught.value.verdict.outcome == "undecided"


@gates
def test_listening_hears_the_passed_and_the_failed(gate):
    heard = []
    with listening(heard.append):
        passed = GATES[gate](answers("r" * 60))
        with pytest.raises(GateFailure) as caught:
            GATES[gate](answers("s" * 60))
    assert heard == [passed, caught.value.verdict]


@gates
def test_nothing_to_judge_is_an_error_and_no_failure(gate):
    with pytest.raises(errors.NoDataError):
        GATES[gate]([])


def test_the_limit_and_the_level_are_the_callers():
    wrong = answers("r" * 90 + "w" * 10)
    verdict = assert_accuracy(wrong, at_least=0.8, confidence_level=0.9)
    assert (verdict.limit, verdict.side) == (0.8, "at_least")
    assert verdict.measurement.confidence_level == 0.9
    assert assert_not_collapsed(answers("r" * 60), at_most=0.2).limit == 0.2
    with pytest.raises(errors.ConfigError, match="at_least=90"):
        assert_accuracy(wrong, at_least=90)


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("w", "  case 1: total='wrong case 1' instead of '1'"),
        ("u", "  case 1: not JSON: Expecting value"),
        ("o", "  case 1: due is missing"),
        ("e", "  case 1: note='extra' was not asked for"),
    ],
)
def test_a_wrong_case_is_told_in_one_line(fault, line):
    with pytest.raises(GateFailure) as caught:
        assert_accuracy(answers(f"r{fault}" * 20), at_least=0.9)
    assert str(caught.value).splitlines()[1].startswith(line)


def test_long_answers_do_not_flood_the_failure():
    cases = [Case(str(i), "", dict.fromkeys("abcdef", "right")) for i in range(40)]
    flood = ScriptedModel(
        lambda case: PromptFormat().expected(dict.fromkeys(case.truth, "x" * 999))
    )
    with pytest.raises(GateFailure) as caught:
        assert_accuracy(predict(flood, cases), at_least=0.9)
    assert max(map(len, str(caught.value).splitlines())) <= 240


def test_a_collapse_shows_the_answer_that_was_repeated():
    with pytest.raises(GateFailure, match=r"commonest answer, 40 of 50: 'Sorry, I\\ncannot\.'"):
        assert_not_collapsed(answers("u" * 40 + "r" * 10))


def test_a_failure_of_the_model_is_no_error_of_use():
    kinds = [errors.ConfigError, errors.CaseError, errors.ModelError, errors.NoDataError]
    for error in (*kinds, errors.MissingExtraError):
        assert issubclass(error, errors.SlmAutopsyError)
        assert not issubclass(error, AssertionError)
    assert not issubclass(GateFailure, errors.SlmAutopsyError)


def test_a_missing_extra_says_what_to_install():
    sentence = str(errors.MissingExtraError("torch", "hf"))
    assert sentence.startswith("torch is not installed; run: pip install 'accelerate>=")
    assert " 'torch>=2.8' 'transformers>=5' (without a GPU first: pip install torch " in sentence
    copy = pickle.loads(pickle.dumps(errors.MissingExtraError("captum", "inside")))
    assert str(copy) == "captum is not installed; run: pip install 'captum>=0.8'"


def test_an_extra_that_is_not_known_is_named_as_it_is():
    assert "'pytest-slm-autopsy[none]'" in str(errors.MissingExtraError("a", "none"))


@pytest.mark.parametrize(
    ("word", "hint"),
    [("ordr", "did you mean 'order'?"), ("xyz", "known are: missing, order"), ("", "known are:")],
)
def test_a_misspelt_name_is_met_with_the_nearest_or_with_all(word, hint):
    assert errors.nearest(word, ["order", "missing"]).startswith(hint)


def test_a_failure_can_travel_between_processes():
    with pytest.raises(GateFailure) as caught:
        assert_accuracy(answers("w" * 40), at_least=0.9)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("gate", ["accuracy", "gap"])
def test_an_undecided_gate_warns_or_passes_where_the_run_says_so(gate):
    few = answers("r" * 9)
    with listening(print, undecided="warn"), pytest.warns(UndecidedGate, match="^undecided: "):
        assert GATES[gate](few).outcome == "undecided"
    with listening(print, undecided="pass"):
        assert GATES[gate](few).outcome == "undecided"
    with listening(print, undecided="pass"), pytest.raises(GateFailure):
        GATES[gate](answers("s" * 60))


def test_repaired_answers_are_not_valid_json():
    cases = [Case(str(i), "", {"id": str(i)}) for i in range(60)]
    fenced = predict(ScriptedModel(lambda case: f'```json\n{{"id": "{case.id}"}}\n```'), cases)
    assert assert_accuracy(fenced, at_least=0.9)
    with pytest.raises(GateFailure, match="valid JSON"):
        assert_valid_json(fenced, at_least=0.9)


def test_two_models_are_compared_on_the_same_cases():
    old, new = answers("r" * 60), answers("r" * 55 + "w" * 5)
    assert assert_not_inferior(
        candidate=new, baseline=old, margin=0.25
    ).measurement.value == pytest.approx(5 / 60)
    with pytest.raises(errors.CaseError, match=r"'case 59' was not put to the baseline"):
        assert_not_inferior(candidate=new, baseline=old[:59], margin=0.25)
    other = [replace(p, model="other") for p in new]
    with pytest.raises(errors.CaseError, match="a gap is one model's"):
        assert_accuracy_gap(reference=old, shifted=other, at_most=0.2)


def test_a_limit_finer_than_the_noise_of_the_model_is_an_error():
    first, again = answers("r" * 60), answers("r" * 57 + "w" * 3)
    noise = answer_noise(first, again)
    assert noise.value == pytest.approx(0.05)
    with pytest.raises(errors.ConfigError, match="finer than the model's own noise"):
        assert_accuracy_gap(reference=first, shifted=again, at_most=0.04, noise=noise.value)


class Batches(list):
    """Predictions that count how many were asked for."""

    def __init__(self, predictions):
        super().__init__(predictions)
        self.cases = [p.case for p in predictions]
        self.asked = 0

    def batches(self):
        for start in range(0, len(self), 32):
            self.asked = start + 32
            yield self[start : start + 32]


@pytest.mark.parametrize("pattern", ["r" * 640, "rw" * 320])
def test_a_gate_asks_no_more_than_it_needs(pattern):
    predictions, reference = Batches(answers(pattern)), Batches(answers("r" * 640))
    right = "w" not in pattern
    for gate in (
        lambda: assert_accuracy(predictions, at_least=0.8),
        lambda: assert_accuracy_gap(reference=reference, shifted=predictions, at_most=0.2),
        lambda: assert_not_inferior(candidate=predictions, baseline=reference, margin=0.2),
        lambda: assert_no_confident_errors(predictions, at_most=0.2),
    ):
        predictions.asked = 0
        if right:
            verdict = gate()
        else:
            with pytest.raises(GateFailure) as caught:
                gate()
            verdict = caught.value.verdict
            assert len(caught.value.worst) == verdict.measurement.n // 2
        assert verdict.outcome == ("passed" if right else "failed")
        assert verdict.measurement.n == predictions.asked <= 96


def test_where_records_repeat_all_is_asked():
    doubled = [replace(p, case=replace(p.case, record="one")) for p in answers("r" * 64)]
    predictions = Batches(doubled)
    with pytest.raises(GateFailure, match="n=64"):
        assert_accuracy(predictions, at_least=0.8)
    assert predictions.asked == 0


def test_a_gate_that_is_never_proven_asks_all_and_is_undecided():
    close = Batches(answers(("r" * 9 + "w") * 20))
    with pytest.raises(GateFailure, match=r"^undecided: .*n=200"):
        assert_accuracy(close, at_least=0.9)


def test_the_worst_cases_are_those_that_the_gate_counts():
    cases = [Case(str(i), "", {"id": str(i)}) for i in range(60)]
    fenced = predict(ScriptedModel(lambda case: f'```\n{{"id": "{case.id}"}}\n```'), cases)
    with pytest.raises(GateFailure) as caught:
        assert_valid_json(fenced, at_least=0.9)
    assert len(caught.value.worst) == 60
    assert str(caught.value).splitlines()[1].startswith("  0: extracted: ")
    mixed = [*answers("r" * 50 + "w" * 9), replace(answers("r" * 59 + "w")[-1], logprobs=(-1.0,))]
    with pytest.raises(GateFailure) as caught:
        assert_no_confident_errors(mixed, at_most=0.01)
    assert mixed[-1] not in caught.value.worst


def test_one_record_under_ten_conditions_is_no_ten_records():
    def everywhere(pattern):
        return [
            replace(p, case=replace(p.case, record=p.case.id, condition=f"{p.case.condition} {i}"))
            for i in range(10)
            for p in answers(pattern)
        ]

    old, new = everywhere("r" * 60), everywhere("r" * 58 + "w" * 2)
    with pytest.raises(GateFailure, match=r"^undecided"):
        assert_not_inferior(candidate=new, baseline=old, margin=0.05)


def test_a_pair_with_an_ambiguous_case_does_not_count():
    reference, shifted = answers("r" * 60), answers("r" * 60)
    reference[0] = replace(reference[0], case=replace(reference[0].case, tags=("ambiguous",)))
    assert (
        assert_accuracy_gap(reference=reference, shifted=shifted, at_most=0.1).measurement.n == 59
    )


@pytest.mark.parametrize("given", [["a"], [Case("1", "", {})], "text"])
def test_what_is_no_prediction_is_refused(given):
    with pytest.raises(errors.CaseError, match="a measure takes predictions, and was given"):
        assert_accuracy(given, at_least=0.5)


def test_a_limit_that_cannot_be_kept_is_refused_before_any_case_is_asked():
    predictions = Batches(answers("r" * 64))
    with pytest.raises(errors.ConfigError, match="at_least=95"):
        assert_accuracy(predictions, at_least=95)
    assert predictions.asked == 0


DEAD, DEAD_TOO = answers("w" * 100), answers("s" * 100)


@pytest.mark.parametrize(
    "vacuous",
    [
        lambda: assert_accuracy_gap(reference=DEAD, shifted=DEAD_TOO, at_most=0.1),
        lambda: assert_accuracy_gap(reference=DEAD, shifted=DEAD_TOO, at_most=0.0),
        lambda: assert_not_inferior(candidate=DEAD, baseline=DEAD_TOO, margin=0.05),
        lambda: assert_calibration_gap(reference=DEAD, shifted=DEAD_TOO, at_most=0.2),
    ],
)
def test_who_has_nothing_to_lose_does_not_pass_by_not_losing_it(vacuous):
    with pytest.raises(GateFailure, match=r"undecided: .* it proves nothing: .* mend that first"):
        vacuous()


def test_a_model_that_is_seldom_right_has_too_little_to_lose_for_a_wide_limit():
    before, after = (answers("r" * 10 + "w" * 190) for _ in range(2))
    with pytest.raises(GateFailure, match=r"no more than 0\.1 to lose"):
        assert_accuracy_gap(reference=before, shifted=after, at_most=0.1)
    assert assert_accuracy_gap(reference=before, shifted=after, at_most=0.02).outcome == "passed"


@pytest.mark.parametrize(
    "gate",
    [
        lambda one, other: assert_accuracy_gap(reference=one, shifted=other, at_most=0.1),
        lambda one, other: assert_not_inferior(candidate=one, baseline=other, margin=0.1),
        lambda one, other: assert_calibration_gap(reference=one, shifted=other, at_most=0.3),
    ],
)
def test_a_side_is_not_compared_with_itself(gate):
    same = answers("r" * 60)
    for other in (same, list(same)):
        with pytest.raises(errors.ConfigError, match="both sides are the same predictions"):
            gate(same, other)
    assert gate(same, answers("r" * 60)).outcome == "passed"


@pytest.mark.parametrize("finish", ["length", "error", "content_filter", ""])
def test_answers_that_never_came_have_not_ended(finish):
    ended = answers("r" * 200)
    assert assert_answers_end(ended, at_most=0.05).outcome == "passed"
    with pytest.raises(GateFailure, match=r"failed: cut-off answers"):
        assert_answers_end([replace(p, finish=finish) for p in ended], at_most=0.05)


def test_two_alike_things_are_told_apart_by_name():
    new, old = answers("r" * 60), answers("w" * 60)
    with pytest.raises(TypeError, match="positional"):
        assert_not_inferior(new, old, margin=0.05)
    old = [replace(one, model="old") for one in old]
    with pytest.raises(GateFailure, match=r"failed: accuracy loss \(old against scripted, "):
        assert_not_inferior(candidate=old, baseline=new, margin=0.05)


def test_a_gap_from_another_condition_than_the_canonical_names_both():
    def under(condition, pattern):
        predictions = answers(pattern)
        return [replace(p, case=replace(p.case, condition=condition)) for p in predictions]

    with pytest.raises(GateFailure, match=r"\(scripted, loose against strict\)"):
        assert_accuracy_gap(
            reference=under("strict", "r" * 60), shifted=under("loose", "w" * 60), at_most=0.1
        )
