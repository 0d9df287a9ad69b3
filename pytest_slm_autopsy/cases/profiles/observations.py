"""Observation of one document: the shift axes that it shows, and in which forms.

An axis is seen with a severity, the share of what it can touch, and with a line to point at.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Final

from pytest_slm_autopsy.cases.drawn.axes.labels import nameless, recased
from pytest_slm_autopsy.cases.drawn.delimiters import read_mark
from pytest_slm_autopsy.cases.profiles import placement
from pytest_slm_autopsy.cases.profiles.leftovers import leftover_lines
from pytest_slm_autopsy.cases.profiles.open_forms import Form, settled
from pytest_slm_autopsy.cases.profiles.scans import note_scans, note_times, page_lines
from pytest_slm_autopsy.cases.profiles.sighted.cells import Cell, Seen, Sighting
from pytest_slm_autopsy.cases.profiles.sighted.recognition import recognised
from pytest_slm_autopsy.cases.profiles.sighted.sightings import Reader
from pytest_slm_autopsy.cases.schemas.label_index import Hit, Known
from pytest_slm_autopsy.cases.schemas.misreads import latin
from pytest_slm_autopsy.notation.dates.day_forms import ISO, OTHER_FORM
from pytest_slm_autopsy.notation.dates.days import day_at_start
from pytest_slm_autopsy.notation.dates.orders import Order, order_of
from pytest_slm_autopsy.notation.figures.amounts import Amount, amount_at_start
from pytest_slm_autopsy.notation.figures.money_forms import open_groups, shown_form
from pytest_slm_autopsy.records import SPACES

_WIDE: Final = re.compile("[\uff10-\uff19]")
_OTHER_SPACE: Final = re.compile(rf"(?<!\d)[{SPACES}]|[{SPACES}](?!\d)")
_OF_LABELS: Final = ("language", "synonyms", "misspelt", "homoglyphs")
INDENTS: Final = (0, 1, 2, 3, 4, 5, 6, 8, 12, 20, 32, 48, 64, 96)
Priced = tuple[Cell, Amount]


def observe(text: str, reader: Reader) -> tuple[Seen, Sighting]:
    """Return the shifts and fields of a document; no shifts where it is not of the schema."""
    found = reader.read(text)
    seen = Seen()
    if not recognised(found, reader.schema):
        return seen, found
    breaks = page_lines(found, {cell.line for cell in found.copies})
    found.between = set().union(*breaks.values())
    headed = {cell.field for cell in found.cells if cell.line in found.between}
    found.copies = [
        cell for cell in found.copies if cell.line not in found.between and cell.field not in headed
    ]
    _fields(found, reader, seen)
    _labels(found, seen)
    _delimiters(found, seen)
    _dates(text, found, reader, seen)
    _money(found, reader, seen)
    placement.note_places(found, reader.schema, seen)
    leftover_lines(found, reader, seen)
    note_scans(found, breaks, seen)
    _characters(text, seen)
    _whitespace(text, found, seen)
    return seen, found


def _fields(found: Sighting, reader: Reader, seen: Seen) -> None:
    """Note missing fields, fields without a label, and fields that are printed twice."""
    schema, printed = reader.schema, {cell.field for cell in found.cells}
    cut = placement.cut_off(found, reader, printed)
    seen.kinds |= {"missing", "unlabelled"}
    for name in schema.names:
        if name not in printed and name not in cut:
            seen.form("missing", name)
    optional = [name for name in schema.optional if name not in printed and name not in cut]
    seen.shift("missing", len(optional), len(schema.optional))
    seen.shift("truncated", len(cut), len(cut) + 1, len(found.lines) - 1)
    if cut:  # what would have followed is not known
        seen.hidden.add("missing")
    alone = [cell for cell in found.cells if not cell.hit]
    for cell in alone:
        seen.form("unlabelled", cell.field, cell.line)
    seen.shift("unlabelled", len(alone), len(nameless(schema)), alone[0].line if alone else -1)
    if found.copies:
        again = {cell.field for cell in found.copies}
        seen.shift("duplicated", len(again), len(printed) // 2, found.copies[0].line)


def _labels(found: Sighting, seen: Seen) -> None:
    """Note language, synonyms, case, and misread or look-alike letters of labels."""
    labelled = [(cell, cell.hit) for cell in found.cells if cell.hit]
    spoken = _spoken([hit for _, hit in labelled])
    shown: dict[str, list[Cell]] = {name: [] for name in _OF_LABELS}
    for cell, hit in labelled:
        known = _chosen(hit, spoken)
        plain = any(not one.rank for one in hit.known if one.language in (known.language, *spoken))
        shifts = (known.language != "en", not plain, hit.misspelt, latin(hit.raw) != hit.raw)
        for name, shifted in zip(_OF_LABELS, shifts, strict=True):
            shown[name] += [cell] if shifted else []
        seen.form("language", known.language, cell.line)
        if cell.place != "title":
            seen.form(f"label {known.field}", f"{known.language}: {known.label}", cell.line)
            kind = _case(cell, known)
            seen.form("case", kind, cell.line)
            seen.labels[cell.field] = recased(known.label, kind) if kind else known.label
    cased = [line for (kind, form), (_, line) in seen.forms.items() if kind == "case" and form]
    number = sum(n for (kind, form), (n, _) in seen.forms.items() if kind == "case" and form)
    seen.shift("case", number, len(labelled), min(cased, default=-1))
    for axis, cells in shown.items():
        seen.shift(axis, len(cells), len(labelled), cells[0].line if cells else -1)


def _spoken(hits: list[Hit]) -> tuple[str, str]:
    """Return English and the most frequent other language, the more frequent of the two first."""
    known = [dict.fromkeys(one.language for one in hit.known) for hit in hits]
    fits = Counter(code for codes in known for code in codes)
    foreign = (code for codes in known if "en" not in codes for code in codes)
    other = max(foreign, key=fits.__getitem__, default="en")
    return ("en", other) if fits["en"] >= fits[other] else (other, "en")


def _chosen(hit: Hit, spoken: tuple[str, str]) -> Known:
    """Return the reading of a label, in a language of its document if possible."""

    def least(one: Known) -> tuple[bool, bool, int]:
        return (one.language != spoken[0], one.language != spoken[1], one.rank)

    return min(hit.known, key=least)


def _case(cell: Cell, known: Known) -> str:
    """Return how the letters of a label differ from those that it usually has."""
    raw = latin(cell.hit.raw) if cell.hit else ""
    letters = [letter for letter in raw if letter.isalpha()]
    high = sum(letter.isupper() for letter in letters)
    kind = ""
    if raw != known.label and letters:
        plain = sum(map(str.isupper, known.label)), sum(map(str.isalpha, known.label))
        if high > 0.7 * len(letters) and plain[0] <= 0.7 * plain[1]:
            kind = "upper"
        elif high < plain[0] and raw[0].islower() and known.label[0].isupper():
            kind = "lower"
        elif " " in known.label and " " not in raw:
            kind = "spaceless"
        elif raw.lower() == known.label.lower():
            kind = "lower"
    return kind


def _delimiters(found: Sighting, seen: Seen) -> None:
    cells = [cell for cell in found.cells if cell.hit and cell.place in ("line", "below")]
    other = []
    for cell in cells:
        if "\n" in cell.value:
            continue
        mark = read_mark(cell.mark, cell.place == "below")
        if mark.form:
            seen.form("delimiter", mark.form, cell.line)
        if mark.gap:
            seen.form("gap", str(mark.gap), cell.line)
        if not mark.plain:
            other.append(cell)
    on_lines = [cell.place == "line" for cell in cells]
    many = sum(cell.place == "line" for cell in other) or len(other)
    seen.shift("delimiters", many, sum(on_lines) or len(cells), other[0].line if other else -1)
    if 2 * len(cells) < len(found.cells):
        seen.hidden.add("delimiters")


def _dates(text: str, found: Sighting, reader: Reader, seen: Seen) -> None:
    names = reader.schema.of_kind("date")
    cells = [cell for cell in found.cells if cell.field in names]
    order = order_of(text)
    read = [_forms_of_day(cell.value, order) for cell in cells]
    other = [cell for cell, named in zip(cells, read, strict=True) if named != (ISO,)]
    for cell, named in zip(cells, read, strict=True):
        seen.form("date", settled(named, read), cell.line)
    seen.shift("dates", len(other), len(cells), other[0].line if other else -1)
    if not cells:
        seen.hidden.add("dates")
    note_times(cells, found, seen)


def _forms_of_day(value: str, order: Order | None) -> tuple[str, ...]:
    """Return the forms that a day may have; one, where the document tells day from month."""
    day = day_at_start(value)
    return (OTHER_FORM,) if day is None else day.forms_in(order)


def _money(found: Sighting, reader: Reader, seen: Seen) -> None:
    names = reader.schema.of_kind("money", "items")
    cells = [cell for cell in found.cells if cell.field in names]
    shown = [(cell, one) for cell in cells if (one := amount_at_start(_last_price(cell.value)))]
    groups = {one.group for _, one in shown if one.group is not None}
    other: list[Priced] = []
    plain: list[Priced] = []
    for cell, one in shown:
        if one.negative:
            seen.form("negative", one.negative, cell.line)
        small = one.group is None and groups and not groups & {"", one.decimal}
        (other if not _is_plain(one) or cell.currency or small else plain).append((cell, one))
    if not shown:
        seen.hidden.add("money")
    for part in filter(None, (other, plain)):
        form, line = _money_form(part, shown)
        seen.form("money", form, line)
        if part is other:
            seen.shift("money", len(other), len(cells), line)


def _is_plain(one: Amount) -> bool:
    """Tell whether an amount is printed like ``1234.50``."""
    plain = one.decimal == "." and not one.group and not one.place
    return plain and one.negative in ("", "-")


def _money_form(part: list[Priced], shown: list[Priced]) -> tuple[Form, int]:
    """Return the form of amounts that go together, and a line of it; open without thousands."""
    labelled = next((cell.currency for cell, _ in part if cell.currency), "")
    form = shown_form([one for _, one in part], labelled).sample
    decimals = {one.decimal for _, one in part}
    tells = any(one.group is not None and one.decimal in decimals for _, one in shown)
    best, _ = max(part, key=lambda it: (it[1].group or "", it[1].group is not None, it[1].place))
    return form if tells else open_groups(form), best.line


def _last_price(value: str) -> str:
    """Return the last cell of a table, or the whole value."""
    return re.split(r"\s{2,}", value.rstrip())[-1] if "\n" in value else value


def _characters(text: str, seen: Seen) -> None:
    """Note line ends, byte order mark, accents and full-width digits."""
    loose = not text.isascii() and not unicodedata.is_normalized("NFC", text)
    marks = ("\r\n" in text) + text.startswith("\ufeff") + loose
    seen.shift("encoding", marks, 3)
    if wide := [] if text.isascii() else _WIDE.findall(text):
        seen.shift("digits", len(wide), sum(map(str.isdigit, text)))


def _whitespace(text: str, found: Sighting, seen: Seen) -> None:
    """Note white space around fields: indents, blank lines, trailing and other spaces."""
    raw = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    touched = []
    for cell in found.cells:
        number = cell.line - (cell.place == "below")
        touched += [cell] if _around(number, cell, found, raw, seen) else []
    seen.shift("whitespace", len(touched), len(found.cells), touched[0].line if touched else -1)


def _around(number: int, cell: Cell, found: Sighting, raw: list[str], seen: Seen) -> bool:
    line, own = found.lines[number], raw[number] if number < len(raw) else ""
    indent = len(line) - len(line.lstrip())
    trailing = len(line) - len(line.rstrip())
    above = next((n for n in range(4) if number - n < 1 or not found.is_blank(number - n - 1)), 4)
    inside = read_mark(cell.mark).inside if cell.place == "line" else 0
    other = _OTHER_SPACE.search(own)
    tab = own[:indent].find("\t") >= 0
    if not (indent or trailing or above or inside or other):
        return False
    sizes = {"indent": _near(indent, INDENTS), "trailing": _near(trailing, INDENTS),
             "blank lines": min(above, 3), "inside": inside}  # fmt: skip
    for kind, size in sizes.items():
        seen.form(kind, str(size), number)
    seen.form("space", other.group() if other else "\t" if tab else " ", number)
    return True


def _near(size: int, sizes: Iterable[int]) -> int:
    return min(sizes, key=lambda known: abs(known - size))
