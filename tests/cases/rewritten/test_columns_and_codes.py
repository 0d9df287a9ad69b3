"""What no rewrite touches: indents that are columns, identifiers, codes, mails, names of files."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.rewritten.page import Refused
from pytest_slm_autopsy.cases.rewritten.rewrites import rewrite
from pytest_slm_autopsy.notation.lines import labelled_lines
from pytest_slm_autopsy.records import Case

SEEDS = 60


def rewrites(text, axis, truth=None):
    """Every rewrite of a text along an axis that is not refused."""
    for seed in range(SEEDS):
        try:
            yield rewrite(Case("1", text, truth or {}), {axis: 1.0}, SeededChoices(str(seed))).text
        except Refused:
            continue


def columns(text):
    """Where each word stands on its line, blank lines left out."""
    return [
        [(word, at) for at, word in starts(line.expandtabs())]
        for line in text.split("\n")
        if line.strip()
    ]


def starts(line):
    at = 0
    for word in line.split():
        at = line.index(word, at)
        yield at, word
        at += len(word)


COLUMNS = {
    "gaps": "Net   VAT  Total\n10.00\n      1.90\n          11.90",
    "tabs": "Netto\tMwSt\tBrutto\n10,00\n\t1,90\n\t\t11,90",
    "bars": "Net | VAT | Total\n10.00\n    | 1.90\n          | 11.90",
    "right aligned": "   Montant HT      TVA\n       10,00\n      110,00\n                  1,90",
    "heading above blank lines": "Debit     Credit\n\n\n          10.00\n\n5.00",
    "heading of single spaces": "Net VAT Total\n10.00\n    1.90\n        11.90",
    "two addresses": "ACME Ltd            Bob Smith\nRoad 1\n                    Street 2",
    "second address begins higher": "                Kowalska\nACME Ltd        ul. Polna 1\nRoad 1",
    "one value": "Opening   Closing\n          900.00",
    "labelled cells": "           Debit     Credit\nRent: 50.00\nSalary: 1.00\nFees:      2.00",
    "address with a label": "Seller              Buyer\nACME                Bob\n    Phone: 1",
}  # fmt: skip


@pytest.mark.parametrize("axis", ["whitespace", "delimiters"])
@pytest.mark.parametrize("text", COLUMNS.values(), ids=COLUMNS)
def test_what_stands_in_a_column_stays_there(text, axis):
    for after in rewrites(text, axis):
        assert columns(after) == columns(text)


def test_lines_at_the_edge_of_a_plain_page_are_still_indented():
    seen = set(rewrites("Dear Anna,\nall is well.\n\nNet: 1.00\nTax: 2.00", "whitespace"))
    assert any(line.startswith(" ") for text in seen for line in text.split("\n"))


def test_a_label_above_the_columns_is_still_indented():
    text = "Invoice No: A-7\n\nWhat      Price\nBolts     5.00"
    for after in rewrites(text, "whitespace"):
        assert after.lstrip("\n")[0].isspace()


IDENTIFIERS = [
    *("ABCD:xetr", "de:kosit:standard", "urn:cen.eu:en16931:2017", "xs:date", "12:30"),
    *("C:\\x", "C:/data/x", "key::value", "a=b", "see urn:isbn:978", "namespace de:kosit"),
    *("NASDAQ:AAPL", "localhost:8080", "doi:10.1000/182", "Exchange ABCD:XETR", "ns0:Invoice"),
    *("https://a.example/?q=1", "www.a.example/q=1", "type xs:date", "sha256:ab12", "std::size"),
]


@pytest.mark.parametrize("text", IDENTIFIERS)
def test_an_identifier_is_no_label_and_value(text):
    assert labelled_lines(text, lambda start, end: True) == []


@pytest.mark.parametrize("axis", ["delimiters", "case", "synonyms", "misspelt"])
@pytest.mark.parametrize("text", IDENTIFIERS)
def test_an_identifier_stays_what_it_is(text, axis):
    for after in rewrites(f"{text}\nTotal Amount: 9.00", axis, {"total": "9.00"}):
        assert after.split("\n")[0] == text or (axis == "misspelt" and " " in text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("INVOICE NO:22497", "INVOICE NO"),
        ("DATE:12/02/2018", "DATE"),
        ("CASH:RM 20.00", "CASH"),
        ("Kundennummer:2", "Kundennummer"),
        ("total:9.00", "total"),
        ("TOTAL INCL. GST:RM 16.00", "TOTAL INCL. GST"),
        ("Do zapłaty:1 574,40 zł", "Do zapłaty"),
    ],
)
def test_a_glued_mark_still_parts_a_label_from_its_value(text, label):
    [line] = labelled_lines(text, lambda start, end: True)
    assert text[slice(*line.label)] == label


CODES = {
    "BIC MUSTDEFF123": "MUSTDEFF123",
    "BIC: COBADEFFXXX": "COBADEFFXXX",
    "SWIFT-Code MUSTDEFF": "MUSTDEFF",
    "BIC          Bank\nMUSTDEFF     Hafenbank": "MUSTDEFF",
    "USt-IdNr.: ATUKLMNOP": "ATUKLMNOP",
    "Ticker SYMBOLS today": "SYMBOLS",
    "Lot KRPTQXWZ of it": "KRPTQXWZ",
    "Write to billing@example.com or call": "billing@example.com",
    "See https://shop.example/orders now": "https://shop.example/orders",
    "Follow #northwindpaper for more": "#northwindpaper",
    "Enclosed: invoice.pdf": "invoice.pdf",
    "Order ORDERS2025X of today": "ORDERS2025X",
    "Profile urn:cen:standard": "urn:cen:standard",
}


@pytest.mark.parametrize("text", CODES)
def test_no_code_is_misread(text):
    for after in rewrites(f"{text}\nTotal Amount: 9.00", "misspelt", {"total": "9.00"}):
        assert CODES[text] in after


def test_words_beside_codes_are_still_misread():
    text = "Please remit promptly to BIC MUSTDEFF123\nTotal Amount: 9.00"
    assert any("Please remit promptly" not in t for t in rewrites(text, "misspelt", {"n": "9.00"}))


@pytest.mark.parametrize("label", ["Konto 123 Valuta", "Zone 4 Rate", "§ 14 Nr 4", "Box 1 Wages"])
def test_no_label_with_a_number_is_glued(label):
    for after in rewrites(f"{label}: 5.00", "case"):
        assert after.casefold() == f"{label}: 5.00".casefold()


@pytest.mark.parametrize("label", ["DE123X Konto", "rechnung.pdf", "user_name", "x#tag"])
def test_a_label_that_is_a_code_keeps_its_case(label):
    assert list(rewrites(f"{label}: 5.00", "case")) == []
