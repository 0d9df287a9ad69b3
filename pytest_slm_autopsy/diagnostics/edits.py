"""Edits of a document that a sound pipeline must notice: what it does not notice, it throws away.

A pipeline may strip accents, join lines or cut documents before the model sees them. Then a
document and its edited twin are the same to the model, and get the same answer, to the last digit
of its probabilities. No other cause does that.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pytest_slm_autopsy.diagnostics.trials import Ask, paired
from pytest_slm_autopsy.records import Case, Measurement, Prediction

SAMPLE: Final = 24
ROUNDING: Final = 0.02


def plain_letters(text: str) -> str:
    """Return a text without the accents of its letters."""
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(p for p in parts if not unicodedata.combining(p)))


def without_tail(text: str) -> str:
    """Return a text without its last line; a text of one line as it is."""
    lines = text.rstrip().splitlines(keepends=True)
    return "".join(lines[:-1]) or text


EDITS: Final[Mapping[str, tuple[str, Callable[[str], str]]]] = {
    "accents": ("accents are stripped before the model", plain_letters),
    "line breaks": ("lines are joined before the model", lambda text: " ".join(text.splitlines())),
    "letter case": ("letters are lowered before the model", str.lower),
    "punctuation": (
        "marks are dropped before the model",
        lambda text: "".join(c for c in text if c not in ":;,()[]|=#"),
    ),
    "runs of spaces": (
        "white space is collapsed before the model",
        lambda text: "\n".join(" ".join(line.split()) for line in text.splitlines()),
    ),
    "the end": ("documents are cut before the model", without_tail),
}
"""What an edit removes: the fault that it shows where no answer changes, and the edit."""


@dataclass(frozen=True, slots=True)
class Unnoticed:
    """An edit, the fault that it shows, and the share of documents on which nothing changed."""

    edit: str
    fault: str
    share: Measurement


def unnoticed_edits(ask: Ask, cases: Sequence[Case]) -> tuple[Unnoticed, ...]:
    """Return for each edit the share of documents on which the model does not notice it.

    Only documents that an edit changes are asked, at most 24 an edit; an edit that changes fewer
    than six tells nothing and is left out. A model without probabilities tells nothing either: one
    that reads by rules may well not need what an edit removes.
    """
    found = []
    for name, (fault, edit) in EDITS.items():
        twins = [(case, edit(case.text)) for case in cases]
        changed = [(case, text) for case, text in twins if text.strip() != case.text.strip()]
        if len(changed) < 6:
            continue
        changed = changed[:SAMPLE]
        before = ask([replace(case, id=f"{case.id}/as it is") for case, _ in changed])
        after = ask(
            [
                replace(case, id=f"{case.id}/without {name}", text=text, spans={})
                for case, text in changed
            ]
        )
        same = [int(_same(a, b)) for a, b in zip(before, after, strict=True)]
        records = [case.cluster for case, _ in changed]
        told = paired(f"documents alike without {name}", same, records)
        found.append(Unnoticed(name, fault, told))
    return tuple(found)


def _same(before: Prediction, after: Prediction) -> bool:
    """Tell whether two answers are one: the same text, with the same probabilities.

    Another batch rounds otherwise, by far less than another document changes them.
    """
    if before.raw != after.raw or before.logprobs is None or after.logprobs is None:
        return False
    one, other = sum(before.logprobs), sum(after.logprobs)
    return abs(one - other) <= ROUNDING * abs(one) + 1e-6
