"""What a document states: fields, which of them are optional, and how they are labelled.

A schema of your own is a few lines::

    from pytest_slm_autopsy import DocumentSchema, Field, values

    ORDER = DocumentSchema("order", (
        Field("number", "Order Number", values.code(("PO",), 5)),
        Field("ordered", "Order Date", values.day),
        Field("note", "Note", values.one_of(("Urgent", "Standard")), optional=True),
    ))
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from pytest_slm_autopsy.cases import values
from pytest_slm_autopsy.cases.choices import Choices
from pytest_slm_autopsy.errors import CaseError, nearest


@dataclass(frozen=True)
class Field:
    """One field: the key of the answer, the printed label, and how its values are drawn.

    ``origin`` is the name that other fields' draws know it by, when it was renamed.
    """

    name: str
    label: str
    draw: values.Draw
    optional: bool = False
    origin: str = ""


@dataclass(frozen=True)
class DocumentSchema:
    """Fields in their canonical printing order."""

    name: str
    fields: tuple[Field, ...]

    def __post_init__(self) -> None:
        for what, seen in (("name", self.names), ("label", [f.label for f in self.fields])):
            if double := next((x for x in seen if list(seen).count(x) > 1), None):
                raise CaseError(f"schema {self.name!r}: two fields share the {what} {double!r}")
        if not self.fields:
            raise CaseError(f"schema {self.name!r} has no fields; give it at least one")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Field names in canonical order."""
        return tuple(field.name for field in self.fields)

    @cached_property
    def optional(self) -> tuple[str, ...]:
        """Names of the fields that a document may leave out."""
        return tuple(field.name for field in self.fields if field.optional)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Field name to printed label."""
        return {field.name: field.label for field in self.fields}

    def select(self, **names: str) -> DocumentSchema:
        """Some of the fields under names of your own: ``select(invoice_number="id")``.

        Raises:
            CaseError: a field that the schema does not have.
        """
        known = {field.name: field for field in self.fields}
        if unknown := next((name for name in names if name not in known), None):
            raise CaseError(
                f"schema {self.name!r} has no field {unknown!r}; {nearest(unknown, known)}"
            )
        chosen = (
            replace(known[old], name=new, origin=known[old].origin or old)
            for old, new in names.items()
        )
        return replace(self, fields=tuple(chosen))

    def draw(self, choices: Choices) -> dict[str, str]:
        """One record: a value for every field, optional ones included."""
        drawn: dict[str, str] = {}
        for field in self.fields:
            drawn[field.origin or field.name] = field.draw(choices, drawn)
        return dict(zip(self.names, drawn.values(), strict=True))


INVOICE: Final = DocumentSchema(
    "invoice",
    (
        Field("invoice_number", "Invoice Number", values.code(("INV", "RE", "F", "A"), 5)),
        Field("issue_date", "Invoice Date", values.day),
        Field("due_date", "Due Date", values.day_after("issue_date"), optional=True),
        Field("vendor", "Vendor", values.company),
        Field("customer", "Customer", values.customer),
        Field("currency", "Currency", values.one_of(values.CURRENCIES)),
        Field("subtotal", "Subtotal", values.amount),
        Field("tax", "Tax", values.share_of("subtotal", (20, 19, 21, 7, 0))),
        Field("total", "Total", values.sum_of("subtotal", "tax")),
        Field(
            "purchase_order", "Purchase Order", values.code(("PO", "B", "ORD"), 6), optional=True
        ),
        Field("payment_terms", "Payment Terms", values.one_of(values.PAYMENT_TERMS), optional=True),
    ),
)
