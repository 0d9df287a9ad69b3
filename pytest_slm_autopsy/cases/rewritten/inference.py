"""Inference of a schema from cases: kinds from the values, labels from the words before them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pytest_slm_autopsy.cases.rewritten.axes.meanings import sure_meanings
from pytest_slm_autopsy.cases.rewritten.finding.location import Found, locate_all
from pytest_slm_autopsy.cases.rewritten.finding.votes import Pile
from pytest_slm_autopsy.cases.schemas import values
from pytest_slm_autopsy.cases.schemas.labels import Synonyms
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field
from pytest_slm_autopsy.notation.lines import label_before
from pytest_slm_autopsy.records import Case

WIDTH: Final = 80
MOST_OPTIONS: Final = 5
"""Values of plain text from which a field is drawn, and that are printed."""
_CODE: Final = re.compile(r"^(.*?)([^\w\s]?)((?<!\d)\d*)$", re.DOTALL)
_PLAIN: Final = re.compile(r"\d{4}-\d\d-\d\d|-?\d+\.\d\d")
"""A day or an amount that the print says in many ways."""
_DRAWS: Final[Mapping[str, tuple[str, values.Draw]]] = {
    "date": ("values.day", values.day),
    "money": ("values.amount", values.amount),
    "person": ("values.person", values.person),
    "company": ("values.company", values.company),
    "address": ("values.address", values.address),
    "percentage": ("values.percentage", values.percentage),
    "currency": ("values.one_of(values.CURRENCIES)", values.one_of(values.CURRENCIES)),
    "quantity": ("values.quantity", values.quantity),
    "duration": ("values.duration", values.duration),
    "identifier": ("values.iban", values.iban),
    "items": ("values.items", values.items),
}


def infer_schema(cases: Iterable[Case], name: str = "document") -> DocumentSchema:
    """Infer fields, kinds and labels from documents; a first draft, to be read and edited.

    A field gets the label that stands before its value most often, or its name where no label does.
    A field that any case lacks is optional. A known label brings its synonyms.

    Example:
        >>> case = Case("1", "Grand Total: 9.00", {"total": "9.00"})
        >>> [(f.label, f.kind) for f in infer_schema([case]).fields]
        [('Grand Total', 'money')]

    Raises:
        CaseError: no case has a truth with a field.
    """
    documents = list(cases)
    pile = Pile.of(documents)
    located = [locate_all(case, pile.kinds, pile.order) for case in documents]
    return schema_of(documents, pile.kinds, located, name)


def schema_of(
    cases: Sequence[Case],
    kinds: Mapping[str, str],
    located: Sequence[Mapping[str, Found]],
    name: str = "document",
) -> DocumentSchema:
    """Return the schema of cases whose values have been located."""
    votes: dict[str, Counter[str]] = {field: Counter() for field in kinds}
    for case, found in zip(cases, located, strict=True):
        for field, one in found.items():
            if one.spans and kinds[field] != "items":
                votes[field][label_before(case.text, one.spans[0])] += 1
    fields: list[Field] = []
    taken: set[str] = set()
    for field, kind in kinds.items():
        label = _label(field, votes[field], taken)
        taken.add(label.casefold())
        options = _options(cases, field)
        draw = _drawn(kind, options)[1]
        optional = any(not case.truth.get(field) for case in cases)
        plain = kind in ("date", "money") and _is_plain(field, cases, located)
        drawn = Field(field, label, draw, optional, kind=kind, synonyms=_synonyms(label, kind))
        fields.append(replace(drawn, answer="normalised") if plain else drawn)
    return DocumentSchema(name, tuple(fields))


def _is_plain(field: str, cases: Sequence[Case], located: Sequence[Mapping[str, Found]]) -> bool:
    """Tell whether all truths are plain values, and some text prints one in another form."""
    stated = [value for case in cases if isinstance(value := case.truth.get(field), str) and value]
    other = any(field in found and found[field].how == "normalised" for found in located)
    return other and all(map(_PLAIN.fullmatch, stated))


def schema_code(schema: DocumentSchema, cases: Iterable[Case]) -> str:
    """Return a schema as Python code to paste and edit, 80 columns wide where names allow.

    Plain texts are drawn from the first few texts of the cases.
    """
    documents = list(cases)
    lines = ["from pytest_slm_autopsy import DocumentSchema, Field, values", "", ""]
    lines += ["SCHEMA = DocumentSchema(", f"    {_quoted(schema.name)},", "    ("]
    for field in schema.fields:
        lines += _field_code(field, _options(documents, field.name))
    return "\n".join([*lines, "    ),", ")"])


def _field_code(field: Field, options: tuple[str, ...]) -> Iterator[str]:
    parts = [_quoted(field.name), _quoted(field.label), _drawn(field.kind, options)[0]]
    parts += ["optional=True"] * field.optional + [f'kind="{field.kind}"'] * (field.kind != "text")
    parts += [f'answer="{field.answer}"'] * (field.answer != "verbatim")
    inside = ", ".join(parts)
    if len(inside) + 16 <= WIDTH:
        yield f"        Field({inside}),"
        return
    yield "        Field("
    if len(inside) + 13 <= WIDTH:
        yield f"            {inside},"
    else:
        for part in parts:
            yield from _argument(part, options)
    yield "        ),"


def _argument(part: str, options: tuple[str, ...]) -> Iterator[str]:
    """Return an argument on a line of its own, or its long options on a line each."""
    if len(part) + 13 <= WIDTH or not part.startswith("values.one_of("):
        yield f"            {part},"
        return
    yield "            values.one_of(("
    yield from (f"                {_quoted(option)}," for option in options)
    yield "            )),"


def _drawn(kind: str, options: tuple[str, ...]) -> tuple[str, values.Draw]:
    """Return the draw of a kind of values, as code and as a function.

    Codes and texts are drawn like those that were seen.

    Example:
        >>> _drawn("code", ("NW-1001", "X77"))[0]
        'values.code(("NW", "X"), 4, ("-", ""))'
    """
    if kind in _DRAWS:
        return _DRAWS[kind]
    if kind == "code":
        parts = [_CODE.findall(code)[0] for code in options]
        prefixes, marks = (tuple(dict.fromkeys(part[i] for part in parts)) for i in (0, 1))
        digits = max(1, *(len(number) for _, _, number in parts))
        said = f"values.code({_tuple(prefixes)}, {digits}, {_tuple(marks)})"
        return said, values.code(prefixes, digits, marks)
    return f"values.one_of({_tuple(options)})", values.one_of(options)


def _label(field: str, votes: Counter[str], taken: set[str]) -> str:
    plain = field.replace("_", " ").strip().title() or "Field"
    offers = [label for label, _ in votes.most_common() if label and label.casefold() not in taken]
    offers = [label for label in offers if votes[label] * 4 >= votes.total()]
    if offers:
        return offers[0]
    number = 1
    label = plain
    while label.casefold() in taken:
        number += 1
        label = f"{plain} {number}"
    return label


def _synonyms(label: str, kind: str) -> Synonyms:
    """Return the labels that surely say the same as a label, by language."""
    return {one.language: one.labels for one in sure_meanings(label, kind)[:1]}


def _options(cases: Iterable[Case], field: str) -> tuple[str, ...]:
    seen = dict.fromkeys(
        value for case in cases if isinstance(value := case.truth.get(field), str) and value.strip()
    )
    return tuple(seen)[:MOST_OPTIONS] or ("",)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _tuple(options: tuple[str, ...]) -> str:
    inside = ", ".join(map(_quoted, options))
    return f"({inside}{',' * (len(options) == 1)})"
