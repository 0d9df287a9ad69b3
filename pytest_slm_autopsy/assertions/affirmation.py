"""From a verdict to the outcome of a test: returned, or raised with the worst cases."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from math import isfinite

from pytest_slm_autopsy.errors import visible
from pytest_slm_autopsy.records import AMBIGUOUS, Prediction, Verdict, legible
from pytest_slm_autopsy.statistics.listeners import announce, on_undecided

WORST = 3
MOST_COLUMNS = 240
TAIL = 60


class GateFailure(AssertionError):
    """A failed gate, with its verdict and its worst cases as data."""

    def __init__(self, verdict: Verdict, worst: Sequence[Prediction] = (), note: str = "") -> None:
        self.verdict = verdict
        self.note = note
        self.worst = tuple(worst)
        lines = [verdict.line, *([note] if note else [])]
        lines += [_wrong_line(prediction) for prediction in self.worst[:WORST]]
        super().__init__(visible("\n".join(lines)))

    @property
    def short(self) -> str:
        """Return the text with the value and the limit first, for a line that may be cut."""
        _, *further = str(self).splitlines()
        return visible("\n".join([self.verdict.short, *further]))

    def __reduce__(self) -> tuple[type[GateFailure], tuple[Verdict, tuple[Prediction, ...], str]]:
        """Return the parts to rebuild the failure from: pytest-xdist sends it between processes."""
        return type(self), (self.verdict, self.worst, self.note)


class UndecidedGate(UserWarning):
    """Warning about an undecided gate that ``--slm-undecided=warn`` lets pass."""


def affirm(
    verdict: Verdict,
    predictions: Sequence[Prediction] = (),
    note: str = "",
    *,
    wrong: Callable[[Prediction], bool] = lambda prediction: not prediction.correct,
) -> Verdict:
    """Return ``verdict`` if it passed, and raise otherwise.

    An undecided verdict raises, warns or passes, as ``--slm-undecided`` says; by default it raises.

    Args:
        verdict: the verdict to affirm.
        predictions: the predictions that were judged. The wrong ones go with the failure, the
            surest first.
        note: further evidence, at most a few lines.
        wrong: tells whether the gate holds a prediction to be wrong.

    Raises:
        GateFailure: the verdict failed, or is undecided.
    """
    __tracebackhide__ = True
    announce(verdict)
    if verdict.outcome == "failed" or (verdict.outcome, on_undecided()) == ("undecided", "fail"):
        worst = [p for p in predictions if AMBIGUOUS not in p.case.tags and wrong(p)]
        raise GateFailure(verdict, sorted(worst, key=_doubt), note)
    if (verdict.outcome, on_undecided()) == ("undecided", "warn"):
        warnings.warn(visible(verdict.line), UndecidedGate, stacklevel=3)
    return verdict


def _doubt(prediction: Prediction) -> float:
    """Return the mean negative log-probability of the tokens; 0 without usable probabilities."""
    logprobs = prediction.logprobs or ()
    return -sum(logprobs) / len(logprobs) if logprobs and all(map(isfinite, logprobs)) else 0.0


def _wrong_line(prediction: Prediction) -> str:
    if prediction.correct and prediction.finish == "length":
        end = prediction.raw[-TAIL:]
        return f"  {prediction.case.id}: right, and cut off at the length limit: ...{end!r}"
    if prediction.fields is None or prediction.correct:
        said = prediction.problem or f"{prediction.stage}: {prediction.raw!r}"
        return f"  {prediction.case.id}: {said}"[:MOST_COLUMNS]
    truth, fields = prediction.case.truth, prediction.fields
    wrong = [
        f"{name}={fields[name]!r} instead of {value!r}" if name in fields else f"{name} is missing"
        for name, value in truth.items()
        if name not in fields or legible(fields[name]) != legible(value)
    ]
    wrong += [f"{name}={fields[name]!r} was not asked for" for name in fields if name not in truth]
    return f"  {prediction.case.id}: {'; '.join(wrong[:3])}"[:MOST_COLUMNS]
