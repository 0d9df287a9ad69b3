"""Doubts about a server: it answers as another model, or its context is too short."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any, Final

from pytest_slm_autopsy.models.checks.check import Check, doubted
from pytest_slm_autopsy.models.interface import Answer
from pytest_slm_autopsy.models.served.wire import answered_by, written_tokens

MODEL: Final = "served_model"
CONTEXT: Final = "served_context"
_VERSION: Final = re.compile(
    r"""
    -\d{4} (-?\d\d-?\d\d)?   # gpt-4o-2024-08-06, gpt-3.5-turbo-0125
    | [@:][\w.-]+             # tiny@main, llama3:latest
    | \.gguf
    """,
    re.VERBOSE | re.IGNORECASE,
)


class Doubts:
    """Checks of a server that do not hold; the first of each name is kept.

    Args:
        clean: a function that takes secrets out of a text.
    """

    def __init__(self, clean: Callable[[str], str]) -> None:
        self._clean = clean
        self._found: dict[str, Check] = {}
        self._told = 0

    @property
    def checks(self) -> tuple[Check, ...]:
        """Return what was found so far."""
        return (*self._found.values(),)

    def untold(self) -> tuple[Check, ...]:
        """Return what was found since the last call."""
        new = self.checks[self._told :]
        self._told = len(self._found)
        return new

    def look_at(self, body: Mapping[str, Any], data: Any, answer: Answer) -> None:
        """Compare an answer with its request.

        Args:
            body: the request.
            data: the server's JSON.
            answer: the answer, as it was read.
        """
        for name, evidence in _doubts(body, data, answer):
            self._found.setdefault(name, doubted(name, self._clean(evidence)))


def _doubts(body: Mapping[str, Any], data: Any, answer: Answer) -> Iterator[tuple[str, str]]:
    asked, told = str(body.get("model", "")), answered_by(data)
    if told and not same_model(asked, told):
        evidence = (
            f"asked for the model {asked!r}, the server answered as {told!r:.120}: it takes any "
            "name, or knows the model by another one; ask for it by the name that the server tells"
        )
        yield MODEL, evidence
    most, written = body.get("max_tokens"), written_tokens(data)
    if answer.finish == "length" and written and isinstance(most, int) and written < most:
        evidence = (
            f"an answer was cut off after {written} tokens, and {most} were allowed: the server's "
            "context is full; give it a longer one (llama.cpp divides --ctx-size by --parallel)"
        )
        yield CONTEXT, evidence


def same_model(asked: str, told: str) -> bool:
    """Tell whether two names are of one model: equal, or one with a folder or version.

    Example:
        >>> same_model("gpt-4o", "gpt-4o-2024-08-06"), same_model("invoices", "/models/gemma.gguf")
        (True, False)
    """
    ours, theirs = (PurePath(name).name.casefold() for name in (asked, told))
    return ours == theirs or (
        theirs.startswith(ours) and bool(_VERSION.fullmatch(theirs.removeprefix(ours)))
    )
