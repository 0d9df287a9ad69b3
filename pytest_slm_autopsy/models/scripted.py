"""Models that are functions: doubles for tests, and extractors without a language model."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pytest_slm_autopsy.answers.forms import AnswerForm, JsonAnswer, compact, sound_form
from pytest_slm_autopsy.errors import ConfigError, ModelError
from pytest_slm_autopsy.models.interface import Answer
from pytest_slm_autopsy.records import Case


class ScriptedModel:
    """A test double that answers each case with ``write(case)``.

    Every character is a token with probability ``confidence``. With ``confidence=None`` the model
    gives no probabilities, like many served models. ``asked`` counts the cases it was asked.

    Raises:
        ConfigError: ``confidence`` is 0 or less, or more than 1.

    Example:
        >>> from pytest_slm_autopsy import Case, PromptFormat
        >>> perfect = ScriptedModel(lambda case: PromptFormat().expected(case.truth))
        >>> perfect.answer([Case("1", "Total: 9", {"total": "9"})])[0].text
        '{"total":"9"}'
    """

    def __init__(
        self,
        write: Callable[[Case], str],
        *,
        name: str = "scripted",
        confidence: float | None = 0.9,
        answer_form: AnswerForm | None = None,
    ) -> None:
        if confidence is not None and not 0 < confidence <= 1:
            raise ConfigError(
                f"confidence is {confidence:g}; it must be above 0 and at most 1, or None for a "
                "model that gives no probabilities"
            )
        self.name = name
        self.asked = 0
        self.answer_form = sound_form(answer_form or JsonAnswer())
        self._write = write
        self._logprob = None if confidence is None else math.log(confidence)

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """Return one answer for each case; a character is a token.

        Raises:
            ModelError: ``write`` returns something other than a text.
        """
        self.asked += len(cases)
        return [self._answer(self._write(case)) for case in cases]

    def _answer(self, text: str) -> Answer:
        if not isinstance(text, str):
            raise ModelError(
                f"model {self.name!r} wrote a {type(text).__name__}; it must write text, such as "
                "PromptFormat().expected(fields)"
            )
        if self._logprob is None:
            return Answer(text)
        ends = (*range(1, len(text) + 1), len(text))
        return Answer(text, (self._logprob,) * len(ends), ends)


class CallableModel:
    """An extractor from text to fields as a model: regular expressions, a pipeline, a service.

    ``extract`` takes the document and returns the fields by name, or ``None`` where it finds none.
    The model gives no probabilities, so its confidence cannot be measured.

    Example:
        >>> from pytest_slm_autopsy import Case, CallableModel
        >>> model = CallableModel(lambda text: {"total": text.partition("Total: ")[2]})
        >>> model.answer([Case("1", "Total: 9", {"total": "9"})])[0].text
        '{"total":"9"}'
    """

    def __init__(
        self, extract: Callable[[str], Mapping[str, Any] | None], *, name: str = "extractor"
    ) -> None:
        self.name = name
        self._extract = extract

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """Return one answer for each case, as compact JSON; an empty text where none is found."""
        found = (self._extracted(case) for case in cases)
        return [
            Answer("" if fields is None else compact(dict(fields), default=str)) for fields in found
        ]

    def _extracted(self, case: Case) -> Mapping[str, Any] | None:
        try:
            found: Any = self._extract(case.text)
            if found is None or isinstance(found, Mapping):
                return found
            raise ModelError(
                f"model {self.name!r} returned a {type(found).__name__}; it must return fields by "
                "name, or None"
            )
        except Exception as error:
            error.add_note(f"asked case {case.id!r} of condition {case.condition!r}")
            raise
