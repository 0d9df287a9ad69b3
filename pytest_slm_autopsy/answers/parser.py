"""From the raw text of an answer to fields, or to the reason why it cannot be read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from pytest_slm_autopsy.answers.reasoning import UNENDED, reasoned, turn_end
from pytest_slm_autopsy.records import Fields, Stage, Value

MOST_REPAIRED: Final = 8_000
"""Length in characters beyond which an answer is not repaired: it loops, and guessing takes time
that grows with its square."""
MOST_BRACES: Final = 100
"""Number of opening braces beyond which an answer is not repaired: guessing takes time that grows
with its square."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed answer: its fields or the problem, and the stage at which it was read.

    ``span`` is the place of the answer in the text, where it is not the whole text.
    """

    fields: Fields | None
    problem: str = ""
    stage: Stage = "strict"
    span: Span | None = field(default=None, compare=False)


def parse(raw: str) -> Parsed:
    """Return the fields of the JSON object in ``raw``, by the first stage that finds them.

    * ``strict``: the whole text is one JSON object, without NaN or Infinity; of a repeated key the
      last value counts;
    * ``extracted``: a whole object stands in prose, a code fence, a list of its own or a text of
      JSON. Reasoning in tags (``<think>``) is no answer, nor is what follows an end of turn. Of
      several objects after prose the last one counts: the others are drafts. Of an answer that
      begins with an object, that one counts unless prose leads to another;
    * ``repaired``: an object was begun and is broken: cut off, single quotes, a comma too many.
      Prose is never made an object;
    * ``failed``: none of these; ``problem`` says why.

    Numbers and truth values become text, so that ``1.50`` and ``"1.50"`` compare as they look. What
    stands beside an unquoted number stays: ``1.234,50 EUR``. A list of objects stays a list: the
    rows of a table.

    Example:
        >>> parse('{"id": "A-1", "due": null}')
        Parsed(fields={'id': 'A-1', 'due': None}, problem='', stage='strict', span=None)
        >>> parse('Here it is: {"id": "A-1"}').stage, parse('{"id": "A-1').stage
        ('extracted', 'repaired')
        >>> parse('<think>{"id": "B-2"}?</think>{"id": "A-1"}').fields
        {'id': 'A-1'}
        >>> parse("I cannot help with that.").problem
        'not JSON: Expecting value: line 1 column 1 (char 0)'
    """
    try:
        return _read(raw)
    except RecursionError:
        return Parsed(None, "not JSON that can be read: nested too deeply", "failed")


def _read(raw: str) -> Parsed:
    try:
        data = _STRICT.decode(raw)
    except ValueError as error:
        problem = f"not JSON: {error}"
    else:
        if isinstance(data, dict):
            return Parsed(_fields(data))
        if (only := _only_object(data)) is not None:
            return Parsed(_fields(only), stage="extracted")
        return Parsed(None, _no_object(data), "failed")
    place = reasoned(raw)
    if place is None:
        return Parsed(None, UNENDED, "failed")
    return _cut_out(raw[slice(*place)], place[0]) or Parsed(None, problem, "failed")


def _cut_out(text: str, offset: int) -> Parsed | None:
    """Return the answer among other words; ``text`` stands at ``offset`` in the whole."""
    found, broken = _whole_objects(text)
    end = turn_end(text, ((start, end) for _, start, end in found))
    found, broken = [one for one in found if one[1] < end], broken if broken < end else -1
    if (chosen := _chosen(text, found, broken)) is not None:
        if (only := _only_object(chosen[0])) is None:
            return Parsed(None, _no_object(chosen[0]), "failed")
        return Parsed(_fields(only), "", "extracted", (offset + chosen[1], offset + chosen[2]))
    start = broken if found else 0
    if repaired := _repaired(text[start:end]):
        return Parsed(_fields(repaired), "", "repaired", (offset + start, offset + end))
    return None


def _only_object(data: Any) -> dict[str, Any] | None:
    """Return the object that ``data`` is, or holds alone as a list or as a text of JSON."""
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    elif isinstance(data, str) and data.lstrip()[:1] == "{":
        with suppress(ValueError):
            data = _STRICT.decode(data)
    return data if isinstance(data, dict) else None


def _no_object(data: Any) -> str:
    if isinstance(data, list) and data and all(isinstance(one, dict) for one in data):
        return f"JSON, but a list of {len(data)} objects and not one"
    return f"JSON, but a {type(data).__name__} and not an object"


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


_STRICT: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refused)
_LENIENT: Final = json.JSONDecoder(parse_float=str, parse_int=str)
_WHOLE: Final = re.compile(r'(?:\[\s*)?\{\s*["}]')
_LETTER: Final = re.compile(r"[^\W\d_]{2}")
_FENCE: Final = re.compile(r"\s*(?:```\w*)?\s*")
_BEGUN: Final = re.compile(
    r"""
    \{\s*["'\u201c][^"'{}:\n]{1,80}["'\u201d]?\s*:              # {"key":
    | ^(?:```\w*)?\s*\{\s*[^\s"'{}:][^"'{}:\n]{0,80}:            # {key: at the start of a line
    """,
    re.MULTILINE | re.VERBOSE,
)
_BRACELESS: Final = re.compile(r'\s*"[^"{}:\n]{1,80}"\s*:')
_UNQUOTED: Final = re.compile(
    r"""
    ("(?:[^"\\]|\\.)*")                                    # a text, left as it is
    | (:\s*)(?!(?:true|false|null|None|True|False)\b)
      ([^\s"'{}\[\],:](?:[^"{}\[\]\n:]|:(?=\d))*?)                    # a value without quotes
      (?=\s*(?:[}\]\n]|,\s*(?:["'}\]\n]|[^\W\d]\w*\s*:)|,?\s*$))
    """,
    re.VERBOSE,
)

Found = tuple[Any, int, int]
"""An object, or a list of objects, with its start and end."""


def _whole_objects(text: str) -> tuple[list[Found], int]:
    """Return all whole objects of a text, and the start of the first one that is broken, or -1.

    The search ends at the first object that is begun and broken: what stands inside it is its own.
    """
    found: list[Found] = []
    at = 0
    while opening := _WHOLE.search(text, at):
        try:
            data, at = _STRICT.raw_decode(text, opening.start())
        except ValueError:
            if text[opening.start()] == "[":  # such as a remark in brackets
                at = opening.start() + 1
                continue
            return found, opening.start()
        found.append((data, opening.start(), at))
    return found, -1


def _chosen(text: str, found: list[Found], broken: int) -> Found | None:
    """Return the object that is the answer; ``None`` where it is broken, or there is none."""
    full = [one for one in found if one[0]]
    if not full:
        return found[-1] if found and broken < 0 else None
    first, last = full[0], full[-1]
    if not _FENCE.fullmatch(text, 0, first[1]):  # prose comes first, and drafts in it
        return None if broken >= 0 and _BEGUN.match(text, broken) else last
    between = [text[a[2] : b[1]] for a, b in pairwise(full)]
    return last if any(map(_LETTER.search, between)) else first


def _repaired(text: str) -> dict[str, Any] | None:
    """Return the object that was meant, where one was begun, or ``None``."""
    try:
        found: Any = _LENIENT.decode(text)
    except ValueError:
        begun = _BRACELESS.match(text) or _BEGUN.search(text)
        if begun is None or len(text) > MOST_REPAIRED or text.count("{") > MOST_BRACES:
            return None
        text = text[max(text.find("{", begun.start(), begun.end()), begun.start()) :]
        found = _guessed(text if text.startswith("{") else "{" + text)
    if isinstance(found, list):
        found = next((one for one in found if isinstance(one, dict)), None)
    return found if isinstance(found, dict) else None


def _guessed(text: str) -> Any:
    import json_repair

    # Values without quotes get them first, so that they come out as they were written.
    quoted = _UNQUOTED.sub(lambda m: m[1] or f'{m[2]}"{m[3].rstrip()}"', text)
    try:
        return json_repair.loads(quoted, skip_json_loads=True)
    except ValueError:
        return None


def _fields(data: Mapping[Any, Any]) -> Fields:
    return {str(key): _value(value) for key, value in data.items()}


def _value(value: object) -> Value:
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return [{str(key): _text(cell) or "" for key, cell in row.items()} for row in value]
    return _text(value)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
