"""Values without a label, told by their looks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from pytest_slm_autopsy.cases.profiles.sighted.cells import SEGMENT, Cell, Sighting
from pytest_slm_autopsy.notation.dates.day_shapes import CLOCK
from pytest_slm_autopsy.notation.dates.days import day_at_start
from pytest_slm_autopsy.notation.kinds import KINDS

LONGEST_DAY: Final = 30
_DIGIT: Final = re.compile(r"\d")
_OF_DIGITS: Final = frozenset({"date", "code", "address", "percentage"})
"""Kinds without a value that has no digit."""
_NUMBER: Final = re.compile(r"(?<!\S)\d\S{0,20}")


def add_unlabelled(known: dict[str, Cell], found: Sighting, kinds: Mapping[str, str]) -> None:
    """Find the values of fields without a label, and their copies.

    ``kinds`` maps the fields that may stand without a label to their kinds.
    """
    missing = {name: kind for name, kind in kinds.items() if name not in known}
    asked = tuple(dict.fromkeys(missing.values()))
    alone: dict[str, str] = {}
    taken: dict[int, list[tuple[int, int]]] = {}
    for cell in (*known.values(), *found.copies):
        taken.setdefault(cell.line, []).append((cell.start, cell.end))
    for number, line in enumerate(found.lines):
        if not missing and not alone:
            break
        for at, start, text, sure in _sure_parts(line, asked):
            in_cell = any(a <= start < b for a, b in taken.get(number, ()))
            if in_cell or (at and number not in found.used):
                continue
            name = next((name for name, kind in missing.items() if kind in sure), None)
            if name:
                del missing[name]
                alone[text] = name
                known[name] = Cell(name, number, start, start + len(text), text)
            elif text in alone:
                found.copies.append(Cell(alone[text], number, start, start + len(text), text))
            else:
                continue
            found.used.add(number)
    if not any(KINDS["date"].sure(cell.value) for cell in known.values()):
        _add_day(known, found, [name for name, kind in missing.items() if kind == "date"])


@lru_cache(maxsize=20_000)
def _sure_parts(
    line: str, asked: tuple[str, ...]
) -> tuple[tuple[int, int, str, tuple[str, ...]], ...]:
    """Return the parts of a line that are surely of an asked kind: number, start, text, kinds.

    Remembered, because documents of one pile repeat their lines.
    """
    found = []
    for at, part in enumerate(SEGMENT.finditer(line)):
        clock = CLOCK.match(part.group())
        start = part.start() + (clock.end() if clock else 0)
        text = line[start : part.end()]
        digits = _DIGIT.search(text) is not None
        fit = (kind for kind in asked if digits or kind not in _OF_DIGITS)
        if sure := tuple(kind for kind in fit if KINDS[kind].sure(text)):
            found.append((at, start, text, sure))
    return tuple(found)


def _add_day(known: dict[str, Cell], found: Sighting, missing: list[str]) -> None:
    """Find the first day in any line, beside a time or another value."""
    for number, line in enumerate(found.lines if missing else ()):
        for word in _NUMBER.finditer(line):
            at = word.start()
            day = day_at_start(line[at : at + LONGEST_DAY])
            if day and day.sure:
                end = at + day.span[1]
                known[missing[0]] = Cell(missing[0], number, at, end, line[at:end])
                found.used.add(number)
                return
