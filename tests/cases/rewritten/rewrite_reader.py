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
    gone = removed(before, after)
    if {name: before.truth[name] for name in before.truth if name not in gone} != {
        name: after.truth[name] for name in after.truth if name not in gone
    }:
        found.append("the truth is another")
    if set(before.spans) - gone != set(after.spans):
        found.append(f"spans of {set(before.spans) ^ set(after.spans)} came or went")
    for name in before.spans.keys() & after.spans.keys():
        was, now = (text(case, name) for case in (before, after))
        if was != now:
            found.append(f"{name} was {was!r} and is {now!r}")
    left = {name: value for name, value in before.truth.items() if name not in gone}
    for value in {*strings(left), *(text(before, name) for name in after.spans)}:
        was, now = (times(case.text, value) for case in (before, after))
        if was != now and not (gone and 0 < now < was):
            found.append(f"{value!r} stood {was} times and stands {now} times")
    for name in gone:
        value = text(before, name)
        if re.search(rf"(?<!\w){re.escape(value)}(?!\w)", after.text):
            found.append(f"{name} is null and its {value!r} still stands there")
    return found


def removed(before, after):
    """The fields that the axis "missing" took from the text: their truth is null now."""
    if "missing" not in after.shift:
        return set()
    return {name for name, value in before.truth.items() if value and after.truth[name] is None}


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
        if was and not now:  # a scan broke the line before the value
            now = label_above(after, name)
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
    return letters(case.text[case.text.rfind("\n", 0, start) + 1 : start])


def label_above(case, name):
    """The letters of the line above a value."""
    start = case.text.rfind("\n", 0, case.spans[name][0]) + 1
    return letters(case.text[:start].rstrip().rpartition("\n")[2])


def letters(text):
    return "".join(filter(str.isalpha, text.casefold()))
