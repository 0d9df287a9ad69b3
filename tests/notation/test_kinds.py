# ruff: noqa: RUF001
"""The kind of a value is told by its looks, and each kind says what may mean the same."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.notation.kinds import (
    KINDS,
    kind_of,
    meant_amounts,
    reads_as,
    same_value,
    states_nothing,
)
from pytest_slm_autopsy.notation.parties import (
    begins_company,
    is_address,
    is_company,
    is_person,
    names_address,
    names_company,
)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2025-03-31", "date"),
        ("31.03.2025", "date"),
        ("20250331", "code"),
        ("31032025", "code"),
        ("1.234,50 EUR", "money"),
        ("12.50", "money"),
        ("7", "code"),
        ("1234", "code"),
        ("1.234", "code"),
        ("1,234", "money"),
        ("1 234", "code"),
        ("1'234", "money"),
        ("12 34", "code"),
        ("5 EUR", "money"),
        ("EUR 5", "money"),
        ("-5", "money"),
        ("(5)", "money"),
        ("€", "currency"),
        ("US$", "text"),
        ("kr", "text"),
        ("EUR", "currency"),
        ("XXX", "currency"),
        ("kr.", "text"),
        ("euros", "text"),
        ("Euro", "text"),
        ("5%", "percentage"),
        ("5 %", "percentage"),
        ("five percent", "percentage"),
        ("5 percent", "percentage"),
        ("three years", "duration"),
        ("3 years", "duration"),
        ("DE89 3704 0044 0532 0130 00", "identifier"),
        ("US0378331005", "identifier"),
        ("DE136695976", "identifier"),
        ("5 kg", "quantity"),
        ("5 h", "quantity"),
        ("A-5", "code"),
        ("RE-2025/7", "code"),
        ("12 345 678", "code"),
        ("KR8765", "code"),
        ("ABCDE123", "code"),
        ("A1", "code"),
        ("Anna Meier", "person"),
        ("anna meier", "text"),
        ("Anna", "text"),
        ("A. Meier", "person"),
        ("Anna de la Cruz", "person"),
        ("Miller GmbH", "company"),
        ("Hauptstr. 12, 10115 Berlin", "address"),
        ("12 High Street", "address"),
        ("hello world", "text"),
        ("", "text"),
        ("N/A", "text"),
        ("31.03.2025.", "date"),
        ("20250331.", "money"),
        ("15 Led 2024", "text"),
        ("5 days net", "text"),
        ("12.", "money"),
        ("US$$", "text"),
        ("$$$$$$$", "text"),
        ("A$", "text"),
        ("R$", "text"),
        ("CA$5", "money"),
        ("1.5 kg", "quantity"),
        ("1.500 kg", "quantity"),
        ("-5 kg", "text"),
        ("5", "code"),
        ("5 St", "quantity"),
        ("Zürich 8001", "text"),
        ("#5", "code"),
        ("5#6", "code"),
        ("a_5", "code"),
        ("5/6", "code"),
        ("3 x", "text"),
        ("items 3", "text"),
        ("five days", "duration"),
        ("AAAAAAAA", "text"),
        ("1,5 x", "text"),
        ("€5", "money"),
        ("5€ x", "text"),
        ("$$", "text"),
        ("3 Werktage", "duration"),
        ("5 Prozent", "percentage"),
        ("DE136695976 x", "text"),
        ("12-34-56", "code"),
        ("Kunde 5", "text"),
        ("Anna  Meier", "text"),
    ],
)
def test_a_value_has_a_kind_by_its_looks(value, kind):
    assert kind_of(value) == kind


def test_rows_are_items():
    assert kind_of([]) == kind_of(None) == kind_of([{"n": "1"}]) == "items"


@pytest.mark.parametrize(("length", "kind"), [(300, "company"), (301, "text")])
def test_a_company_has_three_hundred_characters_at_most(length, kind):
    assert kind_of("A " * ((length - 4) // 2) + " " * (length % 2) + "GmbH") == kind


@pytest.mark.parametrize(
    "text",
    [
        "N/A",
        "n / a",
        "none",
        "None.",
        "-",
        "--",
        "—",
        "null",
        "",
        "(none)",
        "[n/a]",
        "k.A.",
        "Keine Angabe",
        "not   found",
        "néant",
        "n.a.",
        "N.V.T.",
        "‘none’",
        "*none*",
    ],
)
def test_an_answer_states_nothing_in_words(text):
    assert states_nothing(text)


@pytest.mark.parametrize("text", ["not-found", "nothing", "0", "x", "- -"])
def test_an_answer_states_something(text):
    assert not states_nothing(text)


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        ("date", ["31.03.2025", "31.03.2025 x"], ["x", "3 Ma 2025"]),
        (
            "money",
            ["5 EUR", "5 EUR net", "EUR 5 USt"],
            ["5 EUR netto", "5 EUR nett", "5 EUR net1", "x 5", "5%"],
        ),
        ("percentage", ["5%", "5 % of", "5.5 %", "5,5%"], ["x 5%", "5"]),
        ("currency", ["EUR", "EUR x", "€5", "kr x"], ["x"]),
        ("code", ["A5 x", "5"], ["A x5", "x"]),
        ("quantity", ["5 kg", "kg 5", "Stk  5", "5"], ["kg x 5", "x"]),
        ("identifier", ["DE 5"], ["x"]),
        ("text", ["x", "5"], ["-", ""]),
        ("duration", ["x"], ["-"]),
        ("items", ["x"], ["-"]),
        ("person", ["x"], [" "]),
        ("company", ["x"], ["."]),
        ("address", ["5"], ["."]),
    ],
)
def test_what_a_text_behind_a_label_may_begin_with(kind, yes, no):
    assert [text for text in yes if not KINDS[kind].begins(text)] == []
    assert [text for text in no if KINDS[kind].begins(text)] == []


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        (
            "date",
            ["31.03.2025", "31.03.2025, 10:00", "31.03.2025T10:00"],
            ["31.03.2025 x", "x", "15 Led 2024", "31 03 2025"],
        ),
        (
            "code",
            [
                "A-123",
                "RE-2025/7",
                "12345",
                "A1234",
                "12-50",
                "1.234",
                "a.123",
                "ABCD-1234-X",
                "111111111111111111111111111111",
            ],
            [
                "1234",
                "ABCDEFG1",
                "31.03.2025",
                "12.50",
                "A-12_3",
                "1111111111111111111111111111111",
                "12345 ",
            ],
        ),
        (
            "currency",
            ["EUR", "€", "kr.", "US$", "CHF", "A$", "Euros."],
            ["kr", "euros", "XYZ", "$ABCDEF", "EUROS", "EUROS.."],
        ),
        ("company", ["Acme GmbH"], ["Acme"]),
        ("address", ["Hauptstr 12, 10115 Berlin", "a, 1234 Abc"], ["Berlin 10115", "ab, 1234 cd"]),
        ("percentage", ["5%", "5.25%"], ["5 % x", "5"]),
        ("identifier", ["DE89370400440532013000"], ["x"]),
        ("text", [], ["x"]),
        ("money", [], ["5 EUR"]),
        ("quantity", [], ["5 kg"]),
        ("duration", [], ["5 days"]),
        ("person", [], ["Anna Meier"]),
        ("items", [], ["x"]),
    ],
)
def test_what_a_text_without_a_label_surely_is(kind, yes, no):
    assert [text for text in yes if not KINDS[kind].sure(text)] == []
    assert [text for text in no if KINDS[kind].sure(text)] == []


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        ("date", ["31.03.2025"], ["x"]),
        ("money", ["5 EUR", "5"], ["5%", "x"]),
        ("percentage", ["5%", "5", "five percent"], ["5 days", "x", "5 EUR"]),
        ("quantity", ["5 kg"], ["x"]),
        ("duration", ["5 days"], ["x", "5"]),
        ("text", ["x"], []),
        ("items", [], ["x"]),
        ("currency", ["x"], []),
        ("identifier", ["x"], []),
    ],
)
def test_what_an_answer_can_be_read_as(kind, yes, no):
    assert [text for text in yes if not reads_as(text, kind)] == []
    assert [text for text in no if reads_as(text, kind)] == []


@pytest.mark.parametrize(
    ("one", "other", "kind", "same"),
    [
        ("5 EUR", "5.00", "money", True),
        ("5 EUR", "5 USD", "money", False),
        ("1.234", "1234", "money", True),
        ("1.234", "1.234,00", "money", True),
        ("1.25", "1.250", "money", False),
        ("1,250", "1.25", "money", False),
        ("1,250", "1250", "money", True),
        ("0.125", "0.125", "money", True),
        ("0.125", "0,125", "money", True),
        ("5", "x", "money", False),
        ("x", "y", "money", False),
        ("5 eur", "5 EUR", "money", True),
        ("5 usd", "5 USD", "money", True),
        ("5 all", "5 EUR", "money", False),
        ("5 top", "5 EUR", "money", False),
        ("5%", "5", "percentage", True),
        ("5%", "five percent", "percentage", True),
        ("5 percent", "5,0 %", "percentage", True),
        ("5%", "0.05", "percentage", False),
        ("5.250%", "5.25", "percentage", True),
        ("5", "6", "percentage", False),
        ("5%", "5 days", "percentage", False),
        ("12 months", "1 year", "duration", True),
        ("12 months", "x", "duration", False),
        ("x", "12 months", "duration", False),
        ("5 kg", "5 kilos", "quantity", True),
        ("5 kg", "x", "quantity", False),
        ("x", "5 kg", "quantity", False),
        ("DE89 3704", "de893704", "identifier", True),
        ("DE89", "DE88", "identifier", False),
        ("03/04/2025", "03.04.2025", "date", True),
        ("03/04/2025", "2025-03-04", "date", True),
        ("03/04/2025", "04/03/2025", "date", False),
        ("03/04/2025", "3-4-25", "date", True),
        ("01/02/03", "2003-02-01", "date", True),
        ("01/02/03", "01-02-03", "date", True),
        ("12/12/2025", "12.12.2025", "date", True),
        ("x", "31.03.2025", "date", False),
        ("31.03.2025", "x", "date", False),
        ("05032025", "05/03/2025", "date", True),
        ("02/03/04", "03/02/2004", "date", False),
        ("€", "EUR", "currency", True),
        ("$", "CAD", "currency", True),
        ("€", "USD", "currency", False),
        ("x", "y", "currency", False),
        ("A", "a", "text", True),
        ("A", "b", "text", False),
        ("5", "5.0", "code", False),
        ("5", "5.0", "text", False),
        ("x", "y", "items", False),
        ("Mr A", "mr  a", "person", True),
    ],
)
def test_two_texts_may_mean_the_same_value(one, other, kind, same):
    assert same_value(one, other, kind) is same
    assert same_value(other, one, kind) is same


@pytest.mark.parametrize(
    ("text", "percent", "amounts", "codes"),
    [
        ("5 percent", True, "5.0", ""),
        ("5", True, "5.0", ""),
        ("5 EUR", True, "", ""),
        ("5%", False, "", ""),
        ("1.234 eur", False, "1.234 1234.0", "EUR"),
        ("5 days", True, "", ""),
        ("５％", True, "5.0", ""),
        ("five percent", False, "", ""),
        ("1.250", True, "1.25 1250.0", ""),
        ("5 all", False, "5.0", "ALL"),
        ("5 euro", False, "5.0", "EUR"),
        ("5 euros", False, "5.0", "EUR"),
        ("12.50", False, "12.5", ""),
        ("x", False, "", ""),
    ],
)
def test_what_amounts_and_currencies_a_text_can_mean(text, percent, amounts, codes):
    found, named = meant_amounts(text, percent=percent)
    assert " ".join(sorted(map(str, map(float, found)))) == amounts
    assert " ".join(sorted(named)) == codes


@pytest.mark.parametrize(
    ("text", "names", "sure", "begins"),
    [
        ("Acme GmbH", True, True, True),
        ("Acme Tools Ltd.", True, True, True),
        ("ACME LTD", True, True, True),
        ("Acme S.A.", True, True, True),
        ("Acme SA", True, True, True),
        ("Acme S.A.S.", True, True, True),
        ("Acme A.B.C.D.", False, False, False),
        ("Acme P.L.C.", True, True, True),
        ("Acme O.H.G", True, True, True),
        ("Acme G.m.b.H.", False, False, False),
        ("Acme e.K.", True, True, True),
        ("Acme A/S", True, True, True),
        ("Acme Sp. z o.o.", True, True, True),
        ("ACME SP. Z O.O.", True, True, True),
        ("Acme s.r.o.", True, True, True),
        ("Acme Limited", True, True, True),
        ("Acme limited", False, False, False),
        ("Acme KGaA", True, True, True),
        ("Acme Kgaa", True, True, True),
        ("Acme KGAA", True, True, True),
        ("Acme K.G.a.A.", False, False, False),
        ("SARL Dupont", False, True, True),
        ("Sté Dupont", False, True, True),
        ("Firma Meier", False, True, True),
        ("Firma: Meier", False, False, False),
        ("sarl Dupont", False, False, False),
        ("Miller & Baker Tools GmbH", True, True, True),
        ("Acme GmbH & Co. KG", True, True, True),
        ("Acme SE", True, False, False),
        ("Acme SE, Berlin", True, False, False),
        ("Acme LLP", True, False, False),
        ("Baker GmbH Bremen", True, False, True),
        ("Baker AS Bremen", False, False, False),
        ("GmbH", False, False, False),
        ("5 AG", False, False, False),
        ("12 AG", False, False, False),
        ("A5 AG", True, False, False),
        ("Acme, Inc.", True, True, True),
        ("Acme und Co.", True, True, True),
        ("Acme OHG (Berlin)", True, False, True),
        ("Acme Corp", True, True, True),
        ("Acme Corporation", True, True, True),
        ("Acme CORPORATION", True, True, True),
        ("Acme EURL", True, True, True),
        ("Acme E.U.R.L.", True, True, True),
        ("Acme Oyj", True, True, True),
        ("Acme O.y.j", True, True, True),
        ("Acme Bhd", True, True, True),
        ("Acme SDN BHD", True, True, True),
        ("Acme Sdn. Bhd.", True, True, True),
        ("Annual report", False, False, False),
        ("Acme NV trading as X", False, False, True),
        ("Acme PLC", True, True, True),
        ("Acme mbH", True, True, True),
        ("Acme mbH.", True, True, True),
        ("Acme Inc\nNew York", True, False, False),
        ("Acme Co", True, True, True),
        ("and Co.", True, True, True),
    ],
)
def test_a_company_is_told_by_its_legal_form(text, names, sure, begins):
    assert names_company(text) is names
    assert is_company(text) is sure
    assert begins_company(f"{text} x") is begins


@pytest.mark.parametrize(
    ("text", "sure"),
    [("A" + "b" * 59 + " GmbH", True), ("A" + "b" * 60 + " GmbH", False),
     ("SARL D" + "x" * 60, True), ("SARL D" + "x" * 61, False)],
)  # fmt: skip
def test_a_sure_company_has_sixty_characters_beside_its_form(text, sure):
    assert is_company(text) is sure


@pytest.mark.parametrize(
    ("text", "names", "sure"),
    [
        ("Hauptstr. 12, 10115 Berlin", True, True),
        ("Hauptstraße 12", True, False),
        ("Lange Gasse 5a", False, False),
        ("12 High Street", True, False),
        ("12 High Street, Leeds", True, False),
        ("12 high street", False, False),
        ("12 Main Ave.", True, False),
        ("Berlin", False, False),
        ("10115 Berlin", False, False),
        ("Am Markt 5, 10115 Berlin", True, True),
        ("Am 5, 10115 Berlin", True, True),
        ("Haupt 12\n10115 Berlin", True, False),
        ("Haupt 12, berlin", False, False),
        ("Haupt 12 a, DE-10115 Berlin", True, True),
        ("Springfield, IL 62704", True, True),
        ("Springfield, IL 62704-1234", True, True),
        ("X, IL 62704", False, False),
        ("Total 1234 Euro", True, False),
        ("PO Box\n1234 Town", True, False),
        ("1234 Town", False, False),
        ("Oak Lane 5", False, False),
        ("Kerkstraat 12", True, False),
        ("Kerkstraat 12 x", True, False),
        ("a, 1234 Abc", False, True),
        ("12 Park Way", True, False),
        ("12-14 Park Rd", False, False),
    ],
)
def test_an_address_has_a_street_or_a_postal_code(text, names, sure):
    assert names_address(text) is names
    assert is_address(text) is sure


@pytest.mark.parametrize(("length", "names"), [(300, True), (301, False)])
def test_an_address_has_three_hundred_characters_at_most(length, names):
    assert names_address("Post 5, X".ljust(length, "x")) is names


@pytest.mark.parametrize(
    "text",
    [
        "Anna Meier",
        "A. Meier",
        "A Meier",
        "Anna B. Meier",
        "Anna Maria B. Meier",
        "Anna de la Cruz",
        "Anna van der Berg",
        "Anna O'Neil",
        "Anna Meier-Huber",
        "Invoice Total",
        "J.R. Meier",
    ],
)
def test_a_given_name_and_a_surname_are_a_person(text):
    assert is_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "anna meier",
        "Anna",
        "Anna Maria Luise Berta Meier",
        "Anna DE Meier",
        "Anna MEIER",
        "Anna 5",
        "Dr. Anna Meier",
        "Anna von",
        "Anna meier",
    ],
)
def test_other_words_are_no_person(text):
    assert not is_person(text)
