"""The inside of a loaded model: the adapter beside the base, attention computed step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch

from pytest_slm_autopsy.errors import MissingExtraError, ModelError
from pytest_slm_autopsy.models.inside import Attributed, Floats, Patch, Reading
from pytest_slm_autopsy.models.interface import ModelSpec
from pytest_slm_autopsy.models.loading import load_base
from pytest_slm_autopsy.models.prompts import PROBE, prompted, sendable
from pytest_slm_autopsy.models.shortcuts import unpacked
from pytest_slm_autopsy.records import Case


class LoadedInside:
    """A base in its quantisation with its adapter on it, not merged, with eager attention.

    On a CPU the 4-bit matrices are unpacked once, as for answering: the same numbers.
    """

    def __init__(self, spec: ModelSpec, tokenizer: Any, put_on: Any) -> None:
        self._spec, self._tokenizer = spec, tokenizer
        [(_, ids)] = prompted(tokenizer, spec.prompt, [PROBE])
        base, _ = unpacked(partial(load_base, spec), ids)
        base.set_attn_implementation("eager")
        self._model = put_on(base, spec.adapter, spec.base) if spec.adapter else base
        self._model.eval().requires_grad_(False)
        self._inner = self._model.get_base_model() if spec.adapter else base

    @property
    def layers(self) -> int:
        """Return the number of layers."""
        return int(self._inner.config.num_hidden_layers)

    def read(self, case: Case, answer: str) -> Reading:
        """Return the prompt of a case and an answer as tokens."""
        [(prompt, ids)] = prompted(self._tokenizer, self._spec.prompt, [case])
        parts = [
            self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
            for text in (prompt, answer)
        ]
        spans = [*parts[0]["offset_mapping"]]
        spans += [(a + len(prompt), b + len(prompt)) for a, b in parts[1]["offset_mapping"]]
        tokens = (*ids, *parts[1]["input_ids"])
        document = prompt.rfind(sendable(case.text))
        if document < 0:
            raise ModelError(
                f"the prompt of case {case.id!r} does not hold its document as it is: the chat "
                "template changes it, so tokens cannot be told apart by their place"
            )
        return Reading(prompt, answer, tokens, tuple(map(tuple, spans)), document, len(ids))

    def attention(self, reading: Reading) -> Floats:
        """Return the attention of shape (layers, heads, answer tokens, tokens)."""
        with torch.no_grad():
            found = self._model(
                input_ids=self._ids(reading), output_attentions=True, logits_to_keep=1
            ).attentions
        rows = slice(reading.first - 1, len(reading.tokens) - 1)
        return _array(torch.stack([layer[0, :, rows] for layer in found]))

    def logprobs(self, reading: Reading, *, scale: float = 1.0) -> Floats:
        """Return the log-probability of each answer token; ``scale`` that of the adapter."""
        with torch.no_grad(), self._scaled(scale):
            return _array(self._said(reading, self._logits(reading)[0]))

    def divergence(self, reading: Reading) -> Floats:
        """Return the Kullback-Leibler divergence of adapted from base, in nats an answer token."""
        found = []
        with torch.no_grad():
            for scale in (1.0, 0.0):
                with self._scaled(scale):
                    found.append(self._logits(reading)[0].float().log_softmax(-1))
        adapted, base = found
        return _array((adapted.exp() * (adapted - base)).sum(-1))

    def hidden(self, reading: Reading) -> Floats:
        """Return the states after each layer, shape (layers, tokens, width)."""
        seen: list[Any] = []

        def kept(_: int, states: Any) -> Any:
            seen.append(states)
            return states

        with torch.no_grad(), self._hooked(kept):
            self._model(input_ids=self._ids(reading), logits_to_keep=1)
        return _array(torch.cat(seen))

    def following(
        self, reading: Reading, tokens: Sequence[int], patch: Patch | None = None
    ) -> Floats:
        """Return the log-probability of each of ``tokens`` as the next one after a reading."""

        def replaced(at: int, found: Any) -> Any:
            if patch and at == patch.layer:
                found = found.clone()
                states = torch.as_tensor(patch.states, dtype=found.dtype)
                found[0, list(patch.places)] = states.to(found.device)
            return found

        with torch.no_grad(), self._hooked(replaced):
            logits = self._model(input_ids=self._ids(reading), logits_to_keep=1).logits
        return _array(logits[0, -1].float().log_softmax(-1)[list(tokens)])

    def attributed(self, reading: Reading, places: Sequence[int], *, steps: int) -> Attributed:
        """Return integrated gradients of the log-probability of answer tokens at ``places``.

        The path goes from the padding token's embedding (Sundararajan et al. 2017), by Captum.

        Raises:
            MissingExtraError: Captum is not installed.
        """
        try:
            from captum.attr import IntegratedGradients
        except ImportError as error:
            raise MissingExtraError("captum", "inside") from error
        embed = self._inner.get_input_embeddings()
        ids = self._ids(reading)
        pad = self._tokenizer.pad_token_id or 0
        blank = torch.where(torch.arange(ids.shape[1], device=ids.device) < reading.first, pad, ids)
        asked = [place - reading.first for place in places]

        def chance(embedded: Any) -> Any:
            logits = self._logits(reading, inputs_embeds=embedded)
            return torch.stack([self._said(reading, row)[asked].sum() for row in logits])

        found, delta = IntegratedGradients(chance).attribute(
            embed(ids), embed(blank), n_steps=steps, internal_batch_size=8,
            return_convergence_delta=True,
        )  # fmt: skip
        values = _array(found[0].sum(-1))
        due = abs(float(values.sum() - float(delta))) or 1.0
        return Attributed(values, abs(float(delta)) / due)

    def _ids(self, reading: Reading) -> Any:
        return torch.tensor([reading.tokens], device=self._inner.device)

    def _logits(self, reading: Reading, **given: Any) -> Any:
        """Return the logits of the answer's tokens alone: a vocabulary may be large."""
        given = given or {"input_ids": self._ids(reading)}
        rows = torch.arange(reading.first - 1, len(reading.tokens) - 1, device=self._inner.device)
        return self._model(**given, logits_to_keep=rows).logits

    def _said(self, reading: Reading, logits: Any) -> Any:
        rows = logits.float().log_softmax(-1)
        said = torch.tensor(reading.tokens[reading.first :], device=rows.device)
        return rows.gather(-1, said[:, None])[:, 0]

    @contextmanager
    def _scaled(self, scale: float) -> Iterator[None]:
        """Multiply what the adapter adds, inside the block."""
        if scale == 1.0 or not self._spec.adapter:
            yield
            return
        parts = [m for m in self._model.modules() if isinstance(getattr(m, "scaling", None), dict)]
        before = [dict(part.scaling) for part in parts]
        try:
            for part in parts:
                part.scaling = {name: value * scale for name, value in part.scaling.items()}
            yield
        finally:
            for part, scaling in zip(parts, before, strict=True):
                part.scaling = scaling

    @contextmanager
    def _hooked(self, change: Any) -> Iterator[None]:
        """Let ``change`` see, and return, the states after each layer, inside the block."""

        def hook(at: int, output: Any) -> Any:
            if isinstance(output, tuple):
                return (change(at, output[0]), *output[1:])
            return change(at, output)

        layers = self._inner.get_decoder().layers
        handles = [
            layer.register_forward_hook(lambda _, __, output, at=at: hook(at, output))
            for at, layer in enumerate(layers)
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()


def _array(tensor: Any) -> Floats:
    found: Floats = tensor.detach().float().cpu().numpy().astype(np.float32)
    return found
