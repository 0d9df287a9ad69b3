"""A reader of rewrites that knows nothing of how they are made: are the values still there?

It reads two cases, the document as it was and as it is now, and what it finds is a violation: a
span that does not hold the text that it held, or a true value that stands more or less often.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

# What a person who read the documents takes for the same, and for no part of anything above it.
SAME = [
    {"währung", "währungscode"},
    {"bruttosumme", "bruttobetrag", "gesamtbrutto"},
    {"zahlbetrag", "zuzahlen", "zuzahlenderbetrag"},
    {"positionssumme", "summederpositionen"},
    {"gesamtbetrag", "gesamtsumme"},
    {"nettotal", "netamount", "totalnet"},
    {"nettobetrag", "nettosumme", "summenetto", "gesamtnetto"},
]
OF_THE_WHOLE = re.compile(
    r"\s*(?:rechnung|invoice|währung|curr|due|fällig|zahl|liefer-|bestell|order|kundennummer|net|sub"
    r"|tax|vat|steuerbetrag|umsatzst|mwst|total|brutto|gesamt|positionssumme|summe|amount)",
    re.IGNORECASE,
)


def violations(before, after):
    """What a rewrite did that no rewrite may do, in words."""
    found = []
    if before.truth != after.truth:
        found.append("the truth is another")
    if set(before.spans) != set(after.spans):
        found.append(f"spans of {set(before.spans) ^ set(after.spans)} came or went")
    for name in before.spans.keys() & after.spans.keys():
        was, now = (text(case, name) for case in (before, after))
        if was != now:
            found.append(f"{name} was {was!r} and is {now!r}")
    for value in {*strings(before.truth), *(text(before, name) for name in before.spans)}:
        was, now = (times(case.text, value) for case in (before, after))
        if was != now:
            found.append(f"{value!r} stood {was} times and stands {now} times")
    return found


def in_order(case, names):
    """The fields in the order in which the text states them."""
    return sorted(names, key=lambda name: case.spans[name])


def text(case, name):
    """What stands where the span of a field says."""
    start, end = case.spans[name]
    return case.text[start:end]


def strings(value):
    """Every text in a truth, however deep, that is not empty."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    parts = value.values() if hasattr(value, "values") else value or ()
    return [found for part in parts for found in strings(part)]


def times(text, value):
    """How often a value stands in a text, none overlapping the one before."""
    return len(text.split(value)) - 1 if value else 0


def relabelled(before, after):
    """Fields whose label says something else now: neither alike, nor known to mean the same."""
    found = []
    for name in before.spans.keys() & after.spans.keys():
        was, now = label(before, name), label(after, name)
        if not (alike(was, now, 0.7) or any(of(was, same) and of(now, same) for same in SAME)):
            found.append(f"{name} stood behind {was!r} and stands behind {now!r}")
    return found


def out_of_place(before, after):
    """Lines that may belong to what is above them, and stand elsewhere now."""
    was, now = (
        ["" if OF_THE_WHOLE.match(line) else line.strip() for line in case.text.split("\n")]
        for case in (before, after)
    )
    return [f"{old!r} became {new!r}" for old, new in zip(was, now, strict=True) if old != new]


def of(label, same):
    return any(alike(label, other, 0.8) for other in same)


def alike(one, other, share):
    return SequenceMatcher(None, one, other, autojunk=False).ratio() > share


def label(case, name):
    """The letters before a value on its line, without case, marks and white space."""
    start = case.spans[name][0]
    line = case.text[case.text.rfind("\n", 0, start) + 1 : start]
    return "".join(filter(str.isalpha, line.casefold()))
