"""Models that are functions: doubles for tests, and extractors without a language model."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

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
    The model gives no probabilities, so its confidence cannot be measured. Where ``extract``
    raises, that case alone is wrong, and its problem is the exception; ``on_error="raise"`` lets
    the exception pass, with a note that names the case.

    Raises:
        ConfigError: ``on_error`` is neither ``"wrong"`` nor ``"raise"``.

    Example:
        >>> from pytest_slm_autopsy import Case, CallableModel
        >>> model = CallableModel(lambda text: {"total": text.partition("Total: ")[2]})
        >>> model.answer([Case("1", "Total: 9", {"total": "9"})])[0].text
        '{"total":"9"}'
    """

    def __init__(
        self,
        extract: Callable[[str], Mapping[str, Any] | None],
        *,
        name: str = "extractor",
        on_error: Literal["wrong", "raise"] = "wrong",
    ) -> None:
        if on_error not in ("wrong", "raise"):
            raise ConfigError(f"on_error is {on_error!r}; it must be 'wrong' or 'raise'")
        self.name = name
        self._extract = extract
        self._on_error = on_error

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """Return one answer for each case, as compact JSON; an empty text where none is found.

        Raises:
            ModelError: ``extract`` returns something other than fields by name or ``None``.
        """
        return [self._answer(case) for case in cases]

    def _answer(self, case: Case) -> Answer:
        try:
            found: Any = self._extract(case.text)
        except Exception as error:
            if self._on_error == "wrong":
                return Answer("", problem=_problem(error))
            error.add_note(f"asked case {case.id!r} of condition {case.condition!r}")
            raise
        if found is not None and not isinstance(found, Mapping):
            raise ModelError(
                f"model {self.name!r} returned a {type(found).__name__} for case {case.id!r}; it "
                "must return fields by name, or None"
            )
        return Answer("" if found is None else compact(dict(found), default=str))


def _problem(error: Exception) -> str:
    """Return an exception as one line, with the place where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    said = " ".join(str(error).split())
    return f"the extractor raised {type(error).__name__}{f': {said}' if said else ''}{where}"[:240]
