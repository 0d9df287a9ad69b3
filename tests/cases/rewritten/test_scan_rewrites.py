"""Scans and tills: broken lines and words, page breaks, a time beside the day."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.rewritten.page import Refused
from pytest_slm_autopsy.cases.rewritten.rewrites import rewrite
from pytest_slm_autopsy.records import Case
from tests.cases.rewritten.rewrite_reader import violations

TEXT = (
    "Northwind Trading\n12 Harbour Road\n\nInvoice Number: NW-1\nInvoice Date: 05.03.2025\n"
    "Amount Payable: 12.50\n\nItem      Price   Amount\nSteel     2.50    2.50\n"
    "Copper    10.00   10.00\n\nThank you for shopping with the northern traders"
)
TRUTH = {"number": "NW-1", "day": "2025-03-05", "total": "12.50", "vendor": "Northwind Trading"}
seeds = st.integers(0, 2**32).map(str)


def turned(axis, seed="1", text=TEXT, truth=TRUTH, severity=1.0):
    return rewrite(Case("1", text, truth), {axis: severity}, SeededChoices(seed))


def squeezed(text):
    """The letters and digits of a text, without what a scan does to them."""
    return re.sub(r"[\s-]", "", text)


@given(seeds, st.sampled_from([0.25, 1.0]))
def test_a_scan_loses_no_letter_and_keeps_tables_and_values(seed, severity):
    after = turned("ocr", seed, severity=severity)
    assert after.text != TEXT
    assert squeezed(after.text) == squeezed(TEXT)
    assert violations(Case("1", TEXT, TRUTH, spans=spans()), after) == []
    for row in ("Item      Price   Amount", "Steel     2.50    2.50", "Copper    10.00   10.00"):
        assert squeezed(row) in squeezed(after.text)


def spans():
    printed = {**TRUTH, "day": "05.03.2025"}
    return {name: (TEXT.index(one), TEXT.index(one) + len(one)) for name, one in printed.items()}


def test_a_scan_leaves_words_alone_where_a_value_was_not_found():
    truth = {**TRUTH, "note": "Nowhere to be seen"}
    for seed in map(str, range(20)):
        words = set(turned("ocr", seed, truth=truth).text.split())
        assert set(TEXT.split()) <= words


@given(seeds)
def test_a_page_breaks_between_blocks_and_says_its_number(seed):
    after = turned("pages", seed)
    assert set(TEXT.splitlines()) <= set(after.text.replace("\f", "").splitlines())
    numbers = re.findall(r"Page (\d) of (\d)|^- (\d) -$", after.text, re.MULTILINE)
    assert 1 <= len(numbers) <= 2
    rows = TEXT[TEXT.index("Item") : TEXT.index("\n\nThank")]
    assert rows in after.text  # no table is broken


def test_the_first_line_stands_on_every_page_unless_it_states_a_value():
    truth = {key: value for key, value in TRUTH.items() if key != "vendor"}
    assert turned("pages", truth=truth).text.count("Northwind Trading") > 1
    assert turned("pages").text.count("Northwind Trading") == 1


@pytest.mark.parametrize("text", ["One line", "Total:\n\n9.00", "a  b  c\n1  2  3\n4  5  6"])
def test_a_page_without_blocks_is_not_broken(text):
    with pytest.raises(Refused, match="no two blocks"):
        turned("pages", text=text, truth={})


@pytest.mark.parametrize(
    "number", ["Page 1 of 2", "- Seite 3 von 4 -", "Kontoauszug 7/2024      Blatt 1", "Pag. 2"]
)
def test_a_page_that_has_a_number_gets_no_other(number):
    for seed in map(str, range(10)):
        after = turned("pages", seed, f"{number}\n\n{TEXT}")
        assert "\f" in after.text
        assert re.findall(r"Page \d|- \d", after.text.replace(number, "")) == []


@pytest.mark.parametrize(
    "pair",
    [
        "Order Number\n\nNW-1", "Amount\ndue\n\n\nEUR 12.50", "Fällig am\n \n05.03.2025",
        "Lieferant\r\n\r\nNorthwind Trading",
    ],
)  # fmt: skip
def test_a_page_ends_between_no_label_and_its_value_below_a_blank_line(pair):
    for seed in map(str, range(20)):
        text = f"{TEXT}\n\n{pair}\n\nGoodbye"
        assert pair in turned("pages", seed, text).text


@pytest.mark.parametrize("label", ["Bill To", "Kunde", "FOURNISSEUR", "Verkäufer"])
def test_a_label_of_a_party_is_no_title(label):
    after = turned("pages", text=f"{label}\nCastle Joinery\n\n{TEXT}")
    assert after.text.count(label) == 1


@given(seeds)
def test_a_time_stands_behind_the_day(seed):
    after = turned("times", seed)
    line = next(line for line in after.text.splitlines() if "05.03.2025" in line)
    assert re.fullmatch(r"Invoice Date: 05\.03\.2025[ ,-]+\d\d?:\d\d(:\d\d)?( [AP]M)?", line)
    assert after.text[slice(*after.spans["day"])] == "05.03.2025"
    assert after.text.replace(line, "Invoice Date: 05.03.2025") == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "Rechnungsnummer: RE-7\nRechnungsdatum: 05.03.2025\nZahlbetrag: 9,00\nVielen Dank",
        "Kassa 3\nDatum 05.03.2025\nContant 9.00",
        "Bakery\n05.03.2025\n9.00",
        "Kvitto 7\nDatum 05.03.2025\nSumma 9.00",
    ],
)
@given(seed=seeds)
def test_a_clock_has_twelve_hours_only_on_english_pages(text, seed):
    assert "M" not in turned("times", seed, text, {"day": "2025-03-05"}).text.split("2025")[1][:12]


def test_columns_behind_a_day_stay_where_they_are():
    text = "Date 05.03.2025            Ref 7\nOrder AB               Tel 8"
    after = turned("times", text=text, truth={"day": "2025-03-05"})
    assert after.text.splitlines()[0].index("Ref") == text.index("Ref")


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("paid on 05.03.2025 in full", {"day": "2025-03-05"}),
        ("Date: 05.03.2025 10:15", {"day": "2025-03-05"}),
        ("10:15 05.03.2025", {"day": "2025-03-05"}),
        ("Date: 05.03.2025", {"day": "2025-03-05", "time": "10:15"}),
        ("Total: 9.00", {"total": "9.00"}),
    ],
)
def test_a_day_within_a_sentence_or_with_a_time_gets_none(text, truth):
    with pytest.raises(Refused):
        turned("times", text=text, truth=truth)


@pytest.mark.parametrize(
    "line",
    [
        *("Date of Birth: {}", "Geb. {}", "Née le {}", "Fecha de nacimiento: {}"),
        *("Payment due:\n{}", "Fällig am {}", "Échéance : {}", "Vervaldatum  {}", "Scadenza: {}"),
        *("Valid until {}", "Mietbeginn: {}", "Datum in dienst: {}", "Valuta {}"),
        *("{}   Room   90.00", "7   {}   90.00", "{}  Miete April 650,00"),
    ],
)
def test_a_whole_day_or_a_day_in_a_row_gets_no_time(line):
    with pytest.raises(Refused):
        turned("times", text=f"Shop\n{line.format('05.03.2025')}", truth={"day": "2025-03-05"})
    text = f"Shop\n{line.format('05.03.2025')}\nTill 4   Date: 05.03.2025"
    after = turned("times", text=text, truth={"day": "2025-03-05"}).text
    assert re.sub(r"(?<=2025)[ ,-]+[\d:]+$", "", after) == text


@pytest.mark.parametrize("name", ["due_date", "birthday", "valid_until"])
def test_a_field_of_whole_days_gets_no_time(name):
    with pytest.raises(Refused):
        turned("times", text="Shop\nDate: 05.03.2025", truth={name: "2025-03-05"})
