"""How far the formats of two sets of documents are apart, whatever they say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from pytest_slm_autopsy.errors import CaseError, NoDataError, strangers
from pytest_slm_autopsy.measures.inputs.comparison import PERMUTATIONS, Divergence
from pytest_slm_autopsy.measures.inputs.divergence import js_divergence
from pytest_slm_autopsy.measures.inputs.two_sample import classifier_two_sample
from pytest_slm_autopsy.records import Case

LONGEST_LINE: Final = 2000
_PART: Final = re.compile(
    r"(?P<word>[^\W\d_]+)|(?P<digits>\d+)|(?P<space> {2,})|(?P<run>(\W)\5{3,})"
)


def shape(text: str) -> str:
    """A text with its values taken out: what is left is its format.

    A word becomes ``a``, ``A`` or ``Aa``, a digit ``9`` (four at most), a run of spaces one of
    three lengths, a rule four of its marks. Line ends, indents, and all other marks stay.

    Example:
        >>> shape("Rechnungsdatum :      05.03.2018")
        'Aa :        99.99.9999'
    """
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    lines = (line[:LONGEST_LINE].rstrip().replace("\t", "    ") for line in text.split("\n"))
    return "\n".join(_PART.sub(_shaped, line) for line in lines)


def profile_divergence(
    cases: Iterable[Case],
    texts: Iterable[str],
    *,
    n: int = 2,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Divergence:
    """How far the formats of drawn cases and of observed documents are apart: 0 alike, 1 disjoint.

    Jensen-Shannon divergence, in bits, over runs of up to ``n`` tokens of the documents'
    ``shape``. Of shapes, as values differ in any two documents; of runs of tokens, as these are
    what layouts are made of (a mark, a gap, a form of dates, an empty line); Jensen-Shannon's, as
    it stays finite where one side never shows a form.

    Raises:
        NoDataError: a side without documents.
        CaseError: something that is neither a case nor a text.
    """
    return js_divergence(*_sides(cases, texts), n=n, permutations=permutations, seed=seed)


def format_two_sample(
    cases: Iterable[Case],
    texts: Iterable[str],
    *,
    n: int = 2,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Divergence:
    """How well a classifier tells drawn from observed by format alone, and by which shapes.

    0.5 is chance, 1 is always right.

    Raises:
        NoDataError: less than two different documents a side.
    """
    return classifier_two_sample(*_sides(cases, texts), n=n, permutations=permutations, seed=seed)


def _sides(cases: Iterable[Case], texts: Iterable[str]) -> tuple[list[str], list[str]]:
    """The shapes of what was observed, as the reference, and of what was drawn."""
    drawn = _shapes("drawn", cases)
    return _shapes("observed", texts), drawn


def _shapes(side: str, documents: Iterable[Case] | Iterable[str]) -> list[str]:
    given = [documents] if isinstance(documents, str) else list(documents)
    if others := strangers(given, str, Case):
        raise CaseError(f"the {side} side holds {others}; give cases or texts")
    if not given:
        raise NoDataError(f"there are no {side} documents to compare; give at least one")
    return [shape(one.text if isinstance(one, Case) else str(one)) for one in given]


def _shaped(part: re.Match[str]) -> str:
    text = part.group()
    if part["word"]:
        return "A" if text.isupper() else "Aa" if text[0].isupper() else "a"
    if part["digits"]:
        return "9" * min(4, len(text))
    if part["space"]:
        return " " * (2 if len(text) < 4 else 8 if len(text) < 16 else 24)
    return text[0] * 4
