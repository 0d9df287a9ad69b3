"""How often the answer is right: shares with their intervals, and the gap to a twin."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.errors import CaseError, ConfigError, NoDataError
from pytest_slm_autopsy.measures.accuracy import (
    accuracy_gap,
    accuracy_loss,
    exact_match,
    field_accuracy,
    flips,
    valid_json,
)
from pytest_slm_autopsy.models.scripted import ScriptedModel
from pytest_slm_autopsy.predictions.predictor import predict
from pytest_slm_autopsy.records import Case
from pytest_slm_autopsy.statistics.clustered import clustered_difference, clustered_rate
from pytest_slm_autopsy.statistics.intervals import clopper_pearson, mover_paired
from pytest_slm_autopsy.statistics.significance import mcnemar_exact

TRUTH = {"total": "9", "due": None}
WRITTEN = {
    "r": '{"total": "9", "due": null}',
    "w": '{"total": "8", "due": null}',
    "o": '{"total": "9"}',
    "u": "Sorry!",
}
MEASURES = [
    exact_match,
    valid_json,
    field_accuracy,
    lambda p, **level: accuracy_gap(reference=p, shifted=p, **level),
]

patterns = st.text("rw", min_size=1, max_size=30)


def answers(pattern, condition="canonical", model="m"):
    """A prediction a letter: r right, w one value wrong, o a field omitted, u unparsed."""
    cases = [
        Case(f"{i}/{condition}", "Total: 9", TRUTH, record=str(i), condition=condition)
        for i in range(len(pattern))
    ]
    scripted = ScriptedModel(lambda case: WRITTEN[pattern[int(case.record)]], name=model)
    return predict(scripted, cases)


@pytest.mark.parametrize(
    ("measure", "pattern", "value"),
    [
        (exact_match, "rrrwou" * 5, 3 / 6),
        (valid_json, "rrrwou" * 5, 5 / 6),
        (field_accuracy, "rrrwou" * 5, 8 / 12),
        (exact_match, "r", 1),
        (exact_match, "u", 0),
        (valid_json, "u", 0),
        (field_accuracy, "u", 0),
        (field_accuracy, "o", 0.5),
        (field_accuracy, "r", 1),
        (exact_match, "w" * 9, 0),
        (field_accuracy, "r" * 9, 1),
    ],
)
def test_a_share_and_its_interval(measure, pattern, value):
    found = measure(answers(pattern))
    low, high = found.interval
    assert found.value == pytest.approx(value)
    assert 0 <= low <= found.value + 1e-9
    assert found.value - 1e-9 <= high <= 1
    assert found.n == len(pattern)


def test_the_interval_of_a_share_is_exact():
    found = exact_match(answers("rrw"), confidence_level=0.9)
    assert found.interval == clopper_pearson(2, 3, confidence_level=0.9)
    assert found.confidence_level == 0.9
    assert found.interval_at(0.8) == clopper_pearson(2, 3, confidence_level=0.8)


def test_one_record_under_many_conditions_is_one_piece_of_evidence():
    once = answers("rrrrrrrrww")
    often = [p for name in "abcde" for p in answers("rrrrrrrrww", name)]
    assert exact_match(often).value == exact_match(once).value
    assert exact_match(often).interval == pytest.approx(exact_match(once).interval, abs=0.05)


def test_all_fields_right_is_not_proven_perfect():
    low, high = field_accuracy(answers("r" * 20)).interval
    assert (low, high) == clopper_pearson(20, 20)


@pytest.mark.parametrize("measure", MEASURES)
def test_a_case_counted_twice_is_named(measure):
    with pytest.raises(CaseError, match=r"'3/canonical' is counted twice"):
        measure([*answers("rrwwr"), answers("rrwwr")[3]])


@pytest.mark.parametrize("measure", MEASURES)
def test_no_predictions_are_an_error_and_no_score(measure):
    with pytest.raises(NoDataError, match="no predictions to measure"):
        measure([])


@pytest.mark.parametrize("measure", MEASURES)
def test_a_level_in_percent_is_refused_with_what_to_write(measure):
    with pytest.raises(ConfigError, match=r"confidence level 95 .*; write 0\.95"):
        measure(answers("rw"), confidence_level=95)


@pytest.mark.parametrize("measure", MEASURES)
def test_more_confidence_takes_a_wider_interval(measure):
    at = {level: measure(answers("rwu" * 20), confidence_level=level) for level in (0.8, 0.99)}
    assert at[0.99].interval[0] < at[0.8].interval[0]
    assert at[0.8].interval[1] < at[0.99].interval[1]
    assert at[0.8].value == at[0.99].value


def test_a_measurement_says_what_it_is_about_where_that_is_one_thing():
    one = exact_match(answers("rw", "order", "tiny"))
    assert (one.name, one.model, one.condition) == ("exact match", "tiny", "order")
    two = exact_match(answers("rw", "order", "tiny") + answers("r", "missing", "big"))
    assert (two.model, two.condition, two.n) == ("", "", 3)


def test_measuring_again_gives_the_same_digits():
    assert field_accuracy(answers("rwou" * 5)) == field_accuracy(answers("rwou" * 5))


@pytest.mark.filterwarnings("error")
def test_cases_that_ask_for_no_field_are_no_data():
    with pytest.raises(NoDataError):
        field_accuracy(predict(ScriptedModel(lambda case: "{}"), [Case("1", "", {})]))


@given(st.lists(st.tuples(st.sampled_from("rw"), st.sampled_from("rw")), min_size=1))
def test_the_gap_is_the_difference_of_the_accuracies_of_twins(pairs):
    reference, shifted = (answers("".join(side)) for side in zip(*pairs, strict=True))
    gap = accuracy_gap(reference=reference, shifted=shifted)
    assert gap.value == pytest.approx(exact_match(reference).value - exact_match(shifted).value)
    assert -1 <= gap.interval[0] <= gap.value + 1e-9
    assert gap.value - 1e-9 <= gap.interval[1] <= 1
    back = accuracy_gap(reference=shifted, shifted=reference)
    assert (back.value, *back.interval) == pytest.approx(
        (-gap.value, *(-gap.interval[i] for i in (1, 0)))
    )


@given(patterns)
def test_twins_answered_alike_have_no_gap(pattern):
    gap = accuracy_gap(reference=answers(pattern), shifted=answers(pattern, "order"))
    assert gap.value == 0
    assert gap.interval[0] <= 0 <= gap.interval[1]
    assert (gap.name, gap.condition, gap.n) == ("accuracy gap", "order", len(pattern))


def test_twins_find_each_other_in_any_order_and_spare_references_do_not_count():
    reference, shifted = answers("rrrww" + "w" * 9), answers("rrwwr")
    assert accuracy_gap(reference=reference, shifted=shifted[::-1]) == accuracy_gap(
        reference=reference[:5], shifted=shifted
    )


def test_cases_without_a_record_are_paired_by_name():
    model = ScriptedModel(lambda case: WRITTEN["r"])
    alone = predict(model, [Case("1", "Total: 9", TRUTH)])
    assert accuracy_gap(reference=alone, shifted=alone).n == 1


def test_a_case_without_twin_is_named():
    with pytest.raises(CaseError, match=r"case '1/order' has no twin: .* record '1'; predict both"):
        accuracy_gap(reference=answers("r"), shifted=answers("rr", "order"))


@pytest.mark.parametrize("side", [0, 1])
def test_two_cases_of_one_record_are_named(side):
    sides = [answers("rr"), answers("rr", "order")]
    sides[side] += answers("r", "again")
    with pytest.raises(CaseError, match=r"two cases of record '0' .*'0/again'"):
        accuracy_gap(reference=sides[0], shifted=sides[1])


@pytest.mark.parametrize("measure", MEASURES)
def test_an_ambiguous_case_counts_in_no_measure(measure):
    sure, open_ones = answers("rrw"), answers("wwww")
    for number, prediction in enumerate(open_ones):
        case = replace(prediction.case, tags=("ambiguous",), record=f"open {number}")
        open_ones[number] = replace(prediction, case=case)
    assert measure([*sure, *open_ones]) == measure(sure)
    with pytest.raises(NoDataError, match="all 4 cases are ambiguous"):
        measure(open_ones)


def test_the_interval_of_a_gap_is_that_of_the_discordant_pairs():
    gap = accuracy_gap(reference=answers("rrrrrwwrr"), shifted=answers("rwwwrrwrr", "order"))
    assert gap.value == pytest.approx(2 / 9)
    assert gap.interval == pytest.approx(mover_paired(9, 3, 1))
    assert gap.bounds == (-1.0, 1.0)


def test_a_gap_between_two_shifts_names_both():
    gap = accuracy_gap(reference=answers("rr", "order"), shifted=answers("rw", "missing"))
    assert gap.condition == "missing against order"


def test_a_pair_counts_only_where_the_reference_is_sure_too():
    reference, shifted = answers("rrw"), answers("wwr", "order")
    reference[0] = replace(reference[0], case=replace(reference[0].case, tags=("ambiguous",)))
    gap = accuracy_gap(reference=reference, shifted=shifted)
    assert (gap.n, gap.value) == (2, 0)


def shifted_answers(pattern, model="m"):
    return [
        replace(p, case=replace(p.case, shift={"order": 1.0}))
        for p in answers(pattern, "order", model)
    ]


def test_sides_in_the_wrong_places_are_an_error():
    plain, shifted = answers("rr"), shifted_answers("rw")
    assert accuracy_gap(reference=plain, shifted=shifted).value == 0.5
    assert accuracy_gap(reference=shifted, shifted=shifted).value == 0
    with pytest.raises(CaseError, match="the reference cases are shifted and the shifted ones"):
        accuracy_gap(reference=shifted, shifted=plain)


def test_a_gap_of_two_models_is_an_error():
    with pytest.raises(CaseError, match="these answers are of 'm' and 'new'; compare models with"):
        accuracy_gap(reference=answers("rr"), shifted=answers("rr", "order", "new"))


def test_a_loss_is_that_of_one_model_against_another():
    old, new = answers("rrrw", model="old"), answers("rwww", model="new")
    loss = accuracy_loss(baseline=old, candidate=new)
    assert (loss.name, loss.value, loss.n) == ("accuracy loss", 0.5, 4)
    assert loss.interval == pytest.approx(mover_paired(4, 2, 0))
    assert (loss.model, loss.condition) == ("new against old", "canonical")
    assert accuracy_loss(baseline=old, candidate=new[:2]).n == 2
    with pytest.raises(CaseError, match="case '3/canonical' was not put to the baseline"):
        accuracy_loss(baseline=old[:3], candidate=new)


@pytest.mark.parametrize("changed", [{"id": "x"}, {"text": "x"}, {"condition": "x"}])
def test_a_case_is_the_same_by_condition_name_and_text(changed):
    old = answers("rr", model="old")
    new = [replace(old[0], case=replace(old[0].case, **changed))]
    with pytest.raises(CaseError, match="was not put to the baseline"):
        accuracy_loss(baseline=old, candidate=new)


def by_id(case):
    return case.id


def test_what_flipped_since_is_named_and_tested():
    now = answers("rwwwrru")
    before = dict(
        zip([p.case.id for p in now[:6]], [True, True, True, True, False, True], strict=True)
    )
    found = flips(now, {**before, "gone": True}, by_id)
    assert (found.lost.name, found.lost.n, found.lost.bounds) == ("accuracy lost since", 6, (-1, 1))
    assert found.lost.value == pytest.approx(2 / 6)
    assert found.lost.interval == pytest.approx(mover_paired(6, 3, 1))
    assert [p.case.record for p in found.worse] == ["1", "2", "3"]
    assert [p.case.record for p in found.better] == ["4"]
    assert found.before.value == pytest.approx(5 / 6)
    assert found.before.interval == clopper_pearson(5, 6)
    assert found.p_value == mcnemar_exact(3, 1)


def test_a_record_is_worse_where_more_of_its_cases_are_worse_than_better():
    now = [
        replace(p, case=replace(p.case, record=record))
        for p, record in zip(answers("wwrwrw"), "aaabbc", strict=True)
    ]
    found = flips(
        now, dict.fromkeys((p.case.id for p in now), True) | {"2/canonical": False}, by_id
    )
    assert found.p_value == mcnemar_exact(3, 0)
    expected = clustered_difference([2, 1, 1], [1, 0, 0], [3, 2, 1])
    assert found.lost.interval == pytest.approx(expected)
    assert found.before.interval == pytest.approx(clustered_rate([2, 2, 1], [3, 2, 1]))


def test_nothing_asked_then_and_now_is_an_error():
    with pytest.raises(NoDataError, match="no case was asked both then and now"):
        flips(answers("rr"), {"other": True}, by_id)


def test_fields_that_look_the_same_are_right_beside_wrong_ones():
    truth = {"name": "José B", "total": "9", "due": None}
    said = {"name": "Jose\u0301\u00a0B", "total": "8"}
    one = replace(answers("r")[0], case=Case("1", "", truth), fields=said)
    assert field_accuracy([one]).value == pytest.approx(1 / 3)


def test_the_fields_of_one_record_are_one_piece_of_evidence():
    found = field_accuracy(answers("rowr"))
    assert found.interval == pytest.approx(clustered_rate([2, 1, 1, 2], [2, 2, 2, 2]))


def test_json_that_had_to_be_repaired_is_not_valid():
    strict = answers("rr")
    assert valid_json([strict[0], replace(strict[1], stage="repaired")]).value == 0.5
    assert valid_json([strict[0], replace(strict[1], fields=None)]).value == 0.5
