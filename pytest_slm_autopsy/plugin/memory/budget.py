"""Predictions that are asked as they are needed, under ``--slm-budget``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Final, overload

if TYPE_CHECKING:
    from pytest_slm_autopsy.records import Case, Prediction

BATCH: Final = 32


class AskedInBatches(Sequence["Prediction"]):
    """One prediction for each case, in order: a gate takes batches, any other access asks all.

    ``ask`` remembers its answers, so that no case is asked twice.
    """

    def __init__(
        self, ask: Callable[[Sequence[Case]], list[Prediction]], cases: Sequence[Case]
    ) -> None:
        self.cases = cases
        self._ask = ask

    def batches(self) -> Iterator[list[Prediction]]:
        """Yield the predictions batch by batch, shuffled by record.

        A file may be sorted, and a gate that stops early must have seen some of everything.
        """
        shuffled = sorted(self.cases, key=_place)
        for start in range(0, len(shuffled), BATCH):
            yield self._ask(shuffled[start : start + BATCH])

    def __len__(self) -> int:
        return len(self.cases)

    @overload
    def __getitem__(self, index: int) -> Prediction: ...

    @overload
    def __getitem__(self, index: slice) -> list[Prediction]: ...

    def __getitem__(self, index: int | slice) -> Prediction | list[Prediction]:
        if isinstance(index, slice):
            return self._ask(self.cases[index]) if self.cases[index] else []
        return self._ask([self.cases[index]])[0]

    def __iter__(self) -> Iterator[Prediction]:
        return iter(self._ask(self.cases))

    def __reversed__(self) -> Iterator[Prediction]:
        return reversed(self._ask(self.cases))

    def __add__(self, others: Sequence[Prediction]) -> list[Prediction]:
        return [*self, *others]

    def __radd__(self, others: Sequence[Prediction]) -> list[Prediction]:
        return [*others, *self]

    def __repr__(self) -> str:
        return f"<{len(self)} predictions, asked as they are needed>"


def _place(case: Case) -> str:
    return sha256(case.cluster.encode()).hexdigest()
