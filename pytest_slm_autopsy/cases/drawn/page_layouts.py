"""Layouts drawn like a page: like one document of a pile as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices
from pytest_slm_autopsy.cases.drawn.axes import labels as wording
from pytest_slm_autopsy.cases.drawn.axes import places, values
from pytest_slm_autopsy.cases.drawn.axes.axis import Apply, Sheet
from pytest_slm_autopsy.cases.drawn.habits import Habits
from pytest_slm_autopsy.cases.drawn.layout import Block, Layout, Line, Space, canonical
from pytest_slm_autopsy.cases.drawn.pages import Page, Printed, axis_of
from pytest_slm_autopsy.cases.drawn.patterns import Filler
from pytest_slm_autopsy.cases.schemas.countries import countries
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.notation.dates.day_forms import ISO
from pytest_slm_autopsy.notation.figures.money_forms import MoneyForm, form_of

COLON: Final = ": "
MILD: Final = 0.25
"""Severity of an axis that a drawn document shows and its page did not."""
HIGHEST: Final = 12
"""Lines at the top among which a party or an address is looked for."""
_HEADS: Final = {
    "company": re.compile(r"\s*\{(?:words|party):[^{}]*\}[.,]?"),
    "address": re.compile(r"\s*\{address:[^{}]*\}[.,]?"),
}
_OF_VALUES: Final[Mapping[str, Apply]] = {
    "truncated": places.truncated,
    "duplicated": places.duplicated,
    "dates": values.dates,
    "money": values.money,
    "digits": values.digits,
    "misspelt": wording.misspelt,
    "homoglyphs": wording.homoglyphs,
    "encoding": values.encoding,
}
"""Axes that change what a page does not place, in the order of their application."""


def paged(sheet: Sheet, page: Page, choices: Choices) -> tuple[Layout, dict[str, float]]:
    """Return a layout like ``page``, and the shift that it shows."""
    own = _habits(sheet, page)
    page = _headed(page, sheet.schema)
    layout, places_of = _placed(own, page)
    for axis, apply in _OF_VALUES.items():
        if axis in page.axes and (axis != "truncated" or places.trailing(sheet.schema)):
            severity = 1.0 if axis in ("dates", "money") else page.axes[axis]
            layout = apply(layout, own, severity, choices.apart(axis))
    layout, lined = _lined(layout, own, page, places_of, choices.apart("lines"))
    return layout, _shown(layout, sheet.schema, page, lined)


def _habits(sheet: Sheet, page: Page) -> Sheet:
    """Return the sheet with the forms of the page in place of those of the pile."""
    forms = {**sheet.habits.forms, **{kind: ((form, 1),) for kind, form in page.forms.items()}}
    return replace(sheet, habits=Habits(forms, sheet.habits.severities))


def _headed(page: Page, schema: DocumentSchema) -> Page:
    """Return the page with a party and an address that it does not show in place of its first ones.

    Such a field is printed without a label, if it is recognised without one.
    """
    for kind, pattern in _HEADS.items():
        names = schema.of_kind(kind)[:1]
        shown = {one.field for one in page.printed}
        if not names or names[0] in shown or names[0] not in wording.nameless(schema):
            continue
        fit = (n for n, (_, line) in enumerate(page.lines[:HIGHEST]) if pattern.fullmatch(line))
        if (at := next(fit, None)) is not None:
            page = _instead(page, at, names[0])
    return page


def _instead(page: Page, at: int, name: str) -> Page:
    """Return the page with a field without a label in place of one of its other lines."""
    row, line = page.lines[at]
    indent = len(line) - len(line.lstrip())
    printed = [one if one.row < row else one._replace(row=one.row + 1) for one in page.printed]
    own = Printed(name, "", COLON, "line", row, indent)
    before = sum(one.row < row for one in printed)
    lines = [(above if n < at else above + 1, other)
             for n, (above, other) in enumerate(page.lines) if n != at]  # fmt: skip
    return replace(page, printed=(*printed[:before], own, *printed[before:]), lines=tuple(lines))


def _placed(sheet: Sheet, page: Page) -> tuple[Layout, list[int]]:
    """Return the layout of the fields, and the block at which each row of the page begins."""
    schema = sheet.schema
    known = [one for one in page.printed if one.field in schema.by_name]
    rows = [list(row) for _, row in groupby(known, key=lambda one: one.row)]
    for name in schema.names:
        if not schema.by_name[name].optional and all(one.field != name for one in known):
            at = _place_of(name, rows, schema)
            rows.insert(at, [_added(name, page, schema, known, rows)])
    country = countries().get(page.country)
    order = tuple(one.field for row in rows for one in row)
    drawn = [one for row in rows for one in row]
    layout = canonical(schema).but(
        order=order,
        language=page.language,
        labels=_labels(drawn, schema),
        delimiters={one.field: one.mark for one in drawn if one.mark != COLON},
        spaces={row[0].field: space for row in rows if (space := _space(row[0]))},
        blocks=tuple(block for row in rows for block in _blocks(row, schema)),
        currency=page.currency or (country.currency if country else ""),
        sign=country.marks[0] if country and not page.currency else "",
        capitals=page.upper,
        translated=True,
    )
    return layout, [*_starts(rows, page, layout)]


def _starts(rows: Sequence[Sequence[Printed]], page: Page, layout: Layout) -> Iterator[int]:
    """Yield for each row of the page, and its end, the number of blocks above it."""
    blocks = [block.names for block in layout.arranged()]
    first = {one.row: one.field for row in rows for one in reversed(row) if one.row >= 0}
    at = 0
    for number in range(max((one.row for one in page.printed), default=-1) + 1):
        if name := first.get(number):
            at = next(n for n, names in enumerate(blocks) if name in names)
        yield at
    yield len(blocks)


def _place_of(name: str, rows: Sequence[Sequence[Printed]], schema: DocumentSchema) -> int:
    """Return the row before which a field stands that the page does not print."""
    before = schema.names[: schema.names.index(name)]
    at = [n for n, row in enumerate(rows) if any(one.field in before for one in row)]
    return max(at) + 1 if at else 0


def _added(
    name: str,
    page: Page,
    schema: DocumentSchema,
    known: Sequence[Printed],
    rows: Sequence[Sequence[Printed]],
) -> Printed:
    """Return a required field as the page would print it."""
    taken = {one.label.casefold() for row in rows for one in row}
    offered = schema.by_name[name].labels(page.language) or (schema.by_name[name].label,)
    free = [one for one in offered if one.casefold() not in taken]
    label = (free or [schema.by_name[name].label])[0]
    label = wording.recased(label, page.case) if page.case else label
    like = [one for one in known if one.label and one.place == "line"]
    if not like:
        return Printed(name, label, COLON, "line", -1)
    usual = like[len(like) // 2]
    column = len(usual.label) + len(usual.mark)
    mark = usual.mark
    if mark != (core := mark.rstrip(" ")) and len(mark) > len(core) + 1:
        mark = core + " " * max(2, column - len(label) - len(core))
    if mark.strip(" :") in ("#", "n°", "nº", ".", "-"):
        mark = COLON
    return Printed(name, label, mark, "line", -1, usual.indent)


def _labels(drawn: Sequence[Printed], schema: DocumentSchema) -> dict[str, str]:
    bare = wording.nameless(schema)
    shown = {}
    for one in drawn:
        plain = schema.by_name[one.field].label
        label = one.label or ("" if one.field in bare else plain)
        if label != plain:
            shown[one.field] = label
    return shown


def _space(first: Printed) -> Space | None:
    space = Space(0, first.indent, 0, first.trailing)
    return space if space != Space() else None


def _blocks(row: Sequence[Printed], schema: DocumentSchema) -> Iterator[Block]:
    """Yield the block of a row; tables have lines of their own."""
    plain = [one for one in row if schema.by_name[one.field].kind != "items"]
    names = tuple(one.field for one in plain)
    if not plain:
        return
    gap = max(1, min((one.gap for one in plain[1:]), default=4))
    if plain[0].place == "below" and len(plain) == 1:
        yield Block("below", names)
    elif plain[0].place == "header":
        yield Block("header", names, gap)
    elif len(plain) > 1:
        yield Block("pairs", names, gap)


def _lined(
    layout: Layout, sheet: Sheet, page: Page, starts: Sequence[int], choices: Choices
) -> tuple[Layout, set[str]]:
    """Print the other lines of a page where they stand; return also the axes that they show."""
    form = form_of(page.forms["money"]) if "money" in page.forms else MoneyForm()
    filler = Filler(sheet, layout, page.country, form, page.forms.get("date", ISO))
    lines: list[Line] = []
    axes: set[str] = set()
    for row, pattern in page.lines:
        text = filler.line(pattern, choices) if pattern.strip() else ""
        if text is not None:
            lines.append(Line(starts[min(row, len(starts) - 1)], text))
            axes |= {axis_of(pattern)} if text else set()
    spaces = dict(layout.spaces)
    heads = {block.names[-1]: block.names[0] for block in layout.arranged()}
    for one in page.printed:
        if (one.before or one.after) and (head := heads.get(one.field) or _head(one, layout)):
            spaces[head] = _beside(one, spaces.get(head, Space()), filler, choices)
    return layout.but(lines=tuple(lines), spaces=spaces), axes


def _head(one: Printed, layout: Layout) -> str:
    """Return the field of an own line or of the beginning of a row, else an empty text."""
    starts = (block.names[0] for block in layout.arranged())
    return one.field if one.field in starts else ""


def _beside(one: Printed, space: Space, filler: Filler, choices: Choices) -> Space:
    """Return the space around a field with what stands beside it."""
    before = filler.line(one.before.rstrip(), choices) or ""
    after = filler.line(one.after.lstrip(), choices) or ""
    if before.strip():
        gap = len(one.before) - len(one.before.rstrip())
        space = replace(space, before=f"{before}{' ' * gap}".ljust(space.indent))
    if after.strip():
        gap = len(one.after) - len(one.after.lstrip())
        space = replace(space, after=f"{' ' * gap}{after}")
    return space


def _shown(layout: Layout, schema: DocumentSchema, page: Page, lined: set[str]) -> dict[str, float]:
    """Return the axes that a drawn layout shows, with the severities of its page."""
    kinds = {block.kind for block in layout.blocks}
    sure: dict[str, object] = {
        "missing": not layout.tail and not {*schema.optional} <= {*layout.order},
        "truncated": layout.tail,
        "order": [*layout.order] != [name for name in schema.names if name in layout.order],
        "duplicated": layout.copies,
        "dates": layout.dates,
        "money": layout.money,
        "digits": layout.wide,
        "language": layout.language != "en" and layout.labels,
        "unlabelled": "" in layout.labels.values(),
        "delimiters": layout.delimiters,
        "below": "below" in kinds,
        "header": "header" in kinds,
        "pairs": "pairs" in kinds and "columns" not in page.axes,
        "columns": "pairs" in kinds and "columns" in page.axes,
        "whitespace": layout.spaces,
        **{axis: axis in lined for axis in ("rules", "distractors", "boilerplate")},
    }
    names = dict.fromkeys((*page.axes, *sure))
    return {name: page.axes.get(name, MILD) for name in names if sure.get(name, name in page.axes)}
