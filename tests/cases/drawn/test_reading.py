"""A fair test is one that a careful person passes: an independent reader gets the truth back."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.cases.drawn.shifts import AXES, Mixture, applicable
from pytest_slm_autopsy.cases.drawn.suites import draw_suite, stream_cases
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, ITEMISED_INVOICE, RECEIPT
from pytest_slm_autopsy.records import legible
from tests.cases.drawn.reader import read

SCHEMAS = (INVOICE, ITEMISED_INVOICE, RECEIPT)
# Over all schemas and severities of an axis: some 200 cases, or 2,000 with -m slow.
SIZES = [pytest.param(17), pytest.param(170, marks=pytest.mark.slow)]


def misread(cases, schema):
    """The cases that the reader gets wrong, as a person would want to see them."""
    for case in cases:
        found = {name: legible(value) for name, value in read(case.text, schema).items()}
        if found != dict(case.truth):
            wrong = {name: (found[name], case.truth[name]) for name in found}
            yield case.text, {name: pair for name, pair in wrong.items() if pair[0] != pair[1]}


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("axis", AXES)
def test_along_every_axis_at_every_severity(axis, n):
    for schema in SCHEMAS:
        if axis in applicable(schema):
            conditions = {str(grade): {axis: grade} for grade in (0.1, 0.25, 0.5, 1.0)}
            cases = stream_cases(schema, n, 1, conditions)
            assert list(misread(cases, schema)) == []


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: schema.name)
def test_mixed_as_production_mixes_them(schema):
    cases = draw_suite(schema, 300, 2, {"production": Mixture()}).production
    wrong = list(misread(cases, schema))
    # Some mixtures ask more of a reader than ours can do; a person reads these too.
    assert len(wrong) <= 0.02 * len(cases), wrong[0]


def test_the_reader_can_fail():
    case = draw_suite(INVOICE, 1, 1, {"canonical": {}}).reference[0]
    text = case.text.replace("Vendor", "Nobody")
    assert read(text, INVOICE)["vendor"] is None
