"""The package's own words for lines that state no field: one table, by language and use.

The table is ``phrases.tsv``. Uses are

- whole lines: ``heading``, ``section``, ``note`` (thanks, returns, conditions), ``short`` (a few
  words that name nobody), ``page``, ``hours``;
- labels, by what stands behind them: ``phone``, ``fax``, ``mail``, ``web``, ``registration``,
  ``bank``, ``person``, ``count``, ``amount``, ``code``, ``day``;
- parts of tables: ``column``, ``goods``, ``unit``, and ``heads`` of a table of items.

Whatever a profile takes over from a document is one of these phrases, or a bare shape.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from pytest_slm_autopsy.cases.schemas.label_index import LabelIndex, lower
from pytest_slm_autopsy.cases.schemas.labels import table as labels
from pytest_slm_autopsy.cases.schemas.schema import DocumentSchema

LABEL_USES: Final = (
    "phone", "fax", "mail", "web", "registration", "bank", "person", "count", "amount", "code",
    "day",
)  # fmt: skip
LINE_USES: Final = ("heading", "section", "note", "page", "hours", "column", "short", "unit")
_DIGITS: Final = re.compile(r"\{n\}|\d+")
_AROUND: Final = " \t.:;,!?*#-=_()[]<>~"


@cache
def phrases(language: str, use: str) -> tuple[str, ...]:
    """Return the phrases of a use in a language; none for a language without a table."""
    return _table().get((language, use), ())


@lru_cache(maxsize=1024)
def harmless(schema: DocumentSchema, language: str, use: str) -> tuple[str, ...]:
    """Return the phrases of a use that hold no label of the schema, not even a misread one."""
    index = _index(schema)
    return tuple(
        one
        for one in phrases(language, use)
        if not index.anywhere(one) and not any(index.at(one, lower(one), 0))
    )


@lru_cache(maxsize=16)
def _index(schema: DocumentSchema) -> LabelIndex:
    return LabelIndex(schema)


@lru_cache(maxsize=256)
def spoken(schema: DocumentSchema, language: str) -> str:
    """Return the language of a document's other lines: that of the labels that it prints.

    A layout in English, the default, prints the labels of the schema; they may be of another
    language, in which the table of labels then knows most of them.
    """
    if language != "en":
        return language
    own = {field.label.casefold() for field in schema.fields}
    known = Counter({one.language: 0 for one in labels()} | {"en": 0})
    for label, code in {(one.text.casefold(), one.language) for one in labels()}:
        known[code] += label in own
    best = max(known, key=lambda code: (known[code], code == "en"))
    return best if known[best] > known["en"] else "en"


def uses_of(text: str) -> tuple[str, ...]:
    """Return the uses of a text that is one of the phrases, in any case and with any digits."""
    return _uses().get(_plain(text), ())


def _plain(text: str) -> str:
    return " ".join(_DIGITS.sub("9", text.casefold()).split()).strip(_AROUND)


@cache
def _table() -> Mapping[tuple[str, str], tuple[str, ...]]:
    lines = Path(__file__).with_name("phrases.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {(language, use): tuple(listed.split(" | ")) for language, use, listed in rows}


@cache
def _uses() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for (_, use), listed in _table().items():
        for one in listed:
            known = found.get(_plain(one), ())
            found[_plain(one)] = known if use in known else (*known, use)
    return found
