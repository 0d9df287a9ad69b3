"""The one interface that every back end fills, and what decides a model's answers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import PurePath
from typing import Final, Protocol, TypeGuard

from pytest_slm_autopsy.errors import ConfigError, nearest
from pytest_slm_autopsy.models.prompts import PromptFormat
from pytest_slm_autopsy.records import Case

QUANTIZATIONS: Final = ("nf4", "fp4", "int8", "none")
DTYPES: Final = ("auto", "float32", "bfloat16", "float16")
SHARD: Final = "shard"
"""The device of a model whose layers are spread over all GPUs of the machine."""
_DEVICE: Final = re.compile(rf"auto|cpu|cuda(:\d+)?|{SHARD}")


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which model answers, and how it is asked.

    ``base`` and ``adapter`` are folders or hub names; without an adapter the base answers alone.

    Raises:
        ConfigError: an unknown quantisation or device, or a limit below 1.
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
        """What reports call it: the adapter's folder name, or the base's with ``alone``."""
        if self.adapter is None:
            return f"{PurePath(self.base).name} alone"
        return PurePath(self.adapter).name

    @property
    def key(self) -> str:
        """A stable hash of everything above."""
        return sha256(repr(sorted(asdict(self).items())).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote: the text, and per generated token its log-probability and end.

    Token ``i`` ends at character ``token_ends[i]`` of ``text``; the end-of-turn token counts as
    a token of no characters. Both are ``None`` where the model gives no probabilities.
    ``problem`` says why there is no answer: this case could not be asked, and others could.
    ``near_ties`` counts the tokens that another batch might choose otherwise; ``how`` says in a
    few words how the answer was come by.
    """

    text: str
    logprobs: tuple[float, ...] | None = None
    token_ends: tuple[int, ...] | None = None
    finish: str = "stop"
    problem: str = ""
    near_ties: int = 0
    how: str = ""


class ModelUnderTest(Protocol):
    """Anything that answers cases."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """One greedy answer a case, in the order of the cases."""
        ...


class Storable(Protocol):
    """A model whose answers may be kept on disk: it can say what decides them."""

    def question_keys(self, cases: Sequence[Case]) -> list[str]:
        """One digest a case, of everything that decides its answer.

        Raises:
            ModelError: that cannot be told; the answers are then neither read nor kept.
        """
        ...


def storable(model: object) -> TypeGuard[Storable]:
    """Whether the model itself has ``question_keys``.

    One that passes attributes on to another may answer otherwise, and is not storable by that.
    """
    return callable(getattr(type(model), "question_keys", None))
