"""One row of a batch: an answer while it is made, and the decoded answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from pytest_slm_autopsy.models.decoding.drafts import Drafts
from pytest_slm_autopsy.models.decoding.ragged import Choices


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded answer: its token ids, their log-probabilities, and why generation ended.

    ``near_ties`` counts the tokens that another batch might choose otherwise. ``problem`` says why
    the row has no answer, and ``how`` by which way it was decoded.
    """

    ids: tuple[int, ...] = ()
    logprobs: tuple[float, ...] = ()
    finish: str = "stop"
    near_ties: int = 0
    problem: str = ""
    how: str = ""


@dataclass(slots=True)
class Row:
    """An answer while it is made, of at most ``most`` tokens."""

    prompt: list[int]
    expected: list[int]
    most: int
    ids: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    near_ties: int = 0
    ended: bool = False
    problem: str = ""
    how: str = ""
    drafts: Drafts | None = None
    drafted: int = 0

    def forget(self) -> None:
        """Forget the answer so far, to begin anew."""
        self.ids, self.logprobs, self.near_ties = [], [], 0
        self.ended, self.drafts, self.drafted, self.problem = False, None, 0, ""

    def take(self, guess: Sequence[int], found: Choices, stops: frozenset[int], tie: float) -> None:
        """Append the model's choices, up to and including the first that the guess missed.

        ``tie`` is the largest lead of a choice that counts as a near-tie.
        """
        for place, (token, logprob) in enumerate(zip(found.tokens, found.logprobs, strict=True)):
            if math.isnan(logprob):
                self.problem = (
                    f"the model's outputs are NaN after {len(self.ids)} tokens: a weight is, or "
                    "it overflows; try another dtype"
                )
                return
            self.ids.append(token)
            self.logprobs.append(logprob)
            self.near_ties += found.leads[place] <= tie
            if token in stops or len(self.ids) == self.most:
                self.ended = True
                return
            if place >= len(guess) or guess[place] != token:
                return

    def guess(self) -> list[int]:
        """Return a guess of the next tokens."""
        if self.drafts is None:
            self.drafts = Drafts(self.prompt, self.expected)
        self.drafts.add(self.ids[self.drafted :])
        self.drafted = len(self.ids)
        return self.drafts.next()[: self.most - len(self.ids) - 1]

    def decoded(self, stops: frozenset[int]) -> Decoded:
        """Return the answer as it stands."""
        if self.problem:
            return Decoded(finish="error", problem=self.problem, how=self.how)
        finish = "stop" if self.ids[-1] in stops else "length"
        return Decoded(tuple(self.ids), tuple(self.logprobs), finish, self.near_ties, how=self.how)
