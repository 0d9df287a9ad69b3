"""Trials: a record with a shift, asked under any part of the shift, many in one batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from pytest_slm_autopsy.cases.choices import Choices, SteadyChoices
from pytest_slm_autopsy.cases.drawn.shifts import Shift
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.measures.error_categories import field_categories
from pytest_slm_autopsy.records import AMBIGUOUS, Case, Interval, Measurement, Prediction
from pytest_slm_autopsy.statistics.clustered import ClusteredDifference, ClusteredRate
from pytest_slm_autopsy.statistics.resampling import bootstrap

Ask = Callable[[Sequence[Case]], Sequence[Prediction]]
"""A model that is asked: cases in, one prediction for each, in order."""

Things = Mapping[str, frozenset[str]]
"""Axis to the things that it may touch, such as fields; an axis that is not named touches all."""

RIGHT: frozenset[str] = frozenset()


class Variants(Protocol):
    """The interface of what writes a record under any part of a shift."""

    @property
    def axes(self) -> tuple[str, ...]:
        """Return the axes along which a record can be written."""
        ...

    def write(self, reference: Case, shift: Shift, choices: Choices) -> Case:
        """Return the record of ``reference`` under ``shift``.

        Raises:
            CaseError: it cannot be written so.
        """
        ...


@dataclass(frozen=True, slots=True)
class Trial:
    """A reference case and the shift that is laid on it."""

    reference: Case
    shift: Shift

    @property
    def seed(self) -> str:
        """Return the seed of the decisions; each axis decides alike under every part."""
        return f"{self.reference.cluster}/{'+'.join(sorted(self.shift))}"


@dataclass(frozen=True, slots=True)
class Question:
    """A part of the shift of a trial: some of its axes, and of their things."""

    trial: Trial
    shift: Shift
    only: Things = field(default_factory=dict)


def trials_of(reference: Iterable[Case], shifted: Iterable[Case]) -> list[Trial]:
    """Return a trial for each shifted case that has a reference twin; ambiguous cases count not.

    Raises:
        CaseError: no shifted case has a shift and a twin.
    """
    twins = {case.cluster: case for case in reference if AMBIGUOUS not in case.tags}
    found = [
        Trial(twins[case.cluster], dict(case.shift))
        for case in shifted
        if case.shift and case.cluster in twins and AMBIGUOUS not in case.tags
    ]
    if not found:
        raise CaseError(
            "no shifted case names its axes and has a twin among the reference cases, so no axis "
            "can be tried; draw both from one suite (draw_suite or rewrite_suite)"
        )
    return found


class Examiner:
    """Asks questions in batches, each document once, and keeps the wrong fields alone.

    ``asked`` counts the predictions. ``refused`` counts the questions that could not be written;
    such an answer counts as right, as that of the document unchanged.
    """

    def __init__(self, ask: Ask, variants: Variants) -> None:
        self._ask = ask
        self.variants = variants
        self.asked = 0
        self.refused = 0
        self._number = count()
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    def know(self, predictions: Iterable[Prediction]) -> None:
        """Remember answers that were given before, so that nothing is asked twice."""
        for one in predictions:
            self._known[one.case.cluster, one.case.text] = wrong_fields(one)

    def case(self, question: Question) -> Case | None:
        """Return the document of a question, or ``None`` where it cannot be written."""
        choices = SteadyChoices(question.trial.seed, question.only)
        try:
            return self.variants.write(question.trial.reference, question.shift, choices)
        except CaseError:
            self.refused += 1
            return None

    def touched(self, trial: Trial) -> dict[str, tuple[str, ...]]:
        """Map each axis of a trial to the things that it touches, where it tells them."""
        choices = SteadyChoices(trial.seed)
        try:
            self.variants.write(trial.reference, trial.shift, choices)
        except CaseError:
            return {}
        return {axis: tuple(dict.fromkeys(things)) for axis, things in choices.touched.items()}

    def wrong_fields(self, questions: Sequence[Question]) -> list[frozenset[str]]:
        """Return the fields that are answered wrong, of each question; none where it is right."""
        cases = [self.case(question) for question in questions]
        keys = [None if case is None else (case.cluster, case.text) for case in cases]
        new = {
            key: case
            for key, case in zip(keys, cases, strict=True)
            if key is not None and case is not None and key not in self._known
        }
        if new:
            named = [_named(case, next(self._number)) for case in new.values()]
            self.asked += len(named)
            answered = self._ask(named)
            self._known |= dict(zip(new, map(wrong_fields, answered), strict=True))
        return [RIGHT if key is None else self._known[key] for key in keys]


def wrong_fields(prediction: Prediction) -> frozenset[str]:
    """Return the fields that an answer has wrong; an extra key is a field, too."""
    if prediction.correct:
        return RIGHT
    wrong = {name for name, kind in field_categories(prediction).items() if kind != "right"}
    return frozenset(wrong or {*(prediction.fields or {})} - {*prediction.case.truth}) or (
        frozenset({"(answer)"})
    )


def _named(case: Case, number: int) -> Case:
    return replace(case, id=f"{case.cluster}/trial {number}")


def paired(
    name: str, changes: Sequence[int], records: Sequence[str], *, level: float = 0.95
) -> Measurement:
    """Return the mean of paired changes, which are -1, 0 or 1, with its interval by record."""
    numbers: dict[str, int] = {}
    places = np.array([numbers.setdefault(record, len(numbers)) for record in records])
    lost, won, sizes = (
        np.bincount(places, np.array(each, float))
        for each in ([c > 0 for c in changes], [c < 0 for c in changes], np.ones(len(changes)))
    )
    found = ClusteredDifference(ClusteredRate.of(lost, sizes), ClusteredRate.of(won, sizes))
    value = float(np.mean(changes))
    interval = found.interval(level)
    return Measurement(
        name,
        value,
        interval,
        len(changes),
        level,
        bounds=(-1.0, 1.0),
        interval_at=found.interval,
        interval_with=partial(found.interval, level),
    )


def mean_of(
    name: str, values: NDArray[np.float64], bounds: Interval = (0.0, 1.0), *, level: float = 0.95
) -> Measurement:
    """Return the mean of one value a case, with a bootstrap interval; of one case, the bounds."""
    interval = bounds
    if len(values) > 1:
        found = bootstrap(lambda w: w @ values / w.sum(1), len(values), bounds=bounds)
        interval = found.interval(level)
    return Measurement(name, float(values.mean()), interval, len(values), level, bounds=bounds)
