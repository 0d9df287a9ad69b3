"""What a server makes of a prompt, told by the number of tokens that it read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pytest_slm_autopsy.models.checks.check import Check, missed, passed, skipped

NAME: Final = "served_prompt"


class PromptCount:
    """Compares the tokens that a server read with those of the tokenizer at hand.

    A server may put a second beginning-of-text token before a prompt that has one. Such a prompt is
    sent without its own from then on. Any other difference is another prompt than that of training.

    Args:
        tokenizer: a tokenizer of transformers; without one nothing is compared.
    """

    def __init__(self, tokenizer: Any = None) -> None:
        self._tokenizer = tokenizer
        self._doubled = False
        self._agreed = 0
        self._untold = 0
        self._fault = ""

    @property
    def possible(self) -> bool:
        """Tell whether a tokenizer is at hand."""
        return self._tokenizer is not None

    def expected(self, prompt: str) -> int:
        """Return the number of tokens of a prompt."""
        return len(self._tokenizer(prompt, add_special_tokens=False)["input_ids"])

    def sent(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body of a request as the server should get it."""
        text = body.get("prompt")
        if not self._doubled or not isinstance(text, str):
            return dict(body)
        return {**body, "prompt": text.removeprefix(self._beginning)}

    def doubles(self, body: Mapping[str, Any], read: int | None, expected: int | None) -> bool:
        """Tell whether the first token was doubled; if so, the next prompt goes without it."""
        if self._doubled or read is None or expected is None or read != expected + 1:
            return False
        text = body.get("prompt")
        begins = isinstance(text, str) and self._beginning and text.startswith(self._beginning)
        self._doubled = bool(begins)
        return self._doubled

    def fault(self, read: int | None, expected: int | None, *, chat: bool) -> str:
        """Return what is wrong with the prompt that the server read; empty where nothing is."""
        if expected is None or read is None:
            self._untold += expected is not None
            return ""
        if read == expected:
            self._agreed += 1
            return ""
        likely = (
            "its chat template, system prompt or thinking block is another"
            if chat
            else "it puts a token before the prompt"
            if read == expected + 1
            else "it cuts the prompt, or its tokenizer is another"
        )
        fault = (
            f"the server read {read} tokens of a prompt in which the tokenizer at hand counts "
            f"{expected}: {likely}; serve the model with the prompt of training"
        )
        self._fault = self._fault or fault
        return fault

    @property
    def check(self) -> Check:
        """Return the check of all prompts so far."""
        if self._fault:
            return missed(NAME, self._fault)
        if not self.possible:
            return skipped(NAME, "no tokenizer is at hand; name one: ServedModel(tokenizer=...)")
        if self._agreed:
            without = f", sent without {self._beginning!r}, which the server adds"
            told = f"{self._agreed} prompts of as many tokens as the tokenizer at hand counts"
            return passed(NAME, told + (without if self._doubled else ""))
        why = "the server tells no usage.prompt_tokens" if self._untold else "nothing was asked yet"
        return skipped(NAME, why)

    @property
    def _beginning(self) -> str:
        return str(self._tokenizer.bos_token or "")
