"""Labels found in lines: misread letters are forgiven, other words are not."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.cases.schemas.builtin import INVOICE
from pytest_slm_autopsy.cases.schemas.label_index import LabelIndex, lower

INDEX = LabelIndex(INVOICE)


def misread(line):
    return [hit.field for hit in INDEX.at(line, lower(line), 0) if hit.misspelt]


@pytest.mark.parametrize(
    "line", ["Total facture: 9,00", "Datum Faktury: 2", "Data Fattura 3", "Totaal Factuur: 4"]
)
def test_a_word_of_another_language_is_no_misread_one(line):
    assert misread(line) == []


@pytest.mark.parametrize(
    ("line", "field"),
    [("Tofal: 9", "total"), ("Invoce Date: 4", "issue_date"), ("Custorner: A", "customer"),
     ("Subt0tal 7.00", "subtotal"), ("Invoice Numer: 5", "invoice_number")],
)  # fmt: skip
def test_a_letter_misread_or_lost_is_forgiven(line, field):
    assert misread(line)[:1] == [field]
