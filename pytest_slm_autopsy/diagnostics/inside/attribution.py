"""Attribution of an answer to tokens: integrated gradients, and occlusion; where they agree.

Integrated gradients (Sundararajan, Taly & Yan 2017) add up to the change of the log-probability
from an empty document; their error says how far they do not. Occlusion (Zeiler & Fergus 2014)
blanks one span at a time. The two rest on different assumptions, so agreement is evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from pytest_slm_autopsy.diagnostics.inside.tokens import (
    ANSWER,
    VALUE,
    answer_places,
    character_roles,
    grouped,
    token_roles,
)
from pytest_slm_autopsy.diagnostics.trials import mean_of
from pytest_slm_autopsy.errors import MissingExtraError, NoDataError
from pytest_slm_autopsy.models.inside import Inside
from pytest_slm_autopsy.records import Case, Measurement

FORMAT: Final = ("delimiter", "space", "template")
SEMANTIC: Final = ("its value", "other values", "label", "text")
GROUPS: Final = (*SEMANTIC, *FORMAT)


@dataclass(frozen=True, slots=True)
class Attribution:
    """The share of absolute attribution on each group of tokens, and how far to trust it.

    ``error`` is the mean completeness error, ``agreement`` the mean rank correlation of both
    methods over groups; ``None`` where one of them could not be had.
    """

    method: str
    shares: tuple[Measurement, ...]
    formatting: Measurement
    error: float | None = None
    agreement: float | None = None


def attributions(
    inside: Inside, asked: Sequence[tuple[Case, str]], *, steps: int = 16
) -> tuple[Attribution, ...]:
    """Return what one value of each answer rests on, by both methods where both can be had.

    Args:
        inside: the inside of a model.
        asked: cases with the answer that is explained; a field of each is taken in turn.
        steps: steps of the integral; more lower the completeness error.

    Raises:
        NoDataError: no answer states a value as JSON.
    """
    gradients, occlusions, errors = [], [], []
    for number, (case, answer) in enumerate(asked):
        stated = [name for name in answer_places(answer) if name in case.truth]
        if not stated:
            continue
        name = stated[number % len(stated)]
        occlusions.append(_occluded(inside, case, answer, name))
        try:
            values, error = _integrated(inside, case, answer, name, steps)
        except MissingExtraError:
            continue
        gradients.append(values)
        errors.append(error)
    if not occlusions:
        raise NoDataError("no answer states a value as JSON, so nothing can be attributed")
    found = [_told("occlusion", np.array(occlusions))]
    if not gradients:
        return tuple(found)
    pairs = zip(gradients, occlusions, strict=True)
    alike = [_rank_correlation(one, other) for one, other in pairs]
    agreement = float(np.nanmean(alike)) if not np.isnan(alike).all() else None
    told = _told("integrated gradients", np.array(gradients))
    whole = replace(told, error=float(np.mean(errors)), agreement=agreement)
    return (whole, replace(found[0], agreement=agreement))


def _integrated(
    inside: Inside, case: Case, answer: str, name: str, steps: int
) -> tuple[NDArray[np.float64], float]:
    reading = inside.read(case, answer)
    roles = token_roles(reading, case)
    found = inside.attributed(reading, grouped(roles)[ANSWER + name], steps=steps)
    sums = np.zeros(len(GROUPS))
    for value, role in zip(np.abs(found.values), roles, strict=True):
        if not role.startswith("answer"):
            sums[GROUPS.index(_group(role, name))] += value
    return sums / (sums.sum() or 1.0), found.error


def _occluded(inside: Inside, case: Case, answer: str, name: str) -> NDArray[np.float64]:
    """Return the loss of log-probability when each group of the document is blanked."""
    reading = inside.read(case, answer)
    tokens = [at - reading.first for at in grouped(token_roles(reading, case))[ANSWER + name]]
    whole = inside.logprobs(reading)[tokens].sum()
    roles = [_group(role, name) for role in character_roles(case)]
    lost = np.zeros(len(GROUPS))
    for place, group in enumerate(GROUPS):
        if group not in roles:
            continue
        text = "".join(
            letter if role != group else ("" if group in FORMAT else "_" * letter.isprintable())
            for letter, role in zip(case.text, roles, strict=True)
        )
        blanked = inside.read(replace(case, text=text, spans={}), answer)
        lost[place] = abs(whole - inside.logprobs(blanked)[tokens].sum())
    return lost / (lost.sum() or 1.0)


def _group(role: str, name: str) -> str:
    if role.startswith(VALUE):
        return "its value" if role == VALUE + name else "other values"
    return role


def _rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    if len({*one}) < 2 or len({*other}) < 2:
        return float("nan")
    return float(spearmanr(one, other).statistic)


def _told(method: str, rows: NDArray[np.float64]) -> Attribution:
    formatting = rows[:, [GROUPS.index(group) for group in FORMAT]].sum(1)
    return Attribution(
        method,
        tuple(mean_of(f"{method} on {group}", rows[:, i]) for i, group in enumerate(GROUPS)),
        mean_of(f"{method} on formatting", formatting),
    )
