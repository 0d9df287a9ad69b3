# ruff: noqa: RUF001
"""Texts are compared without case, accents and widths, and every part keeps its place."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.notation.dressing import bare_amount, bare_day
from pytest_slm_autopsy.notation.identifiers import bare_identifier, print_identifier, scheme_of
from pytest_slm_autopsy.notation.text import (
    collapsed,
    ends_in_mark,
    folded,
    goes_on,
    lines_at,
    lines_with,
    plain_forms,
    same_text,
    stands,
    starts_of,
    texts_of,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Total: `5`", "total: '5'"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Größe", "grosse"),
        ("été — d’or", "ete - d'or"),
        ("‘a’ ´b`", "'a' 'b'"),
        ("Łódź İzmir ıl smørø", "lodz izmir il smoro"),
        ("ＡＢ－１", "ab-1"),
        ("a−b‐c‑d‒e–f", "a-b-c-d-e-f"),
        ("ﬁne", "fine"),
    ],
)
def test_a_folded_text_has_no_case_accent_or_width(text, plain):
    assert folded(text).text == plain


@pytest.mark.parametrize(
    ("text", "part", "found"),
    [
        ("abc", "b", "b"),
        ("éb", "b", "b"),
        ("die Straße 5", "strasse", "Straße"),
        ("die Straße 5", "5", "5"),
        ("die Straße 5", "e 5", "e 5"),
        ("die Straße 5", "d", "d"),
        ("Straße", "stras", None),  # half of an eszett
        ("Straße", "se", None),
        ("ﬁne", "ine", None),
        ("ﬁne", "f", None),
        ("ﬁne", "ne", "ne"),
        ("ﬁne", "fi", "ﬁ"),
        ("caf\u0065\u0301 au", "cafe", "caf\u0065\u0301"),
        ("\u0065\u0301t\u0065\u0301 2025", "ete", "\u0065\u0301t\u0065\u0301"),
        ("\u0065\u0301t\u0065\u0301 2025", "t", "t"),
        ("\u0065\u0301t\u0065\u0301 2025", "2025", "2025"),
    ],
)
def test_a_part_of_a_folded_text_has_its_place_in_the_original(text, part, found):
    held = folded(text)
    at = held.text.find(part)
    span = held.span(at, at + len(part))
    assert (text[slice(*span)] if span else None) == found


@pytest.mark.parametrize("text", ["plain", "été", "ÀÉÎ", "５ kg"])
def test_a_text_whose_letters_fold_one_to_one_keeps_its_places(text):
    assert folded(text).starts is None
    assert folded(text).span(1, 3) == (1, 3)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("！＂＃～", '!"#~'),
        ("ＡｚＺ０９", "AzZ09"),
        ("１２，５０％", "12,50%"),
        ("12\u300050", "12 50"),
        ("١٢٫٥٠ ٪ ١٬٢٣٤", "12.50 % 1,234"),
        ("२०२५", "2025"),
        ("৩১ মার্চ", "31 মার্চ"),
        ("é 12", "é 12"),
        ("｟１｠", "｟1｠"),
        ("12 € – x²", "12 € – x²"),
    ],
)
def test_wide_letters_and_all_digits_become_plain_ones(text, plain):
    assert plain_forms(text) == plain
    assert len(plain) == len(text)


@pytest.mark.parametrize("letter", ["a", "Z", "9", "é", "ß", "я", "\u0301", "\u0940"])
def test_letters_digits_and_accents_go_on(letter):
    assert goes_on(letter)


@pytest.mark.parametrize("letter", ["", " ", "-", ".", "€", "\u00a0", "円", "年", "ก", "か", "្"])
def test_marks_and_letters_of_scripts_without_spaces_do_not_go_on(letter):
    assert not goes_on(letter)


@pytest.mark.parametrize(
    "text",
    ["[12]", "a [12] b", "no.[12]", "5 [12] 6", "x-[12]", ".[12]", ",[12],", "[12].", "[12]. 5",
     "[12] 5", "合計[12]円", "[abc]", "a-[abc]-b", "5.[abc]", "5 [abc]%", "[12] kg", "€[12]",
     "a:[12]", "[12]-a", "[12]:b", "[(5)]5", "5[(5)]", "[5%]%", "é [12]", "[12]/5", "5/[12]",
     "5;[12];5", "[ab]\u20ac", "5..[12]"],
)  # fmt: skip
def test_a_part_stands_alone(text):
    assert stands(*marked(text))


@pytest.mark.parametrize(
    "text",
    ["a[12]", "[12]a", "1[12]", "[12]3", "é[12]", "[12]é", "5.[12]", "5,[12]", "5'[12]", "5:[12]",
     "5-[12]", "5–[12]", "[12].5", "[12],5", "[12]'5", "[12]:5", "[12]-5", "[12]–5", "[12]%",
     "[12] %", "[12]％", "[12]‰", "x[abc]", "[abc]x", "[e]\u0301", "[abc]5", "5[abc]", "[(e]\u0301",
     "x5.[12]", "[12].5x", "[12]%x"],
)  # fmt: skip
def test_a_part_of_a_longer_word_or_number_does_not_stand_alone(text):
    assert not stands(*marked(text))


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("[EUR]5", True),
        ("5[EUR]", True),
        ("5 [EUR] x", True),
        ("a [EUR]", True),
        ("合計[EUR]", True),
        ("[EUR]円", True),
        ("x[EUR]", False),
        ("-x[EUR]", False),
        ("[EUR]x-", False),
        ("[EUR]x", False),
        ("é[EUR]", False),
        ("[€]x", True),
        ("x[€]", False),
        ("5.[EUR].5", True),
        ("[EUR]%", True),
        ("-[EUR]-", True),
    ],
)
def test_a_currency_may_touch_a_number_but_no_letter(text, alone):
    assert stands(*marked(text), "currency") == alone


def marked(text):
    """Return a text without its first brackets, and the place of what stood in them."""
    start, end = text.index("["), text.index("]") - 1
    return text.replace("[", "", 1).replace("]", "", 1), (start, end)


@pytest.mark.parametrize(
    ("text", "ends"), [("é", True), ("e\u0301", True), ("x", False), ("", False), ("éx", False)]
)
def test_a_text_may_end_in_an_accent(text, ends):
    assert ends_in_mark(text) == ends


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (None, []),
        ("", []),
        (" ", []),
        ("a", ["a"]),
        ([], []),
        ([{"n": "1", "of": ""}, {"n": "2", "of": "b"}], ["1", "2", "b"]),
    ],
)
def test_a_value_has_the_texts_that_say_something(value, texts):
    assert texts_of(value) == texts


TEXT = "ab\nxaa\n\naa"


def test_a_part_starts_where_it_stands_and_overlaps_itself():
    assert list(starts_of("aaa", "aa")) == [0, 1]
    assert list(starts_of("baa", "a")) == [1, 2]
    assert list(starts_of("abc", "d")) == []


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        (["a"], ["ab", "xaa", "aa"]),
        (["aa"], ["xaa", "aa"]),
        (["b", "x"], ["ab", "xaa"]),
        (["x", "b", "aa"], ["ab", "xaa", "aa"]),
        (["y"], []),
        ([], []),
    ],
)
def test_lines_that_hold_a_part_come_once_and_in_order(parts, lines):
    assert [TEXT[slice(*line)] for line in lines_with(TEXT, parts)] == lines


@pytest.mark.parametrize(
    ("places", "lines"),
    [
        ([0], [(0, 2)]),
        ([0, 1], [(0, 2)]),
        ([2], [(0, 2)]),
        ([0, 2], [(0, 2), (0, 2)]),
        ([3, 5], [(3, 6)]),
        ([7], [(7, 7)]),
        ([8, 9], [(8, 10)]),
        ([1, 4, 8], [(0, 2), (3, 6), (8, 10)]),
    ],
)
def test_lines_are_found_by_their_places(places, lines):
    assert list(lines_at(TEXT, places)) == lines


def test_an_empty_line_at_the_start_is_a_line():
    assert list(lines_at("\nab", [0, 1])) == [(0, 0), (1, 3)]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("A  b", "a B", True),
        ("Ｔotal", "total", True),
        ("ﬁne", "FINE", True),
        ("a\u00a0b", "a b", True),
        ("a", "b", False),
        ("ab", "a b", False),
        ("é", "e", False),
    ],
)
def test_texts_are_the_same_but_for_case_space_and_kind_of_letter(one, other, same):
    assert same_text(one, other) is same


def test_a_collapsed_text_keeps_its_accents_as_they_look():
    assert collapsed(" Caf\u0065\u0301:\u00a0\n ＡB ") == "café: ａb"


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ('"12.50"', "12.50"),
        ("**12.50**", "12.50"),
        ("12.50;", "12.50"),
        ("( 5 )", "(5)"),
        ("(EUR) 5", "EUR 5"),
        ("5 (€)", "5 €"),
        ("5 (euros)", "5 (euros)"),
        ("(5)", "(5)"),
        ("+ 5", "5"),
        ("EUR +5", "EUR 5"),
        ("5 +", "5"),
        ("EUR - 5", "EUR -5"),
        ("US $ 5", "US$ 5"),
        ("5 CR $", "5 CR $"),
        ("5 $ US", "5 $US"),
        ("5 $ CR", "5 $ CR"),
        (",50", "0,50"),
        ("5,50", "5,50"),
        (",500", ",500"),
        ("5   EUR", "5 EUR"),
        ("\u200f5\u200e.", "5"),
    ],
)
def test_an_amount_is_undressed(text, bare):
    assert bare_amount(text) == bare


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ('"31.03.2025"', "31.03.2025"),
        ("the 31 March  2025.", "31 March 2025"),
        ("Le 31 mars 2025", "31 mars 2025"),
        ("31 marca 2025 roku", "31 marca 2025"),
        ("31 марта 2025 г.", "31 марта 2025"),
        ("31 March 2025, Monday", "31 March 2025"),
        ("31 March 2025 (Mon)", "31 March 2025"),
        ("31 March 2025 Foo", "31 March 2025 Foo"),
        ("Montag, den 31. März 2025", "Montag, 31. März 2025"),
        ("Foo, den 31. März 2025", "Foo, den 31. März 2025"),
        ("Monday", "Monday"),
        ("2025. 3. 31.", "2025. 3. 31"),
    ],
)
def test_a_day_is_undressed(text, bare):
    assert bare_day(text) == bare


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("DE89 3704 0044 0532 0130 00", "IBAN"),
        ("de89370400440532013000", "IBAN"),
        ("GB82-WEST-1234-5698-7654-32", "IBAN"),
        ("MT84 MALT 0110 0001 2345 MTLC AST0 01S", "IBAN"),
        ("US0378331005", "ISIN"),
        ("DE000BAY0017", "ISIN"),
        ("DE136695976", "VAT"),
        ("ATU13585627", "VAT"),
        ("NL 004495445 B01", "VAT"),
        ("LU 150.274.42", "VAT"),
        ("MT116791", None),  # one digit short
        ("MT11679112", "VAT"),
        ("SI50223054", "VAT"),
        ("DK13585628", "VAT"),
        ("DE88 3704 0044 0532 0130 00", None),
        ("US0378331006", None),
        ("DE136695977", None),
        ("DE136–695976", None),
        ("INTERNATIONAL", None),
        ("GB82-WEST", None),
        ("1234567890", None),
        ("", None),
    ],
)
def test_an_identifier_is_told_by_its_check_digits(text, scheme):
    assert scheme_of(text) == scheme


@pytest.mark.parametrize(("spaces", "scheme"), [(28, "IBAN"), (29, None)])
def test_an_identifier_has_fifty_characters_at_most(spaces, scheme):
    assert scheme_of("DE89" + " " * spaces + "370400440532013000") == scheme


def test_an_identifier_has_eight_characters_at_least():
    assert scheme_of("RO185472") == "VAT"
    assert scheme_of("RO18") is None


def test_an_identifier_is_printed_in_groups_only_where_asked():
    assert print_identifier("de89 3704 0044 0532 0130 00") == "DE89370400440532013000"
    assert print_identifier("US0378331005", grouped=True) == "US03 7833 1005"
    assert bare_identifier("lu 150.274/42-x") == "LU15027442X"
