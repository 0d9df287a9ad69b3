"""A profile as text of 80 columns: what is usual, how sure that is, and where to look."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from pytest_slm_autopsy.cases.drawn.delimiters import in_words
from pytest_slm_autopsy.cases.drawn.patterns import SLOT
from pytest_slm_autopsy.cases.drawn.shifts import AXES
from pytest_slm_autopsy.cases.profiles.rates import Rate

WIDTH: Final = 80
TOP: Final = 6
ROOM: Final = 34
Forms = Mapping[str, Mapping[str, Rate]]

# Where to look says nothing about what is not there, or is there everywhere.
_BARE: Final = frozenset(
    {
        "missing",
        "language",
        "case",
        "gap",
        "order",
        "trailing",
        "indent",
        "blank lines",
        "space",
        "other lines",
    }
)
_TITLES: Final = {
    "language": "Languages of labels",
    "title": "Number and day in a title",
    "delimiter": "Between label and value",
    "gap": "Size of column gaps, in characters",
    "date": "Dates",
    "money": "Amounts, as 1234.50 would look (¤ for any sign, XXX for any code)",
    "negative": "Minus signs",
    "case": "Letters of labels",
    "order": "Order of fields",
    "missing": "Not found: missing, or under a label that the schema does not know",
    "foreign label": "Labels that the schema does not know",
    "unlabelled": "Fields without a label",
    "indent": "Indents of lines",
    "blank lines": "Blank lines above a field",
    "trailing": "Spaces at the end of a line",
    "space": "Spaces that are used",
    "rule": "Rules",
    "other lines": "Lines of no field, in a document",
    "other line": "Such lines by their looks, as they are drawn",
}


def report(head: Sequence[str], axes: Mapping[str, Rate], forms: Forms) -> str:
    """Return the whole report; ``head`` are its first lines."""
    lines = [part for line in head for part in textwrap.wrap(line, WIDTH)]
    lines += ["", "Shifts: share of documents [95 % interval]"]
    lines += _axes(axes)
    for kind, title in _TITLES.items():
        if kind in forms:
            lines += ["", title, *_forms(kind, forms[kind])]
    lines += ["", "Labels", *_labels(forms)]
    return "\n".join(lines)


def _axes(axes: Mapping[str, Rate]) -> Iterator[str]:
    for name, rate in sorted(axes.items(), key=lambda axis: -axis[1].count):
        if rate.count:
            shown = "missing, or not found" if name == "missing" else name
            yield _line(shown, rate, AXES[name].summary if name in AXES else "")
            yield from _examples(rate)
    unseen = [name for name, rate in axes.items() if not rate.count]
    if unseen:
        most = max(axes[name].interval[1] for name in unseen)
        text = f"not seen, so each in at most {most:.1%} of documents: {', '.join(unseen)}"
        yield from textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _forms(kind: str, seen: Mapping[str, Rate]) -> Iterator[str]:
    ranked = sorted(seen.items(), key=lambda form: (-form[1].count, -form[1].times))
    for form, rate in ranked[:TOP]:
        shown = textwrap.wrap(_shown(kind, form).strip(), ROOM) or [""]
        yield _line(shown[0], rate)
        yield from (f"    {more}" for more in shown[1:])
        if rate.open:
            yield "    which of the two, no document here tells"
        yield from () if kind in _BARE else list(_examples(rate))[:1]
    if len(ranked) > TOP:
        yield f"  and {len(ranked) - TOP} more"


def _labels(forms: Forms) -> Iterator[str]:
    for kind, seen in forms.items():
        if kind.startswith("label "):
            told = ", ".join(f"{form} ({rate.count})" for form, rate in list(seen.items())[:TOP])
            text = f"{kind.removeprefix('label ')}: {told}"
            yield from textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _shown(kind: str, form: str) -> str:
    if kind == "delimiter":
        return in_words(form)
    if kind == "space":
        return "tab" if form == "\t" else unicodedata.name(form, "plain").lower()
    if kind == "case":
        return form or "as usual"
    return SLOT.sub(_slot_in_words, form) if kind == "other line" else form


def _slot_in_words(slot: re.Match[str]) -> str:
    """Return what stands in a slot: its digits, or a word for it."""
    return slot["look"] if "9" in slot["look"] else f"<{slot['kind']}>"


def _line(what: str, rate: Rate, summary: str = "") -> str:
    low, high = rate.interval
    share = f"{rate.value:.2f} [{low:.2f}, {high:.2f}] {rate.count:>5} of {rate.n}"
    text = f"  {what:<{ROOM}} {share}"
    room = WIDTH - len(text) - 2
    return f"{text}  {summary}" if 0 < len(summary) <= room else text


def _examples(rate: Rate) -> Iterator[str]:
    for one in rate.examples:
        where = f"{one.document[-30:]}, line {one.line}"
        yield f"      {where}: {one.text}"[:WIDTH]
