"""Forms of the marks between label and value: gaps and dot leaders have one length."""

from __future__ import annotations

from typing import Final, NamedTuple

from pytest_slm_autopsy.cases.drawn.habits import GAP

CANONICAL: Final = ": "
# Up to so many spaces after a colon are white space; more spaces make a column.
MOST_INSIDE: Final = 5
GAP_SIZES: Final = (2, 4, 6, 10, 16, 24, 40, 60)


class Mark(NamedTuple):
    """A mark between label and value.

    ``gap`` is the size of its gap, or 0; ``inside`` counts the extra spaces before the value.
    """

    form: str
    gap: int = 0
    inside: int = 0

    @property
    def plain(self) -> bool:
        """Tell whether the mark is a colon and a space, or a colon above the value."""
        return self.form == CANONICAL


def read_mark(mark: str, below: bool = False) -> Mark:
    """Return the form of a printed mark; ``below`` says that the value is on the next line.

    Example:
        >>> read_mark("            : ").form
        '    : '
    """
    mark = mark.rstrip() if below else mark
    core = mark.strip()
    if not core:
        if "\t" in mark:
            return Mark("\t")
        return Mark(mark) if len(mark) < 2 else Mark(GAP, nearest_size(len(mark)))
    core = "...." if core.startswith("..") else core
    before = len(mark) - len(mark.lstrip())
    after = len(mark) - len(mark.rstrip())
    if below:
        return Mark(CANONICAL if core == ":" and not before else f"{' ' * (before > 0)}{core}")
    inside = after - 1 if 1 < after <= MOST_INSIDE else 0
    sizes = [size for size in (before, after if after > MOST_INSIDE else 0) if size > 1]
    form = f"{_side(before, 1)}{core}{_side(after, MOST_INSIDE)}"
    return Mark(form, nearest_size(max(sizes)) if sizes else 0, inside)


def in_words(form: str) -> str:
    """Return a form in words.

    Example:
        >>> in_words("    : ")
        "a column gap and ': '"
    """
    if form == "\t":
        return "a tab"
    if form == " ":
        return "a space"
    if form == GAP:
        return "a column gap"
    if form.startswith(GAP):
        return f"a column gap and {form.removeprefix(GAP)!r}"
    return f"{form.removesuffix(GAP)!r} and a column gap" if form.endswith(GAP) else repr(form)


def nearest_size(size: int) -> int:
    """Return the nearest of a few sizes, so that sizes can be counted."""
    return min(GAP_SIZES, key=lambda known: abs(known - size))


def _side(size: int, most: int) -> str:
    return "" if not size else " " if size <= most else GAP
