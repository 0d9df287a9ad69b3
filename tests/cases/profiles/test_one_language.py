"""A drawn document is of one language, one country and one currency."""

from __future__ import annotations

import re

import pytest

from pytest_slm_autopsy import DocumentSchema, Field, values
from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.drawn.phrases import phrases
from pytest_slm_autopsy.cases.drawn.shifts import Mixture
from pytest_slm_autopsy.cases.drawn.suites import default_conditions, draw_suite, stream_cases
from pytest_slm_autopsy.cases.profiles.profile import learn_profile
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, ITEMISED_INVOICE, RECEIPT
from pytest_slm_autopsy.cases.schemas.countries import countries, localised
from pytest_slm_autopsy.cases.schemas.labels import table
from tests.cases.profiles import made_piles

COUNTRIES = {"german": "DE", "french": "FR", "polish": "PL", "receipts": "MY"}
DUTCH = [
    f"Factuurnummer: F-{n}\nFactuurdatum: 1{n % 9}-03-2025\nBedankt voor uw bezoek\nTotaal: {n},50"
    for n in range(100, 120)
]
SPANISH = [
    f"Factura n.º: F-{n}\nFecha: 1{n % 9}/03/2025\nAtendido por: Nombre\nTotal: {n},50 €"
    for n in range(100, 120)
]


def pile(name):
    return getattr(made_piles, name)()[0]


@pytest.mark.parametrize(("name", "code"), COUNTRIES.items())
def test_names_and_currency_are_of_the_country_of_the_pile(name, code):
    schema = RECEIPT if name == "receipts" else INVOICE
    country = countries()[code]
    profile = learn_profile(pile(name), schema=schema)
    assert {page.country for page in profile.pages} == {code}
    for case in draw_suite(schema, 30, 2, {"plain": {}, "pile": profile.mixture})["pile"]:
        vendor = case.truth["vendor"].casefold()
        assert any(vendor.endswith(form.casefold()) for form in country.forms), case.text
        if schema is INVOICE:
            assert case.truth["currency"] == country.currency
        else:
            assert not {"€", "EUR", "MYR"} & {
                *re.findall(r"€|(?<![A-Z])[A-Z]{3}(?![A-Z])", case.text)
            }


@pytest.mark.parametrize(
    ("texts", "language", "code"),
    [
        (pile("german"), "de", "DE"),
        (pile("french"), "fr", "FR"),
        (pile("polish"), "pl", "PL"),
        (DUTCH, "nl", "NL"),
        (SPANISH, "es", "ES"),
    ],
)
def test_every_word_of_a_drawn_document_is_of_its_language(texts, language, code):
    profile = learn_profile(texts)
    assert {page.language for page in profile.pages} == {language}
    known = _words(
        *(one.text for one in table() if one.language == language),
        *(one for use in USES for one in phrases(language, use)),
        *(part for listed in countries()[code] for part in _listed(listed)),
        *values.GIVEN_NAMES, *values.PAYMENT_TERMS, "info example com org net office mail www shop",
        *countries(), "service", "INV RE F A PO B ORD",
    )  # fmt: skip
    for case in stream_cases(INVOICE, 30, 4, {"pile": profile.mixture}):
        strange = {word for word in _words(case.text) - known if len(word) > 2}
        assert strange - {"eur", "pln"} == set(), case.text


USES = (
    "heading", "section", "note", "short", "page", "hours", "column", "goods", "unit", "phone",
    "fax", "mail", "web", "registration", "bank", "person", "count", "amount", "code", "day",
)  # fmt: skip


def _words(*texts):
    return {word for text in texts for word in re.findall(r"[^\W\d_]+", text.casefold())}


def _listed(part):
    return (part,) if isinstance(part, str) else part


@pytest.mark.parametrize(
    ("language", "head"),
    [("de", "Menge"), ("fr", "Quantité"), ("nl", "Aantal"), ("pl", "Ilość"), ("es", "Cantidad")],
)
def test_a_mixture_has_tables_and_lines_in_the_language_of_its_labels(language, head):
    mixture = Mixture({"language": 1.0, "boilerplate": 1.0, "distractors": 1.0}, severities=(1.0,))
    cases = list(stream_cases(ITEMISED_INVOICE, 120, 1, {"mixed": mixture}))
    own = [case for case in cases if re.search(rf"\b{head} ", case.text)]
    assert len(own) > 5
    english = ("Description", "Quantity", "Thank you", "Cash:", "Change:", "TAX INVOICE", "Phone")
    assert [case.text for case in own if any(word in case.text for word in english)] == []


def test_an_axis_alone_draws_as_ever():
    cases = stream_cases(ITEMISED_INVOICE, 20, 1, {"language": {"language": 1.0}})
    assert all("Description   " in case.text for case in cases)


def test_all_conditions_share_the_record_of_the_country():
    profile = learn_profile(pile("polish"))
    suite = draw_suite(INVOICE, 10, 1, default_conditions(INVOICE, profile.mixture))
    vendors = [[case.truth["vendor"] for case in suite[name]] for name in ("canonical", "order")]
    assert vendors[0] == vendors[1] == [case.truth["vendor"] for case in suite.production]


def test_a_draw_of_the_users_own_is_left_alone():
    schema = DocumentSchema(
        "toy",
        (
            Field("firm", "Firm", values.company, kind="company"),
            Field("coin", "Coin", values.one_of(("JPY",)), kind="currency"),
            Field("buyer", "Buyer", values.one_of(("Ann Ltd",)), kind="company"),
        ),
    )
    drawn = schema.draw(SeededChoices("1"))
    local = localised(schema, drawn, "DE", SeededChoices("2"), upper=True)
    assert (local["coin"], local["buyer"]) == ("JPY", "Ann Ltd")
    assert local["firm"] != drawn["firm"]
    assert local["firm"].isupper()


def test_a_document_that_tells_no_country_keeps_the_usual_names():
    texts = [f"Invoice No: A-{n}\nTotal: {n}.00" for n in range(10, 20)]
    profile = learn_profile(texts)
    assert {page.country for page in profile.pages} == {""}
    [plain] = stream_cases(INVOICE, 1, 3, {"plain": {}})
    *_, drawn = stream_cases(INVOICE, 1, 3, {"plain": {}, "pile": profile.mixture})
    assert drawn.truth["vendor"] == plain.truth["vendor"]
