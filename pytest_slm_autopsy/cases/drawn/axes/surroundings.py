"""Axes of surroundings: letterheads, notes and distractors around the fields."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick, share, weighted
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet
from pytest_slm_autopsy.cases.drawn.axes.marks import seen_mark
from pytest_slm_autopsy.cases.drawn.habits import Habits
from pytest_slm_autopsy.cases.drawn.layout import Layout, Line
from pytest_slm_autopsy.cases.drawn.patterns import Filler, filled
from pytest_slm_autopsy.cases.drawn.phrases import harmless, spoken
from pytest_slm_autopsy.cases.schemas import values
from pytest_slm_autopsy.cases.schemas.labels import LABELS
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field
from pytest_slm_autopsy.notation.dates.day_forms import ISO, print_day
from pytest_slm_autopsy.notation.figures.money_forms import form_of, print_amount

# Letterheads, drawn as a whole; {n} is a digit.
HEADS: Final = (
    ("INVOICE",),
    ("*** ORIGINAL ***",),
    ("Tel. 0{n}{n} {n}{n}{n}{n} {n}{n}{n}", "www.example.com"),
    ("TAX INVOICE", "Page 1 of 1"),
    ("Phone: +44 20 {n}{n}{n}{n} {n}{n}{n}{n}", "E-mail: billing@example.com"),
    ("Head Office: {n}{n} Harbour Road", "Reg. No. {n}{n}{n}{n}{n}{n}-{n}"),
)
TITLES: Final = ("INVOICE", "TAX INVOICE")
FEET: Final = (
    "Thank you for your business!",
    "Goods sold are not returnable.",
    "Please keep this document for your records.",
    "Payment by bank transfer only.",
    "All prices in the stated currency.",
    "E. & O. E.",
    "Questions? Call us on weekdays from 9 to 5.",
    "IBAN GB{n}{n} EXMP {n}{n}{n}{n} {n}{n}{n}{n} {n}{n}{n}{n}",
)
# Labels that look like fields of the schema, but are not asked for.
DISTRACTORS: Final = (
    ("Cash", values.amount),
    ("Change", values.amount),
    ("Customer No", values.code(("C", "K"), 5)),
    ("Delivery Date", values.day),
    ("Order No", values.code(("SO", "AB"), 5)),
    ("Printed", values.day),
    ("Deposit", values.amount),
    ("Delivery Note", values.code(("DN", "LS"), 6)),
    ("Balance Brought Forward", values.amount),
    ("Account Manager", values.person),
)
NUMBER_WORDS: Final = frozenset(
    {"no", "nr", "num", "number", "n", "id", "code", "ref", "reference"}
)

PLAIN: Final = (("1234.50", 1),)
NONE: Final = (("0", 1),)
CODES: Final = ("Customer No", "Order No", "Delivery Note")
FOREIGN_CODE: Final = values.code(("C", "K", ""), 5)


def boilerplate(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print a letterhead above the fields and notes below them."""
    if sheet.habits.of("other line"):
        return _with(layout, _seen_lines(layout, sheet, choices))
    end = len(layout.arranged()) + len(layout.copies)
    heads, feet = _surroundings(sheet.schema, spoken(sheet.schema, layout.language))
    texts = _title(sheet.schema, pick(choices, heads))
    head = [Line(0, filled(text, choices)) for text in texts]
    notes = choices.subset(feet, share(severity, 4))
    return _with(layout, [*head, *(Line(end, filled(text, choices.apart(text))) for text in notes)])


def _surroundings(
    schema: DocumentSchema, language: str
) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
    """Return the letterheads and the notes of a language."""
    told = {use: harmless(schema, language, use) for use in ("heading", "note", "page", "phone")}
    if language == "en" or not all(map(len, told.values())):
        return HEADS, FEET
    phone = f"{told['phone'][0]} 0{{n}}{{n}} {{n}}{{n}}{{n}}{{n}} {{n}}{{n}}{{n}}"
    heads = [(heading,) for heading in told["heading"][:4]]
    return (*heads, (phone, "www.example.com"), (heads[0][0], told["page"][0])), told["note"]


def _as_seen(label: str, value: str, draw: values.Draw, habits: Habits, choices: Choices) -> str:
    """Return a line with ``label`` and ``value`` in forms that were seen."""
    if draw is values.day:
        value = print_day(value, weighted(choices, habits.of("date") or ((ISO, 1),)))
    elif draw is values.amount:
        value = print_amount(value, form_of(weighted(choices, habits.of("money") or PLAIN)))
    indent = int(weighted(choices, habits.of("indent") or (("0", 1),)))
    return f"{' ' * indent}{label}{seen_mark(habits, choices)}{value}"


def _seen_lines(layout: Layout, sheet: Sheet, choices: Choices) -> list[Line]:
    """Draw lines like those that were seen, as many as one document had, each in any place."""
    places = len(layout.arranged()) + len(layout.copies) + 1
    texts = sheet.habits.listed("other line")
    wanted = int(weighted(choices, sheet.habits.of("other lines") or (("1", 1),)))
    filler = Filler(sheet, layout)
    lines = []
    for pattern in choices.subset(texts, min(wanted, len(texts))):
        own = choices.apart(pattern)
        place, blank = own.below(places), weighted(own, sheet.habits.of("blank above") or NONE)
        if text := filler.line(pattern, own):
            lines += [Line(place, "")] * int(blank) + [Line(place, text)]
    return lines


def distractors(layout: Layout, sheet: Sheet, severity: float, choices: Choices) -> Layout:
    """Print labelled values that are not asked for between the fields."""
    places = len(layout.arranged()) + 1
    foreign = dict(_foreign_in(sheet.schema, spoken(sheet.schema, layout.language)))
    codes = sheet.schema.of_kind("code")
    if not {*codes} <= {*layout.order}:  # a code could be taken for the missing one
        foreign = {
            label: draw
            for label, draw in foreign.items()
            if label not in CODES and draw is not FOREIGN_CODE
        }
    lines = []
    for label in choices.subset(list(foreign), share(severity, 4)):
        own = choices.apart(label)
        place, draw = own.below(places), foreign[label]
        value = draw(own, {})
        if sheet.habits.forms:
            lines.append(Line(place, _as_seen(label, value, draw, sheet.habits, own)))
        else:
            lines.append(Line(place, f"{label}: {value}"))
    return _with(layout, lines)


def no_distractor(schema: DocumentSchema) -> str:
    """Return the reason why the axis does not fit the schema, or an empty text."""
    return "" if _foreign(schema) else "every distracting label is, or is close to, one of its own"


@lru_cache(maxsize=256)
def _foreign_in(schema: DocumentSchema, language: str) -> tuple[tuple[str, values.Draw], ...]:
    """Return the distractors of a language."""
    if language == "en":
        return _foreign(schema)
    draws = (("amount", values.amount), ("code", FOREIGN_CODE), ("day", values.day))
    told = ((label, draw) for use, draw in draws for label in harmless(schema, language, use)[:4])
    return tuple(told) or _foreign(schema)


@lru_cache(maxsize=128)
def _foreign(schema: DocumentSchema) -> tuple[tuple[str, values.Draw], ...]:
    """Return the distractors whose label differs clearly from the schema's, in any language.

    For the package's own fields only equal labels exclude a distractor: their other labels were
    compared by hand.
    """
    close = {
        _core(label)
        for field in schema.fields
        if not _of_the_package(field)
        for labels in ((field.label,), *field.synonyms.values())
        for label in labels
    }
    return tuple(
        pair
        for pair in DISTRACTORS
        if pair[0].lower() not in schema.every_label
        and not any(_begins_or_ends(_core(pair[0]), label) for label in close)
    )


def _of_the_package(field: Field) -> bool:
    known = LABELS.values()
    return any(field.synonyms == own and field.label == own["en"][0] for own in known)


def _core(label: str) -> str:
    """Return a label in lower case without spaces, marks, and words such as ``No``."""
    words = re.findall(r"[^\W_]+", label.casefold())
    return "".join(word for word in words if word not in NUMBER_WORDS) or "".join(words)


def _begins_or_ends(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return bool(short) and (long.startswith(short) or long.endswith(short))


@lru_cache(maxsize=1024)
def _title(schema: DocumentSchema, head: tuple[str, ...]) -> tuple[str, ...]:
    """Return a letterhead with the schema's name as its title.

    The title is left out if the name is not made of letters, or is a label.
    """
    if all(map(_of_the_package, schema.fields)):
        return head
    fits = schema.name.replace(" ", "").isalpha() and schema.name.lower() not in schema.every_label
    titled = (schema.name.upper() if line in TITLES and fits else line for line in head)
    return tuple(line for line in titled if line not in TITLES or fits)


def _with(layout: Layout, lines: list[Line]) -> Layout:
    return layout.but(lines=(*layout.lines, *lines))
