"""How often the answer is right: whole documents, single fields, and against a twin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pytest_slm_autopsy.errors import CaseError, NoDataError
from pytest_slm_autopsy.records import AMBIGUOUS, Measurement, Prediction, legible
from pytest_slm_autopsy.statistics.intervals import bootstrap, newcombe_paired, wilson


def exact_match(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Measurement:
    """Share of documents answered exactly, with Wilson's interval."""
    predictions = counted(predictions)
    return rate("exact match", [p.correct for p in predictions], predictions, confidence_level)


def valid_json(predictions: Sequence[Prediction], *, confidence_level: float = 0.95) -> Measurement:
    """Share of answers that are a JSON object, with Wilson's interval."""
    predictions = counted(predictions)
    valid = [p.fields is not None for p in predictions]
    return rate("valid JSON", valid, predictions, confidence_level)


def field_accuracy(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Measurement:
    """Share of asked fields with the true value; the interval resamples whole documents."""
    predictions = counted(predictions)
    right = np.array([_right_fields(p) for p in predictions], dtype=float)
    asked = np.array([len(p.case.truth) for p in predictions], dtype=float)
    if not asked.all():
        raise NoDataError(
            "a case asks for no field, so none can be right; name fields in its truth"
        )

    interval = bootstrap(
        len(predictions),
        lambda rows: right[rows].sum(1) / asked[rows].sum(1),
        confidence_level=confidence_level,
    )
    value = float(right.sum() / asked.sum())
    return described("field accuracy", value, interval, predictions, confidence_level)


def accuracy_gap(
    reference: Sequence[Prediction],
    shifted: Sequence[Prediction],
    *,
    confidence_level: float = 0.95,
) -> Measurement:
    """Exact match on the reference cases minus that on their shifted twins, paired by record.

    Raises:
        CaseError: a shifted case without a twin among the reference cases, or two of one record.
    """
    reference, shifted = counted(reference), counted(shifted)
    if any(p.case.shift for p in reference) and not any(p.case.shift for p in shifted):
        raise CaseError(
            "the reference cases are shifted and the shifted ones are not: give the canonical "
            "predictions first"
        )
    twins = _by_record(reference)
    table = {(a, b): 0 for a in (True, False) for b in (True, False)}
    for record, prediction in _by_record(shifted).items():
        if record not in twins:
            raise CaseError(
                f"case {prediction.case.id!r} has no twin: no reference case of record {record!r}; "
                "predict both conditions of one suite"
            )
        table[twins[record].correct, prediction.correct] += 1
    counts = (table[True, True], table[True, False], table[False, True], table[False, False])
    interval = newcombe_paired(*counts, confidence_level=confidence_level)
    value = (counts[1] - counts[2]) / sum(counts)
    return described("accuracy gap", value, interval, shifted, confidence_level)


def rate(
    name: str, outcomes: Sequence[bool], predictions: Sequence[Prediction], confidence_level: float
) -> Measurement:
    """A share of predictions, with Wilson's interval."""
    n, successes = len(outcomes), sum(outcomes)
    interval = wilson(successes, n, confidence_level=confidence_level)
    return described(name, successes / n, interval, predictions, confidence_level)


def described(
    name: str,
    value: float,
    interval: tuple[float, float],
    predictions: Sequence[Prediction],
    confidence_level: float,
) -> Measurement:
    """A measurement that says which model and condition it is about, where there is just one."""
    models = {p.model for p in predictions}
    conditions = {p.case.condition for p in predictions}
    return Measurement(
        name,
        value,
        interval,
        len(predictions),
        confidence_level,
        models.pop() if len(models) == 1 else "",
        conditions.pop() if len(conditions) == 1 else "",
    )


def counted(predictions: Sequence[Prediction]) -> list[Prediction]:
    """The predictions that count: all but those of ambiguous cases, whose truth is not sure.

    Raises:
        NoDataError: none is left; no data is an error, not a pass.
    """
    if not predictions:
        raise NoDataError("there are no predictions to measure; predict at least one case")
    sure = [p for p in predictions if AMBIGUOUS not in p.case.tags]
    if not sure:
        raise NoDataError(
            f"all {len(predictions)} cases are ambiguous, so no answer is surely right or wrong; "
            "draw some without ambiguous=True"
        )
    return sure


def _right_fields(prediction: Prediction) -> int:
    answered = prediction.fields or {}
    truth = prediction.case.truth
    return sum(
        name in answered and legible(answered[name]) == legible(value)
        for name, value in truth.items()
    )


def _by_record(predictions: Sequence[Prediction]) -> dict[str, Prediction]:
    found: dict[str, Prediction] = {}
    for prediction in predictions:
        record = prediction.case.record or prediction.case.id
        if record in found:
            raise CaseError(
                f"two cases of record {record!r} in one condition ({found[record].case.id!r} and "
                f"{prediction.case.id!r}); a paired gap needs one"
            )
        found[record] = prediction
    return found
