"""The JSON Schema of the report's document, read off its records."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from importlib.resources import files
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from pytest_slm_autopsy.report.data import REPORT_VERSION, ReportData

NAME: Final = "report.schema.json"
_PLAIN: Final[Mapping[Any, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    NoneType: "null",
}


def stored_schema() -> dict[str, Any]:
    """Return the JSON Schema that the package brings along."""
    text = (files("pytest_slm_autopsy.report") / NAME).read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the document that ``ReportData.to_json`` writes."""
    known: dict[str, Any] = {}
    _record(ReportData, known)
    document = known.pop("ReportData")
    document["properties"] = {"version": {"const": REPORT_VERSION}, **document["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Report of pytest-slm-autopsy",
        **document,
        "required": ["version", *document["required"]],
        "$defs": dict(sorted(known.items())),
    }


def _record(kind: Any, known: dict[str, Any]) -> dict[str, str]:
    if kind.__name__ not in known:
        known[kind.__name__] = {}  # it may refer to itself
        hints = get_type_hints(kind)
        parts = [one for one in fields(kind) if one.metadata.get("data", True)]
        known[kind.__name__] = {
            "type": "object",
            "properties": {one.name: _of(hints[one.name], known) for one in parts},
            "required": [
                one.name
                for one in parts
                if one.default is MISSING and one.default_factory is MISSING
            ],
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _of(kind: Any, known: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of one annotation."""
    if is_dataclass(kind):
        return _record(kind, known)
    if kind is float:  # a number that is not finite is written as null
        return {"type": ["number", "null"]}
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return {"anyOf": [_of(one, known) for one in inner]}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin is tuple and inner[-1] is Ellipsis:
        return {"type": "array", "items": _of(inner[0], known)}
    if origin is tuple:
        parts = [_of(one, known) for one in inner]
        return {"type": "array", "prefixItems": parts, "minItems": len(parts), "items": False}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _of(inner[1], known)}
    return {}
