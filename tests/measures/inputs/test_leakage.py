"""What evaluation shares with training: planted leaks are found, strangers are not."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.drawn.shifts import Mixture
from pytest_slm_autopsy.cases.drawn.suites import draw_suite
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, ITEMISED_INVOICE
from pytest_slm_autopsy.errors import CaseError, ConfigError, NoDataError
from pytest_slm_autopsy.measures.inputs.leakage import (
    DEFAULT_KINDS,
    Leak,
    find_leaks,
    share_leaked,
    undated,
)
from pytest_slm_autopsy.measures.inputs.near_duplicates import (
    SHINGLE,
    jaccard,
    near_duplicates,
    shingles,
    sketches,
)
from pytest_slm_autopsy.measures.inputs.traces import template
from pytest_slm_autopsy.notation.text import collapsed
from pytest_slm_autopsy.records import Case
from pytest_slm_autopsy.statistics.intervals import clopper_pearson

CONDITIONS = {"canonical": {}, "production": Mixture()}
TRAINING = draw_suite(INVOICE, 60, 1, CONDITIONS)
EVALUATION = draw_suite(INVOICE, 60, 2, CONDITIONS)
EVERY = (*DEFAULT_KINDS, "same template")


def doc(id, text, **truth):
    return Case(id, text, truth)


def kinds(leaks):
    return [leak.kind for leak in leaks]


def plain_shingles(text):
    text = text.ljust(SHINGLE, "\0")
    return {text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1)}


def edited(text, edits, seed):
    rng = random.Random(seed)
    letters = list(text)
    for _ in range(edits):
        letters[rng.randrange(len(letters))] = rng.choice("abcdefghij")
    return "".join(letters)


def planted(case, **changes):
    """A training case that gives ``case`` away."""
    return replace(case, id=f"copy of {case.id}", **changes)


PLANTS = {
    "same document": lambda case: planted(case, text=f"{case.text.upper()} \n", truth={}),
    "near duplicate": lambda case: planted(case, text=f"{case.text} Paid.", truth={}),
    "same record": lambda case: planted(case, text="something else altogether"),
}


@pytest.mark.parametrize("kind", PLANTS)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_planted_leak_is_found_and_nothing_else(kind, condition):
    given_away = EVALUATION[condition][7]
    training = [*TRAINING[condition], PLANTS[kind](given_away)]
    (leak,) = find_leaks(training=training, evaluation=EVALUATION[condition])
    assert (leak.kind, leak.evaluation) == (kind, given_away.id)
    assert leak.training == f"copy of {given_away.id}"
    assert leak.similarity == 1.0 or (kind == "near duplicate" and 0.8 <= leak.similarity < 1)


@pytest.mark.parametrize("schema", [INVOICE, ITEMISED_INVOICE], ids=lambda schema: schema.name)
def test_two_suites_of_other_seeds_share_nothing_but_templates(schema):
    training, evaluation = (draw_suite(schema, 15, seed) for seed in (1, 2))
    first, second = ([c for name in suite for c in suite[name]] for suite in (training, evaluation))
    assert set(kinds(find_leaks(training=first, evaluation=second, kinds=EVERY))) == {
        "same template"
    }
    assert find_leaks(training=first, evaluation=second) == ()


def test_a_suite_leaks_into_itself_wholly():
    leaks = find_leaks(training=TRAINING.reference, evaluation=TRAINING.reference, kinds=EVERY)
    assert kinds(leaks) == [kind for kind in ("same document", "same record", "same template")
                            for _ in TRAINING.reference]  # fmt: skip
    assert all(leak.training == leak.evaluation for leak in leaks if leak.kind != "same template")


def test_a_shifted_twin_is_the_same_record():
    leaks = find_leaks(
        training=TRAINING.reference,
        evaluation=draw_suite(INVOICE, 9, 1, {"x": {"order": 1.0}})["x"],
    )
    assert {"same record"} <= set(kinds(leaks))
    assert share_leaked(leaks, TRAINING.reference[:9], kind="same record").value == 1.0


def test_the_first_source_is_named_and_the_others_are_counted():
    (leak,) = find_leaks(training=[doc(i, "A b") for i in "xyz"], evaluation=[doc("e", " a  B ")])
    assert leak == Leak("same document", "x", "e", 1.0, "and 2 more training cases")


def test_templates_are_the_same_whatever_the_values_and_wherever_they_are_known():
    spans = {"no": (4, 7), "sum": (13, 14)}
    marked = Case("1", "No: A-1\nSum: 7", {"no": "A-1", "sum": "7"}, spans=spans)
    searched = doc("2", "No: B-77\nSum: 1,5", no="B-77", sum="1,5")
    assert template(marked) == template(searched) == "no: □ sum: □"
    rows = doc("3", "No: C\nSum: 4", no="C", rows=[{"sum": "4"}], note=None, other="")
    assert template(rows) == "no: □ sum: □"
    assert template(doc("4", "1 of 12", page="1")) == "□ of 12"


def test_an_answer_in_the_input_is_found_in_any_json():
    truth = {"no": "A 1", "due": None, "vendor": "Müller", "rows": [{"sum": "1"}]}
    text = 'x {"no" :\n"A 1", "due": null, "vendor":"M\\u00fcller", "rows": [ {"sum":"1"} ]}'
    (leak,) = find_leaks(training=[doc("t", "other")], evaluation=[Case("e", text, truth)])
    assert leak == Leak("answer in the input", "", "e", 1.0, "states no, vendor, rows as JSON")
    (part,) = find_leaks(training=[doc("t", "other")], evaluation=[Case("e", '"no": "A 1"', truth)])
    assert part.similarity == pytest.approx(1 / 3)
    plain = Case("e", "no: A 1, vendor: Müller, due: null", truth)
    assert find_leaks(training=[doc("t", "other")], evaluation=[plain]) == ()


def test_an_evaluation_case_not_after_training_s_last_day_is_temporal():
    training = [doc("a", "1", day="2025-01-31"), doc("b", "2", day="2025-03-31T23:00:00")]
    dated = [doc("c", "3", day="2025-03-31"), doc("d", "4", day="2025-04-01")]
    evaluation = [*dated, doc("e", "5", day="31.03.25"), doc("f", "6", day=None), doc("g", "7")]
    (leak,) = find_leaks(training=training, evaluation=evaluation, kinds=(), date_field="day")
    assert leak.kind == "temporal"
    assert (leak.training, leak.evaluation) == ("b", "c")
    assert leak.detail == "2025-03-31 is not after 2025-03-31, training's last"
    assert undated(evaluation, "day") == 3


@pytest.mark.parametrize("field", ["dya", "note"])
def test_no_date_that_can_be_read_is_an_error(field):
    dated = [doc("a", "1", day="2025-01-31", note="soon")]
    with pytest.raises(CaseError, match=r"none of 1 training cases has an ISO date"):
        find_leaks(training=dated, evaluation=dated, date_field=field)
    with pytest.raises(CaseError, match=r"none of 1 evaluation cases has an ISO date"):
        find_leaks(training=dated, evaluation=[doc("a", "1", day="31.1.25")], date_field="day")


def test_a_truth_that_states_nothing_is_no_record_and_an_empty_text_no_document():
    empty = [doc("a", "", total=None)]
    assert find_leaks(training=empty, evaluation=empty, kinds=EVERY) == ()


@pytest.mark.parametrize(
    ("arguments", "error", "said"),
    [
        ({"training": []}, NoDataError, "no training cases"),
        ({"evaluation": []}, NoDataError, "no evaluation cases"),
        ({"training": [doc("a", "1"), doc("a", "2")]}, CaseError, "two training cases .* 'a'"),
        ({"kinds": ["near duplicates"]}, ConfigError, "did you mean 'near duplicate'"),
        ({"kinds": []}, ConfigError, "no kind of leak"),
        ({"kinds": ["temporal"]}, ConfigError, "give date_field"),
        ({"similarity": 0.0}, ConfigError, "similarity 0 must be above 0"),
        ({"similarity": 1.5}, ConfigError, r"similarity 1\.5 must be above 0"),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments, error, said):
    good = {"training": [doc("t", "some text")], "evaluation": [doc("e", "other text")]}
    with pytest.raises(error, match=said):
        find_leaks(**{**good, **arguments})


def test_the_share_counts_each_case_once_and_has_an_exact_interval():
    leaks = [Leak("same document", "t", "1"), Leak("same record", "t", "1"),
             Leak("same record", "t", "2")]  # fmt: skip
    cases = [doc(str(i), "") for i in range(10)]
    share = share_leaked(leaks, cases)
    assert (share.name, share.value, share.n) == ("share leaked", 0.2, 10)
    assert share.interval == clopper_pearson(2, 10)
    assert share_leaked(leaks, cases, kind="same document").value == 0.1
    assert share_leaked([], cases).value == 0.0


def test_a_share_of_no_cases_is_an_error():
    with pytest.raises(NoDataError, match="a rate of nothing"):
        share_leaked([], [])


@settings(max_examples=50)
@given(st.text(max_size=40), st.text(max_size=40))
def test_hashed_shingles_are_as_alike_as_plain_ones(first, second):
    plain = [plain_shingles(text) if text else set() for text in (first, second)]
    exact = len(plain[0] & plain[1]) / max(len(plain[0] | plain[1]), 1)
    assert jaccard(shingles(first), shingles(second)) == pytest.approx(exact)


@pytest.mark.parametrize("edits", [0, 2, 6, 15, 40])
def test_sketches_estimate_the_similarity_as_a_reference_implementation_does(edits):
    text = " ".join(case.text for case in TRAINING.reference[:3])
    pair = text, edited(text, edits, 1)
    exact = jaccard(*map(shingles, pair))
    estimates = [(one == other).mean() for one, other in
                 (sketches([shingles(t) for t in pair], seed) for seed in range(8))]  # fmt: skip
    assert np.mean(estimates) == pytest.approx(exact, abs=0.03)
    reference = [MinHash(num_perm=256, seed=1) for _ in pair]
    for sketch, one in zip(reference, pair, strict=True):
        sketch.update_batch([shingle.encode() for shingle in plain_shingles(one)])
    assert np.mean(estimates) == pytest.approx(reference[0].jaccard(reference[1]), abs=0.1)


@pytest.mark.parametrize("limit", [0.5, 0.8, 0.95])
def test_of_all_pairs_above_the_limit_few_are_missed_and_none_below_it_is_named(limit):
    known = [collapsed(case.text) for case in (*TRAINING.reference, *TRAINING["production"])]
    asked = [edited(text, i % 12, i) for i, text in enumerate(known)]
    alike = [jaccard(shingles(a), shingles(b)) for a, b in zip(known, asked, strict=True)]
    due = {i for i, similarity in enumerate(alike) if similarity >= limit}
    found = near_duplicates(known, asked, at_least=limit)
    assert set(found) <= due
    assert len(found) >= 0.97 * len(due) > 10
    assert all(found[i] == (i, alike[i]) for i in found)


def test_texts_shorter_than_a_shingle_are_alike_only_when_equal():
    assert near_duplicates(["a", "ab", ""], ["ab", "b", ""]) == {0: (1, 1.0)}


def test_the_same_seed_gives_the_same_leaks():
    pair = {"training": TRAINING["production"], "evaluation": TRAINING.reference}
    assert find_leaks(**pair, similarity=0.5, seed=3) == find_leaks(**pair, similarity=0.5, seed=3)


def test_of_known_texts_as_near_the_first_is_named():
    text = TRAINING.reference[0].text
    found = near_duplicates(["other", text, text], [f"{text} Paid."])
    assert found[0][0] == 1


def test_a_key_that_ends_like_a_field_does_not_state_it():
    case = Case("e", 'x {"paid": "A 1"}', {"id": "A 1"})
    assert find_leaks(training=[doc("t", "other")], evaluation=[case]) == ()
