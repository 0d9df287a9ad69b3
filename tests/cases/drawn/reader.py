# ruff: noqa: RUF001, RUF071
"""A reader that knows nothing of how documents are written, only what a careful person does.

It takes a text and a schema and reads every value as it is printed. What it cannot read is not a
fair test of a model.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from os.path import commonprefix
from pathlib import Path

from pytest_slm_autopsy.cases import drawn

GAP = re.compile(r" {3,}")
LATIN = str.maketrans("асеорхуАВСЕНКМОРТХ", "aceopxyABCEHKMOPTX")
DELIMITER = re.compile(r"\s*(?::|#:|#|=|\||n°|\.{4,}|-(?=\s|$)|\.(?=\s*\w))?\s*#?\s*")
MONTHS = r"[^\W\d_]{3,10}"
DAY = rf"\d{{4}}-\d\d-\d\d|\d\d?[/.-]\d\d?[/.-]\d{{2,4}}|\d{{8}}|\d\d?\.?[ -]{MONTHS}[ -]\d{{4}}"
DAY += rf"|{MONTHS} \d\d?, \d{{4}}"
KINDS = {
    "date": re.compile(rf"(?:{DAY})"),
    "currency": re.compile(r"[A-Z]{3}"),
    "company": re.compile(r"[A-Z]\w+( \w+)* (Ltd|Inc|GmbH|LLC|AG|BV|SARL|Co)"),
    "code": re.compile(r"[A-Z]{0,3}[-/]?\d{5,8}"),
    "address": re.compile(r"\d+ .+, \d{5} \w+"),
    "percentage": re.compile(r"\d+%"),
}
AMOUNT = re.compile(r"[-(]?\d[\d.,'’\s]*\d[-)]?|\d")
# Labels that anybody knows to be none of the fields.
FOREIGN = (
    "cash", "change", "customer no", "delivery date", "order no", "printed", "deposit",
    "delivery note", "balance brought forward", "account manager", "phone", "e-mail", "tel.",
    "head office", "reg. no.", "iban", "carried forward", "brought forward", "übertrag",
    "à reporter", "report page précédente", "te transporteren", "transport vorige pagina",
    "do przeniesienia", "z przeniesienia", "suma y sigue", "suma anterior",
)  # fmt: skip
CLOCK = r"\d\d?:\d\d(?::\d\d)?(?: [AP]M)?"
CLOCK_BEHIND = re.compile(rf"(?<=\w)(?:,| -)? {{1,2}}{CLOCK}")
CLOCK_BEFORE = re.compile(rf"(?<!\d)({CLOCK} )({DAY})")
TITLES = {
    "invoice", "tax invoice", "*** original ***", "facture", "rechnung", "factuur", "faktura",
    "factura", "faktura vat", "reçu", "quittung", "bon", "paragon", "recibo", "ticket", "kwitantie",
}  # fmt: skip
PAGE = re.compile(r"(?:page|seite|pagina|página|strona|blatt)\s*:?\s*\d+\b.{0,12}", re.IGNORECASE)
# Labels in other languages that anybody knows to be none of the fields.
PHRASES = Path(drawn.__file__).with_name("phrases.tsv")
OTHERS = ("person", "code", "day", "amount", "count", "bank", "registration")
TABLES = {
    "description quantity unit price amount", "beschreibung menge einzelpreis betrag",
    "désignation quantité prix unitaire montant", "omschrijving aantal stukprijs bedrag",
    "nazwa ilość cena wartość", "descripción cantidad precio unitario importe",
}  # fmt: skip
FOREIGN_FIELD = "*"


def read(text, schema):
    """Field name to printed value, rows for a table, ``None`` for what is not there."""
    lexicon = tuple(
        (label.casefold(), field.name)
        for field in schema.fields
        for labels in ((field.label,), *field.synonyms.values())
        for label in labels
    )
    return _Reader(schema, lexicon + _foreign()).read(text)


@cache
def _foreign():
    """Labels of no field, and the mark that says so."""
    rows = (line.split("\t") for line in PHRASES.read_text(encoding="utf-8").splitlines()[1:])
    known = [phrase for _, use, phrases in rows if use in OTHERS for phrase in phrases.split(" | ")]
    return tuple((label.casefold(), FOREIGN_FIELD) for label in (*FOREIGN, *known))


class _Reader:
    def __init__(self, schema, lexicon):
        self.schema, self.lexicon = schema, lexicon
        self.found, self.loose = {}, []
        self.numbered = {one.name for one in schema.fields if one.kind in ("code", "date", "money")}

    def read(self, text):
        text = unicodedata.normalize("NFC", text.lstrip("\ufeff").replace("\r\n", "\n"))
        lines = [
            without_clocks(re.sub(r"[^\S\n]", " ", line)).rstrip() for line in text.split("\n")
        ]
        self.lines = [
            line
            for line in lines
            if line.strip()
            and line.strip().lower() not in TITLES
            and not PAGE.fullmatch(line.strip())
        ]
        at = 0
        while at < len(self.lines):
            at += self.take(at)
        self.guess()
        return {field.name: self.value(field) for field in self.schema.fields}

    def take(self, at):
        """Read from line ``at`` on; returns the number of lines read."""
        line, after = self.lines[at], self.lines[at + 1 : at + 2]
        if " ".join(line.split()).lower() in TABLES:
            return self.table(at)
        if line.endswith("-") and after:
            whole = line[:-1] + after[0].lstrip()
            if self.label(whole.lstrip())[1] > len(line.lstrip()) - 1:
                self.lines[at : at + 2] = [whole]
                return self.take(at)
        if lone := self.lone_labels(at):
            for name, value in zip(lone, self.lines[at + len(lone) :], strict=False):
                self.keep(name, value.strip())
            return 2 * len(lone)
        parts = self.parts(line)
        empty = [name for _, name, rest in parts if not rest]
        if len(parts) > 1 and len(empty) == len(parts) and after:
            return self.header([(start, name) for start, name, _ in parts], after[0])
        if len(parts) == 1 and empty and after:
            if " ".join(after[0].split()).lower() in TABLES or self.parts(after[0])[0][1]:
                return 1
            self.keep(empty[0], after[0].strip()[DELIMITER.match(after[0].strip()).end() :])
            return 2
        for _, name, rest in parts:
            self.keep(name, rest)
        return 1

    def lone_labels(self, at):
        """The fields of two or more lines from ``at`` on that hold nothing but a label."""
        names = []
        for line in self.lines[at:]:
            parts = self.parts(line)
            if len(parts) != 1 or not parts[0][1] or parts[0][2]:
                break
            names.append(parts[0][1])
        return names if len(names) > 1 else []

    def parts(self, line):
        """(start, field or "", value) of every label or loose cell of a line, left to right."""
        starts = [len(line) - len(line.lstrip())]
        starts += [gap.end() for gap in GAP.finditer(line) if gap.end() > starts[0]]
        marks = [(start, *self.label(line[start:])) for start in starts]
        marks = [mark for i, mark in enumerate(marks) if mark[1] or i == 0]
        parts = []
        for i, (start, name, length) in enumerate(marks):
            end = marks[i + 1][0] if i + 1 < len(marks) else len(line)
            rest = line[start + length : end]
            if name:
                rest = rest[DELIMITER.match(rest).end() :]
            value, *loose = GAP.split(rest.strip())
            self.loose += loose if name else []
            parts.append((start, name, value if name else rest.strip()))
        return parts

    def label(self, text):
        """The field whose label ``text`` begins with, and the label's length; exact first."""
        seen = text.translate(LATIN).casefold()
        best = (0, False, "")
        for label, name in self.lexicon:
            if label[0] != seen[:1]:
                continue
            for form in {label, label.replace(" ", "")}:
                for length in {len(form) - 1, len(form), len(form) + 1}:
                    exact = seen[:length] == form or _spaced(form, seen[:length])
                    if _ends(seen, length) and (
                        exact or (name != FOREIGN_FIELD and _misread(form, seen[:length]))
                    ):
                        best = max(best, (length, exact, name))
        length, _, name = best
        currency = re.match(r" ?\(\S{1,4}\)", text[length:]) if name else None
        return name, length + (currency.end() if currency else 0)

    def header(self, marks, line):
        ends = [start for start, _ in marks[1:]] + [len(line)]
        if marks[0][0] > 0 and line[: marks[0][0]].strip():
            self.keep("", line[: marks[0][0]].strip())
        for (start, name), end in zip(marks, ends, strict=True):
            cell, *loose = GAP.split(line[start:end].strip())
            self.keep(name, cell)
            for other in loose:
                self.keep("", other)
        return 2

    def table(self, at):
        keys = ("description", "quantity", "unit_price", "amount")
        rows = []
        for line in self.lines[at + 1 :]:
            cells = GAP.split(line.strip())
            if len(cells) != 4 or not cells[1].isdigit():
                break
            rows.append(dict(zip(keys, cells, strict=True)))
        self.found.setdefault("items", rows)
        return 1 + len(rows)

    def keep(self, name, text):
        if name in self.numbered and not any(map(str.isdigit, text)):
            return
        if name and text:
            self.found.setdefault(name, text)
        elif text:
            self.loose += GAP.split(text)

    def guess(self):
        """Give loose values to required fields whose kind they tell."""
        for field in self.schema.fields:
            if field.name in self.found or field.optional or field.kind not in KINDS:
                continue
            for cell in self.loose:
                if KINDS[field.kind].fullmatch(unicodedata.normalize("NFKC", cell.strip())):
                    self.found[field.name] = cell.strip()
                    self.loose.remove(cell)
                    break

    def value(self, field):
        text = self.found.get(field.name)
        if field.kind == "money" and text:
            plain = unicodedata.normalize("NFKC", text)
            spot = AMOUNT.search(plain)
            return text[spot.start() : spot.end()] if spot and len(plain) == len(text) else text
        return text


def without_clocks(line):
    """A line with spaces in place of the times of day beside its days."""
    line = CLOCK_BEFORE.sub(lambda found: found[2] + " " * len(found[1]), line)
    return CLOCK_BEHIND.sub(lambda found: " " * len(found.group()), line)


def _spaced(label, seen):
    """Whether a label has one space too many, within a word."""
    if len(seen) != len(label) + 1 or seen[0] != label[0] or seen[-1] != label[-1]:
        return False
    at = len(commonprefix([label, seen]))
    return seen[at] == " " and seen[at + 1 :] == label[at:]


def _ends(seen, length):
    """Whether a label may end here: not within a word."""
    return 0 < length <= len(seen) and (
        length == len(seen) or not (seen[length].isalpha() and seen[length - 1].isalpha())
    )


@cache
def _misread(label, seen):
    """Whether one letter of ``label`` was lost, or read as one or two others."""
    if len(label) < 5 or label[0] != seen[0] or abs(len(label) - len(seen)) > 1:
        return False
    same = len(commonprefix([label, seen]))
    return any(
        label[at + lost :] == seen[at + put :]
        and label[at : at + lost].isalpha()
        and _likely(label[at : at + lost], seen[at : at + put])
        for at in (same, same - 1)
        for lost, put in ((1, 0), (1, 1), (1, 2), (2, 1))
    )


def _likely(lost, put):
    """Whether print may be seen so: letters for letters, and the digits that look like them."""
    return (
        not put
        or put.isalpha()
        or (lost, put) in {("o", "0"), ("i", "1"), ("l", "1"), ("s", "5"), ("b", "8")}
    )
