"""The interface that every back end implements, and the specification of a loaded model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from operator import index
from pathlib import PurePath
from typing import Final, Protocol, TypeGuard, runtime_checkable

from pytest_slm_autopsy.errors import ConfigError, ModelError, nearest
from pytest_slm_autopsy.models.prompts import PromptFormat
from pytest_slm_autopsy.records import Case

QUANTIZATIONS: Final = ("nf4", "fp4", "int8", "none")
DTYPES: Final = ("auto", "float32", "bfloat16", "float16")
SHARD: Final = "shard"
"""Device of a model whose layers are spread over all GPUs of the machine."""
_DEVICE: Final = re.compile(rf"auto|cpu|cuda(:\d+)?|{SHARD}")


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """The specification of a loaded model: its files, its numeric form, and its prompt.

    Args:
        base: a folder or hub name.
        adapter: a folder or hub name of a LoRA adapter; without one the base answers alone.
        quantization: ``nf4``, ``fp4``, ``int8`` or ``none``.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:0`` and so on, or ``shard`` for all GPUs.
        max_new_tokens: the longest answer, in tokens.
        prompt: the words around a document.
        revision: branch, tag or commit of a base on the hub.
        dtype: ``float32``, ``bfloat16`` or ``float16``; ``auto`` is float32 on a CPU and bfloat16
            on a GPU.
        attention: the attention implementation, as transformers names it.
        trust_remote_code: allow code that the base's files bring along.

    Raises:
        ConfigError: an unknown quantisation, dtype or device, or ``max_new_tokens`` below 1.
    """

    base: str
    adapter: str | None = None
    quantization: str = "nf4"
    device: str = "auto"
    max_new_tokens: int = 512
    prompt: PromptFormat = field(default_factory=PromptFormat)
    revision: str | None = None
    dtype: str = "auto"
    attention: str | None = None
    trust_remote_code: bool = False

    def __post_init__(self) -> None:
        for what, chosen, known in (
            ("quantization", self.quantization, QUANTIZATIONS),
            ("dtype", self.dtype, DTYPES),
        ):
            if chosen not in known:
                raise ConfigError(f"unknown {what} {chosen!r}; {nearest(chosen, known)}")
        if not _DEVICE.fullmatch(self.device):
            raise ConfigError(
                f"unknown device {self.device!r}; use auto, cpu, cuda, cuda:0 or shard"
            )
        if self.max_new_tokens < 1:
            raise ConfigError(f"max_new_tokens is {self.max_new_tokens}; it must be at least 1")

    @property
    def name(self) -> str:
        """Return the name in reports: the adapter's folder name, or the base's with ``alone``."""
        if self.adapter is None:
            return f"{PurePath(self.base).name} alone"
        return PurePath(self.adapter).name

    @property
    def key(self) -> str:
        """Return a stable hash of all fields."""
        return sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()[:16]


NONE_GIVEN: Final = "the server gave no token probabilities"
"""How an answer was made for which a server gave none; another day it may give some."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a model: the text, and the log-probability and end of each token.

    ``logprobs`` are natural logarithms. Token ``i`` ends at character ``token_ends[i]`` of
    ``text``; the end-of-turn token counts as a token of no characters. Both are ``None`` where the
    model gives no probabilities. ``finish`` says why generation ended: ``stop``, ``length`` (cut
    off at the limit), or another word beside a ``problem``. ``problem`` says why this case has no
    answer, while others may have one. ``near_ties`` counts the tokens that another batch might
    choose otherwise. ``how`` says in a few words how the answer was made, or why it has no
    probabilities.
    """

    text: str
    logprobs: tuple[float, ...] | None = None
    token_ends: tuple[int, ...] | None = None
    finish: str = "stop"
    problem: str = ""
    near_ties: int = 0
    how: str = ""


class ModelUnderTest(Protocol):
    """The interface of a model: anything with a name that answers cases."""

    @property
    def name(self) -> str:
        """Return the name in reports."""
        ...

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """Return one greedy answer for each case, in the order of the cases."""
        ...


def is_address(base: str) -> bool:
    """Tell whether a base is the address of a server, not a folder or a hub name."""
    return base.startswith(("http://", "https://"))


def check_model(model: object) -> None:
    """Raise where ``model`` cannot be asked.

    Raises:
        ConfigError: it has no ``answer`` or no name, such as a function.
    """
    if not (hasattr(model, "answer") and hasattr(model, "name")):
        raise ConfigError(
            f"a {type(model).__name__} is no model; wrap a function from text to fields: "
            "CallableModel(function)"
        )


def ask(model: ModelUnderTest, cases: Sequence[Case]) -> list[Answer]:
    """Return the answers of a model, one a case, with plain numbers; the model may be anybody's.

    Raises:
        ModelError: ``answer()`` returned something else, or more or fewer answers than cases.
    """
    given: object = model.answer(cases)
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise ModelError(
            f"answer() of model {model.name!r} returned a {type(given).__name__}; it returns a "
            "list of pytest_slm_autopsy.models.Answer, one a case"
        )
    answers = list(given)
    if len(answers) != len(cases):
        raise ModelError(
            f"model {model.name!r} gave {len(answers)} answers to {len(cases)} cases; "
            "answer() must give one a case, in order"
        )
    try:
        return [*map(_plain, answers)]
    except (TypeError, ValueError) as error:
        raise ModelError(f"model {model.name!r} gave what is no answer: {error}") from None


def _plain(answer: object) -> Answer:
    """Return an answer whose numbers are plain ones, in tuples.

    Raises:
        TypeError, ValueError: it is no answer.
    """
    if not isinstance(answer, Answer):
        raise TypeError(f"it is a {type(answer).__name__}; answer() returns Answer(text) for each")
    for part in ("text", "finish", "problem", "how"):
        if not isinstance(value := getattr(answer, part), str):
            raise TypeError(f"its {part} is {value!r:.60}; it must be a text")
    logprobs, ends = answer.logprobs, None
    try:
        if logprobs is not None:
            logprobs = tuple(map(_real, logprobs))
            ends = None if answer.token_ends is None else tuple(map(index, answer.token_ends))
        ties = index(answer.near_ties)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(
            "its logprobs are not all numbers, or its token_ends and near_ties not all whole ones"
        ) from None
    if logprobs is not None and ends is not None and len(ends) != len(logprobs):
        raise ValueError(f"it has {len(logprobs)} logprobs and {len(ends)} token_ends")
    return replace(answer, logprobs=logprobs, token_ends=ends, near_ties=ties)


def _real(number: object) -> float:
    if isinstance(number, (str, bytes, bool)):
        raise TypeError(f"{number!r:.60} is no number")
    return float(number)  # type: ignore[arg-type]


class Storable(Protocol):
    """The interface of a model whose answers may be kept on disk."""

    def question_keys(self, cases: Sequence[Case]) -> list[str]:
        """Return one digest for each case, of everything that decides its answer.

        Raises:
            ModelError: the digest cannot be made; the answers are then neither read nor kept.
        """
        ...


@runtime_checkable
class Exchangeable(Protocol):
    """The interface of a storable model that may be exchanged while its keys stay the same.

    A server may load other weights under the same name. Kept answers of such a model are believed
    only after a few of them were asked anew in the same run.
    """

    @property
    def kept_under(self) -> str:
        """Return the beginning of all keys of the model."""
        ...


@runtime_checkable
class Reloadable(Protocol):
    """The interface of a model that can be loaded in another form, to compare the two."""

    @property
    def spec(self) -> ModelSpec:
        """Return the specification."""
        ...

    def reloaded(self, *, adapted: bool = True, quantization: str = "") -> ModelUnderTest:
        """Return the same model without its adapter, or in another quantisation."""
        ...


def storable(model: object) -> TypeGuard[Storable]:
    """Tell whether the class of ``model`` has ``question_keys``.

    A wrapper that only passes attributes on to another model is not storable: it may answer
    otherwise.
    """
    return callable(getattr(type(model), "question_keys", None))
