"""A model behind an OpenAI-compatible server, asked over HTTP like a loaded one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import PurePath
from typing import Any, Final

from pytest_slm_autopsy.answers.forms import AnswerForm
from pytest_slm_autopsy.errors import ConfigError, ModelError, nearest
from pytest_slm_autopsy.models.checks.check import Check, allowing, conclude
from pytest_slm_autopsy.models.interface import Answer, ModelSpec
from pytest_slm_autopsy.models.prompts import PromptFormat, render
from pytest_slm_autopsy.models.served.doubts import Doubts
from pytest_slm_autopsy.models.served.http import Server, Trouble
from pytest_slm_autopsy.models.served.prompt_count import NAME, PromptCount
from pytest_slm_autopsy.models.served.wire import prompt_tokens, read_answer
from pytest_slm_autopsy.records import Case

ROUNDS: Final = 16
"""Requests that each of those under way at once makes in a batch: a batch waits for its slowest."""
CROWDED: Final = Answer("", finish="error")
"""The mark of a request that other requests kept from being answered."""
PATHS: Final = {"chat": "chat/completions", "completion": "completions"}

Question = tuple[dict[str, Any], int | None]
"""The body of a request, and the number of tokens of its prompt, if known."""
Render = Callable[[list[dict[str, str]]], str]
"""A function from the messages of a chat to the text of the prompt."""


@dataclass(frozen=True, slots=True)
class ServedSpec:
    """Settings of the requests to a server.

    Args:
        endpoint: ``chat``, where the server applies its chat template, or ``completion``, where
            this package does.
        max_new_tokens: the longest answer, in tokens.
        timeout: seconds that one request may take, its answer included.
        concurrency: requests under way at once.
        retries: times that a failed request is sent again.
        key_variable: name of the environment variable that holds the API key.
        without_end_token: accept token probabilities that lack the end-of-turn token. Confidence is
            then over one token less than a loaded model's, and the two do not compare.
        extra: more fields of the request's body, such as ``{"repetition_penalty": 1.0}``; a field
            with the value ``None`` is left out.

    Raises:
        ConfigError: an unknown endpoint, or a number that is too small.
    """

    endpoint: str = "chat"
    max_new_tokens: int = 512
    timeout: float = 120.0
    concurrency: int = 8
    retries: int = 4
    key_variable: str = "OPENAI_API_KEY"
    without_end_token: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.endpoint not in PATHS:
            raise ConfigError(
                f"unknown endpoint {self.endpoint!r}; {nearest(self.endpoint, PATHS)}"
            )
        for what, least in (("max_new_tokens", 1), ("concurrency", 1), ("retries", 0)):
            if getattr(self, what) < least:
                raise ConfigError(f"{what} is {getattr(self, what)}; it must be at least {least}")
        if not self.timeout > 0:
            raise ConfigError(f"timeout is {self.timeout:g} seconds; it must be above 0")


class ServedModel:
    """A model on a server; ``answer`` sends several requests at once, for greedy answers.

    Needs the extra ``served``.

    Args:
        url: the server's address, such as ``http://127.0.0.1:8000/v1``.
        model: the model's name on the server.
        prompt: the words around a document.
        spec: the settings of the requests.
        tokenizer: a folder or hub name with a chat template. The endpoint ``completion`` needs it;
            with ``chat``, it tells whether the server makes the same prompts.
        render: instead of ``tokenizer``, a function from messages to the prompt.
        allow: names of checks whose failure is accepted; ``served_prompt`` is the one made here.

    Raises:
        ConfigError: an invalid address, or the endpoint ``completion`` without a chat template.

    Example::

        model = ServedModel("http://127.0.0.1:8000/v1", "invoices")
        predictions = predict(model, cases)
    """

    def __init__(
        self,
        url: str,
        model: str,
        *,
        prompt: PromptFormat | None = None,
        spec: ServedSpec | None = None,
        tokenizer: str | None = None,
        render: Render | None = None,
        allow: Collection[str] = (),
    ) -> None:
        self._settings = spec or ServedSpec()
        self._prompt = prompt or PromptFormat()
        self._server = server_at(url, self._settings)
        self._model = model
        self._chat = self._settings.endpoint == "chat"
        loaded = None if tokenizer is None else _tokenizer(tokenizer)
        self._written = _renderer(loaded, render, self._prompt, needed=not self._chat)
        self._count = PromptCount(loaded if render is None else None)
        self._allow = allow
        self._left_out: frozenset[str] = frozenset()
        self._answered = False
        self.name = PurePath(model).name or model
        self.batch_size = ROUNDS * self._settings.concurrency
        self._doubts = Doubts(self._server.clean)
        self.spec = (self._server.place, model, self._prompt, self._settings)
        """Everything that decides the answers; it tells models of one name apart."""

    def __repr__(self) -> str:
        return f"<ServedModel {self._model!r} at {self._server.shown}>"

    def answer(self, cases: Sequence[Case]) -> list[Answer]:
        """Return one greedy answer for each case, in the order of the cases.

        A case that the server refuses, or that still fails after all retries, gets a ``problem``.
        So does one of which the server read another prompt (``served_prompt``). Until the server
        has answered once, either is an error.

        Raises:
            ModelError: the server has never answered, and does not answer now.
        """
        answers = self._server.run(self._answers, [self._question(case) for case in cases])
        conclude(self._doubts.untold(), f"model {self.name!r}")
        return answers

    @property
    def answer_form(self) -> AnswerForm:
        """Return the form of the model's answers."""
        return self._prompt.answer

    @property
    def checks(self) -> tuple[Check, ...]:
        """Return the check ``served_prompt``: did the server read the prompts of training?

        ``served_model`` and ``served_context`` follow where an answer gave cause to doubt them.
        """
        return (*allowing([self._count.check], self._allow), *self._doubts.checks)

    def question_keys(self, cases: Sequence[Case]) -> list[str]:
        """Return one digest for each case, of all that decides its answer.

        These are the server, the model, the prompt and the settings. The weights behind the server
        cannot be known: see ``kept_under``.
        """
        return [self._key(self._body(case)) for case in cases]

    @property
    def kept_under(self) -> str:
        """Return the beginning of all keys: a digest of the server and the model."""
        return sha256(repr((self._server.place, self._model)).encode()).hexdigest()[:16]

    def _key(self, body: Mapping[str, Any]) -> str:
        question = [
            self._server.place,
            self._settings.endpoint,
            self._settings.without_end_token,
            body,
        ]
        text = json.dumps(question, sort_keys=True, default=repr)
        return f"{self.kept_under}:{sha256(text.encode()).hexdigest()}"

    def _body(self, case: Case) -> dict[str, Any]:
        settings, messages = self._settings, self._prompt.messages(case)
        if self._chat:
            words = {"messages": messages, "logprobs": True, "top_logprobs": 1}
            if arguments := dict(self._prompt.template_arguments):
                words["chat_template_kwargs"] = arguments
        else:
            assert self._written is not None
            words = {"prompt": self._written(messages), "logprobs": 1}
        # Without an explicit 0, some servers apply the model's own penalty: not greedy.
        greedy = {"temperature": 0, "frequency_penalty": 0, "max_tokens": settings.max_new_tokens}
        body = {"model": self._model, **words, **greedy, **settings.extra}
        return {name: value for name, value in body.items() if value is not None}

    def _question(self, case: Case) -> Question:
        body = self._body(case)
        if not self._count.possible or self._written is None:
            return body, None
        prompt = body.get("prompt") or self._written(self._prompt.messages(case))
        return body, self._count.expected(prompt)

    async def _answers(self, questions: Sequence[Question]) -> list[Answer]:
        answers: list[Answer] = []
        room = asyncio.Semaphore(self._settings.concurrency)
        async with self._server.client() as client:
            ask = partial(self._ask, client)

            async def in_turn(question: Question) -> Answer:
                async with room:
                    return await ask(*question, together=True)

            while not self._answered and len(answers) < len(questions):
                answers.append(await ask(*questions[len(answers)]))
            left = questions[len(answers) :]
            found = await asyncio.gather(*map(in_turn, left))
            for question, answer in zip(left, found, strict=True):
                # Requests at the same time had filled the server's context: each is asked alone.
                answers.append(await ask(*question) if answer is CROWDED else answer)
            return answers

    async def _ask(
        self, client: Any, body: dict[str, Any], tokens: int | None, *, together: bool = False
    ) -> Answer:
        sent = self._count.sent(body)
        left = {name: value for name, value in sent.items() if name not in self._left_out}
        try:
            answer, data = await self._server.ask(
                client, PATHS[self._settings.endpoint], self._read, left
            )
        except Trouble as trouble:
            if "logprob" in str(trouble) and "logprobs" in left and not trouble.again:
                self._left_out = frozenset({"logprobs", "top_logprobs"})
                return await self._ask(client, body, tokens, together=together)
            if together and trouble.crowded:
                return CROWDED
            if not self._answered and not trouble.own:
                raise ModelError(f"model {self.name!r} cannot be asked: {trouble}") from None
            return Answer("", finish="error", problem=str(trouble))
        read = prompt_tokens(data)
        if self._count.doubles(body, read, tokens):
            return await self._ask(client, body, tokens, together=together)
        fault = self._count.fault(read, tokens, chat=self._chat)
        if fault and NAME not in self._allow:
            if not self._answered:
                conclude(self.checks, f"model {self.name!r}")
            return replace(answer, finish="error", problem=fault)
        self._answered = True
        self._doubts.look_at(left, data, answer)
        clean = self._server.clean
        return replace(answer, finish=clean(answer.finish), problem=clean(answer.problem))

    def _read(self, data: Any) -> tuple[Answer, Any]:
        return read_answer(data, without_end_token=self._settings.without_end_token), data


def server_at(url: str, spec: ServedSpec) -> Server:
    """Return the server at an address.

    Raises:
        ConfigError: the address cannot be read.
    """
    return Server(url, key_variable=spec.key_variable, timeout=spec.timeout, retries=spec.retries)


def only_model(url: str, spec: ServedSpec | None = None) -> str:
    """Return the name of the one model that a server lists.

    Raises:
        ConfigError: the server lists several; the sentence names them.
        ModelError: the server lists none, or does not answer.
    """
    server = server_at(url, spec or ServedSpec())
    del url  # it may hold a password, and pytest --showlocals prints variables

    async def listed() -> list[str]:
        async with server.client() as client:
            return await server.ask(client, "models", _names)

    try:
        names = server.run(listed)
    except Trouble as trouble:
        raise ModelError(
            f"{trouble}; if it cannot list its models, name one (--slm-adapter)"
        ) from None
    if len(names) > 1:
        raise ConfigError(
            f"the server {server.shown} has the models {', '.join(names)}; name one (--slm-adapter)"
        )
    if not names:
        raise ModelError(f"the server {server.shown} lists no model; name one (--slm-adapter)")
    return names[0]


def _names(data: Any) -> list[str]:
    try:
        return [str(entry["id"]) for entry in data["data"]]
    except (KeyError, TypeError):
        raise ValueError(f"JSON that lists no models, {data!r:.60}") from None


def _renderer(
    tokenizer: Any, given: Render | None, prompt: PromptFormat, *, needed: bool
) -> Render | None:
    if given is not None:
        return given
    if tokenizer is not None:
        return lambda messages: render(tokenizer, messages, prompt.template_arguments)
    if needed:
        raise ConfigError(
            "the endpoint 'completion' takes prompts as text, so a chat template is needed; name "
            "the folder or hub name of its tokenizer (tokenizer=...), or give a function from "
            "messages to text (render=...)"
        )
    return None


def _tokenizer(name: str) -> Any:
    from pytest_slm_autopsy.models.loading import load_tokenizer

    return load_tokenizer(ModelSpec(name))
