"""A sweep in this process, one batch after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pytest_slm_autopsy.errors import SlmAutopsyError
from pytest_slm_autopsy.sweep.asking import Asker
from pytest_slm_autopsy.sweep.questions import Batch, Place
from pytest_slm_autopsy.sweep.results import packed


class Answered(NamedTuple):
    """The answers to a batch as they are written, or why its model cannot be asked."""

    place: Place
    file: bytes
    problem: str = ""


def answered(batches: Iterable[Batch]) -> Iterator[Answered]:
    """Yield the answers to each batch; a model that cannot be asked costs its own batches alone."""
    asker = Asker()
    for batch in batches:
        yield answered_by(asker, batch)


def answered_by(asker: Asker, batch: Batch) -> Answered:
    """Return the answers to one batch."""
    try:
        return Answered(batch.place, packed(asker.answer(batch)))
    except SlmAutopsyError as error:
        return Answered(batch.place, b"", str(error))
