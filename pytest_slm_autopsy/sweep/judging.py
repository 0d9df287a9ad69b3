"""The models of a sweep against the gates, and each adapter against the one before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from pytest_slm_autopsy.assertions.accuracy import (
    assert_accuracy,
    assert_accuracy_gap,
    assert_valid_json,
)
from pytest_slm_autopsy.assertions.affirmation import GateFailure
from pytest_slm_autopsy.assertions.calibration import assert_calibrated, assert_no_confident_errors
from pytest_slm_autopsy.assertions.collapse import assert_answers_end
from pytest_slm_autopsy.assertions.regression import compared, judged
from pytest_slm_autopsy.errors import SlmAutopsyError
from pytest_slm_autopsy.measures.accuracy import exact_match
from pytest_slm_autopsy.predictions.baseline import Baseline
from pytest_slm_autopsy.records import CANONICAL, Measurement, Prediction, Record, Verdict
from pytest_slm_autopsy.suite.limits import Limits

Group = Sequence[Prediction]


@dataclass(frozen=True, slots=True)
class Judged(Record):
    """One model on one suite: its verdicts, and what it lost against the adapter before it.

    ``unjudged`` maps a gate to the reason why it could not be judged. ``problem`` says why the
    model could not be asked. ``failed`` counts the answers that failed. ``before`` is the adapter
    that ``lost`` is measured against, one verdict for all cases, then one a condition that surely
    lost more than the margin.
    """

    model: str
    suite: str
    accuracy: Measurement | None = None
    verdicts: tuple[Verdict, ...] = ()
    unjudged: Mapping[str, str] | None = None
    before: str = ""
    lost: tuple[Verdict, ...] = ()
    failed: int = 0
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Tell whether every gate passed and nothing was lost."""
        outcomes = {verdict.outcome for verdict in (*self.verdicts, *self.lost)}
        return bool(self.verdicts) and outcomes <= {"passed"} and not (self.problem or self.failed)


def judge_suite(model: str, suite: str, predictions: Group, limits: Limits) -> Judged:
    """Return the verdicts on a model's answers to a suite."""
    groups = by_condition(predictions)
    verdicts, unjudged = [], {}
    for name, gate in _gates(groups, limits):
        try:
            verdicts.append(gate())
        except GateFailure as failure:
            verdicts.append(failure.verdict)
        except SlmAutopsyError as error:
            unjudged[name] = str(error)
    accuracy = exact_match(groups[CANONICAL]) if CANONICAL in groups else None
    return Judged(model, suite, accuracy, tuple(verdicts), unjudged or None)


def by_condition(predictions: Group) -> dict[str, list[Prediction]]:
    """Return predictions by condition."""
    groups: dict[str, list[Prediction]] = {}
    for one in predictions:
        groups.setdefault(one.case.condition, []).append(one)
    return groups


def _gates(
    groups: Mapping[str, list[Prediction]], limits: Limits
) -> Iterator[tuple[str, Callable[[], Verdict]]]:
    """Yield the gates of the built-in suite that need nothing but answers."""
    reference = groups.get(CANONICAL, [])
    names = limits.conditions or [name for name in groups if name != CANONICAL]
    shifted = [one for name in names for one in groups.get(name, [])]
    yield "accuracy", partial(assert_accuracy, reference, at_least=limits.accuracy)
    yield "valid JSON", partial(assert_valid_json, reference, at_least=limits.valid_json)
    for name in names:
        gap = partial(
            assert_accuracy_gap, reference=reference, shifted=groups.get(name, []),
            at_most=limits.gap_of(name),
        )  # fmt: skip
        yield f"accuracy gap, {name}", gap
    yield "answers end", partial(assert_answers_end, shifted, at_most=limits.cut_off)
    if any(one.logprobs is not None for one in shifted):
        yield "calibration", partial(assert_calibrated, shifted, at_most=limits.calibration_error)
        yield "sure and wrong", partial(
            assert_no_confident_errors, shifted, at_most=limits.confident_errors,
            confidence=limits.confidence,
        )  # fmt: skip


def against(found: Judged, predictions: Group, before: Baseline, margin: float) -> Judged:
    """Return what a model lost against the outcomes of the one before it, on the same cases."""
    name = next(iter(before.latest))
    try:
        regression = next(compared(predictions, before))
    except SlmAutopsyError as error:
        return replace(found, unjudged={**(found.unjudged or {}), "loss": str(error)})
    whole = judged(regression.whole, margin)
    parts = [judged(flipped, margin) for flipped in regression.conditions.values()]
    named = [
        replace(one, measurement=replace(one.measurement, name=f"lost against {name}"))
        for one in (whole, *(part for part in parts if part.outcome == "failed"))
    ]
    return replace(found, before=name, lost=tuple(named))
