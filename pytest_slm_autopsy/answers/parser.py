"""From the raw text of an answer to fields, or to the reason why it cannot be read."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, NamedTuple

from pytest_slm_autopsy.answers.reasoning import UNENDED, Span, next_turn, reasoned
from pytest_slm_autopsy.records import Fields, Stage, Value

MOST_REPAIRED: Final = 8_000
"""Length in characters beyond which an answer is not repaired: it loops, and guessing takes time
that grows with its square."""
MOST_BRACES: Final = 100
"""Number of opening braces beyond which an answer is not repaired: guessing takes time that grows
with its square."""


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
    objects = _objects(raw)
    place = reasoned(raw, [(one.start, one.end) for one in objects])
    if place is None:
        return Parsed(None, UNENDED, "failed")
    inside = [one for one in objects if place[0] <= one.start < place[1]]
    return _cut_out(raw, place, inside) or Parsed(None, problem, "failed")


def _cut_out(raw: str, place: Span, objects: list[Found]) -> Parsed | None:
    """Return the answer among other words; ``objects`` are the whole ones in its place."""
    offset, text = place[0], raw[slice(*place)]
    spans = [(one.start - offset, one.end - offset) for one in objects]
    end = offset + next_turn(text, spans)
    objects = [one for one in objects if one.start < end]
    if (chosen := _chosen(raw, offset, objects)) is not None:
        start = _begun_again(raw, chosen, {one.start for one in objects}, (offset, end))
        if start is None and chosen.data:
            return _read_as(chosen)
        return _mended(raw, offset if start is None else start, end) or _read_as(chosen)
    return _mended(raw, offset, end) or _unescaped(raw[offset:end])


def _read_as(chosen: Found) -> Parsed:
    if (only := _only_object(chosen.data)) is None:
        return Parsed(None, _no_object(chosen.data), "failed")
    return Parsed(_fields(only), "", "extracted", (chosen.start, chosen.end))


def _mended(raw: str, start: int, end: int) -> Parsed | None:
    if not (found := _repaired(raw[start:end])):
        return None
    data, (first, last) = found
    return Parsed(_fields(data), "", "repaired", (start + first, start + last))


def _unescaped(text: str) -> Parsed | None:
    """Return the object of a text that quotes its quotation marks."""
    if '{\\"' not in text or len(text) > MOST_REPAIRED:
        return None
    plain = text.replace('\\"', '"')
    found = _chosen(plain, 0, _objects(plain))
    return Parsed(_fields(found.fields), "", "extracted") if found and found.fields else None


def _only_object(data: Any, depth: int = 3) -> dict[str, Any] | None:
    """Return the object that ``data`` is, or holds alone as a list or as a text of JSON."""
    if isinstance(data, dict):
        return data
    if isinstance(data, list) and len(data) == 1 and depth:
        return _only_object(data[0], depth - 1)
    if isinstance(data, str) and data.lstrip()[:1] in ("{", "[", '"', "`") and depth:
        with suppress(ValueError):
            return _only_object(_STRICT.decode(data.strip("` \n").removeprefix("json")), depth - 1)
    return None


def _no_object(data: Any) -> str:
    if isinstance(data, list) and data and all(isinstance(one, dict) for one in data):
        return f"JSON, but a list of {len(data)} objects and not one"
    return f"JSON, but a {type(data).__name__} and not an object"


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


_STRICT: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_refused)
_LENIENT: Final = json.JSONDecoder(parse_float=str, parse_int=str)
_WHOLE: Final = re.compile(r'(?:\[\s*)?\{\s*["}]|"(?=\[?\{\\)')
# A text in quotes, to the end where it is never closed: then no quote behind it opens another.
_QUOTED: Final = r'"(?:[^"\\]|\\.)*(?:"|(?P<open>\\?\Z))'
_BRACE: Final = re.compile(rf"{_QUOTED}|[{{}}]", re.DOTALL)
_BARE_BRACE: Final = re.compile(r"[{}]")
_LETTER: Final = re.compile(r"[^\W\d_]{2}")
_FENCE: Final = re.compile(r"```\w*|")
_BEGUN: Final = re.compile(
    r"""
    \{\s*["'\u201c\u2018][^"'{}:\n]{1,80}["'\u201d\u2019]?\s*:    # {"key":
    | ^(?:```\w*)?[^\S\n]*\{\s*[^\s"'{}:][^"'{}:\n]{0,80}:       # {key: at the start of a line
    """,
    re.MULTILINE | re.VERBOSE,
)
_BRACELESS: Final = re.compile(r'\s*"[^"{}:\n]{1,80}"\s*:')
_VALUE: Final = r"""
    (?P<mark>:\s*)(?!(?:true|false|null|None|True|False)\b)
    (?P<value>[^\s"'\u201c{}\[\],:][^"{}\[\]\n]*?)           # a value without quotes
    (?=\s*(?:[}\]\n]|,\s*(?:["'}\]\n]|[^\W\d]\w*\s*:)|,?\s*$)|\s+(?:"|//|\#))
"""
_UNQUOTED: Final = re.compile(rf"{_QUOTED}|{_VALUE}", re.VERBOSE | re.DOTALL)
_BARE_VALUE: Final = re.compile(_VALUE, re.VERBOSE)
_LISTED: Final = re.compile(r"\[[^\[\]{}\"']*\]")
_PLAIN: Final = re.compile(r"-?\d[\d.]*")
MOST_BROKEN: Final = 50
"""Objects that may be begun and broken; a text with more of them loops."""


class Found(NamedTuple):
    """Whole JSON in a text: an object, a list or a text that may hold one, and its place."""

    data: Any
    start: int
    end: int

    @property
    def fields(self) -> Mapping[str, Any]:
        """Return the one object that it is or holds; nothing where it is none."""
        return _only_object(self.data) or {}


def _objects(text: str) -> list[Found]:
    """Return all whole objects of a text, in order.

    What stands inside a broken object is its own. The search goes on behind its last brace, and
    ends where it has none.
    """
    found: list[Found] = []
    at = failures = 0
    while failures < MOST_BROKEN and (opening := _WHOLE.search(text, at)):
        try:
            data, at = _STRICT.raw_decode(text, opening.start())
        except ValueError:
            failures += 1
            start = opening.start()
            # What is no object is such as a remark in brackets.
            at = _closed(text, start) if text[start] == "{" else start + 1
        else:
            found.append(Found(data, opening.start(), at))
    return found


def _closed(text: str, start: int) -> int:
    """Return the end of the braces that open at ``start``; the end of the text where none is."""
    depth = 0
    for brace in _beside_texts(_BRACE, _BARE_BRACE, text, start):
        depth += {"{": 1, "}": -1}.get(brace.group(), 0)
        if depth == 0:
            return brace.end()
    return len(text)


def _beside_texts(
    known: re.Pattern[str], bare: re.Pattern[str], text: str, start: int = 0
) -> Iterator[re.Match[str]]:
    """Yield matches of a pattern that knows texts; behind one never closed, of the bare one.

    Else each quote of a text that is never closed would be tried anew.
    """
    for found in known.finditer(text, start):
        if found["open"] is not None:
            yield from bare.finditer(text, found.start())
            return
        yield found


def _chosen(text: str, start: int, objects: list[Found]) -> Found | None:
    """Return the object that is the answer, where one is whole.

    Those with the most fields are meant, then those whose fields recur, then the first of them; of
    objects with the same fields the last with any value.
    """
    full = [one for one in objects if one.data]
    if not full:
        return objects[-1] if objects else None
    keys = [frozenset(one.fields) for one in full]
    times = Counter(keys)
    meant = max(times, key=lambda names: (len(names), times[names]))
    alike = [one for one, names in zip(full, keys, strict=True) if names == meant]
    stated = [one for one in alike if any(v is not None for v in one.fields.values())] or alike
    first, last = stated[0], stated[-1]
    if _prose(text[start : full[0].start]):
        return last  # drafts stand in it
    between = [text[one.end : other.start] for one, other in pairwise(stated)]
    return last if any(map(_LETTER.search, between)) else first


def _prose(before: str) -> bool:
    """Tell whether words stand before an object, not only a fence."""
    return not _FENCE.fullmatch(before.strip())


def _begun_again(text: str, chosen: Found, whole: Set[int], place: Span) -> int | None:
    """Return where another object is begun and broken behind the chosen one.

    Words lead to it, or to the chosen one, and it has one of the chosen object's keys: other braces
    are a remark. ``whole`` are the starts of whole objects.
    """
    if not chosen.fields:
        return None
    names = "|".join(map(re.escape, chosen.fields))
    again = re.compile(rf"\{{\s*[\"'\u201c\u2018]?(?:{names})[\"'\u201d\u2019]?\s*:")
    begun = (one.start() for one in again.finditer(text, chosen.end, place[1]))
    start = next((at for at in begun if at not in whole), None)
    if start is None:
        return None
    led = _prose(text[place[0] : chosen.start]) or _LETTER.search(text, chosen.end, start)
    return start if led else None


def _repaired(text: str) -> tuple[dict[str, Any], Span] | None:
    """Return the object that was meant, where one was begun, and its place."""
    start, end = 0, len(text)
    try:
        found: Any = _LENIENT.decode(text)
    except ValueError:
        if len(text) > MOST_REPAIRED or text.count("{") > MOST_BRACES:
            return None
        begun = _BRACELESS.match(text) or _BEGUN.search(text)
        if begun is None:
            return None
        start = max(text.find("{", begun.start(), begun.end()), begun.start())
        end = _closed(text, start) if text[start] == "{" else end
        inside = text[start:]
        found = _guessed(inside if inside.startswith("{") else "{" + inside)
    if isinstance(found, list):
        found = next((one for one in found if isinstance(one, dict)), None)
    return (found, (start, end)) if isinstance(found, dict) and found else None


def _guessed(text: str) -> Any:
    import json_repair

    # Values without quotes get them first, so that they come out as they were written.
    listed = _LISTED.sub(lambda m: _PLAIN.sub(r'"\g<0>"', m[0]), text)
    quoted, done = [], 0
    for found in _beside_texts(_UNQUOTED, _BARE_VALUE, listed):
        if found["value"] is not None:
            quoted.append(
                f'{listed[done : found.start()]}{found["mark"]}"{found["value"].rstrip()}"'
            )
            done = found.end()
    try:
        return json_repair.loads("".join([*quoted, listed[done:]]), skip_json_loads=True)
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
