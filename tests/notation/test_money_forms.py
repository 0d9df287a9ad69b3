# ruff: noqa: RUF001
"""Amounts are printed in a form, and their form is told from a print or a sample."""

from __future__ import annotations

import pytest

from pytest_slm_autopsy.notation.figures.amounts import whole_amount
from pytest_slm_autopsy.notation.figures.money_forms import (
    MONEY_LOCALES,
    MoneyForm,
    form_of,
    is_code,
    is_open_amount,
    open_groups,
    print_amount,
    shown_form,
)


@pytest.mark.parametrize(
    ("value", "form", "printed"),
    [
        ("1234.50", MoneyForm(), "1234.50"),
        ("1234.00", MoneyForm(whole=True), "1234"),
        ("1234", MoneyForm(whole=True), "1234"),
        ("1234", MoneyForm(), "1234.00"),
        ("1234.50", MoneyForm(whole=True), "1234.50"),
        ("-1234.50", MoneyForm(), "-1234.50"),
        ("-5.00", MoneyForm(negative="trailing"), "5.00-"),
        ("-5.00", MoneyForm(negative="brackets"), "(5.00)"),
        ("-5.00", MoneyForm(negative="credit"), "5.00 CR"),
        ("-5.00", MoneyForm(negative="debit"), "5.00 DR"),
        ("5.00", MoneyForm(negative="debit"), "5.00"),
        ("1234567.50", MoneyForm(grouped=True), "1,234,567.50"),
        ("1234567.50", MoneyForm(locale="de", grouped=True), "1.234.567,50"),
        ("1234567.50", MoneyForm(locale="en_IN", grouped=True), "12,34,567.50"),
        ("12345678.00", MoneyForm(locale="en_IN", grouped=True), "1,23,45,678.00"),
        ("123.00", MoneyForm(locale="en_IN", grouped=True), "123.00"),
        ("1234.00", MoneyForm(locale="en_IN", grouped=True), "1,234.00"),
        ("999.50", MoneyForm(grouped=True), "999.50"),
        ("1234.50", MoneyForm(grouped=True, marks=(",", "’")), "1’234,50"),
        ("0.50", MoneyForm(grouped=True), "0.50"),
        ("100.10", MoneyForm(locale="en_IN", grouped=True, whole=True), "100.10"),
        ("0123.00", MoneyForm(locale="en_IN", grouped=True), "0,123.00"),
        ("012.00", MoneyForm(locale="en_IN", grouped=True), "12.00"),
        ("1234.50", MoneyForm(locale="en_IN"), "1234.50"),
    ],
)
def test_an_amount_is_printed_in_a_form(value, form, printed):
    assert print_amount(value, form) == printed


@pytest.mark.parametrize(
    ("form", "sample"),
    [
        (MoneyForm(), "1234.50"),
        (MoneyForm(whole=True), "1234"),
        (MoneyForm(grouped=True), "1,234.50"),
        (MoneyForm(locale="de", grouped=True, currency="after", symbol=True), "1.234,50 ¤"),
        (MoneyForm(currency="before"), "XXX 1234.50"),
        (MoneyForm(currency="before", symbol=True), "¤1234.50"),
        (MoneyForm(currency="label"), "(XXX) 1234.50"),
        (MoneyForm(currency="label", symbol=True), "(¤) 1234.50"),
        (MoneyForm(currency="after"), "1234.50 XXX"),
        (MoneyForm(locale="en_IN", grouped=True), "12,34,567.50"),
        (MoneyForm(locale="en_IN"), "1234.50"),
        (MoneyForm(locale="fr", grouped=True), "1 234,50"),
        (MoneyForm(locale="de_CH", grouped=True), "1’234.50"),
        (MoneyForm(locale="en_IN", grouped=True, whole=True), "12,34,567"),
        (MoneyForm(marks=(",", "’"), grouped=True), "1’234,50"),
    ],
)
def test_a_form_has_a_name_that_people_read(form, sample):
    assert form.sample == sample


@pytest.mark.parametrize(
    ("sample", "form"),
    [
        ("1234.50", MoneyForm()),
        ("1,234.50", MoneyForm(grouped=True)),
        ("1.234,50 ¤", MoneyForm(locale="de", grouped=True, currency="after", symbol=True)),
        ("¤1,234.50", MoneyForm(grouped=True, currency="before", symbol=True)),
        ("XXX 1,234.50", MoneyForm(grouped=True, currency="before")),
        ("(XXX) 1,234.50", MoneyForm(grouped=True, currency="label")),
        ("(¤) 1.234,50", MoneyForm(locale="de", grouped=True, currency="label", symbol=True)),
        ("1 234,50", MoneyForm(locale="fr", grouped=True)),
        ("1’234.50", MoneyForm(locale="de_CH", grouped=True)),
        ("12,34,567.50", MoneyForm(locale="en_IN", grouped=True)),
        ("1234", MoneyForm(whole=True)),
        ("1.234", MoneyForm(locale="de", grouped=True, whole=True)),
        ("1,234", MoneyForm(grouped=True, whole=True)),
        ("1234,50", MoneyForm(locale="de")),
        ("1 234.50", MoneyForm(grouped=True, marks=(".", " "))),
        ("", MoneyForm(whole=True)),
        ("foo", MoneyForm(whole=True)),
        ("(€) 5.00", MoneyForm(currency="label", symbol=True)),
        ("(Kč) 1.234,50", MoneyForm(locale="de", grouped=True, currency="label", symbol=True)),
        ("5", MoneyForm(whole=True)),
        ("1234.50 XXX", MoneyForm(currency="after")),
        ("1’234,50", MoneyForm(grouped=True, marks=(",", "’"))),
        ("1 234", MoneyForm(locale="fr", grouped=True, whole=True)),
    ],
)
def test_a_sample_tells_its_form(sample, form):
    assert form_of(sample) == form


@pytest.mark.parametrize(
    ("printed", "labelled", "form"),
    [
        (["5 EUR", "1.234,50", "7"], "", MoneyForm(locale="de", grouped=True, currency="after")),
        (["5 EUR", "1.234,50", "7"], "USD", MoneyForm(locale="de", grouped=True, currency="label")),
        (["5", "1.50"], "$", MoneyForm(currency="label", symbol=True)),
        ([], "", MoneyForm(whole=True)),
        ([], "EUR", MoneyForm(currency="label", whole=True)),
        (["1,234", "5"], "", MoneyForm(grouped=True, whole=True)),
        (["1234567", "12,34,567"], "", MoneyForm(locale="en_IN", grouped=True, whole=True)),
        (
            ["1.234.567", "5,50 €"],
            "",
            MoneyForm(locale="de", grouped=True, currency="after", symbol=True),
        ),
        (["€ 5"], "", MoneyForm(currency="before", symbol=True, whole=True)),
        (["1’234.50"], "", MoneyForm(locale="de_CH", grouped=True)),
        (["1'234.50"], "", MoneyForm(locale="de_CH", grouped=True)),
        (["1 234,50"], "", MoneyForm(locale="fr", grouped=True)),
    ],
)
def test_amounts_show_their_form_together(printed, labelled, form):
    assert shown_form([whole_amount(one) for one in printed], labelled) == form


@pytest.mark.parametrize(
    ("printed", "is_open"),
    [
        ("1.234", True),
        ("1,234", True),
        ("1.234,50", False),
        ("1234", False),
        ("1.2345", False),
        ("0.234", False),
        ("1.234.567", False),
        ("1 234", False),
        ("foo 1.234", False),
        ("1.234%", True),
        ("-1.234", True),
    ],
)
def test_one_mark_before_three_digits_leaves_an_amount_open(printed, is_open):
    assert is_open_amount(printed) is is_open


@pytest.mark.parametrize(
    ("sample", "forms"),
    [
        ("1234.50", ["1234.50", "1,234.50", "1 234.50", "1’234.50"]),
        ("1,234.50", ["1234.50", "1,234.50", "1 234.50", "1’234.50"]),
        ("1.234,50", ["1234,50", "1.234,50", "1 234,50", "1’234,50"]),
        ("1234", ["1234", "1,234", "1.234", "1 234", "1’234"]),
        ("1.234", ["1234", "1,234", "1.234", "1 234", "1’234"]),
        ("¤1,234.50", ["¤1234.50", "¤1,234.50", "¤1 234.50", "¤1’234.50"]),
    ],
)
def test_a_sample_is_shown_with_every_mark_of_thousands(sample, forms):
    assert list(open_groups(sample)) == forms


def test_a_code_is_no_sign():
    assert [is_code(mark) for mark in ("EUR", "XXX", "€", "¤", "eur", "")] == [
        True,
        True,
        *[False] * 4,
    ]


def test_locales_of_a_hundred_documents_are_a_hundred():
    assert sum(often for _, often in MONEY_LOCALES) == 100


def test_a_form_is_plain_unless_it_is_told():
    assert MoneyForm() == MoneyForm("en", False, "", False, "-", False, None)
