"""The findings of workers fall into the order of one run, whoever is first to tell."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pytest_slm_autopsy import Autopsy, Case, ScriptedModel, Settings, assert_accuracy, judge
from pytest_slm_autopsy.records import Measurement

ITEMS = [SimpleNamespace(nodeid=f"test_{number}") for number in range(2)]
for item in ITEMS:
    item.session = SimpleNamespace(items=ITEMS)


@pytest.fixture
def autopsy():
    """An empty one: of a worker, or of the process that they report to."""
    return lambda: Autopsy(Settings(), SimpleNamespace(workerinput={}))


def cases(condition: str) -> list[Case]:
    return [Case(f"{condition}-{n}", "1", {"a": "1"}, condition=condition) for n in range(50)]


def run_test(autopsy: Autopsy, number: int, *conditions: str) -> str:
    """Test ``number`` asks about conditions and judges each; gives what it hands over."""
    model = ScriptedModel(lambda case: '{"a": "1"}')
    with autopsy.watching(ITEMS[number]):
        for condition in conditions:
            assert_accuracy(autopsy.predict(model, cases(condition)), at_least=0.5)
    return autopsy.hand_over()


@pytest.mark.parametrize("first", [0, 1])
def test_the_order_is_that_of_one_process(autopsy, first):
    one = autopsy()
    for number, conditions in enumerate(("ab", "cb")):
        run_test(one, number, *conditions)

    told = [
        run_test(autopsy(), number, *conditions) for number, conditions in enumerate(("ab", "cb"))
    ]
    together = autopsy()
    together.take_over(told[first])
    together.take_over(told[1 - first])
    assert together.report() == one.report()
    assert [row.condition for row in together.report().rows] == ["a", "b", "c"]


def test_what_was_handed_over_is_not_handed_over_again(autopsy):
    worker, together = autopsy(), autopsy()
    for number, conditions in enumerate(("ab", "ab")):
        together.take_over(run_test(worker, number, *conditions))
    assert worker.hand_over() == ""
    assert [row.n for row in together.report().rows] == [50, 50]
    assert [gate.test for gate in together.report().gates] == ["test_0"] * 2 + ["test_1"] * 2


def test_numbers_of_numpy_travel(autopsy):
    numpy = pytest.importorskip("numpy")
    worker = autopsy()
    model = ScriptedModel(lambda case: "{}")
    model._logprob = numpy.float32(-0.5)
    worker.predict(model, cases("a"))
    together = autopsy()
    together.take_over(worker.hand_over())
    assert together.report() == worker.report()


def test_outside_a_test_a_verdict_has_no_name(autopsy):
    alone = autopsy()
    alone.note(judge(Measurement("accuracy", 1.0, (0.9, 1.0), 10), side="at_least", limit=0.5))
    assert [gate.test for gate in alone.report().gates] == [""]
