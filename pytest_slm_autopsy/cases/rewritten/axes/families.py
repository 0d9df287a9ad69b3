"""Families of labels: what one label of a page is called may tell it from another of its family.

``Total``, ``Nett Total`` and ``Total Payable`` are of one family. Beside another one, a label may
neither say more than before nor less, whether the other stands on a line of its own, in the foot of
a table or in a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache
from typing import Final, NamedTuple

from pytest_slm_autopsy.cases.rewritten.page import Page
from pytest_slm_autopsy.notation.text import Span, folded


class _Family(NamedTuple):
    """Words that name a family, and those that tell its labels apart, by their meaning.

    ``weak`` words are of the family only where an amount stands behind them on the line. A phrase
    with one of the words in ``never`` is of another family. In a ``strict`` family another label
    must tell the same; else it must tell something at all.
    """

    heads: str
    telling: Sequence[tuple[str, str]] = ()
    weak: str = r"(?!)"
    never: str = r"(?!)"
    strict: bool = False


_TAXES: Final = (
    r"tax|taxes|vat|gst|sst|mwst|ust|umsatzsteuer|mehrwertsteuer|steuer|steuerbetrag|tva|btw|iva"
    r"|podatek|moms|dph"
)
_NUMBERS: Final = r"nos?|nr|nrs|number|num|id|\w*nummer|numero|numer|reg|code|kod"
_DATES: Final = r"\w*dates?|dated|\w*datum|data|datas|fecha|\w*dato|\w*dag|\w*tag|dt"
_FAMILIES: Final = {
    "sum": _Family(
        r"(?:sub)?total\w*|(?:sub)?totaal\w*|\w*summe|summa|suma|sum|razem|celkem|gesamt\w*"
        r"|\w*endbetrag|\w*rechnungsbetrag|\w*zahlbetrag|netto(?:betrag|summe)|brutto(?:betrag)?",
        (
            ("sub", r"sub\w*|sous|zwischen\w*|zw|mezisoucet|delsumma"),
            (
                "net",
                (r"net|nett|netto\w*|neto|ht|liquido|imponible|imponibile|taxable|excl\w*|ohne"
                r"|hors|before|zonder|bez|exkl\w*"),
            ),
            ("gross", r"gross|brutto\w*|bruto|ttc|incl\w*|inkl\w*|con|avec|z"),
            (
                "pay",
                (r"payable|due|zahl\w*|payer|betalen|pagar|zap[lł]aty|pay|betala|betale|uhrade"
                r"|voldoen|balance|saldo|offen\w*"),
            ),
            ("whole", r"grand|final|end(?:betrag|summe)|general\w*|overall|rechnungs\w*|invoice"),
            ("rounded", r"round\w*|gerundet\w*|arrondi\w*|afgerond\w*|zaokr\w*|redonde\w*"),
            ("lines", r"positions\w*|lines?|items?|qty|quantity|menge"),
            ("tax", _TAXES),
        ),
        weak=r"net|nett|netto|gross|brutto|neto|bruto|payable|due|amount|balance|ht|ttc"
        r"|round\w*|zahlen|payer|betalen|pagar|zap[lł]aty|\w*betrag|montant|bedrag|importe",
        never=_DATES,
        strict=True,
    ),
    "tax": _Family(_TAXES, weak=_TAXES, never=rf"{_NUMBERS}|incl\w*|excl\w*|inkl\w*|ohne|code|net"),
    "date": _Family(
        rf"{_DATES}|fallig\w*|due|echeance|termin|vencimiento|scadenza", never=r"today|dag|tag"
    ),
    "customer": _Family(
        r"bill|ship|sold|deliver|customer|client|buyer|purchaser|consignee|recipient|kunde"
        r"|kaufer|\w*empfanger|auftraggeber|\w*adresse|\w*anschrift|klant|afnemer|debiteur"
        r"|destinataire|acheteur|nabywca|odbiorca|klient|cliente|comprador|destinatario",
        never=_NUMBERS,
    ),
    "vendor": _Family(
        r"seller|vendor|supplier|issuer|remitter|manufacturer|verkaufer|lieferant|absender"
        r"|vendeur|fournisseur|emetteur|verkoper|leverancier|sprzedawca|dostawca|wystawca"
        r"|vendedor|proveedor|emisor",
        never=_NUMBERS,
    ),
    "number": _Family(rf"{_NUMBERS}|ref\w*"),
}  # fmt: skip
_OF_KIND: Final = {"money": ("tax", "sum"), "date": ("date",), "code": ("number",)}
_PARTIES: Final = ("customer", "vendor")
# Words that tell nothing: a document has one number and one day at least.
_EMPTY: Final = frozenset(
    "of the de la le du der die das von van het z o a an to for your our amount betrag montant"
    " bedrag kwota importe importo wartosc value wert valor name document doc beleg bon ref"
    " reference referenz in on am le".split()
)
_MOST_WORDS: Final = 5
"""Words of a label; more of them without an amount are a sentence."""
_PHRASE: Final = re.compile(r"[^\W\d_]+(?:[ .()/&'\u2019-]{1,3}[^\W\d_]+)*")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_MONEY: Final = re.compile(r"\d[.,]\d\d(?!\d)")
# What the sums of a page are of, and with which each may be confused.
_ALIKE: Final = {
    "whole": ("whole", "lines"),
    "part": ("part", "lines"),
    "lines": ("whole", "part", "lines"),
    "other": ("other",),
}
# A value stands behind a label: a mark and anything but a line to write on, or a number.
_STATES: Final = re.compile(r"[^\S\n]*(?:[:=#][^\S\n]*[^\s_]|\S{0,4}\d)")
# Words of the day of the document itself, which is often asked for as its date.
_OWN_DAY: Final = (
    r"(?:rechnungs|factuur)?(?:date|dated|datum|data|fecha|dato)|invoice|rechnung|facture|factuur"
    r"|faktury|factura|fattura|issued?|receipt|bill|wystawienia|emission|emision|emissione"
)


class _Phrase(NamedTuple):
    span: Span
    words: tuple[str, ...]
    money: bool


def apart(page: Page, label: Span, others: Sequence[str], kind: str) -> list[str]:
    """Return the other labels that tell ``label`` from the rest of its family on the page.

    Example:
        >>> from pytest_slm_autopsy.cases.rewritten.rewrites import open_page
        >>> from pytest_slm_autopsy.records import Case
        >>> page = open_page(Case("1", "Total: 9.00, Grand Total: 9.50", {}))
        >>> apart(page, (0, 5), ["Net Total"], "money")
        []
    """
    own = _words(page.text[slice(*label)])
    for name in _names(own, kind):
        family = _FAMILIES[name]
        rest = [_told(phrase.words, family) for phrase in _relatives(page, name, label)]
        if not rest:
            continue
        told = _told(own, family)
        if not told or told in rest:
            return []
        others = [other for other in others if _fits(own, _words(other), family, rest)]
    return list(others)


def _fits(
    own: Sequence[str], other: Sequence[str], family: _Family, rest: Sequence[Set[str]]
) -> bool:
    """Tell whether a label says as much as its own, and takes no name of a neighbour."""
    told = _told(other, family)
    if told in rest or not family.strict:
        return bool(told) and told not in rest
    # Beside a total, what was an amount due becomes no total due.
    named = _has(own, family.heads) or not _has(other, family.heads)
    return named and told == _told(own, family)


def rivalled(page: Page, label: str, field: str, kind: str) -> bool:
    """Tell whether a label of a page could be taken for that of a field, which has been removed.

    Example:
        >>> from pytest_slm_autopsy.cases.rewritten.rewrites import open_page
        >>> from pytest_slm_autopsy.records import Case
        >>> page = open_page(Case("1", "Total Payable: 9.50, Expiry date: 2025-01-02", {}))
        >>> rivalled(page, "Total", "total", "money"), rivalled(page, "Date", "date", "date")
        (True, False)
    """
    own = _words(label)
    stated = [one for one in _phrases(page) if _STATES.match(page.text, one.span[1])]
    if any(own == one.words for one in stated):
        return True
    if kind == "date" and (_is_own_day(own) or _is_own_day(_words(field.replace("_", " ")))):
        return any(_is_own_day(one.words) for one in stated)
    sums = _FAMILIES["sum"]
    if kind != "money" or not _has(own, f"{sums.heads}|{sums.weak}"):
        return False
    left = {_summed(one.words) for one in _family_of(page, "sum") if one.money}
    return not left.isdisjoint(_ALIKE[_summed(own)])


def _is_own_day(words: Sequence[str]) -> bool:
    own = [word for word in words if word not in _EMPTY]
    return _has(own, _FAMILIES["date"].heads) and all(_has([word], _OWN_DAY) for word in own)


def _summed(words: Sequence[str]) -> str:
    """Return what a sum is of: the ``whole``, a ``part`` of it, its ``lines``, or ``other``."""
    told = _told(words, _FAMILIES["sum"])
    # Net à payer is the whole; net pay is a part of gross pay.
    if "sub" in told or ("net" in told and ("pay" in words or "pay" not in told)):
        return "part"
    if told == {"tax"} or (told == {"rounded"} and not _has(words, _FAMILIES["sum"].heads)):
        return "other"
    return "lines" if "lines" in told else "whole"


def _names(words: Sequence[str], kind: str) -> Iterator[str]:
    """Yield the families that a label is of: by the kind of its value, or by its words."""
    known = _OF_KIND.get(kind, _PARTIES)
    own = [name for name in known if _has(words, _FAMILIES[name].heads)]
    if own == ["tax", "sum"]:
        own = ["sum"]
    yield from own or ([known[-1]] if len(known) == 1 or kind == "money" else [])


@lru_cache(maxsize=16)
def _phrases(page: Page) -> tuple[_Phrase, ...]:
    """Return the phrases of a page, and whether an amount follows each on its line."""
    found: list[_Phrase] = []
    start = 0
    for line in page.text.split("\n"):
        last = max((money.start() for money in _MONEY.finditer(line)), default=-1)
        found += (
            _Phrase((start + one.start(), start + one.end()), _words(one.group()), one.end() < last)
            for one in _PHRASE.finditer(line)
        )
        start += len(line) + 1
    return tuple(found)


@lru_cache(maxsize=64)
def _family_of(page: Page, name: str) -> tuple[_Phrase, ...]:
    family = _FAMILIES[name]
    return tuple(
        one
        for one in _phrases(page)
        if (_has(one.words, family.heads) and (name != "tax" or one.money))
        or (one.money and _has(one.words, family.weak))
        if not _has(one.words, family.never) and (one.money or len(one.words) <= _MOST_WORDS)
    )


def _relatives(page: Page, name: str, label: Span) -> list[_Phrase]:
    """Return phrases of a family that stand elsewhere than a label."""
    return [
        one for one in _family_of(page, name) if one.span[1] <= label[0] or label[1] <= one.span[0]
    ]


def _told(words: Sequence[str], family: _Family) -> Set[str]:
    """Return what the words of a label tell beside the name of its family."""
    if family.strict:
        return {meaning for meaning, known in family.telling if _has(words, known)}
    rest = {word[:5] for word in words if word not in _EMPTY and not _has((word,), family.heads)}
    glued = {word[:5] for word in words if len(word) > 7 and _has((word,), family.heads)}
    return rest | glued


def _has(words: Sequence[str], pattern: str) -> bool:
    return any(_compiled(pattern).fullmatch(word) for word in words)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@lru_cache(maxsize=4096)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORDS.findall(folded(text).text))
