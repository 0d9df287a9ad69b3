"""Rewrites of labels: synonyms, upper and lower case, misread letters."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick, share, weighted
from pytest_slm_autopsy.cases.drawn.axes.labels import CASES, LEAST_LETTERS, recased
from pytest_slm_autopsy.cases.rewritten.axes.families import apart
from pytest_slm_autopsy.cases.rewritten.axes.meanings import asked
from pytest_slm_autopsy.cases.rewritten.page import Edit, Page, Refused, some
from pytest_slm_autopsy.cases.schemas.misreads import misread
from pytest_slm_autopsy.notation.kinds import kind_of
from pytest_slm_autopsy.notation.text import Span

_WORD: Final = re.compile(rf"\b(?![IVXLCDM]+\b)[^\W\d_]{{{LEAST_LETTERS},}}")
_TOKEN: Final = re.compile(r"[\w@#:=\\/~.&?+-]+")
_CODED: Final = re.compile(
    r"""
    \d | [@#\\=_~&?] | //                   # numbers, mails, tags, addresses of the web
    | \w::?[\w/] | [^\W\d_]{2}\.[^\W\d_]          # xs:date, file.pdf, example.com
    | [a-zß-ÿ][A-Z]                         # camelCase
    | \b[B-DF-HJ-NP-TV-XZ]{4,}\b | [B-DF-HJ-NP-TV-XZ]{6}   # no vowels, as no word has
    """,
    re.VERBOSE,
)
_BANK: Final = re.compile(r"\b(?:BIC|SWIFT)\b", re.IGNORECASE)
_BIC: Final = re.compile(r"[A-Z]{8}(?:[A-Z]{3})?")
_IDENTIFIER: Final = re.compile(
    r"\b(?:BIC|SWIFT(?:-?Code)?|IBAN|ISIN|WKN|VAT|USt\.?-?Id\.?-?Nr|USt\.?-?ID|UID|TVA|BTW|NIP|NIF|CIF"
    r"|GLN|GTIN|EAN|LEI|MIC|CUSIP|SEDOL|SIREN|SIRET|GSTIN|KvK|KRS|REGON|Ticker|Symbol)\b"
    r"\W*(?:(?:No|Nr|ID|Code)\b\W*)?(?P<code>[A-Z][A-Z0-9]+)\b",
)
# Units such as (mg) and kWh, letters that come back as others, and numbers that would be one.
_CASED: Final = re.compile(r"[(\[İı/]|[a-z][A-Z]|\d \d")
_SHORT: Final = re.compile(r"\b[^\W\d_]{1,3}\b")
_DIGIT: Final = re.compile(r"\d")
_MIXED: Final = re.compile(r"[^\W\d_]\d|\d[^\W\d_]|[@#\\_~]|[^\W\d_]{2}\.[^\W\d_]{2}|\w:\w")
_NO_UNITS: Final = frozenset(
    "no nr num inv po ref vat tax gst net sub due to by of the for and your our id qty pay doc bic"
    " ust am bis zu der die vom von zum ohne inkl netto tva de la du le et n btw van het te iva del"
    " el al nip dni ort tel fax day sum age sex dob job lot bin art bon".split()
)
WORDS_MISREAD: Final = 0.1
"""Share of the words outside of labels that is misread at full severity."""


def synonyms(page: Page, severity: float, choices: Choices) -> Page:
    """Rename the labels of values that are asked for, each to a synonym.

    Where two lines have one meaning, both keep their labels: these tell the lines apart.
    """
    offers = {label: others for label, others in _offers(page) if others}
    if not offers:
        raise Refused("no label of a value in it has a known synonym; give its field synonyms")
    chosen = some(choices, sorted(offers), severity)
    return page.edited(_renamed(page, chosen, offers, choices))


def case(page: Page, severity: float, choices: Choices) -> Page:
    """Write labels in upper case, in lower case, or without their spaces.

    A label stays where its new case would make it a unit (mg, MW) or the label of another line
    (``Sample a`` beside ``Sample A``).
    """
    kinds = dict.fromkeys([weighted(choices, CASES), "upper", "lower"])
    written = Counter({page.text[slice(*line.label)] for line in page.labelled})
    times = Counter(label.casefold() for label in written)
    labels = [
        label
        for label in _free(page, [line.label for line in page.labelled])
        if times[page.text[slice(*label)].casefold()] == 1 and not _has_unit(page, label)
    ]
    for kind in kinds:
        edits = [
            (*label, recased(page.text[slice(*label)], kind))
            for label in labels
            # Konto 123 Valuta glued would be another number.
            if kind != "spaceless" or not _DIGIT.search(page.text, *label)
        ]
        fit = [
            (start, end, new)
            for start, end, new in edits
            if new != page.text[start:end] and page.silent(new)
        ]
        if fit:
            return page.edited(some(choices, fit, severity))
    raise Refused("it has no label that could stand in another case")


def _has_unit(page: Page, label: Span) -> bool:
    text = page.text[slice(*label)]
    short = (word for word in _SHORT.findall(text) if word.casefold() not in _NO_UNITS)
    return bool(_CASED.search(text) or _MIXED.search(text)) or any(short)


def misspelt(page: Page, severity: float, choices: Choices) -> Page:
    """Change or drop one letter in some labels.

    Other words of the page change too if all its values were found. Only long words change, so
    that units and numerals stay what they are. No label becomes like another label of the page.
    """
    labels = _free(page, [line.label for line in page.labelled])
    words = {label: list(_readable(page, *label)) for label in labels}
    fit = [label for label in labels if words[label]]
    touched = some(choices, fit, severity) if fit else ()
    chosen = {pick(choices, words[label]): label for label in touched}
    others = _words(page, severity * WORDS_MISREAD, choices) if page.complete else []
    edits = []
    for word in sorted({*chosen, *others}):
        edit = (*word, misread(page.text[slice(*word)], choices))
        confusing = word in chosen and _confusing(page, edit, chosen[word])
        if page.silent(edit[2]) and not confusing:
            edits.append(edit)
    if not edits:
        raise Refused(f"it has no label with a word of {LEAST_LETTERS} letters that may be misread")
    return page.edited(edits)


def _words(page: Page, part: float, choices: Choices) -> list[Span]:
    """Return words outside of labels and values: about the share ``part`` of all words."""
    words = list(_readable(page, 0, len(page.text)))
    drawn = {pick(choices, words) for _ in range(share(part, len(words)) if words else 0)}
    labels = [line.label for line in page.labelled]
    starts = [start for start, _ in labels]
    outside = [
        (start, end)
        for start, end in drawn
        if not labels or start >= labels[bisect_right(starts, start) - 1][1] or start < starts[0]
    ]
    return _free(page, outside)


def _readable(page: Page, start: int, end: int) -> Iterator[Span]:
    """Yield the long words between two places that a careful reader reads in spite of a misprint.

    A code, a mail, a file's name or a word behind BIC or IBAN would be another one.
    """
    codes = _codes(page)
    for token in _TOKEN.finditer(page.text, start, end):
        if not _CODED.search(token.group().rstrip(".:-")):
            words = _WORD.finditer(page.text, *token.span())
            yield from (word.span() for word in words if word.start() not in codes)


@lru_cache(maxsize=16)
def _codes(page: Page) -> Set[int]:
    """Return the starts of words that are codes since a BIC, an IBAN or a tax id is named."""
    found = {match.start("code") for match in _IDENTIFIER.finditer(page.text)}
    if _BANK.search(page.text):
        found |= {m.start() for m in _WORD.finditer(page.text) if _BIC.fullmatch(m.group())}
    return found


def _confusing(page: Page, edit: Edit, label: Span) -> bool:
    """Tell whether an edited label would be one letter or less from another label of the page."""
    start, end, new = edit
    now = f"{page.text[label[0] : start]}{new}{page.text[end : label[1]]}".casefold()
    was = page.text[slice(*label)].casefold()
    return any(other != was and _one_letter_apart(now, other) for other in _said(page))


@lru_cache(maxsize=16)
def _said(page: Page) -> Set[str]:
    return set(map(page.said, page.labelled))


def _one_letter_apart(one: str, other: str) -> bool:
    """Tell whether two texts become the same when at most one letter of each is lost."""
    if abs(len(one) - len(other)) > 1:
        return False
    shorter = min(len(one), len(other))
    start = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    one, other = one[start:], other[start:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) < 2 or one[1:] == other[:-1] or one[:-1] == other[1:]


def _free(page: Page, spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if page.free(*span)]


def _renamed(
    page: Page, labels: Sequence[Span], offers: Mapping[Span, Sequence[str]], choices: Choices
) -> list[Edit]:
    """Return edits that give each label another name, no name twice; capitals stay capitals."""
    used: set[str] = set()
    edits = []
    for label in labels:
        left = [other for other in offers[label] if other.casefold() not in used]
        if not left:
            continue
        other = pick(choices, left)
        used.add(other.casefold())
        old = page.text[slice(*label)]
        new = other.upper() if old.isupper() else other.lower() if old.islower() else other
        edits.append((*label, new if page.silent(new) else other))
    return edits


def _offers(page: Page) -> Iterator[tuple[Span, list[str]]]:
    """Yield labels with the synonyms that the text does not hold."""
    known, low = asked(page), page.text.casefold()
    times = Counter(one.name for one in known.values())
    said = Counter(map(page.said, page.labelled))
    for line, one in known.items():
        own = page.said(line)
        alone = times[one.name] == 1 and said[own] <= 1
        if alone and page.free(*line.label) and not page.free(*line.value):
            fresh = [
                other
                for other in one.labels
                if low.count(other.casefold()) == own.count(other.casefold())
                and other.casefold() != own
                and page.silent(other)
            ]
            yield line.label, apart(page, line.label, fresh, kind_of(page.text[slice(*line.value)]))
