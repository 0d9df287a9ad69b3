"""Predictions as a table, one row each, and as a Parquet file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pytest_slm_autopsy.errors import MissingExtraError
from pytest_slm_autopsy.records import Prediction
from pytest_slm_autopsy.whole_files import drafted, writable


def row(prediction: Prediction) -> dict[str, Any]:
    """Return one prediction as plain columns; fields and shift are JSON.

    ``logprob`` is the natural logarithm of the probability of the whole answer.
    """
    case = prediction.case
    plain = {
        "model": prediction.model,
        "condition": case.condition,
        "case": case.id,
        "record": case.record,
        "shift": json.dumps(dict(case.shift)),
        "tags": " ".join(case.tags),
        "document": case.text,
        "truth": json.dumps(dict(case.truth), ensure_ascii=False),
        "answer": None
        if prediction.fields is None
        else json.dumps(dict(prediction.fields), ensure_ascii=False),
        "raw": prediction.raw,
        "correct": prediction.correct,
        "problem": prediction.problem,
        "stage": prediction.stage,
        "finish": prediction.finish,
        "tokens": None if prediction.logprobs is None else len(prediction.logprobs),
        "logprob": None if prediction.logprobs is None else float(sum(prediction.logprobs)),
    }
    return {name: writable(one) if isinstance(one, str) else one for name, one in plain.items()}


def write_parquet(path: Path, predictions: Iterable[Prediction]) -> None:
    """Write predictions as Parquet, whole or not at all.

    Raises:
        MissingExtraError: pyarrow is not installed.
        ConfigError: the file cannot be written.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("pyarrow", "parquet") from error
    table = pyarrow.Table.from_pylist([row(one) for one in predictions])
    with drafted(path, "the table of predictions") as draft:
        parquet.write_table(table, draft)
