"""Greedy decoding verified against the expected answer.

One forward pass over prompt and expected answer gives the model's first choice at every place.
Where they agree throughout, the expected answer *is* the greedy answer, and decoding is done. Where
they part, the agreed tokens stay. The next tokens are guessed from the expected answer, the prompt
and the output, and one pass verifies the guesses of all rows. Every token is the model's own first
choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import takewhile
from typing import Any, Final

import torch
from transformers import GenerationConfig

from pytest_slm_autopsy.models.decoding.batches import Batches, out_of_memory
from pytest_slm_autopsy.models.decoding.ragged import Choices, Ragged, choices_of, context_of
from pytest_slm_autopsy.models.decoding.rows import Decoded, Row
from pytest_slm_autopsy.models.decoding.trial import Trial, trial

Rows = Sequence[Sequence[int]]
PREFIX: Final = 16
"""Shortest common prefix, in tokens, that is read once for a batch."""


class Decoder:
    """The greedy decoder of one model.

    Args:
        model: a causal language model of transformers, plain or wrapped by peft.
        stops: ids of the tokens that end a turn.
        pad: id of the token that fills rows up.
        max_new_tokens: the longest answer, in tokens.
    """

    def __init__(self, model: Any, *, stops: Sequence[int], pad: int, max_new_tokens: int) -> None:
        self.model = model
        self.stops = frozenset(stops)
        self.pad = pad
        self.max_new_tokens = max_new_tokens
        self.batches = Batches(model)

    @cached_property
    def trial(self) -> Trial:
        """Return whether the model takes rows of unlike lengths, and how noisy it is."""
        return trial(self.model, self.pad)

    def decode(self, prompts: Rows, expected: Rows) -> list[Decoded]:
        """Return the greedy answer to each prompt, in order.

        ``expected`` holds the token ids of each expected answer, without the end-of-turn token.
        They only make decoding fast and never change an answer; they may be empty.
        """
        rows = [self._row(*pair) for pair in zip(prompts, expected, strict=True)]
        for batch in self.batches.of([row for row in rows if not row.problem]):
            self._answer(batch)
        return [row.decoded(self.stops) for row in rows]

    def _row(self, prompt: Sequence[int], expected: Sequence[int]) -> Row:
        context = context_of(self.model) or len(prompt) + self.max_new_tokens
        most = min(self.max_new_tokens, context - len(prompt))
        row = Row(list(prompt), list(expected)[: max(0, most - 1)], most)
        if not prompt:
            row.problem = "the prompt has no tokens; look at the chat template"
        elif most < 1:
            row.problem = (
                f"the prompt has {len(prompt):,} tokens and the model reads {context:,}; "
                "shorten the document, or take a model of longer context"
            )
        return row

    def _answer(self, batch: list[Row]) -> None:
        """Answer a batch; a batch that memory does not hold is answered by halves."""
        try:
            self._run(batch)
            return
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
        for row in batch:
            row.forget()
        if len(batch) == 1:
            batch[0].problem = "there is not memory enough to answer this one, even alone"
            return
        self._answer(batch[: len(batch) // 2])
        self._answer(batch[len(batch) // 2 :])

    def _run(self, batch: list[Row]) -> None:
        longest, trial = max(len(row.prompt) + row.most for row in batch), self.trial
        if trial.serves and longest < min(trial.window, trial.alone):
            self._verified(batch)
        elif trial.serves and longest < trial.alone:
            self._generated(batch)
        else:  # such a model may read padded rows wrongly, so each row is answered alone
            for row in batch:
                self._generated([row], verify=longest < trial.alone)

    def _verified(self, batch: list[Row]) -> None:
        """Verify the expected answers, then guesses, until every row has ended."""
        prefix = _prefix(batch)
        reader = Ragged(self.model, self.pad, longest=self.trial.alone)
        reader.start(batch[0].prompt[:prefix], len(batch))
        guesses = [row.expected for row in batch]
        known = [row.prompt[prefix:] for row in batch]
        for row in batch:
            row.how = "verified"
        while True:
            going = self._step(reader, batch, known, guesses)
            if not going:
                return
            batch = [batch[i] for i in going]
            reader.keep(going, [len(row.prompt) + len(row.ids) - 1 for row in batch])
            guesses = [row.guess() for row in batch]
            known = [row.ids[-1:] for row in batch]

    def _step(self, reader: Ragged, batch: list[Row], known: Rows, guesses: Rows) -> list[int]:
        """Verify a guess for each row, and return the places of the rows that go on."""
        new = [[*row, *guess] for row, guess in zip(known, guesses, strict=True)]
        found = reader.step(new, [len(row) for row in known])
        for row, guess, choices in zip(batch, guesses, found, strict=True):
            row.take(guess, choices, self.stops, self.trial.noise)
            if row.problem and (guess or len(batch) > 1):
                # The NaN may come from a guess or a neighbour: ask once more without either.
                row.forget()
                self._generated([row], verify=False)
        return [i for i, row in enumerate(batch) if not (row.ended or row.problem)]

    def _generated(self, batch: list[Row], *, verify: bool = True) -> None:
        """Verify the expected answers; where they part, let the model's own ``generate`` go on."""
        rows = batch
        for row in batch:
            row.how = "verified once, then generated" if verify else "generated"
        if verify:
            reader = Ragged(self.model, self.pad, cache=None)
            known, guesses = [row.prompt for row in batch], [row.expected for row in batch]
            rows = [batch[i] for i in self._step(reader, batch, known, guesses)]
        if rows:
            for row, choices in zip(rows, self._generate(rows), strict=True):
                row.take(choices.tokens[:-1], choices, self.stops, self.trial.noise)

    @torch.inference_mode()
    def _generate(self, rows: list[Row]) -> list[Choices]:
        starts = [[*row.prompt, *row.ids] for row in rows]
        width = max(map(len, starts))
        ids = [[*[self.pad] * (width - len(row)), *row] for row in starts]
        mask = [[0] * (width - len(row)) + [1] * len(row) for row in starts]
        with _plain_settings(self.model):
            made = self.model.generate(
                input_ids=torch.tensor(ids, device=self.model.device),
                attention_mask=torch.tensor(mask, device=self.model.device),
                max_new_tokens=max(row.most - len(row.ids) for row in rows),
                do_sample=False,
                eos_token_id=sorted(self.stops),
                pad_token_id=self.pad,
                return_dict_in_generate=True,
                output_logits=True,
            )
        return choices_of(torch.stack(made.logits, dim=1))


def _prefix(batch: list[Row]) -> int:
    """Return the length of the prompts' common prefix, in tokens; 0 if it is too short to share."""
    places = zip(*(row.prompt for row in batch), strict=False)
    common = sum(1 for _ in takewhile(lambda tokens: len(set(tokens)) == 1, places))
    length = min(common, min(len(row.prompt) for row in batch) - 1)
    return length if length >= PREFIX and len(batch) > 1 else 0


@contextmanager
def _plain_settings(model: Any) -> Iterator[None]:
    """Replace the base's generation settings inside the block.

    They may hold a repetition penalty, and such decoding is not greedy.
    """
    own = model.generation_config
    model.generation_config = GenerationConfig()
    try:
        yield
    finally:
        model.generation_config = own
