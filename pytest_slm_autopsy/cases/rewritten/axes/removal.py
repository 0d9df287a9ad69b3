"""Removal of optional fields: a printed value goes with its label, and its truth becomes null.

A field is removed only where each of its places goes with a label, or stands alone on its lines,
and where nothing that is left says the value in any other print, or could be taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices
from pytest_slm_autopsy.cases.rewritten.axes.families import rivalled
from pytest_slm_autopsy.cases.rewritten.finding.location import locate
from pytest_slm_autopsy.cases.rewritten.page import Edit, Page, Refused, some
from pytest_slm_autopsy.notation.dates.day_shapes import TIME
from pytest_slm_autopsy.notation.figures.currencies import beside_amount
from pytest_slm_autopsy.notation.text import Span

_SEGMENT: Final = re.compile(r"[^\s|]+(?:[ ][^\s|]+)*")
# Words before a value that may be its label, with what stands between.
_LABEL: Final = re.compile(r"[^\W\d_][^\d:=|]{0,48}?(?:[:=#]|n°|nº|\.{2,})?[\W_]*")
_MOST_WORDS: Final = 6
_PARTIES: Final = frozenset({"company", "person", "address", "text"})
# An amount in words would be left: "Nine euros only".
_WORDED: Final = re.compile(
    r"""
    \b(?:only | in[ ]words | in[ ]worten | toutes[ ]lettres | s[łl]ownie | zegge | en[ ]letras
      | rupees[ ]\w+ | \w+[ ](?:euros?|dollars?|pounds|rupees|ringgit|francs?|z[łl]otych|korun))\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
MOST_PLACES: Final = 50
"""Places of a value that stands too often to be taken away."""
NOT_OPTIONAL: Final = (
    "no field of it is known to be optional; mark one with optional=True in its schema, or give "
    "documents that lack it"
)


def missing(page: Page, severity: float, choices: Choices) -> Page:
    """Remove optional fields, each with its label."""
    if not page.optional:
        raise Refused(NOT_OPTIONAL)
    fit = [name for name in page.places if name in page.optional and _removed(page, name)]
    if not fit:
        raise Refused("no optional field stands in it with a label that could go with its value")
    turned = page
    for name in some(choices, fit, severity):
        turned = _removed(turned, name) or turned
    return turned


def _removed(page: Page, name: str) -> Page | None:
    """Return the page without a field; ``None`` where it is not sure that nothing else goes."""
    value, kind = page.asked[name]
    if len(page.places[name]) > MOST_PLACES or (kind == "money" and _WORDED.search(page.text)):
        return None
    cuts: list[Span] = []
    labels: list[str] = []
    for place in page.places[name]:
        if not (found := _cut(page, place)):
            return None
        cuts += found
        first, last = found[0]
        labels.append(page.text[first : min(last, place[0])])
    if any(page.held(*cut) - {name} for cut in cuts):
        return None
    if kind in _PARTIES and not all(_ends_party(page.text, cut) for cut in cuts):
        return None
    turned = page.without(name, list(_edits(page.text, cuts)))
    left = locate(turned.text, value, kind).spans
    return None if left or any(rivalled(turned, one, name, kind) for one in labels) else turned


def _cut(page: Page, place: Span) -> list[Span] | None:
    """Return the segments of lines that go with one place of a value."""
    text = page.text
    start, end = text.rfind("\n", 0, place[0]) + 1, _line_end(text, place[1])
    if "\n" in text[place[0] : place[1]]:
        alone = not text[start : place[0]].strip() and not text[place[1] : end].strip()
        return [place] if alone else None
    segments = [part.span() for part in _SEGMENT.finditer(text, start, end)]
    at = next((n for n, part in enumerate(segments) if part[0] <= place[0] < part[1]), None)
    if at is None or segments[at][1] < place[1]:
        return None
    own = segments[at]
    before, after = text[own[0] : place[0]], text[place[1] : own[1]]
    if not (beside_amount(after) or TIME.match(after)):
        return None
    following = text[slice(*segments[at + 1])] if at + 1 < len(segments) else ""
    if not beside_amount(before):
        bare = following[:1] and not following[0].isalpha()  # a second value of the label
        return [own] if _is_label(before) and not bare else None
    if at and _is_label(text[slice(*segments[at - 1])]):
        marked = text[segments[at - 1][1] - 1] in ":="
        if not marked and _is_headed(text, start, segments[at - 1], own):
            return None
        first = marked and (not following or ":" in following)
        return [segments[at - 1], own] if first or len(segments) == 2 else None
    if at == 0 and len(segments) == 1:
        return _under_label(text, start, end, own)
    return _under_heading(text, start, end, at, segments)


def _ends_party(text: str, cut: Span) -> bool:
    """Tell whether nothing that may be of a party, such as its address, stands below its name."""
    end = _line_end(text, cut[1])
    below = text[slice(*_line(text, end + 1))].strip() if end < len(text) else ""
    return not below or ":" in below


def _is_label(text: str) -> bool:
    return _LABEL.fullmatch(text) is not None and len(text.split()) <= _MOST_WORDS


def _is_headed(text: str, start: int, before: Span, own: Span) -> bool:
    """Tell whether a label, and no value of a label, stands straight above a value."""
    above = _line(text, start - 1) if start else (0, 0)
    *others, last = ["", *_SEGMENT.findall(text, *above)]
    at = text.rfind(last, *above) + start - above[0]
    return before[1] <= at < own[1] and _is_label(last) and not _is_label(others[-1])


def _under_label(text: str, start: int, end: int, own: Span) -> list[Span] | None:
    """Return a lone value with the lone label on the line above, if it has a mark."""
    above = _line(text, start - 1) if start else None
    label = text[slice(*above)].strip() if above else ""
    below = text[slice(*_line(text, end + 1))].strip() if end < len(text) else ""
    alone = not below or ":" in below or "=" in below
    if above and alone and label.endswith((":", "=")) and _is_label(label):
        return [above, own]
    return None


def _under_heading(
    text: str, start: int, end: int, at: int, segments: Sequence[Span]
) -> list[Span] | None:
    """Return a value in a row of values with its heading in the row above."""
    above = _line(text, start - 1) if start else None
    if above is None:
        return None
    heads = [part.span() for part in _SEGMENT.finditer(text, *above)]
    if len(heads) != len(segments) or not all(_is_label(text[slice(*head)]) for head in heads):
        return None
    aligned = all(
        head[0] - above[0] == part[0] - start or head[1] - above[0] == part[1] - start
        for head, part in zip(heads, segments, strict=True)
    )
    below = _line(text, end + 1) if end < len(text) else None
    more = below and len(_SEGMENT.findall(text[slice(*below)])) >= len(segments) > 1
    return [heads[at], segments[at]] if aligned and not more else None


def _edits(text: str, cuts: Sequence[Span]) -> Iterator[Edit]:
    """Yield edits that take segments away: whole lines where nothing is left, else spaces."""
    ordered = sorted(set(cuts))
    for n, (start, end) in enumerate(ordered):
        line = text.rfind("\n", 0, start) + 1, _line_end(text, end)
        others = [cut for cut in ordered if line[0] <= cut[0] and cut[1] <= line[1]]
        left = list(text[slice(*line)])
        for first, last in others:
            left[first - line[0] : last - line[0]] = " " * (last - first)
        if not "".join(left).strip(" \t|\r"):
            if (start, end) == others[0]:
                yield line[0], min(line[1] + 1, len(text)), ""
        elif text[end : line[1]].strip():
            yield start, end, " " * (end - start)
        else:
            gap = len(text[line[0] : start]) - len(text[line[0] : start].rstrip())
            before = ordered[n - 1][1] if n else 0
            yield max(start - gap, before), end, ""


def _line(text: str, at: int) -> Span:
    return text.rfind("\n", 0, at) + 1, _line_end(text, at)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
