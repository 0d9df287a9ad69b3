"""Time that grows with the text, and not with its square."""

from __future__ import annotations

from time import process_time
from timeit import Timer

import pytest

from pytest_slm_autopsy.answers.forms import JsonAnswer, LabelAnswer, NumberAnswer
from pytest_slm_autopsy.cases.rewritten.finding.location import locate
from pytest_slm_autopsy.notation.kinds import kind_of
from pytest_slm_autopsy.notation.parties import LONGEST_NAME

READ = {
    "json": JsonAnswer().read,
    "label": LabelAnswer(("invoice", "reminder", "a")).read,
    "number": NumberAnswer().read,
}
UNITS = (
    *("a, ", "a.", "a\n", "not a, ", "invoice or ", "1 ", "1,000 ", "{", '{"a":', "[", '"', "\\"),
    *("<think>", "</think>", " ", "\n ", "'", "```", '\\"', "user:\n", "<|channel|>analysis"),
)
TIMES = 8


def seconds(read, text, *, measurements=3):
    """The least of some measurements, of this process alone, without its collection of garbage."""
    return min(Timer(lambda: read(text), timer=process_time).repeat(measurements, number=1))


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    ("size", "measurements"), [(10_000, 3), pytest.param(1_250_000, 1, marks=pytest.mark.slow)]
)
def test_an_answer_is_read_in_time_that_grows_with_its_length(name, unit, size, measurements):
    text = unit * (size // len(unit))
    small, large = (
        seconds(READ[name], text * times, measurements=measurements) for times in (1, TIMES)
    )
    # The square would be 64 times as long; what takes no time at all is not compared.
    assert large < 0.03 or large < 3 * TIMES * max(small, 0.001)


@pytest.mark.parametrize("unit", [*UNITS, "A", "12 ", "Baker ", "a@"])
@pytest.mark.parametrize("size", [LONGEST_NAME // TIMES, 500], ids=["of a name", "of a text"])
def test_the_kind_of_a_value_is_told_in_time_that_grows_with_its_length(unit, size):
    text = unit * (size // len(unit))
    small, large = (seconds(kind_of, text * times, measurements=1) for times in (1, TIMES))
    assert large < 0.03 or large < 3 * TIMES * max(small, 0.001)


SOUGHT = {"currency": "EUR", "money": "-1,234.50", "date": "2026-05-27", "code": "AB-12 34",
          "company": "Acme S.A.S.", "address": "12 Main St, Oslo", "text": "a a"}  # fmt: skip


@pytest.mark.parametrize("kind", SOUGHT)
@pytest.mark.parametrize("unit", ["a", "1", "_", " ", "1,", "31.", "a: ", "S.", "one ", "-", "$ "])
def test_a_value_is_found_in_time_that_grows_with_the_document(kind, unit):
    text = unit * (2_000 // len(unit))
    small, large = (
        seconds(lambda one: locate(one, SOUGHT[kind], kind), text * times, measurements=1)
        for times in (1, TIMES)
    )
    assert large < 0.03 or large < 3 * TIMES * max(small, 0.001)
