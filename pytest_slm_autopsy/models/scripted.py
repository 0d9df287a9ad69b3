"""A model that is a function: the double for our tests and for the user's."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from pytest_slm_autopsy.models.interface import Answer
from pytest_slm_autopsy.records import Case


class ScriptedModel:
    """Answers each case with ``write(case)``, every token with probability ``confidence``.

    Example:
        >>> from pytest_slm_autopsy import Case, PromptFormat
        >>> perfect = ScriptedModel(lambda case: PromptFormat().expected(case.truth))
        >>> perfect.answer([Case("1", "Total: 9", {"total": "9"})])[0].text
        '{"total":"9"}'
    """

    def __init__(
        self, write: Callable[[Case], str], *, name: str = "scripted", confidence: float = 0.9
    ) -> None:
        self.name = name
        self.asked = 0
        self._write = write
        self._logprob = math.log(confidence)

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """One answer a case; a character is a token."""
        self.asked += len(cases)
        return [self._answer(self._write(case)) for case in cases]

    def _answer(self, text: str) -> Answer:
        ends = (*range(1, len(text) + 1), len(text))
        return Answer(text, (self._logprob,) * len(ends), ends)
