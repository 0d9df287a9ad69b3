"""The first line of a diagnosis: in words that a manager can read."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_slm_autopsy.cases.drawn.shifts import AXES
from pytest_slm_autopsy.diagnostics.causes.rulings import ALIVE
from pytest_slm_autopsy.diagnostics.evidence import Evidence
from pytest_slm_autopsy.records import Finding, Measurement


def headline(
    model: str,
    right: Measurement,
    then: Measurement,
    findings: Sequence[Finding],
    evidence: Evidence,
) -> str:
    """Return the diagnosis in a few sentences that a manager can read."""
    name = model or "The model"
    if right.interval[1] < ALIVE:
        said = f"{name} is dead before any shift: it reads {right.value:.0%} of unshifted documents"
        return f"{said} right. Cause: {in_words(findings[0])}." if findings else f"{said} right."
    seen = f"{right.value:.0%} of unshifted documents right, and {then.value:.0%} of shifted ones"
    if not findings:
        lost = right.value - then.value
        if lost > evidence.limit:
            return f"{name} loses accuracy, and no single cause is proven: it reads {seen}."
        return f"{name} survives: it reads {seen}. No cause of death is found."
    told = [f"{in_words(one)} ({one.effect.value:.0%} of the loss)" for one in findings[:3]]
    verdict = "does not survive" if evidence.wrong else "is not to be trusted"
    return f"{name} {verdict}: it reads {seen}. Cause: {', then '.join(told)}."


def in_words(finding: Finding) -> str:
    """Return a cause in words: that of a shift is told by the summary of its axes."""
    kind, _, rest = finding.cause.partition("shift: ")
    if kind or not rest:
        return finding.cause
    names, _, thing = rest.removesuffix(" together").partition(": ")
    told = " and ".join(AXES[name].summary for name in names.split(" and "))
    return f"{told}: {thing}" if thing else told
