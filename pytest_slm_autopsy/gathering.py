"""From the predictions and verdicts of a run to the data of its report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple
from datetime import date
from importlib.metadata import version

from pytest_slm_autopsy.cases.drawn.suites import cases_digest
from pytest_slm_autopsy.diagnostics.diagnosis import Diagnosis
from pytest_slm_autopsy.diagnostics.inside.inner import InnerEvidence
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.measures.accuracy import exact_match, field_accuracy, valid_json
from pytest_slm_autopsy.measures.calibration import expected_calibration_error, reliability
from pytest_slm_autopsy.measures.collapse import cut_off
from pytest_slm_autopsy.measures.counted import Counted, counted
from pytest_slm_autopsy.measures.error_categories import categories
from pytest_slm_autopsy.measures.token_confidence import confidence, mean_confidence
from pytest_slm_autopsy.records import AMBIGUOUS, Fields, Prediction, Verdict
from pytest_slm_autopsy.report.data import (
    ConditionRow,
    DoseCurve,
    Grid,
    JudgedGate,
    NamedMeasurement,
    Reliability,
    ReliabilityBin,
    ReportData,
    Why,
    WrongAnswer,
    WrongKinds,
)
from pytest_slm_autopsy.statistics.significance import holm

Group = Sequence[Prediction]
WRONG_ANSWERS = 10


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
    return ReportData(
        title="Autopsy",
        created=date.today().isoformat(),
        facts={
            **facts,
            "cases asked": _asked(predictions),
            "pytest-slm-autopsy": version("pytest-slm-autopsy"),
        },
        rows=tuple(condition_row(*key, group) for key, group in groups.items()),
        reliability=tuple(
            Reliability(*key, tuple(ReliabilityBin(*astuple(b)) for b in reliability(group)))
            for key, group in groups.items()
            if _measurable(group)
        ),
        wrong=tuple(wrong_answers(groups)),
        gates=judged_together(list(verdicts), outcomes or {}),
        kinds=tuple(
            wrong_kinds(*key, group) for key, group in groups.items() if not all(group.right)
        ),
        why=tuple(map(why, diagnoses)),
    )


def why(diagnosis: Diagnosis) -> Why:
    """Return a diagnosis as the report shows it."""
    shares = diagnosis.shares.shares if diagnosis.shares else ()
    return Why(
        diagnosis.model,
        diagnosis.headline,
        diagnosis.reference,
        diagnosis.shifted,
        diagnosis.findings,
        diagnosis.rulings,
        tuple(NamedMeasurement(share.axis, share.cost) for share in shares),
        tuple(NamedMeasurement(cause.words, cause.share) for cause in diagnosis.minimal),
        tuple(DoseCurve(dose.axis, dose.severities, dose.accuracy) for dose in diagnosis.doses),
        diagnosis.asked,
        tuple(grids(diagnosis.inner)) if diagnosis.inner else (),
    )


def grids(inner: InnerEvidence) -> Iterator[Grid]:
    """Yield the tables of the inside of a model: attention, attribution, patching, dose."""
    tables = (
        ("Attention of answered values", [(one.condition, one.shares) for one in inner.attention]),
        ("Attribution of wrong answers", [(one.method, one.shares) for one in inner.attribution]),
    )
    for title, rows in tables:
        if rows:
            columns = tuple(m.name.rpartition(" on ")[2] for m in rows[0][1])
            values = tuple(tuple(m.value for m in shares) for _, shares in rows)
            yield Grid(title, tuple(name for name, _ in rows), columns, values)
    if inner.patched:
        values = tuple(tuple(m.value for m in row) for row in inner.patched.recovery)
        layers = tuple(f"after layer {layer}" for layer in range(len(values)))
        title = f"The right answer comes back when the twin's states come in (n={inner.patched.n})"
        yield Grid(title, layers, inner.patched.groups, values)
    if inner.dose:
        scales = tuple(f"{scale:g}" for scale in inner.dose.scales)
        chances = tuple(m.value for m in inner.dose.chance)
        yield Grid("Chance of the right answer by the adapter's scale", ("",), scales, (chances,))


def wrong_kinds(model: str, condition: str, group: Group) -> WrongKinds:
    """Return the number of wrong answers by category and by field.

    Categories come the gravest first, fields the most often wrong first.
    """
    wrong = [row for row in categories(group) if row.category != "right"]
    counts = {row.category: row.count for row in wrong if row.count}
    fields: Counter[str] = Counter()
    for row in wrong:
        fields.update(row.fields)
    return WrongKinds(model, condition, counts, dict(fields.most_common()))


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


def _asked(predictions: Group) -> str:
    """Return the number of different cases, and a hash that is equal for the same cases."""
    cases = {(case.id, case.text): case for case in (p.case for p in predictions)}
    return f"{len(cases)}, hash {cases_digest(cases[key] for key in sorted(cases))}"


def condition_row(model: str, condition: str, group: Group) -> ConditionRow:
    """Return one line of the table of conditions."""
    sure = _measurable(group)
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


def wrong_answers(groups: Mapping[tuple[str, str], Group]) -> list[WrongAnswer]:
    """Return ten wrong answers, the surest first, at most three of one model and condition."""
    chosen: list[tuple[float, WrongAnswer]] = []
    for (model, condition), group in groups.items():
        wrong = [(_confidence_or_none(p), p) for p in group if not p.correct]
        wrong.sort(key=lambda pair: -(pair[0] or 0.0))
        for sure, p in wrong[:3]:
            answer = WrongAnswer(
                model,
                condition,
                p.case.id,
                p.case.text,
                _shown(p.case.truth),
                None if p.fields is None else _shown(p.fields),
                p.raw,
                sure,
            )
            chosen.append((-(sure or 0.0), answer))
    chosen.sort(key=lambda pair: pair[0])
    return [answer for _, answer in chosen[:WRONG_ANSWERS]]


def _shown(fields: Fields) -> dict[str, str | None]:
    """Return fields as text; the rows of a table as JSON."""
    return {
        name: value if value is None or isinstance(value, str) else json.dumps(value)
        for name, value in fields.items()
    }


def _measurable(group: Group) -> bool:
    return all(_confidence_or_none(prediction) is not None for prediction in group)


def _confidence_or_none(prediction: Prediction) -> float | None:
    try:
        return confidence(prediction)
    except NoDataError:
        return None
