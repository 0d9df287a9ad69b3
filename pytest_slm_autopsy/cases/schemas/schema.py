"""Schemas: the fields of a document, with their kinds, labels and values.

A schema of your own is a few lines::

    from pytest_slm_autopsy import DocumentSchema, Field, values

    ORDER = DocumentSchema("order", (
        Field("number", "Order Number", values.code(("PO",), 5), kind="code"),
        Field("ordered", "Order Date", values.day, kind="date"),
        Field("goods", "Goods Value", values.amount, kind="money"),
        Field("note", "Note", values.one_of(("Urgent", "Standard")), optional=True),
    ))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from pytest_slm_autopsy.cases.choices import Choices
from pytest_slm_autopsy.cases.schemas import values
from pytest_slm_autopsy.cases.schemas.labels import Synonyms
from pytest_slm_autopsy.errors import CaseError, nearest
from pytest_slm_autopsy.notation.kinds import KINDS

Record = Mapping[str, Any]
"""Field name to plain value: a text, or the rows of a table of items."""


@dataclass(frozen=True)
class Field:
    """One field: the key of the answer, the printed label, and the draw of its values.

    ``kind`` decides which shifts fit: dates and money are printed in many forms, a unique date
    needs no label. ``answer`` is the form of the right answer: the value as printed (``verbatim``),
    or the plain value (``normalised``: ISO days, amounts such as ``-1234.50``, ASCII digits).
    ``synonyms`` are labels by language; in English ``label`` comes first. ``origin`` is the name
    before a renaming: the draws of other fields still use it.
    """

    name: str
    label: str
    draw: values.Draw
    optional: bool = False
    origin: str = ""
    kind: str = "text"
    synonyms: Synonyms = field(default_factory=dict)
    answer: Literal["verbatim", "normalised"] = "verbatim"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise CaseError(
                f"field {self.name!r} has the unknown kind {self.kind!r}; "
                f"{nearest(self.kind, KINDS)}"
            )
        if self.answer not in ("verbatim", "normalised"):
            raise CaseError(
                f"field {self.name!r} has the unknown answer {self.answer!r}; "
                f"{nearest(self.answer, ('verbatim', 'normalised'))}"
            )
        if not self.label.strip():
            raise CaseError(f"field {self.name!r} has no label, so no layout can show it")

    def labels(self, language: str) -> tuple[str, ...]:
        """Return the labels of a language, the plainest first; empty if none is known."""
        return self._english if language == "en" else self.synonyms.get(language, ())

    @cached_property
    def _english(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.label, *self.synonyms.get("en", ()))))


@dataclass(frozen=True)
class DocumentSchema:
    """Fields in their canonical printing order."""

    name: str
    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        for what, seen in (("name", self.names), ("label", [f.label for f in self.fields])):
            plain = [text if what == "name" else text.casefold() for text in seen]
            for shown, text in zip(seen, plain, strict=True):
                if plain.count(text) > 1:
                    raise CaseError(f"schema {self.name!r}: two fields share the {what} {shown!r}")
        if not self.fields:
            raise CaseError(f"schema {self.name!r} has no fields; give it at least one")

    def __hash__(self) -> int:
        return hash((self.name, self.names))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the field names in canonical order."""
        return tuple(field.name for field in self.fields)

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Map field name to field."""
        return {field.name: field for field in self.fields}

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """Return the names of the fields that a document may leave out."""
        return tuple(field.name for field in self.fields if field.optional)

    @cached_property
    def asked_plain(self) -> tuple[Field, ...]:
        """Return the fields whose right answer is the plain value."""
        return tuple(field for field in self.fields if field.answer == "normalised")

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Map field name to printed label."""
        return {field.name: field.label for field in self.fields}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Return the languages, except English, in which every field has a label of its own."""
        known = [set(field.synonyms) for field in self.fields]
        shared = set.intersection(*known) - {"en"}
        alike = {
            code
            for code in shared
            if len({field.labels(code)[0].casefold() for field in self.fields}) < len(self.fields)
        }
        return tuple(code for code in self.fields[0].synonyms if code in shared - alike)

    @cached_property
    def every_label(self) -> frozenset[str]:
        """Return every label of every field, in lower case."""
        return frozenset(
            label.lower()
            for field in self.fields
            for labels in ((field.label,), *field.synonyms.values())
            for label in labels
        )

    def of_kind(self, *kinds: str) -> tuple[str, ...]:
        """Return the names of the fields of these kinds, in canonical order."""
        return tuple(field.name for field in self.fields if field.kind in kinds)

    def select(self, **names: str) -> DocumentSchema:
        """Return a schema of some fields under new names: ``select(invoice_number="id")``.

        Raises:
            CaseError: a field that the schema does not have.
        """
        self._know(*names)
        chosen = (
            replace(self.by_name[old], name=new, origin=self.by_name[old].origin or old)
            for old, new in names.items()
        )
        return replace(self, fields=tuple(chosen))

    def normalised(self, *names: str) -> DocumentSchema:
        """Return this schema with normalised answers, such as ISO days, for ``names`` or for all.

        Raises:
            CaseError: a field that the schema does not have.
        """
        self._know(*names)
        chosen = names or self.names
        return replace(
            self,
            fields=tuple(
                replace(one, answer="normalised") if one.name in chosen else one
                for one in self.fields
            ),
        )

    def draw(self, choices: Choices) -> dict[str, Any]:
        """Draw one record: a value for every field, also for optional ones."""
        drawn: dict[str, Any] = {}
        for one in self.fields:
            drawn[one.origin or one.name] = one.draw(choices, drawn)
        return dict(zip(self.names, drawn.values(), strict=True))

    def _know(self, *names: str) -> None:
        if unknown := next((name for name in names if name not in self.by_name), None):
            raise CaseError(
                f"schema {self.name!r} has no field {unknown!r}; {nearest(unknown, self.by_name)}"
            )
