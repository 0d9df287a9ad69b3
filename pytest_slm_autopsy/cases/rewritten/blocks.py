"""Blocks of a page that say the same wherever they stand: reference lines, notes, headed sections.

A page is read once, line by line, in the words that receipts, invoices and bank statements of six
languages use. What is not sure to be such a block stays: letterheads, parties without a heading,
rows, totals, and whatever refers to a place or is referred to.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from pytest_slm_autopsy.cases.rewritten.page import Page
from pytest_slm_autopsy.cases.schemas.labels import table
from pytest_slm_autopsy.notation.parties import names_company
from pytest_slm_autopsy.notation.text import Span, folded

LEAST_LINES: Final = 6
"""Lines of a page that has blocks."""
MOST_NOTES: Final = 12
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
_NOTE: Final = frozenset(
    """
    the a are is not you your for and of to will be this that with we our all once within please
    thank thanks welcome again have nice keep come sold goods returnable refundable exchange return
    visit enjoy hope see soon any no without only were was has been must may can on at by as it if
    die der das den dem des ein eine einer und ist sind wird werden wurde nicht sie wir uns ihr ihre
    ihren ihrem bitte danke vielen dank fur mit von zu bei auf im in am als auch sich es haben
    diese dieser dieses kein keine maschinell ohne unterschrift gultig erstellt
    les des une est sont votre vos nous vous merci pour avec dans sur par pas ne plus que qui et
    het een zijn niet wij uw bedankt voor met door dit deze wordt worden
    dziekujemy prosimy nie jest za do oraz przez sie panstwa zapraszamy
    los las un una gracias por su sus con para no es son del en esta este se
    grazie per il di che non si
    """.split()
)
# Something on the page stands above or below, so that nothing of it may move.
_REFERS: Final = re.compile(
    r"""
    \b(?:above|below|overleaf|hereunder|aforesaid|former|latter
    |carried|brought|c/f|b/f|continued|cont'd|see[ ](?:over|note|page|next|item)
    |siehe|s\.[ ]?[ou]\.|oben|unten|obig\w*|obenstehend\w*|untenstehend\w*|vorstehend\w*
    |umseitig\w*|ubertrag|fortsetzung|obengenannte\w*
    |ci-dessus|ci-dessous|ci-apres|susmentionn\w*|precedent\w*|reporter|au[ ]verso
    |hierboven|hieronder|onderstaand\w*|bovenstaand\w*|zie
    |powyzej|ponizej|powyzsz\w*|ponizsz\w*|przeniesieni\w*
    |arriba|abajo|sopra|sotto|al[ ]dorso)\b
    | ^\s*(?:\*+\)?[ ]|\(?\d\)[ ]|\[\d\])
    """,
    re.VERBOSE | re.MULTILINE,
)
_FOOTNOTE: Final = re.compile(r"[\u2191\u2193\u00b9\u00b2\u00b3\u2020\u2021\u2070-\u209f]")
# What comes next belongs to it, or what came before: it holds the lines around it.
_HOLDS: Final = re.compile(
    r"""
    \b(?:following|follows|hereby|herewith|as[ ]under|attached|said
    |nachstehend\w*|nachfolgend\w*|folgend\w*|genannte\w*|angegebene\w*|aufgefuhrte\w*
    |diese[rsmn]?[ ](?:betrag|summe|posten)\w*|suivant\w*|ci-joint\w*|volgende|vermelde?
    |nastepujac\w*|siguiente\w*|anterior\w*|seguente\w*
    |this[ ](?:amount|sum|item|line|total)|ce[ ](?:montant|total)|dit[ ]bedrag|este[ ]importe)\b
    """,
    re.VERBOSE,
)
LEAST_COLUMNS: Final = 3
_CELL: Final = re.compile(r"\S+(?:[ \u00a0]\S+)*")
# A row of values is no heading, and a balance goes on from row to row.
_UNHEADED: Final = re.compile(r"\d[\d.,]|\b(?:saldo|solde|balance|kontostand)\b", re.IGNORECASE)
_LINE: Final = re.compile(r"(?:(?<=\n)|(?<=\A)|(?<=\ufeff))[^\S\n]*[^\s\ufeff](?:[^\n]*\S)?")
_PAGE: Final = re.compile(
    r"\b(?:page|seite|blatt|pagina|pag\.?|strona|str\.|p\.)\s*\d+\b"
    r"(?!\s*(?:of|von|van|de|di|z|/)?\s*1\b)",
)
_DAY: Final = re.compile(
    r"\d{1,4}[./-](?:\d{1,2}|[a-z]{3,9})[./-]\d{2,4}|\d{1,2} [a-z]{3,9} \d{2,4}"
)
_ANOTHER: Final = re.compile(
    r"\b(?:delivery|liefer\w*|note|previous|credit|original|patient|policy)\b"
)
_TIME: Final = re.compile(r"\d{1,2}:\d\d")
_MONEY: Final = re.compile(r"\d[.,]\d\d(?!\d)")
_AROUND: Final = "().,/-\u00b0"
# Labels and values by turns: INVOICE NO : 7 DATE 1/2/25 is rnmvrv; behind a mark words may follow.
_STATED: Final = re.compile(r"(?:n?r[rnjm]*v+|n?r[rnj]*m[rnjm]*w[wv]*)+")
_NEAR: Final = 120
"""Characters between a line that speaks of what follows and the lines that it may mean."""
_MOST_OF_PARTY: Final = 16
_GAPS: Final = re.compile(r"\S\s{3,}\S")
_MOST_TOKENS: Final = 30
_SPLIT: Final = re.compile(r"\d\w*(?::\d\w*)+|[^\s:#=]+|[:#=]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_VALUE_WORD: Final = re.compile(
    r"(?:[ap]\.?m\.?|uhr|cet|cest|gmt|utc|h|jan|feb|mar|apr|ma[iy]|jun|jul|aug|sep|oct|okt|nov|dec|dez)"
    r"[a-z]{0,6}\.?|-|/",
)
_HEADINGS: Final = {
    "tax": "umsatzsteueraufschlusselung|steueraufschlusselung|vat summary|tax summary|gst summary"
    "|vat breakdown|tax breakdown|vat analysis|recapitulatif tva|btw specificatie",
    "totals": "belegsummen|summen|totals|gesamtsummen|totaux|totalen|podsumowanie|totales",
    "payment": "zahlungsart|zahlungsweise|payment details|bank details|payment information"
    "|bankverbindung|coordonnees bancaires|betaalgegevens|dane do przelewu|datos bancarios"
    "|zahlungsinformationen|payment means|mode de paiement",
    "other": "bemerkungen|bemerkung|positionsdaten|positionen|remarks|notes|comments|items|goods"
    "|description of goods|remarques|opmerkingen|uwagi|observaciones|artikel|leistungen|details",
    "terms": "zahlungsbedingungen|payment terms|conditions de paiement|betalingsvoorwaarden"
    "|warunki platnosci|condiciones de pago|terms of payment",
}


class Block(NamedTuple):
    """A block of whole lines, from the start of its first to the end of its last.

    ``kind`` is ``reference``, ``note``, or ``section``; a section begins with a heading.
    """

    span: Span
    kind: str


class Table(NamedTuple):
    """A table whose columns may change places: its lines, and where each column ends."""

    lines: tuple[Span, ...]
    cuts: tuple[int, ...]


class Part(NamedTuple):
    """One printed page: its lines, whether it is the ``first``, and the blocks that may move.

    ``open_below`` is true where lines may be added below the last one.
    """

    span: Span
    first: bool
    open_below: bool
    blocks: tuple[Block, ...]


class _Line(NamedTuple):
    span: Span
    text: str
    low: str


@lru_cache(maxsize=16)
def parts(page: Page) -> tuple[Part, ...]:
    """Return the printed pages of a text, each with the blocks that may stand elsewhere on it.

    Example:
        >>> from pytest_slm_autopsy.cases.rewritten.rewrites import open_page
        >>> from pytest_slm_autopsy.records import Case
        >>> lines = "ACME", "Bill No: A-7", "Bolts 1.00", "Nuts 2.00", "Sum 3.00", "Thank you all!"
        >>> [part] = parts(open_page(Case("1", chr(10).join(lines), {})))
        >>> [block.kind for block in part.blocks]
        ['reference', 'note']
    """
    lines = [
        _Line((at.start(), at.end()), at.group().strip(), folded(at.group().strip()).text)
        for at in _LINE.finditer(page.text)
    ]
    if len(lines) < LEAST_LINES:
        return ()
    days = sum(len(_DAY.findall(line.low)) for line in lines)
    return tuple(
        Part(
            (some[0].span[0], some[-1].span[1]),
            some[0] is lines[0],
            not some[-1].text.endswith((":", ",", "-")) and not _names_another(some[-1].low),
            tuple(sorted(_blocks(page, some, days))),
        )
        for some in _printed(page.text, lines)
        if some
    )


def _blocks(page: Page, lines: Sequence[_Line], days: int) -> Iterator[Block]:
    """Yield blocks that do not overlap and that cut no value."""
    if any(_REFERS.search(line.low) or _FOOTNOTE.search(line.text) for line in lines):
        return
    at = 0
    known = (*_sections(page, lines), *_references(page, lines, days), *_notes(page, lines))
    held = [line.span for line in lines if _HOLDS.search(line.low)]
    starts, ends = [first for first, _ in held], [last for _, last in held]
    for block in sorted(known):
        start, end = block.span
        near = bisect_right(ends, start - _NEAR) != bisect_left(starts, end + _NEAR)
        if not near and start >= at and page.free(start, start) and page.free(end, end):
            yield block
            at = end


def _printed(text: str, lines: Sequence[_Line]) -> Iterator[Sequence[_Line]]:
    """Yield the lines between page breaks: lines such as ``Page 1 of 2``, or form feeds."""
    first = at = 0
    for number, line in enumerate(lines):
        fed = text.find("\f", at, line.span[1]) >= 0
        at = line.span[1]
        if fed or _PAGE.search(line.low):
            yield lines[first:number]
            first = number + (not fed)
    yield lines[first:]


def _joined(page: Page, above: _Line, below: _Line) -> bool:
    """Tell whether no blank line stands between two lines."""
    return page.text.count("\n", above.span[1], below.span[0]) < 2


# --- reference lines -----------------------------------------------------------------------------


def _references(page: Page, lines: Sequence[_Line], days: int) -> Iterator[Block]:
    """Yield runs of lines that state numbers, days and times of the document, each with its label.

    A run ends in a value that cannot go on in the next line, and begins where nothing above it can
    be what it is about.
    """
    at = 0
    while at < len(lines):
        kinds: list[str] = []
        while at + len(kinds) < len(lines) and (kind := _stated(lines[at + len(kinds)].low, days)):
            if kinds and not _joined(page, lines[at + len(kinds) - 1], lines[at + len(kinds)]):
                break
            kinds.append(kind)
        count = len(kinds)
        while kinds and kinds[-1] == "open":
            kinds.pop()
        run = lines[at : at + len(kinds)]
        if (
            run
            and _starts_anew(page, lines, at, kinds[0], days)
            and _ends(page, lines, at + len(run))
        ):
            yield Block((run[0].span[0], run[-1].span[1]), "reference")
        at += max(count, 1)


def _stated(low: str, days: int) -> str:
    """Return how a line states references, or an empty text where it does not.

    ``closed`` ends in a number or day, ``open`` in words that may go on below, ``dated`` begins
    with a mere date, and ``bare`` is a day without a label, the only one of the page.
    """
    tokens = [part for token in _SPLIT.findall(low) for part in _unglued(token)]
    if len(tokens) > _MOST_TOKENS or _MONEY.search(_DAY.sub("", low)):
        return ""
    shape = "".join(map(_letter_of, tokens))
    if set(shape) == {"v"} and _DAY.search(low):
        return "bare" if days == 1 and not _GAPS.search(low) else ""
    if not _STATED.fullmatch(shape):
        return ""
    if shape[-1] == "w":
        return "open"
    return "dated" if tokens[shape.index("r")].strip(_AROUND) in _BARE_DATE else "closed"


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


def _starts_anew(page: Page, lines: Sequence[_Line], at: int, kind: str, days: int) -> bool:
    """Tell whether a run of reference lines is about the document, not about the line above it."""
    if at == 0 or not _joined(page, lines[at - 1], lines[at]):
        return True
    above = lines[at - 1]
    if above.text.endswith((":", ",", "-", "(")) or _names_another(above.low):
        return False
    if kind == "bare":  # no value below its heading
        labels = not (_REFERENCE | _NUMBER).isdisjoint(_WORD.findall(above.low))
        return not labels or any(map(str.isdigit, above.low))
    return kind != "dated" or days == 1 or ":" not in above.text


def _names_another(low: str) -> bool:
    """Tell whether a line names what a number or day below it may be of."""
    return (
        re.search(r"\b(?:delivery|liefer\w*|note|previous|credit|original|patient|policy)\b", low)
        is not None
    )


def _ends(page: Page, lines: Sequence[_Line], at: int) -> bool:
    """Tell whether the line at a place does not go on from the one above it."""
    if at >= len(lines) or not _joined(page, lines[at - 1], lines[at]):
        return True
    start = page.text.rfind("\n", 0, lines[at].span[0]) + 1
    above = page.text.rfind("\n", 0, lines[at - 1].span[0]) + 1
    deeper = lines[at].span[0] - start > lines[at - 1].span[0] - above + 1
    first = lines[at].text[0]
    return not (deeper or first.islower() or first in "-,;.)/&+(")


# --- notes ---------------------------------------------------------------------------------------


def _notes(page: Page, lines: Sequence[_Line]) -> Iterator[Block]:
    """Yield sentences below the last amount that state nothing and refer to nothing."""
    last = max((n for n, line in enumerate(lines) if _MONEY.search(line.low)), default=None)
    if last is None:
        return
    run: list[int] = []
    for number in range(last + 1, len(lines) + 1):
        if number < len(lines) and _is_note(page, lines[number]):
            run.append(number)
            continue
        if run and _alone(page, lines, run):
            yield Block((lines[run[0]].span[0], lines[run[-1]].span[1]), "note")
        run = []


def _is_note(page: Page, line: _Line) -> bool:
    words = _WORD.findall(line.low)
    plain = not re.search(r"[\d:@#=|/]|\s{3}", line.low) and page.free(*line.span)
    known = sum(word in _NOTE for word in words)
    return plain and known >= 2 and known * 5 >= len(words) and not names_company(line.text)


def _alone(page: Page, lines: Sequence[_Line], run: Sequence[int]) -> bool:
    """Tell whether a run of sentences neither begins above nor goes on below."""
    text = page.text[lines[run[0]].span[0] : lines[run[-1]].span[1]]
    words = len(_WORD.findall(text))
    if len(run) > MOST_NOTES or words < 3:
        return False
    above, below = run[0] - 1, run[-1] + 1
    begins = (
        not _joined(page, lines[above], lines[run[0]])
        or lines[above].text[-1] in ".!"
        or any(map(str.isdigit, lines[above].text))
    ) and not lines[above].text.endswith(":")
    if lines[run[0]].text[0].islower() or text.endswith((",", "-", ":", "&")):
        return False
    if below < len(lines) and lines[below].text[0].islower():
        return False
    return begins and (
        below >= len(lines) or not _joined(page, lines[run[-1]], lines[below]) or text[-1] in ".!"
    )


# --- sections ------------------------------------------------------------------------------------


def _sections(page: Page, lines: Sequence[_Line]) -> Iterator[Block]:
    """Yield sections of known meaning, each from its heading to the next one's.

    A section goes on to the end of the page only where each of its lines has an amount.
    """
    heads = [(n, name) for n, line in enumerate(lines) if (name := _heading(line.low))]
    for (first, name), (after, _) in pairwise([*heads, (len(lines), "")]):
        part = lines[first:after]
        closed = after < len(lines) or all(_MONEY.search(line.low) for line in part[1:])
        once = sum(other == name for _, other in heads) == 1
        text = "\n".join(line.low for line in part)
        party = name in ("vendor", "customer")
        fits = not party or (len(part) <= _MOST_OF_PARTY and not _MONEY.search(text))
        if name != "other" and once and closed and fits and len(part) > 1:
            yield Block((part[0].span[0], part[-1].span[1]), "section")


@lru_cache(maxsize=4096)
def _heading(low: str) -> str:
    """Return the section that a line is the heading of; ``other`` for an unknown heading."""
    bare = low.rstrip(" :")
    if bare in _titles():
        return _titles()[bare]
    return "other" if low.endswith(":") and len(bare.split()) <= 3 and bare[:1].isalpha() else ""


@lru_cache(maxsize=1)
def _titles() -> dict[str, str]:
    titles = {one: name for name, known in _HEADINGS.items() for one in known.split("|")}
    for one in table():
        if one.concept in ("vendor", "customer") and len(one.text) > 4:
            titles[folded(one.text).text] = one.concept
    return titles


# --- tables --------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def tables(page: Page) -> tuple[Table, ...]:
    """Return the tables of which every row has a cell below each heading, and no foot below."""
    lines = [at.span() for at in _LINE.finditer(page.text)]
    found, at = [], 0
    while at < len(lines):
        after = at + 1
        head = _cells(page.text, lines[at])
        if len(head) >= LEAST_COLUMNS and not _UNHEADED.search(page.text, *lines[at]):
            while after < len(lines) and _follows(page, lines, after, len(head)):
                after += 1
            table = tuple(lines[at:after])
            cuts = _cuts(page, table, head)
            if after > at + 1 and cuts and not _has_foot(page, lines, after):
                found.append(Table(table, cuts))
        at = after
    return tuple(found)


def _cells(text: str, line: Span) -> list[Span]:
    return [one.span() for one in _CELL.finditer(text, *line)]


def _follows(page: Page, lines: Sequence[Span], at: int, columns: int) -> bool:
    joined = page.text.count("\n", lines[at - 1][1], lines[at][0]) == 1
    return joined and len(_cells(page.text, lines[at])) == columns


def _has_foot(page: Page, lines: Sequence[Span], after: int) -> bool:
    """Tell whether the next line stands in the columns of a table, as totals in its foot do."""
    if after >= len(lines):
        return False
    line = page.text[slice(*lines[after])]
    return line[:2].isspace() or len(_cells(page.text, lines[after])) > 1


def _cuts(page: Page, lines: Sequence[Span], head: Sequence[Span]) -> tuple[int, ...]:
    """Return where columns end, counted from the start of the line; none where lines disagree.

    Each cell must stand straight below its heading, or it might come to stand below another one.
    """
    rows = [_cells(page.text, line) for line in lines]
    if page.of_table(lines[0][0], lines[-1][1]) or any("\t" in page.text[slice(*a)] for a in lines):
        return ()
    over = [(start - lines[0][0], end - lines[0][0]) for start, end in head]
    for row, line in zip(rows, lines, strict=True):
        for (start, end), (left, right) in zip(row, over, strict=True):
            if start - line[0] > right or end - line[0] < left:
                return ()
    cuts = []
    for column in range(len(head) - 1):
        ends = [row[column][1] - line[0] for row, line in zip(rows, lines, strict=True)]
        starts = [row[column + 1][0] - line[0] for row, line in zip(rows, lines, strict=True)]
        if max(ends) >= min(starts):
            return ()
        cuts.append(max(ends))
    free = all(page.free(line[0] + cut, line[0] + cut) for line in lines for cut in cuts)
    return tuple(cuts) if free else ()
