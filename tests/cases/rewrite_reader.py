"""A reader of rewrites that knows nothing of how they are made: are the values still there?

It reads two cases, the document as it was and as it is now, and what it finds is a violation: a
span that does not hold the text that it held, or a true value that stands more or less often.
"""

from __future__ import annotations


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
