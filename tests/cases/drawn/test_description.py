"""A layout in words names what is not canonical, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy import INVOICE
from pytest_slm_autopsy.cases import Block, Line, Space, applicable, canonical
from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet
from pytest_slm_autopsy.cases.drawn.description import in_words
from pytest_slm_autopsy.cases.drawn.shifts import shifted
from pytest_slm_autopsy.notation import MoneyForm

PLAIN = canonical(INVOICE)
NAMES = INVOICE.names


def test_the_canonical_layout_needs_no_words():
    assert in_words(PLAIN, INVOICE) == ""


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"delimiters": {"total": "   "}}, "the delimiter of total becomes a column gap"),
        (
            {"delimiters": {"tax": "\t", "total": "\t"}},
            "the delimiter of tax and total becomes a tab",
        ),
        ({"delimiters": {"total": " - "}}, "the delimiter of total becomes ' - '"),
        ({"labels": {"total": ""}}, "the label of total becomes nothing"),
        ({"order": NAMES[:-1]}, "payment_terms is missing"),
        ({"order": (NAMES[1], NAMES[0], *NAMES[2:])}, "issue_date stands before invoice_number"),
        ({"order": (*NAMES[1:], NAMES[0])}, "invoice_number stands last"),
        ({"dates": {"due_date": "DD.MM.YYYY"}}, "the form of due_date becomes DD.MM.YYYY"),
        ({"money": {"total": MoneyForm(locale="de")}}, "the form of total becomes that of de"),
        ({"spaces": {"tax": Space(indent=2)}}, "the white space of tax becomes an indent"),
        ({"wide": frozenset({"tax"})}, "the digits of tax become full-width"),
        ({"blocks": (Block("below", ("tax",)),)}, "tax stands under its label"),
        ({"lines": (Line(0, "****"),)}, "there is a line '****'"),
        ({"copies": ("total",)}, "a copy of total stands at the end"),
        ({"line_end": "\r\n"}, "lines end as on Windows"),
    ],
)  # fmt: skip
def test_one_change_is_one_clause(changed, words):
    assert in_words(replace(PLAIN, **changed), INVOICE) == words


def test_many_changes_are_counted():
    delimiters = {name: f" {i} " for i, name in enumerate(NAMES)}
    words = in_words(replace(PLAIN, delimiters=delimiters), INVOICE)
    assert words.count("; ") == 4
    assert words.endswith("; 7 more changes")
    alike = in_words(replace(PLAIN, delimiters=dict.fromkeys(NAMES, "\t")), INVOICE)
    assert alike == "the delimiter of 11 fields becomes a tab"


@given(axis=st.sampled_from(applicable(INVOICE)), seed=st.integers(0, 99))
def test_every_axis_has_words(axis, seed):
    sheet = Sheet(INVOICE, INVOICE.draw(SeededChoices(f"record {seed}")))
    layout = shifted(sheet, {axis: 1.0}, SeededChoices(str(seed)))
    assert (in_words(layout, INVOICE) == "") == (layout == PLAIN)
