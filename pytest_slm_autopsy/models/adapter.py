"""A base, quantised or not, with a LoRA adapter: loaded, checked, and ready to answer."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import accumulate
from typing import Any, Final

from pytest_slm_autopsy.answers.forms import AnswerForm
from pytest_slm_autopsy.answers.reasoning import UNENDED, closes_reasoning, opens_reasoning
from pytest_slm_autopsy.errors import MissingExtraError, ModelError
from pytest_slm_autopsy.models.checks.check import (
    CHECKS,
    NEEDED,
    Check,
    CheckWarning,
    allowing,
    conclude,
)
from pytest_slm_autopsy.models.inside import Inside
from pytest_slm_autopsy.models.interface import Answer, ModelSpec
from pytest_slm_autopsy.models.prompts import PROBE, prompted, prompted_as_of
from pytest_slm_autopsy.models.quiet import quiet
from pytest_slm_autopsy.records import Case

# On a CPU, bitsandbytes recommends another package at every import.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)

try:
    with quiet():
        from peft import PeftModel
        from safetensors import SafetensorError
except ImportError as error:
    raise MissingExtraError(error.name or "torch", "hf") from error

from pytest_slm_autopsy.models.checks.compatibility import check_files  # noqa: E402
from pytest_slm_autopsy.models.checks.health import adapter_acts, logprobs  # noqa: E402
from pytest_slm_autopsy.models.decoding.decoder import Decoder  # noqa: E402
from pytest_slm_autopsy.models.decoding.rows import Decoded  # noqa: E402
from pytest_slm_autopsy.models.identity import Files, in_memory, question_keys  # noqa: E402
from pytest_slm_autopsy.models.loading import (  # noqa: E402
    adapter_folder,
    first_line,
    load_base,
    load_tokenizer,
)
from pytest_slm_autopsy.models.shortcuts import (  # noqa: E402
    decoded,
    merged,
    packed,
    unpacked,
)

PROBES: Final = (PROBE, Case("probe", "Total: 7.50\nDate: 2025-03-31", {"total": "7.50"}))
"""Cases that a model is asked when it is loaded; their prompts begin alike."""


class AdapterModel:
    """A loaded model that answers by verified greedy decoding."""

    def __init__(
        self, spec: ModelSpec, model: Any, tokenizer: Any, checks: Sequence[Check] = ()
    ) -> None:
        self.spec = spec
        self.name = spec.name
        self.model = model
        self.tokenizer = tokenizer
        self.checks = tuple(checks)
        self._files = Files(spec)
        self._loaded = in_memory(model)

    def prompts(self, cases: Sequence[Case]) -> list[tuple[str, list[int]]]:
        """Return the text and the token ids of the prompt of each case."""
        return prompted(self.tokenizer, self.spec.prompt, cases)

    def prompt_as_of(self, case: Case, then: str) -> tuple[str, list[int]]:
        """Return the prompt of a case on the day on which ``then`` was made."""
        return prompted_as_of(self.tokenizer, self.spec.prompt, case, then)

    @property
    def answer_form(self) -> AnswerForm:
        """Return the form of the model's answers."""
        return self.spec.prompt.answer

    def question_keys(self, cases: Sequence[Case]) -> list[str]:
        """Return one digest for each case, of everything that decides its answer.

        These are the prompt, the files, the settings and the versions of the libraries. A subclass
        that answers otherwise needs a class name of its own.

        Raises:
            ModelError: the files have changed since they were loaded, or cannot be read; or the
                weights were changed in memory.
        """
        if in_memory(self.model) != self._loaded:
            raise ModelError(
                f"model {self.name} was changed in memory since it was loaded, so kept answers are "
                "not its own; save it, and load what was saved"
            )
        facts = {
            "kind": f"{type(self).__module__}.{type(self).__qualname__}",
            "device": self.model.device.type,
            "form": self.form,
            "merged": self.spec.adapter is not None and not hasattr(self.model, "peft_config"),
            "ends": sorted(self.decoder.stops),
        }
        return question_keys(self._files, self.spec, facts, [ids for _, ids in self.prompts(cases)])

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """Return one greedy answer for each case, in the order of the cases."""
        prompts = self.prompts(cases)
        expected = self._ids([self.spec.prompt.expected(case.truth) for case in cases])
        rows = self.decoder.decode([ids for _, ids in prompts], expected)
        answers = map(self._answer, rows)
        return [ended(prompt, answer) for (prompt, _), answer in zip(prompts, answers, strict=True)]

    def reloaded(self, *, adapted: bool = True, quantization: str = "") -> AdapterModel:
        """Return the same model without its adapter, or in another quantisation.

        Checks that then fail or warn say only what was asked for, and are not repeated.
        """
        spec = replace(
            self.spec,
            adapter=self.spec.adapter if adapted else None,
            quantization=quantization or self.spec.quantization,
        )
        with warnings.catch_warnings(action="ignore", category=CheckWarning):
            return load_model(spec, allow=[name for name in CHECKS if name not in NEEDED])

    def inside(self) -> Inside:
        """Return the inside of the model, loaded beside it with its adapter apart."""
        from pytest_slm_autopsy.models.loaded_inside import LoadedInside

        return LoadedInside(self.spec, self.tokenizer, put_on)

    @cached_property
    def decoder(self) -> Decoder:
        """Return the decoder of this model.

        It stops at the tokenizer's end of turn, and at the tokens that the base's files name.
        """
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
        """Return the form in which the weights are held, such as ``nf4 unpacked to float32``."""
        stated = self.spec.quantization
        dtype = str(self.model.dtype).removeprefix("torch.")
        if stated in ("nf4", "fp4") and not packed(self.model):
            return f"{stated} unpacked to {dtype}"
        return dtype if stated == "none" else f"{stated}, {dtype}"


def ended(prompt: str, answer: Answer) -> Answer:
    """Return the answer, or its problem: reasoning that the prompt opened and that never ends."""
    if answer.problem or not opens_reasoning(prompt) or closes_reasoning(answer.text):
        return answer
    return replace(answer, problem=UNENDED)


def load_model(spec: ModelSpec, *, allow: Collection[str] = ()) -> AdapterModel:
    """Return a model of base, adapter and tokenizer, checked to belong together.

    On a CPU, a 4-bit base is unpacked once into plain matrices of the same values, where memory
    holds them, and the adapter is merged into them. The model's ``checks`` hold the outcome of each
    check, and its ``form`` says how the weights are held. Needs the extra ``hf``.

    Args:
        spec: base, adapter and settings; without an adapter the base answers alone, unchecked.
        allow: names of checks whose failure is accepted.

    Raises:
        ModelError: something is missing, broken, or does not belong together; the text says what.
        ConfigError: a name in ``allow`` that is unknown, or names a check that cannot be allowed.
    """
    if spec.adapter is None:
        model = _ready(
            spec, load_tokenizer(spec), lambda ids: unpacked(partial(load_base, spec), ids)
        )
        conclude(model.checks, f"base {spec.base}")
        return model
    what = f"adapter {spec.adapter} on base {spec.base}"
    checks = check_files(spec, allow=allow)
    conclude(checks, what)
    model = load_unjudged(spec, allow=allow)
    conclude(model.checks, what)
    model.checks = (*checks, *model.checks)
    return model


def load_unjudged(spec: ModelSpec, *, allow: Collection[str] = ()) -> AdapterModel:
    """Return a model whose files were checked before; its ``checks`` are those that ask the model.

    Raises:
        ModelError: something is missing or broken.
    """
    tokenizer = load_tokenizer(spec)
    checks: dict[str, Check] = {}

    def put_together(ids: Sequence[int]) -> Any:
        base, found = unpacked(partial(load_base, spec), ids)
        model = put_on(base, spec.adapter or "", spec.base)
        # A model that is put together anew is checked again, and says the same.
        checks.update({check.name: check for check in (*found, acts(model, ids))})
        return model

    def made(ids: Sequence[int]) -> tuple[Any, list[Check]]:
        model, found = merged(partial(put_together, ids), ids)
        return model, [*checks.values(), *found]

    return _ready(spec, tokenizer, made, allow)


def _ready(
    spec: ModelSpec,
    tokenizer: Any,
    made: Callable[[Sequence[int]], tuple[Any, list[Check]]],
    allow: Collection[str] = (),
) -> AdapterModel:
    """Return a model that was made to answer, with the checks that asked it."""
    (_, first), (_, second) = prompted(tokenizer, spec.prompt, PROBES)
    model, asked = made(first)
    if packed(model):
        # bitsandbytes rearranges matrices on some CPUs when they are first asked; from now on, a
        # change in memory is somebody's.
        logprobs(model, first)
    ready = AdapterModel(spec, model, tokenizer)
    ready.checks = tuple(allowing([*asked, decoded(ready.decoder, [first, second])], allow))
    return ready


def put_on(base: Any, adapter: str, name: str, *, called: str = "default") -> Any:
    """Return the base with an adapter on it, beside those that it has already.

    Raises:
        ModelError: peft cannot load the adapter onto this base.
    """
    folder = str(adapter_folder(adapter))
    try:
        if isinstance(base, PeftModel):
            base.load_adapter(folder, adapter_name=called)
            return base
        with quiet():
            return PeftModel.from_pretrained(base, folder, adapter_name=called).eval()
    except (
        *(SafetensorError, RuntimeError, ValueError),
        *(KeyError, IndexError, TypeError, AttributeError, ImportError, OSError),
    ) as error:
        raise ModelError(
            f"adapter {folder} does not load onto base {name}: {first_line(error)}"
        ) from error


def acts(model: Any, ids: Sequence[int]) -> Check:
    """Check that the adapter acts; one that is called by a sequence of tokens needs that."""
    check = adapter_acts(model, ids)
    call = getattr(model.active_peft_config, "alora_invocation_tokens", None)
    if check.outcome != "failed" or not call:
        return check
    return replace(
        check,
        evidence=f"it is an aLoRA, which acts after its invocation tokens {call}, and the prompt "
        "holds none; write them into the prompt, or into the chat template",
    )
