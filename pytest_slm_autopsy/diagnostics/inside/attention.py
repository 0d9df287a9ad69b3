"""What each answered field attends to, and heads that go by place or by content.

Attention says where a model looked, not why it answered: weights can change and the answer stay
(Jain & Wallace 2019), and deeper layers mix what was seen (Abnar & Zuidema 2020). The swap test and
``patching`` are causal; the shares are a description.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pytest_slm_autopsy.diagnostics.inside.tokens import ANSWER, VALUE, grouped, places, token_roles
from pytest_slm_autopsy.diagnostics.trials import mean_of
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.models.inside import Inside
from pytest_slm_autopsy.records import Case, Measurement

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
    """How many heads follow a value that moves, stay at its place, or do neither."""

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
    """Return how many heads follow the values of two fields when their lines change places.

    A head that goes by content attends, for the first field, to its value at the new place; one
    that goes by place attends to what now stands where the value stood.

    Raises:
        NoDataError: no document states both fields on lines of their own.
    """
    total, n = None, 0
    for case, answer in asked:
        swapped = with_lines_swapped(case, fields)
        if swapped is None:
            continue
        reading = inside.read(swapped, answer)
        groups = grouped(token_roles(reading, swapped))
        own, there = (groups.get(VALUE + name, []) for name in fields)
        said = [token - reading.first for token in groups.get(ANSWER + fields[0], [])]
        if not (own and there and said):
            continue
        attention = inside.attention(reading)[:, :, said].mean(2)
        moved = attention[:, :, own].sum(-1) - attention[:, :, there].sum(-1)
        total, n = (moved if total is None else total + moved), n + 1
    if total is None:
        raise NoDataError(
            f"no document states {fields[0]} and {fields[1]} on lines of their own, so nothing can "
            "be swapped; name two other fields"
        )
    mean = total / n
    content, positional = int((mean > SURE).sum()), int((mean < -SURE).sum())
    return Heads(content, positional, int(mean.size) - content - positional, n)


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
