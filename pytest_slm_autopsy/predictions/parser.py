"""From the raw text of an answer to fields, or to the reason why it cannot be read."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pytest_slm_autopsy.records import Fields, Stage, Value

MOST_REPAIRED: Final = 8_000
"""Length in characters beyond which an answer is not repaired: it loops, and guessing takes time
that grows with its square."""
MOST_BRACES: Final = 100
"""Number of opening braces beyond which an answer is not repaired: guessing takes time that grows
with its square."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed answer: its fields or the problem, and the stage at which it was read."""

    fields: Fields | None
    problem: str = ""
    stage: Stage = "strict"


def parse(raw: str) -> Parsed:
    """Return the fields of the JSON object in ``raw``, by the first stage that finds them.

    * ``strict``: the whole text is one JSON object, without NaN or Infinity; of a repeated key the
      last value counts;
    * ``extracted``: a whole object stands in prose or a code fence; the first one counts;
    * ``repaired``: an object was begun and is broken: cut off, single quotes, a comma too many.
      Prose is never made an object;
    * ``failed``: none of these; ``problem`` says why.

    Numbers and truth values become text, so that ``1.50`` and ``"1.50"`` compare as they look. A
    list of objects stays a list: the rows of a table.

    Example:
        >>> parse('{"id": "A-1", "due": null}')
        Parsed(fields={'id': 'A-1', 'due': None}, problem='', stage='strict')
        >>> parse('Here it is: {"id": "A-1"}').stage, parse('{"id": "A-1').stage
        ('extracted', 'repaired')
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
        return Parsed(None, f"JSON, but a {type(data).__name__} and not an object", "failed")
    if (found := _extracted(raw)) is not None:
        return Parsed(_fields(found), stage="extracted")
    if found := _repaired(raw):
        return Parsed(_fields(found), stage="repaired")
    return Parsed(None, problem, "failed")


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


_STRICT: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refused)
_LENIENT: Final = json.JSONDecoder(parse_float=str, parse_int=str)
_WHOLE: Final = re.compile(r'\{\s*["}]')
_BEGUN: Final = re.compile(
    r"""
    \{\s*["'\u201c][^"'{}:\n]{1,80}["'\u201d]?\s*:              # {"key":
    | ^(?:```\w*)?\s*\{\s*[^\s"'{}:][^"'{}:\n]{0,80}:            # {key: at the start of a line
    """,
    re.MULTILINE | re.VERBOSE,
)
_BRACELESS: Final = re.compile(r'\s*"[^"{}:\n]{1,80}"\s*:')
_NUMBER: Final = re.compile(
    r'("(?:[^"\\]|\\.)*")|(:\s*)(-?\d(?:[\d.,eE+-]*\d)?)(?=\s*(?:[,}\]]|$))'
)


def _extracted(raw: str) -> dict[str, Any] | None:
    """Return the first whole object with a key, or ``None``.

    The search ends at the first object that is begun and broken.
    """
    empty = None
    for opening in _WHOLE.finditer(raw):
        try:
            found = _STRICT.raw_decode(raw, opening.start())[0]
        except ValueError:
            break
        if found:
            return dict(found)
        empty = found
    return empty


def _repaired(raw: str) -> dict[str, Any] | None:
    """Return the object that was meant, where one was begun, or ``None``."""
    try:
        found: Any = _LENIENT.decode(raw)
    except ValueError:
        begun = _BRACELESS.match(raw) or _BEGUN.search(raw)
        if begun is None or len(raw) > MOST_REPAIRED or raw.count("{") > MOST_BRACES:
            return None
        text = raw[max(raw.find("{", begun.start(), begun.end()), begun.start()) :]
        found = _guessed(text if text.startswith("{") else "{" + text)
    if isinstance(found, list):
        found = next((one for one in found if isinstance(one, dict)), None)
    return found if isinstance(found, dict) else None


def _guessed(text: str) -> Any:
    import json_repair

    # Numbers are quoted first, so that they come out as they were written.
    quoted = _NUMBER.sub(lambda m: m[1] or f'{m[2]}"{m[3]}"', text)
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
