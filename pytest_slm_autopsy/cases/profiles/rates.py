"""How often something was seen: a count, what it is a share of, and where to look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pytest_slm_autopsy.records import Interval


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One line of a document, to look at; lines count from 1."""

    document: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Rate:
    """``count`` of ``n`` documents; ``times`` counts every occurrence in them.

    ``open`` are the forms between which nothing in the pile tells; empty where the form is certain.
    """

    count: int
    n: int
    times: int = 0
    examples: tuple[Excerpt, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def value(self) -> float:
        """The share of documents."""
        return self.count / self.n if self.n else 0.0

    @property
    def interval(self) -> Interval:
        """Clopper and Pearson's, at 95 %: documents are independent."""
        if not self.n:
            return (0.0, 1.0)
        from pytest_slm_autopsy.statistics.intervals import clopper_pearson

        return clopper_pearson(self.count, self.n)

    def to_dict(self) -> dict[str, Any]:
        """A dict that survives JSON."""
        return {**asdict(self), "interval": self.interval}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Rate:
        """The rate that ``to_dict`` wrote."""
        examples = tuple(Excerpt(**one) for one in data.get("examples", ()))
        left = tuple(map(str, data.get("open", ())))
        return cls(int(data["count"]), int(data["n"]), int(data.get("times", 0)), examples, left)
