"""A Trainer whose loss is on the answer, and which computes logits nowhere else.

A prompt is half of a document and more, and a vocabulary may have 262,144 tokens: logits of the
prompt cost most of a step on a CPU, and gigabytes anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import Trainer

HIDDEN = -100
"""The label of a token that is no part of the answer."""


class AnswerTrainer(Trainer):
    """Trainer with the mean cross-entropy over all the answers' tokens of a step."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, compute_loss_func=answer_loss)

    def compute_loss(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the loss; the model's head sees only the places before a token of the answer."""
        with answers_only(self.accelerator.unwrap_model(model), inputs["labels"]):
            return super().compute_loss(model, inputs, *args, **kwargs)


@contextmanager
def answers_only(model: Any, labels: torch.Tensor) -> Iterator[None]:
    """Let the head of a model see only the places before a labelled token inside the block."""
    before = labels[:, 1:] != HIDDEN

    def places(_: Any, given: tuple[torch.Tensor]) -> torch.Tensor:
        return given[0][:, :-1][before]

    hook = model.get_output_embeddings().register_forward_pre_hook(places)
    try:
        yield
    finally:
        hook.remove()


def answer_loss(outputs: Any, labels: torch.Tensor, *, num_items_in_batch: Any) -> torch.Tensor:
    """Return the summed cross-entropy of ``outputs.logits``, one row for each labelled token.

    It is divided by the number of labelled tokens of the whole step.
    """
    shifted = labels[:, 1:]
    wanted = shifted[shifted != HIDDEN]
    total = cross_entropy(outputs.logits.float(), wanted, reduction="sum")
    return total.div(num_items_in_batch)
