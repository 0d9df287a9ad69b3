"""Order by blocks: what moves, what stays, and an independent reader of ten thousand rewrites."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_slm_autopsy.cases.choices import SeededChoices
from pytest_slm_autopsy.cases.rewritten.page import Refused
from pytest_slm_autopsy.cases.rewritten.rewrites import open_page, rewrite, turn
from pytest_slm_autopsy.records import Case
from tests.cases.rewritten.made_documents import made
from tests.cases.rewritten.order_reader import lines, order_faults
from tests.cases.rewritten.rewrite_reader import violations

RECEIPT = """IRONWOOD HARDWARE
LOT 3-1-4, JLN 9/22
53100 KUALA SERI
GST ID: 001477120056
DOC NO. : CS00090311 DATE: 02/05/2018
CASHIER : USER TIME: 09:12:00
20114 2 15.00 30.00 SR
TOTAL GST : 4.44
TOTAL : 78.51
CASH : 80.00
CHANGE : 1.49
THANK YOU AND PLEASE COME AGAIN"""
INVOICE = """Lieferant Nord GmbH
Am Deich 9

Verkäufer:
Lieferant Nord GmbH

Käufer:
Kunden Mitte AG
Polderweg 12

Positionen:
Brot    2    4,00
Salz    1    1,00

Summen:
Netto   5,00
MwSt    0,95

Zahlungsart:
Überweisung"""


def rewrites(text, truth=None, seeds=40):
    for seed in range(seeds):
        try:
            yield rewrite(Case("1", text, truth or {}), {"order": 1.0}, SeededChoices(str(seed)))
        except Refused:
            continue


@pytest.mark.parametrize(
    ("kind", "share"), [("receipt", 0.6), ("statement", 0.6), ("invoice", 0.8)]
)
def test_two_readers_find_no_violation_and_most_documents_are_reached(kind, share):
    documents, reached, checked = made(kind, 560), 0, 0
    for case in documents:
        page = open_page(case)
        before = replace(case, spans=page.spans)
        for seed in range(8):
            try:
                turned = turn(page, {"order": 1.0}, SeededChoices(f"{case.id}/{seed}"))
            except Refused:
                break
            after = replace(case, text=turned.text, spans=turned.spans)
            assert violations(before, after) + order_faults(before, after) == [], turned.text
            checked += 1
        else:
            reached += 1
    assert reached >= share * len(documents)
    assert checked == 8 * reached


def test_reference_lines_go_to_the_foot_or_the_head_and_notes_to_the_head():
    truth = {"company": "IRONWOOD HARDWARE", "date": "02/05/2018", "total": "78.51"}
    found = [lines(after.text) for after in rewrites(RECEIPT, truth)]
    moved = ["DOC NO. : CS00090311 DATE: 02/05/2018", "CASHIER : USER TIME: 09:12:00"]
    assert any(one[-2:] == moved for one in found)
    assert any(moved == [line for line in one[:3] if line in moved] for one in found)
    assert any(one[0].startswith("THANK YOU") for one in found)
    for one in found:
        assert one.index(moved[0]) + 1 == one.index(moved[1])
        stays = [line for line in lines(RECEIPT) if line not in moved and "THANK" not in line]
        assert [line for line in one if line in stays] == stays


def test_sections_with_headings_change_places_as_wholes():
    found = [after.text for after in rewrites(INVOICE)]
    assert any(text.index("Käufer:") < text.index("Verkäufer:") for text in found)
    for text in found:
        assert "Käufer:\nKunden Mitte AG\nPolderweg 12\n" in text + "\n"
        assert "Positionen:\nBrot    2    4,00\nSalz    1    1,00" in text
        assert text.startswith("Lieferant Nord GmbH\nAm Deich 9\n")


@pytest.mark.parametrize(
    "line",
    [
        *("For refunds see above", "Bitte siehe oben", "Carried forward 12.00", "Übertrag 12,00"),
        *("Voir ci-dessous", "Zie hieronder", "Patrz poniżej", "Véase arriba"),
        *("* without deposit", "1) incl. tip", "Prices ¹ net"),
    ],
)
def test_a_page_that_refers_to_a_place_keeps_its_blocks(line):
    text = RECEIPT.replace("TOTAL GST", f"{line}\nTOTAL GST")
    assert list(rewrites(text)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("CASHIER : USER TIME: 09:12:00", "CASHIER : ANNA"),
        ("CASHIER : USER TIME: 09:12:00", "SOLD BY:"),
        ("DOC NO. : CS00090311 DATE: 02/05/2018", "DATE TIME NUM\n02/05/2018 15:17 06051"),
        ("DOC NO. : CS00090311 DATE: 02/05/2018", "DELIVERY NOTE\nDATE: 02/05/2018"),
    ],
)
def test_what_may_go_on_or_hang_on_another_line_stays_where_it_is(old, new):
    text = RECEIPT.replace(old, new).replace("THANK YOU AND PLEASE COME AGAIN", "ALICE")
    for after in rewrites(text):
        assert new in after.text
        assert after.text.index("53100") < after.text.index(new.split("\n")[0])
        assert after.text.index(new.split("\n")[-1]) < after.text.index("20114")


@pytest.mark.parametrize("break_", ["Page 1 of 2", "Seite 1 von 3", "Strona 1 z 2", "\f"])
def test_no_block_crosses_a_page(break_):
    text = RECEIPT.replace("20114", f"{break_}\n20114").replace("THANK YOU AND", "THANKS AND")
    for after in rewrites(text):
        head = after.text.split(break_)[0]
        assert sorted(lines(head)) == sorted(lines(text.split(break_)[0]))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("tail", ["", "\n", "  \n\n"])
def test_line_ends_and_space_stay(end, tail):
    text = "\ufeff" + RECEIPT.replace("\n", end) + tail.replace("\n", end)
    for after in rewrites(text):
        assert after.text.startswith("\ufeff")
        assert after.text.count("\n") == after.text.count(end) == text.count("\n")
        assert sorted(lines(after.text)) == sorted(lines(text))


def test_a_running_text_keeps_its_order():
    text = (
        "This is a contract. It is made by and for us.\n" * 9 + "The fee is 9.00 and that is all."
    )
    assert list(rewrites(text)) == []


@pytest.mark.parametrize(
    ("after", "what"),
    [
        ("Total 9.00\nACME Ltd\nBob", "stood"),
        ("ACME Ltd\nDue:\nBob\n2025-01-02\nTotal 9.00", "lost its value"),
        ("Bob\nDue:\n2025-01-02\nACME Ltd\nTotal 9.00", "parties"),
        ("ACME Ltd\nDue:\n2025-01-02\nTotal 9.00", "stood"),
    ],
)
def test_the_reader_sees_a_planted_fault(after, what):
    text = "ACME Ltd\nDue:\n2025-01-02\nBob\nTotal 9.00"
    case = Case("1", text, {"vendor": "ACME Ltd", "customer": "Bob"})
    assert any(what in fault for fault in order_faults(case, replace(case, text=after)))
    assert order_faults(case, case) == []


TABLE = """Item            Qty      Price     Amount
Bolts M8          3       2.00       6.00
Nuts             10       0.50       5.00

Total: 11.00"""


def test_columns_change_places_with_their_headings():
    before = Case("1", TABLE, {"total": "11.00"})
    heads = set()
    for after in rewrites(TABLE, before.truth):
        assert order_faults(before, after) == []
        heads.add(tuple(after.text.split("\n")[0].split()))
    assert len(heads) > 5


@pytest.mark.parametrize(
    "text",
    [
        TABLE.replace("Amount", "Saldo "),
        TABLE.replace("\n\nTotal: 11.00", "\n                       Sum       11.00"),
        TABLE.replace("Nuts             10       0.50", "Nuts                      0.50"),
        TABLE.replace("Nuts             10 ", "Nuts  10            "),
        TABLE.replace("Item", "2023").replace("Qty", "2024"),
        "\n".join(line.replace("    ", "\t") for line in TABLE.split("\n")),
    ],
    ids=["balance", "foot", "missing cell", "not straight", "no heading", "tabs"],
)
def test_columns_that_are_not_sure_stay(text):
    assert list(rewrites(text, {"total": "11.00"})) == []


def test_columns_of_a_table_that_is_asked_for_stay():
    rows = [{"what": "Bolts M8", "sum": "6.00"}, {"what": "Nuts", "sum": "5.00"}]
    assert list(rewrites(TABLE, {"items": rows, "total": "11.00"})) == []


def test_the_reader_sees_a_torn_table():
    case = Case("1", TABLE, {})
    torn = TABLE.replace("Qty      Price", "Price      Qty")
    assert order_faults(case, replace(case, text=torn))


OWNED = """Transfer confirmation
Payer
Blue Ltd
Account No: 11112222
Payee
Red Ltd
Account No: 33334444
Amount: 500.00
Thank you for banking with us
---
Car rental
Pick-up
Date: 03/04/2025
Time: 10:00
Return
Date: 25/04/2025
Time: 11:00
Total 90.00
---
From
Blue Ltd
Account No: 11112222
To
Red Ltd
Customer No: 7788
Amount: 5.00
---
Credit note
No: 900
Corrects invoice
Invoice No: 880
Total 90.00
One
Two
---
Garage Ltd
Oil 1.00
Total 1.00
CASH 2.00
NEXT SERVICE
DATE: 03/04/2026
THANK YOU
---
Sea Hotel
Room 1 90.00
Total 90.00
Check-out
Date: 03/04/2025
Time: 10:41
Paid in cash
---
North Rail
Fare 20.00
Departure station
Date: 03/04/2025
Time: 07:40
Seat 7
---
Book club
Fee 20.00
Bill to
Account: 7788
Date: 03/04/2025
Blue Ltd
---
Theatre Luna
Seat 7 20.00
Ticket collection
Date: 03/04/2025
Time: 07:40
Main hall
---
SERVICES AGREEMENT
between us
Date: May 1, 2013
By: John Smith
Title: President
Date: May 3, 2013
By: Jane Doe
Title: Member"""


@pytest.mark.parametrize("text", OWNED.split("\n---\n"))
def test_a_number_or_day_of_one_party_stays_with_it(text):
    owned = [line for line in text.split("\n") if ":" in line]
    above = {line: text.split("\n")[text.split("\n").index(line) - 1] for line in owned}
    for after in rewrites(text, seeds=20):
        found = after.text.split("\n")
        assert [line for line in found if line in owned] == owned
        assert all(found[found.index(line) - 1] == above[line] for line in owned)


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("Ansprechpartner:", "Frau Meier"),
        ("Geschäftsführung:", "Maxima Musterfrau"),
        ("Lieferadresse:", "Hafenweg 7"),
        ("Käufer-BIC:", "ABCDDEFFXXX"),
    ],
)
@pytest.mark.parametrize("gap", ["", "\n"])
def test_a_section_before_an_unknown_heading_stays(head, told, gap):
    text = INVOICE.replace("12\n\nPos", f"12\n{gap}{head}\n{told}\n\nPos")
    for after in rewrites(text, seeds=20):
        assert f"Käufer:\nKunden Mitte AG\nPolderweg 12\n{gap}{head}\n{told}\n" in after.text


@pytest.mark.parametrize("detail", ["Date: 03/04/2025", "Account No: 7712", "Kundennummer: 55"])
@pytest.mark.parametrize(
    "foot",
    [
        *("Ship To\nOak Ltd\nCanal Street 5", "Next appointment\nA. Smith", "Received by\nB. Lee"),
        *("Warranty\n12 months", "Signature", "Paid by\nRed Ltd\nThank you for your visit."),
    ],
)
def test_no_detail_goes_below_what_may_own_it(detail, foot):
    text = f"Shop\nStreet 4\n\n{detail}\n\nClamp 65.00\nTotal 65.00\n\n{foot}"
    found = {lines(after.text)[0] for after in rewrites(text, seeds=20)}
    assert detail in found
    for after in rewrites(text, seeds=20):
        assert lines(after.text).index(detail) < lines(after.text).index(foot.split("\n")[0])


def test_columns_stay_where_a_note_speaks_of_them():
    table = "Item        Qty    Price\nBread         2     4.00\nSalt          1     1.00\n\n"
    for note in ("All prices in EUR; third column is net.", "Die zweite Spalte ist netto."):
        for after in rewrites(f"Shop\nStreet\n\n{table}{note}\nBye", seeds=6):
            assert table.rstrip() in after.text
