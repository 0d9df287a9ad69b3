"""Redaction: nothing that is not known to be safe stays, and what is equal stays equal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, get_args, get_type_hints

import pytest

from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis
from pytest_slm_autopsy.records import AMBIGUOUS, Case, Finding, Measurement, Prediction
from pytest_slm_autopsy.redaction import FATES, Redaction, names_of
from pytest_slm_autopsy.report.data import ReportData

CASE = Case("Jolcase", "Quxdoc 12.00", {"total": "12.00", "due": None}, record="Kribrecord")
REDACTION = Redaction(b"key", frozenset({"total", "due", "order", "toy"}))

MARKED = {
    "BaselineRow": {"worse", "better"},
    "Case": {"id", "text", "record", "source", "turns"},
    "CommonCause": {"records"},
    "Prediction": {"raw", "problem"},
    "ReportData": {"facts"},
    "WrongAnswer": {"case", "document", "raw"},
}
"""Fields whose texts are marked; those that no table names."""


def records(kind: Any) -> Iterator[type]:
    """A record and every record inside it."""
    if isinstance(kind, type) and is_dataclass(kind):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from records(hint)
    for part in get_args(kind):
        yield from records(part)


def has_text(kind: Any) -> bool:
    """Whether a value of a kind may be or hold a text of its own, that of records left out."""
    return kind is str or any(map(has_text, get_args(kind)))


KINDS = {one.__name__: one for top in (ReportData, Diagnosis, Prediction) for one in records(top)}


@pytest.mark.parametrize("name", KINDS)
def test_every_text_of_every_record_has_one_fate(name):
    if name == "Section":
        return  # dropped as a whole
    kind, hints = KINDS[name], get_type_hints(KINDS[name])
    texts = {
        one.name
        for one in fields(kind)
        if one.metadata.get("data", True) and has_text(hints[one.name])
    }
    told = [one for table in FATES.values() for one in table.get(name, ())]
    assert len(told) == len({*told})
    assert {*told} <= {one.name for one in fields(kind)}
    assert texts - {*told} == MARKED.get(name, set())


def test_a_record_that_nobody_knows_is_marked():
    @dataclass(frozen=True)
    class Stranger:
        name: str
        number: int
        parts: Mapping[str, tuple[str, ...]]
        thing: object

    known = REDACTION.of(Stranger("Quxdoc", 7, {"Quxdoc": ("Quxdoc",)}, {"Quxdoc"}))
    assert "Quxdoc" not in repr(known)
    assert known.number == 7


@pytest.mark.parametrize(
    "answer",
    [
        {"total": "12.00", "due": None},
        {"total": "12.00", "due": ""},
        {"total": "12.00"},
        {"total": "13.00", "due": None},
        {"due": None, "total": "12.00"},
        {"total": "12.00", "due": None, "Plimkey": "x"},
        None,
    ],
)
def test_right_stays_right_and_wrong_stays_wrong(answer):
    one = Prediction(CASE, "toy", str(answer), answer)
    assert REDACTION.of(one).correct == one.correct


def test_values_that_look_the_same_keep_one_mark():
    assert REDACTION.mark("1\u00a0000 caf\u00e9") == REDACTION.mark("1 000 cafe\u0301")
    rows = [{"a": "1", "b": "2"}], [{"b": "2", "a": "1"}]
    assert len({REDACTION.mark(one) for one in rows}) == 1


def test_marking_twice_is_marking_once():
    once = REDACTION.of(Prediction(CASE, "toy", "Vlop", {"total": "Vlop"}))
    assert REDACTION.of(once) == once


def test_another_key_gives_other_marks():
    assert Redaction(b"other").mark("12.00") != Redaction(b"key").mark("12.00")


def test_cases_keep_what_pairs_and_counts_them():
    case = replace(CASE, tags=(AMBIGUOUS, "Quxtag"), shift={"order": 1.0}, spans={"total": (1, 2)})
    known = REDACTION.of(case)
    assert (known.shift, known.spans) == (case.shift, case.spans)
    assert known.tags[0] == AMBIGUOUS
    assert known.cluster == REDACTION.mark("Kribrecord")
    assert "Qux" not in repr(known)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ('5 of 24 answers are \'{"total": "12.00"}\'', "5 of 24 answers are [withheld]"),
        ("field 'total' is answered 'Qux' alike", "field 'total' is answered [withheld] alike"),
        ("breaks total, Quxkey", "breaks total, [withheld]"),
        ("the base's own 'Qux' and 'Qux'", "the base's own [withheld]"),
        ("an open 'Qux Qux", "an open [withheld]"),
        ("costs 0.34 [0.12, 0.55] of accuracy", "costs 0.34 [0.12, 0.55] of accuracy"),
        ("labels: Quxsumme, nothing else", "labels: [withheld] nothing else"),
        ("labels: 77881200", "labels: [withheld]"),
        ("Qux-0042 and A-1", "[withheld] and [withheld]"),
    ],
)
def test_a_sentence_keeps_its_own_words_and_what_it_measured(said, left):
    finding = Finding(said, Measurement("cost of order", 0.3, (0.1, 0.5), 24, model="toy"))
    assert REDACTION.of(finding).cause == left


def test_a_sentence_about_a_document_keeps_no_number():
    assert REDACTION.sentence("the total becomes 12.00") == "the total becomes [withheld]"


def test_names_are_those_of_models_conditions_axes_and_fields():
    case = replace(CASE, condition="both", shift={"rules": 0.5})
    assert names_of([Prediction(case, "toy", "", {"Plimkey": ""})]) == {
        "toy", "both", "rules", "total", "due",
    }  # fmt: skip
