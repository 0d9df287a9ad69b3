# ruff: noqa: RUF001
"""Where values stand in a text, of what kind they are, and the schema that they seem to have."""

from __future__ import annotations

import runpy
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.drawn.suites import draw_suite
from pytest_slm_autopsy.cases.rewritten.finding.location import holds, locate
from pytest_slm_autopsy.cases.rewritten.finding.places import all_places, places, union
from pytest_slm_autopsy.cases.rewritten.finding.votes import kinds_of
from pytest_slm_autopsy.cases.rewritten.inference import infer_schema, schema_code
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, RECEIPT
from pytest_slm_autopsy.cases.strategies import shifted_invoices
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.notation.dates.day_forms import DATE_FORMS, print_day
from pytest_slm_autopsy.notation.figures.amounts import whole_amount
from pytest_slm_autopsy.notation.figures.money_forms import MONEY_LOCALES, MoneyForm, print_amount
from pytest_slm_autopsy.notation.kinds import kind_of
from pytest_slm_autopsy.notation.languages import LANGUAGES
from pytest_slm_autopsy.records import Case


def plain_amount(text):
    """An amount in any print as -1234.50; None for none, and for one that is open."""
    one = whole_amount(text)
    return None if one is None or one.other or one.percent else one.plain


@pytest.mark.parametrize(
    ("text", "value", "how", "stands"),
    [
        ("Total: 9.00", "9.00", "exact", ["9.00"]),
        ("9.00 and 9.00", "9.00", "exact", ["9.00", "9.00"]),
        ("Total: 1,473.00", "473.00", "absent", []),
        ("Total: 473.005", "473.00", "absent", []),
        ("Total: -473.00", "473.00", "absent", []),
        ("Total: 473,00-", "-473.00", "normalised", ["473,00-"]),
        ("Total: (1,473.00)", "-1473.00", "normalised", ["(1,473.00)"]),
        ("Summe 1.473,50 EUR", "1473.50", "normalised", ["1.473,50"]),
        ("Summe 1 473,50", "1473.50", "normalised", ["1 473,50"]),
        ("Menge 1 473,50", "1473.50", "absent", []),
        ("Summe 1\u202f473,5", "1473.5", "normalised", ["1\u202f473,5"]),
        ("Summe 1473,50", "1473.5", "normalised", ["1473,50"]),
        ("Betrag 12'000", "12000.00", "normalised", ["12'000"]),
        ("Tax: 0,00", "0.00", "normalised", ["0,00"]),
        ("on 05.03.2018", "2018-03-05", "normalised", ["05.03.2018"]),
        ("le 5 mars 2018", "2018-03-05", "normalised", ["5 mars 2018"]),
        ("MARCH 5, 2018", "2018-03-05", "normalised", ["MARCH 5, 2018"]),
        ("105.03.2018", "2018-03-05", "absent", []),
        ("at 19 %", "19%", "normalised", ["19 %"]),
        ("in €", "EUR", "normalised", ["€"]),
        ("ACME  Trading\nLTD", "Acme Trading Ltd", "normalised", ["ACME  Trading\nLTD"]),
        ("IBAN DE89 3704 0044", "DE8937040044", "normalised", ["DE89 3704 0044"]),
        ("No. RE2018/7", "RE2018-7", "normalised", ["RE2018/7"]),
        ("Cafe\u0301 Noir", "Caf\u00e9 Noir", "normalised", ["Cafe\u0301 Noir"]),
        ("GHV12345", "12345", "absent", []),
        ("No. NW-1031", "3", "absent", []),
        ("NW-1031", "NW", "exact", ["NW"]),
        ("Total: EUR10", "EUR", "exact", ["EUR"]),
        ("\u8acb\u6c42\u66f8A7\u3067\u3059", "A7", "exact", ["A7"]),
        ("Total: (473.00)", "473.00", "absent", []),
        ("Total: 473.00-", "473.00", "absent", []),
        ("Total: 473.00 CR", "473.00", "absent", []),
        ("Total: - 473.00", "473.00", "absent", []),
        ("Total: -€473.00", "473.00", "absent", []),
        ("Total - 473.00", "473.00", "exact", ["473.00"]),
        ("Total (net 473.00)", "473.00", "exact", ["473.00"]),
        ("473.00 - discount", "473.00", "exact", ["473.00"]),
        ("12345 of GHV12345", "12345", "exact", ["12345"]),
        ("nothing", "Acme", "absent", []),
        ("nothing", None, "null", []),
        ("nothing", "", "null", []),
        ("nothing", [], "null", []),
        ("Bolts 5.00", [{"what": "Bolts", "sum": "5.00"}], "exact", ["Bolts", "5.00"]),
        ("BOLTS 5,00", [{"what": "Bolts", "sum": "5.00"}], "normalised", ["BOLTS", "5,00"]),
        ("Bolts 5.00", [{"what": "Bolts", "sum": "6.00"}], "absent", ["Bolts"]),
    ],
)
def test_a_value_is_found_as_it_is_or_as_it_may_be_printed(text, value, how, stands):
    found = locate(text, value)
    assert (found.how, [text[start:end] for start, end in found.spans]) == (how, stands)


@given(shifted_invoices())
def test_what_was_drawn_is_found_where_it_was_written(case):
    for name, value in case.truth.items():
        if value is not None:
            kind = INVOICE.by_name[name].kind
            assert holds(case.text, case.spans[name], value, kind)
            if kind == "money" and value.isdigit():
                continue  # in a table, only the span tells it from a row's number
            found = locate(case.text, value, kind)
            assert found.how in ("exact", "normalised")
            assert any(start <= case.spans[name][0] < end for start, end in found.spans)


@given(shifted_invoices(schema=INVOICE.normalised(), axes=["dates", "money", "whitespace"]))
def test_plain_values_are_found_in_every_form_that_is_drawn(case):
    for name, value in case.truth.items():
        if value is not None:
            found = locate(case.text, value, INVOICE.by_name[name].kind)
            assert case.spans[name] in found.spans, (name, value)


def found_in(text, value, kind=""):
    found = locate(text, value, kind)
    return [text[start:end] for start, end in found.spans]


@pytest.mark.parametrize(
    ("text", "value", "stands"),
    [
        ("1 473,00", "473.00", []),
        ("1\u00a0473,00", "473.00", []),
        ("1\u202f473,00", "473.00", []),
        ("1\u2009473,00", "1473.00", ["1\u2009473,00"]),
        ("1’473.00", "473.00", []),
        ("1,473.00", "473.00", []),
        ("2018 473,00", "473.00", ["473,00"]),
        ("19,00 473,00", "473.00", ["473,00"]),
        ("05/03/18 473,00", "473.00", ["473,00"]),
        ("1 473,5", "1473.50", ["1 473,5"]),
        ("Suma: 1 473,00 zł", "1473.00", ["1 473,00"]),
        ("Suma  1 473,00", "1473.00", ["1 473,00"]),
        ("Suma\t-1 473,00", "-1473.00", ["-1 473,00"]),
        ("Suma: - 1 473,00", "-1473.00", ["- 1 473,00"]),
        ("Suma EUR 1 473,00", "1473.00", ["1 473,00"]),
        ("Suma\n1 473,00 zł", "1473.00", ["1 473,00"]),
        ("Suma 1\u00a0473,00 zł", "1473.00", ["1\u00a0473,00"]),
        ("Suma (1 473,00)", "-1473.00", ["(1 473,00)"]),
        ("Qty 2 125.00 250.00", "2125.00", []),
        ("Qty 2 125.00 250.00", "125.00", ["125.00"]),
        ("Qty 2 125.00 250.00", "250.00", ["250.00"]),
        ("Widget 3 250.00 750.00", "3250.00", []),
        ("Zone 1 200.00 EUR", "1200.00", []),
        ("Zone 1 200.00 EUR", "200.00", ["200.00"]),
        ("Item 12 100,00 EUR", "12100.00", []),
        ("Total: .50", "0.50", [".50"]),
        ("₹12,34,567.50", "1234567.50", ["12,34,567.50"]),
        ("Summe 473.-", "473.00", ["473.-"]),
        ("Summe 473,--", "473.00", ["473,--"]),
        ("Summe 473.-", "-473.00", []),
        ("１，４７３．００", "1473.00", ["１，４７３．００"]),
        ("Sum 1.234 EUR", "1234.00", ["1.234"]),
        ("Sum 1,234 EUR", "1234.00", ["1,234"]),
        ("Sum 1.234 EUR", "1.23", []),
        ("Price 3,3333", "3.33", []),
        ("RE473.00", "473.00", []),
        ("EUR473.00 paid", "473.00", ["473.00"]),
        ("473.00EUR paid", "473.00", ["473.00"]),
        ("473.00kg", "473.00", []),
        ("合計473.00円", "473.00", ["473.00"]),
        ("473.00/2", "473.00", []),
        ("INV-473.00", "473.00", []),
        ("INV-473.00", "-473.00", []),
        ("10.00-473.00", "473.00", []),
        ("05/03/2018", "2018.00", []),
        ("2018-03-05", "2018.00", []),
        ("19,00 % of it", "19.00", []),
        ("12'000", "12000.00", ["12'000"]),
        ("12 EUR", "12.00", ["12"]),
        ("€12 each", "12.00", ["12"]),
        ("Total: 12", "12.00", ["12"]),
        ("Total    12\nnext", "12.00", ["12"]),
        ("Total: 12 items", "12.00", []),
        ("at 10:12", "12.00", []),
        ("12 High Street", "12.00", []),
        ("12 Hauptstr.\nMenge 12\nSumme: 12,00 EUR", "12.00", ["12,00"]),
        ("Menge: 12\nSumme: 12,00 EUR", "12.00", ["12,00"]),
        ("7.00 a 7,00 b", "7.0", ["7.00", "7,00"]),
        ("-473.00", "-473.00", ["-473.00"]),
        ("-€473.00", "-473.00", ["-€473.00"]),
        ("€-473.00", "-473.00", ["-473.00"]),
        ("EUR -473.00", "-473.00", ["-473.00"]),
        ("-US$473.00", "-473.00", ["-US$473.00"]),
        ("-R$ 473,00", "-473.00", ["-R$ 473,00"]),
        ("-EUR\u00a0473.00", "-473.00", ["-EUR\u00a0473.00"]),
        ("-₹473.00", "-473.00", ["-₹473.00"]),
        ("-₹473", "-473.00", ["-₹473"]),
        ("−473.00", "-473.00", ["−473.00"]),
        ("–473.00", "-473.00", ["–473.00"]),
        ("Total: - 473,00", "-473.00", ["- 473,00"]),
        ("Total  - 473,00", "-473.00", ["- 473,00"]),
        ("Total\t- 473,00 x", "-473.00", ["- 473,00"]),
        ("a\n- 473,00\n", "-473.00", ["- 473,00"]),
        ("a\n- 473,00 for rent\n", "473.00", ["473,00"]),
        ("Total - 473.00", "-473.00", []),
        ("Total - € 473.00", "473.00", ["473.00"]),
        ("($473.00)", "-473.00", ["($473.00)"]),
        ("(473.00 EUR)", "-473.00", ["(473.00 EUR)"]),
        ("(1,473.00)", "-1473.00", ["(1,473.00)"]),
        ("(1,473.00)", "473.00", []),
        ("USt. 19 % (75,04)", "75.04", ["75,04"]),
        ("USt. 19 % (75,04)", "-75.04", []),
        ("473,00-", "-473.00", ["473,00-"]),
        ("473,00 -\nnext", "-473.00", ["473,00 -"]),
        ("473,00 -  next", "-473.00", ["473,00 -"]),
        ("473.00 - discount", "-473.00", []),
        ("473.00CR", "-473.00", ["473.00CR"]),
        ("473.00 Cr", "-473.00", ["473.00 Cr"]),
        ("473.00 DR", "473.00", []),
        ("473.00 Dr", "-473.00", ["473.00 Dr"]),
        ("473,00 S", "473.00", []),
        ("473,00 H", "473.00", ["473,00 H"]),
        ("473,00 S", "-473.00", ["473,00 S"]),
        ("-5%", "5%", []),
        ("-5%", "-5%", ["-5%"]),
        ("7,5 %", "7.5%", ["7,5 %"]),
        ("7％", "7%", ["7％"]),
        ("VAT (19%)", "19%", ["19%"]),
        ("17%", "7%", []),
        ("$US10,00", "10.00", ["10,00"]),
        ("473,00 zł", "473.00", ["473,00"]),
        ("473 kr", "473.00", ["473"]),
        ("473 Kč", "473.00", ["473"]),
        ("473 Ft", "473.00", ["473"]),
        ("Fr. 473", "473.00", ["473"]),
        ("Rs. 473", "473.00", ["473"]),
        ("473 lei", "473.00", ["473"]),
        ("473 of them", "473.00", []),
        ("paid €473.00", "€473.00", ["€473.00"]),
        ("paid 473,00", "€473.00", ["473,00"]),
        ("paid -€473.00", "€473.00", []),
        ("473.00 EUR", "473.00 USD", []),
        ("€473.00", "$473.00", []),
        ("USD 473.00", "€473.00", []),
        ("-$473.00", "-473.00 EUR", []),
        ("-€473.00", "-473.00 EUR", ["-€473.00"]),
        ("473,00 €", "EUR 473.00", ["473,00"]),
        ("$473.00", "473.00 USD", ["473.00"]),
        ("US$473.00", "473.00 USD", ["473.00"]),
        ("US$473.00", "$473.00", ["$473.00"]),
        ("$473.00", "473.00 CAD", ["473.00"]),
        ("£473.00", "473.00 GBP", ["473.00"]),
        ("473,00 zł", "473.00 PLN", ["473,00"]),
        ("473,00 kr.", "473.00 DKK", ["473,00"]),
        ("473,00 kr", "473.00 EUR", []),
        ("473.00 USD", "473.00", ["473.00"]),
        ("Sum 473/-", "473.00", ["473/-"]),
        ("Rs. 1,00,000/-", "100000.00", ["1,00,000/-"]),
        ("Rs. 500.00/-", "500.00", ["500.00/-"]),
        ("12.50/kg", "12.50", ["12.50"]),
        ("€12.50/h", "12.50", ["12.50"]),
        ("12/kg", "12.00", []),
        ("1.50 Mio", "1.50", []),
        ("EUR 1.50 Mrd.", "1.50", []),
        ("1.50 million EUR", "1.50", []),
        ("1.50 ‰", "1.50", []),
        ("1.50‰", "1.50", []),
        ("1.50 percent", "1.50", []),
        ("1.50 pct", "1.50", []),
        ("18.30 Uhr", "18.30", []),
    ],
)  # fmt: skip
def test_amounts_are_read_and_not_looked_for(text, value, stands):
    assert found_in(text, value, "percentage" if "%" in value else "money") == stands


@pytest.mark.parametrize(
    "text",
    [
        "2018-03-05", "2018/03/05", "2018.03.05", "2018年3月5日", "5.3.2018", "5-3-2018",
        "5. 3. 2018", "05.03.18", "5/3/2018", "3/5/2018", "3-5-2018", "20180305", "Mar 5, 2018",
        "5 Mar 2018", "05-Mar-18", "March 5th, 2018", "05. März 2018", "05. MÄRZ 2018",
        "05. Ma\u0308rz 2018", "5 de marzo de 2018", "5 mrt 2018", "5 mrt. 2018", "1er mars 2018",
        "5 mars 2018", "5 marca 2018", "5. března 2018", "5 марта 2018", "5 MART 2018",
        "5. maaliskuuta 2018", "2018. március 5", "5 martie 2018", "5. mars 2018", "5 marts 2018",
        "5 marzo 2018", "5 de março de 2018", "5th of March 2018", "０５.０３.２０１８",
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ["{}", "vom {}, am", "le {}.", "Date: {}\n", "日期 {} "])
def test_a_day_is_found_in_any_print(text, around):
    day = "2018-03-01" if text.startswith("1er") else "2018-03-05"
    assert found_in(around.format(text), day) == [text]
    assert locate(around.format(text), text, "date").how == "exact"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3.5.2018", "2018-03-05"), ("INV-20180305", "2018-03-05"), ("A20180305", "2018-03-05"),
        ("20180305/7", "2018-03-05"), ("1.05.03.2018", "2018-03-05"), ("15.3.2018", "2018-03-05"),
        ("05.03.20185", "2018-03-05"), ("2018-03-051", "2018-03-05"),
        ("5 March 18:30", "2018-03-05"),
        ("15 March 2018", "2018-03-05"),
        ("5 Marble 2018", "2018-03-05"), ("Version 1.2.24", "2024-02-01"),
        ("Section 3.4.05", "2005-04-03"), ("§ 3.4.05", "2005-04-03"),
    ],
)  # fmt: skip
def test_a_day_is_not_found_where_another_stands(text, value):
    assert found_in(text, value, "date") == []


@pytest.mark.parametrize("piece", ["4711 3 1500\n", "1 234 ", "- 1.5 ", "USD 1 EUR ", "a 3-4 "])
def test_an_enormous_text_is_read_in_one_go(piece):
    text = piece * 12_000
    assert found_in(f"{text} May 3, 1500", "1500-05-03", "date") == ["May 3, 1500"]
    assert found_in(f"{text}: 7.25 EUR", "7.25", "money") == ["7.25"]
    assert found_in(f"{text} no. 4712-7", "47127", "code") == ["4712-7"]


def test_a_true_day_in_another_form_is_looked_up_as_the_day_it_is():
    assert found_in("due 2018-03-05", "5. März 2018", "date") == ["2018-03-05"]
    assert found_in("due 2018-03-05", "5/3/2018", "date") == []
    assert found_in("due 5/3/2018", "5/3/2018", "date") == ["5/3/2018"]


@pytest.mark.parametrize(
    ("text", "value", "stands"),
    [
        ("MU\u0308LLER & SO\u0308HNE", "Müller & Söhne", ["MU\u0308LLER & SO\u0308HNE"]),
        ("HAUPTSTRASSE 7", "Hauptstraße 7", ["HAUPTSTRASSE 7"]),
        ("Hauptstraße 7", "HAUPTSTRASSE 7", ["Hauptstraße 7"]),
        ("Ms. O’Brien", "O'Brien", ["O’Brien"]),
        ("ＡＣＭＥ Ltd", "Acme Ltd", ["ＡＣＭＥ Ltd"]),
        ("12 High St\nLeeds\nLS1", "12 High St, Leeds, LS1", ["12 High St\nLeeds\nLS1"]),
        ("DE89 3704 0044", "DE8937040044", ["DE89 3704 0044"]),
        ("DE8937040044", "DE89 3704 0044", ["DE8937040044"]),
        ("DE89\u00a03704\u00a00044", "DE8937040044", ["DE89\u00a03704\u00a00044"]),
        ("ABN 51 824 753 556", "51824753556", ["51 824 753 556"]),
        ("471.102,00", "471102", []),
        ("on 05.03.2018", "05032018", []),
        ("05.03.2018 2", "050320182", []),
        ("Amount 123.45", "12345", []),
        ("Paid 100.00 on", "10000", []),
        ("Total: 1.234.50", "123450", []),
        ("Total: 7 100.00", "710000", []),
        ("call 01.23.45.67.89", "0123456789", ["01.23.45.67.89"]),
        ("No. RE-123.45", "RE12345", ["RE-123.45"]),
        ("Please pay it now", "IT", []),
        ("tell us", "US", []),
        ("ＩＴ", "IT", ["ＩＴ"]),
        ("12345-67", "12345", []),
        ("12345-67", "67", []),
        ("7:30", "7", []),
        ("7%", "7", []),
        ("7 %", "7", []),
        ("Cafe\u0301", "Cafe", []),
        ("Café", "Cafe", []),
        ("Cafe\u0301 Noir", "Cafe", []),
        ("CAFE", "Café", ["CAFE"]),
        ("Straße", "Stras", []),
        ("الشركةA7", "A7", []),
        ("कA7", "A7", []),
        ("A7ा", "A7", []),
        ("บริษัทA7", "A7", ["A7"]),
        ("A7株式会社", "A7", ["A7"]),
        ("EUR10", "EUR", ["EUR"]),
        ("NEUR", "EUR", []),
        ("EURO", "EUR", ["EURO"]),
        ("A$10", "USD", []),
        ("Acme Trading Ltdx", "ACME Trading Ltd", []),
    ],
)  # fmt: skip
def test_words_and_codes_are_found_in_other_letters(text, value, stands):
    assert found_in(text, value) == stands


@given(
    cents=st.integers(-(10**9), 10**9),
    locale=st.sampled_from([locale for locale, _ in MONEY_LOCALES]),
    grouped=st.booleans(),
    negative=st.sampled_from(["-", "trailing", "brackets"]),
)
def test_every_print_of_an_amount_is_read(cents, locale, grouped, negative):
    value = f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02}"
    printed = print_amount(value, MoneyForm(locale, grouped=grouped, negative=negative))
    assert plain_amount(printed) == value
    assert found_in(f"Summe: {printed} netto", value, "money") == [printed]
    assert found_in(f"Summe: 1{printed} netto", value, "money") == []


@pytest.mark.parametrize("form", [form for form, _ in DATE_FORMS])
@given(day=st.dates(date(1970, 1, 1), date(2068, 12, 31)), language=st.sampled_from(LANGUAGES))
def test_every_print_of_a_day_is_read(form, day, language):
    printed = print_day(day.isoformat(), form, language)
    assert printed in found_in(f"Am {printed} und", day.isoformat(), "date")


def test_a_span_holds_a_value_with_its_marks_and_never_a_part_of_it():
    text = "Summe: EUR 473,00 (netto -5,00)"
    assert holds(text, (7, 17), "473.00", "money") == "normalised"
    assert holds(text, (11, 17), "473.00", "money") == "normalised"
    assert holds(text, (11, 17), "473,00", "money") == "exact"
    assert holds(text, (12, 17), "473.00", "money") is None
    assert holds(text, (25, 30), "-5.00", "money") == "normalised"
    assert holds(text, (26, 30), "5.00", "money") is None
    assert holds(text, (26, 30), "-5.00", "money") is None
    assert holds(text, (0, 17), "473.00", "money") is None
    assert holds(text, (0, len(text)), "-5.00", "money") is None
    assert holds("x -473.00", (3, 9), "-473.00") is None
    assert holds("x (473.00)", (3, 9), "-473.00") is None
    assert holds("No: A7!", (4, 7), "A7") == "exact"
    assert holds("No: A7!", (0, 7), "A7") is None
    assert holds("at 19 %", (3, 5), "19%") == "normalised"


def test_all_places_are_those_of_each_part():
    parts = [f"{n}" for n in range(200)] + ["abc", "cab", "x" * 100, ""]
    text = "abcabc 1000 19 1999 " + "x" * 300 + " abcab"
    assert all_places(text, parts) == {part: places(text, part) for part in parts if part}


def test_spans_that_overlap_are_one():
    assert union([(5, 9), (0, 2), (8, 12), (2, 3), (4, 4)]) == [(0, 2), (2, 3), (5, 12)]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2025-03-31", "date"), ("31.03.25", "date"), ("31. März 2025", "date"),
        ("March 3, 2025", "date"), ("1234.50", "money"), ("-7,5", "money"), ("$1,234", "money"),
        ("ABC123", "code"),
        ("19%", "percentage"), ("EUR", "currency"), ("€", "currency"), ("471102", "code"),
        ("RE-20171118/506", "code"), ("DE123456789", "code"), ("Bei Spiel GmbH", "company"),
        ("12 High Street, 10115 Leeds", "address"), ("Anna Miller", "person"),
        ("payable at once", "text"), ("", "text"), ([{"a": "b"}], "items"),
        ("51 824 753 556", "code"), ("12.345.678", "code"), ("555 123 456", "code"),
        ("R$ 1.234,56", "money"), ("5,00 zł", "money"), ("₹1,23,456.00", "money"),
        ("1.234 EUR", "money"), ("12'000", "money"), ("7,5 %", "percentage"),
        ("2025/03/31", "date"), ("5th March 2025", "date"), ("31 de marzo de 2025", "date"),
        ("20250331", "code"), ("CHE-123.456.789", "code"),
        ("March 2025", "text"), ("2% 10, net 30 days", "text"), ("Within 30 days, net", "text"),
        ("Net 30, then 2%", "text"), ("Net 30", "text"), ("30 days, net", "text"),
        ("Hauptstr. 12, 10115 Berlin", "address"), ("Hauptstraße 12", "address"),
        ("Kundenstraße 15\n69876 Frankfurt", "address"), ("12 High Street", "address"),
        ("12 rue de la Paix, 75002 Paris", "address"), ("1 Main St, Austin, TX 78701", "address"),
        ("12 KG", "quantity"), ("AS", "text"), ("Anna Co Miller", "person"),
        ("Kunden AG Mitte", "company"), ("Muster GmbH & Co. KG", "company"),
        ("Acme Ltd (UK)", "company"), ("Nord A/S", "company"), ("Acme, Inc.", "company"),
        ("Jan van der Berg", "person"), ("J. Miller", "person"), ("J Miller", "person"),
        ("J.Miller", "person"), ("J. R. R. Tolkien", "person"), ("Invoice", "text"),
        ("Paid", "text"), ("Berlin", "text"),
    ],
)  # fmt: skip
def test_the_kind_of_a_value(value, kind):
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1,234.50", "1234.50"), ("1.234,50 €", "1234.50"), ("1 234,50", "1234.50"),
        ("EUR 7", "7.00"), ("(7.5)", "-7.50"), ("7-", "-7.00"), ("−7.00", "-7.00"),
        ("1'234'567.00", "1234567.00"), ("1,234,567", "1234567.00"), ("3.3333", "3.3333"),
        ("1.234", None), ("12,34,5", None), ("7 of 8", None), ("A7", None), ("", None),
        ("CHE-123.456.789", None), ("19 %", None), ("05.03.2018", None), ("1 234.-", "1234.00"),
    ],
)  # fmt: skip
def test_an_amount_in_any_print(text, plain):
    assert plain_amount(text) == plain


def test_a_field_has_the_kind_of_most_of_its_values():
    truths = [
        {"tax": "0", "total": "100", "id": "77", "name": "A GmbH", "due": None},
        {"tax": "7.50", "total": "200", "id": "78", "name": "B GmbH", "due": None},
        {"tax": "8.50", "total": "300", "id": "79", "name": "Somebody", "due": None},
    ]
    cases = [Case(str(n), "", truth) for n, truth in enumerate(truths)]
    assert kinds_of(cases) == {
        "tax": "money", "total": "money", "id": "code", "name": "company", "due": "text",
    }  # fmt: skip


def test_the_schema_of_drawn_invoices_is_found_again():
    cases = draw_suite(INVOICE, 60, 3).reference
    found = infer_schema(cases, "invoice")
    assert found.names == INVOICE.names
    assert found.labels == INVOICE.labels
    alike = [name for name in found.names if found.by_name[name].kind == INVOICE.by_name[name].kind]
    assert set(found.names) - set(alike) <= {"customer", "payment_terms"}
    assert found.optional == ()


@pytest.mark.parametrize("schema", [INVOICE, RECEIPT])
def test_the_printed_schema_is_code_that_draws_suites(schema, tmp_path):
    cases = draw_suite(schema, 9, 3, {"missing": {"missing": 1.0}})["missing"]
    found = infer_schema(cases, "mine")
    code = schema_code(found, cases)
    assert max(map(len, code.splitlines())) <= 80
    (tmp_path / "schema.py").write_text(code, encoding="utf-8")
    pasted = runpy.run_path(str(tmp_path / "schema.py"))["SCHEMA"]
    assert (pasted.names, pasted.labels) == (found.names, found.labels)
    assert [field.kind for field in pasted.fields] == [field.kind for field in found.fields]
    assert set(pasted.optional) == set(found.optional) > set()
    assert len(draw_suite(pasted, 3, 1).reference) == 3


def test_labels_are_guessed_and_never_shared():
    texts = ("Sum due: 5.00\nNo 8", "Sum due ..... 6.00\nNo 9", "7.00 in all\nNo 7")
    cases = [
        Case(text, text, {"total": sum, "paid": sum, "id": text[-1]})
        for text, sum in zip(texts, ("5.00", "6.00", "7.00"), strict=True)
    ]
    found = infer_schema(cases)
    assert found.labels == {"total": "Sum due", "paid": "Paid", "id": "No"}


def test_a_truth_without_fields_has_no_schema():
    with pytest.raises(CaseError, match="has no fields"):
        infer_schema([Case("1", "text", {})])
