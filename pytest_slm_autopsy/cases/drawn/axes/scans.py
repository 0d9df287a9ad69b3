"""Axes of scans: what optical recognition does to the lines, and what page breaks put between."""

from __future__ import annotations

from typing import Final, Literal

from pytest_slm_autopsy.cases.choices import Choices, pick, share
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet, some
from pytest_slm_autopsy.cases.drawn.axes.labels import letters
from pytest_slm_autopsy.cases.drawn.axes.places import free_runs
from pytest_slm_autopsy.cases.drawn.delimiters import CANONICAL
from pytest_slm_autopsy.cases.drawn.layout import Block, Layout, Line
from pytest_slm_autopsy.cases.drawn.phrases import phrases, spoken
from pytest_slm_autopsy.cases.drawn.prints import hyphen_place
from pytest_slm_autopsy.cases.schemas import values
from pytest_slm_autopsy.notation.figures.money_forms import print_amount

Break = Literal["split", "broken", "hyphened"]
BREAKS: Final[tuple[Break, ...]] = ("split", "broken", "hyphened")
"""A space within a word of the label, a line end behind the label, a line end within it."""
LEAST_LETTERS: Final = 5
MOST_BREAKS: Final = 2
# The words before a total that is carried to the next page, and over from the last.
CARRIED: Final = {
    "en": ("Carried forward", "Brought forward"),
    "de": ("Übertrag", "Übertrag"),
    "fr": ("À reporter", "Report page précédente"),
    "nl": ("Te transporteren", "Transport vorige pagina"),
    "pl": ("Do przeniesienia", "Z przeniesienia"),
    "es": ("Suma y sigue", "Suma anterior"),
}


def page_number(language: str, page: int, of: int) -> str:
    """Return the number of a page as it is printed; in English for a language without a table."""
    form = (phrases(language, "page") or phrases("en", "page"))[0]
    return form.replace("{n}", str(page), 1).replace("{n}", str(of), 1)


def ocr(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Break labels by spaces, hyphens and line ends; read two columns one after the other."""
    free = _labelled_runs(layout, sheet)
    if choices.below(4) == 3 and (wide := [run for run in free if len(run) > 1]):
        run = pick(choices, wide)
        size = min(len(run), max(2, share(severity, len(run))))
        start = choices.below(len(run) - size + 1)
        return _with(layout, [Block("stacked", run[start : start + size])])
    fit = [name for run in free for name in run]
    if not fit:
        return layout
    chosen = some(choices, fit, severity)
    breaks = {name: _break(_label(layout, sheet, name), choices.apart(name)) for name in chosen}
    labels = {
        name: _split(_label(layout, sheet, name)) for name, how in breaks.items() if how == "split"
    }
    # A dash that begins a line would be the sign of an amount.
    dashed = {name for name, mark in layout.delimiters.items() if mark.strip() == "-"}
    blocks = [
        Block(how, (name,))
        for name, how in breaks.items()
        if how != "split" and not (how == "broken" and name in dashed)
    ]
    return _with(layout.but(labels={**layout.labels, **labels}), blocks)


def pages(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Break the page: a page number, the first code again, a total carried over."""
    last = len(layout.arranged()) - 1
    places = sorted({1 + choices.below(max(1, last)) for _ in range(share(severity, MOST_BREAKS))})
    language = spoken(sheet.schema, layout.language)
    forward, brought = CARRIED.get(language, CARRIED["en"])
    lines: list[Line] = []
    for page, place in enumerate(places, 1):
        carried = _carried(layout, sheet, choices)
        texts = [
            *([f"{forward}  {carried}"] if carried else []),
            page_number(language, page, len(places) + 1),
            "",
            *_heading(layout, sheet),
            *([f"{brought}  {carried}"] if carried else []),
        ]
        lines += [Line(place, text) for text in texts]
    return layout.but(lines=(*layout.lines, *lines))


def _labelled_runs(layout: Layout, sheet: Sheet) -> list[tuple[str, ...]]:
    """Return runs of neighbouring fields on lines of their own that all have a label."""
    found: list[tuple[str, ...]] = []
    for run in free_runs(layout, sheet):
        parts: list[tuple[str, ...]] = [()]
        for name in run:
            if _label(layout, sheet, name):
                parts[-1] = (*parts[-1], name)
            else:
                parts.append(())
        found += filter(None, parts)
    return found


def _break(label: str, choices: Choices) -> Break:
    how = pick(choices, BREAKS)
    unfit = (how == "hyphened" and not hyphen_place(label)) or (
        how == "split" and letters(label) < LEAST_LETTERS
    )
    return "broken" if unfit else how


def _split(label: str) -> str:
    """Return a label with a space in its longest word."""
    word = max(label.split(), key=len)
    at = label.index(word) + (len(word) + 1) // 2
    return f"{label[:at]} {label[at:]}"


def _carried(layout: Layout, sheet: Sheet, choices: Choices) -> str:
    """Return an amount that is none of the record's, as the document prints amounts."""
    names = sheet.schema.of_kind("money")
    if not names:
        return ""
    known = {str(sheet.record[name]) for name in names}
    drawn = values.cents(values.amount(choices, {}))
    while values.written(drawn) in known:
        drawn += 1
    amount = values.written(drawn)
    form = next((layout.money[name] for name in names if name in layout.money), None)
    return print_amount(amount, form) if form else amount


def _heading(layout: Layout, sheet: Sheet) -> list[str]:
    """Return the first code with its label, as it is printed again on every page."""
    codes = (name for name in sheet.schema.of_kind("code") if name in layout.order)
    name = next(codes, "")
    label = _label(layout, sheet, name) if name else ""
    if not label or name in layout.wide:
        return []
    return [f"{label}{layout.delimiters.get(name, CANONICAL)}{sheet.record[name]}"]


def _label(layout: Layout, sheet: Sheet, name: str) -> str:
    return layout.labels.get(name, sheet.schema.labels[name])


def _with(layout: Layout, blocks: list[Block]) -> Layout:
    return layout.but(blocks=(*layout.blocks, *blocks))
