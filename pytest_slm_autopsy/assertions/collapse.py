"""Gates on collapse: answers depend on the document, differ between documents, and end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pytest_slm_autopsy.assertions.affirmation import affirm
from pytest_slm_autopsy.assertions.gates import Gate, decide
from pytest_slm_autopsy.measures.collapse import commonest_answer, cut_off
from pytest_slm_autopsy.measures.counted import counted
from pytest_slm_autopsy.measures.signs import Sign, deadly_signs
from pytest_slm_autopsy.records import Case, Prediction, Verdict
from pytest_slm_autopsy.statistics.verdicts import judge

LEAST_DEPENDENCE: Final = 0.1
"""Smallest dependence on the document that passes, as a share of the truths' own dependence."""
_SHOWN: Final = 100


def assert_not_collapsed(
    predictions: Sequence[Prediction],
    *,
    at_most: float = 0.1,
    training: Sequence[Case] = (),
    confidence_level: float = 0.95,
) -> Verdict:
    """Assert that no sign of collapse exceeds its limit.

    The signs, the deadliest first: one answer given more often than the truths have it; answers
    that depend on the document less than a tenth as much as the truths do; copies of ``training``
    answers; loops; wrong answers that recur; a field that is always answered alike; answers cut
    off. ``at_most`` limits each of them but the dependence, as a share. The verdict is that of the
    first sign that failed; else of the first that is undecided; else of the first. The failure
    names its sign.

    Raises:
        GateFailure: a sign failed, or is undecided.
        NoDataError: there are no predictions, or all are of ambiguous cases.
        ConfigError: a limit outside 0 to 1.

    Example:
        >>> from pytest_slm_autopsy import Case, ScriptedModel, predict
        >>> cases = [Case(str(i), f"Total: {i}", {"total": str(i)}) for i in range(10)]
        >>> dead = ScriptedModel(lambda case: '{"total": "0.0"}')
        >>> try:
        ...     assert_not_collapsed(predict(dead, cases))
        ... except AssertionError as failure:
        ...     print(failure.note.splitlines()[0])
        the model says the same to different documents
    """
    __tracebackhide__ = True
    signs = deadly_signs(predictions, training=training, confidence_level=confidence_level)
    verdict, words = _gravest(signs, at_most)
    answer, count = commonest_answer(predictions)
    shown = f"commonest answer, {count} of {len(counted(predictions))}: {answer[:_SHOWN]!r}"
    note = f"{words}\n{shown}" if verdict.outcome == "failed" else shown
    return affirm(verdict, predictions, note=note)


def assert_answers_end(
    predictions: Sequence[Prediction], *, at_most: float, confidence_level: float = 0.95
) -> Verdict:
    """Assert that at most ``at_most`` of the answers are cut off at the limit, or broken off.

    A model that was not taught where to stop, or is not stopped there, writes on behind a right
    answer: it is slow, and whoever reads its text may read something else.

    Raises:
        GateFailure: the gate failed, or is undecided.
        NoDataError: there are no predictions, or all are of ambiguous cases.
        ConfigError: a limit outside 0 to 1.

    Example:
        >>> from pytest_slm_autopsy import Case, ScriptedModel, predict
        >>> cases = [Case(str(i), "", {"id": str(i)}) for i in range(100)]
        >>> brief = ScriptedModel(lambda case: "{}")
        >>> assert_answers_end(predict(brief, cases), at_most=0.05).measurement.value
        0.0
    """
    __tracebackhide__ = True
    gate = Gate("at_most", at_most, confidence_level)
    judged = decide(gate, predictions, cut_off, _cut_off)
    return affirm(*judged, wrong=_cut_off)


def _cut_off(prediction: Prediction) -> bool:
    return prediction.finish != "stop"


def _gravest(signs: Iterable[Sign], at_most: float) -> tuple[Verdict, str]:
    """Return the first failed verdict, else the first undecided, else the first; and its words."""
    judged = []
    for sign in signs:
        limit = at_most if sign.side == "at_most" else LEAST_DEPENDENCE
        judged.append((judge(sign.measurement, side=sign.side, limit=limit), sign.words))
        if judged[-1][0].outcome == "failed":
            break
    gravity = {"failed": 0, "undecided": 1, "passed": 2}
    return min(judged, key=lambda one: gravity[one[0].outcome])
