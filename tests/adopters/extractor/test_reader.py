from pytest_slm_autopsy import assert_accuracy, assert_accuracy_gap


def test_it_reads_the_orders_as_they_are(slm, slm_cases, slm_limits, autopsy):
    assert_accuracy(autopsy.predict(slm, slm_cases.reference), at_least=slm_limits.accuracy)


def test_a_shift_costs_little(slm_condition, slm, slm_cases, slm_limits, autopsy):
    reference = autopsy.predict(slm, slm_cases.reference)
    shifted = autopsy.predict(slm, slm_cases[slm_condition])
    limit = slm_limits.gap_of(slm_condition)
    assert_accuracy_gap(reference=reference, shifted=shifted, at_most=limit)
