# ruff: noqa: RUF001
"""Writer, finder, profile and comparison are asked the same question, and are of one mind."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.profiles.profile import learn_profile
from pytest_slm_autopsy.cases.rewritten.finding.location import holds, locate
from pytest_slm_autopsy.measures.error_categories import categorise
from pytest_slm_autopsy.notation.dates.day_forms import (
    DATE_FORMS,
    month_names,
    months_of,
    print_day,
    weekday_names,
)
from pytest_slm_autopsy.notation.dates.days import day_at_start, is_open_day, whole_day
from pytest_slm_autopsy.notation.figures.amounts import amount_at_start, whole_amount
from pytest_slm_autopsy.notation.figures.currencies import codes_of, currency_mark
from pytest_slm_autopsy.notation.figures.money_forms import (
    MoneyForm,
    form_of,
    is_open_amount,
    print_amount,
    shown_form,
)
from pytest_slm_autopsy.notation.kinds import KINDS, kind_of, states_nothing
from pytest_slm_autopsy.notation.languages import MONTH_LANGUAGES
from pytest_slm_autopsy.notation.meaning import day, money, same_meaning
from pytest_slm_autopsy.notation.parties import SURE_FORMS
from pytest_slm_autopsy.records import Case, Prediction

FORMS = [form for form, _ in DATE_FORMS] + [
    "YYYY/MM/DD", "YYYY. M. D", "YY/MM/DD", "YY-MM-DD", "MM/DD/YY", "M/D/YYYY", "MM-DD-YYYY",
    "DD/M/YYYY", "D/MM/YYYY", "D/M/YY", "M/D/YY", "D. M. YYYY", "D {DE} MONTH {DE} YYYY",
    "WDAY DD MON YYYY", "WEEKDAY, D MONTH YYYY",
    "WDAY, DD.MM.YYYY", "MON D, YYYY", "D MONTH, YYYY", "YYYY-MON-DD", "D de MONTH de YYYY",
    "DD-MON-YY", "YYYY年M月D日",
]  # fmt: skip
LOCALES = [*MONTH_LANGUAGES, "de_CH", "de_AT", "en_IN", "en_ZA", "fr_CH", "es_MX", "pt_BR"]
CODES = ["EUR", "USD", "GBP", "CHF", "PLN", "SEK", "NOK", "CZK", "JPY", "INR", "MYR", "ILS", "BRL"]

days = st.dates(date(1969, 1, 1), date(2068, 12, 31))
money_forms = st.builds(
    MoneyForm,
    locale=st.sampled_from(LOCALES),
    grouped=st.booleans(),
    currency=st.sampled_from(["", "before", "after"]),
    symbol=st.booleans(),
    negative=st.sampled_from(["-", "trailing", "brackets", "credit"]),
    whole=st.booleans(),
)


@settings(max_examples=500, deadline=None)
@given(days, st.sampled_from(FORMS), st.sampled_from(MONTH_LANGUAGES))
@example(date(1969, 3, 31), "DD.MM.YY", "en")
@example(date(2025, 3, 31), "YY/MM/DD", "en")
@example(date(2031, 3, 25), "YY/MM/DD", "en")
@example(date(2025, 2, 1), "DD/M/YYYY", "en")
@example(date(2003, 4, 25), "D/M/YY", "en")
def test_a_day_is_one_day_to_all(value, form, language):
    days_agree(value, form, language)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(days, st.sampled_from(FORMS), st.sampled_from(MONTH_LANGUAGES))
def test_five_thousand_days_are_one_day_to_all(value, form, language):
    days_agree(value, form, language)


@settings(max_examples=500, deadline=None)
@given(st.integers(-(10**9), 10**9), money_forms, st.sampled_from(CODES))
@example(-1250, MoneyForm(negative="credit"), "EUR")
@example(12345600, MoneyForm("en_IN", grouped=True), "INR")
@example(123400, MoneyForm("de", grouped=True, whole=True), "EUR")
def test_an_amount_is_one_amount_to_all(cents, form, code):
    amounts_agree(cents, form, code)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(st.integers(-(10**9), 10**9), money_forms, st.sampled_from(CODES))
def test_five_thousand_amounts_are_one_amount_to_all(cents, form, code):
    amounts_agree(cents, form, code)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CODES), st.sampled_from(LOCALES), st.booleans())
def test_a_currency_is_one_currency_to_all(code, locale, symbol):
    currencies_agree(code, locale, symbol)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None)
@given(st.sampled_from(CODES), st.sampled_from(LOCALES), st.booleans())
def test_five_thousand_currencies_are_one_currency_to_all(code, locale, symbol):
    currencies_agree(code, locale, symbol)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SURE_FORMS), st.booleans(), st.booleans())
def test_a_company_is_a_company_to_all(form, dotted, ended):
    companies_agree(form, dotted=dotted, ended=ended)


def days_agree(value, form, language):
    if "WDAY" in form and min(map(len, weekday_names(language)[1])) < 2:
        return  # a single letter is no weekday to anybody
    iso = value.isoformat()
    printed = print_day(iso, form, language)
    shown, whole = day_at_start(printed), whole_day(printed)
    assert shown is not None
    assert whole is not None
    assert value in shown.days
    assert value in day(printed)
    assert same_meaning(iso, printed, "date")
    assert KINDS["date"].begins(printed)
    text = f"Date: {printed}" if printed.isdigit() else f"Am {printed} und"
    found = locate(text, iso, "date")
    assert found.spans, printed
    start, end = found.spans[0]
    assert text[start:end] in printed
    assert is_open_day(iso, form) == (len(whole.days) > 1)
    loud = day_at_start(printed.upper())
    assert loud is not None
    assert value in loud.days
    again = {print_day(iso, one, language) for one in shown.forms}
    assert printed.casefold() in {text.casefold() for text in again}, shown.forms


def amounts_agree(cents, form, code):
    value = f"{'-' * (cents < 0)}{abs(cents) // 100}.{abs(cents) % 100:02}"
    number = print_amount(value, form)
    mark = currency_mark(code, form.locale, form.symbol)
    printed = {"": number, "before": f"{mark} {number}", "after": f"{number} {mark}"}[form.currency]
    assert Decimal(value) in money(printed)
    assert same_meaning(value, printed, "money")
    assert same_meaning(f"{code} {value}", printed, "money")
    found = locate(f"Total: {printed}", value, "money")
    assert found.spans, printed
    whole, shown = whole_amount(printed), amount_at_start(printed)
    assert whole is not None
    assert shown == whole
    assert Decimal(value) in {Decimal(one) for one in (whole.plain, whole.other) if one}
    assert is_open_amount(number) == bool(whole.other)
    seen = shown_form([whole])
    if whole.decimal and whole.group is not None:
        again = MoneyForm(seen.locale, seen.grouped, negative=form.negative, marks=seen.marks)
        assert plain(print_amount(value, again)) == plain(number)
    assert form_of(seen.sample).sample == seen.sample


def currencies_agree(code, locale, symbol):
    mark = currency_mark(code, locale, symbol)
    if len(mark) < 2 and mark.isalpha() and mark.isascii():
        return  # R and K are words as well, and nobody takes them for a currency
    assert code in codes_of(mark)
    assert same_meaning(code, mark, "currency")
    assert locate(f"Currency: {mark}", code, "currency").spans
    assert KINDS["currency"].begins(mark)
    assert locate(f"Total: {mark} 12.50", f"{code} 12.50", "money").spans
    assert not locate(f"Total: {mark} 12.50", "XAG 12.50", "money").spans
    assert whole_amount(f"{mark} 12.50").place == "before"


def companies_agree(form, *, dotted, ended):
    if dotted and form.isupper() and form.isalpha() and len(form) <= 4:
        form = ".".join(form)
    name = f"Acme Tools {form}{'.' * ended}"
    assert kind_of(name) == "company"
    assert KINDS["company"].sure(name)
    assert same_meaning(name, name.upper(), "company")
    assert locate(f"Seller: {name}", name, "company").how == "exact"


def plain(text):
    """A print with one kind of space and of apostrophe."""
    return "".join(" " if letter.isspace() else letter for letter in text).replace("'", "’")


@pytest.mark.parametrize(
    ("printed", "days"),
    [
        ("31.03.69", ["1969-03-31"]),
        ("31.03.68", ["2068-03-31"]),
        ("25/03/31", ["2025-03-31", "2031-03-25"]),
        ("2025. 3. 31", ["2025-03-31"]),
        ("2025. 3. 31.", ["2025-03-31"]),
        ("Mon 31 Mar 2025", ["2025-03-31"]),
        ("Mo., 31. März 2025", ["2025-03-31"]),
        ("31032025", ["2025-03-31"]),  # behind a label, and alone on its line
        ("05032025", ["2025-03-05", "2025-05-03"]),
        ("01/2/2025", ["2025-01-02", "2025-02-01"]),
        ("1/02/2025", ["2025-01-02", "2025-02-01"]),
        ("02/8/31", ["2002-08-31", "2031-02-08", "2031-08-02"]),
        ("3/4/25", ["2025-03-04", "2025-04-03"]),
        ("31 DE MARZO DE 2025", ["2025-03-31"]),
        ("31\u201303\u20132025", ["2025-03-31"]),
        ("31 / 03 / 2025", ["2025-03-31"]),
        ("2025/Mar/31", ["2025-03-31"]),
        ("31.03.2025T10:00", ["2025-03-31"]),
        ("2025. gada 31. marts", ["2025-03-31"]),
        ("5. Jänner 2025", ["2025-01-05"]),
        ("05. Mrz 2025", ["2025-03-05"]),
        ("31 marzec 2025", ["2025-03-31"]),
        ("31 marca 2025", ["2025-03-31"]),
        ("31 maaliskuuta 2025", ["2025-03-31"]),
        ("31 ožujka 2025", []),  # Croatian alone says so, and is not read
        ("3 lipnja 2025", []),
        ("2025年3月31日", ["2025-03-31"]),
        ("31st of March, 2025", ["2025-03-31"]),
        ("31/02/2025", []),
    ],
)
def test_days_of_which_readers_once_disagreed(printed, days):
    values = {date.fromisoformat(one) for one in days}
    assert day(printed) == values
    shown = day_at_start(printed)
    assert (shown.days if shown else set()) == values
    for value in days:
        assert locate(f"Date: {printed}", value, "date").spans
        assert same_meaning(value, printed, "date")
    assert not locate(f"Date: {printed}", "2024-03-31", "date").spans


@pytest.mark.parametrize(
    ("printed", "plain", "kind"),
    [
        ("12.50 CR", "-12.50", "credit"),
        ("12.50CR", "-12.50", "credit"),
        ("12.50 CR $", "-12.50", "credit"),
        ("12.50 CR US$", "-12.50", "credit"),
        ("$ 12.50 CR", "-12.50", "credit"),
        ("— 12.50", "-12.50", "-"),
        ("– 12.50", "-12.50", "-"),
        ("1\u2007234.50", "1234.50", ""),
        ("1\u2009234,50", "1234.50", ""),
        ("1,23,456.00", "123456.00", ""),
        ("Rs. 1,23,456/-", "123456.00", ""),
        ("₪ 12.50", "12.50", ""),
        ("RM 12.50", "12.50", ""),
        ("RM12.50", "12.50", ""),
        ("Rs. 12.50", "12.50", ""),
        ("kr 100,00", "100.00", ""),
        ("100,00 kr", "100.00", ""),
        ("Rp 12.500,00", "12500.00", ""),
        ("12,50 Kč", "12.50", ""),
        ("12,50 zł", "12.50", ""),
        ("R$ 12,50", "12.50", ""),
        ("RM 30.30", "30.30", ""),
        ("$1,234.50 USD", "1234.50", ""),
        ("66,000円", "66000.00", ""),
        ("(12.50) EUR", "-12.50", "brackets"),
        ("EUR (12.50)", "-12.50", "brackets"),
    ],
)
def test_amounts_of_which_readers_once_disagreed(printed, plain, kind):
    assert same_meaning(plain, printed, "money")
    assert same_meaning(printed, plain, "money")
    assert locate(f"Total: {printed}", plain, "money").spans
    shown = amount_at_start(printed)
    assert shown == whole_amount(printed)
    assert (shown.plain, shown.negative) == (plain, kind)
    assert kind_of(printed) == "money"
    answer = Prediction(Case("1", "", {"total": plain}), "m", "", {"total": printed})
    assert categorise(answer, {"total": "money"}) == "other form"
    assert learn_profile([f"Invoice No: A-1\nTotal: {printed}"]).forms["money"]


@pytest.mark.parametrize(
    ("printed", "code", "other"),
    [
        ("kr 100,00", "NOK", "EUR"),
        ("kr 100,00", "SEK", "USD"),
        ("RM 100.00", "MYR", "SGD"),
        ("₪100.00", "ILS", "EUR"),
        ("Rs. 100.00", "INR", "EUR"),
        ("100,00 zł", "PLN", "CZK"),
        ("Euro 100,00", "EUR", "USD"),
        ("US$100.00", "USD", "EUR"),
        ("$100.00", "CAD", "EUR"),
    ],
)
def test_currencies_of_which_readers_once_disagreed(printed, code, other):
    assert locate(f"Total: {printed}", f"{code} 100.00").spans
    assert same_meaning(f"{code} 100.00", printed, "money")
    assert not locate(f"Total: {printed}", f"{other} 100.00").spans
    assert not same_meaning(f"{other} 100.00", printed, "money")


@pytest.mark.parametrize(
    "text",
    [
        "KR87654321012",
        "12 KM",
        "5.90 SR",
        "Le 12 mai",
        "S/12345",
        "B/695433",
        "den 12",
        "K 12",
        "A4 12",
        "Vol. 12",
    ],
)
def test_words_units_and_codes_are_no_currency(text):
    assert kind_of(text) != "money"


@pytest.mark.parametrize(
    "name",
    ["Acme S.A.S.", "Acme SAS", "Acme S.A.", "ACME SDN BHD", "Acme Sdn. Bhd.", "Acme Sp. z o.o.",
     "Acme S.p.A.", "Acme B.V.", "Acme Tools Ltd", "Baker GmbH & Co. KG"],
)  # fmt: skip
def test_companies_of_which_readers_once_disagreed(name):
    assert kind_of(name) == "company"
    assert KINDS["company"].sure(name)


def test_an_amount_under_a_bold_label_is_whole():
    text = "**Total:** 1 842,00 €"
    found = locate(text, "1842.00", "money")
    assert [text[slice(*span)] for span in found.spans] == ["1 842,00"]
    assert not locate(text, "842.00", "money").spans


@pytest.mark.parametrize("answer", ["N/A", "n/a", "none", "None.", "-", "null", "", " ", "(none)"])
def test_an_answer_may_say_in_words_that_there_is_nothing(answer):
    assert states_nothing(answer)
    asked = Case("1", "", {"due": "2025-03-31", "note": None})
    prediction = Prediction(asked, "m", "", {"due": answer, "note": None})
    assert categorise(prediction, {"due": "date"}) == "omitted"
    prediction = Prediction(asked, "m", "", {"due": "2025-03-31", "note": answer})
    assert categorise(prediction, {}) == "other form"


@pytest.mark.parametrize("answer", ["NA-12", "nonesuch", "0", "no", "null GmbH"])
def test_other_answers_say_something(answer):
    assert not states_nothing(answer)


def test_a_truth_in_such_words_is_a_truth():
    prediction = Prediction(Case("1", "", {"note": "None"}), "m", "", {"note": "none"})
    assert categorise(prediction, {}) == "other case or spacing"


@pytest.mark.parametrize("language", MONTH_LANGUAGES)
def test_every_month_and_weekday_of_a_language_is_read(language):
    for names in month_names(language):
        for number, name in enumerate(names, 1):
            assert number in months_of(name.split()[-1].split("’")[-1]), name
    for names in weekday_names(language):
        for number, name in enumerate(names):
            if " " not in name and len(name) > 1:
                value = date(2024, 1, 1 + number)  # a Monday
                assert day(f"{name} {value.isoformat()}") == {value}, name


@pytest.mark.parametrize(
    "answer",
    ["le 31 mars 2025", "Montag, den 31. März 2025", "the 31st of March 2025", "(31.03.2025)",
     '"31.03.2025"', "**31.03.2025**", "31.03.2025;", "31 марта 2025 г.",
     "31 03 2025", "20250331T10:00:00", "31. März 2025, Montag"],
)  # fmt: skip
def test_an_answer_may_dress_a_day(answer):
    assert day(answer) == {date(2025, 3, 31)}
    assert same_meaning("2025-03-31", answer, "date")


@pytest.mark.parametrize(
    "text",
    ["BLZ 31032025", "Tel 31 03 2025", "+49 31 03 2025", "10 mph 2025",
     "IBAN DE12 31032025", "Kundennr. 31032025", "2 31 03 2025 EUR"],
)  # fmt: skip
def test_numbers_that_may_be_anything_are_no_day_without_a_label(text):
    assert not locate(text, "2025-03-31", "date").spans
    assert not KINDS["date"].sure(text.partition(" ")[2])


@pytest.mark.parametrize(
    "text", ["12252025", "25122025", "01 02 2025", "iPhone 15 Pro 2024", "Windows 10 Pro 2021"]
)
def test_what_may_be_a_day_is_not_surely_one(text):
    assert not KINDS["date"].sure(text)
    assert kind_of(text) != "date"
    profile = learn_profile([f"Invoice No: A-1\nTotal: 1.00\n{text}\nCustomer: Bo"])
    assert "date" not in profile.forms


@pytest.mark.parametrize(
    ("answer", "truth"),
    [("US $5", "USD 5.00"), ("5 $ CA", "CAD 5.00"), ("5 (EUR)", "EUR 5.00"), ("(EUR) 5", "5.00"),
     ("EUR - 5", "-5.00"), ("EUR +5", "5.00"), ("5+", "5.00"), ("( 5 )", "-5.00"), ("5 )", None),
     (",50", "0.50"), ("5  EUR", "EUR 5.00"), ("1,234 EUR.", "1234.00"), ("+5.00", "5.00"),
     ("5 KR", "SEK 5.00"), ("5 ZŁ", "PLN 5.00"), ("5 EUROS", "EUR 5.00"), ("RS. 5", "INR 5.00"),
     ("12,50 р.", "RUB 12.50"), ("Bs. 12,50", "BOB 12.50"), ("\u200f1,234.50 \u200f₪", "1234.50"),
     ("١٢٫٥٠", "12.50"), ("0012.50", "12.50"), ("12.5000", "12.50"), ('"12.50"', "12.50"),
     ("Rs 12.50 Cr", None), ("10:30", None), ("12€50", None)],
)  # fmt: skip
def test_an_answer_may_dress_an_amount(answer, truth):
    amounts = money(answer)
    assert bool(amounts) == (truth is not None)
    if truth:
        assert same_meaning(truth, answer, "money")
        assert kind_of(answer) in ("money", "code")


@pytest.mark.parametrize(
    "text",
    ["12.50 uhr", "12.50 Percent", "12.50 mln", "12.50 lakh", "12.50 TEUR", "10.30 am", "12.50٪"],
)
def test_shares_times_and_millions_are_no_amount(text):
    value = text.partition(" ")[0].rstrip("٪")
    assert not locate(f"Total: {text}", value, "money").spans
    assert not same_meaning(value, text, "money")


@pytest.mark.parametrize(
    ("text", "code"),
    [("Mo-Fr 9-18 Uhr", "CHF"), ("Fr. Müller", "CHF"), ("Dallas Ft. Worth", "HUF"),
     ("Room RM 5 here", "MYR"), ("Maile Lei Shop", "RON"), ("EURO pallet", "EUR")],
)  # fmt: skip
def test_words_are_no_currency_in_a_text(text, code):
    assert not locate(text, code, "currency").spans


@pytest.mark.parametrize(
    "text", ["Euro 6 diesel", "Since EURO 2024 here", "Esc. 12 dcha", "at Room RM 12 today"]
)
def test_a_word_before_a_whole_number_makes_no_amount(text):
    number = "".join(filter(str.isdigit, text))
    assert not locate(text, f"{number}.00", "money").spans


def test_a_written_span_with_a_weekday_holds_its_day():
    text = "Date: Wednesday, 27. May 2026"
    assert holds(text, (6, len(text)), "2026-05-27", "date") == "normalised"


@pytest.mark.parametrize("text", ["31.03.2025 " * 40_000, "kr " * 100_000, "1-" * 100_000])
def test_a_long_line_takes_no_more_than_its_length(text):
    assert len(locate(f"{text} AB 123-45", "AB12345").spans) == 1
