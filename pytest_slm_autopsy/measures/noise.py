"""How much of what a model answers is chance: asked again, or asked in other company."""

from __future__ import annotations

from pytest_slm_autopsy.measures.accuracy import Predictions, same_cases
from pytest_slm_autopsy.measures.counted import Counted, counted, rate
from pytest_slm_autopsy.records import Measurement


def answer_noise(
    first: Predictions, again: Predictions, *, confidence_level: float = 0.95
) -> Measurement:
    """Share of cases that are right in one run and wrong in another of the same model.

    No limit on an accuracy can be finer than this.

    Raises:
        CaseError: a case that the first run was not asked.
    """
    pairs = same_cases(first, again)
    changed = [a.correct != b.correct for a, b in pairs]
    return rate("answer noise", changed, Counted(b for _, b in pairs), confidence_level)


def answers_changed(
    first: Predictions, again: Predictions, *, confidence_level: float = 0.95
) -> Measurement:
    """Share of cases that are answered by another text in another run of the same model.

    ``again`` asked one by one (``batch_size=1``) shows how many answers hang on the batch they
    were asked in, right and wrong alike.

    Raises:
        CaseError: a case that the first run was not asked.
    """
    pairs = same_cases(first, again)
    changed = [a.raw != b.raw for a, b in pairs]
    return rate("answers changed", changed, Counted(b for _, b in pairs), confidence_level)


def near_ties(predictions: Predictions, *, confidence_level: float = 0.95) -> Measurement:
    """Share of answers with a token that another batch might choose otherwise.

    Such a token leads the next best by less than logits differ between batches; the model's trial
    says by how much they do. Of a model that does not look, the share is 0.
    """
    predictions = counted(predictions)
    tied = [p.near_ties > 0 for p in predictions]
    return rate("near-ties", tied, predictions, confidence_level)
