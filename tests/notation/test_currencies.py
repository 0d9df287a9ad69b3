# ruff: noqa: RUF001
"""Marks of currencies: beside a number, in a text, and what they can mean."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.notation.figures.currencies import (
    begins_currency,
    beside_amount,
    codes_of,
    currencies_in,
    currency_after,
    currency_before,
    currency_mark,
    currency_places,
    has_currency,
    is_currency,
    is_sure_mark,
    mentions_currency,
    no_amount,
    same_currency,
)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("EUR ", "EUR "),
        ("EUR", "EUR"),
        ("€", "€"),
        ("US$", "US$"),
        ("$CA ", "$CA "),
        ("x EUR ", "EUR "),
        ("xEUR", ""),
        ("aEUR ", ""),
        ("kr ", "kr "),
        ("kr. ", "kr. "),
        ("Rs. ", "Rs. "),
        ("Rs.", "Rs."),
        ("XYZ ", ""),
        ("EUR  ", ""),
        ("a", ""),
        ("", ""),
        ("  ", ""),
        ("TOTALRM", "RM"),
        ("TOTRM", "RM"),
        ("TORM", ""),
        ("abcRM", ""),
        ("CHFEUR", "EUR"),
        ("Total EUR ", "EUR "),
        ("R$", "R$"),
        ("Euro ", "Euro "),
        ("Bs. ", "Bs. "),
        ("K ", ""),
        ("GULDEN ", ""),
        ("AB€", "AB€"),
        ("ABCD€", ""),
        ("Esc. ", "Esc. "),
    ],
)
def test_the_currency_that_a_text_ends_in(text, mark):
    assert text[currency_before(text, len(text)) :] == mark


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("EUR", "EUR"),
        (" EUR", " EUR"),
        ("  EUR", ""),
        ("€x", ""),
        ("EURx", ""),
        ("EUR5", "EUR"),
        ("$CA", "$CA"),
        (" US$ x", " US$"),
        ("kr.", "kr."),
        ("kr.x", "kr"),
        ("XYZ", ""),
        (" x", ""),
        ("", ""),
        ("円x", ""),
        ("zł", "zł"),
        ("Kč,", "Kč"),
    ],
)
def test_the_currency_that_a_text_begins_with(text, mark):
    assert text[: currency_after(text, 0)] == mark


@pytest.mark.parametrize(
    ("mark", "codes"),
    [
        ("kr", "DKK EEK ISK NOK SEK"),
        ("Rs.", "INR LKR MUR PKR SCR"),
        ("£", "EGP FKP GBP GIP SHP SSP"),
        ("us$", "USD"),
        ("eur", "EUR"),
        ("Kr", "DKK EEK ISK NOK SEK"),
        ("zł", "PLN"),
        ("円", "JPY"),
        ("元", "CNY TWD"),
        ("Fr", "CHF"),
        ("bolts", ""),
        ("r", ""),
        ("円x", ""),
        ("", ""),
        ("XAG", "XAG"),
        ("R$", "BRL"),
        ("€", "EUR"),
        ("Bs", "BOB VED VEF VES"),
    ],
)
def test_the_codes_that_a_mark_can_mean(mark, codes):
    assert " ".join(sorted(codes_of(mark))) == codes


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("US$", "USD"),
        ("$ USD", "USD"),
        ("EUR USD", "EUR USD"),
        ("EUR", "EUR"),
        ("x", ""),
        ("", ""),
        ("£ EUR", "EGP EUR FKP GBP GIP SHP SSP"),
        ("SEK kr", "SEK"),
        ("NOK, kr", "NOK"),
        ("Bs.S", "VES"),
    ],
)
def test_marks_of_a_text_mean_what_they_share(text, codes):
    assert " ".join(sorted(currencies_in(text))) == codes


@pytest.mark.parametrize("text", ["€", "US$", "EUR", " EUR "])
def test_a_sign_or_a_code_is_surely_a_currency(text):
    assert is_sure_mark(text)


@pytest.mark.parametrize("text", ["Euro", "kr", "XYZ", "", "EUR 5"])
def test_a_word_is_not_surely_a_currency(text):
    assert not is_sure_mark(text)


@pytest.mark.parametrize(
    "text",
    [
        "‰",
        " per cent",
        " percent",
        "pct",
        "PCT",
        " mio",
        " Mio.",
        "mrd",
        " millions",
        " million",
        " lakh",
        "crore",
        " uhr",
        " Uhr",
        " am",
        " pm",
        " TEUR",
        "T€",
        " bn",
    ],
)
def test_shares_times_and_millions_are_told(text):
    assert no_amount(text, 0)


@pytest.mark.parametrize("text", [" millionx", "am", " PM", "x", ""])
def test_other_words_behind_a_number_leave_it_an_amount(text):
    assert not no_amount(text, 0)


@pytest.mark.parametrize("text", ["EUR", " EUR:", "(€)", "", "-- ", "(kr.)"])
def test_a_text_may_be_nothing_but_a_currency_and_marks(text):
    assert beside_amount(text)


@pytest.mark.parametrize("text", ["XYZ", "EUR USD", "x", "5"])
def test_a_text_may_be_more_than_a_currency(text):
    assert not beside_amount(text)


@pytest.mark.parametrize("text", ["EUR", "€", "kr.", "kr", "US$", "euros"])
def test_a_text_may_be_one_mark(text):
    assert is_currency(text)


@pytest.mark.parametrize("text", ["XYZ", " EUR", "5", ""])
def test_a_text_may_be_no_mark(text):
    assert not is_currency(text)


@pytest.mark.parametrize("text", ["a EUR b", "5€", "XYZ EUR", "Euro"])
def test_a_text_may_mention_a_currency(text):
    assert mentions_currency(text)


@pytest.mark.parametrize("text", ["XYZ", "none"])
def test_a_text_may_mention_none(text):
    assert not mentions_currency(text)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("EUR 5", 3),
        ("EUR", 3),
        ("€5", 1),
        ("XYZ", 0),
        ("x EUR", 0),
        ("", 0),
        ("kr. 5", 3),
    ],
)
def test_a_mark_that_a_text_begins_with_has_an_end(text, end):
    assert begins_currency(text) == end


@pytest.mark.parametrize(
    ("text", "value", "same"),
    [
        ("5 EUR", "EUR", True),
        ("5 EUR", "USD", False),
        ("EUR 5", "EUR 9", True),
        ("5", "EUR", True),
        ("5 EUR", "9", True),
        ("$5", "CAD", True),
        ("$5", "EUR", False),
        ("EUR 5 x", "USD", False),
        ("x 5 USD", "USD", True),
    ],
)
def test_an_amount_is_in_the_currency_of_a_value_or_one_names_none(text, value, same):
    at = text.index("5")
    assert same_currency(text, (at, at + 1), value) is same


@pytest.mark.parametrize(
    ("text", "code", "places"),
    [
        ("Total 5 €", "EUR", ["€"]),
        ("EUR 5, € 6", "EUR", ["€"]),
        ("EUR only", "EUR", []),
        ("5.00 euros", "EUR", ["euros"]),
        ("ten euros", "EUR", ["euros"]),
        ("a euro", "EUR", []),
        ("one euro", "EUR", ["euro"]),
        ("an euros", "EUR", []),
        ("un euro", "EUR", []),
        ("two us dollars", "USD", ["dollars"]),
        ("5 us dollars", "USD", ["dollars"]),
        ("5 dollars", "EUR", []),
        ("five dollars", "CAD", ["dollars"]),
        ("the dollars", "USD", []),
        ("zero dollars", "USD", ["dollars"]),
        ("5 dollarsx", "USD", []),
        ("5 Franken", "CHF", ["Franken"]),
        ("Fr. 5.00", "CHF", ["Fr."]),
        ("5 Fr.", "CHF", []),
        ("5 Fr", "CHF", []),
        ("5.50 Fr", "CHF", ["Fr"]),
        ("Mo-Fr 5", "CHF", []),
        ("Fr. 5", "CHF", []),
        ("in kr", "SEK", ["kr"]),
        ("in kr.", "SEK", ["kr."]),
        ("a kr", "SEK", []),
        ("(kr)", "SEK", ["kr"]),
        ("Preis: kr", "SEK", ["kr"]),
        ("kr", "SEK", ["kr"]),
        ("kr\n", "SEK", ["kr"]),
        ("kr | x", "SEK", ["kr"]),
        ("x  kr  y", "SEK", ["kr"]),
        ("x kr y", "SEK", []),
        ("kr x", "SEK", []),
        ("5 kr x", "SEK", ["kr"]),
        ("12345678901 kr x", "SEK", ["kr"]),
        ("123456789012 kr x", "SEK", []),
        ("A-5 kr x", "SEK", []),
        ("5,50 kr x", "SEK", ["kr"]),
        ("1.500 kr x", "SEK", ["kr"]),
        ("kr 5 x", "SEK", []),
        ("kr 5.50 x", "SEK", ["kr"]),
        ("kr 5.5 x", "SEK", []),
        ("kr 1.234,567 x", "SEK", ["kr"]),
        ("Ft 5,00 x", "HUF", ["Ft"]),
        ("5 Ft x", "HUF", []),
        ("5 Ft", "HUF", []),
        ("5,00 Ft x", "HUF", ["Ft"]),
        ("50,00 Ft x", "HUF", ["Ft"]),
        ("x en kr, y", "SEK", []),
        ("x en kr. Y", "SEK", []),
        ("men kr. Y", "SEK", []),
        ("$ 5", "CAD", ["$"]),
        ("US$ 5", "CAD", []),
        ("US$ and $", "USD", ["US$", "$"]),
        ("EUR und Euro", "EUR", []),
        ("5 Euro", "EUR", ["Euro"]),
        ("5 Euro x", "EUR", ["Euro"]),
        ("Euro x", "EUR", []),
        ("kr.", "SEK", ["kr."]),
        ("tot kr) y", "SEK", []),
        ("x\tkr\ty", "SEK", ["kr"]),
        ("=kr", "SEK", ["kr"]),
        ("=  kr", "SEK", ["kr"]),
        ("x = kr; y", "SEK", ["kr"]),
        ("x = kr;y", "SEK", []),
    ],
)
def test_where_a_text_has_a_currency_in_another_print(text, code, places):
    assert [text[slice(*span)] for span in currency_places(text, code)] == places


@pytest.mark.parametrize(
    ("code", "locale", "symbol", "mark"),
    [
        ("EUR", "de", True, "€"),
        ("EUR", "de", False, "EUR"),
        ("SEK", "sv", True, "kr"),
        ("XAG", "en", True, "XAG"),
        ("USD", "en", True, "$"),
    ],
)
def test_a_currency_is_printed_as_a_symbol_or_a_code(code, locale, symbol, mark):
    assert currency_mark(code, locale, symbol) == mark


@pytest.mark.parametrize(
    ("text", "span", "has"),
    [("5", (0, 1), False), ("a5", (0, 2), True), ("€5", (0, 2), True), ("a5€", (1, 2), False),
     ("5.50-", (0, 5), False)],
)  # fmt: skip
def test_a_letter_or_a_sign_may_stand_in_a_part(text, span, has):
    assert has_currency(text, span) is has


def test_a_bare_sign_is_that_of_any_currency_with_it():
    assert {"USD", "CAD", "AUD", "BRL", "TWD"} <= codes_of("$")
    assert codes_of("A$") == {"AUD"}
