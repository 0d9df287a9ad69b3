"""Lines of a label and a value are told from prose, code and links."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.notation.lines import (
    Labelled,
    label_and_value,
    label_before,
    labelled_lines,
)


def lines_of(text, known=()):
    def free(start, end):
        return not any(start < last and first < end for first, last in known)

    return labelled_lines(text, free)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Total: 5", [("Total", ": ", "5")]),
        ("Total = 5", [("Total", " = ", "5")]),
        ("Total | 5", [("Total", " | ", "5")]),
        ("Total ... 5", [("Total", " ... ", "5")]),
        ("Total  5", [("Total", "  ", "5")]),
        ("Total\t5", [("Total", "\t", "5")]),
        ("Inv. No: A-7", [("Inv. No", ": ", "A-7")]),
        ("Inv. No ..... A-7", [("Inv. No", " ..... ", "A-7")]),
        ("Room 5: x", [("Room 5", ": ", "x")]),
        ("Room 5 : 6", [("Room 5", " : ", "6")]),
        ("Total:9.00", [("Total", ":", "9.00")]),
        ("TOTAL:9.00", [("TOTAL", ":", "9.00")]),
        ("DATE:1/2/25", [("DATE", ":", "1/2/25")]),
        ("Kundennummer:2", [("Kundennummer", ":", "2")]),
        ("INV NO:A-7", [("INV NO", ":", "A-7")]),
        ("INV No:A7", [("INV No", ":", "A7")]),
        ("Name:5", [("Name", ":", "5")]),
        ("Name:5:x", [("Name", ":", "5:x")]),
        ("total:9.00", [("total", ":", "9.00")]),
        ("A: b | c", [("A", ": ", "b | c")]),
        (
            "one two three four five six seven: 8",
            [("one two three four five six seven", ": ", "8")],
        ),
        ("  Total: 5", [("Total", ": ", "5")]),
        ("﻿Total: 5", [("Total", ": ", "5")]),
        ("Total:  5  ", [("Total", ":  ", "5")]),
        ("Total: a b", [("Total", ": ", "a b")]),
        ("Total: 5\nSum: 6", [("Total", ": ", "5"), ("Sum", ": ", "6")]),
        ("Label  five 6", [("Label", "  ", "five 6")]),
        ("  Ref: A\n   Ref  7", [("Ref", ": ", "A"), ("Ref", "  ", "7")]),
        ("Bo Name:X", [("Bo Name", ":", "X")]),
        ("BO NAME:X", [("BO NAME", ":", "X")]),
        ("Größe:5", [("Größe", ":", "5")]),
        ("Größ:5", [("Größ", ":", "5")]),
        ("Gross.:5", [("Gross.", ":", "5")]),
        ("Total : 5", [("Total", " : ", "5")]),
        ("a5: 6", [("a5", ": ", "6")]),
        ("A= 5", [("A", "= ", "5")]),
    ],
)
def test_a_line_states_a_label_and_a_value(text, found):
    shown = [
        tuple(text[slice(*part)] for part in (line.label, line.mark, line.value))
        for line in lines_of(text)
    ]
    assert shown == found


@pytest.mark.parametrize(
    "text",
    [
        "Total  five",
        "Total 5",
        "http://x.y",
        "a::b",
        "a == b",
        "x != 5",
        "Time 10:15",
        "de:kosit:standard",
        "ABCD:xetr",
        "xs:date",
        "localhost:8080",
        "a=b",
        "Inv NO:A7",
        "Name:Bo",
        "NAME:5",
        "name:5",
        "Nam:5",
        "A | b | c",
        "www.x.com: 5",
        "mailto: x",
        "a@b: 5",
        "a?b: 5",
        "p/q/r: 5",
        "one two three four five six seven eight: 9",
        "Total: 5  6",
        "5 Total: 6",
        "",
        "Total:",
        "Line 2  5",
        "Label:\n5",
        "Total:x",
        "Bo Name:x5",
        "Bo name:5",
        "Bo NAME:X",
        "Name:B",
        "name:B5",
        "Name:b5",
        "Rechnung:A5",
        "Total:5x=y",
    ],
)
def test_other_lines_state_none(text):
    assert lines_of(text) == []


@pytest.mark.parametrize(
    ("text", "tabular"),
    [
        ("A  1\nB  2\nC  3", "A B C"),
        ("A  1\nBB  2\nC  3", "A BB C"),
        ("A   1\nBB  2\nCCC 3", "A BB"),
        ("A  1\nBB   22\nCCC 3", "A* BB*"),
        ("A  10\nBB   2\n", "A* BB*"),
        ("Total  5\n        x", "Total"),
        ("Total  5\n       x", "Total*"),
        ("a  b  c\nTotal  5\nSum    66", "Total* Sum*"),
        ("a  b  c\n\nTotal  5\nSum    66\n\nNet  7\nGross    88", "Total* Sum* Net* Gross*"),
        ("Total: 5\nSum  6", "Total Sum"),
        ("A    1\nB 2: 3\nCC  33\n", "A B_2 CC"),
        ("x  y\n\nA  1", "A*"),
        ("A\t1\nB\t2", "A B"),
        ("A: 1\nB   22\n\nC  3\nDD     4", "A B C* DD*"),
        ("a  b\nA  1\n\nC  3\nDD     4", "A* C* DD*"),
        ("A  1\n   B\nCC   2\n\n\nC  3", "A* CC* C"),
        ("Total  5\n       x\n\nSum  6", "Total* Sum"),
        ("A  1\nB 2\nCC   33", "A* CC*"),
        ("x\nA  1\n", "A"),
        ("A   1\nBB  22", "A BB"),
        ("\nTotal  5\n       x", "Total*"),
        ("A  1\nBBB 2: 3  4\n", "A*"),
        ("  A  1\n  BB   22\n     x", "A* BB*"),
    ],
)
def test_columns_of_values_may_mean_something(text, tabular):
    shown = [
        text[slice(*line.label)].replace(" ", "_") + "*" * line.tabular for line in lines_of(text)
    ]
    assert " ".join(shown) == tabular


@pytest.mark.parametrize(
    ("text", "known", "found"),
    [
        ("Total  five", [(7, 11)], True),
        ("Total  five", [(8, 9)], True),
        ("Total  five", [(0, 5)], False),
        ("Name:Bo", [(5, 7)], True),
        ("Name:Bo", [(6, 7)], False),
        ("NAME:Bo", [(5, 7)], False),
        ("Total:9.00", [(0, 5)], False),
        ("Total:9.00", [(6, 10)], True),
        ("name:Bo", [(5, 7)], False),
        ("Total  5", [(0, 2)], False),
        ("Name:bo", [(5, 7)], False),
        ("Name:Bo", [(4, 5)], False),
        ("Line 2  five", [(8, 12)], False),
    ],
)
def test_known_values_tell_what_a_mark_parts(text, known, found):
    assert bool(lines_of(text, known)) is found


@pytest.mark.parametrize(
    ("text", "span", "label"),
    [
        ("Page 1   Invoice No.: A-7", (22, 25), "Invoice No."),
        ("Total: EUR 5", (11, 12), "Total"),
        ("Total EUR 5", (10, 11), "Total"),
        ("Total.... 5", (10, 11), "Total"),
        ("Total. 5", (7, 8), "Total."),
        ("Total # 5", (8, 9), "Total"),
        ("x\nTotal 5", (8, 9), "Total"),
        ("5", (0, 1), ""),
        ("123 5", (4, 5), ""),
        (
            "one two three four five six seven eight 9",
            (40, 41),
            "two three four five six seven eight",
        ),
        ("a: b 5", (5, 6), "b"),
        ("Total €5", (7, 8), "Total"),
        ("\nTotal 5", (7, 8), "Total"),
        ("Total|5", (6, 7), "Total"),
    ],
)
def test_the_words_before_a_value_are_its_label(text, span, label):
    assert label_before(text, span) == label


@pytest.mark.parametrize(("letters", "label"), [(41, 41), (42, 41)])
def test_a_word_of_a_label_has_forty_one_letters_at_most(letters, label):
    assert label_before("w" * letters + " 5", (letters + 1, letters + 2)) == "w" * label


@pytest.mark.parametrize(("gap", "label"), [(195, "Total"), (196, "otal")])
def test_a_label_stands_two_hundred_characters_before_its_value(gap, label):
    assert label_before("Total" + " " * gap + "5", (5 + gap, 6 + gap)) == label


@pytest.mark.parametrize(("letters", "found"), [(80, True), (81, False)])
def test_a_label_has_eighty_characters_at_most(letters, found):
    assert bool(lines_of("W" * letters + ": 5")) is found


def test_a_line_has_its_start_and_its_column():
    one, other = lines_of("\ufeff  Total: 5\n Sum: 6")
    assert (one.start, one.column) == (1, 2)
    assert (other.start, other.column) == (12, 1)


def test_the_label_and_value_of_one_line():
    assert label_and_value("Total: 5")[1:4] == ((0, 5), (5, 7), (7, 8))
    assert label_and_value("Total  five") is None
    assert label_and_value("nothing") is None
    assert label_and_value("Total  5")[3] == (7, 8)


def test_a_value_may_go_on_below_its_label():
    assert label_before("Total 5\n6", (6, 9)) == "Total"


@pytest.mark.parametrize(
    ("bounds", "shifts", "moved"),
    [
        ([10, 12, 17, 19, 20], [0, 1, 2, 4, 8, 16],
         Labelled(11, (14, 21), (21, 27), (27, 28), True)),
        ([12, 17, 19], [0, 1, 10, 100], Labelled(10, (13, 27), (27, 119), (119, 120), True)),
        ([0], [5, 7], Labelled(17, (19, 24), (24, 26), (26, 27), True)),
        ([20], [0, 5], Labelled(10, (12, 17), (17, 19), (19, 20), True)),
        ([11], [0, 3], Labelled(10, (15, 20), (20, 22), (22, 23), True)),
        ([18], [0, 3], Labelled(10, (12, 17), (17, 22), (22, 23), True)),
    ],
)  # fmt: skip
def test_a_line_moves_with_the_text_that_is_edited(bounds, shifts, moved):
    line = Labelled(10, (12, 17), (17, 19), (19, 20), True)
    assert line.moved(bounds, shifts) == moved


def test_a_line_means_nothing_by_its_column_unless_it_is_told():
    assert not Labelled(0, (0, 1), (1, 2), (2, 3)).tabular
