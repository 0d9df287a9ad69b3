"""One table of the labels that fields have in print, in eleven languages, read once.

The table is ``labels.tsv``: a label a line, the plainest of its concept and language first.

- ``concept`` is the meaning of a field ("invoice number"), ``kind`` the kind of its values;
- ``use`` is ``written`` (drawn and read), ``read`` (read, and drawn only where a profile saw it),
  ``sure`` (known in documents that exist) or ``title`` (a word between a number and a day);
- labels of one ``group`` mean exactly the same, so each can replace another; the part after a
  colon separates groups of one meaning.

Counted on receipts, invoices and the templates of 200 vendors; ``docs/shifts.md`` says which.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

Synonyms = Mapping[str, tuple[str, ...]]
"""Language code to the labels of one field, the plainest first."""


class Label(NamedTuple):
    """One line of the table."""

    concept: str
    kind: str
    language: str
    use: str
    group: str
    text: str


@cache
def table() -> tuple[Label, ...]:
    """Return every label of the table."""
    text = Path(__file__).with_name("labels.tsv").read_text(encoding="utf-8")
    return tuple(Label(*line.split("\t")) for line in text.splitlines()[1:])


def _of_use(use: str) -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in table():
        if one.use == use:
            known = found.setdefault(one.concept, {})
            known[one.language] = (*known.get(one.language, ()), one.text)
    return found


LABELS: Final[Mapping[str, Synonyms]] = _of_use("written")
"""Concept ("invoice number", "due date", ...) to the labels with the use ``written``."""

READ: Final[Mapping[str, Synonyms]] = {
    LABELS[concept]["en"][0]: known for concept, known in _of_use("read").items()
}
"""Plainest English label of a concept to its labels with the use ``read``."""

DATED: Final[Mapping[str, str]] = {one.text: one.language for one in table() if one.use == "title"}
"""Word between number and day of a title (Rechnung Nr. 4711 vom 1.2.2025) to its language."""
