"""Does the model survive documents that are written otherwise? See docs/suite.md.

The fixtures come from pytest-slm-autopsy: `slm` is the model of the ini keys slm_base and
slm_adapter, `slm_cases` the documents, `slm_limits` the file slm-limits.toml, and
`slm_condition` each way to write the documents anew. `pytest --fixtures -v` explains each.
"""

# ---
from pytest_slm_autopsy import (
    assert_accuracy,
    assert_accuracy_gap,
    assert_answers_end,
    assert_valid_json,
)


# Documents of your own are better than drawn invoices. Name a file of JSON lines with id, text and
# truth in the ini file: slm_cases = cases.jsonl. It is checked by: slm-autopsy cases validate FILE.


def test_it_reads_what_it_was_trained_on(slm, slm_cases, slm_limits, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=slm_limits.accuracy)


def test_its_answers_are_json(slm, slm_cases, slm_limits, autopsy):
    assert_valid_json(autopsy.predict(slm, slm_cases.reference), at_least=slm_limits.valid_json)


def test_its_answers_end(slm, slm_cases, slm_limits, autopsy):
    assert_answers_end(autopsy.predict(slm, slm_cases.reference), at_most=slm_limits.cut_off)


# Runs once for each condition that slm-limits.toml names.


def test_a_shift_costs_little(slm_condition, slm, slm_cases, slm_limits, autopsy):
    reference = autopsy.predict(slm, slm_cases.reference)
    shifted = autopsy.predict(slm, slm_cases[slm_condition])
    limit = slm_limits.gap_of(slm_condition)
    assert_accuracy_gap(reference=reference, shifted=shifted, at_most=limit)
