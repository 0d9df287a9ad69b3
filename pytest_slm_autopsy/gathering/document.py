"""From the predictions and verdicts of a run to the data of its report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.metadata import version

from pytest_slm_autopsy.cases.drawn.suites import cases_digest
from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis
from pytest_slm_autopsy.gathering.answers import confusion, wrong_answers, wrong_kinds
from pytest_slm_autopsy.gathering.curves import (
    curves_of,
    differences,
    measurable,
)
from pytest_slm_autopsy.gathering.distances import distances
from pytest_slm_autopsy.gathering.why import why
from pytest_slm_autopsy.measures.accuracy import exact_match, field_accuracy, valid_json
from pytest_slm_autopsy.measures.calibration import expected_calibration_error
from pytest_slm_autopsy.measures.collapse import cut_off
from pytest_slm_autopsy.measures.counted import Counted, counted
from pytest_slm_autopsy.measures.token_confidence import mean_confidence
from pytest_slm_autopsy.records import AMBIGUOUS, Prediction, Verdict
from pytest_slm_autopsy.report.data import ConditionRow, JudgedGate, ReportData
from pytest_slm_autopsy.statistics.significance import holm

Group = Sequence[Prediction]


def gather(
    predictions: Iterable[Prediction],
    verdicts: Iterable[tuple[str, Verdict]] = (),
    outcomes: Mapping[str, str] | None = None,
    *,
    facts: Mapping[str, str],
    diagnoses: Iterable[Diagnosis] = (),
) -> ReportData:
    """Return the report data of a run: its table, curves, wrong answers and judged gates.

    Args:
        predictions: all predictions of the run.
        verdicts: the name of a test, and a verdict reached in it.
        outcomes: the outcome of each test, by its name.
        facts: names and values that are printed at the foot of the page.
        diagnoses: diagnoses of the models.
    """
    predictions = list(predictions)
    groups = _groups(predictions)
    sure = {key: group for key, group in groups.items() if measurable(group)}
    diagnoses = list(diagnoses)
    return ReportData(
        title="Autopsy",
        created=date.today().isoformat(),
        facts={**facts, **_own_facts(predictions)},
        rows=tuple(condition_row(*key, group) for key, group in groups.items()),
        wrong=tuple(wrong_answers(groups, diagnoses)),
        gates=judged_together(list(verdicts), outcomes or {}),
        kinds=tuple(
            wrong_kinds(*key, group) for key, group in groups.items() if not all(group.right)
        ),
        why=tuple(map(why, diagnoses)),
        **curves_of(sure),
        confusions=tuple(confusion(groups)),
        differences=tuple(differences(groups)),
        distances=tuple(distances(predictions)),
    )


def judged_together(
    verdicts: Sequence[tuple[str, Verdict]], outcomes: Mapping[str, str]
) -> tuple[JudgedGate, ...]:
    """Return the gates of a run, each with whether its verdict stands among all (Holm 1979)."""
    known = [v.p_value for _, v in verdicts if v.p_value is not None]
    adjusted = iter(holm(known))
    gates = []
    for test, verdict in verdicts:
        p_value = 0.0 if verdict.p_value is None else next(adjusted)
        tail = (1 - verdict.measurement.confidence_level) / 2
        holds = None if verdict.outcome == "undecided" else p_value <= tail
        gates.append(JudgedGate(test, outcomes.get(test, verdict.outcome), verdict, holds))
    return tuple(gates)


def _groups(predictions: Group) -> dict[tuple[str, str], Counted]:
    """Return the predictions by model and condition, without those of ambiguous cases.

    Doubles of one name that answered the same case are told apart by a number.
    """
    groups: dict[tuple[str, str], list[Prediction]] = {}
    times: Counter[tuple[str, str, str, str]] = Counter()
    for prediction in predictions:
        if AMBIGUOUS in prediction.case.tags:
            continue
        model, case = prediction.model, prediction.case
        times[model, case.condition, case.id, case.text] += 1
        number = times[model, case.condition, case.id, case.text]
        name = model if number == 1 else f"{model} ({number})"
        groups.setdefault((name, case.condition), []).append(prediction)
    return {key: counted(group) for key, group in groups.items()}


def _own_facts(predictions: Group) -> dict[str, str]:
    return {
        "cases asked": _asked(predictions),
        "pytest-slm-autopsy": version("pytest-slm-autopsy"),
    }


def _asked(predictions: Group) -> str:
    """Return the number of different cases, and a hash that is equal for the same cases."""
    cases = {(case.id, case.text): case for case in (p.case for p in predictions)}
    return f"{len(cases)}, hash {cases_digest(cases[key] for key in sorted(cases))}"


def condition_row(model: str, condition: str, group: Counted) -> ConditionRow:
    """Return one line of the table of conditions."""
    sure = measurable(group)
    right, wrong = [p for p in group if p.correct], [p for p in group if not p.correct]
    return ConditionRow(
        model=model,
        condition=condition,
        n=len(group),
        accuracy=exact_match(group),
        field_accuracy=field_accuracy(group) if all(p.case.truth for p in group) else None,
        valid_json=valid_json(group),
        confidence_right=mean_confidence(right) if sure and right else None,
        confidence_wrong=mean_confidence(wrong) if sure and wrong else None,
        ece=expected_calibration_error(group) if sure else None,
        cut_off=cut_off(group),
    )
