"""Reading the JSON of an OpenAI-compatible server: text, finish reason and token probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pytest_slm_autopsy.models.interface import NONE_GIVEN, Answer

FINISHES: Final = {
    "stop": "stop", "eos_token": "stop", "stop_sequence": "stop", "end_turn": "stop",
    "length": "length", "max_tokens": "length",
}  # fmt: skip
"""The words of several servers for the end of generation, mapped to ``stop`` or ``length``."""
BROKEN: Final = "\ufffd"
"""The character that stands for a token which is only part of a character."""

ONLY_REASONED: Final = (
    "the server gave reasoning and no answer: turn reasoning off, or raise max_new_tokens"
)
SOME_GIVEN: Final = "the server gave no number as the log-probability of some tokens"
NO_SPELLING: Final = "the server's tokens do not spell its answer"
TOO_FEW: Final = (
    "the server gave log-probabilities of {given} of the {written} tokens that it wrote"
)
NO_END: Final = (
    "the server's token probabilities lack the end-of-turn token; "
    "ServedSpec(without_end_token=True) takes them as they are"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token as text, and as bytes where the server gives them."""

    text: str
    logprob: float
    bytes: bytes | None = None


def read_answer(data: Any, *, without_end_token: bool = False) -> Answer:
    """Return the answer in the JSON of a chat or text completion.

    Probabilities that do not cover the whole answer are left out, and ``how`` says why.

    Raises:
        ValueError: the JSON is not a completion.
    """
    try:
        choice = data["choices"][0]
        reason = choice.get("finish_reason")
        text = choice["message"]["content"] if "message" in choice else choice["text"]
        given = choice.get("logprobs")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise ValueError(f"JSON that is no completion, {data!r:.60}") from None
    text = text or ""
    if not isinstance(text, str):
        raise ValueError(f"a completion whose text is none, {text!r:.60}")
    finish = FINISHES.get(reason if isinstance(reason, str) else "")
    if finish is None:
        problem = f"the server broke the answer off: its finish_reason is {reason!r:.60}"
        return Answer(text, finish=str(reason), problem=problem)
    if not text and _only_reasoned(choice):
        return Answer(text, finish=finish, problem=ONLY_REASONED)
    try:
        tokens = _tokens(given)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return Answer(text, finish=finish, how=SOME_GIVEN)
    if not tokens:
        return Answer(text, finish=finish, how=NONE_GIVEN)
    answer = _answer(text, finish, tokens, without_end_token)
    # llama.cpp lists only the last of the tokens that make up one character.
    written = _answer_tokens(data)
    unlisted = finish == "stop" and without_end_token
    if answer.logprobs and len(tokens) + unlisted < written:
        return Answer(text, finish=finish, how=TOO_FEW.format(given=len(tokens), written=written))
    return answer


def prompt_tokens(data: Any) -> int | None:
    """Return the number of tokens that the server read as prompt, if it tells."""
    return _count(_part(data, "usage"), "prompt_tokens")


def answered_by(data: Any) -> str:
    """Return the name of the model that answered, as the server tells it; empty if it does not."""
    told = _part(data, "model")
    return told if isinstance(told, str) else ""


def written_tokens(data: Any) -> int | None:
    """Return the number of tokens that the server wrote, reasoning included, if it tells."""
    return _count(_part(data, "usage"), "completion_tokens")


def _answer_tokens(data: Any) -> int:
    """Return the number of tokens of the answer without its reasoning; 0 where it is not told."""
    details = _part(_part(data, "usage"), "completion_tokens_details")
    return (written_tokens(data) or 0) - (_count(details, "reasoning_tokens") or 0)


def _part(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, dict) else None


def _count(data: Any, name: str) -> int | None:
    told = _part(data, name)
    return told if isinstance(told, int) and not isinstance(told, bool) and told > 0 else None


def _only_reasoned(choice: Any) -> bool:
    message = choice.get("message")
    named = ("reasoning_content", "reasoning")  # servers differ in the name
    return isinstance(message, dict) and any(message.get(name) for name in named)


def token_ends(text: str, tokens: Sequence[Token]) -> list[int] | None:
    """Return the character of ``text`` at which each token ends.

    The result is ``None`` where the tokens do not spell the text.

    Example:
        >>> token_ends("a\u20ac", [Token("a", 0.0), Token("�", 0.0), Token("�", 0.0)])
        [1, 2, 2]
    """
    parts = [token.bytes for token in tokens]
    whole = b"".join(part or b"" for part in parts)
    if None not in parts and whole.decode("utf-8", "replace") == text:
        ends, at = [], 0
        for part in parts:
            at += len(part or b"")
            ends.append(len(whole[:at].decode("utf-8", "replace")))
        return ends
    return _by_text(text, [token.text for token in tokens])


def _answer(text: str, finish: str, tokens: list[Token], without_end_token: bool) -> Answer:
    ends = None
    if finish == "stop" and (ends := token_ends(text, tokens[:-1])) is not None:
        ends.append(len(text))
    elif (ends := token_ends(text, tokens)) is None:
        return Answer(text, finish=finish, how=NO_SPELLING)
    elif finish == "stop" and not without_end_token:
        return Answer(text, finish=finish, how=NO_END)
    return Answer(text, tuple(token.logprob for token in tokens), tuple(ends), finish)


def _tokens(given: Any) -> list[Token]:
    """Return the tokens of a chat (``content``) or of a text completion (``tokens``)."""
    if not given:
        return []
    if given.get("content"):
        rows = [(row["token"], row["logprob"], row.get("bytes")) for row in given["content"]]
    else:
        texts, numbers = given.get("tokens") or [], given.get("token_logprobs") or []
        rows = [(text, number, None) for text, number in zip(texts, numbers, strict=True)]
    return [Token(_text(text), _number(number), _bytes(part)) for text, number, part in rows]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.60} is no token")
    return value


def _bytes(value: Any) -> bytes | None:
    return bytes(value) if isinstance(value, list) else None


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no log-probability")
    return float(value)


def _by_text(text: str, parts: Sequence[str]) -> list[int] | None:
    """Return the token ends where tokens are known as text only, or ``None``.

    A run of broken tokens takes the characters up to the next whole token. It stands for at least
    one character, and for no more than it shows.
    """
    ends: list[int] = []
    at = 0
    while len(ends) < len(parts):
        here = parts[len(ends)]
        if BROKEN not in here:
            if not text.startswith(here, at):
                return None
            at += len(here)
            ends.append(at)
            continue
        run = _broken_run(parts, len(ends))
        following = next((part for part in parts[len(ends) + run :] if part), None)
        most = at + sum(map(len, parts[len(ends) : len(ends) + run]))
        at = len(text) if following is None else text.find(following, at + 1, most + len(following))
        if at == -1 or at > most:
            return None
        ends += [at] * run
    return ends if at == len(text) else None


def _broken_run(parts: Sequence[str], start: int) -> int:
    """Return the number of tokens from ``start`` on that are broken."""
    run = 0
    while start + run < len(parts) and BROKEN in parts[start + run]:
        run += 1
    return run
