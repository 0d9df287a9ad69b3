"""Rates of what was seen: a count, the total that it is a share of, and lines to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pytest_slm_autopsy.records import Interval


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line of a document, as an example; lines count from 1."""

    document: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Rate:
    """The share of documents that show a form: ``count`` of ``n``.

    ``times`` counts every occurrence in them.

    ``open`` has the forms that nothing in the pile tells apart; it is empty for a certain form.
    """

    count: int
    n: int
    times: int = 0
    examples: tuple[Excerpt, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """Return the share of documents."""
        return self.count / self.n if self.n else 0.0

    @property
    def interval(self) -> Interval:
        """Return Clopper and Pearson's interval at 95 %, for independent documents."""
        if not self.n:
            return (0.0, 1.0)
        from pytest_slm_autopsy.statistics.intervals import clopper_pearson

        return clopper_pearson(self.count, self.n)

    def to_dict(self) -> dict[str, Any]:
        """Return a dict that survives JSON."""
        return {**asdict(self), "interval": self.interval}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Rate:
        """Return the rate that ``to_dict`` wrote."""
        examples = tuple(Excerpt(**one) for one in data.get("examples", ()))
        left = tuple(map(str, data.get("open", ())))
        return cls(int(data["count"]), int(data["n"]), int(data.get("times", 0)), examples, left)
