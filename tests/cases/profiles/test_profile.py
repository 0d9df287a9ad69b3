# ruff: noqa: RUF001
"""A profile tells which layouts a pile uses: planted rates come back, forms are named."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from pytest_slm_autopsy.cases.drawn.shifts import AXES, Mixture
from pytest_slm_autopsy.cases.drawn.suites import stream_cases
from pytest_slm_autopsy.cases.profiles.profile import FormatProfile, learn_profile, load_profile
from pytest_slm_autopsy.cases.schemas.builtin import INVOICE, RECEIPT
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema, Field
from pytest_slm_autopsy.cases.schemas.values import code, day
from pytest_slm_autopsy.errors import CaseError
from pytest_slm_autopsy.notation.figures.money_forms import form_of

GERMAN = Path(__file__).parent / "german_invoices.jsonl"
SPARSE = {"order": 0.1, "delimiters": 0.3, "dates": 0.2, "language": 0.05, "whitespace": 0.1}
START = "Invoice Number: A-10000"
ALIKE = dict.fromkeys(AXES, 0.3)
INVOICES = [
    f"Rechnungsnummer : RE-{n}\nDatum : {n % 28 + 1:02}.04.2025\nWährung : EUR\nSumme : {n},50 €"
    for n in range(1000, 1040)
]


def drawn(mixture, seed, schema=INVOICE, n=500):
    return list(stream_cases(schema, n, seed, {"pile": mixture}))


def strangers(cases, profile):
    """Axes whose rate is neither within 0.05 of the planted one nor has it in its interval."""
    missed = {}
    for name, rate in profile.axes.items():
        planted = sum(name in case.shift for case in cases) / len(cases)
        low, high = rate.interval
        if abs(rate.value - planted) > 0.05 and not low <= planted <= high:
            missed[name] = (planted, rate.value)
    return missed


def random_rates(seed):
    # Blocks take lines from each other; of two columns then a row is left, which looks like pairs.
    rng = random.Random(f"planted {seed}")
    return {
        name: rng.choice((0.0, 0.1, 0.2) if AXES[name].takes else (0.0, 0.05, 0.1, 0.3, 0.6, 0.9))
        for name in AXES
    }


@pytest.mark.parametrize(
    ("rates", "seed"), [(None, 101), (SPARSE, 102), (ALIKE, 103), (random_rates(1), 104)]
)
def test_planted_rates_come_back(rates, seed):
    cases = drawn(Mixture(rates, least=0) if rates else Mixture(), seed)
    assert strangers(cases, learn_profile(cases)) == {}


@pytest.mark.slow  # forty piles of 500 documents: a minute
def test_any_planted_rates_come_back():
    missed, rates = {}, 0
    for seed in range(40):
        cases = drawn(Mixture(random_rates(seed), least=0), 200 + seed)
        profile = learn_profile(cases)
        rates += len(profile.axes)
        missed |= {(seed, *found): rate for *found, rate in strangers(cases, profile).items()}
    # An interval of 95 % misses one time in twenty; most misses are still within 0.05.
    assert len(missed) <= rates / 100, missed


def test_receipts_have_a_profile_too():
    cases = drawn(Mixture(), 105, RECEIPT)
    assert strangers(cases, learn_profile(cases, schema=RECEIPT)) == {}


def test_a_canonical_pile_shows_no_shift():
    profile = learn_profile([case.text for case in drawn(Mixture({}, least=0), 1, n=50)])
    assert {name for name, rate in profile.axes.items() if rate.count} == set()
    assert profile.mixture.draw(INVOICE, None or _Never()) == {}


class _Never:
    def below(self, n):
        return 0


def test_forms_are_named_with_counts_and_places():
    profile = learn_profile(INVOICES)
    assert profile.documents == profile.recognised == 40
    assert [*profile.forms["delimiter"]] == [" : "]
    assert [*profile.forms["date"]] == ["DD.MM.YYYY"]
    assert [*profile.forms["money"]] == ["1234,50 ¤"]
    assert [*profile.forms["language"]] == ["de"]
    assert [*profile.forms["label total"]] == ["de: Summe"]
    assert {*profile.forms["missing"]} == {*INVOICE.names} - {
        "invoice_number", "issue_date", "currency", "total",
    }  # fmt: skip
    rate = profile.forms["date"]["DD.MM.YYYY"]
    assert (rate.count, rate.n, rate.times, rate.value) == (40, 40, 40, 1.0)
    assert rate.interval[0] == pytest.approx(0.912, abs=0.001)
    first = rate.examples[0]
    assert (first.document, first.line, first.text) == ("text 1", 2, "Datum : 99.99.9999")


@pytest.mark.parametrize(
    ("lines", "axis"),
    [
        ("Total:\n12.00", "below"),
        ("Subtotal   Tax    Total\n10.00      2.00   12.00", "header"),
        ("Subtotal: 10.00    Tax: 2.00", "pairs"),
        ("Vendor: Ab Ltd    Customer: Be Ltd\nTax: 2.00    Total: 1.00", "pairs"),
        ("Vendor: Ab Ltd     Tax: 2.00\nCustomer: Be Ltd   Total: 1.00", "columns"),
        ("Total: 1.00\nVendor: Ab Ltd", "order"),
        ("Total: 1.00\nPayment Te", "truncated"),
        ("Total: 1.00\nTotal: 1.00", "duplicated"),
        ("TOTAL: 1.00", "case"),
        ("Tota1: 1.00", "misspelt"),
        ("Payment Terrns: Net 30", "misspelt"),
        ("Тоtаl: 1.00", "homoglyphs"),
        ("Totaalbedrag: 1.00", "language"),
        ("Grand Total: 1.00", "synonyms"),
        ("Total: １.00", "digits"),
        ("Tax: 0.10\r\nTotal: 1.00", "encoding"),
        ("Total: 1.00\n-------------", "rules"),
        ("Total: 1.00\nThank you!", "boilerplate"),
        ("Total: 1.00\nCash: 2.00", "distractors"),
        ("2025-01-31\nTotal: 1.00", "unlabelled"),
        ("  Total: 1.00", "whitespace"),
        ("Total: 1,00", "money"),
        ("Due Date: 31 March 2025", "dates"),
        ("Total = 1.00", "delimiters"),
    ],
)
def test_each_axis_is_seen_where_it_is_and_only_there(lines, axis):
    seen = {name for name, rate in learn_profile([f"{START}\n{lines}"]).axes.items() if rate.count}
    assert axis in seen
    also = {"synonyms"} if axis == "language" else set()
    assert seen <= {axis, "missing", *also}


@pytest.mark.parametrize(
    ("printed", "form"),
    [
        ("31.03.2025", "DD.MM.YYYY"),
        ("31. März 2025", "D. MONTH YYYY"),
        ("March 31, 2025", "MONTH D, YYYY"),
        ("31-Mar-2025", "DD-MON-YYYY"),
        ("20250331", "YYYYMMDD"),
        ("2025/03/31", "YYYY/MM/DD"),
        ("31/3/25", "D/M/YY"),
        ("03/31/2025", "MM/DD/YYYY"),
        ("03/04/2025", "DD/MM/YYYY or MM/DD/YYYY"),
        ("3-4-25", "D-M-YY or M-D-YY"),
        ("03/03/2025", "DD/MM/YYYY or MM/DD/YYYY"),
        ("soon", ""),
    ],
)
def test_forms_of_dates(printed, form):
    profile = learn_profile([f"{START}\nInvoice Date: {printed}\nTotal: 1.00"])
    assert [*profile.forms.get("date", {})] == ([form] if form else [])


def test_days_that_may_be_months_go_with_those_that_are_sure():
    days = [f"{START}\nInvoice Date: 03/{day}/2025" for day in ("14", "25", "31", "05", "06")]
    [(form, rate)] = learn_profile(days).forms["date"].items()
    assert (form, rate.count) == ("MM/DD/YYYY", 5)


def test_days_without_leading_zeros_are_told_by_those_with_two_digits():
    days = [f"{START}\nInvoice Date: {day}/2025" for day in ("3/14", "3/15", "12/11", "3/4")]
    forms = learn_profile(days).forms["date"]
    assert {form: rate.count for form, rate in forms.items()} == {"M/D/YYYY": 3, "MM/DD/YYYY": 1}


@pytest.mark.parametrize(
    ("total", "others", "form"),
    [
        ("24 473.30", "12.50", "1234.50"),
        ("1.234,50", "12,50", "1234,50"),
        ("1'234.50", "7.50", "1234.50"),
        ("12,34,567.00", "3.00", "1234.50"),
    ],
)
def test_one_document_decides_a_form_for_no_other(total, others, form):
    pile = [f"{START}\nTotal: {total}", *[f"{START}\nTotal: {others}"] * 8]
    assert learn_profile(pile).forms["money"][form].count == 8


def test_a_month_that_comes_first_elsewhere_in_the_document_is_told():
    text = f"{START}\nInvoice Date: 03/04/2025\nprinted on 04/25/2025"
    assert list(learn_profile([text]).forms["date"]) == ["MM/DD/YYYY"]
    text = f"{START}\nInvoice Date: 03/04/2025\nprinted on 25/04/2025"
    assert list(learn_profile([text]).forms["date"]) == ["DD/MM/YYYY"]


@pytest.mark.parametrize("line", ["Tax (7) $1.00", "GST 000292065280", "Tax invoice 12"])
def test_words_and_ids_behind_a_label_are_no_money(line):
    forms = learn_profile([f"{START}\nSUB-TOTAL (GST) 30.00\n{line}\nTotal: 31.00"] * 3).forms
    assert list(forms["money"]) == ["1234.50"]
    assert "negative" not in forms
    assert "label tax" not in forms


def test_days_that_nothing_tells_from_months_stay_untold():
    days = [f"{START}\nInvoice Date: 03/{day}/2025" for day in ("04", "05", "06")]
    profile = learn_profile([*days, f"{START}\nInvoice Date: 31.03.2025"])
    forms = {form: rate.count for form, rate in profile.forms["date"].items()}
    assert forms == {"DD/MM/YYYY or MM/DD/YYYY": 3, "DD.MM.YYYY": 1}
    told = str(profile).splitlines()
    [at] = [n for n, line in enumerate(told) if "DD/MM/YYYY or MM/DD/YYYY" in line]
    assert told[at + 1].strip() == "which of the two, no document here tells"


def test_what_is_open_is_a_field_also_of_profiles_saved_before():
    days = [f"{START}\nInvoice Date: 03/{day}/2025" for day in ("04", "05", "06")]
    profile = learn_profile(days)
    [rate] = profile.forms["date"].values()
    assert rate.open == ("DD/MM/YYYY", "MM/DD/YYYY")
    saved = profile.to_dict()
    for one in saved["forms"]["date"].values():
        del one["open"]
    assert FormatProfile.from_dict(saved) == FormatProfile.from_dict(profile.to_dict()) == profile


@pytest.mark.parametrize(
    ("printed", "form"),
    [
        ("1.234,50", "1.234,50"),
        ("EUR 99,00", "XXX 1234,50"),
        ("99,00 €", "1234,50 ¤"),
        ("€1,234.50", "¤1,234.50"),
        ("$1,200", "¤1,234"),
        ("USD 1,200.00", "XXX 1,234.50"),
        ("1 234,50 zł", "1 234,50 ¤"),
        ("RM 12.00", "¤1234.50"),
        ("1'234.50", "1’234.50"),
        ("12.00", "1234.50"),
    ],
)
def test_forms_of_amounts(printed, form):
    assert [*learn_profile([f"{START}\nTotal: {printed}"]).forms["money"]] == [form]


@pytest.mark.parametrize(
    ("seen", "old"),
    [("¤1,234.50", "€1,234.50"), ("XXX 1234,50", "EUR 1234,50"), ("(¤) 1234.50", "(€) 1234.50")],
)
def test_forms_of_amounts_in_profiles_saved_before_are_read_alike(seen, old):
    assert form_of(old) == form_of(seen)
    assert form_of(seen).symbol == ("¤" in seen)


def test_real_documents_read_as_a_person_describes_them():
    profile = learn_profile(GERMAN)
    assert profile.axes["language"].count == profile.documents == 10
    assert [*profile.forms["language"]] == ["de"]
    assert next(iter(profile.forms["date"])) == "DD.MM.YYYY"
    assert next(iter(profile.forms["money"])) == "1234,50"
    assert {"    ", "    : ", ":    "} <= {*profile.forms["delimiter"]}
    assert "de: Bruttosumme" in profile.forms["label total"]
    titles = [form for form in profile.forms["title"] if form.endswith("Nr. {} vom {}")]
    assert titles
    assert profile.axes["pairs"].count >= 7
    assert "Gesamtbetrag der Abschläge" in profile.forms["foreign label"]
    assert {"truncated", "digits", "homoglyphs"} <= {
        name for name, rate in profile.axes.items() if not rate.count
    }


def test_the_report_fits_eighty_columns_and_says_what_was_not_seen():
    told = str(learn_profile(GERMAN)).splitlines()
    assert max(map(len, told)) <= 80
    assert told[0].startswith("10 documents, read for the schema 'invoice'; 10 recognised")
    assert any("not seen, so each in at most 30.8%" in line for line in told)
    assert any(line.startswith("  DD.MM.YYYY ") for line in told)
    assert any("german_invoices.jsonl:1, line " in line for line in told)


def test_a_single_document_has_wide_intervals():
    profile = learn_profile(INVOICES[:1])
    assert profile.axes["language"].interval == (pytest.approx(0.025), 1.0)
    assert profile.axes["order"].interval == (0.0, pytest.approx(0.975))


def test_what_cannot_be_told_is_out_of_the_count():
    seen = learn_profile([START + "\nVendor: Ab Ltd", f"{START}\nInvoice Date: 1.2.2025"])
    assert (seen.axes["dates"].count, seen.axes["dates"].n) == (1, 1)
    assert seen.axes["money"].interval == (0.0, 1.0)


def test_other_languages_are_read():
    text = "Fattura n. 12/2025\nData: 03.02.2025\nImponibile: 10,00\nIVA 22%: 2,20\nTotale: € 12,20"
    profile = learn_profile([text])
    assert next(iter(profile.forms["language"])) == "it"
    assert "it: Totale" in profile.forms["label total"]


MAIL = (
    "From: Ann Lee <ann@example.org>\nTo: Bob\nDate: Mon, 3 March 2025\nSubject: Lunch\n\nHi Bob,"
)


@pytest.mark.parametrize("line", ["Total cost: we will see", "Your Order 12345 was shipped"])
def test_letters_that_speak_of_an_order_or_its_price_are_no_invoices(line):
    with pytest.raises(CaseError, match="shows two fields"):
        learn_profile([f"{MAIL}\n{line}"])


def test_letters_with_a_sender_and_a_day_are_no_invoices():
    with pytest.raises(CaseError, match="shows two fields of the schema 'invoice', one of them a"):
        learn_profile([MAIL] * 5)
    profile = learn_profile([*[MAIL] * 6, *INVOICES[:4]])
    assert (profile.documents, profile.recognised) == (10, 4)
    assert profile.notes == {"not recognised, left out": 6}
    assert {rate.n for rate in profile.forms["missing"].values()} == {4}
    told = " ".join(str(profile).split())
    assert "not recognised, left out: 6" in told
    assert "Fewer than half are recognised: is this the schema of these documents?" in told
    assert "Fewer than half" not in str(learn_profile([*[MAIL] * 4, *INVOICES[:4]]))


def test_a_rate_of_fields_not_found_is_called_so():
    told = str(learn_profile(INVOICES)).splitlines()
    assert any(line.startswith("  missing, or not found  ") for line in told)


def test_the_report_claims_no_field_missing_whose_label_may_be_unknown():
    text = "Vendor: Ab Ltd\nCustomer: Be Ltd\nSubtotal: 9.00\nTax: 2.00\nFellige Summe: 12.00"
    told = str(learn_profile([f"{START}\n{text}"])).splitlines()
    at = told.index("Not found: missing, or under a label that the schema does not know")
    after = told.index("Labels that the schema does not know")
    assert any(line.startswith("  total ") for line in told[at:after])
    assert told[after + 1].startswith("  Xxxxxxx Xxxxx ")
    assert told[after + 2].strip() == "text 1, line 6: Xxxxxxx Xxxxx: 99.99"


@pytest.mark.parametrize("optional", [False, True])
def test_a_schema_of_few_fields_asks_for_few(optional):
    note = Field("note", "Note", code(("P",), 4), optional=True)
    paid = Field("paid", "Paid On", day, kind="date", optional=optional)
    schema = DocumentSchema("toy", (paid, note))
    assert learn_profile(["Paid On: 2025-03-04"], schema=schema).recognised == 1


def test_a_schema_without_codes_and_amounts_is_read_by_two_fields():
    fields = (Field("a", "Paid On", day, kind="date"), Field("b", "Sent On", day, kind="date"))
    schema = DocumentSchema("toy", fields)
    profile = learn_profile(
        ["Paid On: 2025-03-04\nSent On: 1.2.2025", "Paid On: 2025-03-04"], schema=schema
    )
    assert profile.recognised == 1


FRENCH = "Facture n° F-10001\nDate : 03.02.2025\nClient : Ab SARL\nTotal : 12,50 €"
DUTCH = "Factuurnummer: 10001\nDatum: 3 mei 2025\nTotaal: 12,50\nValuta: EUR"


def test_labels_that_languages_share_are_of_the_one_that_the_others_speak():
    forms = learn_profile([FRENCH]).forms
    assert [*forms["language"]] == ["fr"]
    assert [*forms["label issue_date"]] == ["fr: Date"]
    assert [*forms["label customer"]] == ["fr: Client"]
    assert [*learn_profile([DUTCH]).forms["language"]] == ["nl"]


@pytest.mark.parametrize(
    "text",
    [
        "Date: 1.2.2025\nClient: Ab Ltd\nTotal: 1.00",
        "Invoice Number: A-10000\nDate: 1.2.2025\nClient: Ab Ltd\nTax: 1.00",
        "Invoice Number: A-10000\nVendeur: Ab Ltd\nClient: Be Ltd\nSubtotal: 1.00",
    ],
)
def test_shared_labels_are_english_where_nothing_tells_or_most_is(text):
    forms = learn_profile([text]).forms
    assert forms["label customer"].keys() <= {"en: Client"}
    assert next(iter(forms["language"])) == "en"


def test_the_plainest_label_of_another_language_is_no_synonym():
    profile = learn_profile(["Facture n° F-10001\nVendeur : Ab SARL\nTotal : 12,50 €"])
    assert [*profile.forms["label total"]] == ["fr: Total"]
    assert profile.axes["synonyms"].count == 1  # Facture n°
    profile = learn_profile(["Numéro de facture : F-10001\nVendeur : Ab SARL\nTotal : 12,50 €"])
    assert profile.axes["synonyms"].count == 0


def test_a_schema_of_ones_own_is_read_by_its_labels():
    schema = DocumentSchema("toy", (Field("id", "Parcel Number", code(("P",), 4), kind="code"),))
    profile = learn_profile(["PARCEL NUMBER = P-1234"], schema=schema)
    assert profile.axes["case"].count == profile.axes["delimiters"].count == 1
    assert profile.schema == "toy"


def test_it_survives_json(tmp_path):
    profile = learn_profile(INVOICES)
    path = tmp_path / "formats.json"
    profile.write(path)
    assert load_profile(path) == profile == FormatProfile.from_dict(profile.to_dict())
    assert json.loads(path.read_text(encoding="utf-8"))["axes"]["language"]["interval"][1] == 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"axes": [1]},
        {"forms": None},
        {"upper": "yes"},
        {"printed": [["total"]]},
        {"printed": [["total", "Total", ":", "line", "first"]]},
        {"printed": [["total", "", "", "line", 0, 0, 4, 0, "", "", "more"]]},
        {"lines": [["1", "rule"]]},
    ],
)
def test_a_page_of_another_kind_is_a_sentence(wrong):
    page = {"axes": {}, "printed": [["total", "Total", ":", "line", 0]]}
    data = FormatProfile("invoice", 4, 4, {}, {}, {}, {}, ()).to_dict()
    assert FormatProfile.from_dict({**data, "pages": [page]}).pages[0].printed[0].gap == 4
    with pytest.raises(CaseError, match="this is no profile"):
        FormatProfile.from_dict({**data, "pages": [{**page, **wrong}]})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no profile: Expecting"),
        ("[1]", "it is not a JSON object"),
        ("{}", "version None of a profile"),
        (
            '{"profile_version": 1}',
            "this is version 1 of a profile, and this pytest-slm-autopsy reads",
        ),
        ('{"profile_version": 2}', "this is no profile ('schema'); learn it again"),
    ],
)
def test_a_broken_profile_is_a_sentence(tmp_path, text, said):
    path = tmp_path / "formats.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaseError) as told:
        load_profile(path)
    assert said in str(told.value)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("RECEIPT# :CS-78 19/10/2018 20:49:59\nTOTAL....... RM 60.31", "date", "DD/MM/YYYY"),
        ("BOOK TA SDN BHD\nROUNDED TOTAL (RM): 9.00\nTOTAL: 9.00", "vendor", None),
        ("FATTURA N. 7\nTOTALE DOCUMENTO         EUR  122,00", "money", "XXX 1234,50"),
        (
            "N° facture 12345\nVis   Qté   P.U.   Montant HT\nM6   2  1,00   2,00\nTotal HT   9,00",
            "label subtotal",
            "fr: Total HT",
        ),
        ("Date   Montant HT\n1.2.2025   9,00", "label subtotal", "fr: Montant HT"),
        ("FACTURE n°5620 du 02 Juillet 2015\nTotal TTC   56,02", "title", "FACTURE n° {} du {}"),
    ],
)
def test_what_real_receipts_and_invoices_do(text, field, value):
    schema = RECEIPT if "TOTAL:" in text or "RECEIPT" in text else INVOICE
    forms = learn_profile([text], schema=schema).forms
    assert field in forms["unlabelled"] if value is None else value in forms[field]


SMALL_AND_LARGE = f"{START}\nSubtotal: 2,408.91\nTax: 481.78\nTotal: 2,890.69"


def test_amounts_below_a_thousand_are_of_the_form_that_the_others_of_their_document_tell():
    profile = learn_profile([SMALL_AND_LARGE] * 6)
    [(form, rate)] = profile.forms["money"].items()
    assert (form, rate.count, rate.times) == ("1,234.50", 6, 6)
    assert rate.examples[0].text == "Subtotal: 9,999.99"
    assert profile.severities["money"] == {1.0: 6}


def test_documents_of_small_amounts_go_with_those_that_tell_of_thousands():
    small = [f"{START}\nTotal: {n}.00" for n in (12, 481, 999)]
    profile = learn_profile([*[SMALL_AND_LARGE] * 2, *small, f"{START}\nTotal: 1234,50"])
    forms = {form: rate.count for form, rate in profile.forms["money"].items()}
    assert forms == {"1,234.50": 5, "1234,50": 1}
    assert profile.axes["money"].count == 6
    mixed = learn_profile([SMALL_AND_LARGE, f"{START}\nTotal: 1234.50", *small[:2]])
    assert {form: rate.count for form, rate in mixed.forms["money"].items()} == {
        "1,234.50": 2, "1234.50": 2,
    }  # fmt: skip
    assert mixed.axes["money"].count == 2


def test_small_amounts_with_a_sign_go_with_those_with_a_sign():
    totals = ("€ 1.234,50", "€ 4.321,50", "€ 12,50", "1,234.50", "12,50 €")
    forms = learn_profile([f"{START}\nTotal: {total}" for total in totals]).forms["money"]
    assert {form: rate.count for form, rate in forms.items()} == {
        "¤1.234,50": 3, "1,234.50": 1, "1234,50 ¤": 1,
    }  # fmt: skip


def test_where_a_document_prints_both_the_plain_ones_show_the_plain_form():
    text = f"{START}\nSubtotal: 2,408.91\nTax: 81.78\nTotal: 2490.69"
    forms = learn_profile([text]).forms["money"]
    assert {form: rate.times for form, rate in forms.items()} == {"1,234.50": 1, "1234.50": 1}
    assert forms["1234.50"].examples[0].text == "Total: 9999.99"


@pytest.mark.parametrize(
    ("others", "form"),
    [("15 Jun 2025", "DD MON YYYY"), ("15 June 2025", "D MONTH YYYY"), ("1.2.2025", None)],
)
def test_months_that_are_short_and_full_alike_go_with_those_that_tell(others, form):
    days = ["11 May 2025", others, others]
    profile = learn_profile([f"{START}\nInvoice Date: {day}\nTotal: 1.00" for day in days])
    forms = {name: rate.count for name, rate in profile.forms["date"].items()}
    assert forms == ({form: 3} if form else {"D.M.YYYY": 2, "D MONTH YYYY": 1})


def test_a_document_that_tells_counts_once():
    day = f"{START}\nInvoice Date: 11 May 2025\nDue Date: 25 Jun 2025"
    other = f"{START}\nInvoice Date: 03/04/2025\nDue Date: 25/04/2025"
    forms = learn_profile([day, other, f"{START}\nInvoice Date: 1.2.2025"]).forms["date"]
    assert {form: (rate.count, rate.times) for form, rate in forms.items()} == {
        "DD MON YYYY": (1, 2), "DD/MM/YYYY": (1, 2), "D.M.YYYY": (1, 1),
    }  # fmt: skip


def test_the_example_of_another_order_is_the_first_line_out_of_place():
    text = f"{START}\nInvoice Date: 2025-01-31\nTotal: 1.00\nTax: 0.10"
    [example] = learn_profile([text]).axes["order"].examples
    assert (example.line, example.text) == (3, "Total: 9.99")


def test_lines_without_a_field_are_said_by_their_looks():
    told = str(learn_profile([f"{START}\nTotal: 1.00\nRoom {n}" for n in (3, 4)])).splitlines()
    at = told.index("Such lines by their looks, as they are drawn")
    assert told[at + 1].startswith("  <words> 9  ")
