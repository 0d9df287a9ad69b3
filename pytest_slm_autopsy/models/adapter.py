"""A quantised base with a LoRA adapter on it: load it, or say why not; then answer."""

from __future__ import annotations

import logging
import math
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import accumulate
from typing import Any, Final

from pytest_slm_autopsy.errors import MissingExtraError, ModelError
from pytest_slm_autopsy.models.checks.check import Check, allowing, conclude
from pytest_slm_autopsy.models.interface import Answer, ModelSpec
from pytest_slm_autopsy.models.prompts import prompted
from pytest_slm_autopsy.records import Case

# On a CPU it recommends another package at every import.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)

try:
    import psutil
    import torch
    from peft import PeftModel
    from safetensors import SafetensorError
except ImportError as error:
    raise MissingExtraError(error.name or "torch", "hf") from error

from pytest_slm_autopsy.models.checks.compatibility import check_files  # noqa: E402
from pytest_slm_autopsy.models.checks.health import adapter_acts, logprobs, merge_agrees  # noqa: E402
from pytest_slm_autopsy.models.decoding.decoder import Decoder  # noqa: E402
from pytest_slm_autopsy.models.decoding.rows import Decoded  # noqa: E402
from pytest_slm_autopsy.models.identity import Files, question_keys  # noqa: E402
from pytest_slm_autopsy.models.loading import (  # noqa: E402
    adapter_folder,
    first_line,
    load_base,
    load_tokenizer,
)

ROOM: Final = 0.8
"""The share of the memory that is free which plain matrices may take."""
PROBE: Final = Case("probe", "Total: 12.00", {"total": "12.00"})


class AdapterModel:
    """A loaded model; ``answer`` decodes greedily."""

    def __init__(
        self, spec: ModelSpec, model: Any, tokenizer: Any, checks: Sequence[Check] = ()
    ) -> None:
        self.spec = spec
        self.name = spec.name
        self.model = model
        self.tokenizer = tokenizer
        self.checks = tuple(checks)
        self._files = Files(spec)

    def prompts(self, cases: Sequence[Case]) -> list[tuple[str, list[int]]]:
        """Text and token ids of the prompt of each case."""
        return prompted(self.tokenizer, self.spec.prompt, cases)

    def question_keys(self, cases: Sequence[Case]) -> list[str]:
        """One digest a case, of its prompt and of the files, settings and versions that decide.

        Weights that were changed by hand after loading are not seen; a subclass that answers
        otherwise needs a name of its own.

        Raises:
            ModelError: the files are not those that were loaded.
        """
        facts = {
            "kind": f"{type(self).__module__}.{type(self).__qualname__}",
            "device": self.model.device.type,
            "form": self.form,
            "ends": sorted(self.decoder.stops),
        }
        return question_keys(self._files, self.spec, facts, [ids for _, ids in self.prompts(cases)])

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """One greedy answer a case, in the order of the cases."""
        prompts = [ids for _, ids in self.prompts(cases)]
        expected = self._ids([self.spec.prompt.expected(case.truth) for case in cases])
        return [self._answer(row) for row in self.decoder.decode(prompts, expected)]

    @cached_property
    def decoder(self) -> Decoder:
        """What decodes; it stops at the tokenizer's end of turn, and where the base's files say."""
        tokenizer, stated = self.tokenizer, self.model.generation_config.eos_token_id
        more = [stated] if isinstance(stated, int) else stated or []
        stops = [token for token in (tokenizer.eos_token_id, *more) if token is not None]
        pad = tokenizer.pad_token_id
        return Decoder(
            self.model,
            stops=stops,
            pad=next(iter(stops), 0) if pad is None else pad,
            max_new_tokens=self.spec.max_new_tokens,
        )

    def _ids(self, texts: list[str]) -> list[list[int]]:
        ids: list[list[int]] = self.tokenizer(texts, add_special_tokens=False)["input_ids"]
        return ids

    def _answer(self, row: Decoded) -> Answer:
        said = row.ids[:-1] if row.finish == "stop" else row.ids
        text = self.tokenizer.decode(said)
        pieces = self.tokenizer.batch_decode([[token] for token in said])
        ends = list(accumulate(map(len, pieces)))
        if "".join(pieces) != text:  # a character spans tokens: measure growing prefixes
            ends = [len(self.tokenizer.decode(said[: i + 1])) for i in range(len(said))]
        ends += [len(text)] * (len(row.ids) - len(said))
        return Answer(
            text,
            row.logprobs,
            tuple(ends),
            row.finish,
            row.problem,
            row.near_ties,
            f"{row.how}, {self.form}",
        )

    @cached_property
    def form(self) -> str:
        """In which form the weights are asked."""
        stated = self.spec.quantization
        dtype = str(self.model.dtype).removeprefix("torch.")
        if stated in ("nf4", "fp4") and not packed(self.model):
            return f"{stated} unpacked to {dtype}"
        return dtype if stated == "none" else f"{stated}, {dtype}"


def load_model(spec: ModelSpec, *, allow: Collection[str] = ()) -> AdapterModel:
    """Load base, adapter and tokenizer, ready to answer; checked to belong together.

    On a CPU a 4-bit base is turned back into plain matrices once, of the very values that its bits
    stand for, where memory holds them, and the adapter is added to them: the same model, unpacked
    once. ``allow`` names checks whose failure is accepted; the model's ``checks`` say how each came
    out, its ``form`` how the weights are held.

    Raises:
        ModelError: something is missing, broken, or does not belong together; the text says what.
    """
    if spec.adapter is None:
        tokenizer = load_tokenizer(spec)
        return AdapterModel(spec, plain_on_cpu(load_base(spec)).eval(), tokenizer)
    what = f"adapter {spec.adapter} on base {spec.base}"
    checks = check_files(spec, allow=allow)
    conclude(checks, what)
    model = load_unjudged(spec, allow=allow)
    conclude(model.checks, what)
    model.checks = (*checks, *model.checks)
    return model


def load_unjudged(spec: ModelSpec, *, allow: Collection[str] = ()) -> AdapterModel:
    """Load an adapter whose files were checked; the model's ``checks`` are those that ask it.

    Raises:
        ModelError: something is missing or broken.
    """
    tokenizer, folder = load_tokenizer(spec), adapter_folder(spec.adapter or "")
    base = plain_on_cpu(load_base(spec))
    try:
        model = PeftModel.from_pretrained(base, str(folder)).eval()
    except (SafetensorError, RuntimeError, ValueError, KeyError, TypeError, OSError) as error:
        raise ModelError(
            f"adapter {folder} does not load onto base {spec.base}: {first_line(error)}"
        ) from error
    _, ids = prompted(tokenizer, spec.prompt, [PROBE])[0]
    asked = [adapter_acts(model, ids)]
    if base.device.type == "cpu" and not packed(base):
        before = logprobs(model, ids)
        model = model.merge_and_unload().eval()
        asked.append(merge_agrees(before, model, ids))
    return AdapterModel(spec, model, tokenizer, allowing(asked, allow))


def plain_on_cpu(base: Any) -> Any:
    """On a CPU, a 4-bit base as plain matrices of the same values, where memory holds them."""
    if base.device.type != "cpu" or not packed(base):
        return base
    numbers = sum(math.prod(module.weight.quant_state.shape) for module in _packed_parts(base))
    if 4 * numbers > ROOM * psutil.virtual_memory().available:
        return base
    with _quiet("transformers.integrations.bitsandbytes"):
        return base.dequantize(dtype=torch.float32)


def packed(model: Any) -> bool:
    """Whether any matrix of a model is held in 4 bits."""
    return next(_packed_parts(model), None) is not None


def _packed_parts(model: Any) -> Iterator[Any]:
    return (m for m in model.modules() if getattr(getattr(m, "weight", None), "quant_state", None))


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Without the warnings of one logger."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
