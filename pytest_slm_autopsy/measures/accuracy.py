"""Accuracy: of whole documents, of single fields, and of one answer against its twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_slm_autopsy.errors import CaseError, NoDataError
from pytest_slm_autopsy.measures.counted import (
    Counted,
    by_record,
    counted,
    difference_by_record,
    measured,
    only_predictions,
    rate,
    rate_by_record,
)
from pytest_slm_autopsy.records import (
    AMBIGUOUS,
    CANONICAL,
    Case,
    Interval,
    Measurement,
    Prediction,
    legible,
)
from pytest_slm_autopsy.statistics.significance import mcnemar_exact

Predictions = Sequence[Prediction]
Pairs = Sequence[tuple[Prediction, Prediction]]

SIGNED: Interval = (-1.0, 1.0)


def exact_match(predictions: Predictions, *, confidence_level: float = 0.95) -> Measurement:
    """Return the share of documents that are answered exactly.

    An answer is right where it has the keys of the truth and every value looks the same: accents
    are composed and every space counts as a plain one. The interval is Clopper-Pearson's, clustered
    by record.

    Raises:
        NoDataError: there are no predictions, or all are of ambiguous cases.
    """
    predictions = counted(predictions)
    return rate("exact match", predictions.right, predictions, confidence_level)


def valid_json(predictions: Predictions, *, confidence_level: float = 0.95) -> Measurement:
    """Return the share of answers that are one JSON object and nothing else.

    Raises:
        NoDataError: there are no predictions, or all are of ambiguous cases.
    """
    predictions = counted(predictions)
    valid = [p.fields is not None and p.stage == "strict" for p in predictions]
    return rate("valid JSON", valid, predictions, confidence_level)


def field_accuracy(predictions: Predictions, *, confidence_level: float = 0.95) -> Measurement:
    """Return the share of asked fields with the true value; the fields of one record are a cluster.

    Raises:
        NoDataError: no prediction, or a case that asks for no field.
    """
    predictions = counted(predictions)
    if empty := next((p.case.id for p in predictions if not p.case.truth), None):
        raise NoDataError(
            f"case {empty!r} asks for no field, so none can be right; name fields in its truth"
        )
    right = [_right_fields(p) for p in predictions]
    asked = [len(p.case.truth) for p in predictions]
    found = rate_by_record(right, asked, predictions)
    return measured("field accuracy", found.rate, found.interval, predictions, confidence_level)


def accuracy_gap(
    *, reference: Predictions, shifted: Predictions, confidence_level: float = 0.95
) -> Measurement:
    """Return exact match on the reference cases minus exact match on their shifted twins.

    Cases are paired by record. A pair counts where neither case is ambiguous. The condition names
    both sides unless the reference is canonical. The value is from -1 to 1; the interval is that of
    ``statistics.mover_paired``, clustered by record.

    Raises:
        CaseError: a shifted case has no twin among the reference cases, one side has two cases of
            one record, or the answers are of two models.
        NoDataError: there are no predictions, or all are of ambiguous cases.
    """
    reference, shifted = only_predictions(reference), only_predictions(shifted)
    unsure = {p.case.cluster for p in reference if AMBIGUOUS in p.case.tags}
    if unsure:
        shifted = [p for p in shifted if p.case.cluster not in unsure]
    pairs = twins(counted(reference), counted(shifted))
    measurement = paired_gap("accuracy gap", pairs, confidence_level)
    plain = {a.case.condition for a, _ in pairs} == {CANONICAL}
    return measurement if plain else replace(measurement, condition=_against(pairs, _condition))


def accuracy_loss(
    *, baseline: Predictions, candidate: Predictions, confidence_level: float = 0.95
) -> Measurement:
    """Return exact match of the baseline model minus that of the candidate, on the same cases.

    The measurement's model names both: ``new against old``. The value is from -1 to 1; the interval
    is that of ``statistics.mover_paired``, clustered by record.

    Raises:
        CaseError: a case that the baseline was not asked, or a case asked twice.
        NoDataError: there are no predictions, or all are of ambiguous cases.
    """
    pairs = same_cases(baseline, candidate)
    measurement = paired_gap("accuracy loss", pairs, confidence_level)
    return replace(measurement, model=_against(pairs, _model))


def _against(pairs: Pairs, name_of: Callable[[Prediction], str]) -> str:
    """Return both sides by name, the second one first: ``new against old``."""
    old, new = (" and ".join(sorted(set(map(name_of, side)))) for side in zip(*pairs, strict=True))
    return f"{new} against {old}"


def _model(prediction: Prediction) -> str:
    return prediction.model


def _condition(prediction: Prediction) -> str:
    return prediction.case.condition


def same_cases(first: Predictions, second: Predictions) -> Pairs:
    """Return pairs of predictions for the same case: that of ``first``, then that of ``second``.

    Raises:
        CaseError: a case of ``second`` that ``first`` lacks.
    """
    known = {(p.case.condition, p.case.id, p.case.text): p for p in counted(first)}
    pairs = []
    for prediction in counted(second):
        case = prediction.case
        if (case.condition, case.id, case.text) not in known:
            raise CaseError(
                f"case {case.id!r} was not put to the baseline; ask both models the same cases"
            )
        pairs.append((known[case.condition, case.id, case.text], prediction))
    return pairs


@dataclass(frozen=True, slots=True)
class Flips:
    """The accuracy lost since, and the cases that flipped.

    ``p_value`` is that of McNemar's exact test: "both are right equally often". The test needs
    independent items, and the cases of one record are not: with several cases a record it counts
    records, of which one is worse where more of its cases are worse than better.

    ``before`` is the accuracy of before: the most that there was to lose.
    """

    lost: Measurement
    before: Measurement
    p_value: float
    worse: tuple[Prediction, ...]
    better: tuple[Prediction, ...]


def flips(
    predictions: Sequence[Prediction],
    before: Mapping[str, bool],
    key_of: Callable[[Case], str],
    *,
    confidence_level: float = 0.95,
) -> Flips:
    """Return what is lost against earlier outcomes.

    Args:
        predictions: answers now; those to ambiguous cases, and to cases that ``before`` lacks, do
            not count.
        before: whether each case was answered rightly, by its key.
        key_of: the key of a case.
        confidence_level: of the interval.

    Raises:
        NoDataError: no prediction is of a case in ``before``.
    """
    shared = Counted(one for one in counted(predictions) if key_of(one.case) in before)
    if not shared:
        raise NoDataError("no case was asked both then and now; ask the same cases")
    was = [before[key_of(one.case)] for one in shared]
    changes = [int(then) - int(now) for then, now in zip(was, shared.right, strict=True)]
    lost = measured(
        "accuracy lost since",
        sum(changes) / len(changes),
        difference_by_record(changes, shared).interval,
        shared,
        confidence_level,
        bounds=(-1.0, 1.0),
    )
    worse = tuple(one for one, change in zip(shared, changes, strict=True) if change > 0)
    better = tuple(one for one, change in zip(shared, changes, strict=True) if change < 0)
    most = rate("exact match", was, shared, confidence_level)
    return Flips(lost, most, _p_value(changes, shared), worse, better)


def _p_value(changes: Sequence[int], predictions: Counted) -> float:
    """Return the p-value of McNemar's exact test over records; over cases, if each has its own."""
    net = [0] * len(predictions.firsts)
    for change, number in zip(changes, predictions.numbers, strict=True):
        net[number] += change
    return mcnemar_exact(sum(one > 0 for one in net), sum(one < 0 for one in net))


def twins(reference: Counted, shifted: Counted) -> Pairs:
    """Return pairs of predictions for one record: the reference one, then the shifted one.

    Raises:
        CaseError: as in ``accuracy_gap``.
    """
    if any(p.case.shift for p in reference) and not any(p.case.shift for p in shifted):
        raise CaseError(
            "the reference cases are shifted and the shifted ones are not: give the canonical "
            "predictions as reference"
        )
    models = sorted({p.model for p in [*reference, *shifted]})
    if len(models) > 1:
        raise CaseError(
            f"a gap is one model's, and these answers are of {' and '.join(map(repr, models))}; "
            "compare models with accuracy_loss, or by assert_not_inferior"
        )
    known = by_record(reference)
    pairs = []
    for record, prediction in by_record(shifted).items():
        if record not in known:
            raise CaseError(
                f"case {prediction.case.id!r} has no twin: no reference case of record {record!r}; "
                "predict both conditions of one suite"
            )
        pairs.append((known[record], prediction))
    return pairs


def paired_gap(name: str, pairs: Pairs, confidence_level: float) -> Measurement:
    """Return the accuracy of each pair's first prediction minus that of its second.

    The interval is clustered by record.
    """
    seconds = Counted(b for _, b in pairs)
    changes = [a.correct - b.correct for a, b in pairs]
    interval_at = difference_by_record(changes, seconds).interval
    value = sum(changes) / len(changes)
    return measured(name, value, interval_at, seconds, confidence_level, bounds=SIGNED)


def _right_fields(prediction: Prediction) -> int:
    answered = prediction.fields or {}
    truth = prediction.case.truth
    if answered == truth:
        return len(truth)
    return sum(
        name in answered and legible(answered[name]) == legible(value)
        for name, value in truth.items()
    )
