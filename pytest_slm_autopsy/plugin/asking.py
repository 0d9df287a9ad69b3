"""Predictions that are asked as they are needed: what ``--slm-budget`` makes of a condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, overload

if TYPE_CHECKING:
    from pytest_slm_autopsy.records import Case, Prediction

BATCH: Final = 32


class AskedInBatches(Sequence["Prediction"]):
    """One prediction a case, in order; a gate takes batches, whoever else looks asks all.

    ``ask`` remembers what was asked before, so that no case is asked twice.
    """

    def __init__(
        self, ask: Callable[[Sequence[Case]], list[Prediction]], cases: Sequence[Case]
    ) -> None:
        self.cases = cases
        self._ask = ask

    def batches(self) -> Iterator[list[Prediction]]:
        """One batch after the other, from the first."""
        for start in range(0, len(self.cases), BATCH):
            yield self._ask(self.cases[start : start + BATCH])

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

    def __repr__(self) -> str:
        return f"<{len(self)} predictions, asked as they are needed>"
