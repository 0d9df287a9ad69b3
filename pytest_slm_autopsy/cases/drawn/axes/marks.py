"""Axes of marks: delimiters between label and value, white space, and rules between blocks."""

from __future__ import annotations

from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick, share, weighted
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet, some
from pytest_slm_autopsy.cases.drawn.delimiters import CANONICAL
from pytest_slm_autopsy.cases.drawn.habits import GAP, Habits
from pytest_slm_autopsy.cases.drawn.layout import Layout, Line, Space

# A mark and how often it is seen; the plainest first.
DELIMITERS: Final = (
    (" : ", 31), (":", 8), ("    ", 20), ("          ", 12), (" ", 8), (" = ", 4), ("=", 2),
    (" - ", 4), (" | ", 4), ("\t", 5), (" .... ", 3), (" .............. ", 2),
)  # fmt: skip
CODE_DELIMITERS: Final = (*DELIMITERS, (" # ", 12), (" #: ", 6), (" n° ", 8), (".", 4))
RULES: Final = ("-", "=", "*", "_", ".", "- ")
# Plain spaces, then no-break, tab, narrow no-break, en and ideographic ones.
SPACES: Final = ((" ", 20), ("\u00a0", 3), ("\t", 2), ("\u202f", 1), ("\u2002", 1), ("\u3000", 1))


def delimiters(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print other marks between label and value; one document may mix several marks."""
    chosen = some(choices, layout.order, severity, len(sheet.schema.fields))
    if sheet.habits.of("delimiter"):
        return layout.but(delimiters=_seen_marks(layout, sheet, chosen, choices))
    return layout.but(delimiters={name: _mark(sheet, name, choices) for name in chosen})


def whitespace(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Indent lines, widen gaps, leave trailing spaces and blank lines."""
    chosen = some(choices, layout.order, severity, len(sheet.schema.fields))
    if sheet.habits.of("indent"):
        spaces = {name: _seen_space(sheet.habits, choices.apart(name)) for name in chosen}
        return layout.but(spaces=spaces)
    return layout.but(spaces={name: drawn_space(choices.apart(name)) for name in chosen})


def rules(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Draw lines of dashes, dots or stars between blocks."""
    places = len(layout.arranged()) + 1
    drawn = []
    for _ in range(share(severity, 4)):
        seen = sheet.habits.of("rule")
        mark = weighted(choices, seen) if seen else pick(choices, RULES)
        length = 12 + choices.below(28)
        drawn.append(Line(choices.below(places), (mark * length)[:length].rstrip()))
    return layout.but(lines=(*layout.lines, *drawn))


def drawn_space(choices: Choices) -> Space:
    """Draw the white space around one line; it has at least an indent."""
    indent = 1 + choices.below(6)
    inside, trailing = pick(choices, (0, 0, 1, 2, 4)), pick(choices, (0, 0, 1, 3))
    above = pick(choices, (0, 0, 0, 1, 2))
    return Space(above, indent, inside, trailing, weighted(choices, SPACES))


def _mark(sheet: Sheet, name: str, choices: Choices) -> str:
    code = sheet.schema.by_name[name].kind == "code"
    mark = weighted(choices.apart(name), CODE_DELIMITERS if code else DELIMITERS)
    # A dash before an amount would read as its sign.
    below_zero = mark == " - " and str(sheet.record[name]).startswith("-")
    return " : " if below_zero else mark


def _seen_marks(
    layout: Layout, sheet: Sheet, chosen: list[str], choices: Choices
) -> dict[str, str]:
    """Draw marks that were seen; values after a gap all start in one column."""
    gap = _gap(sheet.habits, choices)
    labels = {name: layout.labels.get(name, sheet.schema.labels[name]) for name in layout.order}
    column = gap + sum(map(len, labels.values())) // len(labels)
    found: dict[str, str] = {}
    for name in chosen:
        field, value = sheet.schema.by_name[name], str(sheet.record[name])
        mark = weighted(choices.apart(name), sheet.habits.of("delimiter"))
        only_codes = field.kind != "code" and mark.strip(" :") in ("#", "n°", "nº", ".")
        if only_codes or (mark.strip() == "-" and value.startswith("-")):
            mark = " : "
        found[name] = mark.replace(GAP, " " * max(2, column - len(labels[name])))
    return found


def seen_mark(habits: Habits, choices: Choices) -> str:
    """Draw a mark that was seen, its gap filled with spaces; by default the canonical mark."""
    mark = weighted(choices, habits.of("delimiter") or ((CANONICAL, 1),))
    return mark.replace(GAP, " " * _gap(habits, choices))


def _gap(habits: Habits, choices: Choices) -> int:
    return int(weighted(choices, habits.of("gap") or (("4", 1),)))


def _seen_space(habits: Habits, choices: Choices) -> Space:
    above, indent, inside, trailing = (
        int(weighted(choices, habits.of(kind) or (("0", 1),)))
        for kind in ("blank lines", "indent", "inside", "trailing")
    )
    indent = indent if above or inside or trailing else max(1, indent)
    mark = weighted(choices, habits.of("space") or ((" ", 1),))
    most = 96 if mark == " " else 6  # only plain spaces make a wide indent
    return Space(above, min(indent, most), inside, min(trailing, most), mark)
