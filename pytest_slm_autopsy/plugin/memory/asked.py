"""The predictions of a run by question: nothing is asked twice, and workers hand theirs over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pytest_slm_autopsy.plugin.memory.ledger import Place

if TYPE_CHECKING:
    from pytest_slm_autopsy.models.interface import ModelUnderTest
    from pytest_slm_autopsy.records import Case, Prediction

    Entry = tuple[Place, Prediction]
    Memory = dict[tuple[str, str, str], Entry]


class Asked:
    """Predictions with the place of their test, which puts those of workers into one order."""

    def __init__(self) -> None:
        self._known: Memory = {}
        self._again: defaultdict[int, Memory] = defaultdict(dict)
        self._doubles: dict[int, ModelUnderTest] = {}
        self._handed = 0
        self._ordered: list[Prediction] | None = None
        self._names = frozenset[str]()
        self._named = 0

    def __len__(self) -> int:
        return len(self._known)

    def of(self, model: str) -> list[Prediction]:
        """Return the predictions of one model, as they came."""
        return [one for _, one in self._known.values() if one.model == model]

    def in_order(self) -> list[Prediction]:
        """Return the predictions in the order of one run.

        Repeats by doubles of one name, such as a fixture's made anew, are left out. The list
        is kept until more is asked: the end of a run looks at it again and again.
        """
        if self._ordered is not None:
            return self._ordered
        first: dict[tuple[str, str, str], Prediction] = {}
        for _, one in sorted(self._known.values(), key=itemgetter(0)):
            first.setdefault((one.model, repr(one.case), one.raw), one)
        self._ordered = list(first.values())
        return self._ordered

    def names(self) -> frozenset[str]:
        """Return the names that all predictions use; each prediction is looked at once."""
        from pytest_slm_autopsy.redaction import names_of

        new = islice(self._known.values(), self._named, None)
        self._names |= names_of(one for _, one in new)
        self._named = len(self._known)
        return self._names

    def predict(
        self,
        model: ModelUnderTest,
        cases: Sequence[Case],
        ask: Callable[[Sequence[Case]], Sequence[Prediction]],
        place: Callable[[], Place],
        repeat: int = 0,
    ) -> list[Prediction]:
        """Return one prediction for each case; ``ask`` is called for those that are new.

        ``place`` gives the place of the next prediction.
        """
        known = self._again[repeat] if repeat else self._known
        token = self._token(model)
        questions = [_question(model.name, case, token) for case in cases]
        pairs = zip(questions, cases, strict=True)
        new = {question: case for question, case in pairs if question not in known}
        if new or not cases:
            self._ordered = None
            for question, prediction in zip(new, ask(list(new.values())), strict=True):
                known[question] = (place(), prediction)
        return [known[question][1] for question in questions]

    def hand_over(self) -> list[tuple[Place, dict[str, Any]]]:
        """Return the predictions since the last call, for the main process."""
        new = list(self._known.values())[self._handed :]
        self._handed = len(self._known)
        return [(place, prediction.to_dict()) for place, prediction in new]

    def take_over(self, told: Sequence[tuple[Sequence[int], dict[str, Any]]]) -> None:
        """Add the predictions that a worker handed over; the first of a question counts."""
        from pytest_slm_autopsy.records import Prediction

        self._ordered = None
        for place, plain in told:
            prediction = Prediction.from_dict(plain)
            question = _question(prediction.model, prediction.case)
            entry = ((place[0], place[1]), prediction)
            self._known[question] = min(entry, self._known.get(question, entry), key=itemgetter(0))

    def _token(self, model: ModelUnderTest) -> str:
        """Return a key that separates test doubles of one name; empty for a loaded model."""
        if getattr(model, "spec", None) is not None:
            return ""
        self._doubles.setdefault(id(model), model)  # kept alive, so that its id stays unique
        return str(id(model))


def _question(model: str, case: Case, token: str = "") -> tuple[str, str, str]:
    # The whole case is the key: all cases that Hypothesis draws have the same id.
    return model, token, repr(case)
