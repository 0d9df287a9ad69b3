# ruff: noqa: RUF001
"""Prints are compared as meant: money by value, dates by day, whatever their form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.measures.kinds import known_kinds
from pytest_slm_autopsy.notation.dates.day_forms import DATE_FORMS, print_day
from pytest_slm_autopsy.notation.figures.currencies import currency_mark
from pytest_slm_autopsy.notation.figures.money_forms import MONEY_LOCALES, MoneyForm, print_amount
from pytest_slm_autopsy.notation.kinds import KINDS
from pytest_slm_autopsy.notation.languages import LANGUAGES
from pytest_slm_autopsy.notation.meaning import day, money, same_meaning
from pytest_slm_autopsy.records import Case, Prediction

amounts = st.decimals(-99_999_999, 99_999_999, places=2).map(lambda n: f"{n:.2f}")
forms = st.builds(
    MoneyForm,
    locale=st.sampled_from([locale for locale, _ in MONEY_LOCALES]),
    grouped=st.booleans(),
    negative=st.sampled_from(["-", "trailing", "brackets"]),
    whole=st.booleans(),
)
dates = st.dates(date(1970, 1, 1), date(2068, 12, 31)).map(date.isoformat)


@given(amounts, forms, st.sampled_from(["EUR", "USD", "PLN", "CHF"]), st.booleans(), st.booleans())
def test_every_printed_amount_can_mean_its_value(amount, form, code, symbol, before):
    printed = print_amount(amount, form)
    mark = currency_mark(code, form.locale, symbol)
    for text in (printed, f"{mark} {printed}" if before else f"{printed} {mark}"):
        assert Decimal(amount) in money(text)
        assert same_meaning(amount, text, "money")


@given(dates, st.sampled_from([form for form, _ in DATE_FORMS]), st.sampled_from(LANGUAGES))
def test_every_printed_date_can_mean_its_day(value, form, language):
    printed = print_day(value, form, language)
    assert date.fromisoformat(value) in day(printed)
    assert same_meaning(value, printed, "date")


@given(st.text())
def test_any_text_can_be_asked_and_means_itself(text):
    assert len(money(text)) <= 2
    assert len(day(text)) <= 3
    assert all(same_meaning(text, text, kind) for kind in KINDS)


@given(st.text(), st.text(), st.sampled_from(sorted(KINDS)))
def test_meaning_the_same_has_no_direction(one, other, kind):
    assert same_meaning(one, other, kind) == same_meaning(other, one, kind)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1.234", ["1.234", "1234"]),
        ("0.234", ["0.234"]),
        ("1.234.567", ["1234567"]),
        ("1 234,50 €", ["1234.50"]),
        ("CHF 1'234.-", ["1234"]),
        ("100.–", ["100"]),
        ("(5.00)", ["-5"]),
        ("€ 5,00-", ["-5"]),
        ("−5", ["-5"]),
        ("+5", ["5"]),
        (".50", ["0.50"]),
        ("１２．５０", ["12.50"]),
        ("CA$5", ["5"]),
        ("5 bolts", []),
        ("12 34", []),
        ("31.03.2025", []),
        ("1,23", ["1.23"]),
        ("--5", []),
        ("EUR", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_an_amount_can_mean(text, values):
    assert money(text) == {Decimal(value) for value in values}


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("03/04/2025", ["2025-03-04", "2025-04-03"]),
        ("03.04.2025", ["2025-04-03"]),
        ("13/04/2025", ["2025-04-13"]),
        ("20250331", ["2025-03-31"]),
        ("31.03.25", ["2025-03-31"]),
        ("1.1.69", ["1969-01-01"]),
        ("3. März 2025", ["2025-03-03"]),
        ("Monday, 3 March 2025", ["2025-03-03"]),
        ("1er août 2025", ["2025-08-01"]),
        ("3 de marzo de 2025", ["2025-03-03"]),
        ("3 Sept. 2025", ["2025-09-03"]),
        ("2025年3月31日", ["2025-03-31"]),
        ("2025-03-31T10:00:00Z", ["2025-03-31"]),
        ("2025-02-30", []),
        ("31 Foo 2025", []),
        ("1234.50", []),
        ("", []),
    ],
)
def test_what_a_date_can_mean(text, days):
    assert day(text) == {date.fromisoformat(one) for one in days}


@pytest.mark.parametrize(
    ("truth", "answer", "kind"),
    [
        ("ASC", " asc", "text"),
        ("30 days  net", "30 Days net", "text"),
        ("5 €", "5.00 EUR", "money"),
        ("5 $", "5 CAD", "money"),
        ("5", "5 EUR", "money"),
        ("19 %", "19,0%", "percentage"),
        ("€", "EUR", "currency"),
        ("03/04/2025", "03-04-2025", "date"),
        ("03/04/2025", "2025-03-04", "date"),
        (None, None, "money"),
        ([{"n": "1.50"}], [{"n": "1,50 €"}], "items"),
        ([], [], "items"),
    ],
)
def test_the_same_meaning(truth, answer, kind):
    assert same_meaning(truth, answer, kind)


@pytest.mark.parametrize(
    ("truth", "answer", "kind"),
    [
        ("1234.50", "1,234.50", "text"),
        ("5 EUR", "5 USD", "money"),
        ("5", "-5", "money"),
        ("5", "five", "money"),
        ("19%", "0.19", "percentage"),
        ("03/04/2025", "04/03/2025", "date"),
        ("2025-03-04", "2025-03-05", "date"),
        ("bolts", "nuts", "currency"),
        (None, "", "text"),
        ("x", None, "text"),
        ("1", [{"n": "1"}], "items"),
        ([{"n": "1"}], [{"m": "1"}], "items"),
        ([{"n": "1"}], [], "items"),
        ([{"n": "A1"}], [{"n": "B1"}], "items"),
    ],
)
def test_another_meaning(truth, answer, kind):
    assert not same_meaning(truth, answer, kind)


def test_kinds_that_cannot_be_meant_are_refused():
    asked = [Prediction(Case("1", "", {"total": "9"}), "m", "", None)]
    assert known_kinds(None, asked) == {}
    assert known_kinds({"total": "money"}, asked) == {"total": "money"}
    with pytest.raises(ConfigError, match="unknown kind 'mony'; did you mean 'money'"):
        known_kinds({"total": "mony"}, asked)
    with pytest.raises(ConfigError, match="no case asks for the field 'totl'; did you mean 'tota"):
        known_kinds({"totl": "money"}, asked)
