"""Raw text to fields, or the reason why not."""

from __future__ import annotations

import json

from pytest_slm_autopsy.records import Fields, Value


def parse(raw: str) -> tuple[Fields | None, str]:
    """The fields of a JSON object, or ``None`` and what is wrong with the text.

    Numbers and truth values become text, so that ``1.50`` and ``"1.50"`` compare as they look; a
    list of objects stays one, the rows of a table.

    Example:
        >>> parse('{"id": "A-1", "due": null}')
        ({'id': 'A-1', 'due': None}, '')
    """
    try:
        data = json.loads(raw, parse_float=str, parse_int=str)
    except (json.JSONDecodeError, RecursionError) as error:
        return None, f"not JSON: {error}"
    if not isinstance(data, dict):
        return None, f"JSON, but a {type(data).__name__} and not an object"
    try:
        return {key: _value(value) for key, value in data.items()}, ""
    except RecursionError:
        return None, "JSON, but nested too deeply"


def _value(value: object) -> Value:
    if isinstance(value, list) and all(isinstance(row, dict) for row in value):
        return [{key: _text(cell) or "" for key, cell in row.items()} for row in value]
    return _text(value)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
