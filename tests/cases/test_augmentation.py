"""Training cases by a mixture, drawn or rewritten, without any evaluation case."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy import INVOICE, Case, draw_suite
from pytest_slm_autopsy.cases import Mixture, augment
from pytest_slm_autopsy.errors import CaseError, ConfigError
from pytest_slm_autopsy.measures import find_leaks

MIXTURE = Mixture({"order": 0.5, "case": 0.5})
OWN = draw_suite(INVOICE, 12, 3, {"canonical": {}}).reference


def test_rates_come_back():
    cases = augment(INVOICE, MIXTURE, 800, seed=9, plain=1 / 8)
    assert len(cases) == 800
    assert sum(not case.shift for case in cases) == 100
    shares = [sum(axis in case.shift for case in cases) / 700 for axis in MIXTURE.rates]
    assert all(0.58 < share < 0.76 for share in shares)  # at least one axis: 2/3 each


def test_the_same_seed_gives_the_same_cases():
    assert augment(INVOICE, MIXTURE, 20, seed=9) == augment(INVOICE, MIXTURE, 20, seed=9)
    assert augment(INVOICE, MIXTURE, 20, seed=9) != augment(INVOICE, MIXTURE, 20, seed=10)


def test_no_evaluation_record_is_drawn_though_the_seed_is_the_same():
    suite = draw_suite(INVOICE, 40, 9, {"canonical": {}}).reference
    cases = augment(INVOICE, MIXTURE, 60, seed=9, without=suite)
    assert len(cases) == 60
    assert find_leaks(training=cases, evaluation=suite, kinds=["same record"]) == ()


def test_own_documents_are_rewritten_and_evaluation_ones_left_out():
    cases = augment(OWN, Mixture({"order": 1.0}), 40, seed=1, without=OWN[:4])
    assert len(cases) == 40
    assert {case.cluster for case in cases} == {case.cluster for case in OWN[4:]}
    assert sum("order" in case.shift for case in cases) == 35


@pytest.mark.parametrize(
    ("source", "n", "without", "error", "told"),
    [
        (OWN, 8, OWN, CaseError, "all 12 documents are evaluation cases"),
        (OWN, 0, (), ConfigError, "n is 0"),
        ([Case("1", "nothing", {"a": "x"})], 8, (), CaseError, "cannot|refused|no document"),
    ],
)
def test_bad_input_is_a_sentence(source, n, without, error, told):
    with pytest.raises(error, match=told):
        augment(source, Mixture({"order": 1.0}), n, seed=1, without=without)
