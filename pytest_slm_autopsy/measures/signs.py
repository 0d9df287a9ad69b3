"""The signs of collapse in one table: numbers, and their meaning in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_slm_autopsy.measures.collapse import (
    constant_field,
    cut_off,
    excess_repetition,
    looping,
    same_answer,
    training_copies,
)
from pytest_slm_autopsy.measures.counted import counted
from pytest_slm_autopsy.measures.independence import input_dependence
from pytest_slm_autopsy.measures.spread import numbers_of, variety
from pytest_slm_autopsy.records import Case, Measurement, Prediction, Side


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of collapse: its number, its meaning where it is bad, and its healthy side."""

    measurement: Measurement
    words: str
    side: Side = "at_most"


def deadly_signs(
    predictions: Sequence[Prediction],
    *,
    training: Sequence[Case] = (),
    confidence_level: float = 0.95,
) -> Iterator[Sign]:
    """Yield the signs that a model no longer answers the document, the deadliest first.

    All are shares that are 0 for a healthy model, but for the dependence on the document, which is
    1. Signs that the cases cannot show are left out.

    Raises:
        NoDataError: there are no predictions, or all are of ambiguous cases.
    """
    predictions = counted(predictions)
    yield Sign(
        same_answer(predictions, confidence_level=confidence_level),
        "the model says the same to different documents",
    )
    if found := input_dependence(predictions, confidence_level=confidence_level):
        yield Sign(
            found.measurement,
            "the answers do not depend on the document: dealt out at random they fit as well "
            f"(permutation p = {found.p_value:.3f})",
            "at_least",
        )
    if training:
        yield Sign(
            training_copies(predictions, training, confidence_level=confidence_level),
            "the model copies answers of its training cases",
        )
    yield from _signs_of_text(predictions, confidence_level)


def _signs_of_text(predictions: Sequence[Prediction], confidence_level: float) -> Iterator[Sign]:
    yield Sign(
        looping(predictions, confidence_level=confidence_level),
        "the model loops: it repeats itself to the end of the answer",
    )
    yield Sign(
        excess_repetition(predictions, confidence_level=confidence_level),
        "wrong answers recur from document to document",
    )
    if any(p.case.truth for p in predictions):
        measurement, name, value = constant_field(predictions, confidence_level=confidence_level)
        yield Sign(measurement, f"field {name!r} is answered {value[:40]!r} whatever is true")
    yield Sign(
        cut_off(predictions, confidence_level=confidence_level),
        "answers run on until the length limit cuts them off",
    )


def signs_of_collapse(
    predictions: Sequence[Prediction],
    *,
    training: Sequence[Case] = (),
    confidence_level: float = 0.95,
) -> list[Sign]:
    """Return the whole table: the deadly signs, and the share of the truths' variety that is kept.

    Raises:
        NoDataError: there are no predictions, or all are of ambiguous cases.
    """
    table = list(deadly_signs(predictions, training=training, confidence_level=confidence_level))
    kept = variety(predictions, confidence_level=confidence_level)
    table += [Sign(one, "the answers vary less than the truths", "at_least") for one in kept]
    numbers = numbers_of(predictions, confidence_level=confidence_level)
    return table + [
        Sign(one, "the numbers answered are narrower than the true ones", "at_least")
        if one.name.startswith("spread")
        else Sign(one, "numbers stand where the true ones do not")
        for one in numbers
    ]
