"""Synonyms without a schema: where labels stand, in which language, and how many pages have one."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.rewritten.page import Refused
from pytest_slm_autopsy.cases.rewritten.rewrites import rewrite
from pytest_slm_autopsy.cases.schemas.labels import table
from pytest_slm_autopsy.records import Case
from tests.cases.rewritten.made_documents import made


def rewrites(text, truth, seeds=40):
    for seed in range(seeds):
        try:
            yield rewrite(Case("1", text, truth), {"synonyms": 1.0}, SeededChoices(str(seed))).text
        except Refused:
            continue


@pytest.mark.parametrize(
    ("text", "value", "label", "another"),
    [
        ("Wertpapier Kauf\nDepotnummer 4410022\nStück 1", "4410022", "Depotnummer", "Depot-Nr."),
        ("Invoice for you\nInvoice No.: A-7", "A-7", "Invoice No.", "Inv No"),
        ("THANK YOU\nTOTAL AMOUNT (RM): 9.00\nPLEASE PAY", "9.00", "TOTAL AMOUNT", "TOTAL"),
        ("Please pay the invoice\nInvoice Number\nA-7", "A-7", "Invoice Number", "Invoice No"),
        ("Bedankt voor uw bezoek\nFactuurnummer 771", "771", "Factuurnummer", "Factuurnr."),
        ("Dziękujemy za zakupy\nNr zlecenia 881", "881", "Nr zlecenia", "Numer zlecenia"),
        ("Gracias por su visita\nNIF: B1234567", "B1234567", "NIF", "N.I.F."),
        ("Merci de votre visite\nCompte no 4410022", "4410022", "Compte no", "Numéro de compte"),
    ],
)  # fmt: skip
def test_a_label_is_known_wherever_it_stands_before_its_value(text, value, label, another):
    seen = set(rewrites(text, {"one": value}))
    assert text.replace(label, another) in seen
    assert all(value in after for after in seen)


@pytest.mark.parametrize(
    "text",
    [
        "Food Depotnummer 4410022\nRechnung für Ihre Bestellung",
        "Depotnummer 4410022\nMerci de votre visite et de votre confiance",
        "Your Depotnummer is 4410022\nRechnung für Ihre Bestellung",
    ],
)
def test_part_of_a_label_or_a_label_of_another_language_stays(text):
    for after in rewrites(text, {"one": "4410022"}):
        assert after == text


@pytest.mark.parametrize("kind", ["receipt", "invoice", "statement"])
def test_half_of_the_documents_with_labels_are_reached(kind):
    documents = [case for case in made(kind, 200) if ":" in case.text]
    reached = sum(any(rewrites(case.text, case.truth, seeds=1)) for case in documents)
    assert reached >= len(documents) / 2


def test_no_label_becomes_one_of_another_language():
    languages = {}
    for one in table():
        if one.use != "title":
            languages.setdefault(one.text.casefold(), set()).add(one.language)
    for case in made("statement", 40):
        for after in rewrites(case.text, case.truth, seeds=3):
            for old, new in zip(case.text.split("\n"), after.split("\n"), strict=True):
                was, now = (longest(line.casefold(), languages) for line in (old, new))
                assert old == new or was & now, (old, new)


def longest(line, languages):
    """The languages of the longest label that a line begins with."""
    known = [label for label in languages if line.startswith(label)]
    return languages[max(known, key=len)] if known else set()


def test_labels_of_one_group_mean_one_kind_of_value():
    kinds = {}
    for one in table():
        if one.group:
            kinds.setdefault((one.language, one.group, one.text.casefold()), set()).add(one.kind)
    assert all(len(some) == 1 for some in kinds.values())
