"""Validity of answers: the form that was asked for, and the help that reading them took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import get_args

from pytest_slm_autopsy.measures.counted import counted, rate
from pytest_slm_autopsy.measures.error_categories import Kinds, blank
from pytest_slm_autopsy.measures.kinds import known_kinds
from pytest_slm_autopsy.notation.kinds import reads_as
from pytest_slm_autopsy.records import Measurement, Prediction, Stage, Value


def schema_valid(
    predictions: Sequence[Prediction],
    kinds: Kinds | None = None,
    *,
    confidence_level: float = 0.95,
) -> Measurement:
    """Return the share of answers with exactly the asked keys and values of their kind.

    The values may be right or wrong. With ``kinds``, money must read as an amount, a date as a day,
    and only items are rows; null is always allowed.

    Raises:
        NoDataError: there are no predictions, or all are of ambiguous cases.
        ConfigError: a kind that does not exist, or of a field that no case asks for.
    """
    predictions = counted(predictions)
    kinds = known_kinds(kinds, predictions)
    valid = [_fits(p, kinds) for p in predictions]
    return rate("schema-valid", valid, predictions, confidence_level)


def parse_stages(
    predictions: Sequence[Prediction], *, confidence_level: float = 0.95
) -> Mapping[Stage, Measurement]:
    """Return the share of answers read at each stage: strict JSON, extracted, repaired, failed.

    Watch the repaired share even while accuracy holds: what is repaired today is lost with the next
    prompt.

    Raises:
        NoDataError: there are no predictions, or all are of ambiguous cases.
    """
    predictions = counted(predictions)
    reached = ["failed" if p.fields is None else p.stage for p in predictions]
    stages: tuple[Stage, ...] = get_args(Stage)
    return {
        stage: rate(f"parse stage {stage}", [at == stage for at in reached], predictions,
                    confidence_level)
        for stage in stages
    }  # fmt: skip


def _fits(prediction: Prediction, kinds: Kinds) -> bool:
    fields = prediction.fields
    if fields is None or fields.keys() != prediction.case.truth.keys():
        return False
    return all(_of_kind(fields[name], kind) for name, kind in kinds.items() if name in fields)


def _of_kind(value: Value, kind: str) -> bool:
    if value is None:
        return True
    return _text_of_kind(value, kind) if isinstance(value, str) else kind == "items"


@lru_cache(maxsize=65_536)  # the values of a record come back under every condition
def _text_of_kind(text: str, kind: str) -> bool:
    return not blank(text) and reads_as(text, kind)
