# ruff: noqa: RUF001
"""Quantities, durations and percentages: which number of which unit stands where."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.notation.figures.quantities import (
    quantities_like,
    unit_of,
    whole_quantity,
)
from pytest_slm_autopsy.notation.figures.spelled import (
    counted_in,
    numbers_in_words,
    percentages_in,
    same_duration,
    whole_counted,
)


@pytest.mark.parametrize(
    ("text", "numbers", "unit"),
    [
        ("159", "159.00", ""),
        ("STK 159,0000", "159.00", "piece"),
        ("2,5 kg", "2.50", "kg"),
        ("12 h", "12.00", "hour"),
        ("12h", "12.00", "hour"),
        ("Stk. 5", "5.00", "piece"),
        ("5 x", "5.00", ""),
        ("5x", "5.00", ""),
        ("5×", "5.00", ""),
        ("5 stk.", "5.00", "piece"),
        ("5 m²", "5.00", "m2"),
        ("5 m2", "5.00", "m2"),
        ("5 sqm", "5.00", "m2"),
        ("1.234", "1.234 1234.00", ""),
        ("1.234 kg", "1.234 1234.00", "kg"),
        ("1,5", "1.50", ""),
        ("1 234", "1234.00", ""),
        ("5 t", "5.00", "t"),
        ("5 g", "5.00", "g"),
        ("5 l", "5.00", "l"),
        ("5 m", "5.00", "m"),
        ("5 pieces", "5.00", "piece"),
        ("PCS 3", "3.00", "piece"),
        (" 5 kg ", "5.00", "kg"),
        ("５ kg", "5.00", "kg"),
        ("5 h", "5.00", "hour"),
        ("ea 5", "5.00", "piece"),
        ("0,50", "0.50", ""),
        ("007", "7.00", ""),
        ("5 lb", "5.00", "lb"),
        ("each 12", "12.00", "piece"),
    ],
)
def test_a_text_is_a_number_of_a_unit(text, numbers, unit):
    found = whole_quantity(text)
    assert " ".join(sorted(map(str, found.numbers))) == numbers
    assert found.unit == unit
    assert found.span == (0, len(text.strip()))


@pytest.mark.parametrize(
    "text",
    [
        "two",
        "M 8",
        "kg 5",
        "Stk 5 Stk",
        "Qty 5",
        "5 foo",
        "5 days",
        "5 month",
        "5 %",
        "5 z",
        "1.2.3",
        "",
        "-5",
        "5 kg kg",
        "5 00000",
    ],
)
def test_a_text_is_no_quantity(text):
    assert whole_quantity(text) is None


@pytest.mark.parametrize(("length", "read"), [(40, True), (41, False)])
def test_a_quantity_has_forty_characters_at_most(length, read):
    assert bool(whole_quantity("1" * length)) is read


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("5 kg", "5", True),
        ("5", "5 kg", True),
        ("5 kg", "5,0 kilos", True),
        ("5 kg", "5 g", False),
        ("5 kg", "6 kg", False),
        ("1.234", "1234", True),
        ("5", "6", False),
    ],
)
def test_quantities_are_the_same_where_number_and_unit_may_be(one, other, same):
    assert whole_quantity(one).same(whole_quantity(other)) is same


@pytest.mark.parametrize(
    ("word", "unit"),
    [("kg", "kg"), ("KGS", "kg"), ("Stück", "piece"), ("h", "hour"), ("g", "g"), ("l", "l"),
     ("m", "m"), ("t", "t"), ("d", ""), ("s", ""), ("day", ""), ("k", ""), ("p", ""),
     ("percent", ""), ("foo", "")],
)  # fmt: skip
def test_a_word_may_name_a_unit(word, unit):
    assert unit_of(word) == unit


@pytest.mark.parametrize(
    ("text", "value", "places"),
    [
        ("a 5 kg b", "5", [(2, 3)]),
        ("a 5 kg b", "5 kg", [(2, 3)]),
        ("a 5 kg b", "5 g", []),
        ("5 EUR", "5", []),
        ("EUR 5", "5", []),
        ("a 5 b", "5", [(2, 3)]),
        ("a5", "5", []),
        ("#5", "5", []),
        ("5/6", "5", []),
        ("_5", "5", []),
        ("-5", "5", []),
        ("5%", "5", []),
        ("5 Stk, 5 EUR, 5", "5", [(0, 1)]),
        ("5 and 5 kg", "5", [(6, 7)]),
        ("Qty: 5\n5 x", "5", [(7, 8)]),
        ("Qty: 5", "5", [(5, 6)]),
        ("g 5, 5 b", "5", [(2, 3), (5, 6)]),
        ("Qty: 5 x", "5", [(5, 6)]),
        ("Qty  5", "5", [(5, 6)]),
        ("5:30", "5", []),
        ("5.5", "5", []),
        ("5,0 x", "5", [(0, 3)]),
        ("5,000", "5", [(0, 5)]),
        ("5,000", "5000", [(0, 5)]),
        ("5-a", "5", []),
        ("5'6", "5", []),
        ("5kg", "5", [(0, 1)]),
        ("5kgs", "5", [(0, 1)]),
        ("5foo", "5", []),
        ("5x3", "5", [(0, 1)]),
        ("5x 3", "5", [(0, 1)]),
        ("5 x 3", "5", [(0, 1)]),
        ("5 x", "5", [(0, 1)]),
        ("Stk 5", "5", [(4, 5)]),
        ("Stk: 5", "5", [(5, 6)]),
        ("Stk.: 5", "5", [(6, 7)]),
        ("Stk5", "5", [(3, 4)]),
        ("g 5", "5", [(2, 3)]),
        ("kg 5", "5", [(3, 4)]),
        ("m 5", "5", [(2, 3)]),
        ("foo5", "5", []),
        ("2 125.00", "2", [(0, 1)]),
        ("2 125.00", "125", []),
        ("2 125,00", "2", []),
        ("Total: 2 125,00", "2", []),
        ("x 2 125", "2", [(2, 3)]),
        ("x 2 125", "2125", [(2, 7)]),
        ("Menge: 2 125", "2125", [(7, 12)]),
        ("Menge: 2 125", "2", []),
        ("12345", "345", []),
        ("5 kg EUR", "5", [(0, 1)]),
        ("5 pcs EUR", "5", [(0, 1)]),
        ("5 EUR/kg", "5", []),
        ("5 Euro", "5", []),
        ("5 h", "5", [(0, 1)]),
        ("5 h", "5 std", [(0, 1)]),
        ("5 hours", "5 h", [(0, 1)]),
        ("12 345.5", "12", [(0, 2)]),
        ("0.5 kg", "0,5 kg", [(0, 3)]),
        ("5 m² x", "5 m2", [(0, 1)]),
        ("5 m2 x", "5", [(0, 1)]),
        ("5m² x", "5", [(0, 1)]),
        ("stueckzahl 5", "5", [(11, 12)]),
        ("stück      5", "5", [(11, 12)]),
        ("stück    :    5", "5", [(14, 15)]),
        ("stück     :5", "5", [(11, 12)]),
        ("5 m", "5 m", [(0, 1)]),
        ("5   kg", "5", [(0, 1)]),
        ("5  kg", "5", [(0, 1)]),
        ("5.", "5", [(0, 1)]),
        ("5,", "5", [(0, 1)]),
        ("5)", "5", [(0, 1)]),
        ("5_", "5", []),
        ("5‰", "5", []),
        ("5/", "5", []),
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 5", "5", [(31, 32)]),
        ("stück                  5", "5", [(23, 24)]),
        ("5 kg", "5", [(0, 1)]),
        ("kg 5 EUR", "5", []),
        ("Menge 5 12 345,00 €", "5", [(6, 7)]),
        ("x-5", "5", []),
        ("a 5 b", "15", []),
        ("a 15 b", "5", []),
        ("5 pcs. x", "5", [(0, 1)]),
        ("5 m3", "5 cbm", [(0, 1)]),
        ("１２ kg", "12", [(0, 2)]),
        ("5 h, 5 kg, 5", "5 kg", [(5, 6)]),
        ("Nr: 5 und 5 h", "5", [(4, 5), (10, 11)]),
        ("x 5 EUR", "5", []),
        ("5 und 5 EUR", "5", [(0, 1)]),
        ("b 5 kg and 5 g", "5 kg", [(2, 3)]),
        ("zwei 5", "zwei", []),
    ],
)
def test_where_a_text_has_a_quantity(text, value, places):
    assert quantities_like(text, value) == places


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("for three (3) years", [("three (3) years", "3", "year")]),
        ("5 percent", [("5 percent", "5", "percent")]),
        ("5 Prozent", [("5 Prozent", "5", "percent")]),
        ("5 per  cent", [("5 per  cent", "5", "percent")]),
        ("30 days", [("30 days", "30", "day")]),
        ("30-day", [("30-day", "30", "day")]),
        ("30 - day", [("30 - day", "30", "day")]),
        ("thirty days", [("thirty days", "30", "day")]),
        ("thirty (30) days", [("thirty (30) days", "30", "day")]),
        ("(30) days", [("(30) days", "30", "day")]),
        ("x (30) days", [("(30) days", "30", "day")]),
        ("twenty-one days", [("twenty-one days", "21", "day")]),
        ("twenty one days", [("twenty one days", "21", "day")]),
        ("one hundred days", [("one hundred days", "100", "day")]),
        ("hundred and five days", []),
        ("two hundred five days", []),
        ("sto pět dni", []),
        ("five hundred percent", []),
        ("1.5 years", [("1.5 years", "3/2", "year")]),
        ("1,25 years", [("1,25 years", "5/4", "year")]),
        ("1,255 years", []),
        ("1234 days", []),
        ("999 days", [("999 days", "999", "day")]),
        ("A30 days", []),
        ("5.30 days", [("5.30 days", "53/10", "day")]),
        ("-30 days", []),
        ("- 30 days", [("30 days", "30", "day")]),
        ("six months", [("six months", "6", "month")]),
        ("six [6] months", [("six [6] months", "6", "month")]),
        ("six ( six ) months", [("six ( six ) months", "6", "month")]),
        ("no days", []),
        ("days", []),
        ("a month", [("a month", "1", "month")]),
        ("an month", [("an month", "1", "month")]),
        ("ein Jahr", [("ein Jahr", "1", "year")]),
        ("12 Monate", [("12 Monate", "12", "month")]),
        ("zwei Jahren", [("zwei Jahren", "2", "year")]),
        ("3 calendar days", [("3 calendar days", "3", "day")]),
        ("3 business days", [("3 business days", "3", "business day")]),
        ("3 jours ouvrés", [("3 jours ouvrés", "3", "business day")]),
        ("3 Werktage", [("3 Werktage", "3", "business day")]),
        ("3 quarters", [("3 quarters", "3", "quarter")]),
        ("3 weeks", [("3 weeks", "3", "week")]),
        ("3 day", [("3 day", "3", "day")]),
        ("3 d", []),
        ("3 %", []),
        ("4x days", []),
        ("30 daysx", []),
        ("30 days5", []),
        ("30\ndays", [("30\ndays", "30", "day")]),
        ("seven hundred years", []),
        ("a hundred days", []),
        ("the next five days", [("five days", "5", "day")]),
        ("over the next five days", [("five days", "5", "day")]),
        ("maybe the very next twenty five days", [("twenty five days", "25", "day")]),
        (
            "w w w w w w w w w w w w w w w w w w w w w w w w w w w w w w five days",
            [("five days", "5", "day")],
        ),
        ("foo-five days", [("five days", "5", "day")]),
        ("thousand two days", []),
        ("two thousand and two days", []),
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 30 days", [("30 days", "30", "day")]),
        (
            "one                                  days",
            [("one                                  days", "1", "day")],
        ),
        (" five percent", [("five percent", "5", "percent")]),
        ("für dreißig (30) Tage", [("dreißig (30) Tage", "30", "day")]),
        ("in 5 Jahren", [("5 Jahren", "5", "year")]),
        ("five-and-twenty days", []),
        ("three hundred (300) days", [("three hundred (300) days", "300", "day")]),
        ("one two three four five days", [("five days", "5", "day")]),
        ("(thirty) days", []),
        ("[30] days", [("[30] days", "30", "day")]),
        ("ten million days", []),
        ("(5) percent", [("(5) percent", "5", "percent")]),
        ("ﬁve days", [("ﬁve days", "5", "day")]),
        ("30 cafédays", []),
    ],
)
def test_units_that_a_text_counts(text, found):
    shown = [(text[slice(*one.span)], str(one.number), one.unit) for one in counted_in(text)]
    assert shown == found


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("30 days", "30", "day"),
        (" 30 days.", "30", "day"),
        ("30 days, 5 days", "", ""),
        ("x 30 days", "", ""),
        ("", "", ""),
        ("five percent", "5", "percent"),
        (".", "", ""),
        ("three (3) years", "3", "year"),
    ],
)
def test_a_text_may_be_one_count_and_nothing_else(text, number, unit):
    found = whole_counted(text)
    assert (str(found.number) if found else "") == number
    assert (found.unit if found else "") == unit


@pytest.mark.parametrize(("gap", "found"), [(38, True), (39, False)])
def test_a_number_begins_forty_characters_before_its_unit_at_most(gap, found):
    assert bool(counted_in("30" + " " * gap + "days")) is found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("24 months", "2 years", True),
        ("30 days", "1 month", False),
        ("14 days", "2 weeks", True),
        ("1 quarter", "3 months", True),
        ("5 percent", "5 days", False),
        ("5 percent", "5 percent", True),
        ("4 quarters", "1 year", True),
        ("5 business days", "5 days", False),
        ("7 days", "1 week", True),
        ("8 days", "1 week", False),
        ("1 day", "1 day", True),
        ("2 business days", "2 Werktage", True),
    ],
)
def test_durations_are_the_same_where_they_are_equally_long(one, other, same):
    assert same_duration(whole_counted(one), whole_counted(other)) is same


@pytest.mark.parametrize(
    ("text", "found"),
    [("5 percent and 5 days", ["5 percent"]), ("5 days", []), ("5%", []), ("percent", []),
     ("5 Prozent, six per cent", ["5 Prozent", "six per cent"])],
)  # fmt: skip
def test_percentages_in_words(text, found):
    assert [text[slice(*one.span)] for one in percentages_in(text)] == found


@pytest.mark.parametrize(
    ("word", "number"),
    [("zero", 0), ("one", 1), ("a", 1), ("dwa", 2), ("zwo", 2), ("trzech", 3), ("hundred", None),
     ("one hundred", 100), ("quatre vingt dix neuf", 99), ("einundzwanzig", 21), ("en", 1)],
)  # fmt: skip
def test_words_of_numbers(word, number):
    assert numbers_in_words().get(word) == number
