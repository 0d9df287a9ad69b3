"""A canary for kept answers: the model behind an address may have been exchanged since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from pytest_slm_autopsy.models.interface import (
    NONE_GIVEN,
    Answer,
    Exchangeable,
    ModelUnderTest,
    ask,
)
from pytest_slm_autopsy.records import Case

if TYPE_CHECKING:
    from pytest_slm_autopsy.predictions.store import Store

SAMPLE: Final = 8
"""Kept questions that are asked anew in each run, before a kept answer is believed."""


def trust_or_forget(model: ModelUnderTest, questions: Mapping[str, Case], store: Store) -> None:
    """Ask some kept questions anew; where an answer differs, forget all answers of the model.

    ``questions`` maps keys of the store to cases. Once a model's answers are believed or
    forgotten, they are not tried again in the same run.

    Raises:
        ModelError: the model cannot be asked. Kept answers must not speak for it then.
    """
    if not isinstance(model, Exchangeable) or model.kept_under in store.trusted:
        return
    known = store.peek(list(questions))
    if not known:
        return
    keys = _spread(sorted(known), SAMPLE)
    fresh = dict(zip(keys, ask(model, [questions[key] for key in keys]), strict=True))
    differing = sum(_differ(known[key], fresh[key]) for key in keys)
    store.trusted.add(model.kept_under)
    if any(answer.logprobs is not None for answer in fresh.values()):
        store.telling.add(model.kept_under)
    if differing:
        store.forget(model.kept_under)
        store.notes.append(
            f"{differing} of {len(keys)} kept answers of {model.name} are others now: the model "
            "behind its address was exchanged, so all its kept answers were forgotten"
        )


def _spread(keys: list[str], most: int) -> list[str]:
    step = max(1, len(keys) // most)
    return keys[::step][:most]


def believed(model: ModelUnderTest, known: Mapping[str, Answer], store: Store) -> dict[str, Answer]:
    """Return the kept answers that need not be asked again.

    Where a server gives probabilities now, those that it gave none for are asked again. Where it
    gives none any more, those that it once gave stay.
    """
    telling = isinstance(model, Exchangeable) and model.kept_under in store.telling
    return {key: one for key, one in known.items() if not (telling and one.how == NONE_GIVEN)}


def _differ(kept: Answer, fresh: Answer) -> bool:
    return not fresh.problem and kept.text != fresh.text
