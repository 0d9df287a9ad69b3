"""Closing sentences, and sections with a heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from pytest_slm_autopsy.cases.rewritten.axes.blocks.page_lines import (
    MONEY,
    WORD,
    Block,
    PageLine,
    joined,
)
from pytest_slm_autopsy.cases.rewritten.page import Page
from pytest_slm_autopsy.cases.schemas.labels import table
from pytest_slm_autopsy.notation.parties import names_company
from pytest_slm_autopsy.notation.text import folded

MOST_NOTES: Final = 12

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

_MOST_OF_PARTY: Final = 16

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


def notes(page: Page, lines: Sequence[PageLine]) -> Iterator[Block]:
    """Yield sentences below the last amount that state nothing and refer to nothing."""
    last = max((n for n, line in enumerate(lines) if MONEY.search(line.low)), default=None)
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


def _is_note(page: Page, line: PageLine) -> bool:
    words = WORD.findall(line.low)
    plain = not re.search(r"[\d:@#=|/]|\s{3}", line.low) and page.free(*line.span)
    known = sum(word in _NOTE for word in words)
    return plain and known >= 2 and known * 5 >= len(words) and not names_company(line.text)


def _alone(page: Page, lines: Sequence[PageLine], run: Sequence[int]) -> bool:
    """Tell whether a run of sentences neither begins above nor goes on below."""
    text = page.text[lines[run[0]].span[0] : lines[run[-1]].span[1]]
    words = len(WORD.findall(text))
    if len(run) > MOST_NOTES or words < 3:
        return False
    above, below = run[0] - 1, run[-1] + 1
    begins = (
        not joined(page, lines[above], lines[run[0]])
        or lines[above].text[-1] in ".!"
        or any(map(str.isdigit, lines[above].text))
    ) and not lines[above].text.endswith(":")
    if lines[run[0]].text[0].islower() or text.endswith((",", "-", ":", "&")):
        return False
    if below < len(lines) and lines[below].text[0].islower():
        return False
    return begins and (
        below >= len(lines) or not joined(page, lines[run[-1]], lines[below]) or text[-1] in ".!"
    )


def sections(page: Page, lines: Sequence[PageLine]) -> Iterator[Block]:
    """Yield sections of known meaning, each from its heading to the next one's.

    A section goes on to the end of the page only where each of its lines has an amount. One before
    an unknown heading stays, since what that heads may be a part of it.
    """
    heads = [(n, name) for n, line in enumerate(lines) if (name := _heading(line.low))]
    for (first, name), (after, below) in pairwise([*heads, (len(lines), "")]):
        part = lines[first:after]
        closed = below or all(MONEY.search(line.low) for line in part[1:])
        once = sum(other == name for _, other in heads) == 1
        text = "\n".join(line.low for line in part)
        party = name in ("vendor", "customer")
        fits = not party or (len(part) <= _MOST_OF_PARTY and not MONEY.search(text))
        known = name not in ("other", "unknown")
        if known and once and closed and below != "unknown" and fits and len(part) > 1:
            yield Block((part[0].span[0], part[-1].span[1]), "section")


@lru_cache(maxsize=4096)
def _heading(low: str) -> str:
    """Return the section that a line is the heading of, perhaps ``other`` or ``unknown``."""
    bare = low.rstrip(" :")
    if bare in _titles():
        return _titles()[bare]
    return "unknown" if low.endswith(":") and len(bare.split()) <= 3 and bare[:1].isalpha() else ""


@lru_cache(maxsize=1)
def _titles() -> dict[str, str]:
    titles = {one: name for name, known in _HEADINGS.items() for one in known.split("|")}
    for one in table():
        if one.concept in ("vendor", "customer") and len(one.text) > 4:
            titles[folded(one.text).text] = one.concept
    return titles
