# ruff: noqa: RUF001
"""What a print of a day may be, in which form it stands, and what is no day at all."""

from __future__ import annotations

from datetime import date

import pytest

from pytest_slm_autopsy.notation.dates.day_forms import (
    DATE_FORMS,
    is_sure_month,
    is_weekday,
    month_names,
    months_of,
    print_day,
    tells_order,
    weekday_names,
    weekday_width,
)
from pytest_slm_autopsy.notation.dates.day_shapes import ORDINALS
from pytest_slm_autopsy.notation.dates.days import (
    day_at_start,
    day_starts,
    days_in,
    days_like,
    is_open_day,
    whole_day,
)
from pytest_slm_autopsy.notation.dates.orders import date_of, order_of, order_of_pile, readings_of


@pytest.mark.parametrize(
    ("printed", "readings", "forms"),
    [
        ("31 March 2025", "dmy 2025-03-31", ["D MONTH YYYY"]),
        ("03 March 2025", "dmy 2025-03-03", ["DD MONTH YYYY"]),
        ("1 May 25", "dmy 2025-05-01", ["D MON YY", "D MONTH YY"]),
        ("03 Mar 2025", "dmy 2025-03-03", ["DD MON YYYY"]),
        ("3 mar 2025", "dmy 2025-03-03", ["D MON YYYY"]),
        ("10 Mar 2025", "dmy 2025-03-10", ["DD MON YYYY"]),
        ("10 March 2025", "dmy 2025-03-10", ["D MONTH YYYY"]),
        ("Mar 10, 2025", "dmy 2025-03-10", ["MON D, YYYY"]),
        ("Mar 03, 2025", "dmy 2025-03-03", ["MON DD, YYYY"]),
        ("March 3 '25", "dmy 2025-03-03", ["MONTH D 'YY"]),
        ("2025-Mar-10", "ymd 2025-03-10", ["YYYY-MON-DD"]),
        ("2025-Mar-1", "ymd 2025-03-01", ["YYYY-MON-D"]),
        ("2025. gada 31. marts", "ymd 2025-03-31", ["YYYY. gada DD. MON", "YYYY. gada D. MONTH"]),
        ("31st March 2025", "dmy 2025-03-31", ["another form"]),
        ("10 iul. 2025", "dmy 2025-07-10", ["DD MON. YYYY"]),
        ("20250331", "ymd 2025-03-31", ["YYYYMMDD"]),
        ("12112025", "dmy 2025-11-12, mdy 2025-12-11", ["DDMMYYYY", "MMDDYYYY"]),
        ("20251211", "ymd 2025-12-11", ["YYYYMMDD"]),
        ("05032025", "dmy 2025-03-05, mdy 2025-05-03", ["DDMMYYYY", "MMDDYYYY"]),
        ("19121905", "dmy 1905-12-19", ["DDMMYYYY"]),
        ("19001231", "ymd 1900-12-31", ["YYYYMMDD"]),
        ("20991231", "ymd 2099-12-31", ["YYYYMMDD"]),
        ("20112012", "dmy 2012-11-20", ["DDMMYYYY"]),
        ("10/3/2025", "dmy 2025-03-10, mdy 2025-10-03", ["D/M/YYYY", "M/D/YYYY"]),
        ("10/03/2025", "dmy 2025-03-10, mdy 2025-10-03", ["DD/MM/YYYY", "MM/DD/YYYY"]),
        ("01/2/2025", "dmy 2025-02-01, mdy 2025-01-02", ["DD/M/YYYY", "MM/D/YYYY"]),
        ("12/12/2025", "dmy 2025-12-12, mdy 2025-12-12", ["DD/MM/YYYY", "MM/DD/YYYY"]),
        ("12/13/2025", "mdy 2025-12-13", ["MM/DD/YYYY"]),
        ("13/12/2025", "dmy 2025-12-13", ["DD/MM/YYYY"]),
        ("2025/3/10", "ymd 2025-03-10", ["YYYY/M/D"]),
        ("25/03/31", "dmy 2031-03-25, ymd 2025-03-31", ["DD/MM/YY", "YY/MM/DD"]),
        ("3/4/25", "dmy 2025-04-03, mdy 2025-03-04", ["D/M/YY", "M/D/YY"]),
        ("03.04.25", "dmy 2025-04-03", ["DD.MM.YY"]),
        ("3 DE MARZO DE 2025", "dmy 2025-03-03", ["D {DE} MONTH {DE} YYYY"]),
        ("Mon, 3 Mar 2025", "dmy 2025-03-03", ["WDAY, D MON YYYY"]),
        ("Monday 3 Mar 2025", "dmy 2025-03-03", ["WEEKDAY D MON YYYY"]),
        ("Mo., 03.03.2025", "dmy 2025-03-03", ["WDAY., DD.MM.YYYY"]),
        ("lun. 3 mars 2025", "dmy 2025-03-03", ["WDAY. D MON YYYY", "WDAY. D MONTH YYYY"]),
        ("30 Sept 2025", "dmy 2025-09-30", ["DD MON YYYY"]),
        ("30 Septem 2025", "dmy 2025-09-30", ["D MONTH YYYY"]),
        ("3 Apri 2025", "dmy 2025-04-03", ["D MON YYYY"]),
        ("3 listopada 2025", "dmy 2025-11-03", ["D MONTH YYYY"]),
        ("1.1.2100", "dmy 2100-01-01", ["D.M.YYYY"]),
        ("31 / 03 / 2025", "dmy 2025-03-31", ["DD / MM / YYYY"]),
        ("31 . 03 . 2025", "dmy 2025-03-31", ["DD . MM . YYYY"]),
        ("31 03 2025", "dmy 2025-03-31", ["DD MM YYYY"]),
        ("MARCH31,2025", "dmy 2025-03-31", ["MONTHD,YYYY"]),
        ("first day of May, 2025", "dmy 2025-05-01", ["another form"]),
        ("le premier mai 2025", "dmy 2025-05-01", ["another form"]),
        ("twenty-first of May 2025", "dmy 2025-05-21", ["another form"]),
        ("Thirty-First of May, 2025", "dmy 2025-05-31", ["another form"]),
        ("tenth May 2025", "dmy 2025-05-10", ["another form"]),
        ("nineteenth May 2025", "dmy 2025-05-19", ["another form"]),
        ("31.03.2025T10:00:00", "dmy 2025-03-31", ["DD.MM.YYYY"]),
        ("2025-03-31, 10:00 pm", "ymd 2025-03-31", ["YYYY-MM-DD"]),
    ],
)
def test_what_a_print_is_and_the_forms_that_print_it_so(printed, readings, forms):
    found = whole_day(printed)
    shown = [f"{order} {day}" for order, day in found.readings.items()]
    assert shown == readings.split(", ")
    assert list(found.forms) == forms
    assert found.days == set(found.readings.values())


@pytest.mark.parametrize(
    "printed",
    ["31 Sept 2025", "31 Mä 2025", "3 Ju 2025", "3 Ma 2025", "3 Foo 2025", "29.02.2025", "0.1.2025",
     "1.0.2025", "1.13.2025", "32.1.2025", "13/13/2025", "2025-13-01", "2025-12-32", "18991231",
     "21001231", "20250230", "31132025", "3 4 25", "1.2", "2025", "second May", "31.03.2025 foo",
     "31-03/2025", "May 32, 2025", "thirty-second of May 2025", "Foo 03/04/2025", "",
     "31.03.2025 10", "zehnter Mai 2025", "123/04/2025", "5/5/255"],
)  # fmt: skip
def test_what_is_no_day(printed):
    assert whole_day(printed) is None


@pytest.mark.parametrize(
    ("printed", "sure"),
    [("31.03.2025", True), ("20250331", True), ("31032025", False), ("31 03 2025", False),
     ("31 . 03 . 2025", True), ("15 Led 2024", False), ("15 Pro 2024", False), ("5 lip 2024", True),
     ("15 ledna 2024", True), ("3 Jun 2025", True), ("3 Mrz 2025", False), ("3 maj 2025", True),
     ("second of May 2025", True)],
)  # fmt: skip
def test_a_print_may_be_surely_a_day(printed, sure):
    assert whole_day(printed).sure is sure


@pytest.mark.parametrize(("zeros", "read"), [(28, True), (29, False)])
def test_a_day_alone_has_forty_eight_characters_at_most(zeros, read):
    assert bool(whole_day("2025-03-31T10:00:00." + "0" * zeros)) is read


@pytest.mark.parametrize(
    ("text", "days", "part"),
    [
        ("31.03.2025 and more", ["2025-03-31"], "31.03.2025"),
        ("Mon 03/04/2025, 10:00", ["2025-03-04", "2025-04-03"], "03/04/2025"),
        ("March 3, 2025 Berlin", ["2025-03-03"], "March 3, 2025"),
        ("second of May 2025 or so", ["2025-05-02"], "second of May 2025"),
        ("31.03.2025" + " long" * 40, ["2025-03-31"], "31.03.2025"),
        ("on 31.03.2025", [], ""),
        ("Bar 03/04/2025", [], ""),
    ],
)
def test_a_text_may_begin_with_a_day(text, days, part):
    found = day_at_start(text)
    assert sorted(map(str, found.days if found else ())) == days
    assert (text[slice(*found.span)] if found else "") == part


@pytest.mark.parametrize(
    ("order", "forms"),
    [("dmy", ("DD/MM/YYYY",)), ("mdy", ("MM/DD/YYYY",)), ("ymd", ("DD/MM/YYYY", "MM/DD/YYYY")),
     (None, ("DD/MM/YYYY", "MM/DD/YYYY"))],
)  # fmt: skip
def test_an_order_tells_which_form_was_printed(order, forms):
    assert whole_day("03/04/2025").forms_in(order) == forms


def test_an_order_tells_nothing_of_forms_that_print_one_reading():
    assert whole_day("1 May 2025").forms_in("dmy") == ("D MON YYYY", "D MONTH YYYY")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Rechnung vom 31.03.2025", {"2025-03-31": ["31.03.2025"]}),
        ("x 03/04/2025 y", {"2025-04-03": ["03/04/2025"], "2025-03-04": ["03/04/2025"]}),
        ("3 May 2025, 4 May 2025, 3 May 2025",
         {"2025-05-03": ["3 May 2025", "3 May 2025"], "2025-05-04": ["4 May 2025"]}),
        ("Due: 31032025\n", {"2025-03-31": ["31032025"]}),
        ("Due:  05032025", {"2025-03-05": ["05032025"], "2025-05-03": ["05032025"]}),
        (":31032025", {"2025-03-31": ["31032025"]}),
        ("Due: 31032025 x", {}),
        ("Due 31032025", {}),
        ("no 20250331 here", {"2025-03-31": ["20250331"]}),
        ("no 2025033 or 202503311", {}),
        ("on 31 03 2025.", {}),
        ("version 3.4.25 of 3.4.25", {"2025-04-03": ["3.4.25"]}),
        ("§ 3.4.25", {}),
        ("see Section 3.4.25", {}),
        ("version 3.4.2025", {"2025-04-03": ["3.4.2025"]}),
        ("version 3-4-25", {"2025-04-03": ["3-4-25"], "2025-03-04": ["3-4-25"]}),
        ("version of 3.4.25", {"2025-04-03": ["3.4.25"]}),
        ("3/4/25/6 1.2.3.2025 12.3.4.2025 a3.4.2025 3.4.2025b", {}),
        ("DATE31/03/2018TIME10", {"2018-03-31": ["31/03/2018"]}),
        ("until March 31, 2025 or", {"2025-03-31": ["March 31, 2025"]}),
        ("until May the 1st, 2025 or", {"2025-05-01": ["May the 1st, 2025"]}),
        ("until Mar-31-2025 or", {"2025-03-31": ["Mar-31-2025"]}),
        ("on Mai 31 2025. 3. 31", {"2025-05-31": ["Mai 31 2025"], "2025-03-31": ["2025. 3. 31"]}),
        ("the 1st day of\n  May, 2025", {"2025-05-01": ["1st day of\n  May, 2025"]}),
        ("the thirty-first day of May in the year 2025",
         {"2025-05-31": ["thirty-first day of May in the year 2025"]}),
        ("the first of May 2025 and the second of May 2026",
         {"2025-05-01": ["first of May 2025"], "2026-05-02": ["second of May 2026"]}),
        ("first of May (2025)", {}),
        ("2025年3月31日", {"2025-03-31": ["2025年3月31日"]}),
        ("31–03–2025", {"2025-03-31": ["31–03–2025"]}),
        ("３１．０３．２０２５", {"2025-03-31": ["３１．０３．２０２５"]}),
        ("31.02.2025, 1.13.2025", {}),
        ("30 Septem 2025", {}),
        ("the 1st day of May in the year 2025",
         {"2025-05-01": ["1st day of May in the year 2025"]}),
        ("March 31, 2025", {"2025-03-31": ["March 31, 2025"]}),
        ("first of May 2025", {"2025-05-01": ["first of May 2025"]}),
    ],
)  # fmt: skip
def test_days_in_a_text(text, days):
    found = days_in(text)
    assert {day: [text[slice(*span)] for span in spans] for day, spans in found.items()} == days
    assert day_starts(text) == {start for spans in found.values() for start, _ in spans}


@pytest.mark.parametrize(
    ("text", "day", "places"),
    [
        ("a 31.03.2025 b", "2025-03-31", ["31.03.2025"]),
        ("a 31.03.25 b", "2025-03-31", ["31.03.25"]),
        ("a 31.03.1999 b", "1999-03-31", ["31.03.1999"]),
        ("a 5.3.2005", "2005-03-05", ["5.3.2005"]),
        ("a 5.3.05", "2005-03-05", ["5.3.05"]),
        ("5.3.05\n5.3.05", "2005-03-05", ["5.3.05", "5.3.05"]),
        ("March\n31, 2025", "2025-03-31", ["March\n31, 2025"]),
        ("x\nMarch 31,\n 2025 x", "2025-03-31", ["March 31,\n 2025"]),
        ("x\n" + "y" * 190 + " 31 March\n2025 x", "2025-03-31", ["31 March\n2025"]),
        ("x\n" + "y" * 199 + "\n31 March 2025 x", "2025-03-31", ["31 March 2025"]),
        ("31 March\n" + "x " * 60 + "2025", "2025-03-31", []),
        ("a 31.03.2026 b", "2025-03-31", []),
        ("a 1.3.2025", "2025-03-31", []),
        ("", "2025-03-31", []),
    ],
)
def test_a_day_is_found_on_the_lines_that_hold_its_year(text, day, places):
    found = days_like(text, date.fromisoformat(day))
    assert [text[slice(*span)] for span in found] == places


@pytest.mark.parametrize(
    ("text", "order", "days"),
    [
        ("03/04/2025", None, ["2025-03-04", "2025-04-03"]),
        ("03/04/2025", "dmy", ["2025-04-03"]),
        ("03/04/2025", "mdy", ["2025-03-04"]),
        ("03/04/2025 25/04/2025", None, ["2025-04-03", "2025-04-25"]),
        ("03/04/2025 25/04/2025", "mdy", ["2025-04-03", "2025-04-25"]),
        ("03/04/2025 04/25/2025", "dmy", ["2025-03-04", "2025-04-25"]),
        ("25/04/2025", "mdy", ["2025-04-25"]),
        ("04/25/2025", "dmy", ["2025-04-25"]),
        ("05032025\nDue: 05032025", "dmy", ["2025-03-05"]),
        ("3 lipca 2025", "mdy", ["2025-07-03"]),
    ],
)
def test_an_order_decides_what_an_open_day_is(text, order, days):
    asked = [f"2025-{month:02}-{day:02}" for month in (3, 4, 5, 7) for day in (3, 4, 5, 25)]
    assert [one for one in asked if days_like(text, date.fromisoformat(one), order)] == days


@pytest.mark.parametrize(
    ("form", "tells"),
    [("DD/MM/YYYY", False), ("DD-MM-YY", False), ("DD.MM.YYYY", True), ("YYYY/MM/DD", True),
     ("D MONTH YYYY", True), ("DD MON YY", True), ("YY/MM/DD", False), ("DDMMYYYY", False)],
)  # fmt: skip
def test_a_form_may_tell_day_from_month(form, tells):
    assert tells_order(form) == tells


@pytest.mark.parametrize(
    ("value", "form", "is_open"),
    [
        ("2025-04-03", "DD/MM/YYYY", True),
        ("2025-04-13", "DD/MM/YYYY", False),
        ("2025-04-04", "DD/MM/YYYY", False),
        ("2025-04-12", "MM/DD/YYYY", True),
        ("2025-04-03", "DD.MM.YYYY", False),
        ("2025-04-03", "DDMMYYYY", True),
        ("2025-04-13", "DDMMYYYY", False),
        ("2025-04-04", "DDMMYYYY", False),
        ("2025-04-03", "YYYY-MM-DD", False),
        ("2025-04-04", "DD/MM/YY", True),
        ("2004-04-04", "DD/MM/YY", False),
        ("2004-04-04", "D/M/YY", False),
        ("2003-04-05", "MMDD", False),
    ],
)
def test_a_print_may_leave_open_which_number_is_the_day(value, form, is_open):
    assert is_open_day(value, form) is is_open


@pytest.mark.parametrize(
    ("value", "form", "language", "printed"),
    [
        ("2025-03-01", "D. MONTH YYYY", "de", "1. März 2025"),
        ("2025-03-01", "le D MONTH", "fr", "le 1 mars"),
        ("2025-12-31", "DD MON YY", "en", "31 Dec 25"),
        ("2025-01-31", "DD MON YY", "en", "31 Jan 25"),
        ("2025-12-31", "D MONTH YYYY", "fr", "31 décembre 2025"),
        ("2005-03-04", "YYYY YY MM M DD D", "en", "2005 05 03 3 04 4"),
        ("2025-03-03", "WEEKDAY WDAY", "en", "Monday Mon"),
        ("2025-03-09", "WDAY, D {DE} MONTH {DE} YYYY", "es", "dom, 9 DE marzo DE 2025"),
        ("2025-03-09", "{on} D. {of} MONTH!", "en", "on 9. of March!"),
        ("2025-03-09", "{D} D {}", "en", "D 9 "),
    ],
)
def test_a_day_is_printed_in_a_form(value, form, language, printed):
    assert print_day(value, form, language) == printed


def test_names_stand_within_a_date_without_preposition_and_dot():
    assert month_names("ca")[0][:4] == ("gener", "febrer", "març", "abril")
    assert month_names("de")[1][0] == "Jan"
    assert weekday_names("de")[0][0] == "Montag"
    assert weekday_names("de")[1][6] == "So"


@pytest.mark.parametrize(
    ("name", "months", "begun"),
    [
        ("March", (3,), (3,)),
        ("märz", (3,), (3,)),
        ("SEPT", (9,), (9,)),
        ("maerz", (3,), (3,)),
        ("mrz", (3,), (3,)),
        ("febr", (2,), (2,)),
        ("listopad", (11,), (11,)),
        ("Septem", (), (9,)),
        ("Sep", (9,), (9,)),
        ("Augu", (), (8,)),
        ("Dece", (), (12,)),
        ("octo", (), (10,)),
        ("aga", (), (8,)),
        ("avos", (), (8,)),
        ("jug", (), ()),
        ("janu", (), (1,)),
        ("ja", (), ()),
        ("ju", (), ()),
        ("mar", (3,), (3,)),
        ("mart", (3,), (3,)),
        ("foo", (), ()),
        ("m", (), ()),
    ],
)
def test_a_name_or_its_beginning_has_its_months(name, months, begun):
    assert months_of(name) == months
    assert months_of(name, begun=True) == begun


@pytest.mark.parametrize(
    ("name", "sure"),
    [("May", True), ("Led", False), ("Pro", False), ("ledna", True), ("mars", True),
     ("lip", True), ("iul", False), ("Sept", True), ("foo", False)],
)  # fmt: skip
def test_a_short_name_of_a_language_that_is_only_read_is_not_sure(name, sure):
    assert is_sure_month(name) is sure


@pytest.mark.parametrize(
    ("name", "width"), [("Mon", "WDAY"), ("Montag", "WEEKDAY"), ("LUN", "WDAY"), ("ma", "WDAY")]
)
def test_a_weekday_is_short_or_full(name, width):
    assert is_weekday(name)
    assert weekday_width(name) == width


def test_other_words_are_no_weekday():
    assert not any(map(is_weekday, ("March", "Monda", "", "x")))


@pytest.mark.parametrize(
    ("word", "number"),
    [("first", "1"), ("ninth", "9"), ("tenth", "10"), ("eleventh", "11"), ("nineteenth", "19"),
     ("twentieth", "20"), ("twenty-first", "21"), ("twenty-ninth", "29"), ("thirtieth", "30"),
     ("thirty-first", "31"), ("premier", "1"), ("erste", "1")],
)  # fmt: skip
def test_ordinals_are_words_of_a_number(word, number):
    assert ORDINALS[word] == number


def test_there_are_as_many_ordinals_in_english_as_days():
    assert sorted(set(map(int, ORDINALS.values()))) == list(range(1, 32))
    assert "thirty-second" not in ORDINALS


@pytest.mark.parametrize(
    ("numbers", "mark", "orders"),
    [
        (("2025", "03", "04"), "-", "ymd"),
        (("2025", "3", "4"), ".", "ymd"),
        (("03", "04", "2025"), ".", "dmy"),
        (("03", "04", "2025"), "/", "dmy mdy"),
        (("03", "04", "05"), "/", "dmy mdy ymd"),
        (("3", "04", "05"), "/", "dmy mdy"),
        (("03", "04", "05"), ".", "dmy"),
        (("03", "04", "05"), "- ", "dmy mdy ymd"),
        (("31", "12", "2025"), "/", "dmy"),
        (("12", "31", "2025"), "/", "mdy"),
        (("13", "31", "2025"), "/", ""),
    ],
)
def test_three_numbers_may_stand_in_several_orders(numbers, mark, orders):
    assert list(readings_of(*numbers, mark)) == orders.split()


@pytest.mark.parametrize(
    ("numbers", "day"),
    [
        (("68", "1", "2"), date(2068, 1, 2)),
        (("69", "1", "2"), date(1969, 1, 2)),
        (("70", "1", "2"), date(1970, 1, 2)),
        (("00", "12", "31"), date(2000, 12, 31)),
        (("99", "12", "31"), date(1999, 12, 31)),
        (("0099", "12", "31"), date(99, 12, 31)),
        (("2024", "2", "29"), date(2024, 2, 29)),
        (("2025", "2", "29"), None),
        (("2025", "0", "1"), None),
        (("2025", "1", "0"), None),
        (("0000", "1", "1"), None),
    ],
)
def test_three_numbers_are_a_day_or_none(numbers, day):
    assert date_of(*numbers) == day


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("03/04/2025", None),
        ("13/04/2025", "dmy"),
        ("04/13/2025", "mdy"),
        ("12/13/25", "mdy"),
        ("13-12-25", "dmy"),
        ("31.12.2025", "dmy"),
        ("1.31.2025", "mdy"),
        ("12/12/2025", None),
        ("13/13/2025", None),
        ("32/12/2025", None),
        ("12/32/2025", None),
        ("00/13/2025", None),
        ("13/00/2025", None),
        ("13/04/2025 and 04/13/2025", None),
        ("13/04/2025 and 14/04/2025", "dmy"),
        ("x13/04/2025", "dmy"),
        ("/13/04/2025", None),
        ("5.13.04.2025", None),
        ("1 13/04/2025", "dmy"),
        ("13/04/20255", None),
        ("13/04-2025", None),
        ("", None),
    ],
)
def test_a_text_shows_the_order_of_its_days(text, order):
    assert order_of(text) == order


@pytest.mark.parametrize(
    ("first", "second", "neither", "order"),
    [(0, 0, 3, None), (1, 0, 0, None), (2, 0, 0, "dmy"), (2, 0, 9, "dmy"), (9, 1, 0, "dmy"),
     (8, 1, 0, None), (18, 2, 5, "dmy"), (17, 2, 0, None), (0, 2, 0, "mdy"), (1, 9, 0, "mdy"),
     (1, 1, 0, None)],
)  # fmt: skip
def test_a_pile_shows_the_order_of_nine_in_ten(first, second, neither, order):
    pile = ["13/04/2025"] * first + ["04/13/2025"] * second + ["03/04/2025"] * neither
    assert order_of_pile(pile) == order


@pytest.mark.parametrize(
    ("text", "gap", "read"),
    [
        ("1st day\n{}of May in the year 2025", 77, True),
        ("1st day\n{}of May in the year 2025", 78, False),  # the year is too far in its line
        ("first day\n{}of May 2025", 63, True),
        ("first day\n{}of May 2025", 64, False),
    ],
)
def test_a_day_may_go_on_behind_an_indent_that_is_not_too_wide(text, gap, read):
    assert bool(days_like(text.format(" " * gap), date(2025, 5, 1))) is read


@pytest.mark.parametrize(
    ("name", "form"),
    [("maju", "MON"), ("marso", "MONTH"), ("juillet", "MONTH"), ("sept", "MON")],
)
def test_a_name_that_no_known_language_has_is_short_up_to_four_letters(name, form):
    assert whole_day(f"1 {name} 2025").forms == (f"D {form} YYYY",)


def test_most_drawn_days_are_numbers_with_the_day_first():
    weights = dict(DATE_FORMS)
    assert max(weights, key=weights.get) == "DD/MM/YYYY"
    assert len(weights) == len(DATE_FORMS)
    assert sum(weights.values()) == 103
