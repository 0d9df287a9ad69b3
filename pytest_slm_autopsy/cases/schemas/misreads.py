# ruff: noqa: RUF001
"""Misread letters: confusions of optical recognition, and look-alikes of other alphabets."""

from __future__ import annotations

import re
from typing import Final

from pytest_slm_autopsy.cases.choices import Choices, pick

# Confusions of optical character recognition; a careful reader still sees what is meant.
CONFUSIONS: Final = (
    ("o", "0"), ("O", "0"), ("i", "1"), ("l", "1"), ("I", "l"), ("m", "rn"), ("rn", "m"),
    ("e", "c"), ("a", "o"), ("u", "v"), ("S", "5"), ("B", "8"), ("t", "f"), ("n", "ri"),
)  # fmt: skip
# Letters of other alphabets that look the same.
HOMOGLYPHS: Final = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")
LATIN: Final = {seen: meant for meant, seen in HOMOGLYPHS.items()}
"""Look-alike letter of another alphabet to the Latin letter."""
_ALIKE: Final = re.compile(f"[{''.join(map(chr, LATIN))}]")


def misread(label: str, choices: Choices) -> str:
    """Return ``label`` with one letter misread or lost; the first letter stays."""
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
    """Return ``label`` with look-alikes of another alphabet for every letter that has one."""
    return label.translate(HOMOGLYPHS)


def latin(text: str) -> str:
    """Return ``text`` with Latin letters in place of look-alikes of another alphabet."""
    return text if text.isascii() or not _ALIKE.search(text) else text.translate(LATIN)
