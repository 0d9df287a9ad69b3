# ruff: noqa: RUF001
"""Lines of a document that state no field of the schema: rules, foreign labels, boilerplate."""

from __future__ import annotations

import re
from typing import Final

from pytest_slm_autopsy.cases.profiles.cells import SEGMENT, Seen, Sighting
from pytest_slm_autopsy.cases.profiles.sightings import Reader
from pytest_slm_autopsy.notation.figures.currencies import mentions_currency
from pytest_slm_autopsy.notation.kinds import KINDS
from pytest_slm_autopsy.notation.lines import Labelled, label_and_value
from pytest_slm_autopsy.notation.parties import begins_company

LONGEST_OTHER_LINE: Final = 120
COUNTS: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96)
_DIGIT: Final = re.compile(r"\d")
_RULE: Final = frozenset("-=*_.~#+|– ")
_CONTACT: Final = re.compile(
    r"""
    tel | phone | fon | fax | mobil | e-?mail | mail | web | www | internet | http
    | iban | bic\b | swift | blz | bank
    | head[ ]office | office
    | reg | hrb | handelsreg
    | vat[ ](?:id|no) | ust\.?-?id | tax[ ]id | gst[ ](?:id|reg)
    | page | seite
    """,
    re.IGNORECASE | re.VERBOSE,
)
# What a reader might take for a value of a field.
_LIKE_A_VALUE: Final = re.compile(
    r"""
    [%{}]
    | \d(?:
        [.,]\d\d(?!\d)                       # 9.00
        | \d?[-/.][ ]?\d\d?[-/.][ ]?\d\d     # 31.03.25
        | \d{3}-\d\d                         # 2025-03
        | \d?\.?[ ]?[^\W\d_]{3,}[ ]?\d{4}    # 31. March 2025
    )
    """,
    re.VERBOSE,
)


def leftover_lines(found: Sighting, reader: Reader, seen: Seen) -> None:
    """Count the lines that hold no field, by axis."""
    cut = seen.axes["truncated"][1] if "truncated" in seen.axes else None
    first: dict[str, int] = {}
    counts = dict.fromkeys(("rules", "distractors", "boilerplate"), 0)
    for number, line in enumerate(found.lines):
        if number in found.used or number == cut or not line.strip():
            continue
        axis = _kind(line, number, reader, seen)
        counts[axis] += 1
        first.setdefault(axis, number)
        if axis == "boilerplate":
            above = number and not found.lines[number - 1].strip()
            seen.form("blank above", str(int(bool(above))), number)
    if others := counts["boilerplate"]:
        seen.form("other lines", str(min(COUNTS, key=lambda n: abs(n - others))))
        counts["boilerplate"] = max(1, others - 1)  # a letterhead is drawn whatever the severity
    for axis, number in counts.items():
        seen.shift(axis, number, 4, first.get(axis, 0))


def _kind(line: str, number: int, reader: Reader, seen: Seen) -> str:
    """Return the axis of a line, and note its form."""
    text = line.strip()
    if len(text) > 4 and _RULE.issuperset(text):
        seen.form("rule", text[:2] if text[1] == " " else text[0], number)
        return "rules"
    pair = label_and_value(line)
    label = line[slice(*pair.label)] if pair else ""
    if pair and not _CONTACT.match(label) and _labels(line, pair):
        if label.lower() not in reader.schema.every_label:
            seen.form("foreign label", label, number)
        return "distractors"
    if _harmless(line, reader):
        seen.form("other line", re.sub(r"\d", "{n}", line.rstrip()), number)
    return "boilerplate"


def _labels(line: str, pair: Labelled) -> bool:
    """Tell whether a mark stands between label and value, or the value is surely one."""
    if line[slice(*pair.mark)].strip():
        return True
    value = line[slice(*pair.value)]
    priced = KINDS["money"].begins(value) and re.search(r"[.,]\d\d\b", value) is not None
    return KINDS["date"].sure(value) or priced


def _harmless(line: str, reader: Reader) -> bool:
    """Tell whether nobody would read a field's value in a line."""
    if len(line) > LONGEST_OTHER_LINE or _LIKE_A_VALUE.search(line) or reader.index.anywhere(line):
        return False
    segments = SEGMENT.findall(line)
    return not mentions_currency(line) and not any(
        begins_company(text) or (_DIGIT.search(text) and _begins_value(text)) for text in segments
    )


def _begins_value(text: str) -> bool:
    """Tell whether the first words of a text are surely a value."""
    return any(
        KINDS[kind].sure(text[: end.end()])
        for end in re.finditer(r"\b(?= |$)", text)
        for kind in ("code", "address", "date")
    )
