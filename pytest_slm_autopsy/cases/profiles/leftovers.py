# ruff: noqa: RUF001
"""Lines of a document that state no field of the schema: rules, foreign labels, boilerplate."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pytest_slm_autopsy.cases.profiles.line_forms import masked_label
from pytest_slm_autopsy.cases.profiles.sighted.cells import Seen, Sighting
from pytest_slm_autopsy.cases.profiles.sighted.sightings import Reader
from pytest_slm_autopsy.notation.kinds import KINDS
from pytest_slm_autopsy.notation.lines import Labelled, label_and_value

COUNTS: Final = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96)
# What stands between a label and its value; most lines have none, and are read no further.
_MARKED: Final = re.compile(r"[:=|]|\.{3}|\S(?:\t|[^\S\n]{2})")
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


def leftover_lines(found: Sighting, reader: Reader, seen: Seen) -> None:
    """Count the lines that hold no field, by axis."""
    cut = seen.axes["truncated"][1] if "truncated" in seen.axes else None
    first: dict[str, int] = {}
    blank = 0
    counts = dict.fromkeys(("rules", "distractors", "boilerplate"), 0)
    for number, line in enumerate(found.lines):
        if number in found.used or number == cut or number in found.between or not line.strip():
            continue
        axis, form = _kind(line, reader.schema.every_label)
        counts[axis] += 1
        first.setdefault(axis, number)
        if form:
            seen.form("rule" if axis == "rules" else "foreign label", form, number)
        if axis == "boilerplate" and number and found.is_blank(number - 1):
            blank += 1
    if others := counts["boilerplate"]:
        for above, times in (("0", others - blank), ("1", blank)):
            if times:
                seen.form("blank above", above, first["boilerplate"], times)
        seen.form("other lines", str(min(COUNTS, key=lambda n: abs(n - others))))
        counts["boilerplate"] = max(1, others - 1)  # a letterhead is drawn whatever the severity
    for axis, number in counts.items():
        seen.shift(axis, number, 4, first.get(axis, 0))


@lru_cache(maxsize=20_000)
def _kind(line: str, known: frozenset[str]) -> tuple[str, str]:
    """Return the axis of a line, and its rule or its label unless that is one of the ``known``.

    Remembered, because documents of one pile repeat their lines.
    """
    text = line.strip()
    if len(text) > 4 and _RULE.issuperset(text):
        return "rules", text[:2] if text[1] == " " else text[0]
    pair = label_and_value(line) if _MARKED.search(text) else None
    label = line[slice(*pair.label)] if pair else ""
    if pair and not _CONTACT.match(label) and _labels(line, pair):
        return "distractors", masked_label(label) if label.lower() not in known else ""
    return "boilerplate", ""


def _labels(line: str, pair: Labelled) -> bool:
    """Tell whether a mark stands between label and value, or the value is surely one."""
    if line[slice(*pair.mark)].strip():
        return True
    value = line[slice(*pair.value)]
    priced = KINDS["money"].begins(value) and re.search(r"[.,]\d\d\b", value) is not None
    return KINDS["date"].sure(value) or priced
