"""Kinds of the fields of cases, by the votes of their values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from pytest_slm_autopsy.notation.kinds import kind_of
from pytest_slm_autopsy.records import Case

_WHOLE_AMOUNTS: Final = re.compile(r"(?:^|_)(?:total|subtotal|amount|price|tax|net|gross|sum)$")


def kinds_of(cases: Iterable[Case]) -> dict[str, str]:
    """Map field names to the kind of most of their values; of a field without any, to ``text``."""
    votes: dict[str, Counter[str]] = {}
    for case in cases:
        for name, value in case.truth.items():
            counted = votes.setdefault(name, Counter())
            if value:
                counted[kind_of(value)] += 1
    return {name: _elected(name, counted) for name, counted in votes.items()}


def _elected(name: str, votes: Mapping[str, int]) -> str:
    """Return the kind of most values; whole numbers among amounts are amounts."""
    total = sum(votes.values())
    if not total:
        return "text"
    if votes.get("money") and votes["money"] + votes.get("code", 0) == total:
        return "money"
    kind = max(votes, key=lambda one: votes[one])
    if votes[kind] * 2 < total:
        return "text"
    return "money" if kind == "code" and _WHOLE_AMOUNTS.search(name) else kind
