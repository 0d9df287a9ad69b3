"""Documents in twelve languages, printed by Babel and not by us: every value of them is found."""

from __future__ import annotations

import json
from datetime import date

import pytest
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, format_percent

from pytest_slm_autopsy.cases.rewritten.finding.location import locate
from pytest_slm_autopsy.cases.rewritten.validation import validate_cases

# Locale, currency, and the words before number, day, sum, share and term.
PRINTED = {
    "en": ("en_GB", "GBP", "Invoice no.", "Date", "Total", "VAT", "Net", "30 days"),
    "de": ("de_DE", "EUR", "Rechnungsnummer", "Datum", "Summe", "USt", "Ziel", "30 Tage"),
    "fr": ("fr_FR", "EUR", "Facture n°", "Date", "Total TTC", "TVA", "Échéance", "30 jours"),
    "nl": ("nl_NL", "EUR", "Factuurnummer", "Datum", "Totaal", "BTW", "Termijn", "30 dagen"),
    "pl": ("pl_PL", "PLN", "Faktura nr", "Data", "Razem", "VAT", "Termin", "30 dni"),
    "es": ("es_ES", "EUR", "Factura n.º", "Fecha", "Total", "IVA", "Plazo", "30 días"),
    "it": ("it_IT", "EUR", "Fattura n.", "Data", "Totale", "IVA", "Termine", "30 giorni"),
    "pt": ("pt_PT", "EUR", "Fatura n.º", "Data", "Total", "IVA", "Prazo", "30 dias"),
    "sv": ("sv_SE", "SEK", "Fakturanummer", "Datum", "Summa", "Moms", "Villkor", "30 dagar"),
    "da": ("da_DK", "DKK", "Fakturanr.", "Dato", "I alt", "Moms", "Frist", "30 dage"),
    "cs": ("cs_CZ", "CZK", "Faktura č.", "Datum", "Celkem", "DPH", "Splatnost", "30 dnů"),
    "fi": ("fi_FI", "EUR", "Laskun nro", "Päivä", "Yhteensä", "ALV", "Ehto", "30 päivää"),
}
DAYS = [date(2024, month, day) for month, day in ((1, 31), (3, 4), (5, 26), (8, 9), (12, 12))]
WIDTHS = ("short", "medium", "long", "full")


def document(language, number):
    """A text and its truth; each number has another day, width of the day, and sum."""
    locale, currency, *words = PRINTED[language]
    day, width = DAYS[number % len(DAYS)], WIDTHS[number % len(WIDTHS)]
    total, rate, pieces = 1234.5 * (number + 1), 0.21, 159 + number
    printed = [
        f"{words[0]} RE-{2024 + number}",
        f"{words[1]}: {format_date(day, width, locale)}",
        f"{words[2]}: {format_currency(total, currency, locale=locale)}",
        f"{words[3]} {format_percent(rate, locale=locale)}",
        f"{words[4]}: {words[5]}",
        f"{format_decimal(pieces, '0.0000', locale)} x",
    ]
    truth = {
        "number": f"RE-{2024 + number}",
        "day": day.isoformat(),
        "total": f"{total:.2f}",
        "currency": currency,
        "rate": "21%",
        "term": "30 days",
        "quantity": str(pieces),
    }
    return "\n".join(printed), truth


@pytest.mark.parametrize("language", PRINTED)
def test_every_value_of_a_language_is_found(language, tmp_path):
    path = tmp_path / "mine.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for number in range(12):
            text, truth = document(language, number)
            file.write(json.dumps({"id": str(number), "text": text, "truth": truth}) + "\n")
    found = validate_cases(path)
    assert found.problems == ()
    assert found.absent == ()
    kinds = {name: found.schema.by_name[name].kind for name in found.fields}
    assert kinds == {
        "number": "code", "day": "date", "total": "money", "currency": "currency",
        "rate": "percentage", "term": "duration", "quantity": "quantity",
    }  # fmt: skip
    assert len(found.forms["day"]) > 1


@pytest.mark.parametrize("language", PRINTED)
def test_no_value_of_another_document_is_found(language):
    for number in range(12):
        text, truth = document(language, number)
        _, other = document(language, number + 1)
        for name in ("number", "day", "total", "quantity"):
            if other[name] != truth[name]:
                assert locate(text, other[name], _kind(name)).how == "absent", (text, other[name])


def _kind(name):
    return {"number": "code", "day": "date", "total": "money", "quantity": "quantity"}[name]
