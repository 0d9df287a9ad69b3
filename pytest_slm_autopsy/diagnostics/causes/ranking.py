"""The ranking of causes: each judge is asked, and the likeliest cause of death comes first.

A cause is weighed by the share of all wrong answers that it explains. It is named only where its
interval lies beyond the limit, so that a healthy model has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pytest_slm_autopsy.diagnostics.causes import answers, parts, shifts
from pytest_slm_autopsy.diagnostics.causes.rulings import Judge, Named
from pytest_slm_autopsy.diagnostics.evidence import Evidence
from pytest_slm_autopsy.records import Finding, Ruling

JUDGES: Final[Sequence[Judge]] = (
    parts.parts,
    parts.leak,
    parts.pipeline,
    answers.endless,
    answers.collapse,
    answers.copies,
    parts.quantised,
    parts.base_alone,
    answers.over_confidence,
    shifts.shift,
    answers.weakness,
)


def judge_causes(evidence: Evidence) -> tuple[list[Finding], list[Ruling]]:
    """Return the named causes, the first the likeliest cause of death, and the other rulings."""
    judged = [one for judge in JUDGES for one in judge(evidence)]
    named = [one for one in judged if isinstance(one, Named)]
    named.sort(key=lambda one: (one.rank, -one.finding.effect.value))
    rulings = [one for one in judged if isinstance(one, Ruling)]
    rulings.sort(key=lambda ruling: not ruling.ruled_out)
    return [one.finding for one in named], rulings
