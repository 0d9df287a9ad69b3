"""Tests of significance, against statsmodels."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from pytest_slm_autopsy.errors import ConfigError
from pytest_slm_autopsy.statistics.significance import holm, mcnemar_exact

counts = st.integers(0, 60)


@given(counts, counts)
def test_mcnemar_is_statsmodels(first, second):
    expected = mcnemar([[9, first], [second, 9]], exact=True).pvalue
    assert mcnemar_exact(first, second) == pytest.approx(expected)


@settings(max_examples=15, deadline=None)  # statsmodels takes its time
@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_is_statsmodels(p_values):
    assert holm(p_values) == pytest.approx(list(multipletests(p_values, method="holm")[1]))


@pytest.mark.parametrize(
    ("p_values", "adjusted"),
    [
        ([0.0, 1.0], (0.0, 1.0)),
        ([0.01, 0.04, 0.03], (0.03, 0.06, 0.06)),
        ([0.6, 0.2, 0.6], (1.0, 0.6000000000000001, 1.0)),
        ([0.001] * 3, (0.003,) * 3),
    ],
)
def test_holm_by_hand(p_values, adjusted):
    assert holm(p_values) == adjusted


def test_what_is_no_count_or_p_value_is_refused():
    assert holm([]) == ()
    for wrong in (1.5, -0.1, float("nan")):
        with pytest.raises(ConfigError, match=f"{wrong} is no p-value; it must be from 0 to 1"):
            holm([0.1, wrong])
    with pytest.raises(ConfigError, match="must not be negative"):
        mcnemar_exact(-1, 2)
