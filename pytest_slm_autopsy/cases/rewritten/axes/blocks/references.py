"""Reference lines: numbers, days and times of a document, each with its label."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_slm_autopsy.cases.rewritten.axes.blocks.page_lines import (
    DAY,
    MONEY,
    WORD,
    Block,
    PageLine,
    joined,
)
from pytest_slm_autopsy.cases.rewritten.page import Page

# Words of labels that say which document it is, when and where it was made, and who served.
_REFERENCE: Final = frozenset(
    """
    invoice inv receipt rcpt bill doc document order ticket slip check chk trans transaction txn
    trx ref reference folio job po purchase cash tax member terminal table tbl counter cashier till
    pos register station server staff user operator salesperson sales shift batch trace approval
    date time dated printed print biz bizdate issue issued day covers pax cust customer account
    trade settlement value contract
    rechnung rechnungsnummer rechnungsnr rechnungsdatum rechnungs beleg belegnummer belegnr bon
    belegdatum bonnummer bonnr kunden kundennummer kundennr auftrag auftragsnummer auftragsnr
    auftragsdatum bestellung bestellnummer bestellnr bestelldatum lieferdatum lieferscheinnummer
    leistungsdatum depotnummer depotnr depot kontonummer referenz referenznummer zahlungsreferenz
    vorgangsnummer vorgang datum uhrzeit zeit kasse kassierer bediener filiale ausfuhrungstag
    schlusstag handelstag handelsdatum buchungsdatum buchungstag ordernummer abrechnungsnummer
    abrechnungsnr transaktionsnummer transaktion geschaftsnummer mitteilung belegnummer order-nr
    facture commande client caisse caissier compte dossier operation transaction heure vente avis
    execution ordre contrat
    factuur factuurnummer factuurnr factuurdatum klantnummer klantnr ordernummer bestelnummer
    referentie kassa bonnummer effectenrekening boekingsdatum transactiedatum tijd nota notanummer
    faktura faktury zamowienia zamowienie data wystawienia sprzedazy paragon paragonu kasa kasjer
    zlecenia transakcji godzina
    factura pedido fecha hora caja cajero recibo ticket albaran emision operacion cuenta orden
    fattura scontrino ordine ora cassa fatura emissao fakturadatum fakturanummer fakturadato
    ordrenummer ordernr cislo faktury
    """.split()
)

_NUMBER: Final = frozenset("no nos nr nrs number num id code n numero numer nummer c mr".split())

_JOINING: Final = frozenset("of de da del der the la le du van der z d a and".split())

_BARE_DATE: Final = frozenset("date dated datum data fecha time uhrzeit zeit heure hora".split())

# What a number or day below it may be of, instead of the document.
_ANOTHER: Final = re.compile(
    r"\b(?:delivery|liefer\w*|note|previous|next|credit|original|patient|policy|corrects|cancels"
    r"|gutschrift|storno|korrektur|avoir|korekta|abono)\b"
)

# Labels of numbers that are the document's, whoever is named above them.
_OF_DOCUMENT: Final = frozenset(
    """
    invoice inv receipt rcpt bill doc document ticket slip check chk tax terminal counter cashier
    till pos register station rechnung rechnungsnummer rechnungsnr rechnungsdatum rechnungs beleg
    belegnummer belegnr belegdatum bon bonnummer bonnr kasse kassierer facture caisse factuur
    factuurnummer factuurnr factuurdatum kassa faktura faktury paragon kasa factura recibo caja
    fattura scontrino cassa fatura fakturanummer fakturadatum
    """.split()
)

# A caption of these alone is a document's title; Check-out, Bill to or Departure station are none.
_TITLE: Final = frozenset(
    """
    tax vat gst sales cash guest official original copy duplicate simplified commercial invoice
    receipt bill ticket slip check order e
    rechnung quittung beleg kassenbon kassenbeleg bon kopie
    facture ticket de caisse simplifiee factuur kassabon bonnetje
    faktura paragon fiskalny rachunek factura recibo simplificada simplificado
    fattura scontrino ricevuta fiscale fatura
    """.split()
)
_LABEL: Final = re.compile(r"[^\d:#=]+")

_TIME: Final = re.compile(r"\d{1,2}:\d\d")

_AROUND: Final = "().,/-\u00b0"

# Labels and values by turns: INVOICE NO : 7 DATE 1/2/25 is rnmvrv; behind a mark words may follow.
_STATED: Final = re.compile(r"(?:n?r[rnjm]*v+|n?r[rnj]*m[rnjm]*w[wv]*)+")

_GAPS: Final = re.compile(r"\S\s{3,}\S")

_MOST_TOKENS: Final = 30

_SPLIT: Final = re.compile(r"\d\w*(?::\d\w*)+|[^\s:#=]+|[:#=]")

_VALUE_WORD: Final = re.compile(
    r"(?:[ap]\.?m\.?|uhr|cet|cest|gmt|utc|h|jan|feb|mar|apr|ma[iy]|jun|jul|aug|sep|oct|okt|nov|dec|dez)"
    r"[a-z]{0,6}\.?|-|/",
)


def references(page: Page, lines: Sequence[PageLine], days: int) -> Iterator[Block]:
    """Yield runs of lines that state numbers, days and times of the document, each with its label.

    A run ends in a value that cannot go on in the next line, and begins where nothing above it can
    be what it is about.
    """
    at, said = 0, Counter(filter(None, (_label(line.low, days) for line in lines)))
    while at < len(lines):
        kinds: list[str] = []
        while at + len(kinds) < len(lines) and (kind := _stated(lines[at + len(kinds)].low, days)):
            if kinds and not joined(page, lines[at + len(kinds) - 1], lines[at + len(kinds)]):
                break
            kinds.append(kind)
        count = len(kinds)
        while kinds and kinds[-1] == "open":
            kinds.pop()
        run = lines[at : at + len(kinds)]
        if (
            run
            and all(said[_label(line.low, days)] < 2 for line in run)
            and _starts_anew(page, lines, at, kinds[0], days)
            and _ends(page, lines, at + len(run))
        ):
            own = any(_is_of_document(_label(line.low, days)) for line in run)
            kind = "reference" if own else "detail"
            yield Block((run[0].span[0], run[-1].span[1]), kind)
        at += max(count, 1)


def _stated(low: str, days: int) -> str:
    """Return how a line states references, or an empty text where it does not.

    ``closed`` ends in a number or day, ``open`` in words that may go on below, ``dated`` begins
    with a mere date, and ``bare`` is a day without a label, the only one of the page.
    """
    tokens = [part for token in _SPLIT.findall(low) for part in _unglued(token)]
    if len(tokens) > _MOST_TOKENS or MONEY.search(DAY.sub("", low)):
        return ""
    shape = "".join(map(_letter_of, tokens))
    if set(shape) == {"v"} and DAY.search(low):
        return "bare" if days == 1 and not _GAPS.search(low) else ""
    if not _STATED.fullmatch(shape):
        return ""
    if shape[-1] == "w":
        return "open"
    return "dated" if tokens[shape.index("r")].strip(_AROUND) in _BARE_DATE else "closed"


def _label(low: str, days: int) -> str:
    """Return the first words of a reference line: two lines that share them are of two owners."""
    label = _LABEL.match(low) if _stated(low, days) else None
    return label.group().strip(" .") if label else ""


def _letter_of(token: str) -> str:
    """Return what a token is: ``m`` a mark, ``v`` a value, a word of a label, or ``w`` another."""
    word = token.strip(_AROUND)
    if token in ":#=":
        return "m"
    if any(map(str.isdigit, token)) or _VALUE_WORD.fullmatch(token):
        return "v"
    if word in _REFERENCE:
        return "r"
    return "n" if word in _NUMBER else "j" if word in _JOINING else "w" if word.isalpha() else "x"


def _unglued(token: str) -> Iterator[str]:
    match = re.fullmatch(r"([^\W\d_]+\.?)(\d[\w/-]*)", token)
    if match and match[1].rstrip(".") in (_REFERENCE | _NUMBER):
        yield from match.groups()
    else:
        yield token


def _starts_anew(page: Page, lines: Sequence[PageLine], at: int, kind: str, days: int) -> bool:
    """Tell whether a run of reference lines is about the document, not about the line above it."""
    if at == 0 or not joined(page, lines[at - 1], lines[at]):
        return True
    above = lines[at - 1]
    if above.text.endswith((":", ",", "-", "(")) or names_another(above.low):
        return False
    if kind != "bare" and not any(map(str.isdigit, above.low)):  # a caption may own what follows
        heads = _is_of_document(above.low) and _TITLE.issuperset(WORD.findall(above.low))
        if not (heads or _is_of_document(_label(lines[at].low, days))):
            return False
    if kind == "bare":  # no value below its heading
        labels = not (_REFERENCE | _NUMBER).isdisjoint(WORD.findall(above.low))
        return not labels or any(map(str.isdigit, above.low))
    return kind != "dated" or days == 1 or ":" not in above.text


def _is_of_document(low: str) -> bool:
    return not _OF_DOCUMENT.isdisjoint(WORD.findall(low))


def names_another(low: str) -> bool:
    """Tell whether a line names what a number or day below it may be of."""
    return _ANOTHER.search(low) is not None


def _ends(page: Page, lines: Sequence[PageLine], at: int) -> bool:
    """Tell whether the line at a place does not go on from the one above it."""
    if at >= len(lines) or not joined(page, lines[at - 1], lines[at]):
        return True
    start = page.text.rfind("\n", 0, lines[at].span[0]) + 1
    above = page.text.rfind("\n", 0, lines[at - 1].span[0]) + 1
    deeper = lines[at].span[0] - start > lines[at - 1].span[0] - above + 1
    first = lines[at].text[0]
    return not (deeper or first.islower() or first in "-,;.)/&+(")
