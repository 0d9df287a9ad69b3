"""Faults planted in real tiny adapters: those that are committed, or made from committed ones."""

from __future__ import annotations

import pytest

from benchmarks.planted.patients import faults, well
from benchmarks.planted_faults import place

SEED = 7

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["brittle to times", "untrained"])
def test_the_true_cause_comes_first(name):
    fault = faults()[name]
    assert place(fault, fault.examined(SEED)) == 0


def test_a_healthy_adapter_has_no_cause():
    assert well()["hardened"].examined(SEED) == []
