# ruff: noqa: RUF001
"""Patterns of lines: the looks of a line without any of its words, and lines drawn from them.

A pattern is white space and marks around slots. A slot ``{kind:look:words:width}`` says what stood
there (``note``, ``label phone``, ``amount``, ``party``, ...), how it looked (``A``, ``a`` or ``Aa``
for words, ``99.9`` for digits), and how many words and characters it had. What is drawn comes from
the package's own tables, and is left out where it might be taken for a value that is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pytest_slm_autopsy.cases.choices import Choices, pick
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet
from pytest_slm_autopsy.cases.drawn.layout import Layout
from pytest_slm_autopsy.cases.drawn.phrases import LINE_USES, harmless
from pytest_slm_autopsy.cases.schemas import countries, values
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema
from pytest_slm_autopsy.notation.dates.day_forms import ISO, print_day
from pytest_slm_autopsy.notation.figures.currencies import currency_mark
from pytest_slm_autopsy.notation.figures.money_forms import MoneyForm, print_amount

SLOT: Final = re.compile(r"\{(?P<kind>[a-z ]+):(?P<look>[^:{}]*):(?P<words>\d+):(?P<width>\d+)\}")
LABEL: Final = "label "
COLON: Final = "¦"
"""A colon within a shape: slots have colons of their own."""
NUMERIC: Final = frozenset({"amount", "percent", "number", "currency"})
NEAR: Final = 4
"""Phrases of about the right length that one is drawn from."""
MAILS: Final = ("info@example.com", "office@example.org", "service@example.net", "mail@example.com")
SITES: Final = ("www.example.com", "www.example.org", "example.net", "www.shop.example.com")
LETTERS: Final = "SZXATB"
_PLAIN: Final = MoneyForm()
_PART: Final = re.compile(r"(?P<slot>\{[^{}]*\})|(?P<between>[^{}]+)")
_TWO_DECIMALS: Final = re.compile(r"\D*(?P<units>9(?:[9.,’' ]*9)?)[.,]99\D*")
_RATES: Final = (("19", "20", "21", "23", "10", "25"), ("6", "7", "5", "8", "9"))


class Slot(NamedTuple):
    """One slot of a pattern, and the column in which it stood."""

    kind: str
    look: str
    words: int
    width: int
    column: int = 0

    @property
    def pattern(self) -> str:
        """Return the slot as it stands in a pattern."""
        return f"{{{self.kind}:{self.look}:{self.words}:{self.width}}}"


def parts(pattern: str) -> Iterator[str | Slot]:
    """Yield what a pattern consists of: slots, and the marks and white space between them."""
    column = 0
    for part in _PART.finditer(pattern):
        slot = SLOT.fullmatch(part.group())
        if slot is None:
            yield part.group()
            column += len(part.group())
        else:
            yield Slot(slot["kind"], slot["look"], int(slot["words"]), int(slot["width"]), column)
            column += int(slot["width"])


@dataclass
class Filler:
    """Draws lines from patterns for one document: a record under a layout.

    ``country`` gives names and the currency, if the schema asks for none.
    """

    sheet: Sheet
    layout: Layout
    country: str = ""
    money: MoneyForm = _PLAIN
    day: str = ISO
    _used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._barred = barred(self.sheet.schema, self.layout)

    def line(self, pattern: str, choices: Choices) -> str | None:
        """Draw a line from a pattern; ``None`` where nothing harmless is left of it."""
        split = list(parts(self._told(pattern)))
        slots = [part for part in split if isinstance(part, Slot)]
        kinds = {slot.kind for slot in slots}
        labelled = any(kind.startswith(LABEL) for kind in kinds)
        row = not labelled and bool(kinds & {"amount", "number"}) and len(slots) > 1
        if "amount" in kinds and not labelled and not self._is_row(kinds, row):
            return None
        text, between, gone, told = "", "", not slots, ""
        for part in split:
            if isinstance(part, str):
                between += part
                continue
            told = _told(part, told, between)
            drawn = self._slot(part, choices, row=row, told=told)
            if not drawn:
                gone = gone or bool(told)
                between = between if between.isspace() else ""
                continue
            text += _gap(text, between, part, drawn) + drawn
            between = ""
        if slots and (gone or not text.strip()):
            return None
        return text + between.rstrip() if text else pattern

    def _told(self, pattern: str) -> str:
        """Return a pattern with a label before a code that stands alone."""
        if LABEL in pattern or pattern.count("{") > 1 or "code" not in self._barred:
            return pattern
        return pattern.replace("{code:", "{label registration:A:1:3}: {code:", 1)

    def _is_row(self, kinds: set[str], row: bool) -> bool:
        """Tell whether amounts without a label stand in the row of a table that nobody asks for."""
        words = bool(kinds & {"words", "party", "address", "goods", "letter", "percent"})
        return row and words and "row" not in self._barred

    def _slot(self, slot: Slot, choices: Choices, *, row: bool, told: str) -> str:
        kind = slot.kind
        if told and f"labelled {kind.removeprefix(LABEL)}" in self._barred:
            kind = _HARMLESS.get(kind, "")
        if kind in self._barred and not told:
            kind = "number" if row and kind == "code" else "" if kind in _SHAPED else "words"
        if kind in ("party", "address") and not self.country:
            kind = "words"
        if kind == "words":
            kind = "goods" if row else "short"
        if kind.startswith(LABEL) or kind in (*LINE_USES, "goods"):
            return self._phrase(kind.removeprefix(LABEL), slot, choices)
        return self._value(kind, slot, choices) if kind else ""

    def _phrase(self, use: str, slot: Slot, choices: Choices) -> str:
        offered = harmless(self.sheet.schema, self.layout.language, use)
        if not offered:
            return ""
        near = sorted(offered, key=lambda one: _distance(one, slot))[: 2 * NEAR]
        fresh = [one for one in near if one not in self._used][:NEAR]
        chosen = pick(choices, fresh or near[:NEAR])
        self._used.add(chosen)
        text = chosen.rstrip("!.") if use in ("note", "short") else chosen
        return _recased(filled(text, choices), slot.look)

    def _value(self, kind: str, slot: Slot, choices: Choices) -> str:
        if kind == "amount":
            return self._amount(slot, choices)
        if kind == "currency":
            return self._currency(slot)
        if kind == "day":
            return print_day(values.day(choices, {}), self.day, self.layout.language)
        if kind in ("party", "address"):
            return _recased(self._named(kind, choices), slot.look)
        if kind in ("mail", "web"):
            return pick(choices, MAILS if kind == "mail" else SITES)
        if kind == "letter":
            return _digits(slot.look, choices)
        if kind == "time":
            return _time(slot.look, choices)
        if kind == "percent":
            return _percent(slot.look, choices)
        return _digits("9" * min(3, slot.width) if kind == "number" else slot.look, choices)

    def _named(self, kind: str, choices: Choices) -> str:
        """Draw a company, or a street or a town; no postal code beside a code without a label."""
        country = countries.countries()[self.country]
        if kind == "party":
            return countries.company(country, choices)
        street = countries.street(country, choices)
        town = choices.below(2) and "labelled code" not in self._barred
        return pick(choices, country.towns) if town else street

    def _amount(self, slot: Slot, choices: Choices) -> str:
        shown = _TWO_DECIMALS.fullmatch(slot.look)
        if not shown:
            return _digits(slot.look, choices)
        least = 10 ** (shown["units"].count("9") + 1)
        sign = "-" if "-" in slot.look else ""
        amount = values.written(least + choices.below(9 * least))
        form = MoneyForm(self.money.locale, self.money.grouped, negative=self.money.negative)
        return print_amount(f"{sign}{amount}", form)

    def _currency(self, slot: Slot) -> str:
        stated = self.sheet.schema.of_kind("currency")
        code = self.sheet.record[stated[0]] if stated else self.layout.currency
        symbol = slot.look == "¤"
        if symbol and self.layout.sign and code == self.layout.currency:
            return self.layout.sign
        return currency_mark(code, self.layout.language, symbol) if code else ""


def _told(slot: Slot, told: str, between: str) -> str:
    """Return what tells the meaning of a slot: a label, until words or a gap follow its value."""
    if slot.kind.startswith(LABEL):
        return slot.kind
    apart = slot.kind in ("words", "note") or (told == "value" and between.endswith("  "))
    return "" if apart or not told else "value"


_HARMLESS: Final = {"label person": "section", "party": "words", "address": "words"}
"""What is drawn in place of a label of a person, and of a name behind a label."""
_SHAPED: Final = frozenset({"code", "article", "day", "percent", "amount", "time", "number"})


def barred(schema: DocumentSchema, layout: Layout) -> frozenset[str]:
    """Return the kinds of slots in which a reader might see a value that is asked for.

    A text field of the user's own may hold anything, so it bars every name.
    """
    kinds = {one.kind for one in schema.fields}
    free = any(one.kind == "text" and not one.synonyms for one in schema.fields)
    gone: set[str] = set()
    if free or kinds & {"company", "person"}:
        gone |= {"party", "labelled party", "labelled person"}
    if free or kinds & {"address"}:
        gone |= {"address", "labelled address"}
    if free or "code" in kinds:
        gone.add("code")
    if not _all_labelled(schema, layout, "code"):
        gone |= {f"labelled {use}" for use in ("code", "registration", "bank", "phone", "fax")}
        gone.add("article")
    if "date" in kinds:
        gone.add("day")
        if not _all_labelled(schema, layout, "date"):
            gone.add("labelled day")
    if "percentage" in kinds:
        gone |= {"percent", "labelled percent"}
    if "items" in kinds:
        gone.add("row")
    return frozenset(gone)


def filled(text: str, choices: Choices) -> str:
    """Return a text with a digit for each ``{n}``."""
    head, *rest = text.split("{n}")
    return head + "".join(f"{choices.below(10)}{part}" for part in rest)


def _all_labelled(schema: DocumentSchema, layout: Layout, kind: str) -> bool:
    """Tell whether every required field of a kind is printed, and none without a label."""
    names = schema.of_kind(kind)
    due = {name for name in names if not schema.by_name[name].optional}
    bare = {name for name in names if layout.labels.get(name) == ""}
    return due <= {*layout.order} and not bare


def _distance(phrase: str, slot: Slot) -> tuple[int, str]:
    words = phrase.count(" ") + 1
    return 6 * abs(words - slot.words) + abs(len(phrase) - slot.width), phrase


def _recased(text: str, look: str) -> str:
    if look == "A":
        return text.upper()
    if look == "a":
        return text.lower()
    return text.capitalize() if text.isupper() and len(text) > 3 else text


def _gap(text: str, between: str, slot: Slot, drawn: str) -> str:
    """Return the marks and the white space before a slot, so that columns stay columns."""
    mark = between.rstrip(" ")
    run = len(between) - len(mark)
    if text and run < 2:
        return between
    column = slot.column + (slot.width - len(drawn) if slot.kind in NUMERIC and text else 0)
    wide = column - len(text) - len(mark)
    return mark + " " * (max(2, wide) if text else min(max(0, wide), slot.column))


def _digits(look: str, choices: Choices) -> str:
    """Return a shape with its digits and letters drawn; a leading digit is no zero."""
    drawn = ""
    for at, sign in enumerate(look):
        if sign == "9":
            first = not at or look[at - 1] != "9"
            drawn += str(1 + choices.below(9) if first else choices.below(10))
        elif sign == COLON:
            drawn += ":"
        elif sign in "Aa":
            letter = pick(choices, LETTERS)
            drawn += letter if sign == "A" else letter.lower()
        else:
            drawn += sign
    return drawn


def _percent(look: str, choices: Choices) -> str:
    digits = re.search("9+", look)
    if digits is None:
        return look
    rate = pick(choices, _RATES[len(digits.group()) < 2])
    return look[: digits.start()] + rate + look[digits.end() :].replace("9", "0")


def _time(look: str, choices: Choices) -> str:
    hour, minute, second = 8 + choices.below(12), choices.below(60), choices.below(60)
    text = f"{hour:02}.{minute:02}" + (f".{second:02}" if look.count("9") > 4 else "")
    return text.replace(".", ":") + (" PM" if "A" in look else "")
