# ruff: noqa: RUF001
"""Letters that are read for others: by machines that read scans, and by nobody who looks."""

from __future__ import annotations

import re
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick

# What optical character recognition takes for something else, and a careful reader still sees.
CONFUSIONS: Final = (
    ("o", "0"), ("O", "0"), ("i", "1"), ("l", "1"), ("I", "l"), ("m", "rn"), ("rn", "m"),
    ("e", "c"), ("a", "o"), ("u", "v"), ("S", "5"), ("B", "8"), ("t", "f"), ("n", "ri"),
)  # fmt: skip
# Letters of other alphabets that look the same.
HOMOGLYPHS: Final = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")
LATIN: Final = {seen: meant for meant, seen in HOMOGLYPHS.items()}
"""Look-alike letters of another alphabet to the letters that they look like."""
_ALIKE: Final = re.compile(f"[{''.join(map(chr, LATIN))}]")


def misread(label: str, choices: Choices) -> str:
    """``label`` with one letter misread or lost; never its first one."""
    spots = [
        (at, seen, taken)
        for seen, taken in CONFUSIONS
        if (at := label.find(seen, 1)) > 0
    ]  # fmt: skip
    if spots and (choices.below(4) or not any(map(str.isalpha, label[1:]))):
        at, seen, taken = pick(choices, spots)
        return label[:at] + taken + label[at + len(seen) :]
    at = pick(choices, [at for at in range(1, len(label)) if label[at].isalpha()])
    return label[:at] + label[at + 1 :]


def look_alike(label: str) -> str:
    """``label`` with every letter that has a twin in another alphabet replaced by it."""
    return label.translate(HOMOGLYPHS)


def latin(text: str) -> str:
    """Return a text with look-alike letters of another alphabet as what they look like."""
    return text if text.isascii() or not _ALIKE.search(text) else text.translate(LATIN)
