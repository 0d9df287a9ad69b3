"""The schemas that come with the package: invoices and till receipts."""

from __future__ import annotations

from typing import Final

from pytest_slm_autopsy.cases.schemas import values
from pytest_slm_autopsy.cases.schemas.labels import LABELS
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field


def _field(
    name: str, concept: str, draw: values.Draw, kind: str = "text", *, optional: bool = False
) -> Field:
    synonyms = LABELS[concept]
    return Field(name, synonyms["en"][0], draw, optional, kind=kind, synonyms=synonyms)


INVOICE: Final = DocumentSchema(
    "invoice",
    (
        _field("invoice_number", "invoice number", values.code(("INV", "RE", "F", "A"), 5), "code"),
        _field("issue_date", "date", values.day, "date"),
        _field("due_date", "due date", values.day_after("issue_date"), "date", optional=True),
        _field("vendor", "vendor", values.company, "company"),
        _field("customer", "customer", values.customer, "company"),
        _field("currency", "currency", values.currency, "currency"),
        _field("subtotal", "subtotal", values.amount, "money"),
        _field("tax", "tax", values.share_of("subtotal", (20, 19, 21, 7, 0)), "money"),
        _field("total", "total", values.sum_of("subtotal", "tax"), "money"),
        _field(
            "purchase_order",
            "purchase order",
            values.code(("PO", "B", "ORD"), 6),
            "code",
            optional=True,
        ),
        _field(
            "payment_terms", "payment terms", values.one_of(values.PAYMENT_TERMS), optional=True
        ),
    ),
)
"""The schema of an invoice: parties, dates, currency and amounts."""

ITEMS: Final = _field("items", "items", values.items, "items")

ITEMISED_INVOICE: Final = DocumentSchema(
    "itemised invoice",
    (
        *INVOICE.fields[:6],
        ITEMS,
        _field("subtotal", "subtotal", values.sum_of_items("items"), "money"),
        *INVOICE.fields[7:],
    ),
)
"""The schema of an invoice with its rows of items."""

RECEIPT: Final = DocumentSchema(
    "receipt",
    (
        _field("vendor", "vendor", values.company, "company"),
        _field("address", "address", values.address, "address"),
        _field("receipt_number", "receipt number", values.code(("CS", "TD", "R", ""), 8), "code"),
        _field("date", "sales date", values.day, "date"),
        ITEMS,
        _field("subtotal", "subtotal", values.sum_of_items("items"), "money"),
        _field("tax_rate", "tax rate", values.percentage, "percentage", optional=True),
        _field("tax", "tax", values.rate_of("subtotal", "tax_rate"), "money"),
        _field("rounding", "rounding", values.rounding, "money", optional=True),
        _field("total", "total", values.sum_of("subtotal", "tax", "rounding"), "money"),
    ),
)
"""The schema of a till receipt with its rows of items."""
