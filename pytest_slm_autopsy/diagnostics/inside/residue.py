"""The residue: what the adapter adds to its base, where it stops steering, and at which dose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pytest_slm_autopsy.diagnostics.inside.tokens import answer_places
from pytest_slm_autopsy.diagnostics.trials import mean_of
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.models.inside import Inside
from pytest_slm_autopsy.records import Case, Measurement

SCALES: Final = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)


@dataclass(frozen=True, slots=True)
class Steering:
    """How far the adapter moves the base, in nats an answer token, and on which fields least."""

    condition: str
    divergence: Measurement
    by_field: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class AdapterDose:
    """The mean probability of the right answer at each scale of the adapter."""

    scales: tuple[float, ...]
    chance: tuple[Measurement, ...]


def steering(inside: Inside, asked: Sequence[tuple[Case, str]], condition: str) -> Steering:
    """Return the divergence of adapted from base on the answers given, the least by field first.

    Raises:
        NoDataError: no case.
    """
    means, fields = [], dict[str, list[float]]()
    for case, answer in _some(asked):
        reading = inside.read(case, answer)
        nats = inside.divergence(reading)
        means.append(float(nats.mean()))
        for name, (start, end) in answer_places(answer).items():
            shift = len(reading.prompt)
            tokens = [t - reading.first for t in reading.within(shift + start, shift + end)]
            fields.setdefault(name, []).append(float(nats[tokens].mean()) if tokens else 0.0)
    by_field = sorted(((n, float(np.mean(v))) for n, v in fields.items()), key=lambda pair: pair[1])
    return Steering(
        condition,
        mean_of("divergence from the base", np.array(means), (0.0, float("inf"))),
        tuple(by_field),
    )


def adapter_dose(
    inside: Inside, cases: Sequence[tuple[Case, str]], scales: Sequence[float] = SCALES
) -> AdapterDose:
    """Return the mean probability of the right answer at each scale of the adapter.

    ``cases`` pairs each case with its right answer. Scale 0 is the base alone, 1 the adapter as
    trained.
    """
    readings = [inside.read(case, right) for case, right in _some(cases)]
    found = []
    for scale in scales:
        chances = [float(np.exp(inside.logprobs(r, scale=scale).sum())) for r in readings]
        found.append(mean_of(f"chance of the right answer at {scale:g}", np.array(chances)))
    return AdapterDose(tuple(scales), tuple(found))


def _some(asked: Sequence[tuple[Case, str]]) -> Sequence[tuple[Case, str]]:
    if not asked:
        raise NoDataError("there are no cases to look inside at; give at least one")
    return asked
