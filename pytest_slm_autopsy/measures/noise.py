"""Noise of answers: the model asked again, or asked in other batches."""

from __future__ import annotations

from pytest_slm_autopsy.measures.accuracy import Predictions, same_cases
from pytest_slm_autopsy.measures.counted import Counted, counted, rate
from pytest_slm_autopsy.records import Measurement


def answer_noise(
    first: Predictions, again: Predictions, *, confidence_level: float = 0.95
) -> Measurement:
    """Return the share of cases that are right in one run of a model and wrong in another.

    A limit on an accuracy cannot be finer than this.

    Raises:
        CaseError: a case that the first run was not asked.
        NoDataError: there are no predictions, or all are of ambiguous cases.
    """
    pairs = same_cases(first, again)
    changed = [a.correct != b.correct for a, b in pairs]
    return rate("answer noise", changed, Counted(b for _, b in pairs), confidence_level)


def answers_changed(
    first: Predictions, again: Predictions, *, confidence_level: float = 0.95
) -> Measurement:
    """Return the share of cases whose answer is another text in another run of the model.

    With ``again`` asked one by one (``batch_size=1``) it shows how many answers depend on their
    batch, right and wrong alike.

    Raises:
        CaseError: a case that the first run was not asked.
        NoDataError: there are no predictions, or all are of ambiguous cases.
    """
    pairs = same_cases(first, again)
    changed = [a.raw != b.raw for a, b in pairs]
    return rate("answers changed", changed, Counted(b for _, b in pairs), confidence_level)


def near_ties(predictions: Predictions, *, confidence_level: float = 0.95) -> Measurement:
    """Return the share of answers with a near-tie: a token that another batch might change.

    The lead of such a token over the next best is less than the noise of logits between batches,
    which the model's trial measures. The share is 0 for a model that does not look for near-ties.

    Raises:
        NoDataError: there are no predictions, or all are of ambiguous cases.
    """
    predictions = counted(predictions)
    tied = [p.near_ties > 0 for p in predictions]
    return rate("near-ties", tied, predictions, confidence_level)
