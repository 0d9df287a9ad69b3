"""Whether the model still answers the document, or always says the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

from pytest_slm_autopsy.measures.accuracy import counted, rate
from pytest_slm_autopsy.records import Measurement, Prediction


def excess_repetition(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Measurement:
    """Share of answers that repeat another case's answer where the truths differ.

    Ten identical answers to ten different documents are a dead model, whatever their parse rate;
    ten identical answers to ten identical truths are not.
    """
    predictions = counted(predictions)
    truths: dict[str, Counter[str]] = {}
    for prediction in predictions:
        truths.setdefault(prediction.raw, Counter())[_canonical(prediction)] += 1
    repeats = []
    for prediction in predictions:
        same = truths[prediction.raw]
        repeats.append(same[_canonical(prediction)] < same.total())
    return rate("repeated answers", repeats, predictions, confidence_level)


def commonest_answer(predictions: Sequence[Prediction]) -> tuple[str, int]:
    """The answer given most often, and how often."""
    return Counter(p.raw for p in counted(predictions)).most_common(1)[0]


def _canonical(prediction: Prediction) -> str:
    return json.dumps(dict(prediction.case.truth), sort_keys=True)
