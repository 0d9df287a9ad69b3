"""Suites: the truth is right by construction, twins share their record, files tell their faults."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.schema import INVOICE
from pytest_slm_autopsy.cases.strategies import records, shifted_invoices, shifts
from pytest_slm_autopsy.cases.suites import (
    ALL_AXES,
    AXES,
    draw_case,
    draw_suite,
    read_cases,
    write_cases,
)
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.records import Case

seeds = st.integers(0, 2**32)
GOOD = '{"id": "1", "text": "t", "truth": {}}'


@pytest.fixture(scope="module")
def suite():
    return draw_suite(INVOICE, 40, 7)


def read(text, labels):
    """A reader that knows labels and nothing of layouts: value after label, on one line."""
    found = dict.fromkeys(labels)
    for line in text.splitlines():
        for name, label in labels.items():
            if match := re.fullmatch(rf"\s*{label}[\s:=|.-]+(.*?)\s*", line):
                found[name] = match[1]
    return found


@given(shifted_invoices())
def test_a_reader_of_labels_gets_the_truth_back(case):
    assert read(case.text, INVOICE.labels) == case.truth


@given(shifted_invoices())
def test_every_span_holds_exactly_the_true_value(case):
    stated = {name: value for name, value in case.truth.items() if value is not None}
    assert {name: case.text[start:end] for name, (start, end) in case.spans.items()} == stated


@given(records(), shifts(), seeds)
def test_what_is_missing_is_nowhere_in_the_text(record, shift, seed):
    case = draw_case(INVOICE, record, shift, SeededChoices(str(seed)))
    assert tuple(case.truth) == INVOICE.names
    for name, value in case.truth.items():
        assert value in (record[name], None)
        assert (value is None) == (record[name] not in case.text)
        assert (value is None) == (INVOICE.labels[name] not in case.text)


@given(records(), shifts(), seeds)
def test_a_shifted_case_is_never_its_twin(record, shift, seed):
    twin = draw_case(INVOICE, record, {}, SeededChoices("1"))
    case = draw_case(INVOICE, record, shift, SeededChoices(str(seed)))
    assert case.text != twin.text
    assert (twin.shift, twin.condition) == ({}, "canonical")
    axes = [name for name in AXES if name in shift]
    assert (case.shift, case.condition) == (shift, " + ".join(axes))
    assert (case.truth == twin.truth) == ("missing" not in shift)


def test_twins_share_record_and_values(suite):
    twins = {case.record: case for case in suite.reference}
    assert len(twins) == 40
    for condition, cases in suite.conditions.items():
        assert [case.record for case in cases] == list(twins)
        assert {case.condition for case in cases} == {condition}
        for case in cases:
            stated = {name: value for name, value in case.truth.items() if value is not None}
            assert stated.items() <= twins[case.record].truth.items()


def test_every_case_has_its_own_name(suite):
    ids = [case.id for cases in suite.conditions.values() for case in cases]
    assert len(set(ids)) == len(ids) == 240
    assert suite.reference[3].id == "invoice-7-0003/canonical"
    assert suite.reference[3].source == "seed 7"


def test_a_suite_has_each_axis_alone_and_all_together(suite):
    alone = ["missing", "order", "delimiters", "whitespace"]
    assert list(suite.conditions) == ["canonical", *alone, ALL_AXES]
    assert all(suite.conditions[axis][0].shift == {axis: 1.0} for axis in alone)
    assert suite.production[0].shift == dict.fromkeys(alone, 1.0)


def test_without_optional_fields_nothing_goes_missing():
    suite = draw_suite(INVOICE.select(vendor="vendor", total="total"), 1, 7)
    assert "missing" not in suite.conditions
    assert "missing" not in suite.production[0].shift


def test_conditions_of_ones_own():
    suite = draw_suite(INVOICE, 2, 7, {"canonical": {}, "a little": {"order": 0.25}})
    assert list(suite.conditions) == ["canonical", "a little"]
    assert suite.conditions["a little"][0].shift == {"order": 0.25}


@given(seeds)
@example(42)
def test_the_same_seed_asks_the_same(seed):
    assert draw_suite(INVOICE, 2, seed).digest == draw_suite(INVOICE, 2, seed).digest
    assert draw_suite(INVOICE, 2, seed).digest != draw_suite(INVOICE, 2, seed + 1).digest


def test_a_longer_suite_begins_with_the_shorter(suite):
    for condition, cases in draw_suite(INVOICE, 3, 7).conditions.items():
        assert cases == suite.conditions[condition][:3]


def test_the_golden_suite():
    # Published numbers name this seed: a new digest means that they were asked something else.
    assert draw_suite(INVOICE, 5, 42).digest == "35e01a3e59981a41"


@pytest.mark.parametrize("n", [0, -1])
def test_a_suite_of_nothing_is_refused(n):
    with pytest.raises(CaseError, match=f"a suite of {n} cases proves nothing"):
        draw_suite(INVOICE, n, 1)


def test_cases_come_back_from_their_file(suite, tmp_path):
    awkward = Case("ä\n\u2028", 'T\r\n\u0085"\\\t𝄞', {"a": "", "b": None}, spans={"a": (0, 0)})
    cases = [awkward, *suite.production]
    write_cases(tmp_path / "cases.jsonl", cases)
    assert list(read_cases(tmp_path / "cases.jsonl")) == cases


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{]", "line 3 is not JSON: .* at column 2"),
        ("[1]", "line 3 is not a JSON object"),
        ('{"id": "1"}', "line 3 lacks text, truth; a case needs id, text and truth"),
        ('{"id": "1", "text": "t"}', "line 3 lacks truth;"),
        (GOOD[:-1] + ', "colour": "red"}', "line 3 is not a case: .*colour"),
        (GOOD[:-1] + ', "spans": {"a": [1]}}', "line 3 is not a case"),
        ("{", "line 3 is not JSON: .* at column 2"),
        ("[" * 100_000, "line 3 is nested too deeply"),
        ('{"id": "1", "text": "t", "truth": {"total": 9}}', "line 3: the truth of 'total' is"),
        ('{"id": "1", "text": "t", "truth": ["a"]}', "line 3: truth is not an object"),
        ('{"id": "1", "text": 5, "truth": {}}', "line 3: text is not a text"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line, sentence):
    path = tmp_path / "cases.jsonl"
    path.write_text(f"{GOOD}\n\n{line}\n")
    cases = read_cases(path)
    assert next(cases).id == "1"
    with pytest.raises(CaseError, match=rf"cases\.jsonl, {sentence}"):
        next(cases)


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_a_file_without_cases_is_refused(tmp_path, text):
    path = tmp_path / "cases.jsonl"
    path.write_text(text)
    with pytest.raises(CaseError, match=r"cases\.jsonl holds no case"):
        list(read_cases(path))


@pytest.mark.parametrize("name", ["none.jsonl", "."])
def test_a_path_that_is_no_file_is_refused(tmp_path, name):
    with pytest.raises(CaseError, match=r"no case file at .*; give the path of a JSON-lines file"):
        list(read_cases(tmp_path / name))


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(CaseError, match=r"cases\.jsonl, line 1 is not UTF-8"):
        list(read_cases(path))
