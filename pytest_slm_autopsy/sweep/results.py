"""The answers of a sweep on disk: Parquet by model, suite and seed, a file for each batch."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import quote

from pytest_slm_autopsy.errors import CaseError, ConfigError, MissingExtraError
from pytest_slm_autopsy.measures.token_confidence import answer_logprobs
from pytest_slm_autopsy.predictions.table import row
from pytest_slm_autopsy.records import AMBIGUOUS, Case, Prediction, Stage
from pytest_slm_autopsy.sweep.questions import Place
from pytest_slm_autopsy.whole_files import drafted, parsed, writable

try:
    import pyarrow
    from pyarrow import parquet
except ImportError as error:
    raise MissingExtraError("pyarrow", "parquet") from error

FAILED, COUNT = b"slm_failed", b"slm_answers"
ENDS: Final = ("stop", "length")
"""How an answer ends that was given at all."""
_UNREADABLE: Final = (OSError, pyarrow.ArrowException, ValueError, TypeError, KeyError)
_TEXTS: Final = "condition case record shift tags problem stage finish how prediction"
_OTHERS: Final = {
    "correct": pyarrow.bool_(), "ambiguous": pyarrow.bool_(), "shifted": pyarrow.bool_(),
    "parsed": pyarrow.bool_(), "tokens": pyarrow.int64(), "logprob": pyarrow.float64(),
    "mean_logprob": pyarrow.float64(),
}  # fmt: skip
COLUMNS: Final = pyarrow.schema(
    pyarrow.field(name, kind, nullable=name in ("tokens", "logprob", "mean_logprob"))
    for name, kind in (dict.fromkeys(_TEXTS.split(), pyarrow.string()) | _OTHERS).items()
)
"""The columns of every batch, whatever it holds: so any engine reads all of them as one table."""
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

    def keep(self, place: Place, file: bytes) -> None:
        """Write the ``packed`` answers to a batch, in place of those to an earlier one.

        Raises:
            ConfigError: they cannot be written.
        """
        path = self._path(place)
        with drafted(path, "answers of a sweep") as draft:
            draft.write_bytes(file)
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
            for text in self._columns(place, ["prediction"])[0]:
                with self._readable(place):
                    found = Prediction.from_dict(parsed(text))
                yield found

    def outlines(self, places: Iterable[Place]) -> Iterator[Prediction]:
        """Yield what gates look at of the answers to these batches: no text, one probability.

        A hundred thousand answers so fit into memory: what many have in common is one object for
        all of them. Confidence, correctness, validity and the pairing by record are those of the
        predictions that ``read`` yields.

        Raises:
            ConfigError: as ``read``.
        """
        for place in places:
            for given in zip(*self._columns(place, OUTLINE), strict=True):
                with self._readable(place):
                    found = _outline(place.model, *given)
                yield found

    def _columns(self, place: Place, names: Sequence[str]) -> list[list[Any]]:
        with self._readable(place):
            table = parquet.ParquetFile(self._path(place)).read(list(names), use_threads=False)
            columns = table.to_pydict()
            return [columns[name] for name in names]

    @contextmanager
    def _readable(self, place: Place) -> Iterator[None]:
        """Turn what is raised in the block into a sentence about the file of the place."""
        try:
            yield
        except (*_UNREADABLE, CaseError) as error:
            raise ConfigError(
                f"answers at {self._path(place)} cannot be read: {error}; delete the file, and "
                "sweep again"
            ) from None

    def _failed(self, place: Place) -> int | None:
        """Return how many answers failed; ``None`` where there are none, or another file."""
        try:
            found = parquet.read_metadata(self._path(place))
            whole = found.num_rows == int(found.metadata[COUNT])
            known = found.schema.to_arrow_schema().equals(COLUMNS)
            return int(found.metadata[FAILED]) if whole and known else None
        except _UNREADABLE:
            return None

    def _path(self, place: Place) -> Path:
        parts = {"model": place.model, "suite": place.suite, "seed": str(place.seed)}
        folders = [f"{key}={quote(value, safe='')}" for key, value in parts.items()]
        return self.folder.joinpath(*folders, f"{place.number:05}-{place.key}.parquet")


def packed(predictions: Sequence[Prediction]) -> bytes:
    """Return the answers to a batch as the bytes of a Parquet file."""
    failed = sum(one.finish not in ENDS for one in predictions)
    told = {FAILED: str(failed), COUNT: str(len(predictions))}
    rows = [_full(one) for one in predictions]
    table = pyarrow.Table.from_pylist(rows, COLUMNS).replace_schema_metadata(told)
    file = BytesIO()
    parquet.write_table(table, file, compression="zstd")
    return file.getvalue()


def _full(prediction: Prediction) -> dict[str, Any]:
    """Return columns of a table of predictions, and the whole prediction as JSON.

    The folder tells the model. ``mean_logprob`` is that of the answer's tokens.
    """
    plain = row(prediction)
    for name in ("model", "document", "truth", "answer", "raw"):
        del plain[name]
    counted = answer_logprobs(prediction)
    return plain | {
        "ambiguous": AMBIGUOUS in prediction.case.tags,
        "shifted": bool(prediction.case.shift),
        "parsed": prediction.fields is not None,
        "mean_logprob": sum(counted) / len(counted) if counted else None,
        "how": writable(prediction.how),
        "prediction": writable(json.dumps(prediction.to_dict(), ensure_ascii=False)),
    }


OUTLINE: Final = (
    "case", "record", "condition", "ambiguous", "shifted", "correct", "parsed", "mean_logprob",
    "problem", "stage", "finish", "how",
)  # fmt: skip
"""The columns that gates look at, in the order of the arguments of ``_outline``."""
_EMPTY: Final[Mapping[str, str]] = {}
_OTHER: Final[Mapping[str, str]] = {"": ""}
_PLAIN: Final[Mapping[str, float]] = {}
_SHIFTED: Final = {"": 1.0}
_NOWHERE: Final[Mapping[str, tuple[int, int]]] = {}
_STAGES: Final[Mapping[str, Stage]] = {stage: stage for stage in get_args(Stage)}


def _outline(
    model: str, case: str, record: str, condition: str, ambiguous: bool, shifted: bool, *given: Any
) -> Prediction:
    """Return an outline: an empty truth that is met or missed."""
    correct, read, sure, problem, stage, finish, how = given
    same = sys.intern
    return Prediction(
        Case(case, "", _EMPTY, same(record), _SHIFTED if shifted else _PLAIN, _NOWHERE,
             same(condition), tags=(AMBIGUOUS,) if ambiguous else ()),
        same(model),
        "",
        None if not read else _EMPTY if correct else _OTHER,
        same(problem),
        None if sure is None else (sure,),
        None if sure is None else (0,),
        same(finish),
        _STAGES[stage],
        how=same(how),
    )  # fmt: skip
