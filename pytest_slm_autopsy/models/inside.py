"""The interface to the inside of a model: tokens, attention, hidden states, attributions.

Diagnostics reach a model's inside by this interface alone. ``AdapterModel.inside`` gives one;
``ScriptedInside`` is a double without torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from pytest_slm_autopsy.records import Case

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt and an answer as tokens.

    ``spans`` holds the start and end of each token, in characters of ``prompt + answer``.
    ``document`` is the character at which the document begins, ``first`` the number of prompt
    tokens: token ``first`` is the first of the answer.
    """

    prompt: str
    answer: str
    tokens: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]
    document: int
    first: int

    def within(self, start: int, end: int) -> list[int]:
        """Return the tokens of which most characters lie from ``start`` to ``end``."""
        return [
            place
            for place, (low, high) in enumerate(self.spans)
            if 2 * (min(high, end) - max(low, start)) > high - low
        ]

    def up_to(self, said: int) -> Reading:
        """Return the reading with the first ``said`` tokens of the answer alone."""
        end = self.first + said
        answer = self.answer[: max(0, self.spans[end - 1][1] - len(self.prompt))]
        return replace(self, answer=answer, tokens=self.tokens[:end], spans=self.spans[:end])


@dataclass(frozen=True, slots=True)
class Attributed:
    """The attribution of each token, shape (tokens,), and the error of their sum.

    ``error`` is the difference between their sum and what they should add up to (completeness),
    as a share of the latter.
    """

    values: Floats
    error: float


@dataclass(frozen=True, slots=True)
class Patch:
    """States of shape (places, width) that replace those after one layer."""

    layer: int
    places: Sequence[int]
    states: Floats


class Inside(Protocol):
    """The inside of a loaded model; arrays are float32."""

    @property
    def layers(self) -> int:
        """Return the number of layers."""
        ...

    def read(self, case: Case, answer: str) -> Reading:
        """Return the prompt of a case and an answer as tokens."""
        ...

    def attention(self, reading: Reading) -> Floats:
        """Return the attention of shape (layers, heads, answer tokens, tokens).

        A row is that of the token before, which writes the answer's token.
        """
        ...

    def logprobs(self, reading: Reading, *, scale: float = 1.0) -> Floats:
        """Return the log-probability of each answer token; ``scale`` that of the adapter."""
        ...

    def divergence(self, reading: Reading) -> Floats:
        """Return the Kullback-Leibler divergence of adapted from base, in nats an answer token."""
        ...

    def hidden(self, reading: Reading) -> Floats:
        """Return the states after each layer, shape (layers, tokens, width)."""
        ...

    def following(
        self, reading: Reading, tokens: Sequence[int], patch: Patch | None = None
    ) -> Floats:
        """Return the log-probability of each of ``tokens`` as the next one after a reading."""
        ...

    def attributed(self, reading: Reading, places: Sequence[int], *, steps: int) -> Attributed:
        """Return integrated gradients of the log-probability of answer tokens at ``places``."""
        ...


@runtime_checkable
class Inspectable(Protocol):
    """The interface of a model whose inside can be looked at."""

    def inside(self) -> Inside:
        """Return the inside of the model, with its adapter apart."""
        ...


class ScriptedInside:
    """A double whose tokens are characters, and whose behaviour is given by functions.

    Args:
        attends: the place that the answer token at a place attends to, by layer.
        logprob: the log-probability of the whole answer, spread evenly over its tokens; it is told
            the reading, the scale of the adapter, and the patched layer and places.
    """

    def __init__(
        self,
        attends: Callable[[Reading, int, int], int],
        logprob: Callable[..., float],
        *,
        layers: int = 2,
    ) -> None:
        self.layers = layers
        self._attends, self._logprob = attends, logprob

    def read(self, case: Case, answer: str) -> Reading:
        """Return the text of a case and an answer, a character a token."""
        whole = case.text + answer
        spans = tuple((at, at + 1) for at in range(len(whole)))
        return Reading(case.text, answer, tuple(map(ord, whole)), spans, 0, len(case.text))

    def attention(self, reading: Reading) -> Floats:
        """Return attention on one place for each answer token, with one head a layer."""
        said, every = len(reading.tokens) - reading.first, len(reading.tokens)
        found = np.zeros((self.layers, 1, said, every), dtype=np.float32)
        for layer in range(self.layers):
            for token in range(said):
                found[layer, 0, token, self._attends(reading, layer, token)] = 1.0
        return found

    def logprobs(self, reading: Reading, *, scale: float = 1.0) -> Floats:
        """Return the log-probability of each answer token."""
        return self._spread(reading, scale=scale)

    def divergence(self, reading: Reading) -> Floats:
        """Return how far adapted and base log-probabilities are apart."""
        apart: Floats = np.abs(self._spread(reading, scale=1) - self._spread(reading, scale=0))
        return apart

    def hidden(self, reading: Reading) -> Floats:
        """Return each token's number as its state."""
        states = np.array(reading.tokens, dtype=np.float32)[None, :, None]
        return np.repeat(states, self.layers, axis=0)

    def following(
        self, reading: Reading, tokens: Sequence[int], patch: Patch | None = None
    ) -> Floats:
        """Return the share of each longer answer that falls to its last token."""
        told = {"layer": patch.layer, "places": tuple(patch.places)} if patch else {}
        longer = (self._and(reading, token) for token in tokens)
        return np.array([self._spread(one, **told)[-1] for one in longer], dtype=np.float32)

    def attributed(self, reading: Reading, places: Sequence[int], *, steps: int) -> Attributed:
        """Return the whole attribution at the places that the last layer attends to."""
        values = np.zeros(len(reading.tokens), dtype=np.float32)
        for place in places:
            values[self._attends(reading, self.layers - 1, place - reading.first)] += 1.0
        return Attributed(values, 0.0)

    def _and(self, reading: Reading, token: int) -> Reading:
        at = len(reading.tokens)
        return replace(
            reading,
            answer=reading.answer + chr(token),
            tokens=(*reading.tokens, token),
            spans=(*reading.spans, (at, at + 1)),
        )

    def _spread(self, reading: Reading, **told: Any) -> Floats:
        said = len(reading.tokens) - reading.first
        return np.full(said, self._logprob(reading, **told) / said, dtype=np.float32)
