"""A layout in words: its differences from the canonical layout."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeVar

from pytest_slm_autopsy.cases.drawn.layout import Block, Layout, Space
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.notation.figures.money_forms import MoneyForm

T = TypeVar("T")

MOST: Final = 4
"""Number of fields, or changes, that are named; of more, only the count is told."""
_BLOCKS: Final = {
    "below": "{} stand under their labels",
    "header": "{} share a row of labels above a row of values",
    "pairs": "{} share one row",
    "columns": "{} stand in columns side by side",
    "stacked": "the labels of {} stand above all their values",
}


_ALONE: Final = {
    "broken": "{} and its mark stand under its label",
    "hyphened": "a line ends within the label of {}",
}


def in_words(layout: Layout, schema: DocumentSchema) -> str:
    """Return the differences from the canonical layout, as one sentence without a full stop.

    A canonical layout gives an empty text.

    Example:
        >>> from pytest_slm_autopsy import INVOICE
        >>> from pytest_slm_autopsy.cases import Layout
        >>> in_words(Layout(order=INVOICE.names, delimiters={"total": "    "}), INVOICE)
        'the delimiter of total becomes a column gap'
    """
    said = [*_of_fields(layout, schema), *_of_lines(layout), *_of_text(layout)]
    more = [_count(len(said) - MOST, "more change")] if len(said) > MOST else []
    return "; ".join(said[:MOST] + more)


def _of_fields(layout: Layout, schema: DocumentSchema) -> Iterator[str]:
    if gone := [name for name in schema.names if name not in layout.order]:
        yield f"{_named(gone)} {'are' if len(gone) > 1 else 'is'} missing"
    if moved := _moved(layout, [name for name in schema.names if name in layout.order]):
        yield moved
    yield from _each("the label of {} becomes {}", layout.labels, _quoted)
    yield from _each("the delimiter of {} becomes {}", layout.delimiters, _delimiter)
    yield from _each("the white space of {} becomes {}", layout.spaces, _space)
    yield from _each("the form of {} becomes {}", layout.dates, str)
    yield from _each("the form of {} becomes {}", layout.money, _money)
    yield from _each("around {} stands {}", layout.times, repr)
    if layout.wide:
        yield f"the digits of {_named(sorted(layout.wide))} become full-width"


def _of_lines(layout: Layout) -> Iterator[str]:
    yield from (_block(block) for block in layout.blocks)
    if layout.lines:
        more = f" and {len(layout.lines) - 1} more" if len(layout.lines) > 1 else ""
        yield f"there is a line {layout.lines[0].text!r}{more}"
    if layout.copies:
        yield f"a copy of {_named(layout.copies)} stands at the end"
    if layout.tail:
        yield f"the text ends within the line of {layout.tail[0]}"


def _of_text(layout: Layout) -> Iterator[str]:
    if layout.language != "en":
        yield f"the labels are in the language {layout.language!r}"
    if layout.start:
        yield "the text starts with a byte order mark"
    if layout.line_end != "\n":
        yield "lines end as on Windows"
    if layout.unicode_form:
        yield "accents are characters of their own (NFD)"


def _each(words: str, changed: Mapping[str, T], kind: Callable[[T], str]) -> Iterator[str]:
    """Yield one sentence for all fields with the same change."""
    alike: dict[str, list[str]] = {}
    for name, value in changed.items():
        alike.setdefault(kind(value), []).append(name)
    for how, names in alike.items():
        yield words.format(_named(names), how)


def _named(names: Iterable[str]) -> str:
    listed = list(names)
    if len(listed) > MOST:
        return f"{len(listed)} fields"
    return " and ".join(filter(None, (", ".join(listed[:-1]), listed[-1])))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _moved(layout: Layout, straight: list[str]) -> str:
    order = list(layout.order)
    if order == straight:
        return ""
    for name in order:
        if [n for n in order if n != name] == [n for n in straight if n != name]:
            at = order.index(name)
            where = f"before {order[at + 1]}" if at + 1 < len(order) else "last"
            return f"{name} stands {where}"
    return f"the order is {', '.join(order)}"


def _quoted(label: str) -> str:
    return repr(label) if label else "nothing"


def _delimiter(mark: str) -> str:
    if "\t" in mark and not mark.strip():
        return "a tab"
    if not mark.strip():
        return "a column gap" if len(mark) > 1 else _quoted(mark)
    return repr(mark)


def _space(space: Space) -> str:
    parts = (
        ("an indent", space.indent),
        ("blank lines above", space.above),
        ("more space inside", space.inside),
        ("trailing space", space.trailing),
    )
    kind = "" if space.mark == " " else f" of {space.mark!r}"
    said = " and ".join(name for name, size in parts if size)
    return f"{said or 'other white space'}{kind}"


def _money(form: MoneyForm) -> str:
    currency = f", currency {form.currency}" if form.currency else ""
    return f"that of {form.locale}{', grouped' * form.grouped}{currency}"


def _block(block: Block) -> str:
    if len(block.names) == 1:
        return _ALONE.get(block.kind, "{} stands under its label").format(block.names[0])
    return _BLOCKS[block.kind].format(_named(block.names))
