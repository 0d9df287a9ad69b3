"""Evidence from the inside of a model: does it read labels, or places?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pytest_slm_autopsy.diagnostics.inside.attention import (
    OWN,
    AttentionShares,
    Heads,
    attention_shares,
    heads_by_swap,
)
from pytest_slm_autopsy.diagnostics.inside.attribution import Attribution, attributions
from pytest_slm_autopsy.diagnostics.inside.patching import Patched, Twins, patching
from pytest_slm_autopsy.diagnostics.inside.residue import (
    AdapterDose,
    Steering,
    adapter_dose,
    steering,
)
from pytest_slm_autopsy.errors import NoDataError
from pytest_slm_autopsy.models.inside import Inside
from pytest_slm_autopsy.records import Case, Prediction, Record

CASES: Final = 32
FEWER: Final = 12
"""Cases that are attributed and patched, which take many passes each."""

Expected = Callable[[Case], str]
"""The right answer to a case, as training writes it."""


@dataclass(frozen=True, slots=True)
class InnerEvidence(Record):
    """What the inside of a model tells; ``None`` where ``skipped`` says why it could not be had."""

    attention: tuple[AttentionShares, ...] = ()
    heads: Heads | None = None
    attribution: tuple[Attribution, ...] = ()
    patched: Patched | None = None
    steering: tuple[Steering, ...] = ()
    dose: AdapterDose | None = None
    told: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = field(default=())


def inner_evidence(
    inside: Inside,
    reference: Sequence[Prediction],
    shifted: Sequence[Prediction],
    expected: Expected,
) -> InnerEvidence:
    """Return attention, attribution, patching and residue of at most 32 cases a side.

    Of the ``shifted`` predictions the wrong ones are looked at. ``expected`` writes the right
    answer to a case.
    """
    wrong = [p for p in shifted if not p.correct and p.fields][:CASES]
    before = [(p.case, p.raw) for p in reference][:CASES]
    after = [(p.case, p.raw) for p in wrong]
    twins = {p.case.cluster: p.case for p in reference}
    failing = [
        Twins(p.case, twins[p.case.cluster], p.raw, expected(p.case))
        for p in wrong
        if p.case.cluster in twins
    ]
    found: dict[str, Any] = {}
    skipped: list[tuple[str, str]] = []

    def try_to(name: str, look: Callable[[], Any]) -> None:
        try:
            found[name] = look()
        except NoDataError as error:
            skipped.append((name, str(error)))

    sides = {"reference": before, "wrong under shift": after}
    try_to("attention", lambda: tuple(attention_shares(inside, v, k) for k, v in sides.items()))
    right = [(p.case, expected(p.case)) for p in reference][:CASES]
    try_to("heads", lambda: _heads(inside, right))
    try_to("attribution", lambda: attributions(inside, after[:FEWER] or before[:FEWER]))
    try_to("patched", lambda: patching(inside, failing[:FEWER]))
    try_to("steering", lambda: tuple(steering(inside, v, k) for k, v in sides.items()))
    try_to("dose", lambda: adapter_dose(inside, right[:FEWER]))
    told, against = _told(found)
    return InnerEvidence(**found, told=told, against=against, skipped=tuple(skipped))


def _heads(inside: Inside, asked: Sequence[tuple[Case, str]]) -> Heads:
    """Swap the lines of the first two fields whose values look alike: others are told apart."""
    truth = asked[0][0].truth if asked else {}
    looks: dict[str, str] = {}
    for name, value in truth.items():
        if not isinstance(value, str):
            continue
        look = re.sub(r"[^\W\d_]+", "a", re.sub(r"\d", "0", value.replace(" ", "")))
        look = "words" if "0" not in look else look
        if look in looks:
            return heads_by_swap(inside, asked[:CASES], (looks[look], name))
        looks[look] = name
    raise NoDataError("no two fields have values that look alike, so none can be swapped")


def _told(found: dict[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return sentences for and against: the model reads places, not labels."""
    told: list[str] = []
    against: list[str] = []
    if heads := found.get("heads"):
        first, second = heads.fields
        said = (
            f"where {first} and {second} change places, {heads.by_place} of {heads.n} answers "
            f"state what stands at the old place, {heads.right} follow the value "
            f"({heads.positional} heads look at the place, {heads.content} at the value)"
        )
        (told if heads.by_place > heads.right else against).append(said)
    if sides := found.get("attention"):
        own = [next(m for m in side.shares if m.name.endswith(OWN)) for side in sides]
        told.append(
            f"answers attend to the true value with {own[0].value:.2f} on reference cases and "
            f"{own[1].value:.2f} where they are wrong"
        )
    if patched := found.get("patched"):
        layer, group, share = patched.best
        told.append(
            f"{share:.0%} of the right answer comes back with the twin's states of {group} after "
            f"layer {layer} (n={patched.n})"
        )
    if sides := found.get("steering"):
        before, after = (side.divergence.value for side in sides)
        told.append(
            f"the adapter moves its base by {before:.2f} nats a token on reference cases and "
            f"{after:.2f} where it is wrong"
        )
    return tuple(told), tuple(against)
