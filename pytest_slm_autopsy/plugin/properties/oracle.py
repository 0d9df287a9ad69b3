"""The oracle: a property's known answers, its next questions, and its words for a failure."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from textwrap import indent
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis.errors import Flaky, UnsatisfiedAssumption

from pytest_slm_autopsy.plugin.output.progress import uncaptured
from pytest_slm_autopsy.plugin.privacy import Safe
from pytest_slm_autopsy.records import Case, Prediction, legible
from pytest_slm_autopsy.redaction import names_of

if TYPE_CHECKING:
    from pytest_slm_autopsy.models.interface import ModelUnderTest
    from pytest_slm_autopsy.plugin.session import Autopsy

FAILURES: Final = (Exception, pytest.fail.Exception)
Size = tuple[int, float, int]


class Enough(BaseException):
    """A signal that enough cases are noted to ask them.

    A BaseException, because Hypothesis would catch an Exception.
    """


class Oracle:
    """The answers that are known, and the cases to ask next.

    ``size`` limits the cases that are noted while a failure is shrunk; before a failure there is
    no limit.
    """

    def __init__(self, autopsy: Autopsy, model: ModelUnderTest, size: int) -> None:
        self.unknown: dict[str, Case] = {}
        self.last: list[Prediction] = []
        self._autopsy, self._model, self._size = autopsy, model, size
        self._known: dict[str, Prediction] = {}
        self._ends: dict[str, str] = {}
        self._best: tuple[Size, Prediction] | None = None
        self._failed = False

    def begin(self) -> None:
        """Begin a run: forget noted cases and failures."""
        self._failed, self.unknown = False, {}

    def look(self, case: Case) -> Prediction | None:
        """Return the answer to ``case`` if it is known; else note the case and return ``None``.

        Raises:
            Enough: enough cases are noted to ask them.
        """
        key = repr(case)
        if key not in self._known:
            self.unknown[key] = case
            if self._failed and len(self.unknown) >= self._size:
                raise Enough
        return self._known.get(key)

    def judge(self, prediction: Prediction, test: Callable[[], None]) -> None:
        """Run the test on an answer; a failure gets a note with shift, document and answer.

        Raises:
            Flaky: the test ended in another way before, on the same answer.
        """
        try:
            test()
        except UnsatisfiedAssumption:
            self._ended(prediction, "refused")
            raise
        except FAILURES as error:
            self._ended(prediction, type(error).__name__)
            self._failed = True
            self._keep_best(prediction)
            words = self._in_words(prediction)
            if words not in getattr(error, "__notes__", ()):
                error.add_note(words)
            raise
        self._ended(prediction, "passed")

    def ask(self) -> None:
        """Ask the model all noted cases."""
        self.last = self._autopsy.ask(self._model, list(self.unknown.values()))
        self._known |= dict(zip(self.unknown, self.last, strict=True))

    def tell_best(self) -> None:
        """Print the simplest failure so far, if any."""
        if self._best is not None:
            words = self._in_words(self._best[1])
            with uncaptured(self._autopsy.config):
                print(f"\n\nInterrupted. The simplest failure so far {words}", file=sys.__stderr__)

    def _in_words(self, prediction: Prediction) -> str:
        """Return a failure in words; with --slm-redact they hold neither texts nor values."""
        if not self._autopsy.settings.redact:
            return failure_in_words(prediction)
        redaction = self._autopsy.redaction(names_of([prediction]))
        return Safe(failure_in_words(redaction.of(prediction)))

    def _ended(self, prediction: Prediction, how: str) -> None:
        before = self._ends.setdefault(repr(prediction.case), how)
        if before != how:
            raise Flaky(
                f"the test {before} once and {how} now, on the same case and the same answer: it "
                "hangs on something else"
            )

    def _keep_best(self, prediction: Prediction) -> None:
        case = prediction.case
        size = (len(case.shift), sum(case.shift.values()), len(case.text))
        if self._best is None or size < self._best[0]:
            self._best = (size, prediction)


def failure_in_words(prediction: Prediction) -> str:
    """Return a failure in words: the shift, the document, the right answer, the model's answer."""
    case, said = prediction.case, prediction.fields
    wrong = [
        name
        for name, right in case.truth.items()
        if said is None or legible(said.get(name)) != legible(right)
    ]
    named = wrong or list(case.truth)
    answered = (
        f"{prediction.raw!r:.300} ({prediction.problem})"
        if said is None
        else _shown({name: said[name] for name in (named if wrong else said) if name in said})
    )
    return "\n".join(
        [
            f"breaks when {_shift(case)}",
            "",
            indent(case.text, "  | ", lambda line: True),
            "",
            f"expected  {_shown({name: case.truth[name] for name in named})}",
            f"answered  {answered}",
        ]
    )


def _shift(case: Case) -> str:
    named = ", ".join(f"{axis} {severity:g}" for axis, severity in case.shift.items())
    if not named:
        return "nothing is shifted"
    return f"only {case.layout} ({named})" if case.layout else f"the shift is {named}"


def _shown(fields: object) -> str:
    return json.dumps(fields, ensure_ascii=False, default=repr)
