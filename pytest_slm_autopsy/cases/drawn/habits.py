"""Forms that were seen in documents, and how often: an axis draws from them.

A form is a text that a person can read: ``"DD.MM.YYYY"``, ``"de: Summe"``, ``"1.234,50 ¤"``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

Weights = tuple[tuple[str, int], ...]
"""Forms and how often each was seen, the most frequent (so the plainest) first."""

GAP: Final = "    "
"""In a delimiter: a run of spaces of any length."""


@dataclass(frozen=True)
class Habits:
    """Seen forms by kind, and by axis the share of a document that the axis touched.

    Kinds are ``delimiter``, ``gap``, ``date``, ``money``, ``negative``, ``language``, ``case``,
    ``order``, ``missing``, ``unlabelled``, ``indent``, ``blank lines``, ``inside``, ``trailing``,
    ``space``, ``rule``, ``other line``, ``other lines``, ``blank above`` (above other
    lines), ``title`` and ``label NAME`` for a field.
    For a kind without seen forms, an axis draws from its own table.
    """

    forms: Mapping[str, Weights] = field(default_factory=dict)
    severities: Mapping[str, tuple[tuple[float, int], ...]] = field(default_factory=dict)

    def of(self, kind: str) -> Weights:
        """Return the seen forms of a kind; an empty tuple if there are none."""
        return self.forms.get(kind, ())

    def labels(self, name: str, language: str) -> Weights:
        """Return the seen labels of a field in a language, the most frequent first."""
        start, seen = f"{language}: ", self.of(f"label {name}")
        return tuple([(form[len(start) :], n) for form, n in seen if form.startswith(start)])

    def listed(self, kind: str) -> tuple[str, ...]:
        """Return the forms of a kind without their weights."""
        return tuple(form for form, _ in self.of(kind))


NO_HABITS: Final = Habits()
