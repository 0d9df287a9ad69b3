"""The model still answers the document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pytest_slm_autopsy.assertions.affirmation import affirm
from pytest_slm_autopsy.measures.collapse import commonest_answer
from pytest_slm_autopsy.measures.counted import counted
from pytest_slm_autopsy.measures.signs import Sign, deadly_signs
from pytest_slm_autopsy.records import Case, Prediction, Verdict
from pytest_slm_autopsy.statistics.verdicts import judge

LEAST_DEPENDENCE: Final = 0.1
"""Of the truths' own: a model whose answers depend less on the document answers something else."""
_SHOWN: Final = 100


def assert_not_collapsed(
    predictions: Sequence[Prediction],
    *,
    at_most: float = 0.1,
    training: Sequence[Case] = (),
    confidence_level: float = 0.95,
) -> Verdict:
    """No sign of collapse is above ``at_most``: the model answers the document, and not by heart.

    The signs, the deadliest first: one answer given more often than the truths have it; answers
    that do not depend on the document (these must do so at least a tenth as much as the truths);
    copies of ``training`` answers; loops; wrong answers that recur; a field that is always
    answered alike; answers cut off. The failure is that of the first sign that failed, or else is
    undecided, and names it. Where all passed, the verdict is that of the first.

    Raises:
        GateFailure: a sign failed, or is undecided.
        NoDataError: no prediction, or of ambiguous cases only.
        ConfigError: a limit that is no share.

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


def _gravest(signs: Iterable[Sign], at_most: float) -> tuple[Verdict, str]:
    """The first sign that failed; or else is undecided; or else the first."""
    judged = []
    for sign in signs:
        limit = at_most if sign.side == "at_most" else LEAST_DEPENDENCE
        judged.append((judge(sign.measurement, side=sign.side, limit=limit), sign.words))
        if judged[-1][0].outcome == "failed":
            break
    gravity = {"failed": 0, "undecided": 1, "passed": 2}
    return min(judged, key=lambda one: gravity[one[0].outcome])
