"""Counts of the shifts and forms that a pile shows, document by document."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from pytest_slm_autopsy.cases.drawn.pages import Page, axis_of
from pytest_slm_autopsy.cases.drawn.shifts import applicable
from pytest_slm_autopsy.cases.profiles.line_forms import masked
from pytest_slm_autopsy.cases.profiles.observations import observe
from pytest_slm_autopsy.cases.profiles.open_forms import Form, readings, shared_out
from pytest_slm_autopsy.cases.profiles.rates import Excerpt, Rate
from pytest_slm_autopsy.cases.profiles.sighted.cells import Seen, Sighting
from pytest_slm_autopsy.cases.profiles.sighted.sightings import Reader
from pytest_slm_autopsy.cases.profiles.sketches import Sketch, in_countries, sketch
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.notation.figures.money_forms import SAMPLE, open_groups

EXAMPLES: Final = 2
EXCERPT: Final = 60
LEVELS: Final = ((0.375, 0.25), (0.75, 0.5), (1.0, 1.0))
"""A share up to the first number counts as the second."""
_WIDE: Final = re.compile(r"\s{4,}")
MOST_FORMS: Final = 20_000
KEPT: Final = 100
"""Forms of a kind that a profile keeps: the most frequent."""
PAGES: Final = 100
"""Documents whose pages a profile keeps, drawn evenly from the pile."""


@dataclass(slots=True)
class _Count:
    documents: int = 0
    times: int = 0
    examples: list[Excerpt] = field(default_factory=list)

    def add(self, times: int, excerpt: Excerpt | None) -> None:
        self.documents += 1
        self.times += times
        if excerpt and len(self.examples) < EXAMPLES:
            self.examples.append(excerpt)

    def rate(self, n: int) -> Rate:
        return Rate(self.documents, n, self.times, tuple(self.examples))


class Tally:
    """The counts of a pile so far."""

    def __init__(self, schema: DocumentSchema) -> None:
        self.documents = self.recognised = 0
        self.first = ""
        self._reader = Reader(schema)
        self._axes = {name: _Count() for name in applicable(schema)}
        self._levels: dict[str, Counter[float]] = {}
        self._forms: dict[str, dict[Form, _Count]] = {}
        self._kinds: Counter[str] = Counter()
        self._hidden: Counter[str] = Counter()
        self._small = 0
        self._kept: list[tuple[Seen, Sighting]] = []
        self._rng = random.Random("pages")

    def add(self, name: str, text: str) -> None:
        """Count one document."""
        self.documents += 1
        seen, found = observe(text, self._reader)
        self.first = self.first or next((line.strip() for line in found.lines if line.strip()), "")
        if not seen.kinds:
            return
        self.recognised += 1
        self._kinds.update(seen.kinds)
        self._add_axes(seen, found, name)
        for (kind, form), (times, line) in seen.forms.items():
            known = self._forms.setdefault(kind, {})
            if form in known or len(known) < MOST_FORMS:
                count = known.setdefault(form, _Count())
                count.add(times, _excerpt(name, found, line, count))
        place = self._rng.randrange(self.recognised)
        if len(self._kept) < PAGES:
            self._kept.append((seen, found))
        elif place < PAGES:
            self._kept[place] = (seen, found)

    def pages(self) -> tuple[Page, ...]:
        """Return the pages of up to ``PAGES`` documents, each as likely to be kept as any other."""
        rates = {kind: self._rates(kind) for kind in self._forms}
        return in_countries(one.settled(rates) for one in self._sketches)

    @cached_property
    def _sketches(self) -> list[Sketch]:
        """Return the sketches of the kept documents; asked for when every document is counted."""
        return [self._sketch(seen, found) for seen, found in self._kept]

    def _sketch(self, seen: Seen, found: Sighting) -> Sketch:
        levels = {axis: _level(severity) for axis, (severity, _) in seen.axes.items()
                  if axis in self._axes and axis not in seen.hidden}  # fmt: skip
        return sketch(seen, found, levels)

    def axes(self) -> dict[str, Rate]:
        """Map axes to the rate of documents that show them, among those that can."""
        seen = {
            name: count.rate(self.recognised - self._hidden[name])
            for name, count in self._axes.items()
        }
        if money := seen.get("money"):
            seen["money"] = replace(money, count=money.count + self._small_shifted())
        return seen

    def severities(self) -> dict[str, dict[float, int]]:
        """Map axes to severities, and these to numbers of documents."""
        return {name: dict(sorted(levels.items())) for name, levels in self._levels.items()}

    def forms(self) -> dict[str, dict[str, Rate]]:
        """Map kinds to forms, and these to their rate among documents that show the kind."""
        named: dict[str, dict[str, Rate]] = {}
        for kind in sorted(self._forms):
            rates = shared_out(kind, self._rates(kind))
            ranked = sorted(rates, key=lambda form: (-rates[form].times, form))
            named[kind] = {form: rates[form] for form in ranked[:KEPT]}
        named["other line"] = self._other_lines()
        return {kind: seen for kind, seen in named.items() if seen}

    def _other_lines(self) -> dict[str, Rate]:
        """Return the patterns of lines without a field, by the share of kept pages with them."""
        shown = [
            Counter(pattern for _, pattern in one.page.lines if axis_of(pattern) == "boilerplate")
            for one in self._sketches
        ]
        times = sum(shown, Counter[str]())
        pages = Counter(pattern for lines in shown for pattern in lines)
        return {
            pattern: Rate(pages[pattern], len(shown), number)
            for pattern, number in times.most_common(KEPT)
        }

    def _rates(self, kind: str) -> dict[Form, Rate]:
        known = self._forms.get(kind, {})
        return {form: count.rate(self._kinds[kind]) for form, count in known.items()}

    def _small_shifted(self) -> int:
        """Return how many documents with only small plain amounts would mark thousands."""
        fits = readings("money", open_groups(SAMPLE), self._rates("money"))
        marked = sum(fits.values()) - fits.get(SAMPLE, 0)
        return round(self._small * marked / sum(fits.values())) if marked else 0

    def _add_axes(self, seen: Seen, found: Sighting, name: str) -> None:
        self._hidden.update(seen.hidden)
        plain = ("money", open_groups(SAMPLE)) in seen.forms
        self._small += plain and "money" not in seen.axes
        for axis, (severity, line) in seen.axes.items():
            if axis in self._axes and axis not in seen.hidden:
                count = self._axes[axis]
                count.add(1, _excerpt(name, found, line, count))
                self._levels.setdefault(axis, Counter())[_level(severity)] += 1


def _level(severity: float) -> float:
    return next(level for most, level in LEVELS if severity <= most)


def _excerpt(name: str, found: Sighting, line: int, count: _Count) -> Excerpt | None:
    if len(count.examples) >= EXAMPLES:
        return None
    text = found.lines[line].strip() if 0 <= line < len(found.lines) else ""
    return Excerpt(name, line + 1, masked(_WIDE.sub("    ", text)[:EXCERPT])) if text else None
