"""Axes of place: missing fields, their order, copies, and fields that share their lines."""

from __future__ import annotations

from dataclasses import replace

from pytest_slm_autopsy.cases.choices import Choices, happens, pick, reordered, share, weighted
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet, some
from pytest_slm_autopsy.cases.drawn.layout import Block, Layout
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema


def missing(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Leave out optional fields."""
    gone = _seen_missing(sheet, choices) or some(choices, sheet.schema.optional, severity)
    return layout.but(order=tuple(name for name in layout.order if name not in gone))


def truncated(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Cut off the document inside the label of one of its last, optional fields."""
    schema = sheet.schema
    last = trailing(schema)
    gone = last[-share(severity, len(last)) :]
    first = gone[0]
    letters = 1 + choices.below(len(schema.labels[first]) - 1)
    order = tuple(name for name in layout.order if name not in gone)
    return layout.but(order=order, tail=(first, letters))


def order(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Move fields; the first field always moves, so that the order really changes."""
    if seen := sheet.habits.of("order"):
        return layout.but(order=_as_seen(layout.order, weighted(choices, seen)))
    moves = share(severity, len(sheet.schema.fields))
    return layout.but(order=tuple(reordered(choices, layout.order, moves)))


def duplicated(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print fields a second time, at the end."""
    fit = [name for name in layout.order if sheet.schema.by_name[name].kind != "items"]
    return layout.but(copies=tuple(some(choices, fit, severity, len(fit) // 2 or 1)))


def below(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print values on the line below their labels."""
    fit = [name for run in free_runs(layout, sheet) for name in run]
    chosen = some(choices, fit, severity)
    return _with(layout, [Block("below", (name,)) for name in chosen])


def header(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print a row of labels above a row of values."""
    return _grouped(layout, sheet, severity, choices, Block("header", ()))


def pairs(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print two or three fields on one row."""
    if seen := sheet.habits.of("title"):
        title = weighted(choices, seen)
        if title and (headed := _titled(layout, sheet, title)):
            return headed
    return _grouped(layout, sheet, severity, choices, Block("pairs", ()))


def columns(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print two stacks of fields side by side."""
    run = max(free_runs(layout, sheet), key=len)
    size = max(4, 2 * round(severity * len(run) / 2))
    size = min(size, len(run))
    start = choices.below(len(run) - size + 1)
    gap = 3 + choices.below(8)
    return _with(layout, [Block("columns", run[start : start + size], gap)])


def _seen_missing(sheet: Sheet, choices: Choices) -> list[str]:
    """Draw optional fields to leave out, each as often as it was seen missing; at least one."""
    seen = dict(sheet.habits.of("missing"))
    fit = [name for name in sheet.schema.optional if name in seen]
    if not fit:
        return []
    drawn = choices.subset(fit, len(fit))
    gone = [name for name in drawn if happens(choices.apart(name), seen[name])]
    return gone or drawn[:1]


def _titled(layout: Layout, sheet: Sheet, title: str) -> Layout | None:
    """Print code and date in running words: ``Rechnung Nr. {} vom {}``.

    Returns ``None`` unless the two fields are neighbours.
    """
    pair = tuple(name for kind in ("code", "date") for name in sheet.schema.of_kind(kind)[:1])
    runs = free_runs(layout, sheet)
    if len(pair) < 2 or all(pair != run[at : at + 2] for run in runs for at in range(len(run))):
        return None
    words = (part.strip() for part in title.split("{}"))
    labels = dict(zip(pair, words, strict=False))
    worded = layout.but(
        labels={**layout.labels, **labels},
        delimiters={**layout.delimiters, **dict.fromkeys(pair, " ")},
    )
    return _with(worded, [Block("pairs", pair, gap=1)])


def _as_seen(order: tuple[str, ...], seen: str) -> tuple[str, ...]:
    """Return ``order`` with its fields in the order of ``seen``; other fields keep their place."""
    known = [name for name in seen.split(", ") if name in order]
    left = iter(known)
    return tuple(next(left) if name in known else name for name in order)


def trailing(schema: DocumentSchema) -> list[str]:
    """Return the optional fields at the end of the schema."""
    last: list[str] = []
    for field in reversed(schema.fields):
        if not field.optional or len(field.label) < 2:
            break
        last.insert(0, field.name)
    return last


def _grouped(
    layout: Layout, sheet: Sheet, severity: float, choices: Choices, like: Block
) -> Layout:
    """Group neighbours in blocks of two or three, until the severity's share is grouped."""
    runs = [list(run) for run in free_runs(layout, sheet) if len(run) > 1]
    wanted = share(severity, sum(len(run) for run in runs))
    blocks: list[Block] = []
    while wanted > 0 and runs:
        run = pick(choices, runs)
        size = min(2 + choices.below(2), len(run))
        start = choices.below(len(run) - size + 1)
        blocks.append(
            replace(like, names=tuple(run[start : start + size]), gap=3 + choices.below(6))
        )
        wanted -= size
        runs.remove(run)
        runs += [rest for rest in (run[:start], run[start + size :]) if len(rest) > 1]
    return _with(layout, blocks)


def free_runs(layout: Layout, sheet: Sheet) -> list[tuple[str, ...]]:
    """Return runs of neighbouring fields that have lines of their own; tables end a run."""
    runs: list[tuple[str, ...]] = []
    for run in layout.free():
        part: tuple[str, ...] = ()
        for name in run:
            if sheet.schema.by_name[name].kind == "items":
                runs.append(part)
                part = ()
            else:
                part = (*part, name)
        runs.append(part)
    return [run for run in runs if run]


def _with(layout: Layout, blocks: list[Block]) -> Layout:
    return layout.but(blocks=(*layout.blocks, *blocks))
