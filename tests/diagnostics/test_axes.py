"""The share of each axis in a loss, against exact Shapley values; what axes cost together."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_slm_autopsy.diagnostics import causal_shares, dose_response, joint_costs
from tests.diagnostics.planted import AXES, dying, examiner, of_axes, trials


def exact_shares(trial, dies):
    """Return the Shapley value of each axis of a trial, from every order of its axes."""
    orders = list(permutations(sorted(trial.shift)))
    values = dict.fromkeys(trial.shift, 0.0)
    for order in orders:
        for place, axis in enumerate(order):
            before, after = frozenset(order[:place]), frozenset(order[: place + 1])
            values[axis] += (dies(after) - dies(before)) / len(orders)
    return values


@settings(max_examples=15)
@given(
    st.sets(st.sets(st.sampled_from(AXES), min_size=1, max_size=2).map(frozenset), max_size=3),
    st.integers(0, 5),
)
def test_shares_are_the_shapley_values_where_no_axis_heals(deadly, seed):
    def dies(axes):
        return any(some <= axes for some in deadly)

    some = trials(24, seed=seed)
    found = causal_shares(examiner(dying(lambda case: dies({*case.shift}))), some, seed=seed)
    exact = [exact_shares(trial, dies) for trial in some]
    for share in found.shares:
        mean = sum(values.get(share.axis, 0.0) for values in exact) / len(some)
        low, high = share.cost.interval_at(0.9999)
        assert low <= mean <= high
    parts = sum(share.cost.value for share in found.shares)
    assert parts == pytest.approx(found.loss.value)
    assert found.healed is None or found.healed.value == 0


def test_the_only_deadly_axis_has_the_whole_loss():
    found = causal_shares(examiner(dying(of_axes("order"))), trials(40))
    assert found.shares[0].axis == "order"
    assert found.shares[0].cost.value == found.loss.value > 0.3
    assert found.shares[0].fields == {"vendor": len(found.turns)}
    assert {axis for _, axis in found.turns} == {"order"}


def test_healing_is_seen():
    def dies(case):
        return len({"order", "missing"} & {*case.shift}) == 1

    found = causal_shares(examiner(dying(dies)), trials(64, rate=0.9))
    assert found.healed.value > 0.5


def test_halving_asks_few_questions():
    one = examiner(dying(of_axes("order")))
    causal_shares(one, trials(64, rate=1.0))
    assert one.asked < 5 * 64


def test_the_same_seed_gives_the_same_shares():
    first, again = (
        causal_shares(examiner(dying(of_axes("order"))), trials(16), seed=4) for _ in range(2)
    )
    assert [s.cost.value for s in first.shares] == [s.cost.value for s in again.shares]


def test_what_only_two_axes_cost_together():
    one = examiner(dying(of_axes("order", "missing")))
    first, *others = joint_costs(one, trials(16), AXES[:3])
    assert set(first.axes) == {"order", "missing"}
    assert first.cost.value == 1.0
    assert first.alone == (0.0, 0.0)
    assert all(joint.cost.value == 0 for joint in others)


@pytest.mark.parametrize("most", [1, 4, 8])
def test_the_boundary_of_the_capability(most):
    def other_marks(case):
        return sum(": " not in line for line in case.text.splitlines())

    model = dying(lambda case: other_marks(case) > most)
    some = trials(8)
    one = examiner(model)
    dose = dose_response(one, some, "delimiters", at_least=0.9)
    kept, lost = dose.boundary
    assert lost - (kept or 0) == pytest.approx(1 / 8)
    assert dose.severities == tuple(sorted(dose.severities))
    right = dict(zip(dose.severities, (m.value for m in dose.accuracy), strict=True))
    assert right[lost] < 0.9
    assert kept is None or right[kept] >= 0.9


def test_an_axis_that_costs_nothing_has_no_boundary():
    dose = dose_response(examiner(dying(lambda case: False)), trials(8), "order")
    assert dose.boundary == (1.0, None)
    assert [one.value for one in dose.accuracy] == [1.0]
