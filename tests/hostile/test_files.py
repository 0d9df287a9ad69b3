"""Hostile files: each is read, or refused in a sentence; nothing else is ever raised."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_slm_autopsy import Case, Prediction
from pytest_slm_autopsy.cases import FormatProfile, learn_profile
from pytest_slm_autopsy.cases.files import read_cases
from pytest_slm_autopsy.cases.profiles.piles import Pile
from pytest_slm_autopsy.cases.profiles.profile import load_profile
from pytest_slm_autopsy.cases.rewritten.validation import validate_cases
from pytest_slm_autopsy.cases.rewritten.validation_report import validation_report
from pytest_slm_autopsy.diagnostics.files import read_diagnoses
from pytest_slm_autopsy.models.golden import read_manifest, trained_prompt, unlike_training
from pytest_slm_autopsy.predictions.baseline import keep, read_baseline, write_baseline
from pytest_slm_autopsy.report.data import ReportData
from pytest_slm_autopsy.suite.limits import Limits
from tests.hostile.inputs import DEEP, HOW, LONG_NUMBER, hostile, refused, values
from tests.report.conftest import curve, row

FEW = settings(max_examples=60, **HOW)
MANY = settings(max_examples=3_000, **HOW)

CASE = {
    "version": 1,
    "id": "a",
    "text": "Total: 12.00 EUR\nDate: 2025-03-31",
    "truth": {"total": "12.00", "items": [{"name": "x"}], "due": None},
    "shift": {"order": 0.5},
    "spans": {"total": [7, 12]},
    "tags": ["t"],
    "record": "r",
    "condition": "order",
    "turns": [["user", "Read \ufffc"]],
}
CHAT = {
    "messages": [
        {"role": "system", "content": "Read."},
        {"role": "user", "content": "Give JSON.\n\nTotal: 12.00"},
        {"role": "assistant", "content": '{"total": "12.00"}'},
    ]
}
SHARED = {
    "conversations": [
        {"from": "human", "value": "Give JSON.\n\nTotal: 12.00"},
        {"from": "gpt", "value": '{"total": "12.00"}'},
    ]
}
MANIFEST = {
    "version": 1,
    "chat_template": "0",
    "tokenizer": "0",
    "prompt": {"system": "Read."},
    "prompts": [{"case": {"id": "a", "text": "b", "truth": {"c": "d"}}, "text": "e", "ids": [1]}],
}
PROFILE = learn_profile(
    ["Invoice number: A-17\nDate: 03/04/2025\nTotal : 2,50 EUR\nThank you"] * 4
).to_dict()
VERDICT = {
    "measurement": {"name": "accuracy", "value": 0.5, "interval": [0.4, 0.6], "n": 9},
    "limit": 0.9,
    "side": "at_least",
    "outcome": "failed",
}


def baseline_document(path):
    case = Case("a", "Total: 1", {"total": "1"})
    predictions = [Prediction(case, "m", "{}", {"total": value}) for value in ("1", "2")]
    write_baseline(path, keep(predictions, today=date(2026, 1, 1)))
    return json.loads(path.read_text())


def report_document():
    data = ReportData(
        "t", "c", {"a": "b"}, (row(),), (curve(),), (), (), kinds=(), sections=(), partial=True
    )
    return json.loads(data.to_json()) | {"gates": [{"test": "t", "verdict": VERDICT}]}


def diagnoses_document():
    return {"version": 1, "diagnoses": [{"model": "m", "n": 3, "findings": [], "shares": []}]}


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    def written(data, name="file.json"):
        path = tmp_path_factory.getbasetemp() / f"hostile-{name}"
        path.write_bytes(data)
        return path

    return written


def read_all_cases(path):
    return list(read_cases(path))


def validated(path):
    return validation_report(validate_cases(path))


def piled(path):
    for _, text in Pile(path):
        assert isinstance(text, str)


def profiled(path):
    profile = load_profile(path)
    str(profile)
    assert profile.mixture is not None
    json.dumps(profile.to_dict())


def of_manifest(path):
    read_manifest(path)
    trained_prompt(None, path)


def unlike(path):
    beside = path.with_name("prompt_manifest.json")
    beside.write_bytes(path.read_bytes())
    unlike_training(str(beside.parent), [Case("a", "b", {"z": "1"})])


def reported(path):
    ReportData.from_json(path.read_bytes().decode("utf-8", "replace"))


def baselined(path):
    baseline = read_baseline(path)
    baseline.of("m")
    case = Case("a", "Total: 1", {"total": "1"})
    keep([Prediction(case, "m", "{}", {"total": "1"})], before=baseline)


READERS = {
    "case": (CASE, read_all_cases, "x.jsonl"),
    "chat": (CHAT, read_all_cases, "x.jsonl"),
    "shared": (SHARED, read_all_cases, "x.jsonl"),
    "validated case": (CASE, validated, "x.jsonl"),
    "validated chat": (CHAT, validated, "x.jsonl"),
    "pile": (CASE, piled, "x.jsonl"),
    "manifest": (MANIFEST, of_manifest, "x.json"),
    "manifest beside": (MANIFEST, unlike, "x.json"),
    "profile": (PROFILE, profiled, "x.json"),
    "report": (report_document, reported, "x.json"),
    "diagnoses": (diagnoses_document, read_diagnoses, "x.json"),
    "baseline": (baseline_document, baselined, "x.json"),
}


def sound(name, tmp_path_factory):
    document = READERS[name][0]
    if document is baseline_document:
        return document(tmp_path_factory.mktemp("baseline") / "b.json")
    return document() if callable(document) else document


def fuzzed(name, file, tmp_path_factory, how):
    _, read, ending = READERS[name]
    document = sound(name, tmp_path_factory)

    @how
    @given(hostile(document))
    def holds(data):
        refused(read, file(data, ending))

    holds()


@pytest.mark.parametrize("name", READERS)
def test_a_hostile_file_is_read_or_refused_in_a_sentence(name, file, tmp_path_factory):
    fuzzed(name, file, tmp_path_factory, FEW)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_many_hostile_files_are_read_or_refused_in_a_sentence(name, file, tmp_path_factory):
    fuzzed(name, file, tmp_path_factory, MANY)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("data", [b"[" * 5_000, b'{"a":' * 5_000, b'{"version":1,"id":[' * 3_000])
def test_nesting_without_end_is_refused_or_skipped(name, data, file):
    _, read, ending = READERS[name]
    assert refused(read, file(data, ending)) or read in (piled, validated)


@pytest.mark.parametrize("name", READERS)
def test_a_number_of_too_many_digits_is_refused_or_skipped(name, file):
    _, read, ending = READERS[name]
    data = b'{"version": 1, "id": ' + LONG_NUMBER + b', "text": "a", "truth": {}}'
    assert refused(read, file(data, ending)) or read in (piled, validated)


@FEW
@given(
    st.text(max_size=80)
    | st.builds(
        lambda name, value: f"{name} = {value}",
        st.sampled_from(["gap", "accuracy", "latency", "gaps", "conditions", "gaps.order", "x"]),
        values().map(json.dumps)
        | st.sampled_from(
            ["inf", "nan", "1" * 400, "0x" + "f" * 9_000, "1" * 5_000, "[" * 2_000, "1979-05-27",
             "{a = " * 500, '"\\ud800"', "[[[[", "1e999", "99999-01-01", "true"]
        ),
    )
)  # fmt: skip
def test_hostile_limits_are_read_or_refused(text):
    refused(Limits.parse, text)


@pytest.mark.parametrize(
    "text",
    ["a = " + "[" * 5_000, "gap = " + "1" * 5_000, "gap = " + "1" * 400, "latency = " + "1" * 400,
     "a." * 3_000 + "b = 1", "gap = 0x" + "f" * 9_000],
)  # fmt: skip
def test_limits_without_end_are_refused(text):
    assert refused(Limits.parse, text)


@FEW
@given(st.binary(max_size=200) | DEEP)
def test_hostile_limits_files_are_read_or_refused(file, data):
    refused(Limits.read, file(data, "limits.toml"))


@FEW
@given(values(["profile_version", "axes", "forms", "pages"]))
def test_any_json_is_a_profile_or_none(value):
    if isinstance(value, dict):
        refused(FormatProfile.from_dict, {"profile_version": 2, **value})
