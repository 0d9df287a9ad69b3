# ruff: noqa: RUF001
"""Prints that real receipts, statements and contracts have, and what only looks like a value."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.cases.rewritten.finding.location import locate, locate_all
from pytest_slm_autopsy.cases.rewritten.finding.votes import Pile, kinds_of
from pytest_slm_autopsy.notation.dates.orders import order_of, order_of_pile
from pytest_slm_autopsy.records import Case


def found_in(text, value, kind):
    return [text[start:end] for start, end in locate(text, value, kind).spans]


@pytest.mark.parametrize(
    ("text", "value", "stands"),
    [
        ("June 22,\n2016", "2016-06-22", "June 22,\n2016"),
        ("Lyon, le 22 juin\n              2023", "2023-06-22", "22 juin\n              2023"),
        ("on June\n22, 2016 the", "2016-06-22", "June\n22, 2016"),
        ("31. März\r\n2025", "2025-03-31", "31. März\r\n2025"),
        ("5 de marzo\nde 2018", "2018-03-05", "5 de marzo\nde 2018"),
        ("1st day of May, 2013", "2013-05-01", "1st day of May, 2013"),
        ("this 22nd day\nof June, 2016", "2016-06-22", "22nd day\nof June, 2016"),
        ("the 3 rd day of May 2014", "2014-05-03", "3 rd day of May 2014"),
        ("May the 1st, 2018", "2018-05-01", "May the 1st, 2018"),
        ("the first day of May, 2013", "2013-05-01", "first day of May, 2013"),
        ("the twenty-second day of June 2016", "2016-06-22", "twenty-second day of June 2016"),
        ("le premier mai 2018", "2018-05-01", "premier mai 2018"),
        ("March 3 , 2014", "2014-03-03", "March 3 , 2014"),
        ("05 . 03 . 2018", "2018-03-05", "05 . 03 . 2018"),
        ("2018 - 03 - 05", "2018-03-05", "2018 - 03 - 05"),
        ("05-03- 2018", "2018-03-05", "05-03- 2018"),
        ("DATE31/03/2018TIME10:00", "2018-03-31", "31/03/2018"),
        ("25MAR2018", "2018-03-25", "25MAR2018"),
        ("MARCH3,2014", "2014-03-03", "MARCH3,2014"),
        ("vom31.03.2025um 10", "2025-03-31", "31.03.2025"),
        ("25/12/2018 8:13:39 PM", "2018-12-25", "25/12/2018"),
        ("11:07 23/11/17", "2017-11-23", "23/11/17"),
        ("25/12/2018@10:00", "2018-12-25", "25/12/2018"),
        ("Dec 25 '18", "2018-12-25", "Dec 25 '18"),
    ],
)
def test_days_are_found_wrapped_ordinal_glued_and_with_a_time(text, value, stands):
    assert found_in(text, value, "date") == [stands]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A25/12/2018", "2018-12-25"), ("on May 12\n\n2018 again", "2018-05-12"),
        ("1 stycznia 2000", "2000-01-31"), ("Room 3 of May House 2018", "2018-05-03"),
        ("the second May 2018 issue 7", "2018-05-07"), ("125/12/2018", "2018-12-25"),
    ],
)  # fmt: skip
def test_what_is_no_such_day_is_not_found(text, value):
    assert found_in(text, value, "date") == []


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Date: 03-04-2025 / Due: 25-04-2025", "dmy"),
        ("03/04/25 and 31/12/25", "dmy"),
        ("1.4.2025, 30.4.2025", "dmy"),
        ("Date: 03/04/2025 Due: 04/25/2025", "mdy"),
        ("12-31-24 then 01-02-25", "mdy"),
        ("03/04/2025", None),
        ("25/12/2025 or 12/25/2025", None),
        ("125/03/2025, 10/13/2025/7, 3.13.2025.1", None),
        ("2025-04-25 and 03/04/2025", None),
    ],
)
def test_a_document_tells_whether_day_or_month_comes_first(text, order):
    assert order_of(text) == order


@pytest.mark.parametrize("mark", "-/")
def test_a_swapped_day_is_not_found_where_the_document_tells(mark):
    text = f"Date: 03{mark}04{mark}2025  Due: 25{mark}04{mark}2025"
    assert found_in(text, "2025-04-03", "date") == [f"03{mark}04{mark}2025"]
    assert found_in(text, "2025-03-04", "date") == []
    american = f"Date: 03{mark}04{mark}2025  Due: 04{mark}25{mark}2025"
    assert found_in(american, "2025-03-04", "date") == [f"03{mark}04{mark}2025"]
    assert found_in(american, "2025-04-03", "date") == []


def test_where_the_document_does_not_tell_the_pile_does_and_else_it_is_open():
    texts = ["Date: 03/04/2025", "Date: 25/04/2025", "Date: 31/01/2025"]
    assert order_of_pile(texts) == "dmy"
    assert order_of_pile(texts[:2]) is None  # one document decides for no other
    assert order_of_pile([*texts, "04/25/2025"]) is None
    case = Case("1", texts[0], {"day": "2025-03-04"})
    pile = Pile.of([case, *(Case(text, text, {"day": None}) for text in texts[1:])])
    assert locate_all(case, pile.kinds, pile.order)["day"].how == "absent"
    assert locate_all(case, pile.kinds)["day"].how == "normalised"


@pytest.mark.parametrize(
    "text",
    [
        "RM7.70", "TOTAL:RM7.70", "TOTALRM7.70", "Rp7.70", "Php 7.70", "PhP7.70", "7.70kr",
        "kr7.70",
        "7.70zł", "7.70 Kč", "Fr.7.70", "S$7.70", "7.70Euro", "Euro 7.70", "HK$7.70", "NT$ 7.70",
        "7.70฿", "Ksh 7.70", "7.70AED", "Rs.7.70", "*7.70", "$7.70T", "7.70S", "2X7.70", "3x@7.70",
        "7.70 S", "7.70 SR", "7.70/-", "(RM)7.70",
    ],
)  # fmt: skip
def test_amounts_are_found_close_to_currencies_and_tax_letters(text):
    assert found_in(text, "7.70", "money")[0].startswith("7.70")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("RM7.70", "MYR"), ("Total (RM) 7.70", "MYR"), ("ALL AMOUNTS ARE IN RM\n", "MYR"),
        ("1 574,40 zł   Termin: 14 dni", "PLN"), ("12 kr", "SEK"), ("Total Rp 12.500", "IDR"),
        ("5,00 Kč", "CZK"), ("56,02 Euro", "EUR"), ("amount in Euros", "EUR"), ("Fr. 5.00", "CHF"),
        ("S$5.00", "SGD"), ("Php 5.00", "PHP"), ("100 złotych", "PLN"), ("five dollars", "USD"),
        ("500 US dollars", "USD"), ("zehn Franken", "CHF"), ("20 rupees", "INR"),
    ],
)  # fmt: skip
def test_currencies_are_found_by_their_names_and_signs(text, code):
    assert locate(text, code, "currency").how == "normalised"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("the dollars", "USD"),
        ("20 rupees", "EUR"),
        ("pounds of flour", "GBP"),
        ("a real one", "BRL"),
    ],
)
def test_words_that_may_be_a_currency_are_none_without_a_number(text, code):
    assert locate(text, code, "currency").how == "absent"


@pytest.mark.parametrize(
    ("text", "value", "stands"),
    [
        ("25.000,00 H", "25000.00", ["25.000,00 H"]),
        ("25.000,00 S", "-25000.00", ["25.000,00 S"]),
        ("25.000,00 S", "25000.00", []),
        ("25.000,00 H", "-25000.00", []),
        ("86,20 Soll", "-86.20", ["86,20 Soll"]),
        ("86,20 EUR S", "-86.20", ["86,20 EUR S"]),
        ("86.20 DR", "-86.20", ["86.20 DR"]),
        ("5.90 S", "5.90", ["5.90"]),
        ("5.90 S", "-5.90", []),
        ("5.90 H", "5.90", ["5.90"]),
        # A document that books says which way money went; its amounts are stated without.
        ("Entgelt 49,44- EUR\nBetrag 4.993,44- EUR", "49.44", ["49,44-"]),
        ("+3,150.00\n-86.20", "86.20", ["-86.20"]),
        ("alt 2.410,55 H\nneu 86,20 S", "86.20", ["86,20 S"]),
        ("250.00 DR\n473.00 CR", "473.00", ["473.00 CR"]),
        ("Total: 49,44-", "49.44", []),
    ],
)
def test_a_credit_is_no_debit_and_a_tax_letter_is_neither(text, value, stands):
    assert found_in(text, value, "money") == stands


@pytest.mark.parametrize(
    ("text", "value", "stands"),
    [
        ("TOTAL: 24 473.30", "473.30", ["473.30"]),
        ("TOTAL: 24 473.30", "24473.30", ["24 473.30"]),
        ("ITEM 2 125.00 250.00", "125.00", ["125.00"]),
        ("Qty 3 100.50", "100.50", ["100.50"]),
        ("Razem: 24 473,30", "473.30", []),
        ("Tax (7) $1.00", "1.00", ["1.00"]),
        ("Tax (7) $1.00", "-7.00", []),
        ("Code (12) EUR 3,50", "-12.00", []),
        ("SUB-TOTAL (GST) 30.00", "30.00", ["30.00"]),
        ("GST 000292065280", "292065280.00", []),
        ("Total TTC 1 234,50 €", "1234.50", ["1 234,50"]),
        ("Celkem 1 234,50 Kč", "1234.50", ["1 234,50"]),
        ("02.01 VIR SALAIRE 1 234,50", "1234.50", ["1 234,50"]),
        ("Qty 2 125,00", "125.00", ["125,00"]),
        ("ten thousand dollars ($10,000.00)", "10000.00", ["10,000.00"]),
        ("five hundred euros (500,00)", "500.00", ["500,00"]),
        ("Ref: 0012", "12.00", []),
    ],
)
def test_two_numbers_are_not_one_and_ids_are_no_money(text, value, stands):
    assert found_in(text, value, "money") == stands


@pytest.mark.parametrize(
    ("text", "value", "stands"),
    [
        ("STK 159", "159", "159"),
        ("Stück 159,0000", "159", "159,0000"),
        ("0,3827 Anteile", "0.3827", "0,3827"),
        ("Nominal 1.000,00 Stk", "1000", "1.000,00"),
        ("szt. 4", "4", "4"),
        ("2,5 kg Mehl", "2.5 kg", "2,5"),
        ("12,50 Std.", "12.5", "12,50"),
        ("5 x 3.20", "5", "5"),
        ("qty: 1,500.000", "1500", "1,500.000"),
        ("1 234,5 m²", "1234.5", "1 234,5"),
        ("Menge: 12\nHauptstr. 12 a", "12", "12"),
        ("2 125.00 250.00", "2", "2"),
    ],
)
def test_quantities_are_found_with_their_unit_or_alone(text, value, stands):
    assert found_in(text, value, "quantity") == [stands]


@pytest.mark.parametrize(
    "text", ["EUR 159", "159.00 EUR", "A-159", "159%", "15:90", "2159", "159/7", "159 €", "1.159"]
)
def test_other_numbers_are_no_quantity(text):
    assert found_in(text, "159", "quantity") == []


@pytest.mark.parametrize(
    ("text", "value", "stands"),
    [
        ("a period of three (3) years", "3 years", "three (3) years"),
        ("within thirty days", "30 days", "thirty days"),
        ("binnen dreißig (30) Tagen", "30 days", "dreißig (30) Tagen"),
        ("pendant trois ans", "3 years", "trois ans"),
        ("for 36 months", "3 years", "36 months"),
        ("a 30-day period", "30 days", "30-day"),
        ("sechs\nMonate", "6 months", "sechs\nMonate"),
        ("ninety (90) calendar days", "90 days", "ninety (90) calendar days"),
        ("termin 14 dni", "14 days", "14 dni"),
        ("two (2) business days", "2 business days", "two (2) business days"),
        ("one hundred eighty (180) days", "180 days", "one hundred eighty (180) days"),
    ],
)
def test_terms_are_found_in_words(text, value, stands):
    assert found_in(text, value, "duration") == [stands]


@pytest.mark.parametrize(
    ("text", "value"),
    [("13 years", "3 years"), ("30 days", "30 months"), ("the year 2019", "2019 years"),
     ("two business days", "2 days"), ("one hundred days", "100 years"),
     ("one hundred eighty (180) days", "80 days"), ("hundert drei Tage", "3 days")],
)  # fmt: skip
def test_other_terms_are_not(text, value):
    assert found_in(text, value, "duration") == []


@pytest.mark.parametrize(
    ("text", "value", "stands"),
    [
        ("at 20 percent", "20%", "20 percent"), ("zu 20 Prozent", "20%", "20 Prozent"),
        ("five percent (5%)", "5%", "5%"), ("twenty percent", "20%", "twenty percent"),
        ("à 20 pour cent", "20%", "20 pour cent"), ("20 v.H. davon", "20%", "20 v.H"),
        ("21 procent", "21%", "21 procent"),
    ],
)  # fmt: skip
def test_percentages_are_found_in_words(text, value, stands):
    assert stands in found_in(text, value, "percentage")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("LAGOON MART SDN.BHD", "Lagoon Mart Sdn Bhd"),
        ("LAGOON MART SDN BHD", "LAGOON MART SDN. BHD."),
        ("ACME, Inc.", "Acme Inc"), ("ACME Inc", "Acme, Inc."), ("Acme S.A.S.", "Acme SAS"),
        ("Acme SAS", "Acme S.A.S."), ("Dąbek Sp. z o.o.", "DĄBEK SP Z OO"),
        ("NO.53,55,57 & 59,JALAN SAGU 18", "NO. 53 55 57 & 59, JALAN SAGU 18"),
        ("LOT 18, JALAN TERATAI 7,\n41200 KLANG", "LOT 18 JALAN TERATAI 7 41200 KLANG"),
        ("Hauptstr.12\n10115 Berlin", "Hauptstr. 12, 10115 Berlin"),
        ("BAYU UTAMA(M) SDN BHD", "Bayu Utama (M) Sdn. Bhd."), ("Baker&Co", "Baker & Co"),
        ("O’Brien-Smith", "O'Brien Smith"), ("1st\nFloor,Lot 5", "1ST FLOOR, LOT 5"),
    ],
)  # fmt: skip
def test_names_and_addresses_are_found_with_other_marks(text, value):
    assert locate(text, value).how == "normalised"


@pytest.mark.parametrize(
    ("text", "value"),
    [("12, 3 High Street, Leeds", "123 High Street, Leeds"), ("Baker Sons", "Baker & Sons"),
     ("123 High Street, Leeds", "12, 3 High Street, Leeds"), ("An no 5", "Anno 5"),
     ("ACME LTDX", "Acme Ltd"), ("into it", "in to it")],
)  # fmt: skip
def test_other_names_and_numbers_are_not(text, value):
    assert locate(text, value).how == "absent"


@pytest.mark.parametrize(
    ("text", "value", "stands"),
    [
        ("Date 02/12/2017, signed 2 DECEMBER, 2017", "02/12/2017", 2),
        ("02/12/2017 until 25/12/2017; 2. Dezember 2017", "02/12/2017", 2),
        ("RE2018/7 and RE2018-7", "RE2018-7", 2),
        ("IBAN DE89 3704 0044 0532 0130 00, DE89370400440532013000", "DE89370400440532013000", 2),
        ("Acme Ltd. and ACME LTD", "Acme Ltd", 2),
        ("1.234 and 1234,00", "1.234", 2),
        ("20% is 20 percent", "20%", 2),
        ("EUR 9.00, that is 9,00 €", "9.00", 2),
    ],
)
def test_every_print_of_a_value_is_one_of_its_places(text, value, stands):
    kind = "money" if value == "1.234" else ""
    assert len(locate(text, value, kind).spans) == stands


def test_kinds_come_from_values_and_names():
    cases = [
        Case("1", "", {"shares": "159", "weight": "2.50", "no": "159", "iban": "", "term": ""}),
        Case("2", "", {"shares": "7", "weight": "3", "no": "7", "term": "thirty days",
                       "iban": "DE89 3704 0044 0532 0130 00"}),
    ]  # fmt: skip
    assert kinds_of(cases) == {
        "shares": "quantity", "weight": "quantity", "no": "code", "iban": "identifier",
        "term": "duration",
    }  # fmt: skip
