"""A Trainer whose loss is on the answer, and which computes logits nowhere else.

A prompt is half of a document and more, and a vocabulary may have 262,144 tokens: logits of the
prompt cost most of a step on a CPU, and gigabytes anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch
from torch.nn.functional import cross_entropy
from transformers import Trainer

HIDDEN = -100
"""The label of a token that is no part of the answer."""
PARTS: Final = 4
"""Parts of a batch that a CPU computes one after the other: it gains nothing by a wide batch."""


class AnswerTrainer(Trainer):
    """Trainer with the mean cross-entropy over all the answers' tokens of a step."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, compute_loss_func=answer_loss)

    def compute_loss(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the loss; the model's head sees only the places before a token of the answer."""
        parts = PARTS if inputs["labels"].device.type == "cpu" else 1
        losses: list[Any] = []
        for part in by_length(inputs, parts):
            with answers_only(self.accelerator.unwrap_model(model), part["labels"]):
                losses.append(super().compute_loss(model, part, *args, **kwargs))
        return torch.stack(losses).sum()


def by_length(inputs: dict[str, torch.Tensor], parts: int) -> Iterator[dict[str, torch.Tensor]]:
    """Yield the rows of a batch in parts of like length, each as wide as its longest row.

    What stands after the last labelled token of a row changes no loss, and is left out.
    """
    labels = inputs["labels"]
    ends = torch.arange(1, labels.shape[1] + 1, device=labels.device)
    lengths = ((labels != HIDDEN) * ends).amax(dim=1)
    for rows in lengths.argsort().chunk(parts):
        width = max(1, int(lengths[rows].max()))
        yield {name: one[rows, :width] for name, one in inputs.items()}


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
