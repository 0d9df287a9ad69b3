"""Cases that a base without fine-tuning answers sanely: three examples stand before each."""

from __future__ import annotations

from itertools import cycle, islice

from pytest_slm_autopsy import Case
from pytest_slm_autopsy.records import DOCUMENT

SHOWN = {
    "Vendor: Acme Ltd\nTotal: 12.00 EUR": '{"vendor":"Acme Ltd","total":"12.00"}',
    "Sold by Nordwind GmbH\nAmount due 310.20": '{"vendor":"Nordwind GmbH","total":"310.20"}',
    "Total 7.50\nFrom: Café Été": '{"vendor":"Café Été","total":"7.50"}',
}
VENDORS = (
    *("Blue Kite Ltd", "Müller & Söhne", "東京 Books", "Zebra Inc.", "O'Neil Bros"),
    *("Łódź Tekstyl", "Ink & Paper", "Pho 24", "Taxi 🚕 Rom", "Harbour Mills"),
)


def few_shots(count):
    """Return so many invoices of two fields, each with a chat that shows three others."""
    shown = [
        turn for pair in SHOWN.items() for turn in zip(("user", "assistant"), pair, strict=True)
    ]
    return [_case(n, vendor, (*shown, ("user", DOCUMENT))) for n, vendor in _vendors(count)]


def asked(text, *, copied=()):
    """Return a case that asks for nothing but a copy of ``text``, after the texts in ``copied``."""
    shown = [(role, one) for one in copied for role in ("user", "assistant")]
    return Case(text, text, {"copy": text}, turns=(*shown, ("user", DOCUMENT)))


def _vendors(count):
    return enumerate(islice(cycle(VENDORS), count), start=1)


def _case(number, vendor, turns):
    total = f"{number * 7 % 13}{number % 10}.{number * 3 % 10}0"
    text = f"Vendor: {vendor}\nTotal: {total} EUR"
    return Case(str(number), text, {"vendor": vendor, "total": total}, turns=turns)
