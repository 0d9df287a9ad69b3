"""What is drawn from a profile looks like its documents, and keeps what every drawn case keeps."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.drawn.axes.axis import Sheet
from pytest_slm_autopsy.cases.drawn.habits import Habits
from pytest_slm_autopsy.cases.drawn.layout import canonical
from pytest_slm_autopsy.cases.drawn.shifts import AXES, Mixture, applicable, shifted
from pytest_slm_autopsy.cases.drawn.suites import default_conditions, draw_suite, stream_cases
from pytest_slm_autopsy.cases.profiles.profile import learn_profile
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, ITEMISED_INVOICE, RECEIPT
from pytest_slm_autopsy.cases.strategies import shifted_invoices
from pytest_slm_autopsy.errors import CaseError, NoDataError
from pytest_slm_autopsy.measures.inputs.shapes import format_two_sample, profile_divergence
from pytest_slm_autopsy.records import legible

GERMAN = Path(__file__).parent / "german_invoices.jsonl"
TEXTS = [json.loads(line)["text"] for line in GERMAN.read_text(encoding="utf-8").splitlines()]
PROFILE = learn_profile(TEXTS)
NEAT = learn_profile(
    [f"Total :          {n},50 EUR\nDue Date :       0{n % 9 + 1}.04.2025" for n in range(40)]
)
CASES = list(stream_cases(INVOICE, 200, 3, {"pile": PROFILE.mixture}))


def smallest(strategy, wanted):
    chosen = settings(max_examples=3000, database=None, deadline=None)
    return find(strategy, wanted, settings=chosen, random=random.Random(1))


def holds_its_truth(case):
    stated = {name: value for name, value in case.truth.items() if isinstance(value, str)}
    return all(legible(case.text[slice(*case.spans[name])]) == stated[name] for name in stated)


def test_drawn_documents_have_the_profile_they_were_drawn_from():
    again = learn_profile(CASES)
    far = {
        name: (rate.value, again.axes[name].value)
        for name, rate in PROFILE.axes.items()
        # of several fields on a row some leave no lines for the others
        if abs(rate.value - again.axes[name].value) > 0.15 and not AXES[name].takes
    }
    assert far == {}
    assert next(iter(again.forms["language"])) == "de"
    assert {*again.forms["date"]} <= {"DD.MM.YYYY", "YYYY-MM-DD"}


def test_marks_and_values_are_printed_as_they_were_seen():
    mixture = NEAT.mixture
    assert mixture.rates["dates"] == mixture.rates["money"] == mixture.rates["delimiters"] == 1.0
    case = next(
        case
        for case in stream_cases(INVOICE, 50, 1, {"pile": mixture})
        if {"dates", "money", "delimiters"} <= case.shift.keys() <= {*mixture.rates}
        and re.search("^Total", case.text, re.MULTILINE)
    )
    total, due = case.truth["total"], case.truth["issue_date"]
    lines = case.text.splitlines()
    [line] = [line for line in lines if line.startswith("Total")]
    assert line.split() == ["Total", ":", total, case.truth["currency"]]
    assert line.index(total) > 12
    assert "," in total
    assert due[2] == due[5] == "."


@pytest.mark.parametrize("schema", [INVOICE, ITEMISED_INVOICE, RECEIPT])
@pytest.mark.parametrize("profile", [PROFILE, NEAT])
def test_every_value_stands_where_it_is_said_to(schema, profile):
    for case in stream_cases(schema, 60, 5, {"pile": profile.mixture}):
        assert holds_its_truth(case), case.text


@given(shifted_invoices(profile=PROFILE))
@settings(deadline=None)
def test_hypothesis_draws_from_it_too(case):
    assert holds_its_truth(case)
    assert {name for name in case.shift if not PROFILE.axes[name].count} == set()


@given(st.sampled_from(applicable(INVOICE)), st.integers(0, 2**32))
@settings(deadline=None)
def test_an_axis_always_shifts_something(axis, seed):
    choices = SeededChoices(str(seed))
    sheet = Sheet(INVOICE, INVOICE.draw(choices), habits=PROFILE.habits)
    assert shifted(sheet, {axis: 0.5}, choices) != canonical(INVOICE)


@pytest.mark.parametrize("axis", ["dates", "delimiters", "language", "missing"])
def test_a_failure_shrinks_to_its_axis(axis):
    case = smallest(shifted_invoices(profile=PROFILE), lambda case: axis in case.shift)
    assert case.shift == {axis: 0.05}


def test_axes_can_be_named_with_a_profile():
    case = smallest(shifted_invoices(profile=PROFILE, axes=["dates", "digits"]), lambda case: True)
    assert {*case.shift} <= {"dates"}


UNTOLD = [f"Invoice Date: 03/0{n}/2025\nTotal: {n}.00" for n in (4, 5, 6)]


def dates_drawn(texts, schema):
    habits = learn_profile(texts).habits
    plain = stream_cases(schema, 200, 1, {"plain": {}})
    drawn = stream_cases(schema, 200, 1, {"pile": Mixture({"dates": 1.0}, habits=habits)})
    return [
        (one.truth["issue_date"], other.truth["issue_date"], other.text)
        for one, other in zip(plain, drawn, strict=True)
        if other.truth["issue_date"]
    ]


def test_days_that_nothing_tells_from_months_are_drawn_in_the_other_forms_seen():
    for _, printed, _ in dates_drawn([*UNTOLD, "Invoice Date: 2 May 2025\nTotal: 1.00"], INVOICE):
        assert "/" not in printed


def test_where_nothing_else_was_seen_both_orders_are_drawn():
    drawn = [(day, printed) for day, printed, _ in dates_drawn(UNTOLD, INVOICE) if "/" in printed]
    day_first = sum(f"{day[8:]}/{day[5:7]}/{day[:4]}" == printed for day, printed in drawn)
    month_first = sum(f"{day[5:7]}/{day[8:]}/{day[:4]}" == printed for day, printed in drawn)
    assert min(day_first, month_first) > 60
    assert len(drawn) <= day_first + month_first


def test_a_plain_day_is_asked_for_only_where_its_print_tells():
    for day, plain, text in dates_drawn(UNTOLD, INVOICE.normalised()):
        assert plain == day
        printed = {f"{day[8:]}/{day[5:7]}/{day[:4]}", f"{day[5:7]}/{day[8:]}/{day[:4]}"}
        assert int(day[8:]) > 12 or day[5:7] == day[8:] or not any(one in text for one in printed)


def test_a_canonical_profile_draws_canonical_documents():
    plain = learn_profile([case.text for case in stream_cases(INVOICE, 9, 1, {"canonical": {}})])
    [case] = stream_cases(INVOICE, 1, 2, {"pile": plain.mixture})
    assert case.shift == {}
    assert smallest(shifted_invoices(profile=plain), lambda case: True).shift == {}


def test_a_suite_takes_production_from_the_profile():
    suite = draw_suite(INVOICE, 20, 1, default_conditions(INVOICE, PROFILE.mixture))
    usual = draw_suite(INVOICE, 20, 1)
    same = ("issue_date", "due_date", "subtotal", "tax", "total", "purchase_order")
    for case, other in zip(suite["order"], usual["order"], strict=True):
        assert [case.truth[name] for name in same] == [other.truth[name] for name in same]
    assert suite.production != usual.production
    assert all("language" in case.shift for case in suite.production)


def test_what_was_not_seen_is_drawn_as_ever():
    habits = Habits({"date": (("DD.MM.YYYY", 1),)})
    choices = SeededChoices("1")
    sheet = Sheet(INVOICE, INVOICE.draw(choices), habits=habits)
    assert shifted(sheet, {"delimiters": 1.0}, choices).delimiters


def test_drawn_documents_are_closer_to_the_observed_than_the_usual_ones():
    learnt = learn_profile(TEXTS[::2])
    drawn = draw_suite(INVOICE, 60, 1, default_conditions(INVOICE, learnt.mixture)).production
    usual = draw_suite(INVOICE, 60, 1).production
    near, far = (
        profile_divergence(cases, TEXTS[1::2], permutations=19) for cases in (drawn, usual)
    )
    assert 0 < near.value < far.value / 1.5 < 1
    assert profile_divergence(TEXTS, TEXTS, permutations=19).value == 0.0


def test_the_values_of_documents_are_no_part_of_their_format():
    first, second = (list(stream_cases(INVOICE, 40, seed, {"pile": {}})) for seed in (1, 2))
    told = profile_divergence(first, second, permutations=19)
    assert told.value < 0.01
    turned = stream_cases(INVOICE, 40, 2, {"pile": {"delimiters": 1.0}})
    assert profile_divergence(first, turned, permutations=19).value > 0.1


def test_a_classifier_names_the_shapes_that_tell_drawn_from_observed():
    plain = list(stream_cases(INVOICE, 60, 3, {"pile": {}}))
    told = format_two_sample(plain, ["Total = 1.00"] * 5 + ["Total= 2.00"] * 5, permutations=19)
    assert told.value > 0.9
    assert any("=" in one.ngram and one.side == "reference" for one in told.tokens)


@pytest.mark.parametrize(
    ("cases", "texts", "error", "said"),
    [
        ([], ["a"], NoDataError, "there are no drawn documents to compare; give at least one"),
        (["a"], [], NoDataError, "there are no observed documents to compare"),
        ([7], ["a"], CaseError, "the drawn side holds int; give cases or texts"),
    ],
)
def test_nothing_to_compare_is_a_sentence(cases, texts, error, said):
    with pytest.raises(error) as told:
        profile_divergence(cases, texts)
    assert said in str(told.value)


KINDS = {
    " = ": [f"Invoice No = A-{n}\nInvoice Date = 2{n % 9}/03/2025\nTotal = {n}.50" for n in (7, 8)],
    " : ": [f"Rechnungsnr. : R-{n}\nDatum : 1{n}.04.2025\nSumme : {n},50 €" for n in (5, 6, 9)],
    " # ": [f"N° de facture # F{n}\nDate : {n} mai 2025\nTotal TTC : {n},50" for n in (3, 4, 5)],
}
MIXED = learn_profile([text for texts in KINDS.values() for text in texts] * 4)


def test_a_drawn_document_is_of_one_kind():
    seen = set()
    for case in stream_cases(INVOICE, 60, 1, {"pile": MIXED.mixture}):
        german = "Rechnungsnr. : " in case.text
        english = "Invoice No = " in case.text
        french = "N° de facture # " in case.text
        assert german + english + french == 1, case.text
        assert german or "Währung" not in case.text
        assert english or "Currency" not in case.text
        day, total = case.truth["issue_date"], case.truth["total"]
        form = r"\d\d\.\d\d\.\d{4}" if german else r"\d\d/\d\d/\d{4}" if english else r"\d+ \w+ \d+"
        assert re.fullmatch(form, day), case.text
        assert ("." in total) == english
        seen.add((german, english))
    assert len(seen) == 3


@pytest.mark.parametrize("n", [1, 100, 101, 350])
def test_a_profile_keeps_the_pages_of_a_hundred_documents_at_most(n):
    texts = [f"Invoice No: A-{at}\nTotal: {at}.00\n" + "x\n" * at for at in range(n)]
    first, again = learn_profile(texts), learn_profile(texts)
    assert first.pages == again.pages
    assert len(first.pages) == min(n, 100)
    if n > 200:  # as likely to be kept, wherever it stands
        late = sum(len(page.lines) > n / 2 for page in first.pages if len(page.lines) < 200)
        assert 5 < late < 60


def test_a_line_stands_where_it_stood():
    texts = [f"TAX INVOICE\nInvoice No: A-{n}\n\n=====\nTotal: {n}.00\nTHANK YOU" for n in range(9)]
    for case in stream_cases(INVOICE, 30, 1, {"pile": learn_profile(texts).mixture}):
        lines = case.text.split("\n")
        at = next(n for n, line in enumerate(lines) if line.startswith("Invoice No: "))
        total = next(n for n, line in enumerate(lines) if line.startswith("Total: "))
        assert lines[0].isupper()
        assert lines[at + 1 : at + 3] == ["", "====="] or "=====" in lines[at:total]
        assert lines[-1].isupper()
