"""The shape of a document: what stays of its format, and what goes with its values."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.errors import CaseError, NoDataError
from pytest_slm_autopsy.measures import profile_divergence
from pytest_slm_autopsy.measures.inputs.shapes import LONGEST_LINE, shape


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Total: 12.50 EUR", "Aa: 99.99 A"),
        ("total TOTAL Total tOTAL", "a A Aa a"),
        ("1 12 123 1234 12345 1234567", "9 99 999 9999 9999 9999"),
        ("a b", "a a"),
        ("a  b", "a  a"),
        ("a   b", "a  a"),
        ("a    b", "a" + " " * 8 + "a"),
        (f"a{' ' * 15}b", f"a{' ' * 8}a"),
        (f"a{' ' * 16}b", f"a{' ' * 24}a"),
        ("a\tb", "a" + " " * 8 + "a"),
        ("---", "---"),
        ("----", "----"),
        ("==========", "===="),
        ("a  \r\nb\n\n  c", "a\na\n\n  a"),
        ("Ku\u0308che", "Aa"),
        ("A" * 2 * LONGEST_LINE, "A"),
        (". " * LONGEST_LINE, (". " * (LONGEST_LINE // 2)).rstrip()),
    ],
)
def test_the_shape_of_a_text(text, expected):
    assert shape(text) == expected


def test_formats_are_compared_and_not_values():
    here = [f"Total: {number}.50" for number in range(10, 30)]
    there = [f"Sum: {number}.75" for number in range(40, 60)]
    other = [f"{number},75 is the sum" for number in range(40, 60)]
    assert profile_divergence(here, there).value == 0
    assert profile_divergence(here, other).value > 0.5


def test_a_side_without_documents_is_an_error():
    with pytest.raises(NoDataError, match="no observed documents"):
        profile_divergence(["a"], [])
    with pytest.raises(CaseError, match="the drawn side holds int"):
        profile_divergence([1], ["a"])
