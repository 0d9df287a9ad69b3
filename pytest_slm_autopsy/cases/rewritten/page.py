"""A user's text, line by line, and the places in it that must stay as they are."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final, TypeVar

from pytest_slm_autopsy.cases.choices import Choices, pick
from pytest_slm_autopsy.cases.rewritten.finding.location import locate_all
from pytest_slm_autopsy.cases.rewritten.finding.places import MANY_PARTS, all_places, union
from pytest_slm_autopsy.cases.rewritten.finding.votes import Pile
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.notation.lines import Labelled, labelled_lines
from pytest_slm_autopsy.notation.text import Span, texts_of
from pytest_slm_autopsy.records import Case, Value

T = TypeVar("T")
TABLE: Final = "[table]"
Edit = tuple[int, int, str]
"""Start and end of what goes, and what comes in its place."""


class Refused(CaseError):
    """Raised for a document that cannot be rewritten along an axis; its text is the reason."""


Origin = tuple["Page", list[int], list[int]]
"""The page that one was made of, and by how much its places moved, from which bound on."""


@dataclass(frozen=True, eq=False)
class Page:
    """A text, the places of its true values, and how often each value stands in it.

    ``spans`` has one place for each field. ``kept`` has every place of every value, disjoint and in
    order; ``cells`` are those of tables, whose order counts. ``complete`` is true where every value
    was found. ``places`` has every place of each field that is no table, ``asked`` its value and
    kind. Of the ``optional`` fields those that are ``gone`` have been removed.
    """

    text: str
    spans: Mapping[str, Span]
    kept: tuple[Span, ...]
    cells: tuple[Span, ...]
    counts: Mapping[str, int]
    complete: bool = True
    schema: DocumentSchema | None = None
    origin: Origin | None = None
    places: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    asked: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    optional: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    fields: tuple[str, ...] = ()

    @cached_property
    def labelled(self) -> tuple[Labelled, ...]:
        """Return lines of a label and a value; a wide gap counts only before a value or a digit.

        They are read once and then moved along with edits, since an edit may leave a mark so plain
        that a second reading would miss it.
        """
        if self.origin:
            page, bounds, shifts = self.origin
            return tuple(sorted(line.moved(bounds, shifts) for line in page.labelled))
        return tuple(labelled_lines(self.text, self.free))

    def said(self, line: Labelled) -> str:
        """Return the label of a line, in lower case."""
        return self.text[slice(*line.label)].casefold()

    @cached_property
    def _kept(self) -> tuple[list[int], list[int]]:
        return _bounds(self.kept)

    @cached_property
    def _cells(self) -> tuple[list[int], list[int]]:
        return _bounds(self.cells)

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(map(str.casefold, self.counts))

    @cached_property
    def _sizes(self) -> list[int]:
        return sorted(set(map(len, self._folded)))

    def free(self, start: int, end: int) -> bool:
        """Tell whether ``start`` to ``end`` overlaps no value.

        With ``start == end``, tell whether the place is not inside a value.
        """
        starts, ends = self._kept
        return bisect_right(ends, start) == bisect_left(starts, end)

    def of_table(self, start: int, end: int) -> bool:
        """Tell whether a cell of a table stands between two places, or a part of one."""
        starts, ends = self._cells
        return bisect_right(ends, start) != bisect_left(starts, end)

    def answers(self, truth: Mapping[str, Value]) -> dict[str, Value]:
        """Return the truth of the page: that of its document, null for fields that are gone."""
        return {name: None if name in self.gone else value for name, value in truth.items()}

    def held(self, start: int, end: int) -> set[str]:
        """Return the fields of which a place overlaps ``start`` to ``end``.

        ``TABLE`` stands for cells of tables that are no part of such a place.
        """
        inside = [
            (name, span)
            for name, spans in self.places.items()
            for span in spans
            if span[0] < end and start < span[1]
        ]
        named = {name for name, _ in inside}
        cells = (cell for cell in self.cells if cell[0] < end and start < cell[1])
        of_table = any(
            not any(first <= cell[0] and cell[1] <= last for _, (first, last) in inside)
            for cell in cells
        )
        return named | {TABLE} if of_table else named

    def without(self, name: str, edits: Sequence[Edit]) -> Page:
        """Return the page after edits that take every place of a field away."""
        cut = [(start, end) for start, end, _ in edits]

        def stays(span: Span) -> bool:
            return not any(start < span[1] and span[0] < end for start, end in cut)

        left = {other: span for other, span in self.spans.items() if other != name}
        page = replace(
            self,
            spans=left,
            kept=tuple(filter(stays, self.kept)),
            places={other: spans for other, spans in self.places.items() if other != name},
            asked={other: asked for other, asked in self.asked.items() if other != name},
            counts={},
            gone=self.gone | {name},
        )
        turned = page.edited(edits)
        return replace(turned, counts=_counted(turned.text, self.counts.keys()))

    def silent(self, text: str) -> bool:
        """Tell whether ``text`` states none of the values, in upper or lower case."""
        low = text.casefold()
        if len(self._folded) < MANY_PARTS:
            return not any(map(low.__contains__, self._folded))
        sizes = [size for size in self._sizes if size <= len(low)]
        parts = (low[at : at + size] for size in sizes for at in range(len(low) - size + 1))
        return self._folded.isdisjoint(parts)

    def edited(self, edits: Iterable[Edit]) -> Page:
        """Return the page after edits, which are disjoint and in order; values move along.

        Raises:
            Refused: a value would be cut, or stand more or less often.
        """
        parts: list[str] = []
        ends: list[int] = []
        shifts = [0]
        at = 0
        for start, end, text in edits:
            parts += (self.text[at:start], text)
            ends.append(end)
            shifts.append(shifts[-1] + len(text) - (end - start))
            at = end
        parts.append(self.text[at:])
        return self._turned("".join(parts), ends, shifts)

    def rearranged(self, slices: Sequence[Span]) -> Page:
        """Return the page made of slices that cover it, in another order; values move along.

        Raises:
            Refused: as ``edited``.
        """
        at = 0
        moves = []
        for start, end in slices:
            if start < end:
                moves.append((start, at - start))
            at += end - start
        moves.sort()
        text = "".join([self.text[start:end] for start, end in slices])
        starts, shifts = [start for start, _ in moves], [shift for _, shift in moves]
        return self._turned(text, starts, [0, *shifts])

    def _turned(self, text: str, bounds: list[int], shifts: list[int]) -> Page:
        """Return the page with a new text, where every value stands whole and as often as before.

        From bound number i on, places move by shift number i + 1.
        """

        def moved(spans: Iterable[Span]) -> list[Span]:
            by = [(shifts[bisect_right(bounds, start)], start, end) for start, end in spans]
            return [(start + shift, end + shift) for shift, start, end in by]

        kept = moved(self.kept)
        for (start, end), (new, last) in zip(self.kept, kept, strict=True):
            if self.text[start:end] != text[new:last]:
                raise Refused(f"the value {_short(self.text[start:end])} would be cut")
        for value, count in _counted(text, self.counts).items():
            if count != self.counts[value]:
                raise Refused(f"the value {_short(value)} would stand there more or less often")
        return Page(
            text=text,
            spans=dict(zip(self.spans, moved(self.spans.values()), strict=True)),
            kept=tuple(sorted(kept)),
            cells=tuple(sorted(moved(self.cells))),
            counts=self.counts,
            complete=self.complete,
            schema=self.schema,
            origin=(self, bounds, shifts),
            places={name: tuple(moved(spans)) for name, spans in self.places.items()},
            asked=self.asked,
            optional=self.optional,
            gone=self.gone,
            fields=self.fields,
        )


def page_of(case: Case, pile: Pile | None = None, schema: DocumentSchema | None = None) -> Page:
    """Return the page of a case; what its pile would tell is guessed where none is given."""
    pile = pile or Pile.of([case])
    text, found = case.text, locate_all(case, pile.kinds, pile.order)
    tables = {name for name, value in case.truth.items() if value and not isinstance(value, str)}
    stated = {name: span for name, span in case.spans.items() if span[1] <= len(text)}
    seen = {name: {text[slice(*span)] for span in one.spans} for name, one in found.items()}
    values = {name: texts_of(value) for name, value in case.truth.items()}
    in_tables = {part for name in tables for part in (*seen[name], *values[name])}
    parts = {part for some in (*seen.values(), *values.values()) for part in some}
    stands = all_places(text, parts)
    cells = [span for part in in_tables for span in stands[part]]
    kept = [span for part in parts - in_tables for span in stands[part]]
    whole = {name: stated[name] for name in tables if name in stated}
    firsts = {name: one.spans[0] for name, one in found.items() if one.spans and name not in tables}
    return Page(
        text=text,
        spans={**whole, **firsts},
        kept=tuple(union([*kept, *cells, *stated.values()])),
        cells=tuple(union([*cells, *whole.values()])),
        counts=_counted(text, sorted(parts), stands),
        complete=all(one.how != "absent" for one in found.values()),
        schema=schema,
        places={name: one.spans for name, one in found.items() if name in firsts},
        asked={
            name: (value, pile.kinds.get(name, ""))
            for name, value in case.truth.items()
            if isinstance(value, str)
        },
        optional=frozenset(schema.optional if schema else pile.optional),
        fields=tuple(case.truth),
    )


def _counted(
    text: str, values: Collection[str], found: Mapping[str, Sequence[Span]] | None = None
) -> dict[str, int]:
    """Count each value in a text; many values by one reading, unless their places are given."""
    if len(values) < MANY_PARTS:
        return {value: text.count(value) for value in values}
    found = found or all_places(text, values)
    return {value: len(found[value]) for value in values}


def _bounds(spans: Iterable[Span]) -> tuple[list[int], list[int]]:
    listed = list(spans)
    return [start for start, _ in listed], [end for _, end in listed]


def _short(value: str) -> str:
    return repr(value if len(value) <= 40 else f"{value[:37]}...")


def some(choices: Choices, options: Sequence[T], severity: float) -> Sequence[T]:
    """Return about as large a share of ``options`` as the severity says, at least one."""
    if severity >= 1:
        return options
    least = 1000 - 1000 * severity
    return [one for one in options if choices.below(1000) >= least] or [pick(choices, options)]
