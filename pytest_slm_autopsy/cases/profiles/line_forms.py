# ruff: noqa: RUF001
"""Forms of lines that state no field: what each part of a line is, and its looks; no word of it.

Nothing of a document is kept but white space, marks and the names of what stands between them. A
line is told by the package's own phrases, and by how names, addresses, amounts and days look.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from pytest_slm_autopsy.cases.drawn.patterns import COLON, Slot
from pytest_slm_autopsy.cases.drawn.phrases import LABEL_USES, LINE_USES, uses_of
from pytest_slm_autopsy.cases.profiles.sighted.cells import SEGMENT
from pytest_slm_autopsy.cases.schemas.labels import table
from pytest_slm_autopsy.notation.dates.days import day_at_start
from pytest_slm_autopsy.notation.figures.currencies import begins_currency, codes, is_sure_mark
from pytest_slm_autopsy.notation.parties import begins_company, names_address, names_company

LONGEST: Final = 160
"""Characters of a line of which a pattern is made; the rest is left out."""
SENTENCE: Final = 5
"""Words from which a text is a sentence."""
FEW_DIGITS: Final = 3
"""Digits of a size or an article (``A4``, ``900ML``) that nobody takes for a document's number."""
LONGEST_DAY: Final = 30
_ALNUM: Final = re.compile(r"[^\W_]")
_DIGIT: Final = re.compile(r"\d")
_LETTER: Final = re.compile(r"[^\W\d_]")
_MAIL: Final = re.compile(r"\S[^\s@]*@\S+\.\S+")
_WEB: Final = re.compile(
    r"(?:https?:|www\.)\S+|\S+\.(?:com|org|net|eu|de|fr|nl|pl|es|my)(?:/\S*)?", re.IGNORECASE
)
# Not from within a number: a line of digits alone would be read from each of them.
_AMOUNT: Final = re.compile(r"[-+(]?(?<!\d)(?<!\d[’'])\d{1,3}(?:[.,’']?\d{3})*[.,]\d{2,4}[-)]?")
_PERCENT: Final = re.compile(r"@?\(?\d{1,2}(?:[.,]\d{1,2})? ?%\)?")
_TIME: Final = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?")
_NUMBER: Final = re.compile(r"#?\d{1,3}")
_LABELLED: Final = re.compile(
    r"(?P<label>[^\W\d_][^:=|#\d]{0,38}?)(?P<mark> *(?:[:=#]|\.{3,}) *)(?P<value>\S.*)"
)
_HEADED: Final = re.compile(r"(?P<label>[^\W\d_][^:=|#\d]{0,38}?) *(?P<mark>:)")
# A label and its value with a gap beside the mark: ``Number        : 4711``.
_APART: Final = re.compile(
    r"(?P<indent>\s*)(?P<label>[^\W\d_][^:=|#\d\t]{0,38}?(?<! ))"
    r"(?P<mark> {2,}[:=] *|[:=] {2,})(?P<value>[^\s:=|](?: ?[^\s:=|])*)"
)
_POSTAL: Final = re.compile(r"(?:[A-Z]{1,2}[- ])?\d{4,6} [^\W\d_]{2,}[^\d]*")
_WORD: Final = re.compile(r"\S+")
_PUNCTUATION: Final = ".,;:!?"
_AROUND: Final = ".,;:!?()[]<>*#'\"“”„«»/-_·•…"
_PIECES: Final = re.compile(r"([-/.&+_’'|,()]+)")
_ENDING: Final = ".,;:!*-"
_BRACES: Final = re.compile(r"[{}]")


def pattern_of(line: str) -> str:
    """Return the pattern of a line.

    Example:
        >>> pattern_of("  Blue Harbour Bakery    Tel.: 01-555 0142")
        '  {words:Aa:3:19}    {label phone:Aa:1:4}: {code:99-999:1:6} {code:9999:1:4}'
    """
    line = line[:LONGEST].rstrip()
    if apart := _APART.fullmatch(line):
        pair = _pair(*apart.group("label", "mark", "value"))
        return f"{apart['indent']}{pair}"
    found, at = "", 0
    for part in SEGMENT.finditer(line):
        found += line[at : part.start()] + _segment(part.group())
        at = part.end()
    return found + line[at:]


def masked(text: str) -> str:
    """Return a line with nothing left of its words and digits but their looks, and our labels.

    Example:
        >>> masked("Datum : 21.04.2025   Blue Harbour Bakery")
        'Datum : 99.99.9999   Xxxx Xxxxxxx Xxxxxx'
    """
    shown, at = "", 0
    for part in SEGMENT.finditer(text):
        label = _known_label(part.group())
        shown += text[at : part.start()] + label + _shape(part.group()[len(label) :], "Xx")
        at = part.end()
    return shown + text[at:]


def masked_label(label: str) -> str:
    """Return a label that is one of the package's own, or its looks."""
    return label if _is_known(label) else _shape(label, "Xx")


def _segment(text: str) -> str:
    """Return the pattern of a text between two gaps."""
    if not _ALNUM.search(text):
        return _BRACES.sub("|", text)
    if use := next((use for use in uses_of(text) if use in LINE_USES), ""):
        core = text.strip(_ENDING)
        before, after = text.partition(core)[::2]
        return f"{before}{_slot(use, core)}{after}"
    if headed := _HEADED.fullmatch(text):
        return f"{_slot('section', headed['label'])}{headed['mark']}"
    if labelled := _LABELLED.fullmatch(text):
        return _pair(*labelled.group("label", "mark", "value"))
    if label := _label_before_digits(text):
        return _pair(label, " ", text[len(label) + 1 :])
    if (kind := _name(text)) or (kind := _prose(text)):
        core = text.rstrip(_ENDING)
        return _slot(kind, core) + text[len(core) :]
    return _tokens(text)


def _pair(label: str, mark: str, value: str) -> str:
    """Return the pattern of a label and its value; an unknown label is told by the value."""
    drawn = _name(value) or ""
    shown = _slot(drawn, value) if drawn else _tokens(value)
    use = next((use for use in uses_of(label) if use in LABEL_USES), "")
    if not use:
        kinds = re.findall(r"\{([a-z ]+):", shown)
        use = next((_USE_BY_KIND[kind] for kind in kinds if kind in _USE_BY_KIND), "count")
    shown = _FIRST_VALUE.match(shown)[0] if use in ("day", "code") else shown  # type: ignore[index]
    if use == "count" and not re.search(r"\{(?:number|code)", shown):
        shown = Slot("number", "9", 1, len(value)).pattern
    return f"{_slot(f'label {use}', label)}{mark}{shown}"


_USE_BY_KIND: Final = {
    "amount": "amount", "day": "day", "mail": "mail", "web": "web", "code": "code",
    "party": "person",
}  # fmt: skip
_FIRST_VALUE: Final = re.compile(r".*?(?:\{(?:day|code|number):[^{}]*\}|$)")


def _name(text: str) -> str:
    """Return what a text names: a party, an address, a mail or a site; or an empty text."""
    if _MAIL.fullmatch(text):
        return "mail"
    if _WEB.fullmatch(text):
        return "web"
    if begins_company(text) or names_company(text):
        return "party"
    if _POSTAL.fullmatch(text):
        return "address"
    return "address" if not _AMOUNT.search(text) and names_address(text) else ""


def _prose(text: str) -> str:
    """Tell a sentence by its many words."""
    words = text.split(" ")
    lettered = sum(_DIGIT.search(word) is None and len(word) > 1 for word in words)
    return "note" if len(words) >= SENTENCE and lettered > 0.7 * len(words) else ""


def _tokens(text: str) -> str:
    """Return the pattern of a text, word by word; words that follow each other are one slot."""
    found: list[str] = []
    words: list[str] = []
    at = 0
    while word := _WORD.search(text, at):
        start, at = word.span()
        if (rate := _PERCENT.match(text, start)) and not text[rate.end() : rate.end() + 1].strip():
            found += [*_words(words), _slot_of_digits("percent", rate.group())]
            words, at = [], rate.end()
            continue
        day = day_at_start(text[start : start + LONGEST_DAY]) if _may_be_day(text, start) else None
        if day and day.sure:
            at = max(at, start + day.span[1])
            told = Slot("day", "", 1, at - start).pattern
        else:
            told = _currency(text, word) or _token(word.group())
        if told:
            found += [*_words(words), told]
            words = []
        else:
            words.append(word.group())
    return " ".join([*found, *_words(words)])


def _currency(text: str, word: re.Match[str]) -> str:
    """Return the pattern of a currency before an amount: ``RM 16.00``, or of a sure one."""
    core = word.group()
    before = text[: word.start()].rstrip(" -)")[-1:].isdigit()
    beside = before or _AMOUNT.match(text, word.end() + 1)
    sign = not core.isalpha() and not _DIGIT.search(core) and is_sure_mark(core)
    if sign or (core.isalpha() and beside and begins_currency(core) == len(core)):
        return Slot("currency", "XXX" if core in codes() else "¤", 1, len(core)).pattern
    return ""


def _words(words: list[str]) -> list[str]:
    """Return the patterns of words that follow each other; those with marks within stand alone."""
    found: list[str] = []
    run: list[str] = []
    for word in words:
        core = word.strip(_AROUND)
        short = len(core) < 2 or (len(core) < 3 and core.isupper())
        alone = short or _PIECES.search(core)
        if run and (alone or word[:1] in _AROUND):
            found.append(_worded(" ".join(run)))
            run = []
        run.append(word)
        if alone or word[-1:] in _AROUND:
            found.append(_worded(" ".join(run)))
            run = []
    return [*found, _worded(" ".join(run))] if run else found


def _token(word: str) -> str:
    """Return the pattern of one word that is no name: a number, an amount, a mark, a unit."""
    core = word.strip(_PUNCTUATION) or word
    if not _ALNUM.search(word):
        return _BRACES.sub("|", word)
    if not _DIGIT.search(word):
        return _slot("unit", core) if "unit" in uses_of(core) else ""
    sign = begins_currency(core)
    if 0 < sign < len(core) and _AMOUNT.fullmatch(core[sign:]):
        mark = Slot("currency", "XXX" if core[:sign].strip() in codes() else "¤", 1, sign).pattern
        return mark + _slot_of_digits("amount", core[sign:])
    if (behind := _AMOUNT.match(core)) and is_sure_mark(mark := core[behind.end() :]):
        shown = Slot("currency", "XXX" if mark in codes() else "¤", 1, len(mark)).pattern
        return _slot_of_digits("amount", behind.group()) + shown
    for kind, looks in _LOOKS:
        if looks.fullmatch(core):
            return _slot_of_digits(kind, core)
    if _MAIL.fullmatch(core) or _WEB.fullmatch(core):
        return _slot(_name(core) or "web", core)
    few = sum(map(str.isdigit, core)) <= FEW_DIGITS
    return _slot_of_digits("article" if few and _LETTER.search(core) else "code", core)


_LOOKS: Final = (
    ("amount", _AMOUNT), ("percent", _PERCENT), ("time", _TIME), ("number", _NUMBER),
)  # fmt: skip


def _may_be_day(text: str, start: int) -> bool:
    return _DIGIT.search(text, start, start + LONGEST_DAY) is not None


def _slot(kind: str, text: str) -> str:
    letters = _LETTER.findall(text)
    upper = sum(map(str.isupper, letters))
    look = "A" if upper > 0.7 * len(letters) else "Aa" if upper else "a"
    return Slot(kind, look, text.count(" ") + 1, len(text)).pattern


def _worded(text: str) -> str:
    """Return the pattern of words, with the marks around them, and within a single one."""
    core = text.strip(_AROUND)
    before, after = text.partition(core)[::2] if core else ("", "")
    if not core:
        return _BRACES.sub("|", text)
    if " " not in core:
        pieces = _PIECES.split(core)
        shown = "".join(_piece(one) if _ALNUM.search(one) else one for one in pieces)
    else:
        shown = _slot("words", core)
    return f"{_BRACES.sub('|', before)}{shown}{_BRACES.sub('|', after)}"


def _piece(word: str) -> str:
    return _slot_of_digits("letter", word) if len(word) < 3 else _slot("words", word)


def _slot_of_digits(kind: str, text: str) -> str:
    look = _BRACES.sub("|", _shape(text, "Aa")).replace(":", COLON)
    return Slot(kind, look, 1, len(text)).pattern


def _shape(text: str, letters: str) -> str:
    """Return a text with a sign for each letter and digit, in capitals and small letters."""
    return "".join(
        "9" if sign.isdigit() else sign if not sign.isalpha() else letters[not sign.isupper()]
        for sign in text
    )


@cache
def _labels() -> frozenset[str]:
    return frozenset(" ".join(one.text.lower().split()) for one in table())


def _is_known(label: str) -> bool:
    plain = " ".join(label.lower().split())
    return plain in _labels() or not set(uses_of(label)).isdisjoint((*LABEL_USES, *LINE_USES))


def _known_label(text: str) -> str:
    """Return the known label with which a text begins, if no further word follows it."""
    for end in [*(m.start() for m in re.finditer(r" |(?<=\w)(?=[:=])|(?<=[.#°])", text))][5::-1]:
        if _is_known(text[:end]) and not text[end:].lstrip()[:1].isalpha():
            return text[:end]
    return text if _is_known(text) else ""


def _label_before_digits(text: str) -> str:
    """Return the known label before a value with digits: ``TEL 05-555``."""
    ends = [part.start() for part in re.finditer(" ", text)][:4]
    for end in reversed(ends):
        if text[end + 1 : end + 4].strip("(+#-")[:1].isdigit():
            label = text[:end]
            if not set(uses_of(label)).isdisjoint(LABEL_USES):
                return label
    return ""
