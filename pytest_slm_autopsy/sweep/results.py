"""The answers of a sweep on disk: Parquet by model, suite and seed, a file for each batch."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import quote

from pytest_slm_autopsy.errors import ConfigError, MissingExtraError
from pytest_slm_autopsy.measures.token_confidence import confidence
from pytest_slm_autopsy.predictions.table import row
from pytest_slm_autopsy.records import Case, Prediction, Stage
from pytest_slm_autopsy.sweep.questions import Place
from pytest_slm_autopsy.whole_files import drafted, parsed

try:
    import pyarrow
    from pyarrow import parquet
except ImportError as error:
    raise MissingExtraError("pyarrow", "parquet") from error

FAILED: Final = b"slm_failed"
ENDS: Final = ("stop", "length")
"""How an answer ends that was given at all."""
_LEAST: Final = 1e-300
_NAME: Final = re.compile(r"(\d{5,})-([0-9a-f]{16})\.parquet")


class Results:
    """The answers below one folder.

    A batch is one file, written whole, whose name holds its key: so a killed sweep loses the
    batches in hand and no other, and none is counted twice. A batch with a failed answer is asked
    again by the next run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def done(self, places: Iterable[Place]) -> set[Place]:
        """Return the places that are answered, without a failed answer."""
        return {place for place in places if self._failed(place) == 0}

    def failed(self, places: Iterable[Place]) -> int:
        """Return the number of answers that failed."""
        return sum(self._failed(place) or 0 for place in places)

    def keep(self, place: Place, predictions: Sequence[Prediction]) -> None:
        """Write the answers to a batch, in place of those to an earlier batch of that number.

        Raises:
            ConfigError: they cannot be written.
        """
        rows = [_full(one) for one in predictions]
        table = pyarrow.Table.from_pylist(rows)
        failed = sum(one.finish not in ENDS for one in predictions)
        table = table.replace_schema_metadata({FAILED: str(failed)})
        path = self._path(place)
        with drafted(path, "answers of a sweep") as draft:
            parquet.write_table(table, draft, compression="zstd")
        for other in path.parent.glob(f"{place.number:05}-*.parquet"):
            if other != path:
                other.unlink(missing_ok=True)

    def tidy(self, places: Collection[Place]) -> None:
        """Remove the answers to batches that these cells no longer have."""
        wanted = {self._path(place) for place in places}
        for folder in {path.parent for path in wanted}:
            for path in folder.glob("*.parquet"):
                if _NAME.fullmatch(path.name) and path not in wanted:
                    path.unlink(missing_ok=True)

    def read(self, places: Iterable[Place]) -> Iterator[Prediction]:
        """Yield the answers to these batches, in order.

        Raises:
            ConfigError: a file is missing, or damaged.
        """
        for place in places:
            path = self._path(place)
            try:
                column = parquet.read_table(path, columns=["prediction"])["prediction"]
                for text in column.to_pylist():
                    yield Prediction.from_dict(parsed(text))
            except (OSError, pyarrow.ArrowException, ValueError, TypeError, KeyError) as error:
                raise ConfigError(
                    f"answers at {path} cannot be read: {error}; delete the file, and sweep again"
                ) from None

    def _failed(self, place: Place) -> int | None:
        """Return how many answers failed; ``None`` where there are none, or a damaged file."""
        try:
            metadata = parquet.read_metadata(self._path(place)).metadata or {}
            return int(metadata[FAILED])
        except (OSError, pyarrow.ArrowException, ValueError, KeyError):
            return None

    def _path(self, place: Place) -> Path:
        parts = {"model": place.model, "suite": place.suite, "seed": str(place.seed)}
        folders = [f"{key}={quote(value, safe='')}" for key, value in parts.items()]
        return self.folder.joinpath(*folders, f"{place.number:05}-{place.key}.parquet")


def _full(prediction: Prediction) -> dict[str, Any]:
    """Return columns of a table of predictions, and the whole prediction as JSON.

    The folder tells the model.
    """
    plain = row(prediction)
    for name in ("model", "document", "truth", "answer", "raw"):
        del plain[name]
    return plain | {"prediction": json.dumps(prediction.to_dict(), ensure_ascii=False)}


_RIGHT: Final[Mapping[str, str]] = {}
_WRONG: Final[Mapping[str, str]] = {"": ""}
_NOWHERE: Final[Mapping[str, tuple[int, int]]] = {}
_STAGES: Final[Mapping[str, Stage]] = {stage: stage for stage in get_args(Stage)}


def outline(prediction: Prediction) -> Prediction:
    """Return what gates look at: no text, an empty truth that is met or missed, one probability.

    A hundred thousand answers so fit into memory: what many have in common is one object for all of
    them. Confidence, correctness, validity and the pairing by record are those of the prediction.
    """
    case, same = prediction.case, sys.intern
    sure = math.log(max(confidence(prediction), _LEAST)) if prediction.logprobs else None
    given = None if prediction.fields is None else _RIGHT if prediction.correct else _WRONG
    return replace(
        prediction,
        case=Case(case.id, "", _RIGHT, same(case.record), _shift(case), _NOWHERE,
                  same(case.condition), tags=tuple(map(same, case.tags))),
        model=same(prediction.model),
        raw="",
        fields=given,
        problem=same(prediction.problem),
        logprobs=None if sure is None else (sure,),
        token_ends=None if sure is None else (0,),
        finish=same(prediction.finish),
        stage=_STAGES[prediction.stage],
        how=same(prediction.how),
        span=None,
    )  # fmt: skip


@cache
def _same(shift: tuple[tuple[str, float], ...]) -> Mapping[str, float]:
    return dict(shift)


def _shift(case: Case) -> Mapping[str, float]:
    """Return the shift of a case, the same object for the same shift."""
    return _same(tuple(case.shift.items()))
