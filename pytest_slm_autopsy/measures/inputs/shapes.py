"""Distance of the formats of two sets of documents, whatever values they state."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final, TypedDict

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
    """Return the format of a text: the text with its values taken out.

    A word becomes ``a``, ``A`` or ``Aa``; a digit becomes ``9``, at most four in a row. A run of
    spaces takes one of three lengths, and a rule becomes four of its marks. Line ends, indents and
    all other marks stay.

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
    """Return the distance of the formats of drawn cases and of observed documents.

    It is the Jensen-Shannon divergence, from 0 (alike) to 1 (disjoint), in bits, over runs of up to
    ``n`` tokens of the documents' ``shape``. Shapes are compared because values differ in any two
    documents. Runs of tokens are what layouts are made of: a mark, a gap, a form of dates, an empty
    line. Jensen-Shannon stays finite where one side never shows a form.

    Raises:
        NoDataError: a side without documents.
        CaseError: something that is neither a case nor a text.
    """
    return js_divergence(**_sides(cases, texts), n=n, permutations=permutations, seed=seed)


def format_two_sample(
    cases: Iterable[Case],
    texts: Iterable[str],
    *,
    n: int = 2,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Divergence:
    """Return how well a classifier tells drawn from observed documents by format alone.

    The value is an AUC: 0.5 is chance, 1 is always right. ``tokens`` hold the shapes that tell them
    apart.

    Raises:
        NoDataError: less than two different documents a side.
        CaseError: something that is neither a case nor a text.
    """
    return classifier_two_sample(**_sides(cases, texts), n=n, permutations=permutations, seed=seed)


class _Sides(TypedDict):
    reference: list[Case]
    shifted: list[Case]


def _sides(cases: Iterable[Case], texts: Iterable[str]) -> _Sides:
    """Return the shapes of the observed documents, as the reference, and of the drawn ones."""
    drawn = _shapes("drawn", cases)
    return {"reference": _shapes("observed", texts), "shifted": drawn}


def _shapes(side: str, documents: Iterable[Case] | Iterable[str]) -> list[Case]:
    """Return the shape of each document, as the text of a case.

    Its record is that of the document: two documents of one shape are two pieces of evidence.
    """
    given = [documents] if isinstance(documents, str) else list(documents)
    if others := strangers(given, str, Case):
        raise CaseError(f"the {side} side holds {others}; give cases or texts")
    if not given:
        raise NoDataError(f"there are no {side} documents to compare; give at least one")
    cases = [one if isinstance(one, Case) else Case("", str(one), {}) for one in given]
    return [Case("", shape(one.text), {}, one.record or one.text) for one in cases]


def _shaped(part: re.Match[str]) -> str:
    text = part.group()
    if part["word"]:
        return "A" if text.isupper() else "Aa" if text[0].isupper() else "a"
    if part["digits"]:
        return "9" * min(4, len(text))
    if part["space"]:
        return " " * (2 if len(text) < 4 else 8 if len(text) < 16 else 24)
    return text[0] * 4
