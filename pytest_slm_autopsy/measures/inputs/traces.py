"""Traces of a case that can be recognised elsewhere: template, truth, fields and day."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from typing import Final

from pytest_slm_autopsy.notation.text import collapsed, texts_of
from pytest_slm_autopsy.records import Case, Value, legible

_BLANK: Final = "\N{WHITE SQUARE}"


def template(case: Case) -> str:
    """Return the text of a case without its values.

    Values are taken out at ``spans``, or wherever they stand if the case has no spans.

    Example:
        >>> template(Case("1", "Total:  7 EUR", {"total": "7"}))
        'total: □ eur'
    """
    text = case.text
    for start, end in sorted(case.spans.values(), reverse=True):
        text = f"{text[:start]}{_BLANK}{text[end:]}"
    if not case.spans:
        parts = [part for value in case.truth.values() for part in texts_of(value)]
        for value in sorted(parts, key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", _BLANK, text)
    return collapsed(text)


def stated(case: Case) -> str:
    """Return the truth as one canonical JSON text, or an empty text where it states nothing."""
    known = {name: legible(value) for name, value in case.truth.items() if value is not None}
    return json.dumps(known, sort_keys=True) if known else ""


def told_fields(case: Case) -> tuple[list[str], int]:
    """Return the fields whose answer stands in the text as JSON, and how many the truth states."""
    text = _compact(case.text)
    known = {name: value for name, value in case.truth.items() if value is not None}
    return [name for name, value in known.items() if _json_pair(name, value) in text], len(known)


def day_of(case: Case, date_field: str) -> date | None:
    """Return the day in ``date_field`` of the truth, or ``None`` without an ISO date or time."""
    value = case.truth.get(date_field)
    try:
        return datetime.fromisoformat(value.strip()).date() if isinstance(value, str) else None
    except ValueError:
        return None


def _json_pair(name: str, value: Value) -> str:
    return _compact(json.dumps({name: value}, ensure_ascii=False)[1:-1])


def _compact(text: str) -> str:
    """Return a text without white space and with letters unescaped: JSON writers differ in both."""
    letters = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    shown: str = legible(letters)
    return "".join(shown.split())
