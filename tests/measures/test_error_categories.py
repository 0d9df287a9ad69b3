"""Every wrong answer has exactly one category, and the table counts them all."""

from __future__ import annotations

import itertools
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.errors import ConfigError, NoDataError
from pytest_slm_autopsy.measures.accuracy import exact_match
from pytest_slm_autopsy.measures.error_categories import (
    CATEGORIES,
    categories,
    categorise,
    field_categories,
    normalised_match,
)
from pytest_slm_autopsy.measures.validity import parse_stages, schema_valid
from pytest_slm_autopsy.records import Case, Prediction

TRUTH = {
    "total": "1234.50",
    "day": "2025-03-31",
    "due": None,
    "seller": "Miller Supplies Ltd",
    "sort": "ASC",
    "items": [{"n": "Bolts", "price": "2.50"}, {"n": "Nuts", "price": "1.00"}],
}
KINDS = {"total": "money", "day": "date", "items": "items"}
MEASURES = [categories, normalised_match, schema_valid, lambda p, *_, **level: parse_stages(p)]

values = st.none() | st.text(max_size=9) | st.sampled_from([*TRUTH.values(), "asc", "Mill"])
answered = st.none() | st.dictionaries(st.sampled_from([*TRUTH, "note"]), values)


fresh = itertools.count()


def answer(fields, truth=TRUTH, **more):
    return Prediction(Case(str(next(fresh)), "", truth), "m", "", fields, **more)


def with_(**changed):
    return answer({**TRUTH, **changed})


@pytest.mark.parametrize(
    ("field", "value", "category"),
    [
        ("total", "1234.50", "right"),
        ("total", "1.234,50 €", "other form"),
        ("total", "1234.5", "other form"),
        ("total", "1234", "truncated"),
        ("total", "1234.60", "near miss"),
        ("total", "1243.50", "other value"),
        ("total", "99", "other value"),
        ("total", None, "omitted"),
        ("total", " ", "omitted"),
        ("total", "2025-03-31", "swapped"),
        ("total", "31 March 2025", "swapped"),
        ("day", "31.03.2025", "other form"),
        ("due", "2025-03-31", "hallucinated"),
        ("due", "", "other form"),
        ("seller", "miller supplies  ltd", "other case or spacing"),
        ("seller", "Miller", "truncated"),
        ("seller", "M", "other value"),
        ("seller", "Muller Suplies Ltd", "near miss"),
        ("seller", "Muler Suply Ltd", "other value"),
        ("sort", "asc", "other case or spacing"),
        ("sort", "ASK", "near miss"),
        ("items", TRUTH["items"][:1], "truncated"),
        ("items", [], "omitted"),
        ("items", [{"n": "BOLTS", "price": "2.50"}, TRUTH["items"][1]], "other case or spacing"),
        ("items", [{"n": "Bolts", "price": "2,5"}, TRUTH["items"][1]], "other form"),
        ("items", [{"n": "Bolts", "price": "2.60"}, TRUTH["items"][1]], "near miss"),
        ("items", "Bolts", "other value"),
    ],
)
def test_the_category_of_one_field(field, value, category):
    changed = with_(**{field: value})
    assert field_categories(changed, KINDS)[field] == category
    assert categorise(changed, KINDS) == category


def test_an_accent_or_space_that_looks_the_same_is_right():
    truth = {"name": "Jos\u00e9 B"}
    assert categorise(answer({"name": "Jose\u0301\u00a0B"}, truth)) == "right"


@pytest.mark.parametrize(
    ("truth", "value", "category"),
    [("9", "8", "other value"), ("19", "18", "other value"), ("19", "1", "other value"),
     ("195", "19", "truncated"), ("195", "196", "near miss"), ("195", "1956", "near miss")],
)  # fmt: skip
def test_short_values_are_no_near_misses(truth, value, category):
    assert categorise(answer({"n": value}, {"n": truth})) == category


def test_the_gravest_field_names_the_document():
    both = with_(due="2025-01-01", sort="asc", total=None)
    assert categorise(both, KINDS) == "hallucinated"
    assert categorise(with_(sort="asc", total=None), KINDS) == "omitted"


def test_keys_come_before_values():
    assert categorise(answer(None)) == "unreadable"
    assert categorise(with_(note="x", due="2025-01-01")) == "extra key"
    assert categorise(answer({k: v for k, v in TRUTH.items() if k != "due"})) == "omitted"
    assert set(field_categories(answer(None)).values()) == {"unreadable"}


@given(st.lists(answered, min_size=1, max_size=9))
def test_every_answer_has_one_category_and_the_right_ones_are_right(answers):
    predictions = [answer(fields) for fields in answers]
    for prediction in predictions:
        assert categorise(prediction, KINDS) in CATEGORIES
        assert (categorise(prediction, KINDS) == "right") == prediction.correct
    rows = categories(predictions, KINDS)
    assert tuple(row.category for row in rows) == CATEGORIES
    assert sum(row.count for row in rows) == len(predictions)
    assert sum(sum(row.fields.values()) for row in rows) == len(predictions) * len(TRUTH)
    assert rows[-1].share.value == exact_match(predictions).value
    assert normalised_match(predictions, KINDS).value >= exact_match(predictions).value


@given(st.text(string.ascii_lowercase, min_size=8, max_size=40), st.data())
def test_one_changed_character_is_a_near_miss(truth, data):
    at = data.draw(st.integers(0, len(truth) - 1))
    wrong = truth[:at] + "#" + truth[at + 1 :]
    assert categorise(answer({"n": wrong}, {"n": truth})) == "near miss"


def test_shares_count_by_document_and_fields_by_value():
    both = [answer(TRUTH), with_(sort="asc", day="31.3.2025")]
    rows = {row.category: row for row in categories(both, KINDS)}
    assert (rows["other case or spacing"].count, rows["other form"].count) == (0, 1)
    assert rows["other case or spacing"].fields == {"sort": 1}
    assert rows["right"].fields["sort"] == 1
    assert rows["other value"].share.name == "other value"


def test_normalised_and_verbatim():
    written = [answer(TRUTH), with_(total="1,234.50"), with_(sort="asc"), with_(total="1")]
    assert exact_match(written).value == 0.25
    assert normalised_match(written).value == 0.5
    assert normalised_match(written, KINDS).value == 0.75


def test_schema_valid():
    fits = [answer(TRUTH), with_(total="1", day="1.1.2025", seller="whoever"), with_(items=[])]
    fails = [answer(None), with_(note="x"), answer({}), with_(total="much"), with_(day="today"),
             with_(items="Bolts"), with_(total=[{"n": "1"}])]  # fmt: skip
    assert schema_valid(fits, KINDS).value == 1
    assert schema_valid(fails, KINDS).value == 0
    assert schema_valid(fails).value == 4 / 7


def test_stages_add_up_and_what_has_no_fields_has_failed():
    read = [answer(TRUTH), answer(TRUTH, stage="repaired"), answer(None, problem="not JSON")]
    stages = parse_stages([*read, answer(TRUTH, stage="extracted")])
    assert list(stages) == ["strict", "extracted", "repaired", "failed"]
    assert [stage.value for stage in stages.values()] == [0.25] * 4
    assert stages["repaired"].interval[0] > 0


@pytest.mark.parametrize("measure", MEASURES)
def test_bad_input(measure):
    with pytest.raises(NoDataError, match="no predictions"):
        measure([])
    unsure = replace(answer(TRUTH), case=Case("1", "", TRUTH, tags=("ambiguous",)))
    with pytest.raises(NoDataError, match="ambiguous"):
        measure([unsure])
    right = answer(TRUTH)
    assert measure([right, unsure]) == measure([right])


@pytest.mark.parametrize("measure", MEASURES[:3])
def test_unknown_kinds_are_refused(measure):
    with pytest.raises(ConfigError, match="did you mean 'money'"):
        measure([answer(TRUTH)], {"total": "mony"})


def edits_between(one, other):
    """Levenshtein's distance, by its table."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, row = row, [i]
        for j, put in enumerate(other, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (letter != put)))
    return row[-1]


@given(st.text("ab", min_size=1, max_size=26), st.text("ab", min_size=1, max_size=26))
def test_a_near_miss_is_a_few_edits_by_levenshtein_away(truth, said):
    category = categorise(answer({"n": said}, {"n": truth}))
    if category in ("near miss", "other value"):
        few = edits_between(truth, said) <= min(3, -(-len(truth) // 8))
        assert (category == "near miss") == (few and len(truth) > 2)


@pytest.mark.parametrize(
    ("length", "edits"), [(8, 1), (9, 2), (16, 2), (17, 3), (24, 3), (25, 3), (40, 3)]
)
def test_a_longer_truth_may_be_missed_by_more(length, edits):
    truth = "abcdefgh" * 5
    for changed, category in ((edits, "near miss"), (edits + 1, "other value")):
        said = "#" * changed + truth[changed:length]
        assert categorise(answer({"n": said}, {"n": truth[:length]})) == category
