"""What each answered field attends to, and heads that go by place or by content.

Attention says where a model looked, not why it answered: weights can change and the answer stay
(Jain & Wallace 2019), and deeper layers mix what was seen (Abnar & Zuidema 2020). What is answered
after a swap is causal; attention, of heads too, is a description.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pytest_slm_autopsy.diagnostics.inside.tokens import ANSWER, VALUE, grouped, places, token_roles
from pytest_slm_autopsy.diagnostics.trials import mean_of
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.models.inside import Inside, Reading
from pytest_slm_autopsy.records import Case, Measurement
from pytest_slm_autopsy.whole_files import parsed

OWN, OTHERS = "its value", "other values"
GROUPS: Final = (OWN, OTHERS, "label", "delimiter", "space", "text", "template", "answer so far")
SURE: Final = 0.1
"""Attention that a head moves, on average, to count as going by content or by place."""


@dataclass(frozen=True, slots=True)
class AttentionShares:
    """The share of attention on each group of tokens, over all heads and answered values."""

    condition: str
    shares: tuple[Measurement, ...]


@dataclass(frozen=True, slots=True)
class Heads:
    """How answers and heads follow two values that change places, of ``n`` documents.

    ``right`` answers follow the value, ``by_place`` state what now stands at its place: that is
    causal. ``content`` heads look at the value, ``positional`` ones at its old place.
    """

    fields: tuple[str, str]
    right: int
    by_place: int
    content: int
    positional: int
    neither: int
    n: int


def attention_shares(
    inside: Inside, asked: Sequence[tuple[Case, str]], condition: str
) -> AttentionShares:
    """Return what answered values attend to, one row of sums a case.

    ``asked`` pairs cases with the answer that is read: the model's own.

    Raises:
        NoDataError: no answer states a value.
    """
    rows = []
    for case, answer in asked:
        reading = inside.read(case, answer)
        roles = token_roles(reading, case)
        groups, attention = grouped(roles), inside.attention(reading).mean((0, 1))
        sums = np.zeros(len(GROUPS))
        for role, tokens in groups.items():
            if role.startswith(ANSWER):
                name = role.removeprefix(ANSWER)
                weights = attention[[token - reading.first for token in tokens]].mean(0)
                sums += _by_group(weights, roles, name)
        if sums.sum():
            rows.append(sums / sums.sum())
    if not rows:
        raise NoDataError("no answer states a value as JSON, so no attention can be told")
    table = np.array(rows)
    return AttentionShares(
        condition, tuple(mean_of(f"attention on {g}", table[:, i]) for i, g in enumerate(GROUPS))
    )


def heads_by_swap(
    inside: Inside, asked: Iterable[tuple[Case, str]], fields: tuple[str, str]
) -> Heads:
    """Return what follows the values of two fields when their lines change places.

    All is read at the first token at which the two values part: later ones copy what was begun.
    ``asked`` pairs cases with their right answers.

    Raises:
        NoDataError: no document states both fields on lines of their own.
    """
    moved: list[NDArray[np.float32]] = []
    right = 0
    for case, answer in asked:
        swapped = with_lines_swapped(case, fields)
        parting = swapped and _parting(inside, swapped, answer, fields)
        if not swapped or not parting:
            continue
        reading, token, lead = parting
        groups = grouped(token_roles(reading, swapped))
        own, there = (groups.get(VALUE + name, []) for name in fields)
        attention = inside.attention(reading)[:, :, token]
        moved.append(attention[:, :, own].sum(-1) - attention[:, :, there].sum(-1))
        right += lead > 0
    if not moved:
        raise NoDataError(
            f"no document states {fields[0]} and {fields[1]} on lines of their own, so nothing can "
            "be swapped; name two other fields"
        )
    mean = np.mean(moved, axis=0)
    content, positional = int((mean > SURE).sum()), int((mean < -SURE).sum())
    neither = int(mean.size) - content - positional
    by_place = len(moved) - right
    return Heads(fields, right, by_place, content, positional, neither, len(moved))


def _parting(
    inside: Inside, case: Case, answer: str, fields: tuple[str, str]
) -> tuple[Reading, int, float] | None:
    """Return the right answer, the token at which the other value parts from it, and its lead."""
    said = parsed(answer)
    other = {**said, fields[0]: said[fields[1]]}
    taken = json.dumps(other, ensure_ascii=False, separators=(",", ":"))
    readings = [inside.read(case, text) for text in (answer, taken)]
    ours, theirs = (reading.tokens[reading.first :] for reading in readings)
    pairs = enumerate(zip(ours, theirs, strict=False))
    token = next((at for at, (one, two) in pairs if one != two), None)
    if token is None:
        return None
    before = readings[0].up_to(token)
    one, two = inside.following(before, (ours[token], theirs[token]))
    return readings[0], token, float(one) - float(two)


def with_lines_swapped(case: Case, fields: tuple[str, str]) -> Case | None:
    """Return a case with the lines of two fields exchanged; ``None`` where they share a line."""
    where = places(case)
    if not {*fields} <= {*where}:
        return None
    lines = case.text.split("\n")
    first, second = (case.text[: where[name][0]].count("\n") for name in fields)
    if first == second:
        return None
    lines[first], lines[second] = lines[second], lines[first]
    return replace(case, text="\n".join(lines), spans={})


def _by_group(weights: NDArray[np.float32], roles: Sequence[str], name: str) -> NDArray[np.float64]:
    sums = np.zeros(len(GROUPS))
    for weight, role in zip(weights, roles, strict=True):
        if role.startswith(VALUE):
            group = OWN if role == VALUE + name else OTHERS
        else:
            group = "answer so far" if role.startswith("answer") else role
        sums[GROUPS.index(group)] += weight
    return sums
