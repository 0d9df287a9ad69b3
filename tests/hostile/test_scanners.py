"""Scanners that read a long text once find what a plain pattern finds, which reads it again."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy import redaction
from pytest_slm_autopsy.answers import parser
from pytest_slm_autopsy.cases import chats
from pytest_slm_autopsy.cases.rewritten.axes import meanings
from pytest_slm_autopsy.notation import parties

BRACE = re.compile(r'"(?:[^"\\]|\\.)*"|[{}]', re.DOTALL)
TAGS = re.compile(
    r".*<(document|doc|text|input|invoice|content)\b[^<>]*>\n?(?P<document>.*?)\n?</\1>",
    re.DOTALL | re.IGNORECASE,
)
ANSWERS = st.text(alphabet='"\\{}:a1 ,\n[]', max_size=40)
TURNS = st.lists(
    st.sampled_from(["<doc>", "</doc>", "<DOC x>", "</Doc>", "<text>", "</text>", "<document>",
                     "</document>", "<docs>", "</doc >", "\n", "a", "<", ">"]),
    max_size=12,
).map("".join)  # fmt: skip
LINES = st.lists(
    st.sampled_from(["Baker", "GmbH", "Ltd.", "AG", "&", "und", "1", "a1b", "2.50", "Total", " ",
                     "  ", "\t", ",", "-", "(", "\n", ":"]),
    max_size=10,
).map("".join)  # fmt: skip
# How a pattern that reads a word once says what a plain one says.
PLAIN = {
    r"(?<!\S)(?=\S*?\d)\S++\s": r"\d\S*\s",
    r"(?<!\w)\d*+[^\W\d]\w*+": r"\w*[^\W\d]\w*",
    r"(?=[^\s,]*?[^\W\d_])[^\s,]++": r"[^\s,]*[^\W\d_][^\s,]*",
}


def plain(pattern):
    """The same pattern, which begins anew at every character of a word."""
    text = pattern.pattern
    for known, slow in PLAIN.items():
        text = text.replace(known, slow)
    assert text != pattern.pattern
    return re.compile(text, pattern.flags)


@given(LINES)
def test_the_label_at_the_end_of_a_line(text):
    found, known = meanings._CELL_END.search(text), plain(meanings._CELL_END).search(text)
    assert (found and found.span("label")) == (known and known.span("label"))


def test_a_company_at_the_end_of_a_long_line():
    assert parties.names_company("a " * 200 + "Baker Tools GmbH")


@given(LINES)
def test_a_word_with_a_letter(text):
    assert redaction._WORD.findall(text) == plain(redaction._WORD).findall(text)


@given(LINES)
def test_the_name_of_a_company(text):
    assert parties.names_company(text) == bool(plain(parties._NAMES_COMPANY).search(text))


@given(ANSWERS)
def test_braces_outside_of_texts(text):
    plain = [one.span() for one in BRACE.finditer(text) if one.group() in "{}"]
    found = parser._beside_texts(parser._BRACE, parser._BARE_BRACE, text)
    assert [one.span() for one in found if one.group() in "{}"] == plain


@given(ANSWERS)
def test_values_without_quotes(text):
    pattern = re.compile(rf'"(?:[^"\\]|\\.)*"|{parser._VALUE}', re.VERBOSE | re.DOTALL)
    plain = [one.span("value") for one in pattern.finditer(text) if one["value"] is not None]
    found = parser._beside_texts(parser._UNQUOTED, parser._BARE_VALUE, text)
    assert [one.span("value") for one in found if one["value"] is not None] == plain


@given(TURNS)
def test_the_last_pair_of_tags(text):
    plain = TAGS.search(text)
    assert chats._tagged(text) == (plain and plain.span("document"))
