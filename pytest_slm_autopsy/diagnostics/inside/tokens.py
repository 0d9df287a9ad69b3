"""Roles of tokens: the value of a field, a label, a delimiter, white space, template, answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from pytest_slm_autopsy.models.inside import Reading
from pytest_slm_autopsy.records import Case
from pytest_slm_autopsy.whole_files import parsed

Span = tuple[int, int]
VALUE: Final = "value: "
ANSWER: Final = "answer: "
LABEL, DELIMITER, SPACE, TEXT, TEMPLATE = "label", "delimiter", "space", "text", "template"


def places(case: Case) -> dict[str, Span]:
    """Map each printed field to its place in the document: its span, else its first occurrence."""
    found = dict(case.spans)
    for name, value in case.truth.items():
        if name not in found and isinstance(value, str) and (at := case.text.find(value)) >= 0:
            found[name] = (at, at + len(value))
    return {name: span for name, span in found.items() if case.truth.get(name) is not None}


def character_roles(case: Case) -> list[str]:
    """Return the role of each character of a document."""
    roles = [SPACE if letter.isspace() else TEXT for letter in case.text]
    for name, (start, end) in places(case).items():
        line = case.text.rfind("\n", 0, start) + 1
        for at in range(line, start):
            if roles[at] == TEXT:
                roles[at] = LABEL
        at = start - 1
        while at >= line and not case.text[at].isalnum():
            roles[at] = SPACE if case.text[at].isspace() else DELIMITER
            at -= 1
        roles[start:end] = [VALUE + name] * (end - start)
    return roles


def answer_places(answer: str) -> dict[str, Span]:
    """Map each field of a JSON answer to the place of its value, quotes included."""
    found: dict[str, Span] = {}
    try:
        fields = parsed(answer)
    except ValueError:
        return found
    at = 0
    for name, value in fields.items() if isinstance(fields, dict) else ():
        key = f"{json.dumps(name, ensure_ascii=False)}:"
        start = answer.find(key, at) + len(key)
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        if start >= len(key) and answer.startswith(text, start):
            at = start + len(text)
            found[name] = (start, at)
    return found


def token_roles(reading: Reading, case: Case) -> list[str]:
    """Return the role of each token; one that straddles a border has that of most characters."""
    inside = character_roles(case)
    whole = [TEMPLATE] * len(reading.prompt) + ["answer"] * len(reading.answer)
    whole[reading.document : reading.document + len(inside)] = inside
    for name, (start, end) in answer_places(reading.answer).items():
        shift = len(reading.prompt)
        whole[shift + start : shift + end] = [ANSWER + name] * (end - start)
    found = []
    for start, end in reading.spans:
        roles = whole[start:end] or [TEMPLATE]
        found.append(max(dict.fromkeys(roles), key=roles.count))
    return found


def grouped(roles: list[str]) -> Mapping[str, list[int]]:
    """Map each role to its tokens."""
    groups: dict[str, list[int]] = {}
    for place, role in enumerate(roles):
        groups.setdefault(role, []).append(place)
    return groups
