"""From a case to a prompt, as the chat template writes it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from jinja2 import TemplateError

from pytest_slm_autopsy.answers.forms import AnswerForm, JsonAnswer, compact, form_of, sound_form
from pytest_slm_autopsy.errors import ConfigError, ModelError
from pytest_slm_autopsy.records import DOCUMENT, Case, Fields

PROBE: Final = Case("probe", "Total: 12.00", {"total": "12.00"})
_FILLED: Final = re.compile(r"\{(fields|text)\}")
_HALVES: Final = re.compile("[\ud800-\udfff]")
_OURS: Final = frozenset(
    "messages conversation tokenize add_generation_prompt continue_final_message chat_template "
    "padding truncation max_length return_tensors return_dict".split()
)
"""Arguments of ``apply_chat_template`` that are not the template's own."""

Clock = Mapping[str, str]
"""What a template is told for each format that it asks ``strftime_now`` for."""

_REFUSALS: Final = (TemplateError, ValueError, TypeError)
"""Errors of a template that refuses messages or arguments."""
_MARK: Final = "\ue000"
_MACRO: Final = "{% macro strftime_now(form) %}SAYS{% endmacro %}{{ '' }}"
_TOLD: Final = _MACRO.replace("SAYS", "{{ clock[form] }}")
_ASKED: Final = _MACRO.replace("SAYS", _MARK + "{{ form }}" + _MARK)
"""Macros that stand before a template, and in which its question for the time ends."""


@dataclass(frozen=True, slots=True)
class PromptFormat:
    """The words around a document; ``{fields}`` and ``{text}`` are filled in.

    ``fields`` is the list of keys as JSON, in the spelling of the answer. It comes before the
    document, so that all cases share one prefix. All other braces are written as they are. An empty
    ``system`` sends no system message, which some chat templates refuse.

    Args:
        system: the system message.
        user: the user's message; it holds ``{text}``.
        template_arguments: what the chat template takes besides, such as
            ``{"enable_thinking": False}``. A server is sent it as ``chat_template_kwargs``.
        answer: the form of the answer: JSON, a label, or a number.

    Raises:
        ConfigError: a setting with which no document, or not each document, would be asked.
    """

    system: str = "Extract the fields as JSON."
    user: str = "Fields: {fields}\n\n{text}"
    template_arguments: Mapping[str, Any] = field(default_factory=dict, hash=False)
    answer: AnswerForm = field(default_factory=JsonAnswer)

    def __post_init__(self) -> None:
        for what in ("system", "user"):
            if not isinstance(getattr(self, what), str):
                raise ConfigError(f"{what} is {getattr(self, what)!r:.60}; it must be a text")
        if "{text}" not in self.user:
            raise ConfigError(
                f"user is {self.user!r:.60}, without {{text}}: all documents would get one prompt; "
                "write {text} where the document stands"
            )
        _check_arguments(self.template_arguments)
        if isinstance(self.answer, Mapping):  # read from a manifest
            object.__setattr__(self, "answer", form_of(self.answer))
        sound_form(self.answer)

    def messages(self, case: Case) -> list[dict[str, str]]:
        """Return the chat messages that ask for the fields of ``case``.

        A case that brought its own turns is asked with those. Half a surrogate pair, which no
        tokenizer and no server takes, is replaced by U+FFFD.
        """
        if case.turns:
            *turns, (role, asked) = case.turns
            turns.append((role, asked.replace(DOCUMENT, case.text)))
        else:
            filled = {"fields": compact(list(case.truth)), "text": case.text}
            turns = [("system", self.system)] if self.system else []
            turns.append(("user", _FILLED.sub(lambda place: filled[place[1]], self.user)))
        return [{"role": role, "content": sendable(words)} for role, words in turns]

    def expected(self, truth: Fields) -> str:
        """Return the right answer as training writes it: compact JSON, unless ``answer`` differs.

        Raises:
            CaseError: the truth has not the form of ``answer``.
        """
        return self.answer.write(truth)


def sendable(text: str) -> str:
    """Return a text as tokenizers and servers take it: U+FFFD for half a surrogate pair."""
    return _HALVES.sub("\ufffd", text)


def _check_arguments(arguments: Any) -> None:
    if not isinstance(arguments, Mapping) or not all(isinstance(name, str) for name in arguments):
        raise ConfigError(
            f"template_arguments is {arguments!r:.60}; it must map names to values, such as "
            '{"enable_thinking": False}'
        )
    if ours := sorted(_OURS & {*arguments}):
        raise ConfigError(
            f"template_arguments holds {', '.join(ours)}, which is no argument of a template; "
            "leave it out"
        )
    try:
        json.dumps(dict(arguments))
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"template_arguments cannot be kept in the manifest ({error}); use texts, numbers, "
            "truth values, lists and mappings"
        ) from None


def render(
    tokenizer: Any,
    messages: list[dict[str, str]],
    arguments: Mapping[str, Any] | None = None,
    *,
    clock: Clock | None = None,
) -> str:
    """Return the prompt as text, made by the tokenizer's chat template, ready for the answer.

    Args:
        tokenizer: a tokenizer of transformers.
        messages: the chat's messages, up to the user's.
        arguments: what the template takes besides.
        clock: what the template is told of the time, by format, instead of the present time.

    Raises:
        ModelError: the template is missing, or refuses the messages.
    """
    try:
        given = {} if clock is None else {"clock": clock, "chat_template": _with(tokenizer, _TOLD)}
        return _applied(tokenizer, messages, {**(arguments or {}), **given})
    except _REFUSALS as error:
        raise ModelError(
            f"the chat template cannot be applied: {error}; if it takes no system message, use "
            'PromptFormat(system="")'
        ) from error


def prompted(
    tokenizer: Any, prompt: PromptFormat, cases: Sequence[Case], *, clock: Clock | None = None
) -> list[tuple[str, list[int]]]:
    """Return the text and the token ids of the prompt of each case."""
    texts = [
        render(tokenizer, prompt.messages(case), prompt.template_arguments, clock=clock)
        for case in cases
    ]
    ids: list[list[int]] = tokenizer(texts, add_special_tokens=False)["input_ids"]
    return list(zip(texts, ids, strict=True))


def prompted_as_of(
    tokenizer: Any, prompt: PromptFormat, case: Case, then: str
) -> tuple[str, list[int]]:
    """Return text and token ids of a case's prompt on the day on which ``then`` was made.

    Some templates write the date. A prompt of training is then another every day, and only the
    date differs.
    """
    [made] = prompted(tokenizer, prompt, [case], clock=_clock_of(tokenizer, prompt, case, then))
    return made


def _clock_of(tokenizer: Any, prompt: PromptFormat, case: Case, then: str) -> Clock | None:
    """Return the clock of ``then``; ``None`` where the template asks for no time."""
    try:
        arguments = {**prompt.template_arguments, "chat_template": _with(tokenizer, _ASKED)}
        marked = _applied(tokenizer, prompt.messages(case), arguments)
    except _REFUSALS:  # it calculates with the time
        return None
    between, forms = marked.split(_MARK)[::2], marked.split(_MARK)[1::2]
    if not forms or _MARK in case.text:
        return None
    found = re.fullmatch("(.{1,80}?)".join(map(re.escape, between)), then, re.DOTALL)
    return dict(zip(forms, found.groups(), strict=True)) if found else None


def _applied(
    tokenizer: Any, messages: Sequence[Any], arguments: Mapping[str, Any], *, opening: bool = True
) -> str:
    """Return what the template makes of messages, with the ``opening`` of an answer or without."""
    return str(
        tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=opening, **arguments
        )
    )


def _with(tokenizer: Any, macro: str) -> str:
    """Return the template with a macro before it, which changes no white space."""
    template: str = tokenizer.get_chat_template()
    return macro + re.sub(r"\A[ \t]+(?=\{[%#])", "", template)


def turn_end(tokenizer: Any, prompt: PromptFormat) -> tuple[int | None, str]:
    """Return the token that the chat template writes after an answer, and its text.

    The number is ``None`` where what is written is no token of its own; the text is empty where
    the template writes nothing, or cannot be asked.
    """
    answer = JsonAnswer().write(PROBE.truth)
    turns = [*prompt.messages(PROBE), {"role": "assistant", "content": answer}]
    try:
        whole = _applied(tokenizer, turns, prompt.template_arguments, opening=False)
    except _REFUSALS:
        return None, ""
    _, found, tail = whole.rpartition(answer)
    if not found or not tail.strip():
        return None, ""
    known = {*tokenizer.added_tokens_decoder, *tokenizer.all_special_ids} - {tokenizer.unk_token_id}
    ids = tokenizer(tail, add_special_tokens=False)["input_ids"]
    end = next((token for token in ids if token in known), None)
    return end, tail.strip() if end is None else tokenizer.decode([end])
