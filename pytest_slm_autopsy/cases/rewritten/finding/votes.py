"""What a pile of cases tells of each: kinds of fields, the order of days, optional fields."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pytest_slm_autopsy.notation.dates.orders import Order, order_of_pile
from pytest_slm_autopsy.notation.figures.quantities import whole_quantity
from pytest_slm_autopsy.notation.kinds import kind_of
from pytest_slm_autopsy.notation.text import folded
from pytest_slm_autopsy.records import Case, Value

_QUANTITIES: Final = re.compile(
    r"(?:^|_)(?:quantity|qty|quantities|shares|pieces|units|count|hours|weight|volume|nominal|items"
    r"|menge|stueck|stuck|anzahl|anteile|gewicht|stunden|quantite|nombre|parts|aantal|stuks"
    r"|aandelen|ilosc|sztuk|liczba|cantidad|unidades|quantita|quantidade|antal)(?:$|_)"
)
_WHOLE_AMOUNTS: Final = re.compile(r"(?:^|_)(?:total|subtotal|amount|price|tax|net|gross|sum)$")


@dataclass(frozen=True)
class Pile:
    """What documents of one pile tell of each other.

    ``kinds`` maps fields to kinds, ``order`` tells whether day or month comes first, ``optional``
    names the fields that some document lacks.
    """

    kinds: Mapping[str, str]
    order: Order | None = None
    optional: frozenset[str] = frozenset()

    @classmethod
    def of(cls, cases: Sequence[Case], kinds: Mapping[str, str] | None = None) -> Pile:
        """Return what cases tell; ``kinds`` that are known come before those that are guessed."""
        known = kinds or {}
        guessed = (
            {} if all(case.truth.keys() <= known.keys() for case in cases) else kinds_of(cases)
        )
        return cls(
            {**guessed, **known},
            order_of_pile(case.text for case in cases),
            frozenset(n for case in cases for n, value in case.truth.items() if not value),
        )


def kinds_of(cases: Iterable[Case]) -> dict[str, str]:
    """Map field names to the kind of most of their values; of a field without any, to ``text``."""
    votes: dict[str, Counter[str]] = {}
    for case in cases:
        for name, value in case.truth.items():
            counted = votes.setdefault(name, Counter())
            if value:
                counted[_numeric(name, value) or kind_of(value)] += 1
    return {name: _elected(name, counted) for name, counted in votes.items()}


def _numeric(name: str, value: Value) -> str:
    """Return ``quantity`` for a number in a field that is named like one of quantities."""
    named = isinstance(value, str) and _QUANTITIES.search(folded(name).text)
    return "quantity" if named and whole_quantity(str(value)) else ""


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
