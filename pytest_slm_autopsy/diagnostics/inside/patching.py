"""Activation patching: where a right answer comes back when states of the canonical twin come in.

The hidden states of the shifted document, after one layer and at one group of tokens, are replaced
by those of its canonical twin (Meng et al. 2022; Zhang & Nanda 2024). Where the right token comes
back, the assumption lives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pytest_slm_autopsy.diagnostics.inside.tokens import VALUE, answer_places, token_roles
from pytest_slm_autopsy.diagnostics.inside.tokens import places as places_of
from pytest_slm_autopsy.diagnostics.trials import mean_of
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.models.inside import Inside, Patch, Reading
from pytest_slm_autopsy.records import Case, Measurement

Fields = dict[str, list[int]]
"""Field to its tokens."""
WHOLE_LINE: Final = (-float("inf"), float("inf"))
SO_FAR: Final = "answer so far"
GROUPS: Final = ("its value", "other values", "label", "delimiter", "template", SO_FAR)
FEWEST: Final = 4
"""Fewest cases of which a map is made."""
SEPARATE: Final = 0.5
"""Least difference, in nats, between twin and shifted document for a case to tell anything."""


@dataclass(frozen=True, slots=True)
class Patched:
    """The share of the right answer that comes back, by layer (rows) and group of tokens.

    ``groups`` names the columns. 0 is nothing, 1 all; ``n`` counts the cases.
    """

    groups: tuple[str, ...]
    recovery: tuple[tuple[Measurement, ...], ...]
    n: int

    @property
    def best(self) -> tuple[int, str, float]:
        """Return the layer and group of the document that bring most back, and how much.

        The answer so far is left out: its last state decides the next token by definition.
        """
        flat = [
            (row, self.groups[column], one.value)
            for row, measured in enumerate(self.recovery)
            for column, one in enumerate(measured)
            if self.groups[column] != SO_FAR
        ]
        return max(flat, key=lambda entry: entry[2])


@dataclass(frozen=True, slots=True)
class Twins:
    """A shifted case that is answered wrong, its canonical twin, and the wrong answer."""

    shifted: Case
    twin: Case
    wrong: str
    right: str


def patching(inside: Inside, failing: Sequence[Twins]) -> Patched:
    """Return how much of the right token comes back, by layer and group of tokens.

    It is asked at the first token at which the right and the wrong answer differ. Tokens are
    aligned within a field and role: each takes the state of the one at the nearest relative place.
    The last layer is left out: only the writing token's own state still counts there.

    Raises:
        NoDataError: no case in which the twin prefers the right token.
    """
    maps = [found for twins in failing if (found := _recovery(inside, twins)) is not None]
    if len(maps) < FEWEST:
        raise NoDataError(
            f"{len(maps)} failing cases have a twin that states the same value, and {FEWEST} are "
            "needed to patch; give more cases, whose values were moved and not removed"
        )
    table = np.array(maps)
    recovery = tuple(
        tuple(_cell(f"layer {i}, {group}", table[:, i, j]) for j, group in enumerate(GROUPS))
        for i in range(table.shape[1])
    )
    return Patched(GROUPS, recovery, len(maps))


def _recovery(inside: Inside, twins: Twins) -> list[list[float]] | None:
    parting = _parting(inside, twins)
    if parting is None:
        return None
    same, name, rivals = parting
    if twins.shifted.truth.get(name) is None:
        return None
    here, there = (
        inside.read(case, twins.right).up_to(same) for case in (twins.shifted, twins.twin)
    )

    def lead(reading: Reading, patch: Patch | None = None) -> float:
        right, wrong = inside.following(reading, rivals, patch)
        return float(right) - float(wrong)

    corrupt, clean = lead(here), lead(there)
    if clean - corrupt < SEPARATE:
        return None
    states = inside.hidden(there)
    target = _groups(here, twins.shifted, name)
    source = _groups(there, twins.twin, name)
    aligned = {group: _aligned(target[group], source[group]) for group in GROUPS}
    found = []
    for layer in range(inside.layers - 1):
        row = []
        for group in GROUPS:
            places, given = aligned[group]
            if not places:
                row.append(float("nan"))
                continue
            patch = Patch(layer, places, states[layer][given])
            row.append((lead(here, patch) - corrupt) / (clean - corrupt))
        found.append(row)
    return found


def _aligned(target: Fields, source: Fields) -> tuple[list[int], list[int]]:
    """Return tokens of the shifted document and, for each, one of the same field of the twin."""
    places, given = [], []
    for name in target:
        there = source.get(name, [])
        for number, place in enumerate(target[name] if there else []):
            places.append(place)
            given.append(there[number * len(there) // len(target[name])])
    return places, given


def _cell(name: str, values: NDArray[np.float64]) -> Measurement:
    """Return the mean over the cases that have the group; recovery may pass 1, or be negative."""
    seen = values[np.isfinite(values)]
    if not len(seen):
        return Measurement(name, 0.0, WHOLE_LINE, 0, bounds=WHOLE_LINE)
    return mean_of(name, seen, WHOLE_LINE)


def _parting(inside: Inside, twins: Twins) -> tuple[int, str, tuple[int, int]] | None:
    """Return where both answers part: after how many tokens, in which field, and both tokens."""
    right, wrong = (inside.read(twins.shifted, answer) for answer in (twins.right, twins.wrong))
    ours, theirs = right.tokens[right.first :], wrong.tokens[wrong.first :]
    same = 0
    while same < min(len(ours), len(theirs)) and ours[same] == theirs[same]:
        same += 1
    if same in (0, len(ours), len(theirs)):
        return None
    at = right.spans[right.first + same][1] - len(right.prompt) - 1
    places = answer_places(twins.right).items()
    name = next((name for name, (start, end) in places if start <= at < end), "")
    return same, name, (ours[same], theirs[same])


def _groups(reading: Reading, case: Case, name: str) -> dict[str, Fields]:
    """Map each group to its tokens by the field on whose line they stand."""
    found: dict[str, Fields] = {group: {} for group in GROUPS}
    found[SO_FAR][""] = list(range(reading.first, len(reading.tokens)))
    lines = {case.text[:start].count("\n"): field for field, (start, _) in places_of(case).items()}
    prompt = replace(reading, answer="", spans=reading.spans[: reading.first])
    for place, role in enumerate(token_roles(prompt, case)):
        at = max(0, reading.spans[place][0] - reading.document)
        field = lines.get(case.text[:at].count("\n"), "")
        group = role
        if role.startswith(VALUE):
            field = role.removeprefix(VALUE)
            group = "its value" if field == name else "other values"
        if group in found:
            found[group].setdefault("" if group == "template" else field, []).append(place)
    return found
